"""Pieces that were counted before: worked again, which makes nothing, or scrapped between two points."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.backflush.memory.events import Actual, ActualComponent, Reverse
from gateway.backflush.memory.state import EDITION, Rules
from gateway.backflush.plant.snapshot import Gtin, MasterData, RemProfile
from gateway.errors import Reason
from tests.book import Book, Told, story
from tests.builders import bom, component, counter, operation, plant, points, q, routing, scanner, stock

LABEL = "]C10107612345678900"


def line(*numbers: str, more: tuple[str, ...] = (), negative_stock: bool = True, **profile: Any) -> Book:
    """Return a book with points and one component and activity at each of them: A at the first, B at the second."""
    master = plant(
        profile=RemProfile("R", **({"reporting_points": "mandatory"} if numbers else {}) | profile),
        materials=[component("C")],
        boms=[bom({"A": 1, "B": 1, "C": 1}, operations={"A": "0010", "B": "0020", "C": "0030"})],
        routings=[routing([*points(*numbers), *(operation(n) for n in more)] or [operation("0010")])],
        devices=[counter("C2", operation=numbers[0] if numbers else "", weight=q(2), window="3s")],
        gtins={"07612345678900": Gtin("FG")},
        negative_stock=negative_stock,
    )
    return Book(master, stock=stock(A=5, B=5, C=5))


# -- rework


@pytest.mark.parametrize(
    ("telegrams", "reworked", "made"),
    [
        ([{"good": 10, "rework": 2, "seq": 1}], "2", "10"),
        ([{"good": 10, "rework": 2, "seq": 1}, {"good": 11, "rework": 2, "seq": 2}], "2", "11"),
        ([{"rework": 2, "seq": 1}, {"rework": 5, "seq": 2}], "5", "0"),
        ([{"rework": 5, "seq": 2}, {"rework": 2, "seq": 1}], "5", "0"),
        ([{"rework": 2, "seq": 1}, {"rework": 2, "seq": 1}], "2", "0"),
        ([{"good": 10, "seq": 1}, {"good": 12, "rework": 2, "seq": 2}], "2", "12"),
        ([{"gross": 10, "scrap": 1, "rework": 2, "seq": 1}], "2", "9"),
        ([{"good": 3, "rework": 2, "delta": True, "id": "a"}, {"rework": 1, "delta": True, "id": "b"}], "3", "3"),
        ([{"rework": 1, "delta": True, "id": "a"}, {"rework": 1, "delta": True, "id": "a"}], "1", "0"),
    ],
)
def test_a_counter_says_a_total_of_rework_and_nothing_is_due_for_it(
    telegrams: list[dict[str, Any]], reworked: str, made: str
) -> None:
    book = line()
    for telegram in telegrams:
        book.count(boot="a", **telegram)
    assert (book.statistic("rework"), book.statistic("yield"), book.stock("FG")) == (reworked, made, made)
    scrapped = book.statistic("scrap")
    assert book.stock("A") == str(5 - int(made) - int(scrapped))
    assert book.line().get("rework") == reworked
    assert int(book.line().get("read", "0")) == int(made) + int(scrapped)


def test_rework_of_a_window_stands_on_its_document_and_is_weighed() -> None:
    book = line("0010")
    book.count("C2", good=1, rework=1, seq=1)
    book.count("C2", good=2, rework=3, seq=2)
    assert book.documents() == []
    book.crash()
    book.wait(5)
    assert (book.documents(), book.confirmed(1)) == (["point"], ["0010 4+0", "0010 0+0 rework 6"])
    book.count("C2", rework=4, seq=3)
    book.wait(5)
    assert (book.documents()[1:], book.confirmed(2)) == (["rework"], ["0010 0+0 rework 2"])
    assert book.line() == {"read": "4", "counted": "4", "posted": "4", "rework": "8"}


def test_rework_without_a_place_is_booked_once_when_it_has_one() -> None:
    book = line()
    known = book.state.master
    book.load(MasterData(plants=known.plants, devices=known.devices))
    book.count(good=3, rework=2)
    assert [entry.kind for entry in book.open_entries()] == ["unbooked"]
    book.load(line().state.master)
    book.replay()
    book.replay()
    assert (book.statistic("rework"), book.stock("FG"), book.line()["rework"]) == ("2", "3", "2")


@pytest.mark.parametrize("type_", ["assembly", "scrap"])
def test_rework_is_posted_by_hand_beside_a_quantity_or_alone_and_reversed(type_: str) -> None:
    book = line()
    assert book.post(3, type_, rework=q(2)).status == "ok"
    assert book.post(0, type_, rework=q(4)).status == "ok"
    assert (book.documents(), book.statistic("rework")) == ([type_, "rework"], "6")
    assert book.reverse(1, 1).status == "ok"
    assert book.statistic("rework") == "6"
    assert book.reverse(2, 3).status == "ok"
    assert book.statistic("rework") == "3"
    assert book.reverse(2, 2).code == Reason.BAD_QUANTITY
    assert book.reverse(2).status == "ok"
    assert book.reverse(2).code == Reason.ALREADY_REVERSED
    assert book.reverse(1).status == "ok"
    assert (book.statistic("rework"), book.stock("A"), book.balance()) == ("0", "5", "0")
    assert book.line() == {"read": "3", "counted": "3", "posted": "3", "rework": "6", "reversed": "3"} | (
        {"scrap": "3"} if type_ == "scrap" else {}
    )


def test_a_reworked_piece_that_is_good_in_the_end_is_yield_once() -> None:
    book = line("0010")
    book.post(5, "point", point="0010", rework=q(5))
    book.post(5)
    assert (book.statistic("yield", "final"), book.statistic("rework", "0010"), book.wip()) == ("5", "5", {"0010": "0"})


def test_a_scan_of_rework_is_posted_and_undone() -> None:
    book = line()
    assert (book.scan("BF:REWORK").title, book.scan("BF:QTY:3", id="q").result) == ("REWORK", "prompt")
    told = book.scan(LABEL + "21S1", id="a")
    assert (told.result, told.title, book.statistic("rework")) == ("ok", "3 PC REWORK", "3")
    assert (book.stock("FG"), book.line().get("read")) == ("0", None)
    assert book.scan(LABEL + "21S1", id="b").result == "ok"
    assert book.stock("FG") == "1"
    book.scan("BF:UNDO", id="u")
    assert (book.stock("FG"), book.statistic("rework")) == ("0", "3")


@pytest.mark.parametrize(
    ("type_", "quantity", "said", "code"),
    [
        ("assembly", 0, {}, Reason.BAD_QUANTITY),
        ("assembly", 1, {"rework": -q(1)}, Reason.BAD_QUANTITY),
        ("assembly", 1, {"rework": q("0.5")}, Reason.BAD_QUANTITY),
        ("component", 1, {"rework": q(1)}, Reason.BAD_COMMAND),
        ("assembly", 1, {"after": "0010"}, Reason.BAD_COMMAND),
        ("scrap", 1, {"after": "0010", "point": "0020"}, Reason.BAD_COMMAND),
        ("scrap", 1, {"after": "0010", "rework": q(1)}, Reason.BAD_COMMAND),
        ("scrap", 1, {"after": "0010", "actual": Actual((ActualComponent("A", q(1)),))}, Reason.BAD_COMMAND),
        ("scrap", 0, {"after": "0010"}, Reason.BAD_QUANTITY),
        ("scrap", 1, {"after": "0030"}, Reason.UNKNOWN_POINT),
        ("scrap", 1, {"after": "final"}, Reason.UNKNOWN_POINT),
        ("scrap", 1, {"after": "0010"}, Reason.NOT_ON_LINE),
    ],
)
def test_what_cannot_be_is_refused_and_changes_nothing(
    type_: str, quantity: int, said: dict[str, Any], code: Reason
) -> None:
    book = line("0010", "0020", more=("0030",))
    told = book.post(quantity, type_, **said)
    assert (told.status, told.code, book.documents()) == ("error", code, []), told


# -- lost


def lose(book: Book, pieces: int, after: str = "0010", reason: str = "DENT") -> Told:
    """Scrap pieces after a point."""
    return book.post(pieces, "scrap", after=after, scrap_reason=reason)


def test_a_lost_piece_leaves_the_line_and_issues_nothing() -> None:
    book = line("0010", "0020")
    book.post(5, "point", point="0010")
    before = (book.stock("A"), book.stock("B"), book.balance())
    assert lose(book, 2).status == "ok"
    assert (book.wip(), book.confirmed(2), book.moved(2)) == ({"0010": "3", "0020": "0"}, ["0010 0+0 DENT lost 2"], [])
    assert (book.stock("A"), book.stock("B"), book.balance()) == before
    assert (book.statistic("scrap", "0010 DENT"), book.line()["scrap"], book.line()["read"]) == ("2", "2", "5")
    book.post(4, "point", point="0020")
    assert (book.wip(), book.waiting()) == ({"0010": "0", "0020": "3"}, "1")


@pytest.mark.parametrize(
    ("passed", "lost", "code"), [(5, 5, "BF0000"), (5, 6, Reason.NOT_ON_LINE), (0, 1, Reason.NOT_ON_LINE)]
)
def test_what_is_lost_was_on_the_line(passed: int, lost: int, code: str) -> None:
    book = line("0010", "0020")
    if passed:
        book.post(passed, "point", point="0010")
    made = book.documents()
    told = lose(book, lost)
    assert told.code == code
    if code != "BF0000":
        assert (book.documents(), str(passed) in told.text) == (made, True)


@pytest.mark.parametrize("profile", [{"reporting_points": "optional"}, {"backfill": "predecessors"}])
def test_where_later_points_fill_the_earlier_ones_a_lost_piece_takes_them_along(profile: dict[str, Any]) -> None:
    book = line("0010", "0020", **profile)
    book.post(1, "point", point="0010")
    assert lose(book, 2, "0020").status == "ok"
    assert sorted(book.confirmed(2)) == ["0010 1+0 auto", "0020 0+0 DENT lost 2", "0020 2+0 auto"]
    assert (book.wip(), book.stock("A"), book.stock("B"), book.stock("FG")) == (
        {"0010": "0", "0020": "0"},
        "3",
        "3",
        "0",
    )
    assert book.line() == {"read": "1", "counted": "1", "posted": "1", "scrap": "2"}
    assert book.reverse(2).status == "ok"
    assert (book.wip(), book.stock("A"), book.stock("B"), book.statistic("scrap")) == (
        {"0010": "1", "0020": "0"},
        "4",
        "5",
        "0",
    )


def test_a_loss_that_would_have_to_take_missing_components_along_is_refused_where_the_profile_rejects() -> None:
    book = line("0010", "0020", negative_stock=False, backfill="predecessors", withdrawal_errors="reject")
    assert lose(book, 6, "0010").code == Reason.SHORTAGE
    assert lose(book, 5, "0010").status == "ok"


def test_a_loss_is_reversed_in_part_and_the_pieces_are_on_the_line_again() -> None:
    book = line("0010", "0020")
    book.post(5, "point", point="0010")
    lose(book, 4)
    assert book.reverse(2, 1).status == "ok"
    assert (book.wip()["0010"], book.statistic("scrap")) == ("2", "3")
    assert book.reverse(1).code == Reason.NEGATIVE_WIP
    assert book.reverse(2).status == "ok"
    assert book.reverse(1).status == "ok"
    assert (book.wip(), book.statistic("scrap"), book.balance()) == ({"0010": "0", "0020": "0"}, "0", "0")


def test_a_point_whose_pieces_were_lost_is_not_reversed_before_the_loss() -> None:
    book = line("0010", "0020")
    book.post(5, "point", point="0010")
    lose(book, 4)
    told = book.reverse(1)
    assert (told.code, "0000000002" in told.text) == (Reason.NEGATIVE_WIP, True)


def test_pieces_that_an_older_routing_has_left_on_the_line_are_lost_first() -> None:
    book = line("0010", "0020")
    book.post(3, "point", point="0010")
    book.load(line("0010", more=("0020",)).state.master)
    book.post(2, "point", point="0010")
    assert lose(book, 4).status == "ok"
    assert book.wip() == {"0010": "1", "0020": "0"}
    assert lose(book, 2).code == Reason.NOT_ON_LINE


def test_a_lost_serial_number_is_lost_once_and_free_again_after_undo() -> None:
    book = line("0010", "0020")
    for name in ("S1", "S2"):
        book.scan("BF:POINT:0010", id=f"p{name}")
        book.scan(f"{LABEL}21{name}", id=f"l{name}")
    book.scan("BF:LOST:DENT", id="1")
    told = book.scan(f"{LABEL}21S1", id="2")
    assert (told.result, told.title, told.text, book.wip()["0010"]) == ("ok", "1 PC LOST", "FG, L1/0010: 2 today", "1")
    book.scan("BF:LOST:DENT", id="3")
    book.crash()
    assert book.scan(f"{LABEL}21S1", id="4").code == Reason.SERIAL_USED
    book.scan("BF:UNDO", id="5")
    book.scan("BF:LOST:DENT", id="6")
    assert (book.scan(f"{LABEL}21S1", id="7").result, book.wip()["0010"]) == ("ok", "1")


def test_a_scan_of_more_than_is_on_the_line_waits_without_units_and_is_replayed() -> None:
    book = line("0010", "0020")
    book.scan("BF:POINT:0010", id="0")
    book.scan("BF:LOST:DENT", id="1")
    assert book.scan(LABEL, id="2").code == Reason.NOT_ON_LINE
    [entry] = book.open_entries()
    assert (entry.kind, entry.good, entry.scrap, book.state.contexts["S1"].mode) == ("untrusted", 0, 0, "")
    book.post(3, "point", point="0010")
    book.replay()
    assert (book.wip()["0010"], book.statistic("scrap", "0010 DENT"), book.open_entries()) == ("2", "1", [])


# -- answers


def test_an_answer_names_what_was_said_though_no_yield_is_posted() -> None:
    book = line("0010", "0020", "0030")
    book.post(5, "point", point="0010")
    told = book.post(0, rework=q(3), point="0010")
    assert (told.text, told.data["rework"]) == ("3 reworked posted in 0000000002", "3")
    told = book.post(2, "scrap", after="0010", scrap_reason="DENT")
    assert (told.text, told.data["lost"]) == ("2 lost posted in 0000000003", "2")
    told = book.post(1, rework=q(1), point="0010")
    assert told.text == "1 and 1 reworked posted in 0000000004"


def test_a_reversal_of_too_much_scrap_names_its_reason() -> None:
    book = line()
    book.post(2, "scrap", scrap_reason="DENT")
    told = book.ask(Reverse(1, None, q(1), "SCRATCH"))
    assert told.text == "document 0000000001 has 0 left to reverse (scrap SCRATCH), not 1"


# -- points


def test_an_operation_that_is_no_reporting_point_is_refused_by_card_telegram_and_command() -> None:
    """A card that named it was taken for the line's end without a word, and rework was written there."""
    book = line(more=("0010", "0020"))
    by_hand = book.post(1, "point", point="0010")
    told = {(by_hand.code, by_hand.text)}
    refused = book.scan("BF:POINT:0010", id="by card")
    told.add((refused.code, dict(refused.facts)["reason"]))
    for number, cards in enumerate(([], ["BF:REWORK"], ["BF:SCRAP:DENT"])):
        for card in cards:
            book.scan(card, id=card)
        refused = book.scan(LABEL, id=f"by telegram {number}", point="0010")
        told.add((refused.code, dict(refused.facts)["reason"]))
    assert told == {("BF3010", "operation 0010 of FG is no reporting point; the points are final")}
    assert book.documents() == []
    book.scan("BF:POINT:0020", id="the end")
    assert book.scan(LABEL, id="counts").result == "ok"


@pytest.mark.parametrize(("device", "edition"), [("S1", 3), ("S2", EDITION)])
def test_it_counts_at_the_end_in_older_journals_and_where_the_row_of_the_scanner_says_it(
    device: str, edition: int
) -> None:
    two = [routing([operation("0010"), operation("0020")])]
    book = Book(plant(routings=two, devices=[scanner("S2", operation="0010")]), rules=Rules(edition=edition))
    if device == "S1":
        book.scan("BF:POINT:0010")
    assert (book.scan("FG", device).result, book.stock("FG")) == ("ok", "1")


def reasons(book: Book) -> str:
    """Return what is booked of each reason."""
    book.commit()
    sums: dict[str, int] = {}
    for line in book.ledger.confirmations:
        if line.scrap:
            sums[line.reason] = sums.get(line.reason, 0) + line.scrap // 1_000_000
    return " ".join(f"{reason}{units}" for reason, units in sorted(sums.items()))


@pytest.mark.parametrize(
    ("splits", "booked"),
    [
        (["A5", "A4 B2", "A4 B2", "A6 B2"], "A6 B2"),
        (["A5", "B6", "A1 B7", "A6 B7"], "A6 B7"),
        (["A5", "A4 B1", "A4 B2", "A5 B2"], "A5 B2"),
        (["A3 B3 C3", "A1 B4 C5", "A4 B4 C5"], "A4 B4 C5"),
    ],
)
@pytest.mark.parametrize("ordered", [True, False])
def test_a_reject_that_is_put_to_another_reason_is_made_up_for(
    splits: list[str], booked: str, *, ordered: bool
) -> None:
    readings: list[dict[str, Any]] = []
    for number, split in enumerate(splits, 1):
        by = {said[0]: int(said[1:]) for said in split.split()}
        order = {"seq": number} if ordered else {}
        readings.append({"good": 10 * number, "scrap": sum(by.values()), "scrap_by": tuple(by.items()), **order})
    assert reasons(story({}, *readings)) == booked


@given(st.lists(st.dictionaries(st.sampled_from("ABC"), st.integers(0, 5), min_size=1), min_size=1, max_size=8))
def test_whatever_is_put_to_other_reasons_the_split_follows_what_the_counter_says_last(
    told: list[dict[str, int]],
) -> None:
    """Law: once no reason has less than was booked of it, what is booked is what the counter says."""
    readings: list[dict[str, Any]] = []
    total = 0
    for number, by in enumerate(told, 1):
        # All scrap never falls: what of the reasons is less than before is filled up at one.
        split = {name: units for name, units in by.items() if units}
        split["A"] = split.get("A", 0) + max(0, total - sum(split.values()))
        total = sum(split.values())
        readings.append({"good": number, "scrap": total, "scrap_by": tuple(split.items()), "seq": number})
    last = {name: units + total for name, units in dict(readings[-1]["scrap_by"]).items()}
    last |= {name: total for name in "ABC" if name not in last}
    readings.append({"good": 99, "scrap": sum(last.values()), "scrap_by": tuple(last.items()), "seq": 99})
    wanted = " ".join(f"{name}{units}" for name, units in sorted(last.items()) if units)
    assert reasons(story({}, *readings)) == wanted


def test_the_reasons_of_a_counter_that_began_again_begin_again() -> None:
    book = story(
        {"reset": "allow", "max_step": 500},
        {"good": 200, "scrap": 60, "scrap_by": (("DENT", 60),), "seq": 1},
        {"good": 5, "scrap": 2, "scrap_by": (("DENT", 2),), "seq": 2},
    )
    assert book.line()["read"] == "267"
    assert reasons(book) == "DENT62"
