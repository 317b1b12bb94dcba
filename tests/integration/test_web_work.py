"""The work pages over a real ledger, in a real browser: complete lists, inert text, nothing wider than the screen."""

import csv
import http.client
import io
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote, urlencode

import pytest
from playwright.sync_api import Page
from sqlalchemy import Connection

from gateway.journal import Entry
from gateway.ledger.reports import lists
from gateway.ledger.reports.document_filter import DocumentFilter
from gateway.ledger.reports.postings import Record
from gateway.ledger.reports.trace import journals, trace_document
from gateway.service.local.submission import open_pump, system_clock
from gateway.service.local.telegrams import add_telegrams
from tests.integration.browser import Window, window
from tests.integration.gateway_process import GatewayProcess
from tests.integration.plant import stocked
from tests.integration.stored_plant import master_data, reader
from tests.integration.test_audit_sweep import busy_with_everything
from tests.integration.test_board_look import SIZES, look
from tests.integration.test_hostile_text import HOSTILE
from tests.integration.told_plant import ToldPlant
from tests.integration.web_process import WebProcess
from tests.servers import Mosquitto, Postgres

HTML = [
    "<img src=x onerror=alert(1)>",
    "\"'><script>document.title='bad'</script>",
    "{{ 7 * 7 }}",
    "javascript:alert(1)",
]
PAGES = ["documents", "production", "scrap", "statistics", "orders", "runs", "stock", "costs", "periods", "holds",
         "windows", "corrections", "imports", "devices", "alerts", "gateways", "masterdata", "masterdata/bom_items",
         "documents/1", "devices/c-L06-good", "documents?material=none"]  # fmt: skip
PIECES = 120


class Plant(NamedTuple):
    """A web process over a ledger with something of everything, and a token for each of its readers."""

    web: WebProcess
    gateway: GatewayProcess
    tokens: dict[str, str]

    def get(self, path: str, lines: str = "*") -> tuple[int, str]:
        """Get a page as somebody who sees these lines."""
        connection = http.client.HTTPConnection("127.0.0.1", self.web.port, timeout=60)
        connection.request("GET", path, headers={"Authorization": f"Bearer {self.tokens[lines]}"})
        answer = connection.getresponse()
        body = answer.read().decode()
        connection.close()
        return answer.status, body


def _messages() -> Iterator[tuple[str, bytes]]:
    """Say what devices say: pieces by a scanner, totals, and hostile text wherever there is text."""
    scanner, first = "bf/v1/1000/_/s-roaming/scan", {"id": "card", "data": "BF:LINE:1000:L06"}
    yield scanner, json.dumps(first).encode()
    for number in range(PIECES):
        said = {"id": f"scan-{number}", "data": f"]C1010200000000101221{7_000 + number}", "operator": "4711"}
        yield scanner, json.dumps(said).encode()
    yield "bf/v1/1000/L05/c-L05-good/count", b'{"good": 40, "scrap": 3}'
    yield "bf/v1/1000/L05/c-L05-scrap/count", b"3"
    for number, text in enumerate([*HTML, *HOSTILE]):
        yield f"bf/v1/1000/L05/new-{number}/count", json.dumps({"good": 1, "batch": text, "unit": text}).encode()
        yield scanner, json.dumps({"id": text, "data": text, "operator": text}).encode()
        yield "bf/v1/1000/L04/c-L04-good/count", text.encode()


@pytest.fixture(scope="module")
def plant(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Plant]:
    """Offer the pages of a plant that was busy; its gateway is told, and does not run."""
    folder = tmp_path_factory.mktemp("work")
    with Mosquitto() as broker, GatewayProcess(broker.url) as gateway, WebProcess(gateway.config) as web:
        stocked(gateway, folder / "shop")
        with open_pump(gateway.settings) as (journal, _):
            journal.append(system_clock(), [Entry("message", topic, payload) for topic, payload in _messages()])
        for text in HTML[:2]:
            gateway.ask("hold", {"process": "issue"}, plant="1000", line="L05", reason=text)
            gateway.ask("post", {"type": "assembly", "quantity": "4"}, plant="1000", line="L05", reason=text)
        reversed_ = gateway.ask("reverse", {"document": "0000000001"}, reason=HTML[0])
        assert reversed_["status"] == "ok", reversed_
        with ToldPlant("127.0.0.1", broker.port) as told:
            told.gateway()
            told.alert("silent", HTML[0])
            tokens = {}
            for number, lines in enumerate(("*", "1000/*", "1000/L05", "2000/*")):
                done = web.command("token", "add", f"t{number}", "--scope", "read", "--lines", lines)
                assert done.status == 0, done.err
                tokens[lines] = done.out.strip()
            web.add_user().start()
            yield Plant(web, gateway, tokens)


# -- pages of a list follow each other


def test_the_pages_of_documents_hold_each_document_once(plant: Plant) -> None:
    path, seen = "/documents", []
    while path:
        status, body = plant.get(path)
        assert status == 200, body
        seen += re.findall(r'<th scope="row"><a href="/documents/(\d+)">', body)
        following = re.search(r'rel="next" href="([^"]+)"', body)
        path = following[1].replace("&amp;", "&") if following else ""
    status, whole = plant.get("/documents.csv")
    rows = list(csv.DictReader(io.StringIO(whole)))
    assert len(seen) > 2 * 50
    assert seen == [row["document"] for row in rows]
    with plant.gateway.ledger() as connection:
        found = connection.exec_driver_sql("SELECT count(*) FROM documents").scalar()
    assert len(seen) == found


@pytest.fixture(params=["sqlite", "postgresql"])
def busy(request: pytest.FixtureRequest, tmp_path: Path, postgres: Postgres) -> Iterator[Connection]:
    """Offer a ledger in which every table has rows."""
    url = postgres.fresh_url() if request.param == "postgresql" else f"sqlite:///{tmp_path}/ledger.db"
    with busy_with_everything(url), reader(url) as connection:
        yield connection


def test_lists_follow_each_other_by_their_last_record(busy: Connection) -> None:
    def pages(ask: Any) -> list[Record]:
        found: list[Record] = []
        while page := ask(found[-1] if found else None):
            found += page
        return found

    def orders(last: Record | None) -> list[Record]:
        after = (last["start"], last["order"]) if last else None
        return lists.orders(busy, master_data(), limit=1, after=after)

    def runs(last: Record | None) -> list[Record]:
        return lists.runs(busy, limit=1, after=(last["start"], last["plant"], last["line"]) if last else None)

    def corrections(last: Record | None) -> list[Record]:
        which = DocumentFilter(after=int(last["document"] or 0)) if last else DocumentFilter()
        return lists.corrections(busy, which, limit=2, transaction=last["transaction"] if last else "")

    def imports(last: Record | None) -> list[Record]:
        after = (last["at"], last["digest"]) if last else None
        return [one.record for one in lists.imports(busy, limit=1, after=after)]

    assert [one["order"] for one in pages(orders)] == [one["order"] for one in lists.orders(busy, master_data())][::-1]
    assert pages(runs) == lists.runs(busy)
    assert pages(corrections) == lists.corrections(busy)
    assert pages(imports) == [one.record for one in lists.imports(busy)]
    assert len(pages(corrections)) > 2


# -- who sees what


@pytest.mark.parametrize(
    ("path", "lines", "status"),
    [
        ("/documents?line=1000/L05", "1000/L05", 200),
        ("/documents?line=1000/L06", "1000/L05", 403),
        ("/documents?line=1000", "1000/L05", 403),
        ("/documents.csv?line=1000/L06", "1000/L05", 403),
        ("/documents/1", "1000/*", 200),
        ("/documents/1", "1000/L05", 403),
        ("/documents/999999", "1000/L05", 404),
        ("/devices/c-L06-good", "1000/L05", 403),
        ("/devices/nobody", "*", 404),
        ("/stock", "1000/*", 200),
        ("/stock", "1000/L05", 403),
        ("/stock?plant=2000", "1000/*", 403),
        ("/imports?line=1000/L05", "1000/L05", 403),
        ("/masterdata/bom_items", "1000/*", 403),
        ("/masterdata/nothing", "*", 404),
        ("/documents?materal=x", "*", 400),
    ],
)
def test_everybody_sees_the_own_lines_alone(plant: Plant, path: str, lines: str, status: int) -> None:
    assert plant.get(path, lines)[0] == status


def test_a_list_shows_nothing_of_other_lines(plant: Plant) -> None:
    _, body = plant.get("/documents.csv", "1000/L05")
    assert {row["line"] for row in csv.DictReader(io.StringIO(body))} == {"L05"}
    _, body = plant.get("/documents.csv", "2000/*")
    assert len(body.splitlines()) == 1


def test_a_filter_finds_what_it_says_and_the_page_says_why_nothing_is_left(plant: Plant) -> None:
    _, body = plant.get("/documents.csv?" + urlencode({"line": "1000/L05", "type": "assembly"}))
    assert {(row["line"], row["type"]) for row in csv.DictReader(io.StringIO(body))} == {("L05", "assembly")}
    assert "Nothing is left with this filter" in plant.get("/documents?material=none")[1]
    assert "there is no filter" in plant.get("/documents?materal=x")[1]
    assert "PUMP-40" in plant.get("/masterdata/bom_items?find=pump-40")[1]


def test_a_file_has_no_formula_and_nothing_that_acts(plant: Plant) -> None:
    for page in PAGES:
        name, _, query = page.partition("?")
        if re.fullmatch(r"(documents|devices)/.+", name):
            continue
        status, body = plant.get(f"/{name}.csv?{query}")
        assert status == 200, (page, body)
        cells = [cell for row in csv.reader(io.StringIO(body)) for cell in row]
        assert all(cell.isprintable() for cell in cells), page
        assert not [cell for cell in cells if re.match(r"[=+@]|-(?![\d.]+$)", cell)], page


# -- in a browser


@pytest.mark.parametrize(("size", "language"), [("phone", "de"), ("tablet", "en"), ("desk", "de")])
def test_pages_fit_are_accessible_and_inert(plant: Plant, size: str, language: str, tmp_path: Path) -> None:
    width, height = SIZES[size]
    scheme = "dark" if size == "phone" else "light"
    with window(viewport={"width": width, "height": height}, color_scheme=scheme, locale=language) as shown:
        page = shown.sign_in(plant.web, "/documents")
        findings = {path: _look(page, plant, path, tmp_path / size) for path in PAGES}
        assert {path: found for path, found in findings.items() if found} == {}
        shown.check()


def _look(page: Page, plant: Plant, path: str, folder: Path) -> list[str]:
    folder.mkdir(exist_ok=True)
    page.goto(f"{plant.web.url}/{path}")
    faults = look(page, folder, re.sub(r"\W", "-", path))
    if page.locator("main img, main script").count() or "bad" in page.title():
        faults.append("foreign content acts")
    if page.locator("h1").count() != 1:
        faults.append("not one heading")
    return faults


def test_a_person_finds_a_document_and_what_lies_behind_it(plant: Plant) -> None:
    with window(viewport={"width": 390, "height": 844}) as shown:
        page = shown.sign_in(plant.web, "/board")
        page.click("details.menu summary")
        page.click("details.menu a[href='/documents']")
        page.select_option("select[name=type]", "reversal")
        page.click(".filter button")
        page.locator("tbody th a").first.click()
        assert "Reversal" in page.locator(".tree").inner_text() or "reversal" in page.content()
        page.locator(".tree a[href='/documents/0000000001']").click()
        assert page.locator("h1").inner_text() == "Document 0000000001"
        page.locator(".tree a[href='/devices/s-roaming']").first.click()
        assert page.locator("h1").inner_text() == "Device s-roaming"
        _check_keyboard(page, shown)


def _check_keyboard(page: Page, shown: Window) -> None:
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.url.endswith("#content")
    shown.check()


def test_the_telegrams_behind_a_document_are_shown_as_far_as_they_are_here(plant: Plant) -> None:
    topic, german = "bf/v1/1000/_/s-roaming/scan", "/documents/2?lang=de"
    assert topic in plant.get("/documents/2")[1]
    status, body = plant.get("/api/v1/documents/2/telegrams")
    [reading] = json.loads(body)["readings"]
    assert (status, [each["topic"] for each in reading["telegrams"]]) == (200, [topic])
    assert plant.get("/api/v1/documents/2/telegrams", "1000/L05")[0] == 404
    journal = plant.gateway.settings.journal_path
    away = journal.with_suffix(".away")
    journal.rename(away)
    try:
        status, body = plant.get(german)
        assert (status, "im Journal von Gateway gw1" in body, topic in body) == (200, True, False)
        [reading] = json.loads(plant.get("/api/v1/documents/2/telegrams")[1])["readings"]
        assert [each["elsewhere"]["gateway"] for each in reading["telegrams"]] == ["gw1"]
        journal.write_bytes(b"no journal" * 500)
        status, body = plant.get(german)
        assert (status, "Die Telegramme sind gerade nicht lesbar" in body) == (200, True)
        assert plant.get("/api/v1/documents/2/telegrams")[0] == 503
    finally:
        away.rename(journal)
    assert topic in plant.get(german)[1]


def test_telegrams_are_read_up_to_a_number(plant: Plant) -> None:
    with plant.gateway.ledger() as connection:
        record, writers = trace_document(connection, 2), journals(connection)
        assert record is not None
        add_telegrams(plant.gateway.settings, record, writers, 0)
        assert [each.keys() for each in record["readings"][0]["telegrams"]] == [{"entry", "unread"}]
        add_telegrams(plant.gateway.settings, record, writers, 1)
        assert [each["kind"] for each in record["readings"][0]["telegrams"]] == ["message"]


def test_a_ledger_that_is_away_is_said_and_the_page_comes_back(plant: Plant) -> None:
    ledger = next(plant.gateway.data.rglob("ledger.sqlite"))
    away = ledger.with_suffix(".away")
    ledger.rename(away)
    try:
        status, body = plant.get("/stock")
        assert status == 503
        assert quote("ledger.sqlite") in body
    finally:
        away.rename(ledger)
    assert plant.get("/stock")[0] == 200
