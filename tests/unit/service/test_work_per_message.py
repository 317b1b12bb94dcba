"""Any message of 64 KiB costs a bounded number of steps, whatever it holds: no test of seconds, but of work.

A step is a call that Python makes while it reads the message: of a function, of a hook of the JSON parser, of a method.
"""

import sys
from collections.abc import Callable

import pytest

from devices.barcodes import parse_barcode
from devices.decoders import DECODERS, decode_scan, decode_state
from devices.decoders.strict_json import MAX_BRACKETS, MAX_BYTES, read_object, too_deep
from devices.errors import Malformed
from gateway.backflush.plant.snapshot import MasterData
from gateway.service.fold.requests import Request, action_of, parse_request

MOST_STEPS = 3 * MAX_BYTES
VERBS = ["post", "run-start", "run-stop", "reverse", "work", "backlog-close", "quarantine-replay", "devices"]


def filled(before: bytes, one: bytes, after: bytes) -> bytes:
    """Repeat something until the message is as large as it may be."""
    number = (MAX_BYTES - len(before) - len(after)) // (len(one) + 1)
    return before + b",".join([one] * number) + after


def keyed(before: bytes, value: bytes, after: bytes) -> bytes:
    return before + b",".join(b'"%x":%b' % (n, value) for n in range(60_000 // (len(value) + 8))) + after


LARGE = {
    "brackets": b"[" * MAX_BYTES,
    "pairs of brackets": b"[]" * (MAX_BYTES // 2),
    "lists": filled(b'{"good":1,"x":[', b"[]", b"]}"),
    "objects": filled(b'{"good":1,"x":[', b"{}", b"]}"),
    "deep lists": filled(b'{"good":1,"x":[', b"[[[[[[]]]]]]", b"]}"),
    "deep objects": filled(b'{"good":1,"x":[', b'{"a":{"a":{"a":{"a":{"a":{}}}}}}', b"]}"),
    "numbers": filled(b'{"good":1,"x":[', b"1", b"]}"),
    "fractions": filled(b'{"good":1,"x":[', b"1e999", b"]}"),
    "texts": filled(b'{"good":1,"data":"x","state":"online","x":[', b'""', b"]}"),
    "keys": keyed(b'{"good":1,"data":"x",', b"1", b"}"),
    "reasons": keyed(b'{"scrap":1,"scrap_by":{', b"1", b"}}"),
    "escapes": b'{"good":1,"data":"' + b"\\u0041" * 10_900 + b'"}',
    "zeros": b"0" * (MAX_BYTES - 1) + b"x",
    "digits": b"9" * MAX_BYTES,
    "components": filled(b'{"data":{"components":[', b'{"material":"a","quantity":"1"}', b"]}}"),
    "totals": keyed(b'{"data":{"material":"P","totals":{', b"{}", b"}}}"),
    "data": keyed(b'{"data":{', b"1", b"}}"),
    "records": filled(b'{"data":{"records":[', b'"1/1"', b"]}}"),
    "entries": filled(b'{"data":{"numbers":[', b"1", b"]}}"),
}


def _asked(payload: bytes) -> None:
    for verb in VERBS:
        request = parse_request(payload, verb=verb, plant="1000", line="L1")
        if isinstance(request, Request):
            assert len(request.digest) == 32
            action_of(request, MasterData())


READERS: dict[str, tuple[Callable[[bytes], object], int]] = {
    "count": (lambda payload: [decode(payload, None) for decode in DECODERS.values()], len(DECODERS)),
    "scan": (lambda payload: decode_scan(payload, None), 1),
    "state": (decode_state, 1),
    "request": (_asked, len(VERBS)),
    "barcode": (lambda payload: parse_barcode(payload.decode()), 1),
    "what it says": (read_object, 1),
}


def steps(read: Callable[[bytes], object], payload: bytes) -> int:
    """Count the calls that reading takes."""
    calls = 0

    def seen(_frame: object, event: str, _argument: object) -> None:
        nonlocal calls
        calls += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(seen)
    try:
        read(payload)
    finally:
        sys.setprofile(before)
    return calls


@pytest.mark.parametrize("name", LARGE)
@pytest.mark.parametrize("reader", READERS)
def test_a_message_as_large_as_it_may_be_costs_three_steps_for_each_of_its_bytes_at_most(
    reader: str, name: str
) -> None:
    """H9."""
    read, times = READERS[reader]
    payload = LARGE[name]
    assert len(payload) <= MAX_BYTES
    read(b"{}")
    assert steps(read, payload) <= times * MOST_STEPS


def test_objects_and_lists_are_counted_before_anything_is_read() -> None:
    """H9: a nested message of 64 KiB cost fifty times what an honest one costs."""
    for payload in (LARGE["lists"], LARGE["deep lists"], LARGE["objects"]):
        found = too_deep(payload)
        assert found is not None
        assert found.code == Malformed.TOO_DEEP
        assert steps(too_deep, payload) < 20
    inside = b'{"data":"' + b"[{" * (2 * MAX_BRACKETS) + b'"}'
    assert too_deep(inside) is None, "brackets within a text are text"
