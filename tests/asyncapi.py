"""The AsyncAPI document as a judge of messages.

`asyncapi-3.0.0.schema.json` is the official schema without its white space: `3.0.0-without-$id.json` of the npm package
@asyncapi/specs 6.11.1, Apache License 2.0.
"""

import json
import re
from pathlib import Path
from typing import Any

import yaml
from jsonschema import Draft7Validator

HERE = Path(__file__).parent
PAGE = HERE.parent / "docs" / "asyncapi.yaml"
DOCUMENT: dict[str, Any] = yaml.load(PAGE.read_text(encoding="utf-8"), yaml.CSafeLoader)
OFFICIAL = HERE / "asyncapi-3.0.0.schema.json"


def strict(schema: Any) -> Any:
    """Return a schema that allows no key without a description of its own."""
    if isinstance(schema, list):
        return [strict(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    closed = {"additionalProperties": False} if isinstance(schema.get("properties"), dict) else {}
    return closed | {key: strict(value) for key, value in schema.items()}


def content_of(message: str) -> dict[str, Any]:
    """Return the schema of a message."""
    schema: dict[str, Any] = DOCUMENT["components"]["messages"][message]["payload"]
    return schema


def faults(payload: Any, message: str) -> list[str]:
    """Return what is wrong with the content of a message, by the document."""
    components = {**DOCUMENT["components"], "schemas": strict(DOCUMENT["components"]["schemas"])}
    schema = {"components": components, **content_of(message)}
    return [f"{message}: {error.json_path}: {error.message}" for error in Draft7Validator(schema).iter_errors(payload)]


def judge(topic: str, payload: bytes, retain: bool, qos: int, expiry_s: int | None) -> list[str]:
    """Return what is wrong with a message that was heard, by the document; what the gateway receives is not judged."""
    name, *more = channels_of(topic) or [""]
    if more or not name:
        return [f"{topic}: expected one channel, got {[name, *more]}"]
    channel = DOCUMENT["channels"][name]
    operation = DOCUMENT["operations"].get(f"send-{name}")
    if operation is None:
        return []
    mqtt = operation["bindings"]["mqtt"]
    said = qos, retain, expiry_s or mqtt.get("messageExpiryInterval")  # MQTT 3.1.1 has no expiry
    promised = mqtt["qos"], mqtt["retain"], mqtt.get("messageExpiryInterval")
    wrong = [] if said == promised else [f"{topic}: {said}, not {promised}"]
    contents = [name for name in channel["messages"] if "schemaFormat" not in content_of(name)]
    told = [faults(json.loads(payload), name) for name in contents] if payload else []
    return wrong + min(told, key=len, default=[])


def channels_of(topic: str) -> list[str]:
    """Return the channels that a topic fits: one, if the document is right."""
    return [name for name, channel in DOCUMENT["channels"].items() if _fits(channel, topic)]


def _fits(channel: dict[str, Any], topic: str) -> bool:
    parts = re.split(r"{(\w+)}", channel["address"])
    for number in range(1, len(parts), 2):
        values = DOCUMENT["components"]["parameters"][parts[number]].get("enum")
        parts[number] = f"(?:{'|'.join(values)})" if values else "(?:_|[^/_][^/]*)"
    return re.fullmatch("".join(parts), topic) is not None
