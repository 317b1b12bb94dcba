"""The API over a ledger in which every table has rows: each route as it is described, for each line, page by page."""

import asyncio
import json
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import jsonschema
import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import negative_data_rejection, positive_data_acceptance
from starlette.types import ASGIApp

from gateway.service.floor.floor import Floor
from gateway.settings import Settings
from gateway.web.accounts import WebAccounts
from gateway.web.api.changes import CHANGES
from gateway.web.api.openapi import describe
from gateway.web.api.operations import OPERATIONS, ReadOperation
from gateway.web.asking import Asking
from gateway.web.board import Board
from gateway.web.ledger_reader import LedgerReader, MasterFacts
from gateway.web.monitor import Monitor
from gateway.web.problems import API
from gateway.web.rights import SCOPES_OF, Role, Scope
from gateway.web.site import Site
from tests.asgi import HOST, Answer, ask
from tests.integration.stored_plant import master_data, reader
from tests.integration.test_audit_sweep import busy_with_everything
from tests.servers import Postgres

ALERT = {"id": "silent", "severity": "error", "since": "2026-11-22T08:15:30.000Z", "text": "C1 is silent",
         "object": "C1", "objects": ["C1"], "hint": ""}  # fmt: skip
NAMES = {"plant": "1000", "line": "L2", "device": "C1", "table": "devices", "transaction": "none"}


class House:
    """A site over a ledger, without a broker; an alert was heard before."""

    def __init__(self, folder: Path, url: str) -> None:
        self.settings = Settings.model_validate({"gateway": {"data_dir": folder}, "database": {"url": url}})
        self.accounts = WebAccounts(self.settings.accounts_path)
        self.reader = LedgerReader(self.settings)
        with reader(url) as connection:
            found = self.reader._read_facts(connection)  # noqa: SLF001 - the facts of the tables that the ledger keeps
        self.reader.facts = MasterFacts(master=replace(master_data(), digest=found.digest), digest=found.digest)
        floor = Floor("bf/v1", "", "", time.monotonic, time.time)
        floor.hear("bf/v1/_gateway/gw1/alert/silent", json.dumps(ALERT).encode(), retained=False)
        floor.hear("bf/v1/_gateway/gw1/state", b'{"state":"online","phase":"ready"}', retained=False)
        board = Board(floor, self.reader, self.settings.board)
        self.asking = Asking(self.settings, floor, self.reader, Monitor(self.settings, floor, board.hear))
        site = Site(self.settings, self.accounts, board, self.reader, self.asking)
        site.stopping.set()
        self.app: ASGIApp = site.app()
        self.token = self.add_token()

    def add_token(self, lines: str = "*", *scopes: Scope) -> str:
        """Add a token and return its header."""
        name = f"t-{time.monotonic_ns()}"
        return f"Bearer {self.accounts.add_token(name, scopes or ['read'], lines.split(), time.time(), None)}"

    def get(self, path: str, token: str = "", **said: str) -> Answer:
        """Ask for something."""
        return asyncio.run(ask(self.app, f"{API}{path}", authorization=token or self.token, **said))

    def read(self, path: str, token: str = "", **query: object) -> Any:
        """Return an answer that has to be one."""
        answer = self.get(f"{path}?{urlencode(query)}" if query else path, token)
        assert answer.status == 200, f"{path} {query}: {answer.status} {answer.body[:500]}"
        return json.loads(answer.body)


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def house(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, postgres: Postgres
) -> Iterator[House]:
    """Offer a site over a busy ledger, on each database."""
    folder = tmp_path_factory.mktemp("api")
    url = postgres.fresh_url() if request.param == "postgresql" else f"sqlite:///{folder}/ledger.db"
    with busy_with_everything(url):
        made = House(folder / "web", url)
        yield made
        made.asking.close()
        made.reader.close()
        made.accounts.close()


def strict(schema: Any) -> Any:
    """Return a schema by which a record has no field that is not described."""
    if isinstance(schema, dict):
        closed = {"additionalProperties": False} if "properties" in schema else {}
        return {**{name: strict(value) for name, value in schema.items()}, **closed}
    return [strict(each) for each in schema] if isinstance(schema, list) else schema


DESCRIPTION = strict(describe(OPERATIONS, CHANGES))


def check(operation: ReadOperation, content: Any) -> None:
    """Compare an answer with its description."""
    said = DESCRIPTION["paths"][f"{API}{operation.path}"]["get"]["responses"]["200"]["content"]["application/json"]
    jsonschema.validate(content, {**said["schema"], "components": DESCRIPTION["components"]})


def path_of(house: House, operation: ReadOperation) -> str:
    """Return the address of something that there is."""
    names = dict(NAMES)
    if "{document}" in operation.path:
        names["document"] = house.read("/documents", limit=1)["items"][0]["document"]
    if "{number}" in operation.path:
        names["number"] = house.read("/quarantine", limit=1, state="all")["items"][0]["number"]
    return operation.path.format(**names)


ONES = [each for each in OPERATIONS if each.order is None and not each.path.endswith(("/telegrams", ".zip"))]
LISTS = [each for each in OPERATIONS if each.order is not None]


@pytest.mark.parametrize("operation", ONES, ids=lambda each: each.path)
def test_an_answer_is_what_its_description_says(house: House, operation: ReadOperation) -> None:
    check(operation, house.read(path_of(house, operation)))


@pytest.mark.parametrize("operation", LISTS, ids=lambda each: each.path)
def test_a_list_is_what_its_description_says_and_its_pages_hold_all_of_it(
    house: House, operation: ReadOperation
) -> None:
    path = path_of(house, operation)
    assert operation.order is not None
    wide: dict[str, Any] = {"state": "all"} if path.startswith("/quarantine") else {}
    whole = house.read(path, limit=500, **wide)
    check(operation, whole)
    assert whole["next"] is None
    assert whole["items"] or path == "/imports", "a list without records proves nothing"
    for limit in {len(whole["items"]) // divisor or 1 for divisor in (3, 7)}:
        pages: list[dict[str, Any]] = []
        after: dict[str, Any] | None = {}
        while after is not None:
            page = house.read(path, limit=limit, **wide, **after)
            check(operation, page)
            pages += page["items"]
            assert len(page["items"]) == limit or page["next"] is None
            after = {"after": page["next"]} if page["next"] else None
        assert without_age(pages) == without_age(whole["items"])


def without_age(records: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return records without what the clock alone changes."""
    return [{name: value for name, value in record.items() if name not in {"age_s", "ts"}} for record in records]


def test_the_description_is_served(house: House) -> None:
    assert json.loads(house.get("/openapi.json", "none").body) == json.loads(json.dumps(describe(OPERATIONS, CHANGES)))


@pytest.mark.parametrize(
    ("path", "status", "detail"),
    [
        ("/documents?colour=red", 400, "colour: expected nothing by this name"),
        ("/documents?line=1000/L1&line=1000/L2", 400, "line: expected once, got twice"),
        ("/documents?limit=0", 400, "limit: expected"),
        ("/documents?limit=501", 400, "limit: expected"),
        ("/documents?since=yesterday", 400, "since: expected a time"),
        ("/documents?after=x", 400, "after: expected `next` of the page before"),
        ("/documents?after=WyJ4IiwiMSJd", 400, "after: it belongs to another list or filter"),
        ("/production?since=2026-02-30", 400, "since: "),
        ("/lines/1000/L77", 404, "there is no line 1000/L77"),
        ("/lines/1000/L77/curve", 404, "there is no line 1000/L77"),
        ("/documents/4711", 404, "there is no document 4711"),
        ("/documents/99999999999999999999", 404, "there is no '99999999999999999999'"),
        ("/quarantine/4711", 404, "there is no quarantine entry 4711"),
        ("/devices/X9", 404, "there is no device X9"),
        ("/masterdata/nothing", 404, "the master data in force have no table 'nothing'"),
        ("/nothing", 404, "there is no such address"),
    ],
)
def test_what_is_wrong_is_named(house: House, path: str, status: int, detail: str) -> None:
    answer = house.get(path)
    told = json.loads(answer.body)
    assert (answer.status, answer.headers["content-type"]) == (status, "application/problem+json"), answer.body
    assert told["detail"].startswith(detail)
    assert told["status"] == status
    if told["type"] != "about:blank":
        code = told["type"].removeprefix("/problems/")
        assert told["code"] == code
        assert json.loads(asyncio.run(ask(house.app, told["type"])).body)["title"] == told["title"]


def test_a_cursor_leads_on_in_its_own_list_and_filter_alone(house: House) -> None:
    first = house.get("/documents?line=1000/L1&limit=1")
    after = json.loads(first.body)["next"]
    assert (
        first.headers["link"]
        == f'</api/v1/documents?{urlencode({"line": "1000/L1", "limit": 1, "after": after})}>; rel="next"'
    )
    assert house.get(f"/documents?line=1000/L1&limit=7&after={after}").status == 200
    for other in ("/documents?line=1000/L2&", "/documents?line=1000/L1&material=FG&", "/quarantine?"):
        answer = house.get(f"{other}after={after}")
        assert (answer.status, "another list or filter" in answer.body) == (400, True), other


def test_master_data_are_sent_once_as_long_as_they_are_in_force(house: House) -> None:
    for path in ("/masterdata", "/masterdata/devices"):
        tag = house.get(path).headers["etag"]
        assert tag == f'"{house.reader.facts.digest}"'
        assert house.get(path, if_none_match=tag).status == 304
        assert house.get(path, if_none_match='"another"').status == 200


REACH = {"lines": ("1000/L1", "1000/*", "*"), "plants": ("1000/*", "*"), "all": ("*",)}


@pytest.mark.parametrize("lines", ["*", "1000/*", "1000/L1", "2000/L1", "1000/L1 1000/L2"])
def test_an_account_sees_its_lines_alone(house: House, lines: str) -> None:
    token = house.add_token(lines)
    for operation in OPERATIONS:
        if operation.path.endswith(("/telegrams", ".zip")):
            continue
        answer = house.get(path_of(house, operation), token)
        content = json.loads(answer.body)
        where = f"{operation.path} {answer.status} {answer.body[:200]}"
        is_of_line = operation.path.startswith("/lines/{plant}")
        if operation.need == "any":
            assert answer.status == 200
        elif is_of_line and lines in ("2000/L1", "1000/L1"):
            assert answer.status == 403, where
        elif operation.reach != "lines":
            assert (answer.status == 403) is (lines not in REACH[operation.reach]), where
        elif operation.order is not None and not is_of_line and " " in lines:
            assert "expected one of yours, 1000/L1, 1000/L2" in content["detail"], where
        elif answer.status == 404:
            assert "{" in operation.path, where
        else:
            assert answer.status == 200, where
        for record in content.get("items", [content]) if answer.status == 200 else ():
            if "plant" in record and "line" in record and (lines != "*" or record["plant"]):
                shown = f"{record['plant']}/{record['line']}"
                assert any(p in ("*", shown) or p == f"{record['plant']}/*" for p in lines.split()), where


def test_a_line_of_others_is_refused(house: House) -> None:
    token = house.add_token("1000/L1")
    for path in (
        "/documents?line=1000/L2",
        "/lines?line=1000",
        "/lines/1000/L2",
        "/stock?plant=1000",
        "/orders?line=2000/L1",
    ):
        answer = house.get(path, token)
        assert (answer.status, json.loads(answer.body)["code"]) == (403, "BF5007"), path
    assert house.get("/documents", house.add_token("*", "board")).status == 403
    assert house.get("/documents", "Bearer bf_x").status == 401


@pytest.mark.parametrize("host", ["evil.example"])
def test_a_program_is_refused_in_its_form(house: House, host: str) -> None:
    answer = house.get("/lines", host=host)
    assert (answer.status, answer.headers["content-type"]) == (421, "application/problem+json")
    posted = asyncio.run(ask(house.app, f"{API}/lines", "DELETE", authorization=house.token))
    assert (posted.status, posted.headers["allow"]) == (405, "GET, HEAD")


def test_a_ledger_that_is_away_is_said(house: House, tmp_path: Path) -> None:
    elsewhere = Settings.model_validate({"gateway": {"data_dir": tmp_path}})
    away = LedgerReader(elsewhere)
    floor = Floor("bf/v1", "", "", time.monotonic, time.time)
    app = Site(elsewhere, house.accounts, Board(floor, away, elsewhere.board), away, house.asking).app()
    answer = asyncio.run(ask(app, f"{API}/documents", authorization=house.token))
    assert (answer.status, answer.headers["retry-after"]) == (503, "5")
    assert asyncio.run(ask(app, f"{API}/gateways", authorization=house.token)).status == 200
    away.close()


EXAMPLES = settings(
    max_examples=2, derandomize=True, database=None, deadline=None, suppress_health_check=list(HealthCheck)
)
NO_CURSOR = {"after", "since", "until"}
"""Texts of a form that no schema can say: that of a cursor, and that of a time within the years of a plant."""


def try_out(operation: Any, mode: GenerationMode, token: str) -> None:
    """Send made-up requests of an operation."""
    # No gateway runs here: what reaches one is answered 503, as described.
    of_change = [not_a_server_error, positive_data_acceptance, negative_data_rejection]
    left_out = of_change if operation.method == "post" else []

    @EXAMPLES
    @given(case=operation.as_strategy(generation_mode=mode))
    def call(case: Any) -> None:
        if case.meta.generation.mode == GenerationMode.POSITIVE:
            case.query = {name: value for name, value in case.query.items() if name not in NO_CURSOR}
        case.call_and_validate(f"http://{HOST}", headers={"Authorization": token}, excluded_checks=left_out)

    call()


@pytest.mark.parametrize("house", ["sqlite"], indirect=True)
@pytest.mark.parametrize("role", ["viewer", "corrector", "admin"])
def test_made_up_requests_get_what_the_description_says(house: House, role: Role) -> None:
    schema = schemathesis.openapi.from_asgi(f"{API}/openapi.json", house.app, headers={"Host": HOST})
    token = house.add_token("*", *SCOPES_OF[role])
    found = list(schema.get_all_operations())
    assert len(found) == len(OPERATIONS) + len(CHANGES)
    for each in found:
        assert isinstance(each, Ok)
        for mode in GenerationMode:
            try_out(each.ok(), mode, token)
