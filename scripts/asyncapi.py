"""Print the AsyncAPI document: every topic with its direction, QoS, retain flag, expiry and content.

Schemas are those of the types by which telegrams and requests are read and payloads are made; examples are those of the
page on the device protocol. The same program gives the same bytes.
"""

import json
import re
import sys
import tomllib
from pathlib import Path
from typing import Any, Literal, NamedTuple, get_args

import yaml
from pydantic import ConfigDict, create_model, with_config
from pydantic.json_schema import GenerateJsonSchema
from typing_extensions import is_typeddict

from devices.decoders import native
from devices.decoders.foreign import sparkplug
from devices.messages import MAX_SCAN
from gateway.backflush.values.names import LONGEST
from gateway.mqtt.topics import KINDS, Posting, Topics
from gateway.service.fold import forms
from gateway.service.tell import home_assistant, line_payloads, payloads, proglove, scan_payloads
from gateway.service.tell.messages import COMMAND_EXPIRY_S, FEEDBACK_EXPIRY_S

ROOT = Path(__file__).parents[1]
EXAMPLE = re.compile(r"^```\w+ (count|scan|state)\n(.*?)\n```$", re.MULTILINE | re.DOTALL)
BASE, GATEWAY = "bf/v1", "GATEWAY"

TEXT = (
    "Messages of the backflush gateway, as the gateway sees them: it receives what devices and people send. Topics lie "
    "below `bf/v1` unless `[mqtt] base_topic` sets another. MQTT 5 and 3.1.1 work. With MQTT 5 a feedback or answer "
    "goes to the response topic of its scan or request, with the correlation data, if that lies below the sender's own "
    "prefix. Scanners of ProGlove, and edge nodes of Sparkplug, get messages in their own form. Ignore keys that you "
    "do not know: later versions add some."
)

PARAMETERS = {
    "plant": "1 to 40 of A-Z a-z 0-9 _ . -, not beginning with _",
    "line": "The same; the line _ is that of roaming scanners",
    "device": "1 to 40 of A-Z a-z 0-9 _ -, beginning with a letter or digit; the device's login",
    "point": "A reporting point: the number of an operation, or final",
    "kind": "The kind of posting",
    "verb": "The name of the request's message; `[mqtt] allow_requests` allows it. Any other is answered with an error",
    "gateway": "The gateway's id",
    "alert": "The alert's name",
    "home": "Base topic, __ and plant; all but A-Z a-z 0-9 - as _ and two hexadecimal digits, such as bf_2Fv1__1000",
    "home_line": "The line, likewise",
    "subscription": "The kind of subscription that is tried",
    "host": "`host` of a Sparkplug source",
    "group": "A group of Sparkplug edge nodes",
    "node": "The name of an edge node",
    "answers": "`answers` of a ProGlove source: any topic",
}
VALUES = {"kind": get_args(Posting), "subscription": KINDS}

FORMS: dict[str, type] = {
    "run-start": forms.RunStartForm,
    "run-stop": forms.RunStopForm,
    "window-close": forms.WindowCloseForm,
    "post": forms.PostForm,
    "reverse": forms.ReverseForm,
    "work": forms.WorkForm,
    "hold": forms.HoldForm,
    "release": forms.HoldForm,
}
OF_GATEWAY: dict[str, type] = {
    "backlog-retry": forms.BacklogRetryForm,
    "backlog-correct": forms.CorrectionForm,
    "backlog-close": forms.RecordsForm,
    "quarantine-replay": forms.QuarantineForm,
    "quarantine-dismiss": forms.QuarantineForm,
    "period": forms.PeriodForm,
    "devices": forms.DevicesForm,
    "import": forms.ImportForm,
}
REBIRTH = "Rebirth"
PROTOBUF = f"""\
syntax = "proto2";
// The part of a Sparkplug B payload that the gateway writes: one metric, {sparkplug.REBIRTH}, which is true.
message Payload {{
  message Metric {{
    optional string name = 1;
    optional uint64 timestamp = 3;
    optional uint32 datatype = 4;
    oneof value {{
      bool boolean_value = 14;
    }}
  }}
  optional uint64 timestamp = 1;
  repeated Metric metrics = 2;
}}
"""
BARE: dict[str, dict[str, Any]] = {
    "ScanText": {"type": "string", "minLength": 1, "maxLength": MAX_SCAN},
    "StateWord": {"enum": ["online", "offline"]},
}
"""Messages that are bare text: quotes around it would be a part of it."""
TELEGRAMS = [
    native.CountTelegram,
    native.UsedTelegram,
    native.WorkedTelegram,
    native.ScanTelegram,
    native.StateTelegram,
]


class Channel(NamedTuple):
    """A topic and what is said on it."""

    address: str
    action: Literal["receive", "send"]
    summary: str
    content: tuple[str, ...]
    """Schemas; more than one: a message for each."""
    retain: bool = False
    expiry_s: int | None = None
    reply: str = ""
    qos: int = 1


def channels() -> dict[str, Channel]:
    """Return every channel by name."""
    topics = Topics(BASE, GATEWAY)
    place = "{plant}", "{line}"
    device = *place, "{device}"
    requests = tuple(FORMS)
    return {
        "count": Channel(topics.device(*device, "count"), "receive", "Totals of a counter", ("CountTelegram",)),
        "scan": Channel(
            topics.device(*device, "scan"), "receive", "A scan", ("ScanTelegram", "ScanText"), reply="feedback"
        ),
        "state": Channel(
            topics.device(*device, "state"), "receive", "State of a device", ("StateTelegram", "StateWord"), retain=True
        ),
        "feedback": Channel(
            topics.feedback(*device), "send", "Result of a scan", ("ScanFeedback",), expiry_s=FEEDBACK_EXPIRY_S
        ),
        "command": Channel(
            topics.command(*device), "send", "Command to a device", ("ReportCommand",), expiry_s=COMMAND_EXPIRY_S
        ),
        "request": Channel(topics.request(*place, "{verb}"), "receive", "A request", requests, reply="response"),
        "response": Channel(topics.response(*place, "{verb}"), "send", "Answer to a request", ("RequestAnswer",)),
        "gateway-request": Channel(
            topics.gateway_request(GATEWAY, "{verb}"),
            "receive",
            "A request that is not of one line",
            tuple(OF_GATEWAY),
            reply="gateway-response",
        ),
        "gateway-response": Channel(
            topics.gateway_response(GATEWAY, "{verb}"), "send", "Answer to it", ("RequestAnswer",)
        ),
        "status": Channel(topics.status(*place), "send", "Status of a line", ("LineStatus",), retain=True),
        "point": Channel(topics.point(*place, "{point}"), "send", "Status of a point", ("PointStatus",), retain=True),
        "device-status": Channel(
            topics.device_status(*device), "send", "Status of a device", ("DeviceStatus",), retain=True
        ),
        "posting": Channel(
            f"{topics.base}/{{plant}}/{{line}}/_posting/{{kind}}", "send", "A posting", ("PostingEvent",)
        ),
        "gateway-state": Channel(topics.state, "send", "State of a gateway", ("GatewayState",), retain=True),
        "gateway-info": Channel(topics.info, "send", "Identity of a gateway", ("GatewayInfo",), retain=True),
        "gateway-health": Channel(topics.health, "send", "Health of a gateway", ("Health",), retain=True),
        "gateway-alert": Channel(
            topics.alert("{alert}"),
            "send",
            "Something that is wrong; emptied when it is over",
            ("AlertMessage",),
            retain=True,
        ),
        "gateway-event": Channel(topics.event, "send", "Something that has happened", ("GatewayEvent",)),
        "gateway-canary": Channel(
            f"{topics.base}/_gateway/{GATEWAY}/_canary/{{subscription}}",
            "send",
            "A gateway to itself",
            ("Canary",),
            expiry_s=30,
        ),
        "home-assistant": Channel(
            "homeassistant/device/_{home}/{home_line}/config",
            "send",
            "A line for Home Assistant",
            ("HomeLine",),
            retain=True,
        ),
        "gateway-log": Channel(topics.log, "send", "A line of the log", ("LogLine",), qos=0),
        "host-state": Channel(
            sparkplug.host_state("{host}", 0, online=True)[0],
            "send",
            "State of a Sparkplug host application, and its last will",
            ("HostState",),
            retain=True,
        ),
        "rebirth": Channel(
            sparkplug.rebirth("{group}", "{node}", 0)[0], "send", "Asks an edge node for its births", (REBIRTH,), qos=0
        ),
        "proglove": Channel(
            "{answers}",
            "send",
            "Answers a ProGlove scanner",
            ("ProGloveFeedback", "ProGloveDisplay", "ProGloveTriggerBlock"),
            expiry_s=FEEDBACK_EXPIRY_S,
        ),
    }


def schemas() -> dict[str, Any]:
    """Return the schemas of all contents, and of their parts, by name."""
    described = ConfigDict(use_attribute_docstrings=True)
    for telegram in TELEGRAMS:
        with_config(ConfigDict(strict=True) | described)(telegram)
    parts = ("_", "Yield")
    written = [
        value
        for module in (payloads, line_payloads, scan_payloads, home_assistant, proglove, sparkplug)
        for name, value in vars(module).items()
        if isinstance(value, type) and value.__module__ == module.__name__ and is_typeddict(value)
        if not name.startswith(parts)
    ]
    kinds: dict[str, Any] = {
        each.__name__: (each, ...) for each in (*TELEGRAMS, *FORMS.values(), *OF_GATEWAY.values(), *written)
    }
    model = create_model("All", __config__=described, **kinds)
    found = model.model_json_schema(ref_template="#/components/schemas/{model}", schema_generator=Untitled)["$defs"]
    # A telegram may be read with longer names than tables hold; the gateway refuses them (BF1008).
    held = json.dumps(native.WORDS.replace("200", str(LONGEST)))
    found = json.loads(json.dumps(found).replace(json.dumps(native.WORDS), held))
    return {name: {key: value for key, value in schema.items() if key != "title"} for name, schema in found.items()}


class Untitled(GenerateJsonSchema):
    """Makes schemas whose fields have no titles beside their names."""

    def field_title_should_be_set(self, schema: object) -> bool:
        """Return that a title is not wanted."""
        del schema
        return False


def _ref(*path: str) -> dict[str, str]:
    return {"$ref": "/".join(("#", *path))}


def _messages(of: dict[str, Any]) -> dict[str, Any]:
    """Return every message by name: its content, and examples of the page on the device protocol."""
    examples: dict[str, list[Any]] = {}
    for kind, text in EXAMPLE.findall((ROOT / "docs" / "device-protocol.md").read_text(encoding="utf-8")):
        is_json = text[0] in "{0123456789"
        examples.setdefault(kind if is_json else f"bare {kind}", []).append(
            {"payload": json.loads(text) if is_json else text}
        )
    found = {}
    for name, channel in channels().items():
        for content in channel.content:
            message: dict[str, Any] = {
                "contentType": "application/json",
                "payload": _ref("components", "schemas", content),
            }
            if content == REBIRTH:
                message["contentType"] = "application/octet-stream"
                message["payload"] = {"schemaFormat": "application/vnd.google.protobuf;version=2", "schema": PROTOBUF}
            elif content in BARE:
                message = {"contentType": "text/plain", "payload": BARE[content]}
                if f"bare {name}" in examples:
                    message["examples"] = examples[f"bare {name}"]
            elif name in examples:
                if name == "count":  # a bare total is JSON
                    message["payload"] = {"anyOf": [{"type": "integer", "minimum": 0}, message["payload"]]}
                message["examples"] = examples[name]
            elif form := FORMS.get(content) or OF_GATEWAY.get(content):
                text = {"type": "string", "maxLength": forms.MAX_TEXT}
                message["payload"] = {
                    "type": "object",
                    "required": ["transaction"],
                    "properties": {
                        "transaction": {"type": "string", "minLength": 1, "maxLength": forms.MAX_TEXT},
                        **dict.fromkeys(("actor", "reason"), text),
                        **(dict.fromkeys(("plant", "line"), text) if content in OF_GATEWAY else {}),
                        "data": _ref("components", "schemas", form.__name__),
                    },
                }
            found[content] = {
                "name": content,
                "summary": of.get(content, {}).get("description", channel.summary),
                **message,
            }
    return found


def _channel(channel: Channel) -> dict[str, Any]:
    address = channel.address.replace(GATEWAY, "{gateway}")
    parameters = {name: _ref("components", "parameters", name) for name in re.findall(r"{(\w+)}", address)}
    messages = {content: _ref("components", "messages", content) for content in channel.content}
    return {"address": address, "title": channel.summary, "messages": messages, "parameters": parameters}


def _operation(name: str, channel: Channel) -> dict[str, Any]:
    bindings: dict[str, Any] = {"qos": channel.qos, "retain": channel.retain}
    if channel.expiry_s is not None:
        bindings["messageExpiryInterval"] = channel.expiry_s
    reply = {"reply": {"channel": _ref("channels", channel.reply)}} if channel.reply else {}
    return {
        "action": channel.action,
        "channel": _ref("channels", name),
        "summary": channel.summary,
        "bindings": {"mqtt": {**bindings, "bindingVersion": "0.2.0"}},
        **reply,
    }


def document() -> dict[str, Any]:
    """Return the whole document."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    of = schemas()
    licence = {"name": "Apache 2.0", "url": "https://www.apache.org/licenses/LICENSE-2.0"}
    parameters = {
        name: {"description": text} | ({"enum": list(VALUES[name])} if name in VALUES else {})
        for name, text in PARAMETERS.items()
    }
    broker = {"host": "127.0.0.1:1883", "protocol": "mqtt", "description": "The broker of `[mqtt] url`"}
    return {
        "asyncapi": "3.0.0",
        "info": {"title": "Backflush gateway", "version": project["version"], "description": TEXT, "license": licence},
        "defaultContentType": "application/json",
        "servers": {"broker": broker},
        "channels": {name: _channel(channel) for name, channel in channels().items()},
        "operations": {f"{channel.action}-{name}": _operation(name, channel) for name, channel in channels().items()},
        "components": {"parameters": parameters, "messages": _messages(of), "schemas": of},
    }


def page() -> str:
    """Return the document as YAML."""
    return "# Written by `make docs`.\n" + yaml.safe_dump(document(), sort_keys=False, width=120, allow_unicode=True)


if __name__ == "__main__":
    sys.stdout.write(page())
