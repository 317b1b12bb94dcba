"""Names in telegrams: any that a table may hold, and in older journals those of ASCII alone."""

import json
from typing import Any

import pytest

from devices.decoders import decode_count, decode_scan, earlier
from devices.errors import Malformed, Rejection

NAMES: list[tuple[str, object, object]] = [
    ("count", {"good": 1, "unit": "@"}, "Stück"),
    ("count", {"good": 1, "batch": "@"}, "Röhre/7"),
    ("count", {"good": 1, "scrap": 1, "scrap_by": {"@": 1}}, "zu kurz"),
    ("scan", {"data": "x", "operator": "@"}, "Jörg"),
    ("scan", {"data": "x", "components": [{"material": "A", "quantity": "1", "location": "@"}]}, "RM 01"),
    ("scan", {"data": "x", "components": [{"material": "@", "quantity": "1"}]}, "Röhre"),
    ("scan", {"data": "x", "activities": [{"work_center": "@", "activity": "A", "hours": "1"}]}, "Säge"),
    *(("scan", {"data": "x", "sales_order": "S", key: "@"}, "Ä") for key in ("sales_order", "sales_order_item")),
    *(("scan", {"data": "x", key: "@"}, "Ä") for key in ("lot", "order")),
]


@pytest.mark.parametrize(("kind", "telegram", "name"), NAMES, ids=range(len(NAMES)))
def test_a_name_of_any_letter_is_read_and_was_refused_before(kind: str, telegram: object, name: str) -> None:
    readers: dict[str, list[Any]] = {
        "count": [decode_count, earlier.decode_count],
        "scan": [decode_scan, earlier.decode_scan],
    }
    now, before = readers[kind]
    payload = json.dumps(telegram, ensure_ascii=False).replace("@", name).encode()
    said, refused = now(payload, None), before(payload, None)
    assert name in repr(said)
    assert isinstance(refused, Rejection)
    assert refused.code == Malformed.OUT_OF_RANGE
    plain = payload.replace(name.encode(), b"A-1")
    assert now(plain, None) == before(plain, None) != said
    assert not isinstance(now(plain, None), Rejection)


@pytest.mark.parametrize("name", ["", "x" * 201, "\\u0085", "\x7f", "\\u0007"])
def test_a_name_has_characters_and_an_end(name: str) -> None:
    said = decode_count(f'{{"good":1,"batch":"{name}"}}'.encode(), None)
    assert isinstance(said, Rejection)
    assert said.code in (Malformed.OUT_OF_RANGE, Malformed.CONTROL_CHARACTER)
