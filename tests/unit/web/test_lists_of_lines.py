"""Pages of a person with some lines: what they show of other lines, and which lines they ask."""

import csv
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from sqlalchemy import Table, create_engine, make_url

from gateway.backflush.plant.snapshot import Device, MasterData
from gateway.ledger.database import tables as t
from gateway.ledger.database.schema import upgrade
from gateway.ledger.reports import present
from gateway.web.ledger_reader import MasterFacts
from gateway.web.tables import Bar, PageWords
from tests.asgi import Answer, ask
from tests.unit.web.house import House

NOW = 1_795_334_400_000_000
KNOWN = Device("c-L04", "1000", "L04")


@pytest.fixture(scope="module")
def empty_ledger(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """Offer the file of a ledger without content."""
    file = tmp_path_factory.mktemp("empty") / "ledger.db"
    upgrade(f"sqlite:///{file}")
    return file.read_bytes()


@pytest.fixture
def house(tmp_path: Path, empty_ledger: bytes) -> Iterator[House]:
    """Offer a site whose ledger holds entries of lines L04 and L05, of a known device and of an unknown one."""
    with House(tmp_path) as made:
        Path(make_url(made.settings.database_url).database or "").write_bytes(empty_ledger)
        made.reader.facts = MasterFacts(master=MasterData(devices={KNOWN.device: KNOWN}))
        add(made, t.quarantine, [entry(1, "L05", "counter1"), entry(2, "L04", "counter1"),
                                 entry(3, "L05", "c-L04"), entry(4, "L04", "c-L04")])  # fmt: skip
        yield made


def add(house: House, table: Table, rows: list[dict[str, Any]]) -> None:
    """Write rows into the ledger; columns that a row does not name are empty."""
    empty: dict[str, Any] = {column.key: column.type.python_type() for column in table.c}
    engine = create_engine(house.settings.database_url)
    with engine.begin() as connection:
        connection.execute(table.insert(), [{**empty, **row} for row in rows])
    engine.dispose()


def entry(number: int, line: str, device: str) -> dict[str, Any]:
    """Return a quarantine entry whose payload names its line."""
    code = "BF2001" if device == "counter1" else "BF2003"
    said = {"plant": "1000", "line": line, "device": device, "code": code, "payload": f"secret of {line}".encode()}
    return {"number": number, "entry": number, "at": NOW + number, "kind": "rejected", "state": "open", **said}


async def show(house: House, path: str, lines: str, role: str = "viewer") -> Answer:
    """Return a page as a person with lines sees it."""
    return await ask(house.app, path, cookie=house.session(role, lines))


async def test_the_page_of_a_device_shows_no_message_of_other_lines(house: House) -> None:
    answer = await show(house, "/devices/c-L04", "1000/L04")
    assert answer.status == 200
    assert "secret of L04" in answer.body
    assert "secret of L05" not in answer.body
    assert "secret of L05" in (await show(house, "/devices/c-L04", "*")).body


async def test_an_unknown_device_is_of_no_line(house: House) -> None:
    for lines in ("1000/L04", "1000/*"):
        answer = await show(house, "/devices/counter1", lines)
        assert (answer.status, "secret" in answer.body) == (403, False)
    assert (await show(house, "/devices/counter1", "*")).status == 200
    assert (await show(house, "/devices/not-there", "*")).status == 404


async def test_a_list_of_one_of_several_lines_does_not_say_that_nothing_is_held(house: House) -> None:
    nothing, left = "Nothing is held.", "Nothing is left with this filter."
    for lines, text in (("1000/L01 1000/L04", left), ("1000/L01", nothing), ("*", "BF2001")):
        assert text in (await show(house, "/quarantine", lines)).body


async def test_links_of_pages_keep_the_line_of_their_record(house: House) -> None:
    answer = await show(house, "/devices/c-L04", "1000/L05 1000/L04")
    assert "/documents?device=c-L04&amp;line=1000/L04" in answer.body
    assert '/documents?device=c-L04"' in (await show(house, "/devices/c-L04", "*")).body
    cells = PageWords("en", house.reader.facts.master).table(
        "order orders", [{"order": "7", "orders": ["8", "9"], "plant": "1000", "line": "L04"}]
    )
    links = [cell.link for some in cells.rows[0].cells if not isinstance(some, Bar) for cell in some]
    assert links == [f"/orders?order={order}&line=1000%2FL04" for order in "789"]


async def test_no_health_or_time_of_a_message_is_a_fault_of_a_page(house: House) -> None:
    house.board.floor.up()
    long, free = "9" * 5_000, "9" * 400
    for topic, said in (
        ("state", '{"state":"online","phase":"ready"}'),
        ("health", f'{{"ts":"2026-99-99T99:99:99Z","documents":"{long}","disk_free":{free}}}'),
        ("alert/x", '{"id":"x","severity":"error","since":"2026-99-99T99:99:99Z","objects":5}'),
    ):
        house.board.floor.hear(f"bf/v1/_gateway/gw1/{topic}", said.encode(), retained=False)
    for path in ("/gateways", "/alerts"):
        answer = await show(house, path, "*")
        assert (answer.status, "2026-99-99" in answer.body) == (200, True), path


async def test_alerts_and_gateways_say_that_the_broker_is_away(house: House) -> None:
    for path in ("/alerts", "/gateways", "/alerts.csv"):
        house.board.floor.away("refused")
        answer = await show(house, path, "*")
        assert (answer.status, "The broker is away" in answer.body, "refused" in answer.body) == (503, True, True)
        house.board.floor.up()
        assert (await show(house, path, "*")).status == 200


@pytest.mark.parametrize("key", [["x", ""], ["9" * 20, ""], ["", "\ud800"], ["", "a\0"]])
async def test_a_page_after_something_made_up_is_refused(house: House, key: list[str]) -> None:
    answer = await show(house, f"/corrections?after={quote(json.dumps(key))}", "*")
    assert (answer.status, "address of this page is damaged" in answer.body) == (400, True)


def test_a_german_page_has_no_english_timing_or_change() -> None:
    words = PageWords("de", MasterData())
    changes = ["added", "replaces c-1", "replaced by c-2", "moved from 1000/L04"]
    rows = [{"timing": "background", "change": change} for change in changes]
    shown = [[each.text for some in row.cells if not isinstance(some, Bar) for each in some]
             for row in words.table("timing change", rows).rows]  # fmt: skip
    assert {timing for timing, _ in shown} == {"auf Befehl oder nach Zeitplan"}
    wanted = ["hinzugefügt", "ersetzt c-1", "ersetzt durch c-2", "versetzt von 1000/L04"]
    assert [change for _, change in shown] == wanted


async def test_a_corrector_of_a_line_finds_the_backlog_in_the_menu(house: House) -> None:
    assert 'href="/shortages"' in (await show(house, "/quarantine", "1000/L04", "corrector")).body


async def test_the_pages_of_the_backlog_by_document_hold_each_record_once(house: House) -> None:
    wanted = [(1 + number // 7, 1 + number % 7) for number in range(120)]
    add(house, t.documents, [{"number": number, "plant": "1000", "line": "L04"} for number in range(1, 20)])
    add(house, t.backlog, [{"document": document, "item": item, "plant": "1000", "line": "L04", "required": 1_000_000,
                            "created_at": NOW + document} for document, item in wanted])  # fmt: skip
    path, found = "/shortages?line=1000/L04", []
    while path:
        body = (await show(house, path, "1000/L04")).body
        found += [(int(document), int(item)) for document, item in
                  re.findall(r'/documents/(\d+)">\d+</a></th>\s*<td class="number">(\d+)', body)]  # fmt: skip
        following = re.search(r'rel="next" href="([^"]+)"', body)
        path = following[1].replace("&amp;", "&") if following else ""
    assert found == wanted
    assert (await show(house, '/shortages?after=["x","1"]', "*")).status == 400
    assert len((await show(house, "/shortages.csv", "*")).body.splitlines()) == 121


async def test_too_many_hours_come_with_the_form_that_narrows_them(house: House) -> None:
    lines = {("1000", f"L{number:02}"): "" for number in range(80)}
    house.reader.facts = MasterFacts(master=MasterData(lines=lines))
    page = await show(house, "/hours?lang=de", "*")
    assert page.status == 400
    assert 'action="/hours"' in page.body
    assert re.search(r'<(select|input)[^>]* name="line"', page.body), page.body
    assert 'name="lang" value="de"' in page.body


async def test_a_form_of_lines_asks_for_a_line_if_none_was_ticked(house: House) -> None:
    house.reader.facts = MasterFacts(master=MasterData(lines={("1000", "L04"): "", ("1000", "L05"): ""}))
    for path in ("/worklist/work", "/worklist/hold", "/worklist/release"):
        page = await show(house, f"{path}?transaction=t1", "*", "corrector")
        [choice] = re.findall(r'<select id="field-line"[^>]*>', page.body)
        assert "required" in choice
        assert 'name="lines"' not in page.body
        ticked = await show(house, f"{path}?transaction=t1&lines=1000%2FL04&lines=1000%2FL05", "*", "corrector")
        assert 'id="field-line"' not in ticked.body
        assert 'name="lines" value="1000/L04 1000/L05"' in ticked.body


async def test_an_act_on_lines_without_one_is_refused(house: House) -> None:
    cookie = house.session("corrector")
    body = f"csrf={quote(house.csrf_of(cookie))}&transaction=t2&kind=&reason=x"
    for path in ("/worklist/work", "/worklist/hold", "/worklist/release"):
        page = await ask(house.app, path, "POST", body=body, cookie=cookie, sec_fetch_site="same-origin")
        assert (page.status, 'id="field-line"' in page.body) == (422, True), page.body


async def test_corrections_have_no_device_that_was_adopted(house: House) -> None:
    answers = {"adopted c-9": "t1", "c-L04 begins again at 0": "t2", "disabled c-8": "t3"}
    add(house, t.commands, [
        {"command": name, "at": NOW, "verb": "devices", "plant": "1000", "line": "L04", "actor": "web:anna",
         "reason": "x", "response": json.dumps(["ok", "BF0000", text, {}], separators=(",", ":"))}
        for text, name in answers.items()
    ])  # fmt: skip
    page = await show(house, "/corrections?lang=en", "*")
    assert page.status == 200
    assert [text for text in answers if text in page.body] == ["c-L04 begins again at 0"]


async def test_a_german_refusal_names_rights_in_german(house: House) -> None:
    cookie = house.session("viewer")
    page = await ask(house.app, "/quarantine/dismiss?lang=de", cookie=cookie, accept="text/html")
    assert (page.status, "Ihnen fehlt das Recht Korrigieren. Ihre Rechte: Tafel, Lesen." in page.body) == (403, True)


async def test_the_backlog_reads_the_stock_of_what_is_missing_alone(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    lacking = {"plant": "1000", "line": "L04", "unit": "PC", "created_at": NOW, "required": 5_000_000}
    add(house, t.backlog, [{**lacking, "document": number, "item": 1, "material": "BOLT", "location": location}
                           for number, location in ((1, "A1"), (2, "A2"))])  # fmt: skip
    stock = {"plant": "1000", "location": "A1", "stock_type": "unrestricted"}
    add(house, t.stock, [{**stock, "material": "BOLT", "batch": "b1", "quantity": 7_000_000},
                         {**stock, "material": "BOLT", "batch": "b2", "quantity": 8_000_000},
                         {**stock, "material": "NUT", "batch": "", "quantity": 9_000_000}])  # fmt: skip
    monkeypatch.delattr(present, "stock")
    page = await show(house, "/backlog.csv", "*")
    assert page.status == 200
    assert [row["stock"] for row in csv.DictReader(page.body.splitlines())] == ["7, 8", "0"]
