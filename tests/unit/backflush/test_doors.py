"""What names nothing, or a time that cannot be, is refused alike at every door: one code, one sentence."""

# ruff: noqa: DTZ001  -- what an event takes; and clocks on a wall

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.errors import Rejection
from gateway.backflush.memory.events import Period, Post, Reverse, ReverseLatest, RunStart, RunStop, Work
from gateway.backflush.memory.state import Rules
from gateway.backflush.plant.snapshot import MasterData, Plant, SalesOrder
from gateway.backflush.posting.dates import instant
from gateway.backflush.values.documents import FINAL
from gateway.backflush.values.quantities import MICRO
from gateway.errors import Reason
from tests.answers import reason_in
from tests.book import Book
from tests.builders import LINE, PLANT, bom, component, counter, moment, order, plant, product, q, scanner, version

STRICT = Rules(window="reading", open_names=())
Door = Callable[[Book], tuple[str, str]]


def master() -> MasterData:
    """FG (of A and B, and of the assembly ASM) is made on L1, OTHER on L2."""
    made = plant(
        materials=[product("OTHER"), product("ASM"), component("LOOSE")],
        boms=[bom({"A": 1, "ASM": 1})],
        versions=[version(), version(material="OTHER", line="L2"), version(material="ASM")],
        devices=[counter("C1", first="zero"), counter("K1", role="scrap", first="zero"), scanner("ROAM", line="_")],
    )
    ordered = {"SO 4711 10": SalesOrder(PLANT, "FG", q(5)), "SO 4712 10": SalesOrder(PLANT, "OTHER", q(5))}
    return replace(made, operators={"anna": "Anna"}, sales_orders=ordered)


def book(rules: Rules = STRICT) -> Book:
    return Book(master(), rules=rules, orders=[order("P1", 5, version="V1"), order("P2", 5, material="OTHER")])


def command(action: Post | RunStart | RunStop | Reverse | ReverseLatest | Work) -> Door:
    def knock(shop: Book) -> tuple[str, str]:
        told = shop.ask(action, reason="")
        return told.code, told.text

    return knock


def scan(*texts: str, device: str = "S1", line: str = LINE, **said: Any) -> Door:
    def knock(shop: Book) -> tuple[str, str]:
        for text in texts[:-1]:
            shop.scan(text, device, line=line)
        told = shop.scan(texts[-1], device, line=line, **said)
        return told.code, reason_in(told)

    return knock


def count(device: str = "C1", line: str = LINE, **said: Any) -> Door:
    def knock(shop: Book) -> tuple[str, str]:
        shop.count(device, line=line, boot="a", **said)
        return next(((entry.code, entry.text) for entry in shop.open_entries()), ("", ""))

    return knock


def posted(line: str = LINE, material: str = "FG", made: str = "", **more: Any) -> Door:
    return command(Post("assembly", PLANT, line, material, made, MICRO)._replace(**more))


def run(line: str = LINE, material: str = "FG", made: str = "", **more: Any) -> Door:
    return command(RunStart(PLANT, line, material, made)._replace(**more))


def newest(line: str = LINE, material: str = "FG", made: str = "V1", point: str = FINAL) -> Door:
    return command(ReverseLatest(PLANT, line, material, made, point, MICRO))


REMEDY = ": maintain it in sales_orders"
FORCE = ": --force with a reason takes it"
TOO_LATE = moment("08:00") - 72 * 3_600_000_000 - 1_000_000
WRONG: dict[str, tuple[Reason, str, list[Door]]] = {
    "an unknown line": (
        Reason.UNKNOWN_LINE,
        "there is no line 'L9' in plant 1000",
        [
            posted("L9"),
            run("L9"),
            command(RunStop(PLANT, "L9")),
            command(Work(PLANT, "L9")),
            newest("L9"),
            scan("BF:LINE:1000:L9", device="ROAM", line="_"),
            scan("FG", device="ROAM", line="L9"),
            scan("BF:RUN:FG:V1", device="ROAM", line="L9"),
            count(good=1, line="L9"),
        ],
    ),
    "a product of another line": (
        Reason.NO_VERSION,
        "line 1000/L1 does not make 'OTHER': it is made on L2",
        [posted(material="OTHER"), run(material="OTHER"), scan("OTHER"), posted(material="", order="P2")],
    ),
    "a version of another line": (
        Reason.UNKNOWN_VERSION,
        "line 1000/L1 does not make 'OTHER V1': it is made on L2",
        [posted(material="OTHER", made="V1"), run(material="OTHER", made="V1"), scan("BF:RUN:OTHER:V1")],
    ),
    "an unknown version": (
        Reason.UNKNOWN_VERSION,
        "line 1000/L1 does not make 'FG V9': there is no such production version",
        [posted(made="V9"), run(made="V9"), scan("BF:RUN:FG:V9"), newest(made="V9")],
    ),
    "an unknown version, without a line": (
        Reason.UNKNOWN_VERSION,
        "plant 1000 does not make 'FG V9': there is no such production version",
        [newest("", made="V9")],
    ),
    "an unknown point, without a line": (
        Reason.UNKNOWN_POINT,
        "there is no operation '0099' in plant 1000",
        [newest("", point="0099")],
    ),
    "nothing to reverse of what any line of the plant makes": (
        Reason.BAD_QUANTITY,
        "1000/OTHER/V1 has 0 to reverse at final, not 1",
        [newest("", "OTHER"), newest("L2", "OTHER")],
    ),
    "an unknown material": (
        Reason.UNKNOWN_MATERIAL,
        "plant 1000 has no material 'NOTHING'",
        [posted(material="NOTHING"), run(material="NOTHING"), scan("BF:RUN:NOTHING:V1"), newest(material="NOTHING")],
    ),
    "an unknown point": (
        Reason.UNKNOWN_POINT,
        "there is no operation '0099' on line 1000/L1",
        [
            posted(point="0099"),
            posted(type="scrap", after="0099"),
            newest(point="0099"),
            scan("BF:POINT:0099"),
            scan("FG", point="0099"),
        ],
    ),
    "an unknown scrap reason": (
        Reason.UNKNOWN_REASON,
        "there is no scrap reason 'ZZ': maintain it in scrap_reasons",
        [
            posted(type="scrap", scrap_reason="ZZ"),
            posted(type="component_scrap", scrap_reason="ZZ"),
            scan("BF:SCRAP:ZZ"),
            scan("BF:LOST:ZZ"),
            count("K1", scrap=2, scrap_by=(("DENT", 1), ("ZZ", 1))),
            count(good=3, scrap=1, scrap_by=(("ZZ", 1),)),
        ],
    ),
    "an unknown operator": (
        Reason.UNKNOWN_OPERATOR,
        "there is no operator 'otto': maintain it in operators",
        [scan("BF:OPERATOR:otto"), scan("FG", operator="otto"), scan("BF:QTY:2", operator="otto")],
    ),
    "an unknown planned order": (
        Reason.UNKNOWN_ORDER,
        "there is no planned order 'P9'",
        [posted(order="P9"), scan("FG", order="P9")],
    ),
    "a planned order for another product": (
        Reason.UNKNOWN_ORDER,
        "planned order P2 is for OTHER, not for FG",
        [posted(order="P2"), scan("FG", order="P2")],
    ),
    "a sales order without its item": (
        Reason.UNKNOWN_SALES_ORDER,
        "there is no sales order '4711' without an item in plant 1000" + REMEDY,
        [posted(cost_object="SO 4711 0"), run(sales_order="4711")],
    ),
    "an unknown sales order": (
        Reason.UNKNOWN_SALES_ORDER,
        "there is no sales order '4711 20' in plant 1000" + REMEDY,
        [
            posted(cost_object="SO 4711 20"),
            posted(type="component", cost_object="SO 4711 20"),
            run(sales_order="4711", sales_order_item="20"),
            scan("FG", sales_order="4711", sales_order_item="20"),
        ],
    ),
    "a sales order for something else": (
        Reason.UNKNOWN_SALES_ORDER,
        "sales order 4712 10 is for OTHER, and FG does not go into it",
        [
            posted(cost_object="SO 4712 10"),
            run(sales_order="4712", sales_order_item="10"),
            scan("FG", sales_order="4712", sales_order_item="10"),
        ],
    ),
    "a sales order and a lot": (
        Reason.BAD_COMMAND,
        "expected a sales order or a lot, got sales order '4711' and lot 'L7'",
        [
            posted(
                cost_object="SO 4711 10", unclear="expected a sales order or a lot, got sales order '4711' and lot 'L7'"
            ),
            scan("FG", sales_order="4711", sales_order_item="10", lot="L7"),
        ],
    ),
    "a time to come": (
        Reason.BAD_DATE,
        "expected a time up to 2026-03-16 08:00:00 in plant 1000, got 2027-03-16 08:00:00" + FORCE,
        [posted(at=moment("08:00") + 365 * 86_400_000_000)],
    ),
    "a time too long ago": (
        Reason.BAD_DATE,
        "expected a time from 2026-03-13 08:00:00 on in plant 1000, got 2026-03-13 07:59:59" + FORCE,
        [posted(at=TOO_LATE), run(start=TOO_LATE), command(RunStop(PLANT, LINE, TOO_LATE))],
    ),
    "a unit that is none": (
        Reason.NO_UNIT,
        "unit 'BOX' does not convert to PC, the unit of FG",
        [count(good=3, unit="BOX")],
    ),
}


@pytest.mark.parametrize("what", WRONG)
def test_what_names_nothing_gets_one_code_and_one_sentence_at_every_door_and_books_nothing(what: str) -> None:
    code, sentence, doors = WRONG[what]
    for door in doors:
        shop = book()
        runs = str(shop.state.runs)
        assert door(shop) == (code, sentence), door
        assert (shop.state.documents, str(shop.state.runs)) == (0, runs)


NEW = {Reason.UNKNOWN_REASON, Reason.UNKNOWN_OPERATOR, Reason.UNKNOWN_SALES_ORDER, Reason.BAD_DATE}


@pytest.mark.parametrize("what", WRONG)
def test_a_journal_of_before_is_folded_as_it_was_when_names_were_not_judged(what: str) -> None:
    _, _, doors = WRONG[what]
    for door in doors:
        shop = book(Rules(window="reading"))
        door(shop)
        assert not {entry.code for entry in shop.open_entries()} & NEW
        assert not {told.code for told in shop.responses} & NEW


def test_names_that_are_opened_are_taken_as_they_are_said() -> None:
    for name, door in (
        ("reasons", scan("BF:SCRAP:ZZ", "FG")),
        ("operators", scan("FG", operator="otto")),
        ("sales_orders", posted(cost_object="SO 9 9")),
    ):
        shop = book(STRICT._replace(open_names=(name,)))
        assert (door(shop)[0], shop.state.documents) == (Reason.OK, 1), name


def test_a_person_takes_another_time_by_force_who_says_why() -> None:
    late, early = moment("08:00") - 99 * 86_400_000_000, moment("08:00") + 99 * 86_400_000_000
    for action in (
        Post("assembly", PLANT, LINE, "FG", "", MICRO, at=late, force=True),
        Post("assembly", PLANT, LINE, "FG", "", MICRO, at=early, force=True),
        RunStart(PLANT, LINE, "FG", "", late, force=True),
        RunStop(PLANT, LINE, late, force=True),
    ):
        assert book().ask(action, reason="").code == Reason.BAD_DATE, action
        assert book().ask(action, reason="found late").code == Reason.OK, action


def test_a_run_may_be_planned_to_begin_and_to_end() -> None:
    shop, ahead = book(), moment("08:00") + 9 * 86_400_000_000
    assert shop.run(start=ahead).code == Reason.OK
    assert shop.ask(RunStop(PLANT, LINE, ahead + 1)).code == Reason.OK


def test_what_was_refused_for_a_name_is_posted_by_replay_once_it_is_maintained() -> None:
    shop = book()
    shop.count("K1", boot="a", scrap=2, scrap_by=(("ZZ", 2),))
    shop.scan("FG", operator="otto")
    assert shop.state.lines[PLANT, LINE].quarantined == q(2)
    maintained = replace(master(), scrap_reasons={"ZZ": "zz"}, operators={"otto": "Otto"})
    shop.load(maintained)
    shop.replay()
    assert shop.open_entries() == []
    assert (shop.confirmed(1), shop.confirmed(2)) == (["final 0+2 ZZ"], ["final 1+0"])


def test_a_counter_with_a_reason_that_is_unknown_loses_nothing_and_goes_on() -> None:
    shop = book()
    shop.count("K1", boot="a", scrap=2, scrap_by=(("DENT", 2),))
    shop.count("K1", boot="a", scrap=3, scrap_by=(("DENT", 2), ("ZZ", 1)))
    shop.count("K1", boot="a", scrap=5, scrap_by=(("DENT", 4), ("ZZ", 1)))
    assert [entry.scrap for entry in shop.open_entries()] == [q(1)]
    assert [shop.confirmed(number) for number in shop.ledger.documents] == [["final 0+2 DENT"], ["final 0+2 DENT"]]


def test_the_reason_of_component_scrap_is_kept_in_that_of_its_document() -> None:
    shop = book()
    shop.post(1, "component_scrap", scrap_reason="DENT")
    assert shop.ledger.documents[1].reason == "scrap DENT: test"


def test_scrap_of_a_reason_that_is_gone_can_be_reversed() -> None:
    shop = book()
    shop.post(2, "scrap", scrap_reason="DENT")
    shop.load(replace(master(), scrap_reasons={}))
    assert shop.ask(Reverse(1, None, q(1), "ZZ")).code == Reason.UNKNOWN_REASON
    assert shop.ask(Reverse(1, None, q(1), "DENT")).code == Reason.OK


def waiting(made: MasterData) -> dict[str, Plant]:
    """Return the plants, whose pieces of closed periods wait."""
    return {name: replace(known, closed_period_policy="wait") for name, known in made.plants.items()}


def test_a_period_that_is_not_over_is_closed_by_force_only() -> None:
    shop = book()
    told = shop.period("2026-03", closed=True)
    assert (told.code, told.text) == (
        Reason.BAD_DATE,
        "period 2026-03 of plant 1000 is not over: it is 2026-03-16 there; force closes it anyway",
    )
    assert shop.period("2026-02", closed=True).code == Reason.OK
    told = shop.ask(Period(PLANT, "2026-03", closed=True, force=True))
    sentence = (
        "period 2026-03 of plant 1000 is closed, though it is not over (pieces still made in it are dated 2026-04-01)"
    )
    assert (told.code, told.text) == (Reason.OK, sentence)
    shop.post(1)
    assert [d.posting_date for d in shop.ledger.documents.values()] == ["2026-04-01"]


def test_where_pieces_of_a_closed_period_wait_it_is_said_when_one_is_closed_early() -> None:
    shop = Book(replace(master(), plants=waiting(master())), rules=STRICT)
    told = shop.ask(Period(PLANT, "2026-03", closed=True, force=True))
    assert told.text.endswith("though it is not over (pieces still made in it wait in quarantine)")
    assert shop.post(1).code == Reason.PERIOD_CLOSED


@given(
    st.datetimes(datetime(1971, 1, 1), datetime(2100, 1, 1)),
    st.sampled_from(["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata", "UTC"]),
)
def test_a_wall_clock_is_read_as_the_one_moment_at_which_it_shows_that(said: datetime, zone: str) -> None:
    at = instant(said, zone)
    shown = [
        moment
        for moment in (said.replace(tzinfo=ZoneInfo(zone), fold=fold) for fold in (0, 1))
        if moment.astimezone(UTC).astimezone(ZoneInfo(zone)).replace(tzinfo=None) == said
    ]
    moments = {round(moment.timestamp() * 1_000_000) for moment in shown}
    assert moments == {at} if not isinstance(at, Rejection) else len(moments) != 1


def test_an_hour_that_is_skipped_or_comes_twice_is_no_time_without_offset() -> None:
    skipped, twice = (
        instant(datetime(2026, 3, 29, 2, 30), "Europe/Berlin"),
        instant(datetime(2026, 10, 25, 2, 30), "Europe/Berlin"),
    )
    assert skipped == Rejection(
        Reason.BAD_DATE, "there is no 2026-03-29 02:30:00 in Europe/Berlin: clocks are set forward over it"
    )
    assert twice == Rejection(
        Reason.BAD_DATE, "2026-10-25 02:30:00 occurs twice in Europe/Berlin: add the offset, +02:00 or +01:00"
    )
