"""What publishers have said of themselves is state of the ledger: a restart anywhere, and a fold of all, know it."""

import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from devices.decoders.foreign.sparkplug import host_state, metric_of, payload_of
from gateway.journal import Entry, Journal
from gateway.ledger.database import tables as t
from gateway.ledger.database.connection import reading
from gateway.service.entries import MESSAGE
from gateway.service.fold.pump import Pump
from gateway.service.fold.refold import fold_again
from gateway.service.local.submission import catch_up, make_pump, open_pump, settings_entry
from gateway.settings import Settings, load_settings
from tests.integration.imports import import_tables
from tests.integration.plant import Units, booked, shop, tables
from tests.servers import Postgres

BEGIN = 1_795_335_330_120_000
SOURCES = """
[[source]]
filter = "spBv1.0/#"
decoder = "sparkplug"
host = "bf"
map = [
  { topic = "spBv1.0/G/+/N1/D", tag = "good", device = "x-1" },
  { topic = "spBv1.0/G/+/N2", tag = "good", device = "x-2" },
]

[[source]]
filter = "ie/+/j/s/#"
decoder = "s7databus"
map = [{ topic = "ie/d/j/s/r/P/c", tag = "good", device = "x-3" }]
"""
DEVICES = [f"x-{number},1000,L05,,counter,good,native,,60000,quarantine,zero,," for number in (1, 2, 3)]


class Floor:
    """Two edge nodes and an S7 connector, which now and then begin a new life with other ids."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.totals = {"N1": 0, "N2": 0, "P": 0}
        self._seq = {"N1": 0, "N2": 0}
        self._alias = 7

    def _next(self, node: str) -> int:
        self._seq[node] = (self._seq[node] + 1) % 256
        return self._seq[node]

    def birth(self, node: str, now: int) -> Iterator[tuple[str, bytes]]:
        self._alias += 1
        self._seq[node] = 0
        metric = metric_of("good", self._alias, value=self.totals[node], now=now)
        life = metric_of("bdSeq", None, value=self._alias % 256, now=now)
        own = [] if node == "N1" else [metric]
        yield f"spBv1.0/G/NBIRTH/{node}", payload_of([life, *own], 0, now)
        if node == "N1":
            yield "spBv1.0/G/DBIRTH/N1/D", payload_of([metric], self._next(node), now)
        self._aliases = {**getattr(self, "_aliases", {}), node: self._alias}

    def data(self, node: str, now: int) -> tuple[str, bytes]:
        self.totals[node] += self.chance.randrange(4)
        metric = metric_of("", self._aliases[node], value=self.totals[node], now=now)
        topic = "spBv1.0/G/DDATA/N1/D" if node == "N1" else "spBv1.0/G/NDATA/N2"
        return topic, payload_of([metric], self._next(node), now)

    def metadata(self) -> tuple[str, bytes]:
        self._alias += 1
        self._id = str(self._alias)
        points = f'[{{"id":"{self._id}","name":"good"}}]'
        points = f'"dataPoints":[{{"name":"c","dataPointDefinitions":{points}}}]'
        return "ie/m/j/s", f'{{"connections":[{{"name":"P",{points}}}]}}'.encode()

    def values(self) -> tuple[str, bytes]:
        self.totals["P"] += self.chance.randrange(4)
        return "ie/d/j/s/r/P/c", f'{{"vals":[{{"id":"{self._id}","qc":3,"val":{self.totals["P"]}}}]}}'.encode()

    def batches(self) -> Iterator[list[tuple[str, bytes]]]:
        now = BEGIN
        state = host_state("bf", now, online=True)
        yield [state, self.metadata(), *self.birth("N1", now), *self.birth("N2", now)]
        for _ in range(40):
            now += 1_000_000
            said = []
            for _ in range(self.chance.randrange(1, 6)):
                match self.chance.randrange(12):
                    case 0:
                        said += list(self.birth(self.chance.choice(["N1", "N2"]), now))
                    case 1:
                        said.append(self.metadata())
                    case 2:
                        self.data(node := self.chance.choice(["N1", "N2"]), now)  # lost: what follows is out of turn
                        said.append(self.data(node, now))
                    case 3:
                        said.append(state)
                    case 4 | 5 | 6:
                        said.append(self.values())
                    case _:
                        said.append(self.data(self.chance.choice(["N1", "N2"]), now))
            yield said
        yield [*self.birth("N1", now), *self.birth("N2", now), self.metadata(), self.values()]


def prepared(folder: Path, url: str) -> Settings:
    config = folder / "gateway.toml"
    database = f'[database]\nurl = "{url}"\n' if url else ""
    config.write_text(f'[gateway]\ndata_dir = "{folder / "data"}"\n[journal]\nmin_free = 0\n{database}{SOURCES}')
    settings = load_settings(config)
    import_tables(settings, tables(shop(folder / "shop", devices=DEVICES)), "tests")
    return settings


@pytest.mark.parametrize("seed", range(4))
def test_a_restart_anywhere_and_a_fold_of_everything_give_the_same_ledger(
    database: str, seed: int, tmp_path: Path, postgres: Postgres
) -> None:
    settings = prepared(tmp_path, postgres.fresh_url() if database == "postgresql" else "")
    floor = Floor(seed)
    with Journal.open(settings.journal_path) as journal:
        at = max(BEGIN, journal.at)
        journal.append(at, [settings_entry(settings.rules)])

        def pump() -> Pump:
            made = make_pump(settings, journal, lambda: at)
            made.start()
            return made

        folding = pump()
        for said in floor.batches():
            at += 1_000_000
            journal.append(at, [Entry(MESSAGE, topic, payload) for topic, payload in said])
            if floor.chance.random() < 0.5:
                catch_up(folding)
            if floor.chance.random() < 0.3:
                folding.stop()
                folding = pump()
        at += 10_000_000
        journal.append(at, [])
        catch_up(folding)
        folding.ledger.release()
        folding.stop()
    with reading(settings.database_url) as connection:
        assert booked(connection) == {"L05": Units(sum(floor.totals.values()), 0)}, "births make up for what was lost"
        assert connection.execute(select(t.source_names)).all()
        states = set(connection.scalars(select(t.quarantine.c.code)))
        assert states <= {"BF1024", "BF1025"}
        left = select(t.quarantine.c.device, t.quarantine.c.code).where(t.quarantine.c.state == "open")
        assert connection.execute(left).all() == [], "a later total has settled each"
        again = fold_again(settings, connection)
    assert again.ok, again.findings


def test_a_message_behind_new_settings_of_its_batch_is_read_at_the_time_of_the_batch(tmp_path: Path) -> None:
    settings = prepared(tmp_path, "")
    with Journal.open(settings.journal_path) as journal:
        at = max(BEGIN, journal.at) + 1_000_000
        payload = payload_of([metric_of("", 7, value=5, now=at)], 0, at)
        journal.append(at, [settings_entry(settings.rules), Entry(MESSAGE, "spBv1.0/G/NDATA/N2", payload)])
    with open_pump(settings):
        pass
    with reading(settings.database_url) as connection:
        assert connection.scalars(select(t.edge_nodes.c.asked_at)).all() == [at], "births are asked for then"
