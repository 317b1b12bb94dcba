"""A stage: a real broker, a real database, the real gateway as a process, and the check of what the ledger holds.

Broker and ledger live as long as the stage, so a case may run several rounds on it. Whatever was measured, `verify`
compares the ledger with what was sent; a difference ends the benchmark.
"""

import json
import shutil
import sqlite3
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import Self

from sqlalchemy import func, select, text

from gateway.journal import Entry, Journal
from gateway.ledger.audit.audit import audit
from gateway.ledger.database import tables as t
from gateway.ledger.database.connection import open_database, reading
from gateway.settings import load_settings
from tests.benchmarks.plant import Shape
from tests.benchmarks.processes import PATIENCE_S, Gateway, publish
from tests.benchmarks.publisher import Job
from tests.integration.imports import import_tables
from tests.servers import Mosquitto, Postgres

UNLIMITED = "max_queued_messages 0\nmax_queued_bytes 0\n"
"""What a backlog of any length needs; everything else is the shipped configuration."""
MICRO = 1_000_000
PAST = 10**12
"""Documents beyond this number were not posted: they are the past that `fill` makes up."""


class WrongTotals(Exception):
    """The ledger does not hold what was sent."""


class Stage:
    """Broker, database and settings; the gateway comes and goes."""

    def __init__(self, shape: Shape, protocol: str, postgres: Postgres | None) -> None:
        """Start the broker, make the ledger and the broker's session; `postgres` None is SQLite."""
        self.shape = shape
        self.protocol = protocol
        self.sent = 0
        self.folder = Path(tempfile.mkdtemp(prefix="bf-bench-"))
        """Where journal, ledger and configuration lie."""
        self.broker = Mosquitto(UNLIMITED)
        try:
            self.broker.start()
            self.config = self.folder / "gateway.toml"
            database = postgres.fresh_url() if postgres else ""
            said = shape.settings(self.broker.url, database, protocol, str(self.folder / "data"))
            self.config.write_text(
                "".join(
                    f"[{section}]\n" + "".join(f"{key} = {json.dumps(value)}\n" for key, value in keys.items())
                    for section, keys in said.items()
                )
            )
            self.settings = load_settings(self.config)
            answer = import_tables(self.settings, shape.tables(), "benchmark")
            assert answer["status"] == "ok", answer
            with self.gateway() as gateway:
                self.first_start_s = gateway.wait_ready()
                self.start_cpu_s = float(gateway.health()["cpu_s"])
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the broker and remove everything."""
        self.broker.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    @property
    def stamps(self) -> Path:
        """Where a publisher leaves its times."""
        return self.folder / "stamps"

    @contextmanager
    def gateway(self) -> Iterator[Gateway]:
        """Run the gateway."""
        gateway = Gateway(self.settings, self.config, self.folder / "trace")
        try:
            yield gateway
        except BaseException:
            gateway.process.kill()
            gateway.process.wait()
            raise
        gateway.stop()

    def job(self, kind: str, many: int, rate: float = 0.0) -> Job:
        """Make the job of publishing the next telegrams, and reckon with them."""
        first = self.sent
        self.sent += many
        return Job(self.broker.url, kind, self.shape, first, many, rate, str(self.stamps) if rate else "")

    def fill(self, many: int) -> None:
        """Give the ledger a past: copies of a real document, under numbers of nobody's, until it has so many items.

        That is no ledger that passes its audit; it is one in which everything has the size of years.
        """
        publish(self.job("counts", self.shape.counters))
        with self.gateway() as gateway:
            self.await_posted(gateway)
        engine = open_database(self.settings.database_url)
        copies = "WITH RECURSIVE copy(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM copy WHERE n < :many) "
        with engine.begin() as connection:
            template = connection.scalar(select(func.min(t.documents.c.number)))
            for table in (*t.SEALED, t.worklist_rows):
                key, *others = (column.name for column in table.columns)
                row = {
                    name: "copy.n + :past" if name in (key, "posted_by") else f"one.{name}" for name in (key, *others)
                }
                insert = f"INSERT INTO {table.name} ({', '.join(row)}) {copies}SELECT {', '.join(row.values())} "
                connection.execute(
                    text(f"{insert} FROM copy CROSS JOIN {table.name} AS one WHERE one.{key} = :template"),
                    {"many": many // self.shape.items, "past": PAST, "template": template},
                )
        engine.dispose()

    def journal_ahead(self, many: int) -> None:
        """Append telegrams to the journal of the stopped gateway, as if its ledger had been away."""
        telegrams = self.shape.counts(self.sent, many, time.time_ns() // 1000, 50.0)
        self.sent += many
        with Journal.open(self.settings.journal_path) as journal:
            while batch := [Entry("message", *said, 1) for said in islice(telegrams, 4_000)]:
                journal.append(time.time_ns() // 1000, batch)

    def last_batch(self) -> int:
        """Return the number of the journal's newest batch."""
        return self._journal("SELECT coalesce(max(number), 0) FROM batch WHERE number > ?", 0)

    def first_arrival_ns(self, after: int) -> int:
        """Return when the first batch after number `after` was taken from the socket."""
        return self._journal("SELECT min(at) FROM batch WHERE number > ?", after) * 1000

    def _journal(self, query: str, after: int) -> int:
        connection = sqlite3.connect(f"file:{self.settings.journal_path}?mode=ro", uri=True)
        try:
            return int(connection.execute(query, (after,)).fetchone()[0])
        finally:
            connection.close()

    def await_posted(self, gateway: Gateway) -> int:
        """Wait until no unit is open any more; return when that was seen."""
        deadline = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline:
            gateway.look()
            with reading(self.settings.database_url) as connection:
                lines = t.lines.c
                counted, posted = connection.execute(
                    select(func.coalesce(func.sum(lines.counted), 0), func.coalesce(func.sum(lines.posted), 0))
                ).one()
            if counted == posted == self.sent * MICRO:
                return time.time_ns()
            time.sleep(0.1)
        raise WrongTotals(f"expected {self.sent} units counted and posted, got {counted} and {posted} millionths")

    def verify(self, *, laws: bool = True) -> int:
        """Compare the ledger with what was sent; return its documents. `laws` audits it as well."""
        shape, items, hours = self.shape, t.material_items.c, t.activity_items.c
        with reading(self.settings.database_url) as connection:
            lines = t.lines.c
            total = func.sum(lines.read), func.sum(lines.counted), func.sum(lines.posted), func.sum(lines.quarantined)
            read, counted, posted, quarantined = map(int, connection.execute(select(*total)).one())
            whole = self.sent * MICRO
            _same(
                "units read, counted, posted, in quarantine",
                (whole, whole, whole, 0),
                (read, counted, posted, quarantined),
            )
            moved = connection.execute(
                select(items.movement, func.sum(items.quantity)).where(items.document < PAST).group_by(items.movement)
            )
            sums = {movement: int(quantity) for movement, quantity in moved}
            _same("units received and issued", {"131": whole, "261": -whole * shape.components // 4}, sums)
            done = int(connection.scalar(select(func.sum(hours.hours)).where(hours.document < PAST)) or 0)
            _same("hours", 2 * whole // 200, done)
            received = connection.execute(
                select(items.material, func.sum(items.quantity))
                .where(items.movement == "131", items.document < PAST)
                .group_by(items.material)
            )
            _same(
                "receipts by material",
                {material: units * MICRO for material, units in shape.made(0, self.sent).items()},
                {material: int(quantity) for material, quantity in received},
            )
            documents = int(connection.scalar(select(func.count()).where(t.documents.c.number < PAST)) or 0)
            broken = [result for result in (audit(connection) if laws else []) if not result.ok]
        if broken:
            raise WrongTotals(f"the audit found: {broken}")
        return documents


def _same(what: str, expected: object, got: object) -> None:
    if expected != got:
        raise WrongTotals(f"{what}: expected {expected}, got {got}")
