"""Requests that are not of one line, by MQTT: to the gateway's own topic, with the rules of those of lines."""

import json
import socket
import stat
from pathlib import Path
from typing import Any

from tests.cases.rig import Rig
from tests.cases.test_read_back import SMALL

VERBS = ["work", "hold", "release", "period", "quarantine-dismiss", "quarantine-replay", "backlog-retry"]
OWN = "_gateway/gw1"


def test_a_gateway_answers_what_is_asked_on_its_own_topic() -> None:
    with Rig(SMALL, mqtt={"allow_requests": VERBS}) as rig:
        rig.start()
        closed = {"period": "2020-01", "closed": True}
        first = rig.request("period", OWN, closed, plant="1000", transaction="p-1")
        assert (first["status"], first["text"]) == ("ok", "period 2020-01 of plant 1000 is closed")
        assert rig.request("period", OWN, closed, plant="1000", transaction="p-1") == first
        other = rig.request("period", OWN, closed | {"period": "2020-02"}, plant="1000", transaction="p-1")
        assert other["code"] == "BF2006"
        rig.say("bf/v1/1000/L1/unknown-7/count", "5")
        rig.settle()
        [entry] = rig.quarantine()
        asked = {"numbers": [entry["number"]]}
        assert rig.request("quarantine-dismiss", OWN, asked)["code"] == "BF5008", "without a reason"
        again = rig.request("quarantine-replay", OWN, asked)
        assert "still refused" in again["data"]["entries"][entry["number"]]
        assert rig.request("quarantine-dismiss", OWN, asked, reason="a trial")["status"] == "ok"
        assert rig.request("hold", "1000/L1", {}, reason="audit")["text"] == "the worklist of 1000/L1 is held"
        assert rig.request("release", "1000/L1", {"kind": "all"})["data"]["released"] is True
        rig.audit()


def test_each_kind_of_request_is_refused_on_the_topic_of_the_other_and_where_it_is_off() -> None:
    with Rig(SMALL, mqtt={"allow_requests": VERBS}) as rig:
        rig.start()
        told = {
            (where, verb): rig.request(verb, where, {})["text"]
            for where, verb in (("1000/L1", "backlog-retry"), (OWN, "work"), (OWN, "backlog-close"), (OWN, "dance"))
        }
        assert told == {
            (
                "1000/L1",
                "backlog-retry",
            ): "requests of backlog-retry go to bf/v1/_gateway/GATEWAY/_request/backlog-retry",
            (OWN, "work"): "requests of work go to bf/v1/PLANT/LINE/_request/work",
            (OWN, "backlog-close"): "requests of backlog-close are not enabled: see mqtt.allow_requests",
            (OWN, "dance"): "requests of dance are not enabled: see mqtt.allow_requests",
        }
        said = {"transaction": "t-9", "verb": "work", "data": {}}
        rig.say("bf/v1/_gateway/gw1/_request/backlog-retry", said)
        heard = rig.monitor.wait("bf/v1/_gateway/gw1/_response/backlog-retry", lambda heard: "t-9" in str(heard.body))
        assert heard.body["text"] == "request: the topic says backlog-retry, the payload another"
        # Another gateway's request leaves no trace here.
        rig.say("bf/v1/_gateway/gw2/_request/backlog-retry", {"transaction": "t-10", "data": {}})
        rig.settle()
        assert not [
            heard for heard in rig.monitor.has_heard if "t-10" in str(heard.body) and "_response" in heard.topic
        ]
        assert rig.quarantine() == []


def test_a_gateway_of_some_lines_hears_its_own_topic_as_well() -> None:
    with Rig(SMALL, lines=["1000/*"], mqtt={"allow_requests": ["period"]}) as rig:
        rig.start()
        answer = rig.request("period", OWN, {"period": "2020-01", "closed": True}, plant="1000")
        assert answer["status"] == "ok"


def exchange(path: Path, said: dict[str, Any]) -> dict[str, Any]:
    """Exchange one line with a socket."""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(str(path))
        connection.sendall(json.dumps(said).encode() + b"\n")
        with connection.makefile() as lines:
            answer: dict[str, Any] = json.loads(lines.readline())
            return answer


def test_the_socket_of_the_web_process_takes_its_verbs_alone_and_knows_visitors_alone() -> None:
    with Rig(SMALL, web={"allow_requests": ["hold", "release"]}) as rig:
        rig.start()
        path = rig.gateway.settings.web_path
        assert stat.S_IMODE(path.stat().st_mode) == 0o660
        assert stat.S_IMODE(rig.gateway.settings.control_path.stat().st_mode) == 0o600

        def ask(verb: str, actor: str, **more: object) -> dict[str, Any]:
            request = {"verb": verb, "plant": "1000", "line": "L1", "transaction": f"{verb}{actor}", "actor": actor}
            return exchange(path, {"request": {**request, "data": {}, **more}})

        assert ask("hold", "root", reason="audit")["status"] == "ok"
        [hold] = rig.json("report", "holds")
        assert hold["actor"] == "web:root"
        assert ask("release", "token:mes", data={"kind": "all"})["status"] == "ok"
        for verb in ("run-stop", "period", "", ["hold"]):
            assert ask(verb, "web:anna")["status"] == "error"  # type: ignore[arg-type]
        assert ask("run-stop", "web:anna")["text"] == "requests of 'run-stop' are not enabled: see web.allow_requests"
        assert exchange(path, {"import": "{}", "actor": "web:anna"})["code"] == "BF5007"
        assert exchange(path, {"request": None})["code"] == "BF5008"
        assert ask("hold", "web:anna", plant="#", line="+")["status"] == "error"
        rig.settle()
        assert rig.gateway.health()["mqtt"]["connected"], "an answer on a topic that none can be ends the connection"
