"""Uploads without a gateway: hostile bodies, the bounds of a check, and how many wait."""

import errno
import os
import signal
import sqlite3
import time
import zlib
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import make_url
from starlette.datastructures import UploadFile

import gateway.web.upload_check
import gateway.web.uploads
from gateway.errors import Unavailable, UsageError
from gateway.masterdata.merge import Change, Missing
from gateway.service.local.imports import find_grave
from gateway.web.rights import Visitor
from gateway.web.upload_check import Bounds, CheckedFile, check_file
from gateway.web.uploads import KEPT_S, Upload, Uploads
from tests.asgi import ask
from tests.unit.web.house import House

REASONS = b"reason,text\n03,bent\n"
PART = '--b\r\nContent-Disposition: form-data; name="{}"\r\n\r\n{}\r\n'
FILE = '--b\r\nContent-Disposition: form-data; name="{}"; filename="{}"\r\n\r\n{}\r\n'


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """Offer a site whose ledger is away."""
    with House(tmp_path) as made:
        yield made


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("multipart/form-data; boundary=b", ""),
        ("multipart/form-data; boundary=b", "nonsense"),
        ("multipart/form-data; boundary=b", FILE.format("file", "", "") + "--b--\r\n"),
        ("multipart/form-data; boundary=b", FILE.format("other", "x.csv", "x") + "--b--\r\n"),
        ("multipart/form-data; boundary=b", FILE.format("file", "x.csv", "x") * 2 + "--b--\r\n"),
        ("multipart/form-data; boundary=b", "".join(PART.format(name, "x") for name in range(99)) + "--b--\r\n"),
        ("multipart/form-data; boundary=b", PART.format("rows", "x" * 2_000_000) + "--b--\r\n"),
        ("multipart/form-data; boundary=b", "--b\r\n\r\nx\r\n--b--\r\n"),
        ("multipart/form-data; boundary=b; charset=undefined", PART.format("rows", "\u00e4") + "--b--\r\n"),
        ("multipart/form-data; boundary=" + "b" * 300, "x"),
        ("multipart/form-data", "x"),
        ("multipart/form-data; boundary=", "x"),
        ("application/x-www-form-urlencoded", "file=x"),
        ("", ""),
    ],
    ids=range(14),
)
async def test_a_body_that_is_no_file_is_said_and_harms_nothing(house: House, kind: str, body: str) -> None:
    cookie = house.session("admin")
    said = {"cookie": cookie, "sec_fetch_site": "same-origin", "content_type": kind}
    page = await ask(house.app, "/imports/new", "POST", body=body, x_csrf=house.csrf_of(cookie), **said)
    assert (page.status, "Choose a file." in page.body) == (400, True), page.body
    program = await ask(house.app, "/api/v1/masterdata/check", "POST", body=body, x_csrf=house.csrf_of(cookie), **said)
    assert (program.status, program.headers["content-type"]) == (400, "application/problem+json")
    assert (await ask(house.app, "/imports/new", "POST", body=body, **said)).status == 403


async def test_nothing_of_a_file_is_read_without_the_right(house: House) -> None:
    for role, status in (("corrector", 403), ("", 401)):
        said = {"cookie": house.session(role)} if role else {}
        body = FILE.format("file", "x.csv", "x") + "--b--\r\n"
        kind = {"content_type": "multipart/form-data; boundary=b", "sec_fetch_site": "same-origin"}
        assert (await ask(house.app, "/imports/new", "POST", body=body, **kind, **said)).status == status


@pytest.mark.parametrize(
    ("bounds", "why"), [(Bounds(60, 64 << 20), "more than 64 MiB of memory"), (Bounds(0, 1 << 30), "longer than 0 s")]
)
def test_a_check_that_needs_too_much_is_ended_with_a_sentence(house: House, bounds: Bounds, why: str) -> None:
    with pytest.raises(UsageError, match=why):
        check_file(house.settings, "scrap_reasons.csv", REASONS, Missing.KEPT, bounds)


async def test_uploads_are_few_and_do_not_wait_for_long(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    anna, pia = (Visitor(name, "session", frozenset({"admin"}), ("*",)) for name in ("anna", "pia"))
    uploads = Uploads(house.settings, house.asking)
    first = await uploads.check(anna, "scrap_reasons.csv", REASONS, Missing.KEPT)
    assert (first.report["errors"], uploads.of(anna), uploads.of(pia)) == (0, [first], [])
    monkeypatch.setattr("gateway.web.uploads.MOST_OF_VISITOR", 1)
    newer = await uploads.check(anna, "../x/lines.csv", b"", Missing.KEPT)
    assert (uploads.of(anna), newer.report["errors"]) == ([newer], 1)
    assert uploads.find(pia, newer.name) is None
    later_s = time.time() + KEPT_S
    monkeypatch.setattr("gateway.web.uploads.time.time", lambda: later_s)
    assert uploads.of(anna) == []


async def test_an_upload_that_finds_no_room_takes_none_of_its_person(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    uploads, visitor = Uploads(house.settings, house.asking), Visitor("anna", "session", frozenset({"admin"}), ("*",))
    report = {"confirm": [], "errors": 0, "changed": 1, "to_confirm": 0}
    monkeypatch.setattr(gateway.web.uploads, "check_file", lambda *_: CheckedFile(report, b"x" * 10))
    names = [(await uploads.check(visitor, "x.csv", REASONS, Missing.KEPT)).name for _ in range(3)]
    monkeypatch.setattr(gateway.web.uploads, "MOST_BYTES", 29)
    with pytest.raises(Unavailable, match="too many uploads"):
        await uploads.check(visitor, "x.csv", REASONS, Missing.KEPT)
    assert [each.name for each in uploads.of(visitor)] == names[::-1]


async def test_a_temporary_folder_without_room_is_said(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    async def fail(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(UploadFile, "write", fail)
    cookie = house.session("admin")
    said = {"cookie": cookie, "sec_fetch_site": "same-origin", "content_type": "multipart/form-data; boundary=b"}
    body = FILE.format("file", "x.csv", "x") + "--b--\r\n"
    for path in ("/imports/new", "/api/v1/masterdata/check"):
        answer = await ask(house.app, path, "POST", body=body, x_csrf=house.csrf_of(cookie), **said)
        assert (answer.status, "No space left on device" in answer.body) == (503, True), answer.body


def test_a_check_that_the_system_ends_is_not_called_late(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gateway.web.upload_check, "_examine", killed)
    with pytest.raises(Unavailable, match="the system has ended the check"):
        check_file(house.settings, "scrap_reasons.csv", REASONS, Missing.KEPT)


def killed(*_: object) -> None:
    """End as a process does that the system takes memory from."""
    os.kill(os.getpid(), signal.SIGKILL)


async def test_a_ledger_of_another_schema_is_away_for_uploads_and_archives(house: House) -> None:
    file = Path(make_url(house.settings.database_url).database or "")
    with closing(sqlite3.connect(file)) as ledger:
        ledger.execute("CREATE TABLE other (a)")
    visitor = Visitor("anna", "session", frozenset({"admin"}), ("*",))
    report = {"confirm": [], "errors": 0, "changed": 1, "to_confirm": 0, "digest": "d", "in_force": ""}
    upload = Upload("u", "x.csv", "web:anna", 0.0, Missing.KEPT, report, zlib.compress(b"x"))
    answer = await Uploads(house.settings, house.asking).decide(visitor, upload, "t", "new", [])
    assert (answer.http_status, answer.code) == (503, "BF9001"), answer
    archive = await ask(house.app, "/api/v1/masterdata.zip", cookie=house.session("admin"))
    assert archive.status == 503, archive.body


def test_what_is_confirmed_is_what_goes_moves_or_changes() -> None:
    def change(table: str, kind: str, *columns: str) -> Change:
        return Change(table, ("x",), kind, tuple((column, "a", "b") for column in columns))

    grave = [
        change("materials", "removed", "unit"),
        change("runs", "changed", "batch"),
        change("devices", "changed", "stale_s", "line"),
        change("devices", "changed", "disabled"),
    ]
    light = [change("materials", "changed", "unit"), change("devices", "changed", "stale_s"), change("runs", "added"),
             change("devices", "added", "line")]  # fmt: skip
    assert find_grave([*light, *grave]) == grave
