"""Commands from outside: to the running gateway by its control socket, else by the same pump in this process.

Either way they are journal entries and their effect is committed before the answer. Without a running gateway the
journal's lock is taken, the rest of the journal is folded first, and nothing is published: posting events follow when
the gateway runs again.
"""

import logging
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

from devices.sources.source import ForeignSource
from gateway.backflush.memory.state import Rules
from gateway.errors import LedgerUnavailable, Unanswered, Unavailable
from gateway.journal import Entry, Journal, JournalInUse, entry_id
from gateway.ledger.store.leases import Head
from gateway.ledger.store.row_values import rules_text
from gateway.ledger.store.writer import Known, Ledger
from gateway.mqtt.topics import Topics
from gateway.service.entries import SETTINGS
from gateway.service.fold.belonging import prove
from gateway.service.fold.checkpoint import begin_checkpoint
from gateway.service.fold.pump import Claim, Pump
from gateway.service.fold.requests import Request
from gateway.service.local.control import entry_of
from gateway.service.local.running import PATIENT, Patience, ask_gateway
from gateway.service.tell.loop_report import Committed
from gateway.service.tell.pending_replies import answer_of
from gateway.settings import Settings

log = logging.getLogger("backflush")

Clock = Callable[[], int]
_LOOK_S = 0.2
"""The interval of looking whether the journal is free."""
_TOLD_AFTER_S = 2.0
"""How long a wait for the journal is passed over in silence."""


def system_clock() -> int:
    """Return the time in microseconds UTC."""
    return time.time_ns() // 1000


def submit(settings: Settings, request: Request, patience: Patience = PATIENT) -> dict[str, Any]:
    """Submit a request; return `{"transaction", "status", "code", "text", "data"}`.

    Unanswered: it may still be processed; submit it again with the same transaction. Any other Unavailable: it was not
    stored.
    """
    return _submit(settings, {"request": request.model_dump()}, patience)


def amend_masterdata(settings: Settings, change: bytes, actor: str, patience: Patience = PATIENT) -> dict[str, Any]:
    """Put a checked amendment of the master data into force; a repetition changes nothing."""
    return _submit(settings, {"import": change.decode(), "actor": actor}, patience)


def _submit(settings: Settings, said: dict[str, Any], patience: Patience) -> dict[str, Any]:
    """Have it done by the gateway, or here; a gateway that is starting, or another command, is waited for."""
    began = time.monotonic()
    while True:
        answer = ask_gateway(settings, said, patience, began)
        if answer is not None:
            return answer
        try:
            return _work_here(settings, entry_of(said))
        except JournalInUse as error:
            waited = time.monotonic() - began
            if waited > patience.seconds:
                raise
            if waited > _TOLD_AFTER_S:
                patience.tell(waited, str(error))
        time.sleep(_LOOK_S)


@contextmanager
def open_pump(settings: Settings, clock: Clock = system_clock) -> Iterator[tuple[Journal, Pump]]:
    """Open journal and ledger for this process alone, with everything that the journal holds folded."""
    settings.gateway.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    with Journal.open(settings.journal_path, max_bytes=settings.journal.max_bytes) as journal:
        pump = make_pump(settings, journal, clock)
        pump.start()
        try:
            catch_up(pump)
            yield journal, pump
            with suppress(LedgerUnavailable):  # the work is committed, and the leases also expire
                pump.ledger.release()
        finally:
            pump.stop()


def make_pump(settings: Settings, journal: Journal, clock: Clock) -> Pump:
    """Put a pump together."""
    known: Known | None = None
    claim = Claim(settings.gateway.lines, settings.gateway.lease_s * 1_000_000)

    def open_ledger() -> Ledger:
        """Make the ledger if there is none, but never in place of one that existed in this life."""
        nonlocal known
        ledger = Ledger.open(settings.database_url, gateway=settings.gateway.id, create=known is None, known=known)
        known = known or Known(ledger.file)
        return ledger

    def begin(head: Head) -> None:
        nonlocal known
        known = known and known._replace(folded=True)
        prove(journal, head.offset, head.read_at)
        if head.sequence == 1 and journal.last:
            log.warning("this ledger has never processed this journal: it starts from the first batch")
        if not (head.ordinal or head.offset):  # else the running gateway writes one (`keep_checkpoint`)
            begin_checkpoint(settings, journal, clock())

    return Pump(open_ledger, journal, claim, clock, begin)


def rules_after(settings: Settings, earlier: Iterable[Rules]) -> Rules:
    """Return the engine's settings, with the filters that earlier ones have left in the broker's session.

    They go on from settings to settings: a life before may have ended before it unsubscribed.
    """
    gateway, rules = settings.gateway.id, settings.rules
    left = {name for before in earlier for name in (*before.left, *_filters_of(before, gateway))}
    return rules._replace(left=tuple(sorted(left - {*_filters_of(rules, gateway)})))


def _filters_of(rules: Rules, gateway: str) -> Iterator[str]:
    topics = Topics(rules.base, gateway)
    for pattern in rules.lines:
        yield from topics.filters([pattern])
    yield from (source.filter for source in map(ForeignSource.parse, rules.sources) if not source.host)


def settings_entry(rules: Rules) -> Entry:
    """Make the journal entry with the engine's settings."""
    return Entry(SETTINGS, "", rules_text(rules).encode())


def catch_up(pump: Pump) -> list[Committed]:
    """Fold everything that the journal holds; return the last commits."""
    done: list[Committed] = []
    while pump.is_behind:
        done = pump.fold(pump.behind(64)) or done
    return done


def _work_here(settings: Settings, entry: Entry) -> dict[str, Any]:
    with open_pump(settings) as (journal, pump):
        rules = rules_after(settings, pump.known)
        if pump.obeyed != rules:
            journal.append(system_clock(), [settings_entry(rules)])
        number = journal.append(system_clock(), [entry]).number
        answer: dict[str, Any] = {"status": "ok", "code": "BF0000", "text": "done", "data": {}, "transaction": ""}
        try:
            while pump.is_behind:
                for committed in pump.fold(pump.behind(64)):
                    for response in committed.changes.responses:
                        if response.entry == entry_id(number, 0):
                            answer = {**answer_of(response)}
        except Unavailable as error:
            raise Unanswered(f"stored, and not known to be processed yet: {error}") from error
        return answer
