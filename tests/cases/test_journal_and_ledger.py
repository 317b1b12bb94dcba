"""Nothing is acknowledged or promised before journal and ledger have proved in this life that they belong together."""

import shutil

from tests.cases.rig import BELL, Rig, until
from tests.cases.test_read_back import SMALL
from tests.integration.gateway_process import GatewayProcess
from tests.servers import Postgres


def _copy(gateway: GatewayProcess, source: str, target: str) -> None:
    for suffix in ("", "-wal", "-shm"):
        (gateway.data / f"{target}{suffix}").unlink(missing_ok=True)
        if (gateway.data / f"{source}{suffix}").exists():
            shutil.copy(gateway.data / f"{source}{suffix}", gateway.data / f"{target}{suffix}")


def test_an_older_journal_beside_a_ledger_that_is_away_at_the_start_takes_nothing() -> None:
    """H2, f_oldjournal."""
    with Postgres() as postgres, Rig(SMALL, database=postgres.fresh_url()) as rig:
        rig.start().count("c1", 1)
        rig.settle()
        assert rig.gateway.stop() == 0
        _copy(rig.gateway, "journal.sqlite", "older")
        rig.start().count("c1", 12)
        rig.settle()
        assert rig.gateway.stop() == 0
        _copy(rig.gateway, "older", "journal.sqlite")
        for words in (["audit"], ["audit", "--deep"], ["doctor"]):
            said = rig.backflush(*words)
            assert (said.status, "of this journal, which has" in said.out + said.err) == (1, True), words
        postgres.stop()
        rig.gateway.start()
        until(lambda: "alert ledger" in rig.gateway.log, lambda: rig.gateway.log)
        rig.say(rig.topic(BELL, "scan"), {"id": "x", "data": "BF:OPERATOR:anna"})
        told = rig.answer(BELL, "x")
        assert (told["result"], told["code"]) == ("nok", "BF9001"), "no promise"
        postgres.start()
        assert rig.gateway.ended() == 2
        assert "an older copy of it was restored" in rig.gateway.log


def test_what_came_before_the_ledger_was_seen_is_taken_as_soon_as_it_is() -> None:
    """H2: a ledger that is only late."""
    with Postgres() as postgres, Rig(SMALL, database=postgres.fresh_url()) as rig:
        postgres.stop()
        rig.gateway.start()
        until(lambda: "alert ledger" in rig.gateway.log, lambda: rig.gateway.log)

        def is_heard() -> bool:
            rig.count("c1", 7)  # again and again: nobody says when the gateway has subscribed
            return "alert journal" in rig.gateway.log

        until(is_heard, lambda: rig.gateway.log)
        postgres.start()
        rig.gateway.ready()
        rig.settle()
        assert rig.stock()["P FG"] == 7
