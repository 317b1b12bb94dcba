"""The description of the API, OpenAPI 3.1, made of the table of operations and the types that it names.

Clients have to ignore fields that they do not know: later versions add some. So no record forbids others.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Any, Final

from pydantic import TypeAdapter

from gateway.service.program import program_version
from gateway.web.api.changes import KEY_FORM, ChangeOperation
from gateway.web.api.imports import CheckRecord
from gateway.web.api.operations import ReadOperation
from gateway.web.api.queries import SEGMENT
from gateway.web.api.records import PreviewRecord, ReplyRecord
from gateway.web.problems import API
from gateway.web.upload_form import FORM

_NAMED: Final = re.compile(r"{(\w+)}")
_NUMBER: Final = {"type": "string", "pattern": "^[0-9]{1,18}$", "examples": ["0000000003"]}
_SEGMENT: Final = {"type": "string", "pattern": f"^{SEGMENT}$"}
_IN_ADDRESS: Final[dict[str, dict[str, Any]]] = {
    "plant": _SEGMENT,
    "line": _SEGMENT,
    "document": _NUMBER,
    "number": _NUMBER,
    "item": {"type": "string", "pattern": "^[0-9]{1,9}$"},
    "period": {"type": "string", "pattern": "^[0-9]{4}-(0[1-9]|1[0-2])$"},
    "transaction": {"type": "string", "pattern": KEY_FORM},
    "device": {"type": "string", "pattern": "^[A-Za-z0-9][A-Za-z0-9_-]{0,39}$"},
    "table": {"type": "string", "pattern": "^[a-z_]{1,40}$"},
}
"""The names in an address."""
_PROBLEM: Final = {
    "type": "object",
    "description": "What went wrong (RFC 9457)",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string", "description": "/problems/ and the code, or about:blank"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "code": {"type": "string", "pattern": "^BF[0-9]{4}$"},
        "transaction": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["field", "text"],
                "properties": {"field": {"type": "string"}, "text": {"type": "string"}},
            },
        },
    },
}
_PROBLEMS: Final = {
    "400": "A parameter is wrong or unknown",
    "401": "No account, or its session or token has ended",
    "403": "The account has not the right, or not for this line",
    "404": "There is no such thing",
    "503": "The ledger is away, or did not answer in time: ask again later",
}
_REFUSALS: Final = {
    "409": "Something else stands in the way: the code says what",
    "413": "The body is too long",
    "415": "The body is no JSON",
    "422": "The gateway refuses it: the code says why",
}
_TEXT: Final = (
    "What the gateway has posted and what waits, for programs. Names and values are those of `--json` on the command "
    "line: quantities, hours and amounts are decimal text, times are UTC. A list comes in pages: `next` is the `after` "
    "of the following one, with the same filter. Ignore fields that you do not know: later versions add some."
)


def describe(operations: Iterable[ReadOperation], changes: Iterable[ChangeOperation]) -> dict[str, Any]:
    """Return the description."""
    table, asked = list(operations), list(changes)
    schemas, definitions = TypeAdapter.json_schemas(
        [
            *((place, "serialization", TypeAdapter(each.answer)) for place, each in enumerate(table)),
            *((each.path, "validation", TypeAdapter(each.form)) for each in asked),
            ("reply", "serialization", TypeAdapter(ReplyRecord)),
            ("preview", "serialization", TypeAdapter(PreviewRecord)),
            ("check", "serialization", TypeAdapter(CheckRecord)),
        ],
        ref_template="#/components/schemas/{model}",
    )
    named = definitions.get("$defs", {})
    paths: dict[str, dict[str, Any]] = {}
    for place, each in enumerate(table):
        schema = schemas[place, "serialization"]
        paths.setdefault(f"{API}{each.path}", {})["get"] = _describe_one(
            each, schema if each.order is None else _list_of(schema)
        )
    for one in asked:
        form = named[schemas[one.path, "validation"]["$ref"].rpartition("/")[2]]
        reply = schemas[
            "preview" if one.is_preview else "check" if one.of_upload == "check" else "reply", "serialization"
        ]
        paths.setdefault(f"{API}{one.path}", {})["post"] = _describe_change(one, _body_of(one, form), reply)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Backflush gateway", "version": program_version(), "description": _TEXT},
        "servers": [{"url": "/"}],
        "security": [{"token": []}, {"session": []}],
        "paths": paths,
        "components": {
            "schemas": {**named, "Problem": _PROBLEM},
            "securitySchemes": {
                "token": {"type": "http", "scheme": "bearer", "description": "`backflush web token add`"},
                "session": {"type": "apiKey", "in": "cookie", "name": "bf", "description": "Over TLS `__Host-bf`"},
            },
        },
    }  # fmt: skip


def _describe_one(operation: ReadOperation, schema: dict[str, Any]) -> dict[str, Any]:
    is_of_one = "{" in operation.path or operation.answer is bytes
    said = {code: text for code, text in _PROBLEMS.items() if is_of_one or code != "404"}
    return {
        "operationId": _id_of("get", operation.path),
        "summary": operation.summary,
        "parameters": [
            *_names_in(operation.path),
            *({"name": name, "in": "query", "schema": schema} for name, schema in operation.query.schemas().items()),
        ],
        "responses": {
            "200": {"description": "The answer", "content": {operation.media: {"schema": schema}}},
            **{code: _problem(text) for code, text in said.items()},
        },
    }


def _describe_change(which: ChangeOperation, body: dict[str, Any], reply: dict[str, Any]) -> dict[str, Any]:
    content = {"application/json": {"schema": reply}}
    key = {
        "name": "Idempotency-Key", "in": "header", "required": True, "schema": {"type": "string", "pattern": KEY_FORM},
        "description": "A name of your own for the request: sent again, it gets its first answer",
    }  # fmt: skip
    later = {
        "description": "It is not known yet: send it again, or ask for the address in Location",
        "content": content,
    }
    return {
        "operationId": _id_of("post", which.path),
        "summary": which.summary,
        "parameters": [*_names_in(which.path), *([key] if which.is_made else [])],
        "requestBody": {
            "required": True,
            "content": {FORM if which.of_upload == "check" else "application/json": {"schema": body}},
        },
        "responses": {
            "200": {"description": "It is done" if which.is_made else "It would be done", "content": content},
            **({"202": later} if which.is_made else {}),
            **{code: _problem(text) for code, text in {**_PROBLEMS, **_REFUSALS}.items()},
        },
    }


def _body_of(which: ChangeOperation, form: dict[str, Any]) -> dict[str, Any]:
    """Return the schema of a body: the form of the verb without what the address says, and what stands beside it."""
    said = which.fixed(dict.fromkeys(_NAMED.findall(which.path), ""))
    text = {"type": "string", "maxLength": 200}
    beside = {
        **({"plant": text, "line": text} if which.is_placed else {}),
        **({} if which.of_upload == "check" else {"reason": text}),
    }
    properties = {name: schema for name, schema in form.get("properties", {}).items() if name not in said}
    required = [name for name in form.get("required", ()) if name not in said]
    return {"type": "object", "properties": {**beside, **properties}, "required": required,
            "additionalProperties": False}  # fmt: skip


def _id_of(method: str, path: str) -> str:
    return "-".join([method, *re.findall(r"\w+", path)])


def _names_in(path: str) -> Iterator[dict[str, Any]]:
    for name in _NAMED.findall(path):
        yield {"name": name, "in": "path", "required": True, "schema": _IN_ADDRESS[name]}


def _list_of(schema: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "required": ["items", "next"],
        "properties": {
            "items": {"type": "array", "items": schema},
            "next": {"type": ["string", "null"], "description": "`after` of the next page; null: this is the last one"},
        },
    }


def _problem(text: str) -> dict[str, Any]:
    content = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {"description": text, "content": content}
