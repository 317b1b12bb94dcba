"""A web scanner in a real browser, beside a real gateway: each scan is posted once, whatever happens on the way."""

import http.client
import json
import re
from collections.abc import Iterator
from typing import NamedTuple

import pytest
from sqlalchemy import func, select

from gateway.ledger.database import tables as t
from gateway.service.labels.cards import TEST_TEXT
from tests.integration.browser import AWAY, Window, wait_for, window
from tests.integration.gateway_process import GatewayProcess
from tests.integration.keyboard import Typist, type_as_text, type_keys
from tests.integration.plant import stocked
from tests.integration.web_process import PASSWORD, WebProcess
from tests.integration.web_scanner import Phone, Scanner, box, picture
from tests.servers import Mosquitto

NAME = "scan.example"
"""A name of this machine, which browsers trust less than its address."""


class Floor(NamedTuple):
    """What the tests of this module share."""

    gateway: GatewayProcess
    web: WebProcess
    shown: Window
    scanner: Scanner

    def serials(self, first: str) -> list[str]:
        """Return the serial numbers of finished pieces that are posted and begin so."""
        with self.gateway.ledger() as connection:
            found = connection.execute(select(t.serials.c.serial).where(t.serials.c.document > 0)).scalars()
            words = [serial.split() for serial in found]
        return sorted(word[1] for word in words if word[1].startswith(first) and word[-1] == "final")

    @property
    def documents(self) -> int:
        """The number of documents."""
        with self.gateway.ledger() as connection:
            return connection.execute(select(func.count()).select_from(t.documents)).scalar_one()


@pytest.fixture(scope="module")
def floor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Floor]:
    """Offer a plant with one scanner at line L06, whose camera sees a label."""
    film = tmp_path_factory.mktemp("camera") / "label.y4m"
    film.write_bytes(picture("(01)02000000001012(21)F1"))
    camera = ("--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream",
              f"--use-file-for-fake-video-capture={film}")  # fmt: skip
    with (
        Mosquitto() as broker,
        GatewayProcess(broker.url) as gateway,
        WebProcess(gateway.config) as web,
        window(
            *camera,
            f"--host-resolver-rules=MAP {NAME} 127.0.0.1",
            viewport={"width": 390, "height": 844},
            locale="en-GB",
        ) as shown,
    ):
        stocked(gateway, tmp_path_factory.mktemp("plant") / "shop").start().ready()
        web.add_user().start()
        scanner = Scanner(shown, web)
        scanner.choose("#place", "L06")
        scanner.says("L06")
        yield Floor(gateway, web, shown, scanner)
        shown.check(*AWAY, "untrustworthy")


def test_a_us_scanner_on_a_german_computer_posts_and_the_buttons_do_what_cards_do(floor: Floor) -> None:
    scanner = floor.scanner
    scanner.choose("#place", "L06")
    scanner.says("L06")
    scanner.scan(box("A1"))
    scanner.says("12 PC", "green")
    scanner.scan(box("A1"))
    scanner.says("ALREADY", "yellow")
    scanner.choose("#undo", "Reverse it")
    wait_for(lambda: floor.serials("A1") == [], lambda: floor.serials("A1"), scanner.page)
    scanner.choose("#scrap", "05 Scratched")
    wait_for(scanner.page.locator("#armed").is_visible, scanner.page.content, scanner.page)
    assert scanner.page.locator("#armed").inner_text() == "Next label: SCRAP 05"
    type_keys(scanner.keys, f"{box('A2')}\n", stumbles=True)
    scanner.says("Not read", "red")
    scanner.scan(box("A2"))
    scanner.says("12 PC", "purple")
    assert not scanner.page.locator("#armed").is_visible()
    scanner.page.click("#quantity")
    scanner.page.fill("#typed", "5")
    scanner.page.keyboard.press("Enter")
    wait_for(lambda: "\u00d7 5" in scanner.page.locator("#armed").inner_text(), scanner.page.content, scanner.page)
    scanner.scan(box("A3"))
    scanner.says("60 PC", "green")
    scanner.scan("BF:OPERATOR:4711")
    wait_for(lambda: "4711" in scanner.page.locator("#about").inner_text(), scanner.page.content, scanner.page)
    scanner.scan("KANBAN-NOTHING")
    scanner.says("KANBAN-NOTHING", "red")
    scanner.choose("#link", "letters of this computer")
    scanner.scan("BF:YIELD")
    scanner.says("BF\u00d6ZIELD", "red")
    scanner.choose("#link", "keys of a US keyboard")
    scanner.scan("BF:YIELD")
    scanner.says("YIELD", "blue")


def test_scans_without_a_network_outlive_a_reload_and_are_posted_in_order(floor: Floor) -> None:
    scanner, context = floor.scanner, floor.shown.context
    scanner.page.reload()
    wait_for(
        lambda: scanner.page.evaluate("Boolean(navigator.serviceWorker.controller)"), lambda: "no worker", scanner.page
    )
    context.set_offline(True)
    scanner.is_linked("no connection")
    scanner.scan("BF:SCRAP:05", box("B0"), *(box(f"B{number}") for number in range(1, 5)))
    scanner.is_linked("6 waiting")
    scanner.says("Kept", "blue")
    scanner.page.reload()
    scanner.is_linked("6 waiting")
    scanner.scan(box("B5"))
    scanner.is_linked("7 waiting")
    assert floor.serials("B") == []
    context.set_offline(False)
    scanner.is_linked("online")
    assert floor.serials("B") == [f"B{number}" for number in range(6)]
    floor.gateway.audit()


def test_a_killed_web_process_loses_no_scan_and_posts_none_twice(floor: Floor) -> None:
    scanner, web = floor.scanner, floor.web
    before, wanted = floor.documents, [f"C{number:02d}" for number in range(40)]
    for number, serial in enumerate(wanted):
        scanner.scan(box(serial))
        if number in (7, 25):
            port = web.port
            web.kill()
            web.start(port)
    wait_for(lambda: floor.serials("C") == wanted, lambda: floor.serials("C"), scanner.page)
    scanner.is_linked("online")
    assert floor.documents == before + len(wanted)
    floor.gateway.audit()


def test_a_refusal_by_a_proxy_leaves_a_scan_in_its_queue(floor: Floor) -> None:
    scanner = floor.scanner
    scanner.page.evaluate(
        """() => {
          window.realFetch = window.fetch;
          const headers = { "content-type": "text/html" };
          window.fetch = async () => new Response("<h1>Bad Request</h1>", { status: 400, headers });
        }"""
    )
    scanner.scan(box("G1"))
    scanner.says("Kept", "blue")
    scanner.is_linked("1 waiting")
    scanner.page.evaluate("() => { window.fetch = window.realFetch; sender.wake(); }")
    scanner.is_linked("online")
    assert floor.serials("G") == ["G1"]
    again = "queue.leave({ number: 1, said: { data: 'x' } }, {}, { title: 'BF2006' }).then(() => queue.refused())"
    assert scanner.page.evaluate(again) == [], "another tab has had it answered"


def test_the_camera_reads_a_gs1_label_once(floor: Floor) -> None:
    scanner = floor.scanner
    scanner.page.click("#camera")
    wait_for(lambda: floor.serials("F1") == ["F1"], lambda: floor.serials("F"), scanner.page)
    scanner.says("12 PC", "green")
    assert not scanner.page.locator("#ask").is_visible()


def test_the_door_of_scans_judges_whose_they_are_and_leaves_the_rest_to_the_gateway(floor: Floor) -> None:
    scanner = floor.scanner
    mine = {"plant": "1000", "device": scanner.device}
    first = {"id": "door-1", "data": box("D1"), **mine}
    assert (scanner.post(first)[0], scanner.post(first)[1]["ref"]) == (200, "door-1")
    assert scanner.post({**first, "data": box("D2")})[1]["code"] == "BF2006"
    for said, status in (
        ({"data": "x", **mine}, 400),
        ({"id": "door 2", "data": "x", **mine}, 400),
        ({"id": "door-2", "data": "x", "plant": "1000", "device": "c-L06-good"}, 403),
        ({"id": "door-2", "data": "x", "plant": "2000", "device": scanner.device}, 403),
        ({"id": "door-2", "data": "x" * 70_000, **mine}, 413),
    ):
        assert scanner.post(said)[0] == status, said
    status, feedback = scanner.post({"id": "door-3", **mine})
    assert (status, feedback["result"], feedback["code"]) == (200, "nok", "BF1019")
    connection = http.client.HTTPConnection("127.0.0.1", floor.web.port, timeout=60)
    token = floor.web.command("token", "add", "prometheus", "--scope", "read").out.strip()
    connection.request("GET", "/metrics", headers={"authorization": f"Bearer {token}"})
    figures = connection.getresponse().read().decode()
    assert re.search(r'^bf_web_scans_total\{result="nok"\} [1-9]', figures, re.MULTILINE), figures
    assert re.search(r"^bf_web_scan_answer_seconds_count [1-9]", figures, re.MULTILINE), figures
    headers = {"content-type": "application/json", "sec-fetch-site": "same-origin"}
    connection.request("POST", "/api/v1/scans", json.dumps(first), headers)
    assert connection.getresponse().status == 401
    connection.close()


def test_a_removed_scanner_keeps_its_scans_until_it_is_connected_again(floor: Floor) -> None:
    scanner, web = floor.scanner, floor.web
    assert web.command("scanner", "remove", scanner.device).status == 0
    scanner.scan(box("E1"))
    scanner.is_linked("signed out")
    assert floor.serials("E1") == []
    scanner.pair("--device", scanner.device)
    scanner.is_linked("online")
    wait_for(lambda: floor.serials("E1") == ["E1"], lambda: floor.serials("E"), scanner.page)
    assert web.command("scanner", "list", "--json").json[0]["name"] == scanner.device


def test_a_scanner_is_connected_by_page_once_and_again_and_removed_there(floor: Floor) -> None:
    web, page = floor.web, floor.shown.sign_in(floor.web, "/login?next=/admin/scanners")
    form, table, refusal = page.locator("section form"), page.locator("main table"), page.locator(".refusal")

    def fill(code: str, **said: str) -> None:
        page.fill("#code", code)
        page.fill("#password", PASSWORD)
        for name, value in said.items():
            field = page.locator(f"#{name}")
            field.select_option(value) if name in ("plant", "language", "device") else field.fill(value)

    phone, other = Phone(web), Phone(web)
    fill(phone.code, plant="1000", name="no blanks")
    form.locator("button").click()
    assert "BF5008" in refusal.inner_text()
    assert page.input_value("#code") == phone.code
    fill("12", name="packing-1")
    form.locator("button").click()
    assert "No browser shows this code" in refusal.inner_text()
    fill(phone.code, language="de")
    # A double click connects once, and neither says that it failed.
    both = form.evaluate(
        """async (form) => {
          const send = () => fetch(form.action, { method: "POST", body: new URLSearchParams(new FormData(form)) });
          return (await Promise.all([send(), send()])).map((answer) => [answer.status, answer.redirected]);
        }"""
    )
    assert both == [[200, True], [200, True]]
    assert phone.ask("GET", "/pair") == (303, "/scan/1000/w-packing-1")
    status, said = phone.scan("w-packing-1", "p1")
    assert (status, "WELCHE LINIE?" in said) == (200, True), said
    page.goto(f"{web.url}/admin/scanners")
    row = table.locator("tr", has_text="w-packing-1")
    row.get_by_text("Connect anew").click()
    assert page.input_value("#device") == "w-packing-1"
    fill(other.code)
    form.locator("button").click()
    row.wait_for()
    assert other.ask("GET", "/pair") == (303, "/scan/1000/w-packing-1")
    assert (other.scan("w-packing-1", "p2")[0], phone.scan("w-packing-1", "p3")[0]) == (200, 401)
    row.locator("input").check()
    page.fill("#remove-password", PASSWORD)
    page.get_by_role("button", name="Remove").click()
    page.locator("#device", has_text="w-packing-1: not connected").wait_for()
    assert other.scan("w-packing-1", "p4")[0] == 401
    assert "web:anna" in {each["actor"] for each in floor.gateway.backflush("report", "imports", "--json")}


def test_a_scanner_that_types_as_the_soft_keyboard_of_android_does_is_read(floor: Floor) -> None:
    scanner = floor.scanner
    type_as_text(scanner.keys, box("I1"))
    scanner.says("12 PC", "green")
    scanner.page.focus("#quantity")
    closed = "() => { at('quantity').click(); at('ask').close(); return document.activeElement.id; }"
    assert scanner.page.evaluate(closed) == "keys", "a scan that follows at once finds its field"
    type_as_text(scanner.keys, box("I2"))
    wait_for(lambda: floor.serials("I") == ["I1", "I2"], lambda: floor.serials("I"), scanner.page)


RIGHT = "This scanner is set right"
SETTINGS: list[tuple[Typist, str, dict[str, str], list[str]]] = [
    (Typist(), "", {"Keyboard of the scanner": "US", "Keyboard of this computer": "German"}, []),
    (Typist(computer="us", separator="F8"), "]Q1", {"Separator GS": "F8", "Before the code": "]Q1"}, []),
    (Typist(separator="Alt+029", end="Tab"), "", {"Separator GS": "Alt+029", "After the code": "Tab"}, []),
    (Typist(computer="us", separator="<GS>"), "", {"Separator GS": "<GS>"}, []),
    (Typist("de", "de"), "", {"Keyboard of the scanner": "German"}, ["lets this browser read letters"]),
    (Typist("uk", "us"), "", {}, ["another keyboard (UK)"]),
    (Typist("ch", "us"), "", {}, ["another keyboard (Swiss)"]),
    (Typist("fr", "us"), "", {"Keyboard of this computer": "UK, US"}, ["another keyboard (French)"]),
    (Typist("it", "us"), "", {}, ["another keyboard (Italian)"]),
    (Typist("es", "de"), "", {}, ["another keyboard (Spanish)"]),
    (Typist("nordic", "us"), "", {}, ["another keyboard (Swedish, Finnish)"]),
    (Typist(separator=""), "", {"Separator GS": "none"}, ["leaves the separator out"]),
    (Typist(separator="_"), "", {}, ["sends _"]),
    (Typist(), "X-", {}, ["sends X- before"]),
    (Typist(gap_s=0.2), "", {"Longest pause between two keys": "200 ms"}, ["200 ms between two keys"]),
    (Typist(end=""), "", {"After the code": "none"}, ["sends nothing after"]),
]


def test_the_check_tells_without_a_network_how_a_scanner_is_set(floor: Floor) -> None:
    scanner, context = floor.scanner, floor.shown.context
    worker = "Boolean(navigator.serviceWorker.controller)"
    wait_for(lambda: scanner.page.evaluate(worker), lambda: "no worker", scanner.page)
    context.set_offline(True)
    scanner.page.click("#link")
    scanner.page.click("#ask a")
    page, documents = scanner.page, floor.documents
    page.locator("#back").wait_for()

    def check(typist: Typist, text: str) -> tuple[str, dict[str, str], list[str]]:
        page.evaluate("document.getElementById('verdict').dataset.state = 'none'")
        typist.type(scanner.keys, text)
        state = "document.getElementById('verdict').dataset.state !== 'none'"
        wait_for(lambda: page.evaluate(state), page.content, page)
        facts = """Object.fromEntries([...document.querySelectorAll('#facts div')]
          .map((pair) => [...pair.children].map((part) => part.textContent)))"""
        return (
            page.locator("#verdict-title").inner_text(),
            page.evaluate(facts),
            page.locator("#advice li").all_inner_texts(),
        )

    for typist, before, told, wanted in SETTINGS:
        title, facts, advice = check(typist, before + TEST_TEXT)
        assert (RIGHT in title, facts.items() >= told.items()) == (not wanted, True), (typist, title, facts, advice)
        assert len(advice) == len(wanted), (typist, advice)
        assert all(words in said for words, said in zip(wanted, advice, strict=True)), (typist, advice)
    assert "not the test code" in check(Typist(), "ANOTHER TEXT")[2][0]
    page.click("#change")
    assert RIGHT in check(Typist("de", "de"), TEST_TEXT)[0]
    assert "read the keys of a US keyboard" in check(Typist(), TEST_TEXT)[2][0]
    page.click("#change")
    type_as_text(scanner.keys, TEST_TEXT.replace("\x1d", "<GS>"))
    wait_for(lambda: RIGHT in page.locator("#verdict-title").inner_text(), page.content, page)
    page.click("#back")
    context.set_offline(False)
    scanner.is_linked("online")
    assert floor.documents == documents


def test_over_plain_http_by_name_the_page_says_what_is_missing_and_a_scan_is_posted(
    floor: Floor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As when a person leaves the s of https out, and a proxy lets that through."""
    web, context, port = floor.web, floor.shown.context, floor.web.port
    address = f"http://{NAME}:{port}"
    floor.scanner.is_linked("online")
    web.kill()
    monkeypatch.setenv("BACKFLUSH_WEB__PUBLIC_URL", f"https://{NAME}:{port}")
    web.start(port)
    page, keys = floor.scanner.page, floor.scanner.keys
    page.goto(f"{address}/pair")
    assert "begins with https" in page.content()
    page.goto(address + floor.scanner.path)
    lacks = """[isSecureContext, navigator.serviceWorker, navigator.mediaDevices, navigator.wakeLock, navigator.locks,
      crypto.randomUUID, crypto.subtle].filter(Boolean).length"""
    assert page.evaluate(lacks) == 0
    notes = page.locator("#notes li").all_inner_texts()
    assert "no camera and no start without a network, and the screen may go dark" in notes[0]
    page.click("#camera")
    assert "Without https there is no camera" in page.locator("#ask .hint").inner_text()
    page.keyboard.press("Escape")
    type_keys(keys, f"{box('H1')}\n")
    floor.scanner.is_linked("signed out")
    floor.scanner.says("begins with https", "red")
    # Nobody gets a scanner's cookie over plain http: this one comes from the time when the name had a certificate.
    [known] = [each for each in context.cookies(f"http://127.0.0.1:{port}") if each["name"] == "bf-display"]
    context.add_cookies([{"name": known["name"], "value": known["value"], "domain": NAME, "path": "/"}])
    wait_for(lambda: floor.serials("H1") == ["H1"], page.locator("body").inner_text, page)
    floor.scanner.is_linked("online")
    floor.gateway.audit()
