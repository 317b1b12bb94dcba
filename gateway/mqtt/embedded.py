"""A broker for the demo, installed with the gateway: it listens on 127.0.0.1 and ends with the process that started it.

It runs in a child process, so that its threads do not compete for this interpreter, and it speaks MQTT 3.1.1. It keeps
nothing over a restart: production needs a broker of its own.
"""

import json
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Final, Literal, Self

from gateway.errors import BrokerUnavailable
from gateway.mqtt.broker import Address

Kind = Literal["iotcore", "mosquitto"]

START_TIMEOUT_S: Final = 10.0
STOP_TIMEOUT_S: Final = 5.0
MAX_PAYLOAD: Final = 256 * 1024
"""Above the gateway's limit (64 KiB), so that oversized messages reach its quarantine."""
_SYSTEM_FOLDERS: Final = "/usr/sbin:/usr/local/sbin:/opt/homebrew/sbin"
"""Folders where packages put servers, which may be missing in PATH."""

# Both children end when their standard input closes, even if this process is killed.
_IOTCORE: Final = """
import json, logging, os, sys, threading
from iotcore import IotCoreBroker
logging.getLogger("rumqttd").setLevel(logging.CRITICAL)  # it reports every packet as an error
threading.Thread(target=lambda: (sys.stdin.buffer.read(), os._exit(0)), daemon=True).start()
IotCoreBroker(**json.loads(sys.argv[1])).run_forever()
"""
_MOSQUITTO: Final = """
import subprocess, sys, threading
broker = subprocess.Popen(sys.argv[1:], stdin=subprocess.DEVNULL)
threading.Thread(target=lambda: (sys.stdin.buffer.read(), broker.terminate()), daemon=True).start()
sys.exit(broker.wait())
"""
_MOSQUITTO_CONF: Final = """\
listener {port} 127.0.0.1
allow_anonymous true
persistence false
max_queued_messages 0
max_inflight_messages 1000
log_type error
"""


class EmbeddedBroker:
    """A running broker; a context manager that stops it."""

    def __init__(self, kind: Kind, address: Address, process: subprocess.Popen[bytes], folder: Path) -> None:
        self.kind: Final = kind
        self.address: Final = address
        self._process = process
        self._folder = folder

    @classmethod
    def start(cls, kinds: Sequence[Kind] = ("iotcore", "mosquitto")) -> Self:
        """Start the first of these that is installed, on a free port; return once it accepts connections.

        Raises BrokerUnavailable if none is installed or none comes up.
        """
        reasons = []
        for kind in kinds:
            command = _COMMANDS[kind]
            folder = Path(tempfile.mkdtemp(prefix="backflush-broker-"))
            port = _free_port()
            argv = command(port, folder)
            if argv is None:
                reasons.append(f"{kind} is not installed")
                shutil.rmtree(folder, ignore_errors=True)
                continue
            log = folder / "log"
            with log.open("wb") as output:
                process = subprocess.Popen(  # noqa: S603 - our own command lines
                    argv,
                    stdin=subprocess.PIPE,
                    stdout=output,
                    stderr=output,
                    start_new_session=True,  # Ctrl-C is for its owner, which still drains
                )
            broker = cls(kind, Address("127.0.0.1", port, tls=False), process, folder)
            if broker._comes_up(port):
                return broker
            reasons.append(
                f"{kind} does not start: {log.read_text(errors='replace').strip()[-500:] or 'no reason given'}"
            )
            broker.stop()
        raise BrokerUnavailable(
            "embedded broker: expected the iotcore package or a mosquitto binary, got: "
            + ("; ".join(reasons) or "neither was asked for")
        )

    @property
    def pid(self) -> int:
        """The child process."""
        return self._process.pid

    def stop(self) -> None:
        """End the broker and wait until it is gone. Stopping twice is harmless."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        try:
            self._process.wait(STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        shutil.rmtree(self._folder, ignore_errors=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _comes_up(self, port: int) -> bool:
        deadline = time.monotonic() + START_TIMEOUT_S
        while time.monotonic() < deadline and self._process.poll() is None:
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1.0).close()
            except OSError:
                time.sleep(0.02)
            else:
                return True
        return False


def _iotcore(port: int, _folder: Path) -> list[str] | None:
    try:
        import iotcore  # noqa: F401, PLC0415 - there is no wheel of it for every platform
    except ImportError:
        return None
    options = {"listen": "127.0.0.1", "port": port, "max_payload_size": MAX_PAYLOAD}
    return [sys.executable, "-c", _IOTCORE, json.dumps(options)]


def _mosquitto(port: int, folder: Path) -> list[str] | None:
    binary = shutil.which("mosquitto") or shutil.which("mosquitto", path=_SYSTEM_FOLDERS)
    if binary is None:
        return None
    configuration = folder / "mosquitto.conf"
    configuration.write_text(_MOSQUITTO_CONF.format(port=port))
    return [sys.executable, "-c", _MOSQUITTO, binary, "-c", str(configuration)]


_COMMANDS: Final[dict[Kind, Callable[[int, Path], list[str] | None]]] = {"iotcore": _iotcore, "mosquitto": _mosquitto}


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
