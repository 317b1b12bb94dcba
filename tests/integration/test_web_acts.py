"""Acts of people on pages, beside a real gateway: rights, lines, repetitions, and a gateway that goes away."""

import html
import http.client
import json
import os
import re
import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import urlencode

import pytest

from tests.cases.rig import Rig
from tests.cases.test_read_back import SMALL
from tests.integration.web_process import PASSWORD, WebProcess

PLANT = SMALL | {
    "storage_locations": SMALL["storage_locations"].replace("RM       yes", "RM       no"),
    "production_versions": SMALL["production_versions"] + "\n1000 P 2 1 1 L2 FG",
    "scrap_reasons": "reason text\n03 bent",
    "devices": """device plant line kind    first window
                  c1     1000  L1   counter zero  -
                  c2     1000  L1   counter zero  shift
                  s1     1000  L1   scanner -     -""",
}
PEOPLE = {
    "anna": ("admin", "*"),
    "carl": ("corrector", "*"),
    "olga": ("operator", "*"),
    "lena": ("corrector", "1000/L2"),
    "pia": ("corrector", "1000/*"),
}


class Person:
    """Somebody who is signed in, as a browser would send it."""

    def __init__(self, web: WebProcess, name: str) -> None:
        self._port = web.port
        self._cookie = ""
        _, headers, _ = self.send("/login", {"name": name, "password": PASSWORD})
        self._cookie = headers["set-cookie"].partition(";")[0]

    def send(self, path: str, form: dict[str, str] | None = None) -> tuple[int, Any, str]:
        """Get a page, or send a form; a form that is opened leads to the address with its transaction."""
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=100)
        headers = {"Cookie": self._cookie, "Sec-Fetch-Site": "same-origin", "Accept": "text/html"}
        body = urlencode(form) if form is not None else None
        connection.request("GET" if form is None else "POST", path, body, headers)
        answer = connection.getresponse()
        page = answer.read().decode()
        connection.close()
        there = answer.headers.get("location", "")
        if answer.status == http.client.SEE_OTHER and there.partition("?")[0] == path.partition("?")[0]:
            return self.send(there)
        return answer.status, answer.headers, html.unescape(page)

    def fill(self, path: str, **said: str) -> dict[str, str]:
        """Open a form and fill it in; one with a preview is then the form of that, if there is one."""
        status, _, page = self.send(path)
        assert status == 200, page
        form = {**hidden_in(page), **said}
        if 'value="preview"' in page:
            page = self.send(f"{path}?{urlencode({**form, 'step': 'preview'})}")[2]
            form |= hidden_in(page)
        return form

    def act(self, path: str, **said: str) -> tuple[int, str]:
        """Open a form, fill it in and send it; return status and page."""
        status, _, page = self.send(path.partition("?")[0], self.fill(path, step="do", **said))
        return status, page


def hidden_in(page: str) -> dict[str, str]:
    """Return the hidden fields of a page's last form; the first one signs out."""
    return dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', page))


@pytest.fixture(scope="module")
def rig() -> Iterator[Rig]:
    """Offer a plant whose component is short, with one document."""
    with Rig(PLANT, mqtt={"allow_requests": ["hold", "release", "work", "reverse"]}) as rig:
        rig.start()
        rig.count("c1", 3)
        rig.settle()
        yield rig


@pytest.fixture(scope="module")
def web(rig: Rig) -> Iterator[WebProcess]:
    """Offer the web process beside it, with people of each kind."""
    with WebProcess(rig.gateway.config) as process:
        for name, (role, lines) in PEOPLE.items():
            process.add_user(name, role, lines)
        yield process.start()


@pytest.fixture(scope="module")
def people(web: WebProcess) -> dict[str, Person]:
    """Sign everybody in."""
    return {name: Person(web, name) for name in PEOPLE}


def test_posting_is_previewed_and_posted_once(rig: Rig, people: dict[str, Person]) -> None:
    carl = people["carl"]
    before = rig.documents()
    said = {"line": "1000/L1", "type": "assembly", "quantity": "4"}
    page = carl.send(f"/post?{urlencode({**said, 'step': 'preview'})}")[2]
    assert "This would be posted" in page
    form = carl.fill("/post", **said)
    assert rig.documents() == before
    first = carl.send("/post", {**form, "step": "do"})
    again = carl.send("/post", {**form, "step": "do"})
    assert first[0] == again[0] == 200
    assert "Done" in first[2]
    assert first[2] == again[2]
    [paper] = [each for each in rig.documents() if each not in before]
    assert (paper["yield"], paper["actor"]) == ("4", "web:carl")
    other = carl.send("/post", {**form, "quantity": "5", "step": "do"})
    assert (other[0], "BF2006" in other[2]) == (422, True)
    refused = carl.send("/post?line=1000/L1&quantity=x&step=preview")
    assert (refused[0], "BF5008" in refused[2]) == (422, True)
    assert len(rig.documents()) == len(before) + 1


def test_open_pieces_are_seen_with_their_period_and_posted_by_those_who_may(
    rig: Rig, people: dict[str, Person]
) -> None:
    carl, pia = people["carl"], people["pia"]
    assert "Nothing is open" in carl.send("/windows")[2]
    rig.count("c2", 5)
    rig.settle()
    [found] = rig.json("report", "windows")
    assert [found[name] for name in ("line", "material", "yield", "closes_by", "devices")] == [
        "L1", "P", "5", "shift", ["c2"],
    ]  # fmt: skip
    assert "/windows?line=1000" in pia.send("/periods")[2]
    assert "end of the shift" in pia.send("/windows?line=1000")[2]
    assert "/windows/close?line=1000/L1" in carl.send("/windows")[2]
    assert "/windows/close" not in people["olga"].send("/windows")[2]
    assert "Nothing is open" in people["lena"].send("/windows")[2]
    before = rig.documents()
    for name in ("olga", "lena"):
        assert people[name].send("/windows/close?line=1000/L1")[0] == 403
    status, page = pia.act("/windows/close?line=1000/L1", reason="the pallet is full")
    [paper] = [each for each in rig.documents() if each not in before]
    assert (status, paper["yield"], f"/documents/{paper['document']}" in page) == (200, "5", True), page
    assert rig.json("report", "windows") == []


def test_the_newest_pieces_are_reversed_without_a_document_after_a_preview(rig: Rig, people: dict[str, Person]) -> None:
    carl, said = people["carl"], {"line": "1000/L1", "material": "P", "version": "1", "quantity": "2"}
    assert 'href="/reversals"' in carl.send("/board")[2]
    before = rig.documents()
    page = carl.send(f"/reversals?{urlencode({**said, 'step': 'preview'})}")[2]
    assert ("This would be posted" in page, "\u22122" in page) == (True, True), page
    form = {**carl.fill("/reversals", **said), "reason": "miscounted", "step": "do"}
    assert rig.documents() == before
    first = carl.send("/reversals", form)
    again = carl.send("/reversals", form)
    assert (first[0], first[2]) == (again[0], again[2])
    [paper] = [each for each in rig.documents() if each["document"] not in {one["document"] for one in before}]
    assert (paper["yield"], paper["actor"], paper["reason"]) == ("-2", "web:carl", "miscounted")
    refused = carl.send(f"/reversals?{urlencode({**said, 'quantity': '9999', 'step': 'preview'})}")
    assert (refused[0], "BF5006" in refused[2], 'value="9999"' in refused[2]) == (422, True, True)
    for name, status in (("olga", 403), ("lena", 403), ("pia", 200)):
        asked = people[name].send(f"/reversals?{urlencode({**said, 'step': 'preview'})}")
        assert asked[0] == status, asked[2]


def test_rights_and_lines_are_judged(rig: Rig, people: dict[str, Person]) -> None:
    assert people["olga"].send("/worklist/hold?line=1000/L1")[0] == 403
    csrf = people["olga"].fill("/runs/stop?line=1000/L1")["csrf"]
    form = {"csrf": csrf, "transaction": "o-1", "line": "1000/L1", "reason": "x", "step": "do"}
    assert people["olga"].send("/worklist/hold", form)[0] == 403
    paper = rig.documents()[0]
    lena = people["lena"]
    assert lena.send("/worklist/hold?line=1000/L1")[0] == 403
    for path, said in (
        ("/worklist/hold", {"line": "1000/L1"}),
        (f"/documents/{paper['document']}/reverse", {}),
        ("/documents/9999999999/reverse", {}),
        ("/backlog/close", {"records": f"{paper['document']}/1"}),
    ):
        status, page = lena.act(path, reason="curious", **said)
        assert (status, "BF5007" in page) == (403, True), path
    status, page = lena.act("/worklist/hold?line=1000/L2", reason="audit")
    assert (status, "the worklist of 1000/L2 is held" in page) == (200, True)
    [hold] = rig.json("report", "holds")
    assert (hold["line"], hold["actor"]) == ("L2", "web:lena")
    assert people["carl"].act("/worklist/release?line=1000/L2", kind="all", reason="done")[0] == 200


def test_lists_lead_to_what_can_be_done(rig: Rig, people: dict[str, Person]) -> None:
    carl = people["carl"]
    rig.say("bf/v1/1000/L1/new-7/count", "5")
    rig.settle()
    page = carl.send("/quarantine")[2]
    assert "/quarantine/dismiss?device=new-7&code=BF2001" in page
    assert "Adopt the device" in page
    assert "/quarantine/dismiss" not in people["olga"].send("/quarantine")[2]
    assert "new-7" in carl.send("/entries?device=new-7")[2]
    assert "dismissed" not in people["lena"].act("/quarantine/dismiss?device=new-7", reason="of another line")[1]
    status, page = carl.act("/quarantine/dismiss?device=new-7&code=BF2001", reason="a trial")
    assert (status, "dismissed" in page) == (200, True), page
    assert "A" in carl.send("/backlog")[2]
    assert "/backlog/correct?record=" in carl.send("/shortages")[2]
    record = rig.json("backlog", "list")[0]
    name = f"{record['document']}/{record['item']}"
    assert carl.act(f"/backlog/close?records={name}", reason="counted")[0] == 200
    assert record["document"] not in {each["document"] for each in rig.json("backlog", "list")}
    for path in ("/worklist", "/dues", "/holds", "/runs", "/periods"):
        assert carl.send(path)[0] == 200, path


def test_a_corrector_of_a_plant_settles_what_its_scanners_had_refused(rig: Rig, people: dict[str, Person]) -> None:
    rig.say("bf/v1/1000/_/w-lost/scan", '{"id": "w1", "data": "no label"}')
    rig.settle()
    pia = people["pia"]
    [_, dismiss] = re.findall(r'href="(/quarantine/\w+\?device=w-lost[^"]*)"', pia.send("/quarantine")[2])
    assert pia.send(dismiss)[0] == 200
    status, page = pia.act(dismiss.replace("&line=1000", ""), reason="a lost phone")
    assert (status, "dismissed" in page) == (200, True), page
    assert "w-lost" not in pia.send("/quarantine")[2]
    refused = pia.send("/imports")
    assert (refused[0], "This is of all lines together. Your lines: 1000/*." in refused[2]) == (403, True)


def test_ticked_entries_have_one_form_and_a_result_each(rig: Rig, people: dict[str, Person]) -> None:
    carl, anna = people["carl"], people["anna"]
    for total in ("6", "7", "8"):
        rig.say("bf/v1/1000/L1/new-5/count", f'{{"good": {total}, "batch": "B{total}"}}')
    rig.settle()
    numbers = [each["number"] for each in rig.json("quarantine", "list", "--device", "new-5")]
    page = carl.send("/entries?device=new-5")[2]
    for number in numbers:
        assert f'<input class="tick" type="checkbox" form="ticked" name="numbers" value="{number}"' in page
    path = f"/quarantine/dismiss?{urlencode([('numbers', number) for number in numbers])}"
    form = carl.fill(path, reason="a trial", step="do")
    assert form["numbers"].split() == numbers
    assert 'name="device"' not in carl.send(path)[2], "what is named is not asked for"
    assert anna.act(f"/quarantine/dismiss?numbers={numbers[1]}", reason="mine")[0] == 200
    first = carl.send("/quarantine/dismiss?lang=de", form)
    assert first[0] == 200
    results = re.findall(r'<th scope="row">(\d+)</th><td>([^<]*)', first[2])
    assert [text.strip() for _, text in results] == [
        "verworfen", "nichts: der Eintrag war schon verworfen", "verworfen",
    ] if len(numbers) == 3 else False  # fmt: skip
    assert "<h1>Zum Teil erledigt</h1>" in first[2]
    assert carl.send("/quarantine/dismiss?lang=de", form)[2] == first[2], "a double click gets the first answer"
    status, page = carl.act(f"/quarantine/dismiss?{urlencode([('numbers', number) for number in numbers])}", reason="x")
    assert (status, "<h1>Nothing was changed</h1>" in page) == (200, True)


def test_ticked_lines_have_one_form_and_a_result_each(rig: Rig, people: dict[str, Person]) -> None:
    carl, lena = people["carl"], people["lena"]
    path = "/worklist/hold?lines=1000%2FL1&lines=1000%2FL2"
    form = lena.fill(path, reason="audit", step="do")
    status, _, page = lena.send("/worklist/hold", form)
    assert (status, "<h1>Done in part</h1>" in page, "BF5007" in page) == (200, True, True), page
    [hold] = rig.json("report", "holds")
    assert (hold["line"], hold["actor"], hold["reason"]) == ("L2", "web:lena", "audit")
    form = carl.fill(path, reason="all of it", step="do")
    first, again = carl.send("/worklist/hold", form), carl.send("/worklist/hold", form)
    assert (first[0], "<h1>Done</h1>" in first[2], first[2]) == (200, True, again[2])
    assert carl.send("/worklist/hold", {**form, "reason": "another"})[0] == 422
    assert {(hold["line"], hold["actor"]) for hold in rig.json("report", "holds")} == {
        ("L1", "web:carl"), ("L2", "web:carl"),
    }  # fmt: skip
    release = carl.fill("/worklist/release?lines=1000%2FL1&lines=1000%2FL2", kind="all", reason="done", step="do")
    status, _, page = carl.send("/worklist/release?lang=de", release)
    assert (status, "2 von 2 Linien sind erledigt" in page) == (200, True), page
    assert rig.json("report", "holds") == []
    many = {**release, "lines": " ".join(f"1000/L{number}" for number in range(51)), "transaction": "many"}
    assert carl.send("/worklist/release", many)[0] == 422


def test_who_asks_for_many_previews_is_told_to_wait(web: WebProcess, people: dict[str, Person]) -> None:
    carl, path = people["carl"], "/post?line=1000/L1&type=assembly&quantity=4&step=preview"
    done = web.command("token", "add", "mes", "--scope", "post", "--lines", "*")
    ask = {"plant": "1000", "line": "L1", "type": "assembly", "quantity": "4"}

    def ask_by_program(_: int) -> tuple[int, Any, str]:
        connection = http.client.HTTPConnection("127.0.0.1", web.port, timeout=100)
        headers = {"Authorization": f"Bearer {done.out.strip()}", "Content-Type": "application/json"}
        connection.request("POST", "/api/v1/documents/preview", json.dumps(ask), headers)
        answer = connection.getresponse()
        body = answer.read().decode()
        connection.close()
        return answer.status, answer.headers, body

    with ThreadPoolExecutor(8) as pool:
        programs = pool.map(ask_by_program, range(4))
        pages = [*pool.map(lambda _: carl.send(path), range(4))]
    for found, sentence in ((pages, "This would be posted"), ([*programs], '"yield":"4"')):
        assert {status for status, _, _ in found} <= {200, 503}
        assert any("a preview of yours waits already" in body for _, _, body in found)
        for status, headers, body in found:
            assert (sentence in body) is (status == 200), body
            assert (headers["retry-after"] == "5") is (status == 503)


def test_devices_are_adopted_replaced_and_disabled_once(rig: Rig, people: dict[str, Person]) -> None:
    anna = people["anna"]
    rig.say("bf/v1/1000/L1/new-8/count", "5")
    rig.settle()
    assert people["carl"].send("/devices/new-8/adopt")[0] == 403
    assert "/devices/new-8/adopt" in anna.send("/devices")[2]
    form = anna.fill("/devices/new-8/adopt", like="c1", reason="second counter", step="do")
    first, again = anna.send("/devices/new-8/adopt", form), anna.send("/devices/new-8/adopt", form)
    assert (first[0], first[2]) == (200, again[2])
    assert "adopted new-8" in first[2]
    assert "/quarantine?device=new-8" in first[2]
    status, page = anna.act("/devices/new-8/adopt", reason="again")
    assert (status, "is in the master data already" in page) == (422, True), page
    assert anna.act("/devices/new-8/replace", new="new-9", first="zero", reason="broken")[0] == 200
    assert anna.act("/devices/new-9/disable", reason="rebuilt")[0] == 200
    assert anna.act("/devices/new-9/enable", reason="is back")[0] == 200
    rows = {row["device"]: row for row in rig.json("report", "devices")}
    assert (rows["new-8"]["disabled"], rows["new-9"]["disabled"], rows["new-9"]["line"]) == (True, False, "L1")
    newest = rig.json("report", "imports")[0]
    assert (newest["actor"], newest["reason"]) == ("web:anna", "enabled new-9: is back")


def test_runs_and_periods(people: dict[str, Person]) -> None:
    olga, anna = people["olga"], people["anna"]
    assert "/runs/start?line=1000/L2" in olga.send("/line/1000/L2")[2]
    assert "/post?line=1000/L2" not in olga.send("/line/1000/L2")[2]
    status, page = olga.act("/runs/start", line="1000/L2", material="P", version="2")
    assert (status, "1000/L2 makes P 2" in page) == (200, True), page
    assert olga.act("/runs/stop?line=1000/L2")[0] == 200
    assert olga.send("/periods/close?plant=1000&period=2020-01")[0] == 403
    status, page = anna.act("/periods/close?plant=1000&period=2020-01", reason="closing")
    assert (status, "is closed" in page) == (200, True), page
    assert anna.act("/periods/open?plant=1000&period=2020-01", reason="a late piece")[0] == 200
    assert anna.act("/periods/close?plant=1000&period=2099-01", reason="too early")[0] in (409, 422)


def test_a_period_that_was_closed_all_the_same_says_what_is_left_in_it(rig: Rig, people: dict[str, Person]) -> None:
    anna, said = people["anna"], "/periods/close?plant=1000&period="
    before = next(each for each in rig.json("report", "periods") if each["hinders"])
    status, page = anna.act(f"{said}{before['period']}", reason="closing")
    assert (status in (409, 422), "force closes it anyway" in page) == (True, True), page
    assert anna.act(f"{said}{before['period']}", reason="closing", force="yes")[0] == 200
    [after] = [each for each in rig.json("report", "periods") if each["period"] == before["period"]]
    assert (after["state"], after["hinders"]) == ("closed", before["hinders"])
    assert anna.act(f"/periods/open?plant=1000&period={before['period']}", reason="done")[0] == 200


def test_a_gateway_that_goes_away_is_said_and_the_same_form_gets_its_answer(
    rig: Rig, people: dict[str, Person]
) -> None:
    carl = people["carl"]
    paper = next(each for each in rig.documents() if each["type"] == "assembly")
    path = f"/documents/{paper['document']}/reverse"
    form = carl.fill(path, reason="wrong batch", step="do")
    os.kill(rig.gateway.pid, signal.SIGSTOP)
    status, _, page = carl.send(path, form)
    assert (status, "Not known yet" in page) == (202, True), page
    assert "Done" not in page
    os.kill(rig.gateway.pid, signal.SIGCONT)
    status, _, page = carl.send(path, form)
    assert (status, "is reversed by" in page) == (200, True), page
    assert len([each for each in rig.documents() if each["reverses"] == paper["document"]]) == 1
    status, page = carl.act(path, reason="again")
    assert (status, "BF5002" in page) == (409, True)
    form = carl.fill("/worklist/hold?line=1000/L1", reason="audit", step="do")
    rig.gateway.kill()
    status, _, page = carl.send("/worklist/hold", form)
    assert (status, "BF9001" in page, "was not sent" in page) == (503, True, True)
    again = hidden_in(page)
    assert again == {**form, "csrf": again["csrf"]}, "the page asks for the same thing again"
    assert "Ask again for the answer" in page
    rig.start()
    assert carl.send("/worklist/hold", again)[0] == 200
    status, _, page = carl.send(f"{path}?lang=de", carl.fill(path, reason="again", step="do"))
    assert (status, "BF5002: bereits storniert" in page) == (409, True)
    rig.audit()
