"""A report reads those tables of the master data that it needs, and says what it says with all of them."""

import json
import shutil
import time
from pathlib import Path

from gateway.cli.shared.arguments import master_of
from gateway.ledger.database.connection import reading
from gateway.ledger.reports import day_curve, devices, present, produced, used
from gateway.service.tell.lines import lines_now
from tests.integration.cli_program import SHIPPED, Commands

NOW = 1_700_000_000_000_000
"""Before the day of the curve, as it is for the command."""
MORE = ("P-OPEN,1000,MOTOR-24,,,2099-01-05,2099-01-06,7,no", "P-CLOSED,1000,MOTOR-24,0001,L04,2099-01-05,,9,yes")


def test_a_report_that_reads_some_tables_says_what_it_says_with_all(tmp_path: Path) -> None:
    shutil.copytree(SHIPPED, tmp_path / "tables")
    orders = tmp_path / "tables" / "planned_orders.csv"
    head, *shipped = orders.read_text().splitlines()
    orders.write_text("\n".join([f"{head},closed", *(f"{row},no" for row in shipped), *MORE]))
    backflush = Commands(tmp_path / "data")
    assert backflush("init").status == 0
    assert backflush("masterdata", "import", str(tmp_path / "tables")).status == 0
    assert backflush("post", "1000/L04", "--material", "MOTOR-24", "--quantity", "5").status == 0
    with reading(f"sqlite:///{tmp_path}/data/ledger.sqlite") as connection:
        master = master_of(connection)
        expected = {
            "stock": present.stock(connection, master),
            "production": produced.sum_rows(produced.production(connection, master), "shift"),
            "statistics": used.statistics(connection, master),
            "curve 1000/L04 --date 2099-01-05": day_curve.curve(connection, master, "1000", "L04", "2099-01-05", NOW),
            "devices": devices.devices(connection, master),
            "lines": lines_now(connection, master, time.time_ns() // 1000),
        }
    assert sum(float(row["planned"] or 0) for row in expected["curve 1000/L04 --date 2099-01-05"]) > 0
    for words, records in expected.items():
        told = backflush("report", *words.split(), "--json")
        assert (words, timeless(told.json)) == (words, timeless(json.loads(json.dumps(records))))


def timeless(records: list[dict[str, object]]) -> list[dict[str, object]]:
    """Return records without what says when they were made."""
    return [{name: said for name, said in record.items() if name != "ts"} for record in records]
