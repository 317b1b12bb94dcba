"""Whatever is sent, to whatever door: the sentence that says what is wrong with it is of a plant, not of a program."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from devices.barcodes import parse_barcode
from devices.decoders.native import decode_count, decode_scan, decode_state
from devices.errors import Rejection
from gateway.backflush.plant.snapshot import MasterData
from gateway.cli.run.check import _of_configuration
from gateway.errors import UsageError
from gateway.masterdata.rows import DeviceRow, MaterialRow
from gateway.service.fold.requests import action_of, describe_errors, parse_request
from gateway.settings import Settings, load_settings

PROGRAM = re.compile(
    r"""(?ix) pydantic | sqlalchemy | sqlite3? \b | psycopg | traceback | <class | object \s at \s 0x | errno | codec
    | valid \s (string|integer|list|dict|number|boolean) | input \s should | should \s be | value \s error
    | extra \s inputs | not \s permitted | field \s required | nonetype | \w+error \b | expecting \s | extra \s data
    | delimiter | line \s \d+ \s column | \(char | dictionary | \b tuple | instance \s of | literal | parse \s
    | unable \s to | \^\[ | \] \$ | ctx | items \s after | failed \s to | pattern
    | at \s (least|most) \s \d+ \s items?"""
)

SAID = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(-(10**25), 10**25),
        st.floats(),
        st.text(max_size=250),
        st.sampled_from(["", "1", "1.5", "-1", "x" * 250, "0000000001", "0000000001/2", "issue", "2026-02-30"]),
    ),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
VERBS = {
    "run-start": ["material", "version", "start", "batch", "totals", "begin", "sales_order", "colour"],
    "run-stop": ["end", "force", "colour"],
    "post": ["type", "quantity", "components", "activities", "complete", "point", "at", "scrap_reason", "rework"],
    "reverse": ["document", "quantity", "scrap", "components", "material", "version"],
    "work": ["kind", "process", "limit"],
    "hold": ["kind", "process"],
    "release": ["kind"],
    "backlog-retry": ["material", "date", "limit"],
    "backlog-correct": ["record", "quantity", "location", "date"],
    "backlog-close": ["records"],
    "quarantine-replay": ["numbers", "device", "code", "age", "all", "after", "limit"],
    "quarantine-dismiss": ["numbers", "device", "code", "age", "all", "after", "limit"],
    "devices": ["op", "old", "new", "begin", "first", "like", "kind"],
    "import": ["tables", "remove", "seen"],
    "period": ["period", "closed", "force"],
    "colour": [],
}
TELEGRAM = ["good", "gross", "scrap", "rework", "scrap_by", "ts", "boot", "seq", "unit", "batch", "hist", "mode", "id"]
SCAN = ["data", "id", "ts", "operator", "point", "hist", "type", "components", "activities", "complete", "sales_order"]


def is_plain(sentence: str) -> None:
    """Hold a sentence to the law, what was sent itself aside."""
    ours = re.sub(r", got .*|'[^']*'|\"[^\"]*\"", "", sentence, flags=re.DOTALL)
    found = PROGRAM.search(ours)
    assert found is None, sentence


def objects(names: list[str]) -> st.SearchStrategy[dict[str, Any]]:
    return st.dictionaries(st.sampled_from([*names, "colour"]), SAID, max_size=4)


@given(st.data(), st.sampled_from(sorted(VERBS)))
def test_a_request_is_refused_in_plain_words(data: st.DataObject, verb: str) -> None:
    said = {"verb": verb, "plant": "1000", "line": "L1", "transaction": "t", "data": data.draw(objects(VERBS[verb]))}
    said |= data.draw(
        st.dictionaries(st.sampled_from(["plant", "actor", "reason", "data", "colour"]), SAID, max_size=1)
    )
    request = parse_request(json.dumps(said).encode("utf-8", "replace"))
    answer = request if isinstance(request, Rejection) else action_of(request, MasterData())
    if isinstance(answer, Rejection):
        is_plain(answer.text)


@given(st.one_of(st.binary(max_size=60), st.text(alphabet='{}[]",:\\ 01ae.\n', max_size=40).map(str.encode)))
def test_what_is_no_json_is_refused_in_plain_words(payload: bytes) -> None:
    for answer in (
        parse_request(payload),
        parse_request(payload, verb="work", plant="1000", line="L1"),
        decode_count(payload, None),
        decode_scan(payload, None),
        decode_state(payload),
    ):
        if isinstance(answer, Rejection):
            is_plain(answer.text)


@given(objects(TELEGRAM), objects(SCAN), SAID)
def test_a_telegram_is_refused_in_plain_words(count: dict[str, Any], scan: dict[str, Any], state: object) -> None:
    for answer in (
        decode_count(json.dumps(count).encode("utf-8", "replace"), None),
        decode_scan(json.dumps(scan).encode("utf-8", "replace"), None),
        decode_state(json.dumps({"state": state}).encode("utf-8", "replace")),
    ):
        if isinstance(answer, Rejection):
            is_plain(answer.text)


@given(
    st.sampled_from(["]C1", "]Q3", "]E0", "", "https://id.gs1.org/01/", "https://id.gs1.org/", "BF:"]),
    st.sampled_from(["", "01", "17", "3103", "10", "8005", "0102000000001012"]),
    st.text(alphabet="0123456789x()/:-\x1d", max_size=24),
)
def test_a_barcode_is_refused_in_plain_words(prefix: str, identifier: str, rest: str) -> None:
    answer = parse_barcode(prefix + identifier + rest)
    if isinstance(answer, Rejection):
        is_plain(answer.text.replace(", got", ""))


SETTINGS = [
    (section, key)
    for section, field in Settings.model_fields.items()
    for key in getattr(type(field.default), "model_fields", ())
]


@given(st.sampled_from(SETTINGS), SAID)
def test_a_setting_is_refused_in_plain_words(where: tuple[str, str], said: object) -> None:
    section, key = where
    try:
        load_settings(None, {section: {key: said}})
    except UsageError as error:
        is_plain(str(error).replace(f"{section}.{key}", ""))
        for finding in _of_configuration(error, Path("gateway.toml")):
            is_plain(finding.text)


@pytest.mark.parametrize("kind", [DeviceRow, MaterialRow])
@given(st.data())
def test_a_cell_is_refused_in_plain_words(kind: type[DeviceRow | MaterialRow], data: st.DataObject) -> None:
    cells = data.draw(st.dictionaries(st.sampled_from(sorted(kind.model_fields)), st.text(max_size=60), max_size=5))
    try:
        kind.parse(cells)
    except ValidationError as error:
        is_plain(describe_errors(error))
