"""Answers say what was done: after each, the ledger shows what the sender was told."""

from collections.abc import Callable

import pytest

from devices.errors import Rejection
from devices.messages import Reading
from gateway.backflush.memory.events import Hold, Period
from gateway.backflush.memory.state import EDITION, Rules
from gateway.backflush.plant.snapshot import RemProfile
from gateway.backflush.values.counting import CounterPosition, CounterRule, count
from gateway.backflush.values.documents import AnyProcess, Timing
from gateway.backflush.values.quantities import parse_quantity
from gateway.errors import Reason
from tests.book import Book, Told
from tests.builders import (
    LINE,
    PLANT,
    bom,
    component,
    operation,
    order,
    plant,
    product,
    routing,
    scanner,
    stock,
    two_points,
    version,
)

# -- the worklist


def later(timing: Timing = "background", edition: int = EDITION) -> Book:
    """Return a book whose issues and activities wait."""
    return Book(
        plant(
            profile=RemProfile("R", goods_issue_timing=timing, activity_timing=timing),
            boms=[bom({"A": 1})],
            routings=[routing([operation("0010", {"machine": "0.1"})])],
        ),
        rules=Rules(window="reading", open_names=(), edition=edition),
    )


def release(book: Book, process: AnyProcess = "", *, every: bool = False) -> Told:
    return book.ask(Hold(PLANT, LINE, process, held=False, every=every))


LINE_IS = "the worklist of 1000/L1 is released"
ISSUES_ARE = "the worklist of 1000/L1, issue is released"


@pytest.mark.parametrize(
    ("held", "process", "every", "told", "stays"),
    [
        ([""], "", False, LINE_IS, []),
        (["", "issue"], "", False, f"{LINE_IS}; still held: issue", ["issue"]),
        (["", "issue"], "issue", False, f"{ISSUES_ARE}; still held: the line as a whole", [""]),
        (["issue"], "", False, "the worklist of 1000/L1 was not held; still held: issue", ["issue"]),
        ([], "", True, "the worklist of 1000/L1 was not held", []),
        ([""], "", True, LINE_IS, []),
        (["issue"], "", True, f"{LINE_IS}, issue too", []),
        (["", "issue", "activity"], "", True, f"{LINE_IS}, activity and issue too", []),
    ],
)
def test_a_release_says_what_is_released_and_what_stays_held(
    held: list[AnyProcess], process: AnyProcess, every: bool, told: str, stays: list[str]
) -> None:
    book = later()
    for kind in held:
        book.ask(Hold(PLANT, LINE, kind, held=True))
    answer = release(book, process, every=every)
    assert answer.text == told
    assert answer.data["held"] == bool(stays)
    assert book.state.holds == {(PLANT, LINE, kind) for kind in stays}


@pytest.mark.parametrize(
    ("edition", "reason", "said"), [(EDITION, "", "is held already"), (EDITION, "again", "is held"), (1, "", "is held")]
)
def test_a_second_hold_without_a_reason_leaves_the_first_one_with_its_reason(
    edition: int, reason: str, said: str
) -> None:
    book = later(edition=edition)
    book.ask(Hold(PLANT, LINE, "", held=True), reason="the list is wrong")
    assert book.ask(Hold(PLANT, LINE, "", held=True), reason=reason).text == f"the worklist of 1000/L1 {said}"


def test_a_release_says_what_it_has_posted() -> None:
    book = later("update")
    book.ask(Hold(PLANT, LINE, "", held=True))
    book.count(good=5)
    book.tick()
    answer = release(book, every=True)
    assert answer.text == f"{LINE_IS}; 2 posted in 2 documents"
    assert book.open_rows() == {}


@pytest.mark.parametrize("held", [(), ("",), ("issue",), ("issue", "activity")])
@pytest.mark.parametrize("process", ["", "issue", "activity"])
@pytest.mark.parametrize("limit", [1, 2, 3, 100])
def test_what_a_run_of_the_worklist_says_is_left_is_open(
    held: tuple[AnyProcess, ...], process: AnyProcess, limit: int
) -> None:
    book = later()
    for kind in held:
        book.ask(Hold(PLANT, LINE, kind, held=True))
    for total in (3, 5):
        book.count(good=total)
    answer = book.work(process=process, limit=limit)
    rows = [
        row
        for row in book.ledger.rows.values()
        if row.key.process in ((process,) if process else ("issue", "activity"))
    ]
    posted = [row for row in rows if row.state == "posted"]
    assert answer.text.startswith(f"{len(posted)} posted in ")
    assert (answer.data["posted"], answer.data["left"]) == (len(posted), len(rows) - len(posted))


# -- the backlog


NO_PLACE = "A: 7 PC missing, without an issue location when they were due: `backflush backlog correct 0000000001/2"


@pytest.mark.parametrize(
    ("held", "maintained", "why"),
    [
        ("RAW", "RAW", "A: 7 PC missing at RAW, which holds 0"),
        ("", "", f"{NO_PLACE} --location LOCATION --reason WHY`"),
        ("", "RAW", f"{NO_PLACE} --location RAW --reason WHY`"),
    ],
)
def test_a_retry_says_why_something_is_left_and_what_helps(held: str, maintained: str, why: str) -> None:
    def shop(place: str) -> Book:
        return Book(
            plant(
                boms=[bom({"A": 1})],
                materials=[component("A", issue_location=place), product(receiving_location="")],
                versions=[version(receiving_location="FGL")],
                issue_location_strategy=1,
                negative_stock=False,
            )
        )

    book = shop(held)
    for pieces in (5, 2):
        book.post(pieces)
    book.load(shop(maintained).state.master)
    answer = book.retry()
    assert answer.text == f"0 posted in 0 documents, 2 left; {why}"
    assert sum(parse_quantity(units) or 0 for units in book.backlog().values()) == 7_000_000


# -- runs


def made_here(*materials: str, **more: object) -> Book:
    """Return a book of a line that may make some products."""
    return Book(
        plant(
            materials=[product(name) for name in materials],
            boms=[bom({"A": 1}, material=name) for name in materials],
            routings=[routing([operation("0010")], material=name) for name in materials],
            versions=[version(material=name) for name in materials],
        ),
        **more,  # type: ignore[arg-type]
    )


WITHOUT_RUN: dict[str, tuple[Callable[[], Book], str]] = {
    "one version": (lambda: made_here("FG"), "its counters count FG V1"),
    "several": (lambda: made_here("FG", "G2"), "messages of its counters wait in quarantine"),
    "several, one is planned": (
        lambda: made_here("FG", "G2", orders=[order("O1", 100, material="G2", version="V1")]),
        "its counters count G2 V1",
    ),
}


@pytest.mark.parametrize("by", ["command", "card", "command again"])
@pytest.mark.parametrize("case", WITHOUT_RUN)
def test_the_end_of_a_run_says_what_becomes_of_what_is_counted_then(case: str, by: str) -> None:
    book, told = WITHOUT_RUN[case][0](), WITHOUT_RUN[case][1]
    book.run("FG", "V1")
    book.count(good=1)
    text = book.scan("BF:STOP").text if by == "card" else book.stop().text
    assert text.startswith("the run of 1000/L1 ends: FG V1; until a run begins")
    if by == "command again":
        text = book.stop().text
        assert text.startswith("1000/L1 had no run; until a run begins")
    assert told in text
    assert "makes nothing" not in text
    book.wait(1)
    before = book.documents()
    book.count(good=4)
    book.wait(2)
    made = [d for d in book.ledger.documents.values() if d.number > len(before)]
    assert [f"its counters count {d.material} {d.version}" for d in made if d.type == "assembly"] == (
        [told] if "count" in told and "quarantine" not in told else []
    )
    assert bool(book.open_entries()) == ("quarantine" in told)


# -- undo


def test_an_undo_goes_back_posting_by_posting_and_never_to_those_of_another_scanner() -> None:
    book = Book(plant(devices=[scanner("S2")]))
    assert book.scan("BF:UNDO").text.startswith("nothing of this scanner is left to undo")
    for number in ("1", "2", "3"):
        book.scan("FG", id=number)
    book.reverse(2)
    assert book.scan("BF:UNDO", id="u1").text == "1 PC FG: document 0000000003 is reversed"
    second = book.scan("BF:UNDO", id="u2")
    assert (second.result, second.code) == ("nok", Reason.NOTHING_TO_UNDO)
    assert second.text == "document 0000000002 is reversed already; the next UNDO goes on to the posting before it"
    assert book.stock("FG") == "1"
    assert book.scan("BF:UNDO", id="u3").text == "1 PC FG: document 0000000001 is reversed"
    assert book.stock("FG") == "0"
    assert book.scan("BF:UNDO", "S2").text.startswith("nothing of this scanner is left to undo")


def test_an_eleventh_undo_says_how_far_undo_goes_and_why_in_english_too() -> None:
    book = Book(plant(devices=[scanner(language="de")]))
    for number in range(11):
        book.scan("FG", id=f"{number}")
    undone = [book.scan("BF:UNDO", id=f"u{number}") for number in range(11)]
    assert [each.result for each in undone] == ["ok"] * 10 + ["nok"]
    assert ("zehn Buchungen" in undone[-1].text, "ten postings" in dict(undone[-1].facts)["reason"]) == (True, True)
    assert book.stock("FG") == "1"


# -- reversals


def test_a_reversal_that_is_refused_names_those_documents_that_hold_the_pieces_now() -> None:
    book = Book(two_points())
    book.post(5, "point", point="0010")
    book.post(3, "point", point="0020")
    book.reverse(2)  # 3
    book.post(1, "point", point="0010")  # 4: holds pieces of the same point, which nobody has to reverse
    book.post(2, "point", point="0020")  # 5
    book.post(1, "point", point="0020")  # 6
    book.reverse(6)  # 7
    book.reverse(4)  # 8
    told = book.reverse(1)
    assert told.code == Reason.NEGATIVE_WIP
    assert told.text == "the pieces have moved on: after it, point 0010 would hold -2; reverse 0000000005 first"
    book.reverse(5)
    assert book.reverse(1).status == "ok"


def test_a_person_who_reverses_what_a_refusal_names_may_reverse_what_was_refused() -> None:
    book = Book(two_points())
    book.post(9, "point", point="0010")
    for _ in range(8):
        book.post(1, "point", point="0020")
    refusals = 0
    while (told := book.reverse(1)).status != "ok":
        assert told.code == Reason.NEGATIVE_WIP
        refusals += 1
        named = told.text.partition("; reverse ")[2].removesuffix(" first").removesuffix(", ...").split(", ")
        assert len(named) <= 5
        assert all(book.reverse(int(number)).status == "ok" for number in named)
    assert refusals == 2
    assert set(book.wip().values()) == {"0"}


# -- totals that went back


NO_ORDER = "without a sequence or time that is newer it may be an old one, and is not taken for a reset"
RESET = CounterRule(modulus=None, max_step=5_000, reset_allowed=True, starts_at_zero=False)


@pytest.mark.parametrize(
    ("rule", "seq", "total", "why"),
    [
        (RESET._replace(reset_allowed=False), 2, 100, "the device's `reset` does not allow it to begin again"),
        (RESET._replace(max_step=None), 2, 100, "without `max_step` no total is believed to have begun again"),
        (RESET, None, 100, NO_ORDER),
        (RESET, 2, 0, "0 alone may be a glitch: the next total above 0 says whether it has begun again"),
        (RESET, 2, 9_000, "it went back by less than a tenth, which is no reset"),
        (RESET, 2, 6_000, "6000 at once is more than max_step 5000 a minute allows for a reset"),
        (RESET._replace(modulus=10_000, reset_allowed=False), 2, 6_000,
         "no rollover at 10000, and the device's `reset` does not allow it to begin again"),
    ],
)  # fmt: skip
def test_a_total_that_went_back_is_refused_with_what_decided(
    rule: CounterRule, seq: int | None, total: int, why: str
) -> None:
    told = count(CounterPosition(9_900, 1, None, 0), rule, total, Reading(seq=seq), 1, 0)
    assert told == Rejection(Reason.WENT_BACK, f"total went back from 9900 to {total}: {why}")


# -- postings by hand


def test_a_scrap_reason_is_kept_where_it_is_said_or_refused() -> None:
    book = Book(plant(boms=[bom({"A": 1})]), rules=Rules(open_names=()))
    told = book.post(2, "component_scrap", scrap_reason="DENT")
    assert told.status == "ok"
    assert book.ledger.documents[1].reason == "scrap DENT: test"
    told = book.post(2, scrap_reason="DENT")
    assert (told.code, told.text) == (
        Reason.BAD_COMMAND,
        "scrap_reason: expected a posting of scrap or component scrap, got one of assembly",
    )
    # What a journal of before has taken without a word it still takes.
    assert Book(plant(boms=[bom({"A": 1})])).post(2, scrap_reason="DENT").status == "ok"


# -- what is settled by hand


def test_a_quarantine_answer_counts_by_what_became_of_each() -> None:
    book = made_here("FG", "G2")
    book.count(good=5)
    book.count(good=7)
    told = book.replay(1, 2, 99)
    assert told.text == "3 entries: 2 still refused, 1 unknown"
    book.run("FG", "V1", start="07:00")
    assert book.replay(1).text == "1 entry: 1 replayed"
    assert book.dismiss(2).text == "1 entry: 1 dismissed"


def test_a_period_that_is_closed_by_force_is_told_with_what_it_leaves() -> None:
    book = later()
    book.count(good=5)
    book.at("2026-04-02 08:00")
    told = book.ask(Period(PLANT, "2026-03", closed=True))
    assert told.code == Reason.PERIOD_NOT_DONE
    left = told.text.removeprefix("period 2026-03 of plant 1000 has ").removesuffix("; force closes it anyway")
    told = book.ask(Period(PLANT, "2026-03", closed=True, force=True))
    assert told.text == f"period 2026-03 of plant 1000 is closed, though it has {left}"
    assert book.period("2026-03", closed=False).text == "period 2026-03 of plant 1000 is open"
    assert book.period("2026-03", closed=False).text == "period 2026-03 of plant 1000 is open already"


# -- what nobody asks for, and has to know


@pytest.mark.parametrize(
    ("closed", "date"), [(False, ""), (True, "posted on 2026-04-01, because period 2026-03 is closed")]
)
def test_an_answer_names_the_posting_date_that_is_not_the_day_asked_for(closed: bool, date: str) -> None:
    book = Book(plant(boms=[bom({"A": 1})]))
    book.post(5)
    if closed:
        book.ask(Period(PLANT, "2026-03", closed=True, force=True))
    for told in (book.post(5), book.reverse(1, 2), book.post(1, "component")):
        assert told.status == "ok"
        assert told.text.partition("; ")[2] == date
    assert book.scan("FG").text.endswith(f"; {date}" if date else "L1: 9 today")


def test_an_answer_names_what_is_missing() -> None:
    names = [f"C{n}" for n in range(7)]
    short = plant(
        materials=[component(name) for name in names], boms=[bom(dict.fromkeys(names, 2))], negative_stock=False
    )
    book = Book(short, stock=stock(**dict.fromkeys(names[1:], 10)))
    assert book.post(5).text == "5 posted in 0000000001; missing, and kept in the backlog: 10 PC C0"
    told = book.post(1).text
    assert told.endswith("2 PC C0, 2 PC C1, 2 PC C2, 2 PC C3, 2 PC C4, 2 more components")
    assert "kept in the backlog: 2 PC C0" in book.scan("FG").text
