"""Files of master data by page and by program, beside a real gateway: checked, decided row by row, imported once."""

import http.client
import io
import json
import os
import re
import signal
import zipfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from gateway.masterdata.files.read import read_tables
from tests.cases.rig import Rig
from tests.cases.test_read_back import SMALL
from tests.integration.browser import window
from tests.integration.test_board_look import SIZES, look
from tests.integration.test_web_acts import Person, hidden_in
from tests.integration.test_web_api_gateway import JSON, Program
from tests.integration.web_process import WebProcess
from tests.unit.masterdata.test_archives import packed

PLANT = SMALL | {"scrap_reasons": "reason text\n03 bent\n07 burr\n12 torn"}
REASONS = "reason,text\n03,bent\n07,burr\n12,torn\n"
MANY = "reason,text\n" + "".join(f"r{number},many\n" for number in range(201))


@pytest.fixture(scope="module")
def rig() -> Iterator[Rig]:
    """Offer a plant with three scrap reasons."""
    with Rig(PLANT) as rig:
        yield rig.start()


@pytest.fixture(scope="module")
def web(rig: Rig) -> Iterator[WebProcess]:
    """Offer the web process beside it."""
    with WebProcess(rig.gateway.config) as process:
        process.add_user("anna", "admin").add_user("pia", "admin").add_user("carl", "corrector")
        process.add_user("ada", "admin", "1000/*")
        yield process.start()


@pytest.fixture(scope="module")
def anna(web: WebProcess) -> Person:
    """Sign the administrator in."""
    return Person(web, "anna")


def in_force(rig: Rig) -> dict[str, str]:
    """Return the scrap reasons in force."""
    rig.done("masterdata", "export", str(rig.folder / "now.zip"))
    with zipfile.ZipFile(rig.folder / "now.zip") as archive:
        lines = archive.read("scrap_reasons.csv").decode().splitlines()[1:]
    return dict(line.split(",")[:2] for line in lines)


def send(person: Person, name: str, content: "bytes | str", rows: str = "keep", csrf: str = "") -> tuple[int, str, str]:
    """Upload a file as a browser does; return the status, the address of its page, and the page."""
    csrf = csrf or hidden_in(person.send("/imports/new")[2])["csrf"]
    parts = [("csrf", "", csrf.encode()), ("rows", "", rows.encode()),
             ("file", f'; filename="{name}"', content.encode() if isinstance(content, str) else content)]  # fmt: skip
    body = b"".join(
        f'--edge\r\nContent-Disposition: form-data; name="{field}"{more}\r\n\r\n'.encode() + value + b"\r\n"
        for field, more, value in parts
    )
    headers = {"Cookie": person._cookie, "Sec-Fetch-Site": "same-origin",  # noqa: SLF001 - another kind of body
               "Content-Type": "multipart/form-data; boundary=edge"}  # fmt: skip
    with closing(http.client.HTTPConnection("127.0.0.1", person._port, timeout=100)) as connection:  # noqa: SLF001 - see above
        connection.request("POST", "/imports/new", body + b"--edge--\r\n", headers)
        answer = connection.getresponse()
        status, where, page = answer.status, answer.headers.get("location", ""), answer.read().decode()
        if where:
            connection.request("GET", where, headers=headers)
            page = connection.getresponse().read().decode()
    return status, where, page


# -- decisions


def test_rows_that_go_are_ticked_one_by_one_in_a_browser_without_javascript(rig: Rig, web: WebProcess) -> None:
    rig.take_masterdata("--remove")
    before = len(rig.json("report", "imports"))
    (rig.folder / "scrap_reasons.csv").write_text("reason,text\n03,bent badly\n09,new\n")
    with window(java_script_enabled=False) as shown:
        page = shown.sign_in(web, "/masterdata")
        page.get_by_role("link", name="Import a file").click()
        page.select_option("#field-rows", "remove")
        page.set_input_files("#field-file", rig.folder / "scrap_reasons.csv")
        page.get_by_role("button", name="Check the file").click()
        shown_text = page.locator("main").inner_text()
        for text in ("text bent → bent badly", "text new", "removed: scrap_reasons 07", "removed: scrap_reasons 12"):
            assert text in shown_text, text
        page.fill("#field-reason", "new list")
        page.get_by_label("scrap_reasons 07").check()
        page.get_by_role("button", name="Import").click()
        assert page.get_by_role("status").count() == 0, "the browser asks for the other tick first"
        page.get_by_label("scrap_reasons 12").check()
        page.get_by_role("button", name="Import").dblclick()
        page.get_by_role("status").filter(has_text="the master data is in force").wait_for()
        page.go_back()
        page.get_by_role("status").filter(has_text="the master data is in force").wait_for()
        assert page.get_by_role("button", name="Import").count() == 0
        shown.check()
    imports = rig.json("report", "imports")
    assert len(imports) == before + 1
    assert (imports[0]["actor"], imports[0]["reason"]) == ("web:anna", "new list")
    assert in_force(rig) == {"03": "bent badly", "09": "new"}


def test_a_decision_without_each_tick_or_a_reason_is_refused(rig: Rig, anna: Person) -> None:
    rig.take_masterdata("--remove")
    before = in_force(rig)
    status, where, page = send(anna, "scrap_reasons.csv", "reason,text\n03,bent\n", "remove")
    form = hidden_in(page)
    rows = re.findall(r'name="(row-\d+)"', page)
    assert (status, len(rows)) == (303, len(before) - 1)
    for said, code in (
        ({"reason": "x"}, "BF5014"),
        ({"reason": "x", **dict.fromkeys(rows[1:], "yes")}, "BF5014"),
        (dict.fromkeys(rows, "yes"), "BF5008"),
        ({"reason": "x\u202e", **dict.fromkeys(rows, "yes")}, "BF5008"),
    ):
        status, _, page = anna.send(where, {**form, **said})
        assert (status, code in page) == (409 if code == "BF5014" else 422, True), page
    assert in_force(rig) == before
    foreign = {"reason": "x", **dict.fromkeys(rows, "yes"), "csrf": "another"}
    assert anna.send(where, {**form, **foreign})[0] == 403
    assert in_force(rig) == before


def test_devices_that_move_and_runs_that_change_are_ticked(rig: Rig, anna: Person) -> None:
    rig.take_masterdata("--remove")
    content = packed({
        "plant/devices.csv": "device,plant,line,kind,disabled\nc1,1000,L1,counter,yes\ns1,1000,L1,scanner,\n",
        "plant/runs.csv": "plant,line,material,version,start,batch\n1000,L1,P,1,2026-01-01T00:00,B7\n",
    })  # fmt: skip
    status, where, page = send(anna, "some.zip", content)
    assert (status, page.count('type="checkbox"')) == (303, 2), page
    assert "changed: devices c1" in page
    assert "changed: runs 1000 / L1 / 2026-01-01T00:00" in page
    form = {**hidden_in(page), "reason": "rebuilt", "row-0": "yes"}
    assert anna.send(where, form)[0] == 409
    status, _, page = anna.send(where, {**form, "row-1": "yes"})
    assert (status, "the master data is in force" in page) == (200, True), page
    assert rig.json("report", "runs")[0]["batch"] == "B7"


def test_more_rows_than_anybody_ticks_are_left_to_the_command(rig: Rig, anna: Person) -> None:
    rig.take_masterdata("--remove")
    status, where, page = send(anna, "scrap_reasons.csv", MANY)
    assert anna.send(where, {**hidden_in(page), "reason": "many"})[0] == 200
    status, where, page = send(anna, "scrap_reasons.csv", "reason,text\n03,bent\n", "remove")
    assert (status, "backflush masterdata import FILE --remove" in page) == (303, True)
    assert 'name="row-0"' not in page
    answer = anna.send(where, {**hidden_in(page), "transaction": "t", "reason": "few", "row-0": "yes"})
    assert (answer[0], "BF5014" in answer[2]) == (409, True)
    assert len(in_force(rig)) >= 201
    rig.take_masterdata("--remove")


def test_what_has_changed_meanwhile_is_refused(rig: Rig, anna: Person) -> None:
    rig.take_masterdata("--remove")
    _, where, page = send(anna, "scrap_reasons.csv", REASONS + "13,scratched\n")
    rig.change("scrap_reasons", "03", text="bent again")
    status, _, page = anna.send(where, {**hidden_in(page), "reason": "x"})
    assert (status, "BF6002" in page, "upload the file again" in page) == (409, True, True), page
    assert "13" not in in_force(rig)


def test_a_gateway_that_does_not_answer_or_is_gone_is_said_and_the_same_form_gets_its_answer(
    rig: Rig, anna: Person
) -> None:
    rig.take_masterdata("--remove")
    _, where, page = send(anna, "scrap_reasons.csv", "reason,text\n20,late\n")
    form = {**hidden_in(page), "reason": "slow"}
    os.kill(rig.gateway.pid, signal.SIGSTOP)
    try:
        status, _, page = anna.send(where, form)
    finally:
        os.kill(rig.gateway.pid, signal.SIGCONT)
    assert (status, "Ask again" in page, 'role="status"' in page) == (202, True, False), page
    again = hidden_in(page)
    assert again["transaction"] == form["transaction"]
    status, _, page = anna.send(where, {**again, "reason": "slow"})
    assert (status, "the master data is in force" in page) == (200, True), page
    assert [each["reason"] for each in rig.json("report", "imports")].count("slow") == 1
    _, where, page = send(anna, "scrap_reasons.csv", "reason,text\n21,gone\n")
    form = {**hidden_in(page), "reason": "gone"}
    rig.gateway.kill()
    status, _, page = anna.send(where, form)
    assert (status, "BF9001" in page) == (503, True), page
    rig.start()
    assert anna.send(where, form)[0] == 200
    assert in_force(rig)["21"] == "gone"


# -- hostile files


def bomb_of_entities() -> bytes:
    """Return a workbook whose text stands for more than any memory, and for a file of this machine."""
    entities = b"".join(b'<!ENTITY e%d "%s">' % (n, b"&e%d;" % (n - 1) * 10) for n in range(1, 12))
    xml = b'<!DOCTYPE x [<!ENTITY e0 "ha"><!ENTITY f SYSTEM "/etc/passwd">' + entities + b"]><x>&e11;&f;</x>"
    return packed({"[Content_Types].xml": xml, "xl/workbook.xml": xml})


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("plant.xlsx", bomb_of_entities(), "not a readable workbook"),
        ("plant.yaml", 'scrap_reasons: &a\n- {reason: x, text: *a}\n"\\ud800<script>": []\n', "plant.yaml"),
        ("../../<img src=x onerror=alert(1)>.csv", "reason,text\n1,a\n", "unknown table"),
        ("scrap_reasons.csv", "reason,text\n" + ",\n" * 9 + "=cmd(),\n" * 1_000_000, "9,000 more are not shown"),
    ],
    ids=range(4),
)  # fmt: skip
def test_a_hostile_file_gets_findings(anna: Person, name: str, content: "bytes | str", expected: str) -> None:
    status, _, page = send(anna, name, content)
    assert (status, expected in page) == (303, True), page[:3_000]
    assert "Nothing can be imported" in page
    assert 'name="reason"' not in page
    assert "root:" not in page
    assert "<img" not in page
    assert "<script>" not in page
    assert len(page) < 2_000_000
    assert anna.send("/healthz")[0] == 200


def test_a_file_that_is_too_large_or_none_gets_a_sentence(anna: Person) -> None:
    status, _, page = send(anna, "lines.csv", b"x" * (65 << 20))
    assert (status, "64 MiB at most" in page) == (413, True)
    status, _, page = send(anna, "", "")
    assert (status, "Choose a file" in page) == (400, True)
    assert anna.send("/imports/nothing")[0] == 404


def test_uploads_are_their_own_persons_and_few(web: WebProcess, anna: Person) -> None:
    pia = Person(web, "pia")
    pages = [send(pia, "scrap_reasons.csv", f"reason,text\n30,{number}\n")[1] for number in range(4)]
    assert [pia.send(page)[0] for page in pages] == [404, 200, 200, 200]
    assert anna.send(pages[-1])[0] == 404
    for name in ("carl", "ada"):
        person = Person(web, name)
        assert person.send("/imports/new")[0] == 403
        assert send(person, "scrap_reasons.csv", REASONS, csrf="x")[0] == 403
    assert send(anna, "scrap_reasons.csv", REASONS, csrf="foreign")[0] == 403


# -- programs


def check(program: Program, name: str, content: bytes, **fields: str) -> Any:
    """Have a file checked."""
    parts = [f'--edge\r\nContent-Disposition: form-data; name="{field}"\r\n\r\n{value}\r\n'.encode()
             for field, value in fields.items()]  # fmt: skip
    head = f'--edge\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n'.encode()
    body = b"".join(parts) + head + content + b"\r\n--edge--\r\n"
    kind = {"Content_Type": "multipart/form-data; boundary=edge"}
    return program.ask("POST", "/api/v1/masterdata/check", body.decode("latin-1"), **kind)


def test_a_program_checks_and_imports(rig: Rig, web: WebProcess) -> None:
    rig.take_masterdata("--remove")
    program = Program(web, "--scope", "read", "--scope", "admin", "--lines", "*")
    assert check(Program(web, "--scope", "read", "--lines", "*"), "x.csv", b"").status == 403
    assert check(Program(web, "--scope", "admin", "--lines", "1000/*"), "x.csv", b"").status == 403
    assert check(program, "scrap_reasons.csv", b"reason,text\n", rows="all").status == 422
    checked = check(program, "scrap_reasons.csv", b"reason,text\n03,bent\n07,burr\n", rows="remove")
    assert (checked.status, checked.content["errors"]) == (200, 0), checked
    [row] = checked.content["confirm"]
    assert (row["table"], row["key"], row["kind"]) == ("scrap_reasons", ["12"], "removed")
    assert checked.content["tables"]["scrap_reasons"]["removed"] == 1

    def decide(key: str, **said: object) -> Any:
        wish = {name: checked.content[name] for name in ("upload", "digest")} | {"reason": "by program"} | said
        return program.ask("POST", "/api/v1/masterdata/imports", json.dumps(wish), Idempotency_Key=key, **JSON)

    confirmed = [{"table": "scrap_reasons", "key": ["12"]}]
    for said, status, code in (
        ({}, 409, "BF5014"),
        ({"confirmed": confirmed, "digest": "0" * 64}, 422, "BF5008"),
        ({"confirmed": confirmed, "reason": ""}, 422, "BF5008"),
        ({"confirmed": [{"table": "scrap_reasons"}]}, 422, "BF5008"),
        ({"confirmed": confirmed, "upload": "none"}, 404, None),
    ):
        answer = decide("no", **said)
        assert (answer.status, answer.content.get("code")) == (status, code), answer
    first = decide("once", confirmed=confirmed)
    assert (first.status, first.content["data"]["digest"]) == (200, checked.content["digest"])
    again = decide("once", confirmed=confirmed)
    assert (again.status, again.content) == (200, first.content)
    assert rig.json("report", "imports")[0]["actor"] == f"token:{program.name}"
    assert program.ask("GET", "/api/v1/masterdata").content["digest"] == checked.content["digest"]


def test_what_is_in_force_is_an_archive_that_changes_nothing(
    rig: Rig, web: WebProcess, anna: Person, tmp_path: Path
) -> None:
    rig.take_masterdata("--remove")
    token = Program(web, "--scope", "read", "--lines", "*")._token  # noqa: SLF001 - the answer is no JSON
    connection = http.client.HTTPConnection("127.0.0.1", web.port, timeout=60)
    headers = {"Authorization": f"Bearer {token}"}
    connection.request("GET", "/api/v1/masterdata.zip", headers=headers)
    answer = connection.getresponse()
    content, tag = answer.read(), answer.headers["etag"]
    assert (answer.status, answer.headers["content-type"]) == (200, "application/zip")
    connection.request("GET", "/api/v1/masterdata.zip", headers={**headers, "If-None-Match": tag})
    answer = connection.getresponse()
    assert (answer.status, answer.read()) == (304, b"")
    connection.close()
    (tmp_path / "plant.zip").write_bytes(content)
    assert "scrap_reasons" in read_tables(tmp_path / "plant.zip").rows  # type: ignore[union-attr]  # no findings
    assert zipfile.ZipFile(io.BytesIO(content)).testzip() is None
    _, _, page = send(anna, "plant.zip", content, "remove")
    assert "Nothing changes" in page


# -- looks


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_pages_fit_every_screen_and_can_be_used_by_all(
    rig: Rig, web: WebProcess, scheme: str, tmp_path: Path
) -> None:
    rig.take_masterdata("--remove")
    reasons, codes = "reason,text\n03,bent badly\n09,new\n", "code,kind,value\n1,material," + "w" * 200
    (rig.folder / "plant.zip").write_bytes(packed({"scrap_reasons.csv": reasons, "aliases.csv": codes}))
    (rig.folder / "scrap_reasons.csv").write_text(reasons)
    language = "de" if scheme == "dark" else "en"
    with window(color_scheme=scheme, locale=language) as shown:
        page = shown.sign_in(web, "/imports/new")
        found: dict[str, list[str]] = {}
        found |= looks(page, tmp_path, f"new-{scheme}")
        name = "plant.zip" if scheme == "dark" else "scrap_reasons.csv"
        page.select_option("#field-rows", "remove")
        page.set_input_files("#field-file", rig.folder / name)
        page.get_by_role("button").last.click()
        page.locator("#findings, #changes").first.wait_for()
        found |= looks(page, tmp_path, f"{name}-{scheme}")
        assert {name: each for name, each in found.items() if each} == {}
        shown.check()


def looks(page: Page, folder: Path, name: str) -> dict[str, list[str]]:
    """Look at a page, and whether it fits each screen."""
    found = {name: look(page, folder, name)}
    for size, (width, height) in SIZES.items():
        page.set_viewport_size({"width": width, "height": height})
        wide = page.evaluate("document.documentElement.scrollWidth") > width
        found[f"{name}-{size}"] = ["wider than the screen"] if wide else []
    return found
