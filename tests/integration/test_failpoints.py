"""Promise 1: a real gateway is killed at every step from receipt to publish, and the ledger equals the truth.

One plant for all points: for each of them the gateway is started to die there, and devices go on meanwhile.
"""

import json
from pathlib import Path

import pytest
from sqlalchemy import func, select

from gateway.errors import Unavailable
from gateway.failpoints import PERMISSION, VARIABLE, Point
from gateway.ledger.database import tables as t
from tests.integration.gateway_process import GatewayProcess, until
from tests.integration.monitor import Monitor
from tests.servers import Mosquitto, Postgres
from tests.simulation.core_plant import tables

OF_THE_LEDGER = [point for point in Point if point.startswith(("commit", "cursor")) or point is Point.IMPORTED]
"""Those at which another database makes a difference."""
MICRO = 1_000_000


@pytest.mark.parametrize(("database", "points"), [("sqlite", list(Point)), ("postgresql", OF_THE_LEDGER)])
def test_a_gateway_that_is_killed_at_each_step_posts_what_was_made(
    database: str, points: list[Point], tmp_path: Path, mosquitto: Mosquitto, postgres: Postgres
) -> None:
    url = postgres.fresh_url() if database == "postgresql" else ""
    good = 0
    with (
        GatewayProcess(mosquitto.url, database=url, posting={"window": "reading"}) as gateway,
        Monitor(mosquitto) as devices,
    ):
        gateway.import_tables(tables(tmp_path / "first"))
        gateway.start().ready()
        gateway.kill()  # from now on the broker keeps what it cannot deliver
        for number, point in enumerate(points):
            for _ in range(3):
                good += number + 1
                devices.say("bf/v1/1000/L01/pumps/count", {"good": good, "boot": "a", "seq": good})
            devices.say("bf/v1/1000/L03/scanner/scan", {"id": f"scan-{number}", "data": "CARD"})
            gateway.environment = {VARIABLE: point, PERMISSION: "allowed"}
            gateway.start()
            if point is Point.IMPORTED:
                gateway.ready()
                with pytest.raises(Unavailable, match="went away"):
                    gateway.import_tables(tables(tmp_path / "more", glue="0.35"))
            assert gateway.ended() == -9, f"{point}\n{gateway.log}"
        gateway.environment = {}
        gateway.start().ready()
        gateway.caught_up()
        until(lambda: gateway.health()["outbox"] == 0, lambda: gateway.log)
        with gateway.ledger() as ledger:
            marks, documents, items = t.device_marks.c, t.documents.c, t.material_items.c
            received = select(func.sum(items.quantity)).where(items.process == "receipt")
            assert ledger.scalar(select(func.sum(marks.units)).where(marks.device == "pumps")) == good
            assert ledger.scalar(received.where(items.material == "PUMP")) == good * MICRO
            assert ledger.scalar(received.where(items.material == "CABLE")) == len(points) * MICRO
            scans = list(ledger.scalars(select(documents.reference).where(documents.reference.like("scan-%"))))
            assert sorted(scans) == sorted(f"scan-{number}" for number in range(len(points)))
            receipts = set(ledger.scalars(select(items.document).where(items.process == "receipt")))
        gateway.audit()
        told = [heard.body for heard in devices.on("bf/v1/1000/L01/_posting/receipt")]
        told += [heard.body for heard in devices.on("bf/v1/1000/L03/_posting/receipt")]
        contents = {(body["id"], json.dumps(body, sort_keys=True)) for body in told}
        assert len(contents) == len({body["id"] for body in told}), "an event came with two contents"
        assert {int(body["data"]["document"]) for body in told} == receipts
        assert gateway.stop() == 0
