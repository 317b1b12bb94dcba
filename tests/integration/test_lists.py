"""Lists of what stands beside the documents: orders, devices, lines, as both databases give them."""

import pytest

from gateway.ledger import lists
from gateway.service.lines import lines_now
from tests.integration.stored_plant import SECOND, START, busy_ledger, master_data, reader
from tests.integration.test_reports import table
from tests.servers import Postgres

NOW = START + 90 * SECOND


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, postgres: Postgres) -> str:
    """Offer one busy ledger on each database; nobody changes it."""
    return busy_ledger(request.param, tmp_path_factory.mktemp("lists"), postgres)


def test_devices_show_their_marks_and_whether_they_are_there(url: str) -> None:
    with reader(url) as connection:
        found = lists.devices(connection, master_data(), device="C1")
        told = lists.devices(connection, master_data())
        names = {record["device"] for record in told if record["heard_at"] or record["state"] != "unknown"}
    assert table(found, "device", "state", "boot", "kind", "total", "units") == [
        "C1 online a good 12 12",
        "C1 online a scrap 3 3",
        "C1 online a scrap DENT 2 0",
        "C1 online b good 9 9",
    ]
    assert names == {"C1", "C9", "P1", "P2", "S1", "W3"}
    assert {record["device"] for record in told} == names | master_data().devices.keys(), "the silent ones as well"
    assert table(found, "plant", "line", "point", "role", "disabled", "quarantine")[0] == "1000 L1  good False 0"


def test_orders_tell_what_is_open(url: str) -> None:
    with reader(url) as connection:
        found = lists.orders(connection, master_data(), line="1000/L1")
        newest = lists.orders(connection, master_data(), line="1000/L1", limit=1)
        still_open = lists.orders(connection, master_data(), open_only=True, material="FG")
    assert table(found, "order", "start", "quantity", "reduced", "open") == [
        "PO1 2026-03-16 30 25 5",
        "PO2 2026-03-18 100 0 100",
    ]
    assert (found[0]["points"], found[0]["used"]) == ({"final": "30"}, {})
    needs = ("component", "quantity", "open", "unit")
    assert table(found[0]["components"], *needs) == ["A 60 0 PC", "B 9.999 0 KG", "SCARCE 30 0 PC"]
    assert table(found[1]["components"], *needs) == ["A 200 198 PC", "B 33.33 32.997 KG", "SCARCE 100 99 PC"]
    assert (table(newest, "order"), table(still_open, "order")) == (["PO2"], ["PO1", "PO2"])


def test_the_figures_of_a_line_add_up(url: str) -> None:
    with reader(url) as connection:
        found = lines_now(connection, master_data(), NOW)
        one = lines_now(connection, master_data(), NOW, plant="1000", line="L2")
    assert table(found, "line", "read", "counted", "quarantined", "posted", "open", "scrap", "reversed") == [
        "L1 48 48 0 48 0 6 18",
        "L2 24 24 0 21 3 1 0",
        "L3 27 27 0 24 3 2 0",
        "L9 8 1 7 1 0 0 0",
    ]
    assert table(found, "documents", "worklist", "backlog", "last_document") == [
        "11 3 1 0000000017",
        "4 0 0 0000000021",
        "5 0 3 0000000020",
        "1 3 0 0000000018",
    ]
    assert table(one, "line") == ["L2"]
