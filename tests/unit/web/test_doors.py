"""Every route of the site, for every role and line: the table is derived from the routes themselves."""

import asyncio
import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from starlette.routing import compile_path

from gateway.settings import Settings
from gateway.web.accounts import Limits, digest_of
from gateway.web.board_pages import BoardPages
from gateway.web.guard import Door, Guard
from gateway.web.pages import Pages
from gateway.web.rights import ROLES, SCOPES, SCOPES_OF, Scope, Visitor, faulty_pattern, judge
from gateway.web.site import Site
from tests.asgi import ask
from tests.unit.web.house import PASSWORD, House


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """Offer a site."""
    with House(tmp_path) as made:
        made.site.stopping.set()  # a stream ends after its first events
        yield made


NAMES = {"plant": "1000", "line": "L01"}


def path_of(door: Door) -> str:
    """Return an address of a route: any name stands for what else it is of."""
    return re.sub(r"{(\w+)}", lambda found: NAMES.get(found[1], "1"), door.path)


OPEN = {"/", "/login", "/logout", "/pair", "/static/{digest}/{name}", "/healthz", "/readyz"} | {
    "/scan",
    "/scan/shell",
    "/scan/check",
    "/scan/worker.js",
    "/scan/{plant}/{device}",
    "/scan/{plant}/{device}/manifest",
    "/api/v1/openapi.json",
    "/problems/{code}",
}


def test_the_routes_without_an_account_are_these(house: House) -> None:
    assert {door.path for door in house.site.doors if door.need is None} == OPEN


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("lines", ["*", "1000/*", "1000/L01", "2000/*"])
async def test_every_route_for_every_role_and_line(house: House, role: str, lines: str) -> None:
    cookie = house.session(role, lines)
    for door in house.site.doors:
        if door.need is None:
            continue
        said = {"cookie": cookie, "sec_fetch_site": "same-origin", "x_csrf": house.csrf_of(cookie)}
        answer = await ask(house.app, path_of(door), door.method, **said)
        is_mine = "{line}" not in door.path or lines != "2000/*"
        is_mine &= lines == "*" or door.path != "/api/v1/documents/preview"  # its line stands in its body
        is_enough = {"lines": True, "plants": lines != "1000/L01", "all": lines == "*"}[door.reach]
        has_right = door.need in {"any", *SCOPES_OF[role]}  # type: ignore[index]
        may = has_right and is_mine and is_enough
        is_asked = any(text in answer.body for text in ("Your password is wrong", "Too many failed attempts"))
        assert (answer.status == 403 and not is_asked) is not may, (
            f"{role} {lines} {door.path}: {answer.status} {answer.body[:80]}"
        )


async def test_no_route_with_a_right_is_open(house: House) -> None:
    for door in house.site.doors:
        status = (await ask(house.app, path_of(door), door.method, sec_fetch_site="same-origin")).status
        assert (status == 401) is (door.need is not None), f"{door}: {status}"


async def test_a_page_leads_to_the_sign_in_and_back(house: House) -> None:
    answer = await ask(house.app, "/board?view=wall", accept="text/html")
    assert (answer.status, answer.headers["location"]) == (303, "/login?next=%2Fboard%3Fview%3Dwall")
    assert "/board?view=wall" in (await ask(house.app, answer.headers["location"])).body


@pytest.mark.parametrize(
    ("scopes", "lines", "need", "place", "verdict"),
    [
        (["board"], ("*",), "board", None, "yes"),
        (["board"], ("*",), "read", None, "no"),
        (["read"], ("1000/*",), "read", ("1000", "L9"), "yes"),
        (["read"], ("1000/*",), "read", ("2000", "L9"), "no"),
        (["read"], ("1000/L9",), "read", ("1000", "L9"), "yes"),
        (["read"], ("1000/L9",), "read", ("1000", "L8"), "no"),
        (["read"], (), "read", ("1000", "L8"), "no"),
    ],
)
def test_judgement(
    scopes: list[Scope], lines: tuple[str, ...], need: Scope, place: tuple[str, str] | None, verdict: str
) -> None:
    assert judge(Visitor("x", "token", frozenset(scopes), lines), need, place) == verdict


def test_an_admin_has_every_right_and_a_viewer_changes_nothing() -> None:
    assert SCOPES_OF["admin"] == set(SCOPES) - {"scan"}
    assert SCOPES_OF["viewer"] == {"board", "read"}


RIGHTS = {str(role): scopes for role, scopes in SCOPES_OF.items()}
PAGE = (Path(__file__).parents[3] / "docs" / "web.md").read_text(encoding="utf-8")


def test_the_table_of_roles_has_the_scopes_of_each() -> None:
    shown = re.findall(r"^\| (\w+) \| ((?:`\w+`(?:, )?)+) \|", PAGE, re.MULTILINE)
    assert {role: set(re.findall(r"\w+", scopes)) for role, scopes in shown} == RIGHTS


def test_the_pages_of_a_task_are_there_and_open_to_its_role(house: House) -> None:
    rows = re.findall(r"^\| to \w.*? \| (.*?) \| (\w+)", PAGE, re.MULTILINE)
    assert {role for _, role in rows} == {*RIGHTS, "none"}
    for pages, role in rows:
        for path in re.findall(r"`(/[^`]+)`", pages):
            needs = {d.need for d in house.site.doors if d.method == "GET" and compile_path(d.path)[0].fullmatch(path)}
            assert needs, path
            assert needs <= {None, *RIGHTS.get(role, ())}, f"{role}: {path}"


@pytest.mark.parametrize("pattern", ["", "1000", "1000/", "/L01", "*/L01", "1000/L 1", "1000/_x", "#"])
def test_a_pattern_that_names_no_lines_is_refused(pattern: str) -> None:
    assert faulty_pattern([pattern]) == pattern


# -- the frame


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("127.0.0.1:8765", 200), ("localhost:1", 200), ("[::1]:8765", 200),
        ("evil.example", 421), ("10.0.0.1:8765", 421), ("localhost.evil.example", 421), ("", 421), ("[", 421),
    ],
)  # fmt: skip
async def test_a_foreign_host_is_refused(house: House, host: str, status: int) -> None:
    assert (await ask(house.app, "/healthz", host=host)).status == status


async def test_the_port_that_browsers_omit_may_stand_in_the_public_address(house: House) -> None:
    settings = Settings.model_validate({"web": {"public_url": "https://boards.example:443"}})
    app = Site(settings, house.accounts, house.board, house.reader, house.asking).app()
    assert (await ask(app, "/healthz", host="boards.example", scheme="https")).status == 200
    assert (await ask(app, "/healthz", host="boards.example:444", scheme="https")).status == 421


async def test_every_answer_has_the_headers_that_keep_foreign_content_out(house: House) -> None:
    cookie = house.session("viewer")
    for path in ("/board", "/login", "/nothing", "/healthz", "/line/1000/L01/latest", "/stream"):
        answer = await ask(house.app, path, cookie=cookie)
        assert "default-src 'none'; script-src 'self'" in answer.headers["content-security-policy"], path
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["cache-control"] == "no-store"
    assert (await ask(house.app, "/board", cookie=cookie)).headers.get("strict-transport-security") is None
    secure = await ask(house.app, "/login", scheme="https")
    assert "max-age" in secure.headers["strict-transport-security"]


async def test_assets_are_kept_for_good_and_packed(house: House) -> None:
    page = (await ask(house.app, "/login")).body
    [path] = [part for part in page.split('"') if part.endswith("/app.css")]
    packed = await ask(house.app, path.replace("app.css", "app.css"))
    assert (packed.status, packed.headers["content-type"]) == (200, "text/css; charset=utf-8")
    assert "immutable" in packed.headers["cache-control"]
    assert (await ask(house.app, "/static/000000000000/app.css")).status == 404
    assert (await ask(house.app, "/static/x/..%2f..%2fsite.py")).status == 404


# -- signing in


async def test_a_person_signs_in_and_out(house: House) -> None:
    house.accounts.add_user("anna", "viewer", ["*"], house.hash, time.time())
    answer = await house.sign_in()
    assert (answer.status, answer.headers["location"]) == (303, "/line/1000/L01")
    said = answer.headers["set-cookie"]
    assert "HttpOnly" in said
    assert "samesite=lax" in said.lower()
    cookie = said.split(";")[0]
    page = await ask(house.app, "/board", cookie=cookie)
    csrf = page.body.split('name="csrf" value="')[1].split('"')[0]
    assert (await ask(house.app, "/logout", "POST", cookie=cookie, sec_fetch_site="same-origin")).status == 403
    assert (await ask(house.app, "/board", cookie=cookie)).status == 200
    out = await ask(house.app, "/logout", "POST", body=f"csrf={csrf}", cookie=cookie, sec_fetch_site="same-origin")
    assert out.status == 303
    assert (await ask(house.app, "/board", cookie=cookie)).status == 401
    assert [line.what for line in house.accounts.trail()] == ["logout", "refused", "login"]


@pytest.mark.parametrize(
    ("said", "status"),
    [
        ({}, 303),
        ({"sec_fetch_site": "cross-site"}, 403),
        ({"sec_fetch_site": "same-site"}, 403),
        ({"sec_fetch_site": "none"}, 403),
    ],
)
async def test_a_form_of_another_site_is_refused(house: House, said: dict[str, str], status: int) -> None:
    house.accounts.add_user("anna", "viewer", ["*"], house.hash, time.time())
    assert (await house.sign_in(**said)).status == status


@pytest.mark.parametrize("body", ["a=1&" * 21, "a" * 20_000])
async def test_a_form_that_is_none_of_ours_has_no_fields(house: House, body: str) -> None:
    answer = await ask(house.app, "/login", "POST", body=body, sec_fetch_site="same-origin")
    assert (answer.status, "User or password is wrong" in answer.body) == (403, True)


@pytest.mark.parametrize(
    ("origin", "status"), [("http://127.0.0.1:8765", 303), ("http://evil.example", 403), ("", 403)]
)
async def test_a_browser_that_does_not_say_the_site_says_the_origin(house: House, origin: str, status: int) -> None:
    house.accounts.add_user("anna", "viewer", ["*"], house.hash, time.time())
    body = f"name=anna&password={PASSWORD}"
    said = {"origin": origin} if origin else {}
    assert (await ask(house.app, "/login", "POST", body=body, **said)).status == status


async def test_a_password_is_sent_over_tls_alone(house: House) -> None:
    house.accounts.add_user("anna", "viewer", ["*"], house.hash, time.time())
    settings = Settings.model_validate({"web": {"public_url": "https://boards.example"}})
    site = Site(settings, house.accounts, house.board, house.reader, house.asking)
    body = f"name=anna&password={PASSWORD}"
    for scheme, status in (("http", 403), ("https", 303)):
        said = {"host": "boards.example", "sec_fetch_site": "same-origin"}
        answer = await ask(site.app(), "/login", "POST", body=body, scheme=scheme, **said)
        assert answer.status == status
    assert answer.headers["set-cookie"].startswith("__Host-bf=")
    assert "Secure" in answer.headers["set-cookie"]


async def test_guesses_are_limited_for_an_account_whatever_the_password(house: House) -> None:
    house.accounts.add_user("anna", "viewer", ["*"], house.hash, time.time())
    statuses = [(await house.sign_in(password="wrong password")).status for _ in range(5)]
    assert statuses == [403] * 5
    assert (await house.sign_in()).status == 429


@pytest.mark.parametrize(
    "where", ["//evil.example", "/\\evil.example", "https://evil.example", "javascript:alert(1)", ""]
)
async def test_a_sign_in_leads_to_no_other_site(house: House, where: str) -> None:
    house.accounts.add_user("anna", "viewer", ["*"], house.hash, time.time())
    body = f"name=anna&password={PASSWORD}&next={where}"
    answer = await ask(house.app, "/login", "POST", body=body, sec_fetch_site="same-origin")
    assert answer.headers["location"] == "/board"


async def test_a_disabled_user_is_out_at_once(house: House) -> None:
    cookie = house.session("viewer")
    [user] = house.accounts.users()
    house.accounts.disable_user(user.name)
    assert (await ask(house.app, "/board", cookie=cookie)).status == 401
    house.accounts.disable_user(user.name, undo=True)
    assert (await ask(house.app, "/board", cookie=cookie)).status == 401


async def test_a_page_is_shown_while_accounts_cannot_be_written(house: House) -> None:
    house.accounts.add_user("anna", "viewer", ["*"], house.hash, time.time())
    cookie = f"bf={house.accounts.begin_session('anna', time.time() - 3_600, house.hash)}"
    house.accounts._file.execute("PRAGMA query_only = ON")  # noqa: SLF001 - as a full disk does
    assert (await ask(house.app, "/board", cookie=cookie)).status == 200


def test_a_session_that_has_ended_is_not_begun_again_by_its_stream(house: House) -> None:
    began_s = time.time() - house.settings.web.session_idle - 1
    house.accounts.add_user("anna", "viewer", ["*"], house.hash, began_s)
    guard, limits = (
        Guard(house.settings.web, house.accounts, Pages("en").refuse),
        Limits(house.settings.web.session_idle, 10**9),
    )
    secret = house.accounts.begin_session("anna", began_s, house.hash)
    assert secret is not None
    visitor = house.accounts.find_session(digest_of(secret), began_s, limits)
    assert visitor is not None
    assert not guard.may_stay(visitor)


async def test_a_token_has_its_scope_and_its_lines(house: House) -> None:
    token = house.accounts.add_token("andon", ["read"], ["1000/*"], time.time(), None)
    header = f"Bearer {token}"
    assert (await ask(house.app, "/line/1000/L01", authorization=header)).status == 200
    assert (await ask(house.app, "/line/2000/L01", authorization=header)).status == 403
    assert (await ask(house.app, "/board", authorization=header)).status == 403
    assert (await ask(house.app, "/line/1000/L01", authorization=f"{header}x")).status == 401
    old = house.accounts.add_token("old", ["read"], ["*"], time.time() - 10, time.time() - 1)
    assert (await ask(house.app, "/line/1000/L01", authorization=f"Bearer {old}")).status == 401


async def test_a_token_that_could_be_read_on_its_way_is_refused(house: House) -> None:
    token = house.accounts.add_token("andon", ["read"], ["*"], time.time(), None)
    settings = Settings.model_validate({"web": {"public_url": "https://boards.example"}})
    app = Site(settings, house.accounts, house.board, house.reader, house.asking).app()
    said = {"authorization": f"Bearer {token}", "host": "boards.example"}
    refused = await ask(app, "/line/1000/L01", **said)
    assert (refused.status, "sent over plain http" in refused.body) == (403, True)
    assert house.accounts.trail()[0].what == "refused"
    assert (await ask(app, "/line/1000/L01", scheme="https", **said)).status == 200
    # The name of this machine says nothing of the way of a request that comes from another one.
    far = await ask(app, "/line/1000/L01", client="10.0.0.9", authorization=f"Bearer {token}")
    assert far.status == 403


async def hold(holds: Callable[[], bool]) -> None:
    """Wait until something holds."""
    while not holds():  # noqa: ASYNC110 - nothing tells it
        await asyncio.sleep(0.01)


async def test_a_visitor_has_a_bounded_number_of_streams(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    house.site.stopping.clear()
    monkeypatch.setattr("gateway.web.board_pages._MOST_OF_VISITOR", 2)
    monkeypatch.setattr("gateway.web.board_pages._MOST_STREAMS", 3)
    anna, olga = house.session("viewer"), house.session("viewer")
    [boards] = [room for room in house.site._rooms if isinstance(room, BoardPages)]  # noqa: SLF001 - it counts them
    streams = boards._open  # noqa: SLF001 - the part that is tried
    open_ones = [asyncio.ensure_future(ask(house.app, "/stream", cookie=cookie, stays="yes"))
                 for cookie in (anna, anna)]  # fmt: skip
    await hold(lambda: streams.total() == 2)
    refused = await ask(house.app, "/stream", cookie=anna)
    assert (refused.status, refused.headers["retry-after"]) == (429, "30")
    open_ones.append(asyncio.ensure_future(ask(house.app, "/stream", cookie=olga, stays="yes")))
    await hold(lambda: streams.total() == 3)
    assert (await ask(house.app, "/stream", cookie=house.session("viewer"))).status == 503
    house.site.stopping.set()
    assert [(await each).status for each in open_ones] == [200] * 3
    assert not streams
    assert (await ask(house.app, "/stream", cookie=anna)).status == 200


async def test_a_display_shows_a_code_and_then_the_wall(house: House) -> None:
    shown = await ask(house.app, "/pair")
    cookie = shown.headers["set-cookie"].split(";")[0]
    code = shown.body.split("display add ")[1].split()[0]
    again = await ask(house.app, "/pair", cookie=cookie)
    assert f"display add {code} " in again.body
    house.accounts.pair(code, "hall-1", ["1000/*"], time.time())
    assert (await ask(house.app, "/pair", cookie=cookie)).headers["location"] == "/board?view=wall"
    wall = await ask(house.app, "/board?view=wall", cookie=cookie)
    assert (wall.status, wall.headers["set-cookie"].startswith(f"{cookie}; ")) == (200, True)
    assert "Max-Age=31536000" in wall.headers["set-cookie"]
    assert (await ask(house.app, "/line/1000/L01", cookie=cookie)).status == 403
    house.accounts.remove_key("display", "hall-1")
    assert (await ask(house.app, "/board", cookie=cookie)).status == 401


async def test_a_browser_is_a_scanner_under_its_own_id_alone(house: House) -> None:
    cookie = (await ask(house.app, "/pair")).headers["set-cookie"].split(";")[0]
    code = (await ask(house.app, "/pair", cookie=cookie)).body.split("scanner add ")[1].split()[0]
    house.accounts.pair_scanner(code, "w-1", "1000", time.time())
    assert (await ask(house.app, "/pair", cookie=cookie)).headers["location"] == "/scan/1000/w-1"
    assert (await ask(house.app, "/board", cookie=cookie)).status == 403
    said = {"content_type": "application/json", "sec_fetch_site": "same-origin"}

    async def scan(body: str, cookie: str = cookie, **more: str) -> int:
        return (await ask(house.app, "/api/v1/scans", "POST", body=body, cookie=cookie, **{**said, **more})).status

    mine = '{"id":"1","data":"x","plant":"1000","device":"w-1"}'
    assert await scan(mine) == 503, "the broker is away"
    assert await scan(mine, f"{cookie}; {house.session('admin')}") == 503, "a person has signed in beside the scanner"
    assert await scan(mine, sec_fetch_site="cross-site") == 403
    assert await scan(mine.replace("w-1", "w-2")) == 403
    assert await scan(mine.replace("1000", "2000")) == 403
    assert await scan(mine.replace('"id":"1",', "")) == 400
    assert await scan("[]") == 400
    assert await scan(mine, house.session("admin")) == 403
    assert await scan(mine, "") == 401
    house.accounts.remove_key("scanner", "w-1")
    assert await scan(mine) == 401


async def test_hostile_text_in_an_address_is_inert(house: House) -> None:
    cookie = house.session("admin")
    for path in (
        "/line/1000/<script>alert(1)</script>",
        "/line/1000/%22%3E%3Cimg onerror=1%3E",
        "/login?next=/%22%3E%3Cb%3E",
    ):
        body = (await ask(house.app, path, cookie=cookie)).body
        assert not any(wrong in body for wrong in ("<script>alert", '"><img', '"><b>')), path


async def test_readiness_names_what_is_missing(house: House) -> None:
    answer = await ask(house.app, "/readyz")
    assert answer.status == 503
    assert answer.body == '{"broker":false,"ledger":false}'
    assert (await ask(house.app, "/healthz")).status == 200
