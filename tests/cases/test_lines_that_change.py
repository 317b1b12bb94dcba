"""A line that is given to another gateway is heard and posted by that one alone, though the sessions are kept."""

import json
from pathlib import Path
from typing import Any

from sqlalchemy import select

from gateway.backflush.values.quantities import MICRO
from gateway.ledger.database import tables as t
from tests.integration.gateway_process import GatewayProcess, until
from tests.integration.monitor import Monitor
from tests.integration.plant import shop, stocked, tables
from tests.servers import Mosquitto


def test_a_line_that_was_given_to_another_gateway_is_posted_by_that_one_alone(tmp_path: Path) -> None:
    """t6, t6b: the session of the gateway that had the line is kept, with what it had subscribed to."""
    settings: dict[str, Any] = {"database": f"sqlite:///{tmp_path}/ledger.sqlite", "posting": {"window": "2s"}}
    with (
        Mosquitto() as broker,
        Monitor(broker, client_id="outside") as outside,
        GatewayProcess(broker.url, gateway="gw1", lines=["1000/L01", "1000/L02"], **settings) as one,
        GatewayProcess(broker.url, gateway="gw2", lines=["1000/L02"], **settings) as two,
    ):
        said = {"L01": 0, "L02": 0}

        def say(line: str, total: int) -> None:
            said[line] = total
            outside.say(f"bf/v1/1000/{line}/c-{line}-good/count", {"good": total, "boot": "a", "seq": total})

        def posted() -> dict[str, int]:
            with one.ledger() as connection:
                rows = connection.execute(select(t.lines.c.line, t.lines.c.posted)).all()
            return dict.fromkeys(said, 0) | {row.line: row.posted // MICRO for row in rows}

        def settled() -> None:
            until(lambda: posted() == said, lambda: f"{said} said, {posted()} posted\n{one.log}\n{two.log}")

        stocked(one, tmp_path / "shop").start().ready()
        say("L02", 22)
        settled()
        assert one.stop() == 0
        narrow = one.config.read_text().replace(json.dumps(["1000/L01", "1000/L02"]), json.dumps(["1000/L01"]))
        one.config.write_text(narrow)
        two.start().ready()
        one.start().ready()
        for total in (30, 37, 50):
            say("L02", total)
        say("L01", 5)  # gw1 has it after all that it may have heard of the other line
        settled()
        one.caught_up()
        assert (one.stop(), two.stop()) == (0, 0)
        with one.ledger() as connection:
            made = connection.execute(select(t.documents.c.number).where(t.documents.c.line == "L02")).scalars()
            assert [number // 10**10 for number in made] in ([0, 1], [0, 1, 1], [0, 1, 1, 1])
            refused = connection.execute(select(t.quarantine.c.line).where(t.quarantine.c.kind == "unbooked")).all()
        assert refused == []
        one.audit()


def test_what_a_session_has_kept_of_a_line_that_was_given_away_is_refused_and_the_line_is_not_heard_again(
    tmp_path: Path,
) -> None:
    """The broker has kept what came for the line meanwhile, and its new gateway has posted that."""
    settings: dict[str, Any] = {"database": f"sqlite:///{tmp_path}/ledger.sqlite", "posting": {"window": "reading"}}
    with (
        Mosquitto() as broker,
        Monitor(broker, client_id="outside") as outside,
        GatewayProcess(broker.url, gateway="gw1", lines=["1000/*"], **settings) as one,
        GatewayProcess(broker.url, gateway="gw2", lines=["1000/L02"], **settings) as two,
    ):

        def say(line: str, total: int) -> None:
            outside.say(f"bf/v1/1000/{line}/c-{line}-good/count", {"good": total, "boot": "a", "seq": total})

        def heard() -> tuple[int, list[str]]:
            with one.ledger() as connection:
                posted = connection.scalar(select(t.lines.c.posted).where(t.lines.c.line == "L02")) or 0
                return posted // MICRO, list(connection.scalars(select(t.quarantine.c.code)))

        def settled(posted: int, refused: list[str]) -> None:
            until(lambda: heard() == (posted, refused), lambda: f"{heard()}\n{one.log}\n{two.log}")

        stocked(one, tmp_path / "shop").start().ready()
        say("L02", 22)
        settled(22, [])
        assert one.stop() == 0
        one.config.write_text(one.config.read_text().replace("1000/*", "1000/L01"))
        two.start().ready()
        say("L02", 30)
        settled(30, [])
        one.start().ready()
        settled(30, ["BF5007"])
        # That was the last: it has given up what it had subscribed to.
        one.caught_up()
        assert (one.stop(), one.start().ready().stop()) == (0, 0)
        say("L02", 31)
        one.start().ready()
        say("L02", 32)
        settled(32, ["BF5007"])
        assert (one.stop(), two.stop()) == (0, 0)
        one.audit()


def test_an_entry_of_another_gateways_line_is_replayed_by_that_one(tmp_path: Path) -> None:
    """t10."""
    settings: dict[str, Any] = {"database": f"sqlite:///{tmp_path}/ledger.sqlite", "posting": {"window": "reading"}}
    folder = shop(tmp_path / "shop")
    whole = tables(folder)
    for table in ("production_versions", "runs"):
        file = folder / f"{table}.csv"
        rows = file.read_text(encoding="utf-8").splitlines(keepends=True)
        file.write_text("".join(row for row in rows if ",L02," not in row), encoding="utf-8")
    with (
        Mosquitto() as broker,
        Monitor(broker, client_id="outside") as outside,
        GatewayProcess(broker.url, gateway="gw1", lines=["1000/L01"], **settings) as one,
        GatewayProcess(broker.url, gateway="gw2", lines=["1000/L02"], **settings) as two,
    ):
        one.import_tables(tables(folder))
        two.start().ready()
        outside.say("bf/v1/1000/L02/c-L02-good/count", {"good": 7})

        def entries() -> list[int]:
            with two.ledger() as connection:
                return list(connection.scalars(select(t.quarantine.c.number)))

        until(lambda: len(entries()) == 1, lambda: two.log)
        two.import_tables(whole)
        refused = one.ask("quarantine-replay", {"numbers": [str(number) for number in entries()]})
        assert (refused["status"], refused["code"]) == ("error", "BF5007"), refused
        done = two.ask("quarantine-replay", {"numbers": [str(number) for number in entries()]})
        assert done["status"] == "ok", done
        with two.ledger() as connection:
            assert connection.execute(select(t.lines.c.posted, t.lines.c.quarantined)).all() == [(7 * MICRO, 0)]
        assert two.stop() == 0
        two.audit()
