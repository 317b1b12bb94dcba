"""A command does the same whether it goes to the running gateway or finds none running, and once however often."""

import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Table, select

from gateway.ledger.database import tables as t
from tests.integration.gateway_process import GatewayProcess, until
from tests.integration.monitor import Monitor
from tests.integration.plant import booked, shop, tables
from tests.servers import Mosquitto, Postgres

Ask = Callable[..., dict[str, Any]]

L08 = ("c-L08,1000,L08,,counter,good,native,,60000,quarantine,zero,,",)
VERSION = ("1000,CABLE-15,0006,1,1,L08,2026-01-01,,,,SF01,,no",)
COMPARED: dict[Table, frozenset[str]] = {
    t.documents: frozenset({"entered_at", "cause"}),
    t.confirmations: frozenset(),
    t.material_items: frozenset(),
    t.activity_items: frozenset(),
    t.reductions: frozenset(),
    t.worklist_rows: frozenset(),
    t.marks: frozenset(),
    t.flow_segments: frozenset(),
    t.backlog: frozenset({"created_at"}),
    t.stock: frozenset(),
    t.statistics: frozenset(),
    t.collectors: frozenset(),
    t.periods: frozenset(),
    t.orders: frozenset(),
    t.quarantine: frozenset({"entry", "at", "topic"}),
    t.lines: frozenset({"last_at"}),
}
"""What two runs of the same commands must agree on, and the columns that say when."""


def content(gateway: GatewayProcess) -> dict[str, list[tuple[Any, ...]]]:
    with gateway.ledger() as connection:
        return {
            table.name: [
                tuple(row)
                for row in connection.execute(
                    select(*(column for column in table.c if column.name not in left_out)).order_by(*table.primary_key)
                )
            ]
            for table, left_out in COMPARED.items()
        }


def last_document(gateway: GatewayProcess, line: str) -> str:
    with gateway.ledger() as connection:
        found = select(t.documents.c.number).where(t.documents.c.line == line).order_by(t.documents.c.number.desc())
        return f"{connection.scalar(found.limit(1)):010d}"


def script(gateway: GatewayProcess, ask: Ask, more_stock: bytes, at: str) -> list[dict[str, Any]]:
    """Post, reverse, work off, retry, close a period, replay: each answer, in order."""
    answers: list[dict[str, Any]] = []

    def said(verb: str, data: dict[str, Any], **where: str) -> dict[str, Any]:
        answer = ask(verb, data, **{"transaction": f"a{len(answers)}", **where})
        answers.append(answer)
        return answer

    cable = {"type": "assembly", "material": "CABLE-15", "quantity": "100", "at": at}
    said("post", cable, plant="1000", line="L05", transaction="p1")
    document = last_document(gateway, "L05")
    said("post", cable, plant="1000", line="L05", transaction="p1")
    said("post", {**cable, "quantity": "101"}, plant="1000", line="L05", transaction="p1")
    said("post", {**cable, "type": "scrap", "quantity": "3", "scrap_reason": "03"}, plant="1000", line="L05")
    said("post", {**cable, "material": "NOTHING"}, plant="1000", line="L05")
    said("post", {"type": "point", "point": "0010", "quantity": "50010", "at": at}, plant="1000", line="L04")
    said("post", {"type": "assembly", "quantity": "10", "at": at}, plant="1000", line="L01")
    said("work", {}, plant="1000", line="L01", transaction="w1")
    said("work", {}, plant="1000", line="L01", transaction="w1")
    said("work", {}, plant="1000", line="L01", transaction="w2")
    said("reverse", {"document": document, "quantity": "40"}, reason="miscounted", transaction="r1")
    said("reverse", {"document": document, "quantity": "40"}, reason="miscounted", transaction="r1")
    said("reverse", {"document": document}, reason="all of it", transaction="r2")
    said("reverse", {"document": document}, reason="once more", transaction="r3")
    said("reverse", {"document": "0000999999"}, reason="unknown")
    said("backlog-retry", {}, plant="1000", line="L04")
    gateway.import_tables(more_stock)
    said("backlog-retry", {}, plant="1000", line="L04", transaction="b1")
    said("backlog-retry", {}, plant="1000", line="L04", transaction="b1")
    said("quarantine-replay", {"numbers": ["0000000001"]}, transaction="q1")
    said("quarantine-replay", {"numbers": ["0000000001"]}, transaction="q1")
    said("quarantine-replay", {"numbers": ["0000000001"]}, transaction="q2")
    said("quarantine-dismiss", {"numbers": ["0000000002"]}, reason="garbage")
    said("period", {"period": "2026-01", "closed": True}, plant="1000")
    said("period", {"period": "2026-1", "closed": True}, plant="1000")
    return answers


def test_commands_do_the_same_with_a_gateway_running_and_without(
    database: str, tmp_path: Path, mosquitto: Mosquitto, postgres: Postgres
) -> None:
    at = (datetime.now(UTC) - timedelta(hours=1)).isoformat()
    first = tables(shop(tmp_path / "shop", devices=L08))
    corrected = shop(tmp_path / "more", devices=L08, production_versions=VERSION)
    stock = corrected / "opening_stock.csv"
    stock.write_text(stock.read_text().replace("STATOR-24,CAGE,50000", "STATOR-24,CAGE,50020"))
    more_stock = tables(corrected)
    results = {}
    for way in ("running", "alone", "in turns"):
        url = postgres.fresh_url() if database == "postgresql" else ""
        chance = random.Random(5)
        # Each plant below a base of its own, since one broker serves all three.
        base = f"bf/{way.replace(' ', '-')}"
        with (
            Monitor(mosquitto) as monitor,
            GatewayProcess(mosquitto.url, database=url, mqtt={"base_topic": base, "client_id": base}) as gateway,
        ):

            def ask(
                verb: str,
                data: dict[str, Any],
                *,
                gateway: GatewayProcess = gateway,
                way: str = way,
                chance: random.Random = chance,
                **where: str,
            ) -> dict[str, Any]:
                if way == "in turns" and chance.random() < 0.5:
                    if gateway.runs:
                        assert gateway.stop() == 0
                    else:
                        gateway.start().ready()
                return gateway.ask(verb, data, **where)

            gateway.import_tables(first)
            gateway.start().ready()
            monitor.say(f"{base}/1000/L08/c-L08/count", "10")
            monitor.say(f"{base}/1000/L08/c-L08/count", "ten")
            until(lambda g=gateway: g.health()["quarantine"] == 2, gateway.health)  # type: ignore[misc]
            if way == "alone":
                assert gateway.stop() == 0
            answers = script(gateway, ask, more_stock, at)
            if gateway.runs:
                assert gateway.stop() == 0
            results[way] = answers, content(gateway)
            gateway.audit()
            with gateway.ledger() as connection:
                assert booked(connection)["L04/0010"] == (50_010, 0)

    answers, ledger = results["running"]
    for way in ("alone", "in turns"):
        assert results[way][0] == answers
        for name, rows in ledger.items():
            assert results[way][1][name] == rows, name
    refused = [number for number, answer in enumerate(answers) if answer["status"] != "ok"]
    assert [answers[number]["code"] for number in refused] == [
        "BF2006", "BF3011", "BF5002", "BF5001", "BF5008"
    ], answers  # fmt: skip
    repeated = [(0, 1), (7, 8), (10, 11), (16, 17), (18, 19)]
    assert all(answers[once] == answers[again] for once, again in repeated)
