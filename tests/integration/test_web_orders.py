"""Planned orders, added, changed and closed by page and by program, beside a real gateway."""

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import pytest

from tests.cases.rig import Rig
from tests.cases.test_read_back import SMALL
from tests.integration.test_web_acts import Person
from tests.integration.test_web_api_gateway import Program
from tests.integration.web_process import WebProcess

PLANT = SMALL | {
    "production_versions": SMALL["production_versions"] + "\n1000 P 2 1 1 L2 FG",
    "rem_profiles": "profile order_reduction\nR own_and_unassigned",
}
PEOPLE = {"paul": ("planner", "*"), "olga": ("operator", "*"), "lena": ("planner", "1000/L2")}
ORDER = {"order": "P-1", "line": "1000/L1", "material": "P", "version": "1", "quantity": "10", "start": "2026-01-02"}


@pytest.fixture(scope="module")
def rig() -> Iterator[Rig]:
    """Offer a plant without orders."""
    with Rig(PLANT) as rig:
        yield rig.start()


@pytest.fixture(scope="module")
def web(rig: Rig) -> Iterator[WebProcess]:
    """Offer the web process beside it, with planners."""
    with WebProcess(rig.gateway.config) as process:
        for name, (role, lines) in PEOPLE.items():
            process.add_user(name, role, lines)
        yield process.start()


@pytest.fixture(scope="module")
def people(web: WebProcess) -> dict[str, Person]:
    """Sign everybody in."""
    return {name: Person(web, name) for name in PEOPLE}


def orders_of(rig: Rig) -> dict[str, dict[str, Any]]:
    """Return the planned orders by their names."""
    return {row["order"]: row for row in rig.json("report", "orders")}


def fields_in(page: str) -> dict[str, str]:
    """Return the fields of a form that a person may fill in, as they stand."""
    named = re.findall(r'<input id="field-\w+" name="(\w+)" type="\w+" value="([^"]*)"', page)
    chosen = re.findall(
        r'<select id="field-\w+" name="(\w+)"[^>]*>.*?<option value="([^"]*)" selected', page, re.DOTALL
    )
    return dict([*named, *chosen])


def test_an_order_is_added_changed_and_closed_by_pages(rig: Rig, people: dict[str, Person]) -> None:
    paul = people["paul"]
    assert "/orders/add" in paul.send("/orders")[2]
    assert "/orders/add" not in people["olga"].send("/orders")[2]
    assert people["olga"].send("/orders/add")[0] == 403
    shown = paul.send(f"/orders/add?{urlencode({**ORDER, 'reason': 'plan', 'step': 'preview'})}")[2]
    assert "This would change" in shown
    assert orders_of(rig) == {}
    form = paul.fill("/orders/add", **ORDER, reason="plan")
    first, again = (paul.send("/orders/add", {**form, "step": "do"}) for _ in range(2))
    assert (first[0], first[2]) == (200, again[2])
    assert (orders_of(rig)["P-1"]["quantity"], orders_of(rig)["P-1"]["line"]) == ("10", "L1")
    status, page = paul.act("/orders/add", **ORDER, reason="plan")
    assert (status, "is there already" in page) == (409, True), page
    rig.count("c1", 4)
    rig.settle()
    page = paul.send("/orders/change?order=P-1")[2]
    fields = fields_in(page)
    assert (fields["line"], fields["quantity"], fields["closed"]) == ("1000/L1", "10", "no")
    assert re.search(r"Made</span> <strong>4<", page)
    form = paul.fill("/orders/change?order=P-1", **{**fields, "quantity": "12", "version": "", "reason": "more"})
    assert paul.act("/orders/change?order=P-1", **{**fields, "quantity": "11", "reason": "more"})[0] == 200
    status, _, page = paul.send("/orders/change", {**form, "step": "do"})
    assert (status, "quantity is 11, not 10" in page) == (409, True), page
    assert "/orders/change?order=P-1" in page
    form = paul.fill("/orders/change?order=P-1", **{**fields, "quantity": "12", "version": "", "reason": "more"})
    assert paul.send("/orders/change", {**form, "step": "do"})[0] == 200
    changed = orders_of(rig)["P-1"]
    assert (changed["quantity"], changed["reduced"], changed["version"]) == ("12", "4", "")
    assert paul.act("/orders/close?order=P-1")[0] == 422
    assert paul.act("/orders/close?order=P-1", reason="enough")[0] == 200
    rig.count("c1", 6)
    rig.settle()
    closed = orders_of(rig)["P-1"]
    assert (closed["closed"], closed["reduced"]) == (True, "4")
    newest = rig.json("report", "imports")[0]
    assert (newest["actor"], newest["reason"]) == ("web:paul", "enough")
    for name in ("", "P-0", "P-1\x00", '"><script>'):
        assert paul.send(f"/orders/change?{urlencode({'order': name})}")[0] == 404
    assert people["lena"].send("/orders/change?order=P-1")[0] == 404
    rig.audit()


def test_an_order_is_added_changed_and_closed_by_a_program(rig: Rig, web: WebProcess) -> None:
    planner = Program(web, "--scope", "read", "--scope", "plan", "--lines", "1000/L2")
    row = {"order": "M/1", "plant": "1000", "line": "L2", "material": "P", "version": "2", "start": "2026-01-03"}
    said = {**row, "quantity": "20", "reason": "MES"}

    def post(path: str, key: str, **said: Any) -> Any:
        return planner.ask_json(path, key, **said)

    first, again = (post("/orders", "m-1", **said) for _ in range(2))
    assert (first.status, first.content, first.headers.get("idempotent-replay")) == (200, again.content, None)
    assert again.headers["idempotent-replay"] == "true"
    assert first.content["data"]["changes"][0]["key"] == ["M/1"]
    assert planner.ask("GET", "/api/v1/requests/m-1").content == first.content
    for path, key, more, status, code in (
        ("/orders", "m-1", {**said, "quantity": "21"}, 422, "BF2006"),
        ("/orders", "m-2", said, 409, "BF6002"),
        ("/orders", "m-3", {**said, "order": "M/2", "reason": ""}, 422, "BF5008"),
        ("/orders", "m-4", {**said, "order": "M/2", "line": "L1"}, 403, "BF5007"),
        ("/orders", "m-5", {**said, "order": "M/2", "quantity": 20}, 422, "BF5008"),
        ("/orders", "m-6", {**said, "order": "M/2", "material": "NONE"}, 422, "BF5008"),
        ("/orders/change", "m-7", {"order": "M/1", "line": "L1", "reason": "x"}, 403, "BF5007"),
        ("/orders/change", "m-14", {"order": "P-1", "line": "L2", "reason": "x"}, 403, "BF5007"),
        ("/orders/change", "m-8", {"order": "M/1", "seen": {"quantity": "19"}, "reason": "x"}, 409, "BF6002"),
        ("/orders/change", "m-9",
         {"order": "M/1", "quantity": "5", "seen": {"order": "M/1", "quantity": "19"}, "reason": "x"}, 409, "BF6002"),
        ("/orders/close", "m-10", {"order": "M/1", "closed": "no", "reason": "x"}, 422, "BF5008"),
    ):  # fmt: skip
        answer = post(path, key, **more)
        assert (answer.status, code in answer.content.get("code", "")) == (status, True), (key, answer.content)
    done = post(
        "/orders/change", "m-11", order="M/1", quantity="30", seen={"order": "M/1", "quantity": "20"}, reason="x"
    )
    assert done.status == 200, done.content
    assert post("/orders/close", "m-12", order="M/1", reason="done").status == 200
    stored = orders_of(rig)["M/1"]
    assert (stored["quantity"], stored["closed"], stored["line"]) == ("30", True, "L2")
    assert Program(web, "--scope", "run").ask_json("/orders", "m-13", **said).status == 403
    assert {row["actor"] for row in rig.json("report", "imports")} >= {f"token:{planner.name}"}


def test_a_trace_leads_from_a_program_to_the_gateway(rig: Rig, web: WebProcess) -> None:
    program = Program(web, "--scope", "post")
    trace = "4bf92f3577b34da6a3ce929d0e0e4736"
    for key, context, told in (("t-1", f"00-{trace}-00f067aa0ba902b7-01", trace), ("t-2", "00-rubbish-01", "")):
        headers = {"idempotency_key": key, "content_type": "application/json", "traceparent": context}
        answer = program.ask("POST", "/api/v1/lines/1000/L2/window/close", "{}", **headers)
        assert "nothing is open on 1000/L2" in answer.content["detail"]
        named = answer.headers["x-request-id"]
        assert named == told if told else named not in context
        assert f"asked: window-close, transaction {key}, trace {named}" in rig.gateway.log


def test_an_import_of_the_command_line_takes_effect_once_by_its_name(rig: Rig) -> None:
    def bring(text: str) -> Any:
        rig.write("scrap_reasons", [{"reason": "07", "text": text}])
        return rig.backflush("masterdata", "import", "--merge", "--transaction", "c-1", str(rig.masterdata))

    assert bring("bent").status == 0
    assert "nothing changes" in bring("bent").err
    refused = bring("torn")
    assert (refused.status, "BF2006" in refused.err) == (1, True), refused.err


def test_devices_are_changed_by_a_program(rig: Rig, web: WebProcess) -> None:
    admin = Program(web, "--scope", "read", "--scope", "admin")
    for op, key, said, status in (
        ("disable", "a-1", {"reason": "rebuilt"}, 200),
        ("disable", "a-1", {"reason": "rebuilt"}, 200),
        ("disable", "a-2", {}, 422),
        ("enable", "a-3", {"reason": "is back"}, 200),
        ("replace", "a-4", {"new": "c9", "reason": "broken"}, 200),
    ):
        answer = admin.ask_json(f"/devices/c1/{op}", key, **said)
        assert answer.status == status, (key, answer.content)
    adopted = admin.ask_json("/devices/new-1/adopt", "a-5", plant="1000", line="L2", role="scrap", reason="a new one")
    assert adopted.content["text"] == "adopted new-1"
    rows = {row["device"]: row for row in rig.json("report", "devices")}
    assert (rows["c1"]["disabled"], rows["c9"]["line"], rows["new-1"]["role"]) == (True, "L1", "scrap")
