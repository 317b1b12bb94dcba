"""Real servers for the tests: Mosquitto and PostgreSQL, on free loopback ports, in folders of their own.

Each class starts, stops, kills and restarts one server: the port and the stored data stay the same from its first start
to its `close`, which removes them. Only processes that were started here are ended, by their id. A server that is not
installed is an error; with ALLOW_MISSING_SERVERS=1 the test is skipped, and pytest lists the reason.

Mosquitto runs with the settings that are shipped (`config/mosquitto.conf`), except for paths, listeners and logins.
"""

import os
import pwd
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from contextlib import suppress
from itertools import count
from pathlib import Path
from random import SystemRandom
from typing import Self, TypedDict

import psutil
import psycopg
import pytest

SHIPPED_CONF = Path(__file__).parents[1] / "config" / "mosquitto.conf"
"""What production runs; the tests take all of it that names no path, listener or login."""

MEMORY = Path("/dev/shm")  # noqa: S108 - each that uses it makes a folder of its own in it
_DATABASES = 6 * 1024**3
_CHANCE = SystemRandom()
_START_S = 150
_STOP_S = 150
_OWN_TO_A_PLACE = {
    *("listener", "cafile", "certfile", "keyfile", "tls_version", "allow_anonymous", "use_username_as_clientid"),
    *("password_file", "acl_file", "persistence_location", "log_dest", "pid_file"),
}
_CONNECT = b"\x10\x0c\x00\x04MQTT\x04\x02\x00\x3c\x00\x00"
"""MQTT 3.1.1, clean session, no client id, no login: whatever the broker answers, it is running."""
_SBIN = "/usr/sbin", "/usr/local/sbin", "/usr/local/bin", "/opt/homebrew/sbin", "/opt/homebrew/bin"


class ServerFailed(Exception):
    """A server ended or did not answer; the text ends with its log."""


def free_port() -> int:
    """Return a loopback port that nobody uses at the moment.

    Not one that the system gives to clients: a server that is started again would find a client on its port.
    """
    while True:
        port = _CHANCE.randrange(15_000, 32_000)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port


def mosquitto_program() -> Path:
    """Return the path of Mosquitto, or skip or fail the test without it."""
    path = os.pathsep.join((os.environ.get("PATH", ""), *_SBIN))
    found = shutil.which("mosquitto", path=path)
    return Path(found) if found else missing("mosquitto")


def mosquitto_plugin(name: str) -> Path:
    """Return a library that comes with Mosquitto, or skip or fail the test without it."""
    places = [folder / "lib" for folder in (*mosquitto_program().resolve().parents, Path("/usr"), Path("/usr/local"))]
    patterns = f"mosquitto_{name}.so", f"*/mosquitto_{name}.so"
    found = (path for place in places for pattern in patterns for path in place.glob(pattern))
    return next(found, None) or missing(f"mosquitto's plugin {name}")


def postgres_programs() -> Path:
    """Return the folder of the newest `initdb` and `postgres`, or skip or fail the test without one of version 13."""
    on_path = shutil.which("initdb")
    candidates = [
        *Path("/usr/lib/postgresql").glob("*/bin/initdb"),
        *Path("/opt/homebrew/opt").glob("postgresql@*/bin/initdb"),
        *Path("/usr/local/opt").glob("postgresql@*/bin/initdb"),
        *([Path(on_path)] if on_path else []),
    ]
    version, initdb = max(((_major(path), path) for path in candidates), default=(0, Path()))
    return initdb.parent if version >= 13 else missing("postgresql >= 13")


def postgres_program(name: str) -> Path:
    """Return another program that stands beside the server's own."""
    return (postgres_programs() / "initdb").resolve().with_name(name)


def run_sql(url: str, sql: str) -> None:
    """Run a script with PostgreSQL's own client, as the login of an address for SQLAlchemy."""
    options = "--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", "--dbname", url.replace("+psycopg", "")
    done = subprocess.run([postgres_program("psql"), *options], input=sql, capture_output=True, text=True, check=False)
    if done.returncode or done.stderr:
        raise ServerFailed(f"psql exited with status {done.returncode}: {done.stderr}")


def _major(program: Path) -> int:
    said = subprocess.run([program, "--version"], capture_output=True, text=True, check=True).stdout
    number = re.search(r"\d+", said)
    return int(number[0]) if number else 0


def missing(what: str) -> Path:
    """Skip the test where that is allowed, else fail: this machine lacks what `make servers` installs."""
    reason = f"{what} is not installed: `make servers` installs it"
    if os.environ.get("ALLOW_MISSING_SERVERS") == "1":
        pytest.skip(reason)
    raise ServerFailed(f"{reason}; ALLOW_MISSING_SERVERS=1 skips the tests that need it")


class _User(TypedDict, total=False):
    user: int
    group: int
    extra_groups: list[int]


class _Server(ABC):
    """One process with a folder, a port and a log; a context manager that starts it and removes its folder."""

    def __init__(
        self, kind: str, unprivileged: pwd.struct_passwd | None = None, port: int = 0, place: Path | None = None
    ) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix=f"backflush-{kind}-", dir=place))
        self.port = port or free_port()
        self._log = self.folder / "log"
        self._user = unprivileged
        self._process: subprocess.Popen[bytes] | None = None
        if unprivileged:
            os.chown(self.folder, unprivileged.pw_uid, unprivileged.pw_gid)

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def log(self) -> str:
        """What the server has written since it was first started."""
        return self._log.read_text(errors="replace") if self._log.exists() else ""

    @property
    def pid(self) -> int:
        """The id of the running process."""
        assert self._process, "the server is not running"
        return self._process.pid

    @abstractmethod
    def start(self) -> None:
        """Start the server on its port and its data, and wait until it answers."""

    @abstractmethod
    def stop(self) -> None:
        """End the server in good order; without effect if it is not running."""

    def kill(self) -> None:
        """End the server with SIGKILL; without effect if it is not running."""
        self._end(signal.SIGKILL)

    def close(self) -> None:
        """End the server and remove its folder."""
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _run(self, *command: str | Path) -> None:
        """Run a command to its end as the server's user."""
        with self._log.open("ab") as log:
            done = subprocess.run(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                check=False,
                cwd=self.folder,
                **self._as_user(),
            )
        if done.returncode:
            raise ServerFailed(f"{command[0]} exited with status {done.returncode}\n{self.log}")

    def _spawn(self, *command: str | Path, answers: Callable[[], bool]) -> None:
        """Start the process and wait until it answers."""
        assert self._process is None, "the server is running already"
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=self.folder, **self._as_user()
            )
        deadline = time.monotonic() + _START_S
        while not answers():
            status = self._process.poll()
            if status is not None:
                self._process = None
                raise ServerFailed(f"{command[0]} ended with status {status}\n{self.log}")
            if time.monotonic() > deadline:
                self.kill()
                raise ServerFailed(f"{command[0]} did not answer within {_START_S} s\n{self.log}")
            time.sleep(0.02)

    def _end(self, how: signal.Signals) -> None:
        if self._process is None:
            return
        self._process.send_signal(how)
        try:
            self._process.wait(_STOP_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait(_STOP_S)
        self._process = None

    def _as_user(self) -> _User:
        if self._user is None:
            return {}
        return {"user": self._user.pw_uid, "group": self._user.pw_gid, "extra_groups": []}


class Mosquitto(_Server):
    """A real broker; `conf_extra` is added to its configuration and wins, `{port}` in it is the port.

    Anybody may connect, unless `conf_extra` names a password file. With the `port` of another broker it can take the
    place of that one.
    """

    def __init__(self, conf_extra: str = "", *, port: int = 0) -> None:
        self._program = mosquitto_program()
        super().__init__("mosquitto", port=port)
        self._conf = self.folder / "mosquitto.conf"
        own = {line.split()[0] for line in _settings(conf_extra)}
        here = [
            f"listener {self.port} 127.0.0.1",
            "allow_anonymous true" if "password_file" not in own else "allow_anonymous false",
            f"persistence_location {self.folder}/",
            "log_dest stderr",
            # Without this line a broker that root starts gives its rights up, and cannot read its folder.
            *(["user root"] if os.geteuid() == 0 else []),
        ]
        shipped = [line for line in _settings(SHIPPED_CONF.read_text()) if line.split()[0] not in _OWN_TO_A_PLACE]
        kept = [line for line in [*shipped, *here] if line.split()[0] not in own]
        self._conf.write_text("\n".join([*kept, conf_extra.replace("{port}", str(self.port)), ""]))

    @property
    def url(self) -> str:
        """`mqtt://127.0.0.1:PORT`."""
        return f"mqtt://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start the broker on its port and what it has stored, and wait until it accepts connections."""
        self._spawn(self._program, "-c", self._conf, answers=self._answers)

    def stop(self) -> None:
        """End the broker with SIGTERM: it stores sessions, queues and retained messages."""
        self._end(signal.SIGTERM)

    def _answers(self) -> bool:
        # A signal to a broker that listens but does not answer yet is lost (2.0.11), so it is asked, not only called.
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=1) as client:
                client.sendall(_CONNECT)
                client.recv(4)
        except (ConnectionRefusedError, TimeoutError):
            return False
        except ConnectionResetError:
            pass
        return True


def _settings(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip() and line.strip()[0] != "#"]


class Postgres(_Server):
    """A real PostgreSQL with a cluster of its own; fsync stays on. Root starts it as `postgres`, else `nobody`.

    The cluster is in memory where there is room: the server dies in tests, the computer does not.

    It orders text as German dictionaries do, like most clusters by their own language: nothing may rely on code points
    that does not say so.
    """

    def __init__(self) -> None:
        self._programs = postgres_programs()
        super().__init__("postgres", _unprivileged() if os.geteuid() == 0 else None, place=_memory())
        self._data = self.folder / "data"
        self._numbers = count(1)

    @property
    def url(self) -> str:
        """The address of the database `postgres`, for SQLAlchemy; tables belong into a `fresh_url`."""
        return self._url("postgres")

    def fresh_url(self, options: str = "") -> str:
        """Create an empty database, with options of `CREATE DATABASE`, and return its address, for SQLAlchemy."""
        name = f"test_{next(self._numbers)}"
        with self._connect() as connection:
            connection.execute(f"CREATE DATABASE {name} {options}".encode())
        return self._url(name)

    def demand_password(self, role: str, password: str) -> None:
        """Make a role that has to say its password, and wait until the server asks for it."""
        rules = self._data / "pg_hba.conf"
        with self._connect() as connection:
            connection.execute(f"DROP ROLE IF EXISTS {role}".encode())
            connection.execute(f"CREATE ROLE {role} LOGIN PASSWORD '{password}'".encode())
            rules.write_text(f"host all {role} 127.0.0.1/32 scram-sha-256\n{rules.read_text()}")
            connection.execute("SELECT pg_reload_conf()")
        deadline = time.monotonic() + _START_S
        while time.monotonic() < deadline:
            try:
                psycopg.connect(host="127.0.0.1", port=self.port, user=role, dbname="postgres").close()
            except psycopg.OperationalError:
                return
            time.sleep(0.05)
        raise ServerFailed(f"the server lets {role} in without a password")

    def start(self) -> None:
        """Start the server on its port and data, and wait until it answers; after a kill that is after its recovery."""
        if not self._data.exists():
            initdb = self._programs / "initdb"
            # Only the empty cluster is not synced; the server itself runs with fsync.
            options = ["--auth=trust", "--username=backflush", "--encoding=UTF8", "--locale=C", "--no-sync"]
            if _major(initdb) >= 15:
                options += ["--locale-provider=icu", "--icu-locale=de"]
            self._run(initdb, *options, "--pgdata", self._data)
        deadline = time.monotonic() + _START_S
        while True:
            said = len(self.log)
            try:
                return self._spawn(
                    *(self._programs / "postgres", "-D", self._data, "-p", str(self.port)),
                    *("-c", "listen_addresses=127.0.0.1", "-c", f"unix_socket_directories={self.folder}"),
                    answers=self._answers,
                )
            except ServerFailed:
                # The children of a killed server see its end by themselves, and until then a new one refuses to start.
                if "shared memory block" not in self.log[said:] or time.monotonic() > deadline:
                    raise
                time.sleep(0.1)

    def stop(self) -> None:
        """End the server with SIGINT: open transactions are rolled back, nothing has to be recovered."""
        self._end(signal.SIGINT)

    def kill(self) -> None:
        """End the server with SIGKILL, and its workers: left alone they may still finish a commit."""
        if self._process is None:
            return
        workers = psutil.Process(self._process.pid).children()
        super().kill()
        for worker in workers:
            with suppress(psutil.NoSuchProcess):
                worker.kill()

    def stop_at_once(self) -> None:
        """End the server with SIGQUIT: it says goodbye to nobody, and its next start recovers."""
        self._end(signal.SIGQUIT)

    def close(self) -> None:
        """End the server at once: what it would still write goes away with its folder."""
        self.stop_at_once()
        super().close()

    def _url(self, database: str) -> str:
        return f"postgresql+psycopg://backflush@127.0.0.1:{self.port}/{database}"

    def _connect(self) -> psycopg.Connection:
        return psycopg.connect(
            host="127.0.0.1", port=self.port, user="backflush", dbname="postgres", autocommit=True, connect_timeout=5
        )

    def _answers(self) -> bool:
        try:
            self._connect().close()
        except psycopg.OperationalError:
            return False
        return True


def _memory() -> Path | None:
    """Return the folder of the file system in memory, if the databases of all tests have room in it."""
    return MEMORY if MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > _DATABASES else None


def _unprivileged() -> pwd.struct_passwd:
    """Return the user that runs PostgreSQL for root, since it refuses root itself."""
    users = {user.pw_name: user for user in pwd.getpwall()}
    return users.get("postgres") or users["nobody"]
