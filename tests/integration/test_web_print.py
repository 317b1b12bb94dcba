"""What is printed: a document with its trace, a line and sheets of cards on A4, with nothing cut and nothing dark."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pypdfium2
import pytest
from playwright.sync_api import Page

from gateway.journal import Entry
from gateway.ledger.store.load import master_bytes
from gateway.masterdata.build import build
from gateway.masterdata.tables import tables_in
from gateway.service.labels.cards import KINDS, cards_of
from gateway.service.local.submission import open_pump, system_clock
from tests.integration.browser import wait_for, window
from tests.integration.gateway_process import GatewayProcess
from tests.integration.plant import stocked
from tests.integration.test_board_look import SIZES, look
from tests.integration.told_plant import ToldPlant
from tests.integration.web_process import WebProcess
from tests.servers import Mosquitto
from tests.unit.service.test_labels import codes_of_pdf

HOSTILE = "</text><script>document.title='bad'</script>"
A4 = (595, 842)
MARGIN = 28
"""A centimetre, in points: printers cannot print nearer to an edge."""


class Office(NamedTuple):
    """A plant that has posted, and a browser that prints."""

    gateway: GatewayProcess
    web: WebProcess
    told: ToldPlant
    page: Page

    def print(self, path: str, folder: Path, *, margin: int = MARGIN) -> list[str]:
        """Print a page and return the text of each sheet that is within the margins."""
        if path:
            self.page.goto(self.web.url + path)
        pdf = self.page.pdf(prefer_css_page_size=True, print_background=False)
        (folder / "printed.pdf").write_bytes(pdf)
        texts = []
        for sheet in pypdfium2.PdfDocument(pdf):
            assert tuple(map(round, sheet.get_size())) == A4
            text = sheet.get_textpage()
            texts.append(text.get_text_bounded(margin, margin, A4[0] - margin, A4[1] - margin))
        return texts


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """Offer a plant with a document of every part, a line with a day, and a badge with a hostile name."""
    with Mosquitto() as broker, GatewayProcess(broker.url) as gateway, WebProcess(gateway.config) as web:
        stocked(gateway, tmp_path_factory.mktemp("print") / "shop", operators=[f"9999,{HOSTILE},en"])
        scanner = "bf/v1/1000/_/s-roaming/scan"
        scans = ["BF:LINE:1000:L06", *(f"]C1010200000000101221{serial}" for serial in range(7000, 7012))]
        said = [json.dumps({"id": f"scan-{number}", "data": data}).encode() for number, data in enumerate(scans)]
        with open_pump(gateway.settings) as (journal, _):
            journal.append(system_clock(), [Entry("message", scanner, payload) for payload in said])
        assert gateway.ask("reverse", {"document": "0000000001"}, reason="x" * 60)["status"] == "ok"
        with ToldPlant("127.0.0.1", broker.port) as told, window(locale="en-GB") as shown:
            page = shown.sign_in(web.add_user().start())
            yield Office(gateway, web, told, page)
            shown.check()


def packed(text: str) -> str:
    """Return a text without blanks and line ends, which differ between a page and its print."""
    return re.sub(r"[\s\u00ad\ufffe]", "", text)


PALE = """[...document.querySelectorAll("main *")].filter((each) => each.checkVisibility() &&
  [...each.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.textContent.trim()) &&
  getComputedStyle(each).color.match(/\\d+/g).slice(0, 3).reduce((sum, part) => sum + Number(part), 0) > 400)
  .map((each) => each.textContent)"""
"""Texts that can hardly be read on white paper."""


@pytest.mark.parametrize(
    ("path", "most"), [("/documents/1", 2), ("/documents/13", 2), ("/line/1000/L06", 1), ("/line/1000/L06?lang=de", 1)]
)
def test_a_page_is_printed_whole_and_dark_on_white(office: Office, path: str, most: int, tmp_path: Path) -> None:
    page = office.page
    office.told.tell(6, "stopped")
    page.goto(office.web.url + path)
    page.evaluate("localStorage.setItem('scheme', 'dark')")
    page.reload()
    if "line" in path:
        wait_for(lambda: page.locator("#documents tbody tr").count() > 0, page.content, page)
        wait_for(lambda: page.locator("#head").get_attribute("data-state") == "stopped", page.content, page)
    sheets = office.print("", tmp_path)
    page.emulate_media(media="print")
    shown = "[...document.querySelectorAll('main')].map((main) => main.innerText).join()"
    lines = {packed(line) for line in re.split(r"[\n\t]", page.evaluate(shown))}
    assert (len(lines) > 20, page.evaluate(PALE)) == (True, [])
    page.emulate_media(media="null")
    printed = packed("".join(sheets))
    assert {line for line in lines if line not in printed} == set()
    assert len(sheets) <= most


def test_cards_are_printed_and_sent_as_they_are_on_paper(office: Office, tmp_path: Path) -> None:
    page = office.page
    with office.gateway.ledger() as connection:
        cards = cards_of(build(tables_in(master_bytes(connection) or b"")).master, KINDS)
    page.goto(f"{office.web.url}/labels")
    sheets = page.locator(".sheets img")
    loaded = "[...document.querySelectorAll('.sheets img')].every((image) => image.complete && image.naturalWidth > 0)"
    wait_for(lambda: page.evaluate(loaded), page.content, page)
    count = sheets.count()
    assert count == -(-len(cards.cards) // 10)
    texts = office.print("", tmp_path, margin=0)
    assert len(texts) == count
    wanted = sorted(card.text for card in cards.cards)
    assert sorted(codes_of_pdf((tmp_path / "printed.pdf").read_bytes())) == wanted
    with page.expect_download() as download:
        page.click("a.button[download]")
    sent = Path(download.value.path()).read_bytes()
    assert sorted(codes_of_pdf(sent)) == wanted
    assert page.title() != "bad"


def test_sheets_and_the_check_fit_and_are_accessible(office: Office, tmp_path: Path) -> None:
    findings, page = {}, office.page
    for path in ("/labels", "/labels?paper=62x29&cards=operators&symbol=code128", "/scan/check"):
        for (size, (width, height)), scheme in zip(SIZES.items(), ("light", "dark", "light"), strict=True):
            page.set_viewport_size({"width": width, "height": height})
            page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]  # one of two words
            mark = "&" if "?" in path else "?"
            page.goto(f"{office.web.url}{path}{mark}lang={'de' if size == 'phone' else 'en'}")
            page.evaluate("localStorage.removeItem('scheme')")
            name = re.sub(r"\W+", "-", f"{path}-{size}")
            findings[name] = look(page, tmp_path, name)
    assert {name: found for name, found in findings.items() if found} == {}
