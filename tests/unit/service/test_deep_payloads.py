"""What is only looked into is read for all bytes: nothing deep, large or foreign raises."""

import pytest

from devices.decoders.strict_json import said_in


@pytest.mark.parametrize(
    "payload",
    [b"[" * 3_000, b'{"a":' * 30_000, b"", b"\xff", b"null", b"7", b'"id"', b"[1]", b"{" + b" " * 70_000, b'{"id":1'],
)
def test_what_cannot_be_read_says_nothing(payload: bytes) -> None:
    assert said_in(payload) == {}


def test_what_can_be_read_is_said() -> None:
    assert said_in(b'{"id":"s1","data":"X"}') == {"id": "s1", "data": "X"}
