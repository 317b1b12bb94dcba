"""Commands from outside: to the running gateway by its control socket, else by the same pump in this process.

Either way they are journal entries and their effect is committed before the answer. With no gateway running the
journal's lock is taken, whatever the journal still holds is folded first, and nothing is published: posting events
follow when the gateway runs again.
"""

import json
import logging
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from gateway.errors import LedgerUnavailable, NoLedger, Unanswered, Unavailable
from gateway.journal import Entry, Journal, entry_id
from gateway.ledger.database import database_url, driver_errors, is_broken_world, reading, told
from gateway.ledger.leases import Head
from gateway.ledger.load import master_bytes
from gateway.ledger.schema import check_schema
from gateway.ledger.store import Known, Ledger
from gateway.ledger.values import rules_text
from gateway.masterdata.tables import Tables, load_tables
from gateway.service.belonging import prove
from gateway.service.checkpoint import begin_checkpoint
from gateway.service.control import entry_of
from gateway.service.intake import SETTINGS
from gateway.service.pump import Committed, Pump
from gateway.service.requests import Request
from gateway.service.waiting import answer_of
from gateway.settings import Settings

log = logging.getLogger("backflush")

Clock = Callable[[], int]
_LOOK_S = 1.0
"""How often the gateway is asked why there is no answer yet."""
_WHY_NOT = {
    "journal": "held, and not stored: it is worked on once there is room, if the gateway is not ended before",
    "ledger": "stored: it is worked on once the database is back",
}
"""By the alert that says it; the first one that is up counts."""


def system_clock() -> int:
    """Return the time in microseconds UTC."""
    return time.time_ns() // 1000


class Patience(NamedTuple):
    """How many seconds to wait for an answer; `tell` hears every second or so for how long nothing came, and why."""

    seconds: float = 600.0
    tell: Callable[[float, str], None] = lambda _seconds, _why: None


PATIENT = Patience()


def submit(settings: Settings, request: Request, patience: Patience = PATIENT) -> dict[str, Any]:
    """Have a request worked on; return `{"transaction", "status", "code", "text", "data"}`.

    Unanswered: it may still be worked on; give it again with the same transaction. Any other Unavailable: it was not
    stored.
    """
    return _submit(settings, {"request": request.model_dump()}, patience)


def amend_masterdata(settings: Settings, change: bytes, actor: str, patience: Patience = PATIENT) -> dict[str, Any]:
    """Have a checked amendment of the master data take effect; the same again changes nothing."""
    return _submit(settings, {"import": change.decode(), "actor": actor}, patience)


def ping(settings: Settings, timeout_s: float = 10.0) -> dict[str, Any] | None:
    """Return what the running gateway says of itself; None when none runs, Unanswered when it is frozen."""
    return _ask(settings, {"ping": True}, Patience(timeout_s), _unexplained)


def _submit(settings: Settings, said: dict[str, Any], patience: Patience) -> dict[str, Any]:
    answer = _ask(settings, said, patience, _why_not_yet)
    return answer if answer is not None else _work_here(settings, entry_of(said))


def _ask(
    settings: Settings, said: dict[str, Any], patience: Patience, why_not: Callable[[Settings], str]
) -> dict[str, Any] | None:
    """Talk to the running gateway; None when there is none."""
    began = time.monotonic()
    heard, why = b"", ""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.settimeout(patience.seconds)
        try:
            connection.connect(str(settings.control_path))
        except OSError:
            return None
        try:
            connection.sendall(json.dumps(said).encode() + b"\n")
            while not heard.endswith(b"\n"):
                left_s = began + patience.seconds - time.monotonic()
                connection.settimeout(max(0.01, min(_LOOK_S, left_s)))
                try:
                    part = connection.recv(1 << 20)
                except TimeoutError:
                    if left_s <= _LOOK_S:
                        raise
                    why = why_not(settings)
                    patience.tell(time.monotonic() - began, why)
                    continue
                if not part:
                    raise Unanswered("the gateway went away before it answered")
                heard += part
        except TimeoutError:
            because = f": {why}" if why else ""
            raise Unanswered(f"the gateway has not answered within {patience.seconds:g} s{because}") from None
        except OSError as error:
            raise Unanswered(f"{settings.control_path}: the gateway did not answer: {error}") from error
    answer: dict[str, Any] = json.loads(heard)
    return answer


def _unexplained(_: Settings) -> str:
    return ""


def _why_not_yet(settings: Settings) -> str:
    """Ask the gateway beside a request why that is not answered yet."""
    try:
        said = ping(settings, _LOOK_S)
    except Unanswered:
        return "it says nothing at all; is it frozen, or stopped with SIGSTOP?"
    alerts = {alert["id"]: alert["text"] for alert in (said or {}).get("alerts", ())}
    return next((f"{what} ({alerts[alert]})" for alert, what in _WHY_NOT.items() if alert in alerts), "")


@contextmanager
def open_pump(settings: Settings, clock: Clock = system_clock) -> Iterator[tuple[Journal, Pump]]:
    """Open journal and ledger for this process alone, with everything that the journal holds folded."""
    settings.gateway.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    with Journal.open(settings.journal_path, max_bytes=settings.journal.max_bytes) as journal:
        pump = make_pump(settings, journal, clock)
        pump.start()
        try:
            catch_up(pump, journal)
            yield journal, pump
            with suppress(LedgerUnavailable):  # what was done is done, and the leases end by themselves as well
                pump.ledger.release()
        finally:
            pump.stop()


def make_pump(settings: Settings, journal: Journal, clock: Clock) -> Pump:
    """Put a pump together."""
    known: Known | None = None

    def open_ledger() -> Ledger:
        """Make the ledger where there is none, but never in place of one that was there in this life."""
        nonlocal known
        ledger = Ledger.open(settings.database_url, gateway=settings.gateway.id, create=known is None, known=known)
        known = known or Known(ledger.file)
        return ledger

    def begun(head: Head) -> None:
        nonlocal known
        known = known and known._replace(folded=True)
        prove(journal, head.offset, head.read_at)
        if head.sequence == 1 and journal.last:
            log.warning("this ledger has never folded this journal: folds it from its first batch on")
        if not (
            head.ordinal or head.offset
        ):  # of what others have folded the running gateway writes one (`keep_checkpoint`)
            begin_checkpoint(settings, journal, clock())

    return Pump(
        open_ledger,
        journal.read,
        lambda: journal.last,
        journal.id,
        settings.gateway.lines,
        clock,
        settings.gateway.lease_s * 1_000_000,
        begun=begun,
    )


def settings_entry(settings: Settings) -> Entry:
    """Make the journal entry by which the engine learns its settings."""
    return Entry(SETTINGS, "", rules_text(settings.rules).encode())


def catch_up(pump: Pump, journal: Journal) -> list[Committed]:
    """Fold everything that the journal holds; return the last commits."""
    done: list[Committed] = []
    while pump.number <= journal.last:
        done = pump.fold(pump.behind(64)) or done
    return done


def _work_here(settings: Settings, entry: Entry) -> dict[str, Any]:
    with open_pump(settings) as (journal, pump):
        if pump.obeyed != settings.rules:
            journal.append(system_clock(), [settings_entry(settings)])
        number = journal.append(system_clock(), [entry]).number
        answer: dict[str, Any] = {"status": "ok", "code": "BF0000", "text": "done", "data": {}, "transaction": ""}
        try:
            while pump.number <= journal.last:
                for committed in pump.fold(pump.behind(64)):
                    for response in committed.changes.responses:
                        if response.entry == entry_id(number, 0):
                            answer = answer_of(response)
        except Unavailable as error:
            raise Unanswered(f"stored, and whether it is worked on is not known yet: {error}") from error
        return answer


@contextmanager
def read_ledger(settings: Settings) -> Iterator[Connection]:
    """Open the ledger read-only, in one consistent snapshot. NoLedger, or LedgerUnavailable."""
    url = database_url(settings.database_url)
    if url.get_backend_name() == "sqlite" and url.database and not Path(url.database).exists():
        raise NoLedger(f"{url.database} holds no ledger; `backflush init` creates it")
    try:
        with reading(settings.database_url) as connection:
            check_schema(connection)
            yield connection
    except driver_errors() as error:
        cause = error.orig if isinstance(error, DBAPIError) else error
        if cause is None or not is_broken_world(cause):
            raise
        raise LedgerUnavailable(told(cause)) from error


def tables_in_force(settings: Settings) -> Tables:
    """Return the master data that the ledger works with; empty where there is none yet.

    A ledger that is away, or of another schema, is none of which that could be said.
    """
    try:
        with read_ledger(settings) as connection:
            content = master_bytes(connection)
    except NoLedger:
        return Tables()
    return load_tables(content) if content else Tables()
