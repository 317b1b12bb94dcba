"""What is changed in the ledger behind the program's back is found, and master data that was changed is not used."""

import sqlite3
from contextlib import closing

from tests.cases.rig import Rig, until
from tests.cases.test_read_back import SMALL


def test_a_bill_of_material_that_was_changed_by_sql_is_found_and_not_used() -> None:
    """f_master_tamper, H5."""
    with Rig(SMALL) as rig:
        rig.start().count("c1", 10)
        rig.settle()
        assert rig.gateway.stop() == 0
        with closing(sqlite3.connect(rig.gateway.data / "ledger.sqlite", isolation_level=None)) as ledger:
            [kept] = ledger.execute("SELECT sql FROM sqlite_master WHERE name = 'master_tables_no_update'").fetchone()
            ledger.execute("DROP TRIGGER master_tables_no_update")
            ledger.execute(
                "UPDATE master_tables SET content = CAST(replace(CAST(content AS text), ?, ?) AS blob)",
                ('"quantity":"0.25"', '"quantity":"0.75"'),
            )
            ledger.execute(kept)
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
