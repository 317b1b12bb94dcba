"""Promises 1 and 8: whenever the power goes, what was acknowledged is in the journal, and what was told in the ledger.

The real gateway runs against a real broker, is killed and started once, and everything that it does to its files is
recorded. Then the power is cut at many places of that record, and the gateway's own code opens what is left.
"""

import json
import os
import random
import shutil
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion
from sqlalchemy import select

from gateway.journal import Journal
from gateway.ledger.audit.audit import audit
from gateway.ledger.database import tables as t
from gateway.ledger.database.connection import reading
from gateway.ledger.store.writer import Ledger
from gateway.service.local.submission import open_pump
from gateway.settings import GatewaySection, JournalSection, MqttSection, Settings
from tests.integration.gateway_process import GatewayProcess, until
from tests.servers import Mosquitto
from tests.simulation.core_plant import tables
from tests.simulation.power import Disk, Record, Said, drop_torn, environment, read_records, said

CUTS = int(os.environ.get("POWER_CUTS", "16"))
SEED = int(os.environ.get("POWER_SEED", "1"))
TELEGRAMS = 120
SCANS = 12
BULK = bytes(60_000)
"""Bad input, and much of it: with it the journal writes its log back into its file."""


class Recorded(NamedTuple):
    """A life of a gateway."""

    records: list[Record]
    said: list[Said]
    disk: Path


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Recorded]:
    """Record a gateway from its first start, through a kill, to its end."""
    folder = tmp_path_factory.mktemp("power")
    disk = Path(os.path.realpath(folder)) / "disk"
    disk.mkdir()
    with (
        Mosquitto() as broker,
        GatewayProcess(broker.url, data=disk / "data", posting={"window": "reading"}) as gateway,
    ):
        gateway.environment = environment(folder / "log", disk)
        gateway.start().ready()
        gateway.import_tables(tables(folder / "tables"))
        client = Client(CallbackAPIVersion.VERSION2, client_id="devices")
        client.connect("127.0.0.1", broker.port)
        client.loop_start()
        for number in range(1, TELEGRAMS + 1):
            said_so = client.publish("bf/v1/1000/L01/pumps/count", json.dumps({"good": number, "seq": number}), qos=1)
            if number % (TELEGRAMS // SCANS) == 0:
                scan = json.dumps({"id": f"scan-{number}", "data": "CARD"})
                client.publish("bf/v1/1000/L03/scanner/scan", scan, qos=1)
            if number % 3 == 0:
                said_so.wait_for_publish(10)
            if number == TELEGRAMS // 2:
                gateway.kill()
                drop_torn(folder / "log")
                gateway.start().ready()
            if number % 2 == 0 and number > TELEGRAMS - 100:
                for _ in range(6):
                    client.publish("bf/v1/1000/L01/pumps/count", BULK, qos=1)
        client.publish("bf/v1/1000/L01/pumps/count", b"%d" % (TELEGRAMS + 1), qos=1).wait_for_publish(10)
        gateway.caught_up()
        until(lambda: gateway.health()["outbox"] == 0, lambda: gateway.log)
        client.disconnect()
        client.loop_stop()
        assert gateway.stop() == 0
        records = read_records(folder / "log")
        yield Recorded(records, said(records), disk)


def test_a_record_that_a_kill_has_torn_is_cut_off(recorded: Recorded, tmp_path: Path) -> None:
    log = tmp_path / "log"
    first, second = recorded.records[:2]
    parts = [
        struct.pack("=qqqq", ord(r.kind), len(os.fsencode(r.path)), len(r.data), r.number) for r in (first, second)
    ]
    whole = parts[0] + os.fsencode(first.path) + first.data
    for torn in (b"", parts[1][:7], parts[1], parts[1] + os.fsencode(second.path)[:-1]):
        log.write_bytes(whole + torn)
        drop_torn(log)
        assert (log.read_bytes(), read_records(log)) == (whole, [first])


def test_the_record_shows_what_the_gateway_has_done(recorded: Recorded) -> None:
    kinds = {record.kind for record in recorded.records}
    assert kinds >= set("CDWSU<>")
    assert sum(one.acknowledged is not None for one in recorded.said) > TELEGRAMS
    assert sum("/_posting/" in one.published.topic for one in recorded.said if one.published) > TELEGRAMS
    back = [r for r in recorded.records if r.kind == "W" and r.path.endswith("journal.sqlite")]
    assert len(back) > 1000, "the journal's log was written back"


def test_without_a_power_cut_the_record_gives_the_files_as_they_are(recorded: Recorded, tmp_path: Path) -> None:
    disk = Disk(recorded.disk)
    for record in recorded.records:
        disk.play(record)
    disk.leave(tmp_path)
    for name in ("journal.sqlite", "ledger.sqlite"):
        assert (tmp_path / "data" / name).read_bytes() == (recorded.disk / "data" / name).read_bytes(), name


@pytest.mark.parametrize("number", range(CUTS))
def test_what_was_told_is_there_after_a_power_cut(number: int, recorded: Recorded, tmp_path: Path) -> None:
    chance = random.Random(SEED * 1_000_003 + number)
    places = [one.at for one in recorded.said if one.acknowledged or _told(one)]
    cut = chance.choice([chance.choice(places) + 1, chance.randrange(len(recorded.records))])
    disk = Disk(recorded.disk)
    for record in recorded.records[:cut]:
        disk.play(record)
    disk.cut(chance, tmp_path)
    known = [one for one in recorded.said if one.at < cut]
    acknowledged = {(one.acknowledged.topic, one.acknowledged.payload) for one in known if one.acknowledged}
    told = {number for one in known for number in _told(one)}
    _check(
        tmp_path / "data", {said for said in acknowledged if said[0].endswith(("pumps/count", "scanner/scan"))}, told
    )


def _told(one: Said) -> list[int]:
    """Return the document that a publication tells of."""
    if one.published is None or not ("/_posting/" in one.published.topic or one.published.topic.endswith("/feedback")):
        return []
    document = json.loads(one.published.payload)["data"].get("document")
    return [int(document)] if document else []


def _check(data: Path, acknowledged: set[tuple[str, bytes]], told: set[int]) -> None:
    """Open what is left with the gateway's own code, and hold it against what the world has been told."""
    settings = Settings(gateway=GatewaySection(data_dir=data), mqtt=MqttSection(), journal=JournalSection(min_free=0))
    if not (data / "journal.sqlite").exists():
        assert not acknowledged, f"{len(acknowledged)} messages were acknowledged, and the journal is gone"
        assert not told
        return
    with Journal.open(settings.journal_path) as journal:
        stored = {
            (entry.topic, entry.payload)
            for number in range(journal.last)
            for batch in journal.read(number, 1)
            for entry in batch.entries
        }
    lost = {(topic, payload[:80]) for topic, payload in acknowledged} - {(topic, p[:80]) for topic, p in stored}
    assert not lost, f"acknowledged, and not in the journal: {sorted(lost)[:3]}"
    if (data / "ledger.sqlite").exists():
        Ledger.open(settings.database_url, gateway="gw1", create=True).close()
        with reading(settings.database_url) as ledger:
            assert told <= set(ledger.scalars(select(t.documents.c.number)))
            assert [result for result in audit(ledger) if not result.ok] == []
    else:
        assert not told, f"documents {sorted(told)} were told, and the ledger is gone"
    with open_pump(settings):
        pass
    with reading(settings.database_url) as ledger:
        assert [result for result in audit(ledger) if not result.ok] == []
    shutil.rmtree(data)
