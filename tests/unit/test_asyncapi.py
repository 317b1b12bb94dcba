"""`docs/asyncapi.yaml` is an AsyncAPI document of what the program says and hears."""

import inspect
import json
from collections.abc import Iterator
from typing import Any, get_args

from jsonschema import Draft7Validator

from gateway.mqtt.topics import Topics
from gateway.settings import MqttSection
from scripts import asyncapi
from tests.asyncapi import DOCUMENT, OFFICIAL, PAGE, channels_of, faults


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
            yield value(topics, *(names.get(each, "x1") for each in list(inspect.signature(value).parameters)[1:]))


def test_every_topic_that_the_gateway_builds_has_its_channel() -> None:
    assert len({*built()}) > 14
    assert {topic: len(channels_of(topic)) for topic in built()} == dict.fromkeys(built(), 1)


def test_an_example_is_what_its_message_may_hold() -> None:
    messages = DOCUMENT["components"]["messages"].items()
    examples = [(name, each["payload"]) for name, message in messages for each in message.get("examples", [])]
    assert len(examples) > 8
    assert [fault for name, payload in examples for fault in faults(payload, name)] == []


def test_every_request_that_may_come_by_mqtt_has_its_message() -> None:
    [verbs] = get_args(MqttSection.model_fields["allow_requests"].annotation)
    assert {*DOCUMENT["channels"]["request"]["messages"]} == {*get_args(verbs)}
