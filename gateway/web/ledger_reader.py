"""The reader of the ledger: short read-only transactions in threads of their own, four at once, two seconds each.

It knows the plants and lines of the master data in force, read again only if the digest has changed. The web process
has no other way to the ledger, so it cannot write it.
"""

import asyncio
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from typing import Any, Final, NamedTuple, TypeVar

from sqlalchemy import Connection, event, text

from gateway.backflush.plant.snapshot import MasterData
from gateway.errors import BackflushError, LedgerUnavailable, UsageError
from gateway.ledger.store.load import imports_in_force, master_bytes
from gateway.masterdata.build import build
from gateway.masterdata.tables import tables_in
from gateway.service.local.read_only import read_ledger
from gateway.settings import Settings
from gateway.web.meters import QUERY_S
from gateway.web.tiles import LineFacts

MOST_S: Final = 2.0
_PATIENCE_S: Final = 3.0
"""A database that is frozen does not end what takes too long, so its answer is given up."""
_THREADS: Final = 4
_STEPS: Final = 10_000
"""Steps of SQLite between two looks at the clock."""
_COUNTS_FINISHED: Final = frozenset({"good", "gross"})

Answer = TypeVar("Answer")


class MasterFacts(NamedTuple):
    """The lines and devices of the master data in force."""

    lines: Mapping[tuple[str, str], LineFacts] = {}
    master: MasterData = MasterData()
    digest: str = ""


class TooLong(LedgerUnavailable):
    """A question that the ledger does not answer in time: a narrower one may be answered."""


class LedgerReader:
    """Reads the ledger for pages."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._pool = ThreadPoolExecutor(_THREADS, "reader")
        self.facts = MasterFacts()
        self.why_away: str | None = "not read yet"
        """Why the ledger cannot be read; None: it can."""

    def close(self) -> None:
        """Accept no more questions."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    async def refresh(self) -> None:
        """Look whether there are other master data, and whether the ledger can be read at all."""
        try:
            self.facts = await self.ask(self._read_facts)
        except BackflushError as error:
            self.why_away = str(error)
        else:
            self.why_away = None

    async def ask(self, question: Callable[[Connection], Answer]) -> Answer:
        """Return the answer of the ledger as of one moment; BackflushError if it cannot be read, or not in time."""
        try:
            async with asyncio.timeout(_PATIENCE_S):
                return await asyncio.get_running_loop().run_in_executor(self._pool, self._answer, question)
        except TimeoutError as error:
            raise TooLong(f"the database has not answered within {_PATIENCE_S:.0f} s") from error

    def _answer(self, question: Callable[[Connection], Answer]) -> Answer:
        began_s = time.monotonic()
        try:
            with (
                QUERY_S.labels(_name_of(question)).time(),
                open_ledger(self._settings) as connection,
                _limit_time(connection),
            ):
                return question(connection)
        except LedgerUnavailable as error:
            if time.monotonic() - began_s < MOST_S:
                raise
            raise TooLong("the ledger did not answer within two seconds") from error

    def _read_facts(self, connection: Connection) -> MasterFacts:
        found = imports_in_force(connection)
        digest = found[0].digest if found else ""
        if digest == self.facts.digest:
            return self.facts
        master = build(tables_in(master_bytes(connection) or b"")).master
        counters: dict[tuple[str, str], set[str]] = {}
        for device in master.devices.values():
            is_final = device.kind == "counter" and device.role in _COUNTS_FINISHED and not device.operation
            if is_final and not device.disabled:
                counters.setdefault((device.plant, device.line), set()).add(device.device)
        about = {key: LineFacts(name, frozenset(counters.get(key, ()))) for key, name in master.lines.items()}
        return MasterFacts(about, master, digest)


def _name_of(question: Callable[[Connection], Answer]) -> str:
    """Return the name of the function that asks: `latest` for `LedgerReader.latest.<locals>.read`."""
    function = getattr(question, "func", question)
    return str(function.__qualname__).partition(".<locals>")[0].rpartition(".")[2].strip("_")


@contextmanager
def open_ledger(settings: Settings) -> Iterator[Connection]:
    """Open the ledger; one that is not there, or of another schema, is away: no visitor has asked for it wrongly."""
    with ExitStack() as stack:
        try:
            connection = stack.enter_context(read_ledger(settings))
        except UsageError as error:
            raise LedgerUnavailable(str(error)) from error
        yield connection


@contextmanager
def _limit_time(connection: Connection) -> Iterator[None]:
    """End a question that reads for longer than two seconds, whatever the number of its statements."""
    ends_s = time.monotonic() + MOST_S

    def refuse_late(*_: object) -> None:
        if time.monotonic() > ends_s:
            raise LedgerUnavailable("the question has taken too long")

    event.listen(connection, "before_cursor_execute", refuse_late)
    if connection.dialect.name == "postgresql":
        connection.execute(text(f"SET LOCAL statement_timeout = {int(MOST_S * 1000)}"))
        yield
        return
    raw: Any = connection.connection.dbapi_connection
    raw.set_progress_handler(lambda: time.monotonic() > ends_s, _STEPS)
    yield
