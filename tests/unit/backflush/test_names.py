"""Lines are named exactly, at every door, and posted by the gateway whose they are."""

from dataclasses import replace

import pytest

from gateway.backflush.memory.events import (
    Action,
    Begin,
    Hold,
    Post,
    Presence,
    QuarantineDismiss,
    QuarantineReplay,
    Reverse,
    RunStart,
    RunStop,
)
from gateway.backflush.memory.noise import KEPT_SINGLY
from gateway.backflush.memory.state import EDITION, Rules
from gateway.backflush.values.quantities import MICRO
from gateway.errors import Reason
from tests.book import Book
from tests.builders import LINE, PLANT, counter, plant, scanner, version

NAMES = ["+", "#", "a/b", LINE.lower(), f"{LINE} ", f" {LINE}", "L9", "_", "", "\u00e9", "x" * 90]


def doors(line: str) -> list[Action]:
    return [
        RunStart(PLANT, line, "FG", "V1"),
        RunStop(PLANT, line, None),
        Post("assembly", PLANT, line, "FG", "V1", MICRO),
        Hold(PLANT, line, "", held=True),
        Hold(PLANT, line, "", held=False),
    ]


@pytest.mark.parametrize("line", NAMES)
def test_a_line_that_is_not_maintained_is_refused_at_every_door_and_leaves_nothing(line: str) -> None:
    for action in doors(line):
        book = Book(plant())
        before = {key: list(runs) for key, runs in book.state.runs.items()}
        assert book.ask(action).code == Reason.UNKNOWN_LINE, action
        assert book.state.runs == before
        assert (book.state.holds, book.state.documents) == (set(), 0)


def test_a_run_on_a_line_that_is_gone_can_still_be_ended() -> None:
    book = Book(plant())
    book.ask(RunStart(PLANT, LINE, "FG", "V1"))
    book.state.master = replace(book.state.master, lines={})
    assert book.ask(RunStop(PLANT, LINE, None)).code == Reason.OK
    assert book.ask(RunStart(PLANT, LINE, "FG", "V1")).code == Reason.UNKNOWN_LINE


def test_a_card_of_a_line_that_is_not_maintained_chooses_nothing() -> None:
    book = Book(plant(devices=[scanner("ROAM", line="_")]))
    told = book.scan(f"BF:LINE:{PLANT}:L9", "ROAM", line="_")
    assert (told.result, told.code) == ("nok", Reason.UNKNOWN_LINE)
    assert book.scan("FG", "ROAM", line="_").code == Reason.NO_LINE


def test_what_a_roaming_scanner_says_for_another_gateways_line_waits_for_that_one() -> None:
    book = Book(plant(devices=[scanner("ROAM", line="_")]))
    book.state.owned = (f"{PLANT}/_",)
    book.scan(f"BF:LINE:{PLANT}:{LINE}", "ROAM", line="_")
    for text in ("FG", "BF:RUN:FG:V1", "BF:STOP", "BF:CLOSE", "BF:UNDO"):
        told = book.scan(text, "ROAM", line="_")
        assert (told.result, told.code) == ("nok", Reason.NOT_ALLOWED), text
    assert (book.state.documents, book.stock("FG")) == (0, "0")
    first = min(number for number, entry in book.ledger.quarantine.items() if entry.code == Reason.NOT_ALLOWED)
    book.state.owned = (f"{PLANT}/{LINE}",)
    book.ask(QuarantineReplay((first,)))
    assert (book.state.documents, book.stock("FG")) == (1, "1")


def test_an_undo_at_a_line_of_this_gateway_leaves_what_was_posted_at_one_of_another() -> None:
    book = Book(plant(versions=[version(), version("V2", line="L2")], devices=[scanner("ROAM", line="_")]))
    for text in (f"BF:LINE:{PLANT}:{LINE}", "FG", f"BF:LINE:{PLANT}:L2"):
        assert book.scan(text, "ROAM", line="_").result != "nok"
    book.state.owned = (f"{PLANT}/L2",)
    assert (book.scan("BF:UNDO", "ROAM", line="_").code, book.stock("FG")) == (Reason.NOT_ALLOWED, "1")


def test_what_is_of_another_gateways_line_is_refused_at_every_door_and_changes_nothing_there() -> None:
    book = Book(plant(devices=[counter("C1"), scanner("S1")]), rules=Rules(window="reading", open_names=()))
    book.count(good=2, boot="a")
    book.scan("FG", id="1")
    book.count(good=9, boot="a", unit="KG")
    waits = max(book.ledger.quarantine)
    marks, stock, online = str(book.state.marks_of_devices), book.stock("FG"), dict(book.state.online)
    book.state.owned = (f"{PLANT}/L9",)
    book.count(good=12, boot="a")
    book.count(good=5, boot="a", delta=True)
    assert book.scan("FG", id="2").code == Reason.NOT_ALLOWED
    assert book.scan("BF:UNDO").code == Reason.NOT_ALLOWED
    book.feed(Presence(book.counted().entry, PLANT, LINE, "C1", online=True))
    quarantined = (QuarantineReplay((waits,)), QuarantineDismiss((waits,)))
    for action in (*doors(LINE), Reverse(1), *quarantined, Begin("C1", {"good": 0})):
        assert book.ask(action).code == Reason.NOT_ALLOWED, action
    assert (str(book.state.marks_of_devices), book.stock("FG"), book.state.online) == (marks, stock, online)
    refused = [entry for entry in book.open_entries() if entry.code == Reason.NOT_ALLOWED]
    assert [(entry.kind, entry.good, entry.scrap) for entry in refused] == [("untrusted", 0, 0)] * 4

    # Whoever has the line posts all of it: no name was kept, no mark has moved, and the total settles what was refused.
    book.state.owned = (f"{PLANT}/{LINE}",)
    assert book.scan("FG", id="2").code == Reason.OK
    book.count(good=15, boot="a")
    assert book.stock("FG") != stock
    assert sum(entry.code == Reason.NOT_ALLOWED for entry in book.open_entries()) == 3


def test_a_message_is_dismissed_by_the_gateway_of_its_line_and_further_ones_open_their_entry_again() -> None:
    book = Book(plant(devices=[scanner("S1")]), rules=Rules(open_names=()))
    book.state.owned = (f"{PLANT}/L9",)
    sent = [book.scanned("FG", id=f"s{n}") for n in range(KEPT_SINGLY + 2)]
    book.feed(*sent[:-1])
    book.commit()
    last = max(book.ledger.quarantine)
    assert book.dismiss(last).code == Reason.NOT_ALLOWED
    assert book.ledger.quarantine[last].state == "open"
    mine = book.state
    book.crash()
    book.state.owned = (f"{PLANT}/{LINE}",)
    assert book.dismiss(last).data["entries"] == {f"{last:010d}": "dismissed"}
    # The gateway that had refused it goes on refusing, and has heard of no dismissal.
    book.state, mine.now = mine, book.now
    book.feed(sent[-1])
    book.commit()
    assert (book.ledger.quarantine[last].state, book.ledger.groups[last].messages) == ("open", 2)


def test_what_older_journals_dismissed_at_any_gateway_is_dismissed() -> None:
    book = Book(plant(devices=[scanner("S1")]))
    book.state.owned = (f"{PLANT}/L9",)
    book.scan("FG", id="1")
    [number] = book.ledger.quarantine
    assert book.dismiss(number).data["entries"] == {f"{number:010d}": "dismissed"}


def test_a_counter_that_was_never_heard_is_refused_at_another_gateways_line_like_any_other() -> None:
    """The broker had kept its telegram, and the lines were narrowed meanwhile."""
    book = Book(plant(devices=[counter("C1"), counter("C2", role="scrap")]))
    book.state.owned = (f"{PLANT}/L9",)
    for device, reading in (("C1", {"good": 5}), ("C1", {"good": 5, "boot": "a", "seq": 1}), ("C2", {"scrap": 2})):
        book.count(device, **reading)
    assert [entry.code for entry in book.open_entries()] == [Reason.NOT_ALLOWED] * 3
    assert book.state.marks_of_devices == {}
    book.state.owned = (f"{PLANT}/{LINE}",)
    book.count("C1", good=6, boot="a", seq=2)
    assert book.stock("FG") == "6"


def test_what_a_roaming_scanner_said_is_settled_by_who_heard_it_or_has_the_line_at_which_it_stood() -> None:
    rules = Rules(window="reading", open_names=(), edition=EDITION)
    for owned, heard_here, chosen, settled in (
        ("L9", False, True, False),
        ("L9", False, False, False),
        (LINE, False, True, True),
        (LINE, False, False, False),
        ("_", False, False, True),
        ("L9", True, True, True),
        ("L9", True, False, True),
    ):
        book = Book(plant(devices=[scanner("ROAM", line="_")]), rules=rules)
        if chosen:
            book.scan(f"BF:LINE:{PLANT}:{LINE}", "ROAM", line="_")
        book.scan("UNKNOWN", "ROAM", line="_")
        [entry] = book.open_entries()
        book.state.owned = (f"{PLANT}/{owned}",)
        if not heard_here:
            book.state.ordinal += 1
        told = book.ask(QuarantineDismiss((entry.number,)))
        assert told.code == (Reason.OK if settled else Reason.NOT_ALLOWED), (owned, heard_here, chosen)
        assert (book.ledger.quarantine[entry.number].state == "open") != settled
