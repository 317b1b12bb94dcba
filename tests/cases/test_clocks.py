"""A gateway whose clock is wrong: for moments while it runs, before its start, or beside another gateway."""

from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import select

from gateway.ledger.database import tables as t
from tests.cases.rig import Rig, until
from tests.cases.test_read_back import SMALL
from tests.integration.gateway_process import GatewayProcess
from tests.servers import Postgres
from tests.simulation.shim import Shim

DAY_S = 86_400
PLAIN = {"devices": "device plant line kind first\n c2 1000 L1 counter zero"}
"""A counter that says no time."""


def clock_of(gateway: GatewayProcess) -> Shim:
    """Give a gateway that is to be started a clock that can be wrong."""
    shim = Shim(gateway.folder / "shim", gateway.data)
    gateway.environment = shim.environment
    return shim


def days_off(rig: Rig) -> list[int]:
    """Return by how many days the documents are dated ahead of now; a night shift and a zone are none."""
    documents = sorted(rig.documents(), key=lambda document: str(document["document"]))
    dates = (date.fromisoformat(document["posting_date"]) for document in documents)
    off = [(dated - datetime.now(UTC).date()).days for dated in dates]
    return [next((steps for steps in (0, 400) if abs(days - steps) <= 1), days) for days in off]


def said(rig: Rig, total: int) -> None:
    """Have a counter say its time, and the other one none."""
    rig.count("c1", {"good": total, "seq": total, "boot": "a", "ts": datetime.now(UTC).isoformat()[:23] + "Z"})
    rig.count("c2", total)
    rig.settle()


def test_steps_of_a_clock_that_are_taken_back_change_no_date_and_blame_no_device() -> None:
    """H3, clock."""
    with Rig(SMALL, more=PLAIN) as rig:
        clock = clock_of(rig.gateway)
        rig.start()
        for total, days in enumerate((0, 3, 0, -3, 0, 400, 0, 3650, -20_000, 0), 1):
            clock.clock(days * DAY_S)
            said(rig, total)
            if days > 365:
                rig.monitor.wait("bf/v1/_gateway/gw1/alert/clock-step")
        assert days_off(rig) == [0] * 20
        assert not {"clock-skew", "silent"} & {alert["id"] for alert in rig.alerts()}
        rig.gateway.kill()
        said(rig.start(), 11)
        assert days_off(rig) == [0] * 22
        assert rig.stock()["P FG"] == 22
        rig.audit()


def test_a_journal_ahead_of_the_clock_is_told_and_follows_it_by_a_command_while_the_gateway_is_stopped() -> None:
    """H3: the clock was ahead before the start."""
    with Rig(SMALL, more=PLAIN) as rig:
        clock = clock_of(rig.gateway)
        clock.clock(400 * DAY_S)
        said(rig.start(), 1)
        assert rig.gateway.stop() == 0
        assert days_off(rig) == [400, 400]
        clock.clock(0)
        found = rig.backflush("doctor")
        assert "ahead of this machine's clock" in found.out
        rig.gateway.start().ready("degraded")
        told = rig.monitor.wait("bf/v1/_gateway/gw1/alert/journal-ahead")
        assert "this machine's clock says" in told.body["text"]
        said(rig, 2)
        assert days_off(rig) == [400, 400, 0, 400], "who says a time that agrees with the clock is believed at once"
        assert rig.gateway.stop() == 0
        rig.done("work")
        said(rig.start(), 3)
        assert days_off(rig)[4:] == [0, 0]
        assert "journal-ahead" not in {alert["id"] for alert in rig.alerts()}
        rig.audit()


def test_a_standby_takes_over_from_the_dead_and_from_no_other_whatever_the_clocks_say() -> None:
    """H3, clock_lease: the owner's clock is ahead, then that of the one that waits."""
    settings: dict[str, Any] = {"standby": True, "lease_s": 3}
    with Postgres() as postgres:
        url = postgres.fresh_url()
        with (
            Rig(SMALL, database=url, gateway="gw1", **settings) as rig,
            GatewayProcess(rig.broker, database=url, gateway="gw1", **settings) as second,
            GatewayProcess(rig.broker, database=url, gateway="gw1", **settings) as third,
        ):
            clock_of(rig.gateway).clock(400 * DAY_S)
            rig.start()
            second.start()
            until(lambda: "standby" in second.log, lambda: second.log)
            rig.gateway.kill()
            second.ready()
            clock_of(third).clock(400 * DAY_S)
            third.start()
            until(lambda: "standby" in third.log, lambda: third.log)
            ends: set[int] = set()

            def renewed() -> bool:
                with second.ledger() as ledger:
                    ends.update(ledger.scalars(select(t.leases.c.until)))
                return len(ends) > 4

            until(renewed, lambda: second.log)
            assert second.runs, second.log
            assert "is ready" not in third.log
            second.kill()
            third.ready()
            assert third.stop() == 0
