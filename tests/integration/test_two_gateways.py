"""Promise 19: gateways share a ledger line by line, and two instances never both post."""

import asyncio
import signal
from collections.abc import Sequence
from os import kill
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from devices.simulators import BrokerAccess, SimulatedPlant
from gateway.backflush.values.quantities import MICRO
from gateway.ledger.database import tables as t
from gateway.service.local.submission import open_pump, system_clock
from tests.integration.gateway_process import GatewayProcess, until
from tests.integration.monitor import Monitor
from tests.integration.plant import (
    BAD_NETWORK,
    SCANNERS,
    booked,
    counters,
    expected,
    figures,
    in_windows,
    scanners,
    stocked,
)
from tests.integration.shared_ledger import CABLE, FEEDBACK, SCAN, assert_truth, produced
from tests.servers import Mosquitto

LEASE_S = 30


def issued(gateway: GatewayProcess, component: str) -> int:
    """Sum what was issued of a component that is counted in pieces."""
    items = t.material_items.c
    with gateway.ledger() as connection:
        found = select(func.sum(items.quantity)).where(items.material == component, items.movement == "261")
        return -int(connection.scalar(found) or 0) // MICRO


def test_two_gateways_post_side_by_side_on_shared_components(url: str, tmp_path: Path, mosquitto: Mosquitto) -> None:
    mine, theirs = ("L01", "L02", "L03"), ("L04", "L05", "L06")
    plant = SimulatedPlant([*counters(), *scanners(rate_per_s=0.5)], BAD_NETWORK, 11)

    def owner(name: str, lines: Sequence[str]) -> GatewayProcess:
        return GatewayProcess(
            mosquitto.url,
            database=url,
            gateway=name,
            lines=[f"1000/{line}" for line in lines],
            posting={"worklist": "1s"},
        )

    async def produce() -> None:
        await plant.run(BrokerAccess(url=mosquitto.url), seconds=6, rate=500)
        assert await plant.settle() == 0, "every scan is answered"

    with owner("gw1", mine) as one, owner("gw2", theirs) as other:
        stocked(one, tmp_path / "shop", devices=SCANNERS)
        one.start()
        other.start()
        one.ready()
        other.ready()
        asyncio.run(produce())
        made = expected(plant.truth())
        everything = sum(units.good + units.scrap for units in made.values())

        def settled() -> bool:
            with one.ledger() as connection:
                return figures(connection).read == everything and not in_windows(connection, "timed")

        for gateway in (one, other):
            gateway.caught_up()
        until(settled, lambda: f"{everything} made\n{one.log}\n{other.log}")
        with one.ledger() as connection:
            assert booked(connection) == made
            writers = {number // 10**10 for number in connection.scalars(select(t.documents.c.number))}
        assert writers == {0, 1}

        # Both post the issue of O-rings: one at each housing, two in the seals of each pump.
        housings, pumps = made["L01"], made["L06"]
        rings = sum(housings) + 2 * sum(pumps)
        until(lambda: issued(one, "ORING-40") == rings, lambda: f"{rings} needed, {issued(one, 'ORING-40')} issued")
        assert (one.stop(), other.stop()) == (0, 0)
        one.audit()


def test_a_line_that_another_gateway_owns_is_refused(url: str, tmp_path: Path, mosquitto: Mosquitto) -> None:
    with (
        GatewayProcess(mosquitto.url, database=url, gateway="gw1", lines=["1000/*"]) as first,
        GatewayProcess(mosquitto.url, database=url, gateway="gw2", lines=["1000/L05"]) as second,
    ):
        stocked(first, tmp_path / "shop").start().ready()
        assert second.start().ended() == 3
        assert 'the lines "1000/*" belong to gateway "gw1"; its lease ends in' in second.log
        assert "Traceback" not in second.log
        assert first.stop() == 0
        # Who ends in good order gives its lines back at once.
        assert second.start().ready().stop() == 0


def test_the_same_gateway_does_not_start_twice_on_its_journal(mosquitto: Mosquitto) -> None:
    with GatewayProcess(mosquitto.url) as gateway, GatewayProcess(mosquitto.url, data=gateway.data) as twin:
        gateway.start().ready()
        assert twin.start().ended() == 3
        assert "there can be only one" in twin.log
        assert gateway.ready().stop() == 0


def test_who_was_away_longer_than_its_lease_posts_nothing(url: str, tmp_path: Path, mosquitto: Mosquitto) -> None:
    with (
        Monitor(mosquitto) as monitor,
        GatewayProcess(mosquitto.url, database=url, gateway="gw1") as away,
        GatewayProcess(mosquitto.url, database=url, gateway="gw2") as successor,
    ):
        stocked(away, tmp_path / "shop", devices=SCANNERS).start().ready()
        monitor.say(SCAN, {"id": "first", "data": CABLE})
        monitor.wait(FEEDBACK, lambda heard: heard.body["ref"] == "first")

        kill(away.pid, signal.SIGSTOP)
        with open_pump(successor.settings, lambda: system_clock() + LEASE_S * 1_000_000 + 1_000_000):
            # The lease has run out by the clock of whoever takes over.
            pass
        monitor.say(SCAN, {"id": "second", "data": CABLE})
        kill(away.pid, signal.SIGCONT)
        assert away.ended() == 3
        assert "gw2" in away.log or "taken over" in away.log
        state = "bf/v1/_gateway/gw1/state"
        monitor.wait(state, lambda heard: heard.body == {"state": "offline"})
        told = {heard.body.get("phase") for heard in monitor.on(state)}
        assert told.isdisjoint({"draining", "stopped"}), "it has not ended in good order"

        with successor.ledger() as connection:
            assert booked(connection) == {"L05": (1, 0)}
        # What it had received stands in its journal, and counts once it may write again.
        away.start().ready()
        away.caught_up()
        assert away.stop() == 0
        with away.ledger() as connection:
            assert booked(connection) == {"L05": (2, 0)}
        away.audit()


def test_an_import_of_one_gateway_is_in_force_for_the_others_next_message_and_commands_go_to_the_owner_of_a_line(
    url: str, tmp_path: Path, mosquitto: Mosquitto
) -> None:
    with (
        GatewayProcess(mosquitto.url, database=url, gateway="gw1", lines=["1000/L01"]) as one,
        GatewayProcess(mosquitto.url, database=url, gateway="gw2", lines=["1000/L05", "1000/L06"]) as other,
        Monitor(mosquitto, "bf/v1/1000/L05/+/feedback") as monitor,
    ):
        stocked(one, tmp_path / "plain", devices=SCANNERS).start().ready()
        other.start().ready()
        for number in range(5):
            mine = f"bf/v1/1000/L05/new-{number}"
            adopted = {"op": "adopt", "new": f"new-{number}", "kind": "scanner", "like": "s-L05"}
            assert one.ask("devices", adopted, plant="1000", line="L05", reason="a second gate")["status"] == "ok"
            monitor.say(f"{mine}/scan", {"data": CABLE, "id": "first"})
            told = monitor.wait(f"{mine}/feedback", lambda heard: heard.body["result"] != "queued").body
            assert told["result"] == "ok", told

        refused = one.ask("run-start", plant="1000", line="L06", data={"material": "CABLE-15", "version": "0001"})
        assert (refused["status"], refused["code"]) == ("error", "BF5007")
        assert "L06 is not of this gateway" in refused["text"]


def test_what_one_gateway_closes_is_closed_for_the_other_and_a_roaming_scan_is_posted_by_the_owner_of_its_line_alone(
    url: str, tmp_path: Path, mosquitto: Mosquitto
) -> None:
    roams = "bf/v1/1000/_/s-roaming"
    with (
        GatewayProcess(mosquitto.url, database=url, gateway="gw1", lines=["1000/_"]) as one,
        GatewayProcess(mosquitto.url, database=url, gateway="gw2", lines=["1000/L05"]) as other,
        Monitor(mosquitto, FEEDBACK, f"{roams}/feedback") as monitor,
    ):
        stocked(one, tmp_path / "shop", devices=SCANNERS).start().ready()
        other.start().ready()

        def scan(prefix: str, ref: str, data: str) -> dict[str, Any]:
            monitor.say(f"{prefix}/scan", {"id": ref, "data": data})
            wanted = lambda heard: heard.body["ref"] == ref and heard.body["result"] != "queued"  # noqa: E731
            return monitor.wait(f"{prefix}/feedback", wanted).body

        scan(roams, "card", "BF:LINE:1000:L05")
        told = scan(roams, "label", CABLE)
        assert (told["result"], told["code"]) == ("nok", "BF5007")
        with other.ledger() as connection:
            assert booked(connection) == {}
            number = connection.scalar(select(t.quarantine.c.number).where(t.quarantine.c.code == "BF5007"))
        assert other.ask("quarantine-replay", {"numbers": [number]})["status"] == "ok"
        with other.ledger() as connection:
            assert booked(connection) == {"L05": (1, 0)}

        assert scan(FEEDBACK.removesuffix("/feedback"), "junk", "nobody knows it")["result"] == "nok"
        with other.ledger() as connection:
            junk = connection.scalar(select(t.quarantine.c.number).where(t.quarantine.c.state == "open"))
        codes = [each.ask("quarantine-dismiss", {"numbers": [junk]}, reason="junk")["code"] for each in (one, other)]
        assert codes == ["BF5007", "BF0000"]

        newest = select(t.documents.c.posting_date).order_by(t.documents.c.number.desc()).limit(1)
        with other.ledger() as connection:  # the month of the shift, which may have begun before midnight
            month = connection.execute(newest).scalar_one()[:7]
        assert one.ask("period", {"period": month, "closed": True, "force": True}, plant="1000")["status"] == "ok"
        assert scan(FEEDBACK.removesuffix("/feedback"), "late", CABLE)["result"] == "ok"
        with other.ledger() as connection:
            posted = connection.execute(newest).scalar_one()
        assert posted[:7] > month, "at the first day of the next open period"
        assert (one.stop(), other.stop()) == (0, 0)
        one.audit()


def test_sigterm_under_load_ends_in_good_order_and_loses_nothing(tmp_path: Path, mosquitto: Mosquitto) -> None:
    plant = SimulatedPlant([*counters(rate_per_s=200), *scanners(rate_per_s=2)], BAD_NETWORK, 29)
    with Monitor(mosquitto, "bf/v1/_gateway/gw1/state") as monitor, GatewayProcess(mosquitto.url) as gateway:
        stocked(gateway, tmp_path / "shop", devices=SCANNERS).start().ready()
        heads: list[int] = []

        def terminate() -> None:
            assert gateway.stop() == 0
            said = [heard.body.get("phase") for heard in monitor.on("bf/v1/_gateway/gw1/state")]
            assert said[-2:] == ["draining", "stopped"]
            with gateway.ledger() as connection:
                assert list(connection.scalars(select(t.leases.c.until))) == [0], "the lines are given back"
                heads.append(connection.scalar(select(t.heads.c.journal_offset)) or 0)
            gateway.start().ready()

        produced(mosquitto, plant, terminate)
        assert heads[0] > 0
        assert "Traceback" not in gateway.log
        assert_truth(gateway, plant)
        assert gateway.stop() == 0
        gateway.audit()
