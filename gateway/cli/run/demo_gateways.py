"""The gateways of a demo: each a process of its own, as in production, so that a person can kill one and watch.

One that ends is started again after a while, as a service manager does; if another one has its lines then, it is the
standby. All of them end when their standard input closes, even if this process is killed.
"""

import asyncio
import pickle
import random
import sys
import threading
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, get_args

from gateway.addresses import of_file
from gateway.backflush.plant.snapshot import ROAMING
from gateway.errors import BackflushError, Unavailable
from gateway.sections import Verb

if TYPE_CHECKING:
    from gateway.settings import Settings

AGAIN_S: Final = 10.0
"""A gateway that has ended is started again after this time: long enough to see the plant without it."""
_STOP_S: Final = 20.0
_LEASE_S: Final = 10
"""A busy machine renews it in time, and a person who has killed a gateway need not wait long."""
_READY: Final = "ready"
_CHILD: Final = "from gateway.cli.run.demo_gateways import serve; serve()"


def share_out(
    settings: "Settings", lines: Sequence[tuple[str, str]], number: int, roams_at: tuple[str, str] | None
) -> "list[Settings]":
    """Return the settings of each gateway; several share the lines and the ledger, and the first has a standby.

    The gateway of the line at which the roaming scanners work hears what roams.
    """
    if number == 1:
        return [settings]
    folder = settings.gateway.data_dir
    ledger = settings.database.url.get_secret_value() or of_file(folder / "ledger.sqlite")
    named = [f"{plant}/{line}" for plant, line in sorted(lines)]
    each = -(-len(named) // number)
    shares = [named[at : at + each] for at in range(0, len(named), each)]
    hears = next((share for share in shares if roams_at is not None and "/".join(roams_at) in share), shares[0])
    hears += sorted({f"{plant}/{ROAMING}" for plant, _ in lines})
    fleet = []
    for at, share in enumerate([*shares, shares[0]], 1):
        name = f"gw{at}"
        changes: dict[str, dict[str, Any]] = {
            "gateway": {"id": name, "data_dir": folder / name, "lines": share, "lease_s": _LEASE_S,
                        "standby": at > len(shares)},
            "mqtt": {"client_id": f"bf-{name}-{random.SystemRandom().getrandbits(32):08x}",
                     "allow_requests": list(get_args(Verb))},
            "database": {"url": type(settings.database.url)(ledger)},
        }  # fmt: skip
        sections = {section: getattr(settings, section).model_copy(update=some) for section, some in changes.items()}
        fleet.append(settings.model_copy(update=sections))
    return fleet


class DemoGateways:
    """The running gateways; `run` keeps them alive."""

    def __init__(self, fleet: "Sequence[Settings]") -> None:
        self._lives = [_Life(settings) for settings in fleet]
        self._lives[0].is_relieved = len(fleet) > 1
        self.ready = asyncio.Event()

    async def run(self, stop: asyncio.Event) -> None:
        """Run them until `stop` is set; Unavailable if one does not come up."""
        keepers: list[asyncio.Task[None]] = []
        told = asyncio.create_task(_wait(stop))
        try:
            # The standby comes when the others have their lines: else it would take them.
            for some in (self._lives[:1], self._lives[1:]):
                keepers += [asyncio.create_task(life.keep()) for life in some]
                are_up = asyncio.gather(*(life.is_up.wait() for life in some))
                ends: list[asyncio.Future[Any]] = [are_up, told, *keepers]
                await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
                are_up.cancel()
                if any(keeper.done() for keeper in keepers):
                    break
            else:
                self.ready.set()
            done, _ = await asyncio.wait([told, *keepers], return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            told.cancel()
            # The standby first: else it would take the lines that another one gives back.
            for life, keeper in sorted(
                zip(self._lives, keepers, strict=False), key=lambda each: each[0].word == _READY
            ):
                life.ending.set()
                await asyncio.wait([keeper])

    def describe(self) -> dict[str, str]:
        """Describe each process, and what a person can do with it."""
        if not self.ready.is_set():
            return {}
        lives = ", ".join(f"{life.name} {life.word} (pid {life.pid})" for life in self._lives)
        after = f"comes back after {AGAIN_S:.0f} s"
        if len(self._lives) == 1:
            return {"gateway": lives, "try": f"kill -9 {self._lives[0].pid}  (it {after})"}
        first, heir = sorted((self._lives[0], self._lives[-1]), key=lambda life: life.word != _READY)
        told = f"{heir.name} takes its lines, {first.name} {after}"
        return {"gateways": lives, "try": f"kill -9 {first.pid}  ({told})"}


class _Life:
    """The lives of one gateway, one after the other."""

    def __init__(self, settings: "Settings") -> None:
        self._settings = settings
        self.name = settings.gateway.id
        self.is_relieved = False
        """Whether it has a standby, whose standby it is once it has ended."""
        self.pid = 0
        self.word = "starting"
        self.is_up = asyncio.Event()
        """Whether it has had its lines, or has waited for them, once."""
        self.ending = asyncio.Event()

    async def keep(self) -> None:
        """Run it again and again, until told to end; Unavailable if it never came up."""
        folder = self._settings.gateway.data_dir
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        log = folder / "gateway.log"
        while not self.ending.is_set():
            await self._live(log)
            if self.ending.is_set():
                return
            if not self.is_up.is_set():
                raise Unavailable(f"gateway {self.name} does not come up: {_last_line(log)}")
            with suppress(TimeoutError):
                await asyncio.wait_for(self.ending.wait(), AGAIN_S)

    async def _live(self, log: Path) -> None:
        with log.open("ab") as output:
            process = await asyncio.create_subprocess_exec(
                sys.executable, "-c", _CHILD, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
                stderr=output, start_new_session=True,  # Ctrl-C is for the demo, which ends it in order
            )  # fmt: skip
        assert process.stdin is not None
        assert process.stdout is not None
        self.pid, self.word = process.pid, "starting"
        section = self._settings.gateway
        waits = section.standby or (self.is_relieved and self.is_up.is_set())
        section = section.model_copy(update={"standby": waits})
        process.stdin.write(pickle.dumps(self._settings.model_copy(update={"gateway": section})))
        hearing = asyncio.create_task(self._hear(process.stdout))
        told = asyncio.create_task(_wait(self.ending))
        await asyncio.wait([hearing, told], return_when=asyncio.FIRST_COMPLETED)
        told.cancel()
        process.stdin.close()
        try:
            await asyncio.wait_for(process.wait(), _STOP_S)
        except TimeoutError:
            process.kill()
            await process.wait()
        await hearing
        self.word = "ended"

    async def _hear(self, output: asyncio.StreamReader) -> None:
        async for line in output:
            self.word = line.decode().strip()
            self.is_up.set()


async def _wait(event: asyncio.Event) -> None:
    await event.wait()


def _last_line(log: Path) -> str:
    return (log.read_text(encoding="utf-8", errors="replace").strip().splitlines() or ["no reason given"])[-1]


def serve() -> None:
    """Run the gateway whose settings come by standard input, until that closes."""
    from gateway.app import run_gateway
    from gateway.cli.run.run import log_to_stderr, stop_on_signals, with_uvloop

    settings: Settings = pickle.load(sys.stdin.buffer)  # noqa: S301 - the demo has written it
    say = log_to_stderr(settings.log, debug=False)

    async def until_told() -> None:
        stop, loop = asyncio.Event(), asyncio.get_running_loop()
        stop_on_signals(stop)

        def follow_input() -> None:
            sys.stdin.buffer.read()
            with suppress(RuntimeError):  # it has ended by itself
                loop.call_soon_threadsafe(stop.set)

        threading.Thread(target=follow_input, daemon=True).start()
        if settings.gateway.standby:
            _say("standby")
        await run_gateway(settings, stop=stop, on_ready=lambda: _say(_READY))

    try:
        with_uvloop(until_told())
    except BackflushError as error:
        say(str(error), error)
        sys.exit(1)


def _say(word: str) -> None:
    sys.stdout.write(f"{word}\n")
    sys.stdout.flush()
