"""What is changed in the ledger behind the program's back is found, and master data that was changed is not used."""

import sqlite3
from contextlib import closing

import pytest

from tests.cases.rig import Rig, until
from tests.cases.test_read_back import SMALL


def change(rig: Rig, *statements: str) -> None:
    """Change the ledger and leave no trace of it at its triggers."""
    with closing(sqlite3.connect(rig.gateway.data / "ledger.sqlite", isolation_level=None)) as ledger:
        triggers = ledger.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
        for name, _ in triggers:
            ledger.execute(f"DROP TRIGGER {name}")
        for statement in statements:
            assert ledger.execute(statement).rowcount > 0, statement
        for _, kept in triggers:
            ledger.execute(kept)


def test_a_bill_of_material_that_was_changed_by_sql_is_found_and_not_used() -> None:
    """f_master_tamper, H5."""
    with Rig(SMALL) as rig:
        rig.start().count("c1", 10)
        rig.settle()
        assert rig.gateway.stop() == 0
        change(
            rig,
            """UPDATE master_tables SET content = CAST(
                   replace(CAST(content AS text), '"quantity":"0.25"', '"quantity":"0.75"') AS blob)""",
        )
        said = rig.backflush("audit")
        assert (said.status, "audit: BROKEN: master\n" in said.err) == (1, True), said.err
        looked = rig.backflush("doctor")
        assert (looked.status, "the master data in force is not what was imported" in looked.out) == (1, True), (
            looked.out
        )
        rig.gateway.start()
        until(lambda: "the master data in force is not what was imported" in rig.gateway.log, lambda: rig.gateway.log)
        rig.count("c1", 11)
        until(lambda: "alert journal" in rig.gateway.log, lambda: rig.gateway.log)
        assert "is ready" not in rig.gateway.log.rpartition("phase stopped")[2]
        rig.gateway.stop()
        [document] = rig.documents()
        assert document["currency"] == "", "nothing was posted by it, and no currency is taken from it"


@pytest.mark.parametrize(
    "statements",
    [
        (
            "INSERT INTO stock VALUES ('1000', 'A', 'FG', '', '', 1000000)",
            "INSERT INTO opening_stock VALUES ('1000', 'A', 'FG', '', '', 1000000)",
        ),
        (
            "UPDATE quarantine_folds SET messages = messages - 1",
            "UPDATE outcomes SET messages = messages - 1 WHERE outcome = 'quarantine'",
        ),
    ],
    ids=["stock", "messages"],
)
def test_changes_that_agree_with_each_other_are_found_by_the_journal(statements: tuple[str, ...]) -> None:
    """H5, tamper: no law of the ledger alone is broken by them."""
    with Rig(SMALL) as rig:
        rig.start().count("c1", 10)
        for _ in range(150):
            rig.say("bf/v1/1000/L1/flood/count", "x")
        rig.settle()
        assert rig.gateway.stop() == 0
        rig.audit()
        change(rig, *statements)
        said = rig.backflush("audit", "--deep")
        assert (said.status, "audit: BROKEN: fold\n" in said.err) == (1, True), said.err
