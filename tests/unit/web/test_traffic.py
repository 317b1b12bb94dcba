"""The log and the meters of requests: a line for what is of use, never a secret, and one cause hides no other."""

import logging
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.requests import Request
from starlette.responses import Response

from gateway.cli.run.run import _Lines
from gateway.web.guard import Door
from gateway.web.meters import REGISTRY
from gateway.web.site import Site
from tests.asgi import ask
from tests.unit.web.house import PASSWORD, House

PARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


class FaultySite(Site):
    """A site with a page that has a fault."""

    @property
    def doors(self) -> list[Door]:
        """Every route, and the faulty one."""

        async def fail(_: Request) -> Response:
            raise AssertionError("a fault")

        return [*super().doors, Door("/faulty", "GET", None, fail)]


@pytest.fixture
def house(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> Iterator[House]:
    """Offer a site whose log is kept, requests included."""
    caplog.set_level(logging.DEBUG, "backflush.web")
    made = House(tmp_path)
    made.site.stopping.set()
    made.accounts.add_user("anna", "viewer", ["*"], made.hash, time.time())
    yield made
    made.asking.close()
    made.reader.close()
    made.accounts.close()


def told(caplog: pytest.LogCaptureFixture) -> list[dict[str, Any]]:
    """Return the fields of each line."""
    return [vars(record)["fields"] for record in caplog.records if hasattr(record, "fields")]


def count(name: str, **labels: str) -> float:
    """Return a figure of the process."""
    return REGISTRY.get_sample_value(name, labels) or 0.0


async def test_a_change_is_a_line_with_its_person_and_a_request_is_none(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "backflush.web")
    cookie = house.session("admin")
    assert (await ask(house.app, "/board", cookie=cookie)).status == 200
    assert caplog.records == []
    assert (await house.sign_in(cookie=cookie, idempotency_key="t-1")).status == 403, (
        "the text of the session is missing"
    )
    answer = await house.sign_in()
    refused, change = told(caplog)
    assert (refused["event"], refused["status"], refused["actor"][:14]) == ("refused", 403, "session:admin-")
    assert refused["transaction"] == "t-1"
    assert {**change, "ms": 0, "request_id": ""} == {
        "event": "change", "request_id": "", "method": "POST", "route": "/login", "status": 303, "ms": 0, "actor": "",
        "remote": "127.0.0.1", "transaction": "",
    }  # fmt: skip
    assert answer.headers["x-request-id"] == change["request_id"]
    assert [record.levelname for record in caplog.records] == ["WARNING", "INFO"]


async def test_a_line_has_the_route_and_no_secret(house: House, caplog: pytest.LogCaptureFixture) -> None:
    token = house.accounts.add_token("andon", ["read"], ["*"], time.time(), None)
    await ask(house.app, "/line/1000/L77?key=hidden", authorization=f"Bearer {token}")
    await ask(house.app, "/nothing/hidden?key=hidden")
    await house.sign_in(password="hidden-password")
    await house.sign_in()
    assert [fields["route"] for fields in told(caplog)] == ["/line/{plant}/{line}", "", "/login", "/login"]
    assert told(caplog)[0]["actor"] == "token:andon"
    for as_json in (False, True):
        lines = "\n".join(_Lines(as_json=as_json).format(record) for record in caplog.records)
        assert not [secret for secret in ("hidden", "L77", token, PASSWORD) if secret in lines]
        assert ('"route": "/line/{plant}/{line}"' in lines) is as_json


async def test_the_id_is_that_of_the_sender_if_it_has_one(house: House) -> None:
    assert (await ask(house.app, "/healthz", traceparent=PARENT)).headers["x-request-id"] == PARENT[3:35]
    for wrong in ("", "00-" + "0" * 32 + PARENT[35:], f"{PARENT}\n", "x" * 400):
        own = (await ask(house.app, "/healthz", traceparent=wrong)).headers["x-request-id"]
        assert (len(own), own == PARENT[3:35]) == (32, False)


async def test_a_fault_is_an_error_of_its_page(house: House, caplog: pytest.LogCaptureFixture) -> None:
    app = FaultySite(house.settings, house.accounts, house.board, house.reader, house.asking).app()
    before = count("bf_web_requests_total", route="/faulty", code="500")
    with pytest.raises(AssertionError):
        await ask(app, "/faulty")
    assert count("bf_web_requests_total", route="/faulty", code="500") == before + 1
    assert [
        (record.levelname, fields["event"]) for record, fields in zip(caplog.records, told(caplog), strict=True)
    ] == [("ERROR", "failed")]


async def test_requests_streams_and_sign_ins_are_counted(house: House) -> None:
    def figures() -> list[float]:
        return [
            count("bf_web_requests_total", route="/login", code="303"),
            count("bf_web_requests_total", route="/login", code="403"),
            count("bf_web_request_seconds_count", route="/login"),
            count("bf_web_requests_total", route="", code="421"),
            count("bf_web_logins_total", result="ok"),
            count("bf_web_logins_total", result="wrong_password"),
            count("bf_web_requests_total", route="/stream", code="200"),
        ]

    before = figures()
    await house.sign_in()
    await house.sign_in(password="another one")
    await ask(house.app, "/healthz", host="evil.example")
    answer = await ask(house.app, "/stream", cookie=house.session("viewer"))
    assert answer.headers["content-type"].startswith("text/event-stream")
    assert [after - was for was, after in zip(before, figures(), strict=True)] == [1, 1, 2, 1, 1, 1, 1]
    assert count("bf_web_streams") == 0, "the stream has ended"


async def test_lines_of_one_route_are_held_back_apart_from_those_of_another(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    await ask(house.app, "/healthz")
    await ask(house.app, "/readyz")
    await ask(house.app, "/nothing")
    await ask(house.app, "/nothing/else")
    causes = [record.msg for record in caplog.records]
    assert len(set(causes)) == 3
    assert causes[2] == causes[3], "addresses of strangers are one cause"
