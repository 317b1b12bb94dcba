"""`docs/asyncapi.yaml` is an AsyncAPI document of what the program says and hears."""

import inspect
import json
from collections.abc import Iterator
from typing import Any, get_args

from jsonschema import Draft7Validator

from devices.decoders.foreign.sparkplug import host_state, rebirth
from gateway.backflush.memory.changes import Feedback
from gateway.backflush.memory.records import Outcome
from gateway.mqtt.topics import Topics
from gateway.sections import GATEWAY_VERBS, LINE_VERBS
from gateway.service.tell.outgoing import feedback_body
from gateway.service.tell.proglove import Recipient, commands
from gateway.settings import MqttSection
from scripts import asyncapi
from tests.asyncapi import DOCUMENT, OFFICIAL, PAGE, channels_of, faults, judge


def references(of: Any) -> Iterator[str]:
    """Yield every reference of a document."""
    if isinstance(of, dict):
        yield from ([of["$ref"]] if isinstance(of.get("$ref"), str) else [])
        for each in of.values():
            yield from references(each)
    elif isinstance(of, list):
        for each in of:
            yield from references(each)


def test_the_document_is_what_the_program_prints() -> None:
    assert PAGE.read_text(encoding="utf-8") == asyncapi.page(), "write it again: make docs"


def test_the_document_is_valid() -> None:
    official = json.loads(OFFICIAL.read_text(encoding="utf-8"))
    assert [f"{error.json_path}: {error.message}" for error in Draft7Validator(official).iter_errors(DOCUMENT)] == []


def test_every_reference_leads_somewhere() -> None:
    for reference in set(references(DOCUMENT)):
        place: Any = DOCUMENT
        for key in reference.removeprefix("#/").split("/"):
            place = place[key]


def built() -> Iterator[str]:
    """Yield a topic of each kind that the gateway builds."""
    topics = Topics("bf/v1", "gw1")
    names = {"kind": "scan", "posting": "issue", "verb": "work"}
    for name, value in vars(Topics).items():
        if isinstance(value, property):
            yield getattr(topics, name)
        elif callable(value) and not name.startswith("_") and inspect.signature(value).return_annotation is str:
            needs = list(inspect.signature(value).parameters)[1:]
            if needs != ["asked"]:  # of another builder's topic
                yield value(topics, *(names.get(each, "x1") for each in needs))


def test_what_the_gateway_says_in_the_form_of_others_is_described() -> None:
    """Sparkplug's own topics, and the commands of ProGlove, are the messages that are published."""
    outcome = Outcome("nok", "BF1003", "NICHT GEBUCHT", "Meldung nicht lesbar")
    feedback = Feedback(7, "1000", "L1", "s-1", "", outcome, 0)
    scanner = commands(Recipient("pg-commands", "M2MR1"), feedback_body(feedback), feedback)
    assert len(scanner) == 3
    said = [
        *((message.topic, message.payload, message.retain, message.qos, message.expiry_s) for message in scanner),
        *((*host_state("plant", 0, online=online), True, 1, None) for online in (True, False)),
        (*rebirth("hall", "edge1", 0), False, 0, None),
    ]
    assert [fault for each in said for fault in judge(*each)] == []
    of = [channels_of(topic) for topic, *_ in said]
    assert of == [["proglove"]] * 3 + [["host-state"]] * 2 + [["rebirth"]]
    without_its_parts = b'{"event_type":"display!"}'
    assert judge("pg-commands", without_its_parts, retain=False, qos=1, expiry_s=30)


def test_every_topic_that_the_gateway_builds_has_its_channel() -> None:
    assert len({*built()}) > 14
    assert {topic: len(channels_of(topic)) for topic in built()} == dict.fromkeys(built(), 1)


def test_an_example_is_what_its_message_may_hold() -> None:
    messages = DOCUMENT["components"]["messages"].items()
    examples = [(name, each["payload"]) for name, message in messages for each in message.get("examples", [])]
    assert len(examples) > 8
    assert [fault for name, payload in examples for fault in faults(payload, name)] == []


def test_bare_text_is_no_json() -> None:
    """A client that obeys the document would put quotes around a barcode, which are a part of it then."""
    for channel, (telegram, bare) in {
        "scan": ("ScanTelegram", "ScanText"),
        "state": ("StateTelegram", "StateWord"),
    }.items():
        assert {*DOCUMENT["channels"][channel]["messages"]} == {telegram, bare}
        assert DOCUMENT["components"]["messages"][bare]["contentType"] == "text/plain"
        assert faults("online", bare) == []
        assert faults("online", telegram)


def test_a_name_is_as_long_as_tables_hold_it() -> None:
    for longest, fits in ((40, True), (41, False)):
        name = "x" * longest
        count = {"good": 1, "scrap": 1, "unit": name, "batch": name, "scrap_by": {name: 1}}
        used = {"material": name, "quantity": "1", "unit": name, "location": name, "batch": name}
        scan = {"data": "X", "operator": name, "lot": name, "order": name, "components": [used]}
        assert [len(faults(count, "CountTelegram")) > 0, len(faults(scan, "ScanTelegram")) > 0] == [not fits] * 2


def test_every_request_that_may_come_by_mqtt_has_its_message() -> None:
    [verbs] = get_args(MqttSection.model_fields["allow_requests"].annotation)
    messages = [DOCUMENT["channels"][name]["messages"].keys() for name in ("request", "gateway-request")]
    assert messages == [LINE_VERBS, GATEWAY_VERBS]
    assert {*get_args(verbs)} == LINE_VERBS | GATEWAY_VERBS
