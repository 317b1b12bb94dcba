"""The pages of cards: their sheets are those of the command, for the lines and rights of each visitor."""

import re
from collections.abc import Iterator
from dataclasses import replace
from html import unescape
from pathlib import Path
from urllib.parse import quote

import pytest

import gateway.web.label_pages
from gateway.service.labels.cards import cards_of
from gateway.service.labels.drawings import to_svg
from gateway.service.labels.sheets import PAPERS, lay_out
from gateway.web.ledger_reader import MasterFacts
from tests.asgi import Answer, ask
from tests.unit.service.test_labels import busy
from tests.unit.web.house import House

HOSTILE = "</text><script>alert(1)</script>\u202e&\"'"


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """Offer a site that knows the master data of a plant."""
    with House(tmp_path) as made:
        master = busy()
        made.reader.facts = MasterFacts(
            master=replace(master, lines={**master.lines, ("1000", "L2"): "Empty"}), digest="1"
        )
        yield made


async def get(house: House, path: str, role: str = "admin", lines: str = "*") -> Answer:
    return await ask(house.app, path, cookie=house.session(role, lines))


def kinds_offered(answer: Answer) -> list[str]:
    """Return the kinds of cards that the form offers."""
    [choice] = re.findall(r'<select id="field-cards".*?</select>', answer.body, re.DOTALL)
    return re.findall(r'value="(\w+)"', choice)


async def test_sheets_are_those_of_the_command(house: House) -> None:
    page = await get(house, "/labels?line=1000/L1&symbol=code128&language=de&lang=en")
    pictures = [unescape(path) for path in re.findall(r'<img src="([^"]+)"', page.body)]
    shown = [(await get(house, path)) for path in pictures]
    cards = cards_of(house.reader.facts.master, plant="1000", line="L1", language="de").cards
    assert [answer.body for answer in shown] == to_svg(lay_out(cards, PAPERS["a4"], "code128"))
    assert {answer.headers["content-type"] for answer in shown} == {"image/svg+xml"}
    assert "Gr\u00f6\u00dfe 7" in page.body, "a card that Code 128 cannot hold is named"


@pytest.mark.parametrize(
    ("role", "lines", "without"),
    [
        ("admin", "*", set()),
        ("operator", "*", set()),
        ("viewer", "*", {"operators"}),
        ("admin", "1000/*", {"operators", "aliases"}),
        ("viewer", "1000/L1", {"operators", "aliases"}),
    ],
)
async def test_badges_and_own_labels_are_for_those_who_see_every_line(
    house: House, role: str, lines: str, without: set[str]
) -> None:
    kinds = {"controls", "lines", "points", "versions", "operators", "reasons", "aliases", "test"}
    assert set(kinds_offered(await get(house, "/labels", role, lines))) == kinds - without
    for kind in kinds:
        answer = await get(house, f"/labels.svg?cards={kind}", role, lines)
        assert answer.status == (403 if kind in without else 200), kind


async def test_cards_of_foreign_lines_are_refused(house: House) -> None:
    assert (await get(house, "/labels?line=1000/L2", "viewer", "1000/L1")).status == 403
    assert (await get(house, "/labels.svg?line=1000/L1", "viewer", "1000/L1")).status == 200
    body = (await get(house, "/labels.svg?cards=lines", "viewer", "1000/L1")).body
    assert "BF:LINE:1000:L1" in body
    assert "BF:LINE:1000:L2" not in body


@pytest.mark.parametrize(
    ("query", "status", "says"),
    [
        ("cards=nothing", 400, "expected one of controls, lines"),
        ("symbol=ean", 400, "expected one of qr, code128"),
        ("paper=a5", 400, "expected a4 or a size in mm"),
        ("line=1000/L9", 400, "there is no line"),
        ("line=9000", 400, "there is no line"),
        ("language=fr", 400, "expected one of en, de"),
        ("kinds=points", 400, "there is no filter"),
        ("paper=25x15&symbol=code128", 200, "No card fits"),
        (f"line={quote(HOSTILE)}", 400, "line: expected"),
    ],
)
async def test_what_is_no_order_is_explained(house: House, query: str, status: int, says: str) -> None:
    answer = await get(house, f"/labels?{query}")
    assert (answer.status, says in answer.body) == (status, True), answer.body
    assert "<script>alert" not in answer.body


@pytest.mark.parametrize("page", ["0", "9", "x", "-1", "9" * 30])
async def test_a_page_that_is_none_is_not_found(house: House, page: str) -> None:
    assert (await get(house, f"/labels.svg?page={page}")).status == 404
    assert (await get(house, "/labels.pdf?paper=25x15&symbol=code128")).status == 404


async def test_more_cards_than_are_printed_at_once_are_refused(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gateway.web.label_pages, "MOST", 5)
    answer = await get(house, "/labels")
    assert (answer.status, "at most 5 cards at once" in answer.body) == (400, True)
    assert (await get(house, "/labels?cards=points")).status == 200


async def test_a_page_without_master_data_says_why(tmp_path: Path) -> None:
    with House(tmp_path) as away:
        answer = await get(away, "/labels")
    assert (answer.status, "not read yet" in answer.body) == (503, True)


async def test_hostile_names_are_inert(house: House) -> None:
    facts = house.reader.facts
    house.reader.facts = facts._replace(
        master=replace(facts.master, operators={"1": HOSTILE, HOSTILE: "2"}), digest="2"
    )
    svg = (await get(house, "/labels.svg?cards=operators")).body
    assert "<script" not in svg
    assert "&lt;script&gt;" in svg
    page = (await get(house, "/labels?cards=operators")).body
    assert HOSTILE not in page
    assert "&lt;script&gt;" in page, "a name that no code can hold is told"


async def test_too_many_cards_come_with_the_form_that_narrows_them(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gateway.web.label_pages, "MOST", 1)
    page = await get(house, "/labels?lang=en")
    assert (page.status, "choose a line or a kind of cards" in page.body) == (400, True)
    assert kinds_offered(page)
    assert 'action="/labels"' in page.body
