"""The command that runs the gateway until it is stopped."""

import asyncio
import json
import logging
import os
import signal
import sys
import threading
import traceback
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from gateway.cli.shared.command import Invocation, command, pass_invocation
from gateway.cli.shared.streams import Lines
from gateway.ledger.reports.cells import inert

if TYPE_CHECKING:
    from gateway.settings import LogSection

Say = Callable[[str, BaseException | None], None]


@command(example="backflush run -c /etc/backflush/gateway.toml")
@pass_invocation
def run(invocation: Invocation) -> None:
    """Run the gateway.

    SIGTERM or Ctrl-C end it properly: received messages are posted and published first. SIGKILL loses nothing.
    """
    from gateway.app import run_gateway
    from gateway.failpoints import arm_from
    from gateway.service.local.read_only import missing_file
    from gateway.settings import load_log

    invocation.log = log_to_stderr(load_log(invocation.config), debug=invocation.debug)
    settings = invocation.settings()
    log = logging.getLogger("backflush")
    if armed := arm_from(os.environ):
        log.warning(armed)

    say = invocation.log

    async def until_told() -> None:
        stop = asyncio.Event()
        stop_on_signals(stop)
        await run_gateway(settings, stop=stop, on_ready=lambda: say(f"gateway {settings.gateway.id} is ready", None))

    if not settings.journal_path.exists():
        log.info("no journal yet: creating %s", settings.journal_path.absolute())
    ledger_file = missing_file(settings)
    if ledger_file is not None:
        log.info("no ledger yet: creating %s", ledger_file.absolute())
    with_uvloop(until_told())


def stop_on_signals(stop: asyncio.Event) -> None:
    """Let SIGTERM and Ctrl-C set the event; a second signal ends a shutdown that takes too long."""
    loop = asyncio.get_running_loop()

    def stop_once() -> None:
        stop.set()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(number)

    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop_once)


def with_uvloop(main: Coroutine[Any, Any, None]) -> None:
    """Run a coroutine on the event loop of production."""
    import uvloop

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(main)


def log_to_stderr(section: "LogSection", *, debug: bool) -> Say:
    """Log as configured, and return the function for other messages; no foreign text can forge a line.

    Python's own output (warnings, errors that end a thread or the program) is logged as well. A slow reader blocks
    nothing.
    """
    handler = _Log(as_json=section.format == "json")
    logging.basicConfig(level=section.level.upper(), handlers=[handler], force=True)
    logging.getLogger("alembic").setLevel(logging.WARNING)
    # SQLAlchemy logs the failed rollback of a lost connection with a traceback; the gateway reports the loss itself.
    logging.getLogger("sqlalchemy.pool").setLevel(logging.CRITICAL)
    logging.captureWarnings(capture=True)
    log = logging.getLogger("backflush")
    sys.excepthook = lambda kind, error, trace: log.critical(
        "an internal error ended the program", exc_info=(kind, error, trace)
    )
    threading.excepthook = lambda ended: log.critical("an internal error ended a thread", exc_info=ended.exc_value)
    sys.unraisablehook = lambda fault: log.error("an unhandled error", exc_info=fault.exc_value)
    return partial(handler.say, debug=debug)


class _Log(logging.Handler):
    """Standard error, in a thread of its own; `logging` closes it when the program ends."""

    def __init__(self, *, as_json: bool) -> None:
        super().__init__()
        self._as_json = as_json
        self.setFormatter(_Lines(as_json=as_json))
        self._lines = Lines(2, lambda dropped: self.format(_record(f"{dropped} lines are missing: {_STOOD}")))
        self._lines.start()

    def emit(self, record: logging.LogRecord) -> None:
        try:
            self._lines.say(self.format(record))
        except Exception:  # noqa: BLE001 - as handlers do: a failure to log ends nothing
            self.handleError(record)

    def close(self) -> None:
        """Write the rest, within a bound."""
        self._lines.end()
        super().close()

    def say(self, text: str, error: BaseException | None, *, debug: bool) -> None:
        """Print at any level messages for a person: that the gateway is ready, or the error that ended it."""
        if self._as_json:
            self.emit(_record(text, logging.INFO if error is None else logging.CRITICAL, error if debug else None))
            return
        if error is not None and debug:
            self._lines.say("".join(traceback.format_exception(error)).rstrip())
        self._lines.say(f"backflush: {inert(text)}")


_STOOD = "their reader was blocked"


def _record(text: str, level: int = logging.WARNING, error: BaseException | None = None) -> logging.LogRecord:
    where = (type(error), error, error.__traceback__) if error is not None else None
    return logging.LogRecord("backflush", level, "", 0, text, (), where)


class _Lines(logging.Formatter):
    """One event, one line."""

    def __init__(self, *, as_json: bool) -> None:
        super().__init__()
        self._as_json = as_json

    def format(self, record: logging.LogRecord) -> str:
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        text = record.getMessage()
        if record.exc_info:
            text = f"{text}: {self.formatException(record.exc_info)}"
        if self._as_json:
            line = {"ts": at, "level": record.levelname.lower(), "logger": record.name, "text": text}
            return json.dumps({**line, **getattr(record, "fields", {})})
        return f"{at} {record.levelname.lower():<7} {inert(text)}"
