"""What is only looked into is read for all bytes: nothing deep, large or foreign raises."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.decoders.strict_json import read_object
from gateway.service.tell.alerts import LONGEST_NAME, RecentOffenders
from gateway.service.tell.messages import encode


@pytest.mark.parametrize(
    "payload",
    [b"[" * 3_000, b'{"a":' * 30_000, b"", b"\xff", b"null", b"7", b'"id"', b"[1]", b"{" + b" " * 70_000, b'{"id":1'],
)
def test_what_cannot_be_read_says_nothing(payload: bytes) -> None:
    assert read_object(payload) == {}


def test_what_can_be_read_is_said() -> None:
    assert read_object(b'{"id":"s1","data":"X"}') == {"id": "s1", "data": "X"}


texts = st.text(st.characters(exclude_categories=()), max_size=5)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=5,
)


@given(st.dictionaries(st.sampled_from(["id", "instance", "host"]) | texts, values, max_size=4))
def test_whatever_a_message_says_can_be_told_again(said: dict[str, object]) -> None:
    """H1: an id that is half a character ended the gateway, on its own topic or while a scan was refused."""
    encode(read_object(json.dumps(said).encode())).decode()
    encode(said).decode()


@pytest.mark.parametrize("number", ["9" * 5_000, "1e999999", "-1e999999", "NaN", "Infinity", "-0"])
def test_no_number_is_too_much(number: str) -> None:
    said = read_object(f'{{"id":"s","x":{number}}}'.encode())
    assert said.get("id", "s") == "s"
    encode(said).decode()


def test_names_of_culprits_are_bounded_in_number_and_length() -> None:
    culprits = RecentOffenders(60)
    for number in range(2_000):
        culprits.note(f"{number}" + "x" * 60_000, 1)
    assert len(culprits.names(1)) <= 1_000
    assert max(map(len, culprits.names(1))) == LONGEST_NAME
