"""The API over the wire, beside a real gateway: what its page says, and changes that are made once."""

import http.client
import json
import os
import re
import signal
import time
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import pytest
from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion

from tests.integration.gateway_process import ROOT, GatewayProcess, until
from tests.integration.plant import stocked
from tests.integration.test_web_gateway import count
from tests.integration.web_process import WebProcess
from tests.servers import Mosquitto

PAGE = (ROOT / "docs/api.md").read_text(encoding="utf-8")
EXAMPLE = re.compile(r"```http\n(\w+) (\S+)\n(.*?)```\n\n```json\n(.*?)\n```", re.DOTALL)


class Answer(NamedTuple):
    """An answer over the wire."""

    status: int
    headers: Mapping[str, str]
    content: Any


class Program:
    """A program with a token."""

    def __init__(self, web: WebProcess, *words: str) -> None:
        self._web = web
        self.name = f"program-{time.monotonic_ns()}"
        done = web.command("token", "add", self.name, *words)
        assert done.status == 0, done.err
        self._token = done.out.strip()

    def ask(self, method: str, path: str, said: str = "", **headers: str) -> Answer:
        """Send a request."""
        connection = http.client.HTTPConnection("127.0.0.1", self._web.port, timeout=60)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, path, said, {"Authorization": f"Bearer {self._token}", **named})
        answer = connection.getresponse()
        body = answer.read()
        connection.close()
        return Answer(
            answer.status, {name.lower(): value for name, value in answer.getheaders()}, json.loads(body or "null")
        )

    def ask_json(self, path: str, key: str, **said: Any) -> Answer:
        """Ask for a change, by a name."""
        named = {"idempotency_key": key, "content_type": "application/json"}
        return self.ask("POST", f"/api/v1{path}", json.dumps(said), **named)


@pytest.fixture(scope="module")
def broker() -> Iterator[Mosquitto]:
    """Offer a running broker."""
    with Mosquitto() as server:
        yield server


@pytest.fixture(scope="module")
def gateway(broker: Mosquitto, tmp_path_factory: pytest.TempPathFactory) -> Iterator[GatewayProcess]:
    """Offer a running gateway with the shipped plant."""
    with GatewayProcess(broker.url) as process:
        yield stocked(process, tmp_path_factory.mktemp("shop") / "shop").start().ready()


@pytest.fixture(scope="module")
def web(gateway: GatewayProcess, broker: Mosquitto) -> Iterator[WebProcess]:
    """Offer a web process beside it, which has counted twelve pumps."""
    with WebProcess(gateway.config) as process:
        process.add_user().start()
        client = Client(CallbackAPIVersion.VERSION2)
        client.connect("127.0.0.1", broker.port)
        client.loop_start()
        count(client, "L06", 12)
        client.disconnect()
        client.loop_stop()
        reader = Program(process, "--scope", "read", "--lines", "1000/L06")
        until(lambda: bool(reader.ask("GET", "/api/v1/documents").content["items"]), lambda: process.log)
        yield process


def assert_holds(content: Any, shown: Any, where: str) -> None:
    """Compare an answer with the part of it that the page shows; a shown list is whole."""
    if isinstance(shown, dict):
        assert shown.keys() <= content.keys(), where
        for name, value in shown.items():
            assert_holds(content[name], value, f"{where}.{name}")
    elif isinstance(shown, list):
        assert len(content) == len(shown), f"{where}: {content}"
        for one, other in zip(content, shown, strict=True):
            assert_holds(one, other, where)
    else:
        assert content == shown, where


def test_every_example_of_the_page_is_true(web: WebProcess) -> None:
    scopes = [word for scope in ("read", "plan", "post", "correct") for word in ("--scope", scope)]
    program = Program(web, *scopes, "--lines", "1000/*")
    examples = EXAMPLE.findall(PAGE)
    assert len(examples) == PAGE.count("```http") >= 5
    for method, path, rest, shown in examples:
        lines, _, body = rest.partition("\n\n")
        headers = dict(line.split(": ", 1) for line in lines.splitlines() if line and "Bearer" not in line)
        answer = program.ask(method, path, body, **headers)
        assert_holds(answer.content, json.loads(shown), f"{method} {path}")


def test_the_telegrams_of_a_document_are_those_of_the_journal(web: WebProcess) -> None:
    program = Program(web, "--scope", "read", "--lines", "1000/L06")
    paper = program.ask("GET", "/api/v1/documents").content["items"][-1]
    found = program.ask("GET", f"/api/v1/documents/{paper['document']}/telegrams").content
    [telegram] = found["readings"][0]["telegrams"]
    assert (telegram["topic"], telegram["payload"]) == ("bf/v1/1000/L06/c-L06-good/count", "12")


def test_a_list_with_more_says_where_it_goes_on(web: WebProcess) -> None:
    program = Program(web, "--scope", "read", "--lines", "*")
    first = program.ask("GET", "/api/v1/devices?limit=2")
    following = re.fullmatch('<(.+)>; rel="next"', first.headers["link"])
    assert following is not None
    names = [each["device"] for each in program.ask("GET", "/api/v1/devices?limit=500").content["items"]]
    assert [each["device"] for each in program.ask("GET", following[1]).content["items"]] == names[2:4]


JSON = {"Content_Type": "application/json"}
POSTED = {"plant": "1000", "line": "L06", "type": "assembly", "quantity": "2", "reason": "by hand"}


def post(program: Program, path: str, key: str, **said: object) -> Answer:
    """Ask for a change."""
    return program.ask("POST", f"/api/v1{path}", json.dumps(said), Idempotency_Key=key, **JSON)


def numbers(program: Program) -> list[str]:
    """Return the numbers of all documents of the line."""
    found = program.ask("GET", "/api/v1/documents?line=1000/L06&limit=500").content["items"]
    return [paper["document"] for paper in found]


def every_right(web: WebProcess, lines: str = "*") -> Program:
    """Return a program that may do everything on some lines."""
    scopes = [word for scope in ("read", "run", "post", "correct", "admin") for word in ("--scope", scope)]
    return Program(web, *scopes, "--lines", lines)


def test_a_change_is_made_once_and_answered_again(web: WebProcess) -> None:
    program = every_right(web)
    before = numbers(program)
    first = post(program, "/documents", "once-1", **POSTED)
    assert (first.status, first.content["status"], first.content["data"]["posted"]) == (200, "ok", "2")
    assert "idempotent-replay" not in first.headers
    again = post(program, "/documents", "once-1", **POSTED)
    assert (again.status, again.content) == (200, first.content)
    assert again.headers["idempotent-replay"] == "true"
    other = post(program, "/documents", "once-1", **{**POSTED, "quantity": "3"})
    assert (other.status, other.content["code"], other.content["transaction"]) == (422, "BF2006", "once-1")
    [new] = [number for number in numbers(program) if number not in before]
    back = post(program, f"/documents/{new}/reversal", "once-2", reason="wrong")
    assert back.status == 200, back
    twice = post(program, f"/documents/{new}/reversal", "once-3", reason="wrong")
    assert (twice.status, twice.content["code"]) == (409, "BF5002")
    paper = program.ask("GET", f"/api/v1/documents/{new}").content
    assert (paper["reversed"], paper["actor"]) == ("whole", "token:" + program.name)


def test_a_change_needs_its_right_and_its_line(web: WebProcess) -> None:
    reader = Program(web, "--scope", "read", "--lines", "1000/L06")
    other = every_right(web, "1000/L04")
    [paper, *_] = numbers(reader)
    for program, path, said in (
        (reader, "/documents", POSTED),
        (other, "/documents", POSTED),
        (other, f"/documents/{paper}/reversal", {"reason": "x"}),
        (other, "/lines/1000/L06/hold", {"reason": "x"}),
        (other, "/worklist/work", {"plant": "1000", "line": "L06"}),
        (other, "/periods/1000/2026-01/close", {"reason": "x"}),
    ):
        answer = post(program, path, f"no-{path}".replace("/", "-"), **said)
        assert (answer.status, answer.content["code"]) == (403, "BF5007"), path


def test_each_kind_of_change_reaches_the_gateway(web: WebProcess) -> None:
    program = every_right(web)
    line = "/lines/1000/L06"
    changes: list[tuple[str, dict[str, Any], int]] = [
        (f"{line}/run/stop", {}, 200),
        (f"{line}/run", {"material": "PUMP-40", "version": "0001"}, 200),
        (f"{line}/run", {"material": "NOTHING"}, 422),
        (f"{line}/hold", {"reason": "stocktaking"}, 200),
        (f"{line}/release", {"kind": "all"}, 200),
        (f"{line}/window/close", {}, 409),
        ("/worklist/work", {}, 200),
        ("/backlog/retry", {}, 200),
        ("/backlog/close", {"records": ["0000004711/1"], "reason": "gone"}, 200),
        ("/backlog/4711/1/correct", {"quantity": "1", "reason": "found"}, 404),
        ("/quarantine/replay", {"all": True}, 200),
        ("/quarantine/dismiss", {"numbers": ["4711"], "reason": "torn"}, 200),
        ("/reversals", {"plant": "1000", "line": "L06", "material": "PUMP-40", "version": "0001", "quantity": "1",
                        "reason": "wrong"}, 200),
        ("/periods/1000/2026-01/close", {"reason": "done"}, 200),
        ("/periods/1000/2026-01/open", {"reason": "not done"}, 200),
    ]  # fmt: skip
    for number, (path, said, status) in enumerate(changes):
        answer = post(program, path, f"kind-{number}", **said)
        assert answer.status == status, f"{path}: {answer}"
        found = program.ask("GET", f"/api/v1/requests/kind-{number}").content
        assert (found["code"], found["text"]) == (answer.content["code"], answer.content.get("text", found["text"]))


def test_a_preview_shows_what_would_be_posted_and_posts_nothing(web: WebProcess) -> None:
    program = every_right(web)
    before = numbers(program)
    shown = program.ask("POST", "/api/v1/documents/preview", json.dumps(POSTED), **JSON)
    assert (shown.status, [paper["yield"] for paper in shown.content["documents"]]) == (200, ["2"])
    assert shown.content["text"] == "dry run: nothing was posted; 2 would be posted"
    assert shown.content["data"] == {"posted": "2", "waiting": "0"}, "a document that is not posted has no number"
    for wrong, status in (({"material": "NOTHING"}, 422), ({"colour": "red"}, 422), ({"line": "L77"}, 422)):
        refused = program.ask("POST", "/api/v1/documents/preview", json.dumps(POSTED | wrong), **JSON)
        assert (refused.status, refused.content["status"]) == (status, status), refused
    other = every_right(web, "1000/L04").ask("POST", "/api/v1/documents/preview", json.dumps(POSTED), **JSON)
    assert other.status == 403
    assert numbers(program) == before


def test_a_body_that_is_no_request_is_refused(web: WebProcess) -> None:
    program = every_right(web)
    path = "/api/v1/documents"
    for body, headers, status in (
        ("{}", {**JSON}, 400),
        ("{}", {**JSON, "Idempotency_Key": "a b"}, 400),
        ("{", {**JSON, "Idempotency_Key": "a"}, 400),
        ("[]", {**JSON, "Idempotency_Key": "a"}, 422),
        ('{"plant": 1000, "line": "L06"}', {**JSON, "Idempotency_Key": "a"}, 422),
        ('{"colour": "red", "plant": "1000", "line": "L06"}', {**JSON, "Idempotency_Key": "a"}, 422),
        ("plant=1000", {"Idempotency_Key": "a"}, 415),
        ('"' + "x" * (5 << 20) + '"', {**JSON, "Idempotency_Key": "a"}, 413),
    ):
        answer = program.ask("POST", path, body, **headers)
        assert answer.status == status, f"{body[:40]}: {answer}"


def test_a_gateway_that_does_not_answer_may_have_done_it_and_one_that_is_gone_has_not(
    web: WebProcess, gateway: GatewayProcess
) -> None:
    program = every_right(web)
    before = numbers(program)
    os.kill(gateway.pid, signal.SIGSTOP)
    try:
        waiting = post(program, "/documents", "lost-1", **POSTED)
    finally:
        os.kill(gateway.pid, signal.SIGCONT)
    assert (waiting.status, waiting.content["status"]) == (202, "unknown")
    there = waiting.headers["location"]
    until(lambda: program.ask("GET", there).content["status"] == "ok", lambda: web.log)
    again = post(program, "/documents", "lost-1", **POSTED)
    assert (again.status, again.content["status"]) == (200, "ok")
    assert len(numbers(program)) == len(before) + 1
    gateway.kill()
    gone = post(program, "/documents", "lost-2", **POSTED)
    assert (gone.status, gone.content["code"], gone.headers["retry-after"]) == (503, "BF9001", "5")
    gateway.start().ready()
    assert program.ask("GET", "/api/v1/requests/lost-2").content["status"] == "unknown"
    assert post(program, "/documents", "lost-2", **POSTED).status == 200
    assert len(numbers(program)) == len(before) + 2
