"""The answers of the simulated core, held against what they say was done."""

from sqlalchemy import Connection, func, select

from gateway.ledger.database import tables as t
from tests.simulation.core_plant import Asker

OK = {"ok", "dup"}
"""What a scanner hears of a scan that was posted, be it the first time or not; a person only hears `ok`."""


def check_answers(ledger: Connection, asker: Asker, journaled: set[str]) -> None:
    """Hold each answer against what it says was done: each question once, however often it was asked.

    `journaled` are the scans that were taken.
    """
    columns = t.documents.c
    posted = select(columns.reference, func.count()).where(columns.reverses == 0).group_by(columns.reference)
    found = {name: many for name, many in ledger.execute(posted) if name.startswith(("scan", "post"))}
    done = {name for name, answer in asker.answers.items() if {answer.get("result"), answer.get("status")} & OK}
    once = dict.fromkeys((name for name in done if name.startswith(("scan", "post"))), 1)
    # The broker may have delivered it again, or had it twice, before its sender was told to make it anew.
    once |= dict.fromkeys(asker.given_up & found.keys() & journaled, 1)
    assert found == once, f"documents {found}, answers {once}"
    reversals = ledger.scalar(select(func.count()).where(columns.reverses != 0))
    assert reversals == sum(name.startswith("reverse") for name in done), f"{reversals} reversals, {done}"
