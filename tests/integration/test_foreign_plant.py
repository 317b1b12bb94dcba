"""Issue: a plant that is described by configuration alone, with a machine of each publisher, over a real broker."""

import asyncio
import json
import random
import tomllib
from pathlib import Path
from typing import Any

from sqlalchemy import select

from devices.decoders.foreign.sparkplug import metric_of, payload_of
from devices.simulators import BrokerAccess, ForeignPlant
from devices.simulators.publishers import PUBLISHERS
from gateway.backflush.values.quantities import MICRO
from gateway.ledger.database import tables as t
from gateway.masterdata.files.read import read_tables
from gateway.masterdata.tables import Tables, dump_tables
from gateway.service.local.dry_run import Shadow
from gateway.settings import load_settings
from tests.integration.cli_program import SHIPPED, Commands, Program
from tests.integration.gateway_process import GatewayProcess, until
from tests.servers import Mosquitto

FOREIGN = Path(__file__).parents[2] / "gateway" / "cli" / "run" / "foreign"
LABEL = "]C10102000000000015" + "21"
KILLS = 4


def sources() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = tomllib.loads((FOREIGN / "sources.toml").read_text(encoding="utf-8"))["source"]
    return found


def test_a_plant_of_all_publishers_posts_what_it_made_however_often_the_gateway_is_killed(mosquitto: Mosquitto) -> None:
    plant, chance = ForeignPlant(list(PUBLISHERS), LABEL, 5.0, 7), random.Random(7)
    broker = BrokerAccess(url=mosquitto.url, client_id="machines")

    async def produce(gateway: GatewayProcess) -> None:
        publishing = asyncio.create_task(plant.run(broker, seconds=8))
        while gateway.kills < KILLS or not publishing.done():
            await asyncio.sleep(chance.uniform(0.5, 3.0))
            gateway.kill()
            gateway.start()
        await publishing
        await asyncio.to_thread(gateway.ready)
        assert await plant.settle(150) == 0, "the host application is online"

    def lines(gateway: GatewayProcess) -> dict[str, tuple[int, int]]:
        columns = t.lines.c
        with gateway.ledger() as connection:
            found = connection.execute(select(columns.line, columns.posted, columns.scrap)).all()
        return {line: (posted // MICRO, scrap // MICRO) for line, posted, scrap in found if posted}

    with GatewayProcess(mosquitto.url, source=sources()) as gateway:
        tables = read_tables(FOREIGN / "plant.yaml")
        assert isinstance(tables, Tables)
        gateway.import_tables(dump_tables(tables))
        gateway.start().ready()
        asyncio.run(produce(gateway))
        made = {machine.machine: (machine.good + machine.scrap, machine.scrap) for machine in plant.truth()}
        assert all(pieces > 0 for pieces, _ in made.values())
        until(lambda: lines(gateway) == made, lambda: f"{made} made, {lines(gateway)} posted\n{gateway.log}")
        assert gateway.stop() == 0
        gateway.audit()
        assert gateway.backflush("audit", "--deep")["audit"] == "ok"


def test_the_demo_runs_it_and_reads_what_was_made(tmp_path: Path, mosquitto: Mosquitto) -> None:
    words = "demo", "--plant", "foreign", "--for", "4", "--seed", "3", "--json"
    for broker in ((), ("--mqtt", mosquitto.url)):
        said = Program(tmp_path)(*words, *broker)
        assert said.status == 0, said.err
        assert said.json["read"] == said.json["truth"] > 0
        assert (said.json["audit"], said.json["unanswered"], said.json["quarantined"]) == ("ok", 0, 0)


def test_listen_says_what_messages_would_become_and_writes_sources_that_check_reads(
    tmp_path: Path, mosquitto: Mosquitto
) -> None:
    backflush = Program(tmp_path, MQTT__URL=mosquitto.url)
    assert backflush("masterdata", "import", str(FOREIGN / "plant.yaml")).status == 0
    plant = ForeignPlant(["tasmota", "zigbee2mqtt", "umh"], LABEL, 20.0, 7)

    def hear(*words: str) -> list[dict[str, Any]]:
        with backflush.running("listen", *words, "--messages", "60", "--json", until="listening") as ears:
            asyncio.run(plant.run(BrokerAccess(url=mosquitto.url, client_id="machines"), seconds=6))
            told, errors = ears.communicate(timeout=150)
            assert ears.returncode == 0, errors
        return [json.loads(line) for line in told.splitlines()]

    first = tmp_path / "first.toml"
    unknown = hear("#", "--write", str(first))
    assert {said["outcome"] for said in unknown} == {"no source"}
    assert any(said["why"].startswith("tasmota, because its topic begins with tele") for said in unknown)
    assert {source["decoder"] for source in tomllib.loads(first.read_text())["source"]} == {
        "tasmota",
        "zigbee2mqtt",
        "umh",
    }
    checked = backflush("check", "-c", str(first))
    assert checked.status == 0, checked.err
    assert "device 'tasmota-C1' is not in the master data" in checked.out + checked.err

    config = tmp_path / "gateway.toml"
    config.write_text((FOREIGN / "sources.toml").read_text(encoding="utf-8"), encoding="utf-8")
    known = hear("-c", str(config))
    assert {said["outcome"] for said in known} >= {"counted", "heartbeat"}
    assert not any(said["outcome"] in ("no source", "quarantine") for said in known)
    assert any("m-tasmota: good" in line for said in known for line in said["reading"])
    assert backflush("report", "documents", "--json").json == []


def test_listen_says_as_rarely_as_the_gateway_asks_that_an_edge_node_is_asked_for_its_births(tmp_path: Path) -> None:
    assert Commands(tmp_path)("masterdata", "import", str(FOREIGN / "plant.yaml")).status == 0
    config = tmp_path / "gateway.toml"
    config.write_text(config.read_text() + (FOREIGN / "sources.toml").read_text())
    shadow = Shadow(load_settings(config))
    payload = payload_of([metric_of("", 7, value=5, now=0)], 0, 0)
    heard = [shadow.hear("spBv1.0/G/NDATA/N1", payload, retain=False)["reading"] for _ in range(2)]
    assert ["G/N1 is asked for its births" in lines for lines in heard] == [True, False]


def test_check_warns_of_scanners_whose_scans_may_have_no_name_and_proglove_always_names_its_own(tmp_path: Path) -> None:
    rows = [f'map = [{{ device = "{name}", tag = "{name}" }}' for name in ("s-roaming", "s-L04-0020")]
    both = f"{rows[0]}, {rows[1].removeprefix('map = [')}"
    for mapped, warned in ((rows[0], ["1 scanner, s-L04-0020 first"]), (both, [])):
        file = tmp_path / "gateway.toml"
        file.write_text(f'[[source]]\nfilter = "proglove/#"\ndecoder = "proglove"\n{mapped}]\n')
        said = Program(tmp_path)("check", str(SHIPPED), "-c", str(file), "--json")
        found = [each for each in said.json["findings"] if each["field"] == "posting.duplicate_window_s"]
        assert [finding["text"].partition(":")[0] for finding in found] == warned
