"""What goes into a row comes out of it, and nothing else is believed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.journal.batches import MAX_ENTRIES, Entry, checksum, entry_id, locate, pack, unpack

entries = st.builds(
    Entry,
    kind=st.sampled_from(["message", "command", "import", "settings"]),
    topic=st.text(max_size=60),
    payload=st.binary(max_size=200),
    qos=st.integers(0, 2),
    retain=st.booleans(),
    response_topic=st.none() | st.text(max_size=60),
    correlation=st.none() | st.binary(max_size=40),
    size=st.integers(0, 2**40),
    sha256=st.none() | st.text("0123456789abcdef", min_size=64, max_size=64),
)


@given(st.lists(entries, max_size=20))
def test_unpacking_gives_back_what_was_packed(batch: list[Entry]) -> None:
    assert unpack(pack(batch)) == tuple(batch)


@given(st.integers(1, 2**40), st.integers(0, MAX_ENTRIES - 1))
def test_an_entry_id_names_one_entry(number: int, index: int) -> None:
    assert locate(entry_id(number, index)) == (number, index)


@pytest.mark.parametrize(
    ("number", "at", "body", "what"),
    [
        (1, 1000, b"abc", "the same"),
        (2, 1000, b"abc", "another number"),
        (1, 1001, b"abc", "another time"),
        (1, 1000, b"abd", "another body"),
        (1, 1000, b"", "no body"),
    ],
)
def test_the_checksum_covers_number_time_and_body(number: int, at: int, body: bytes, what: str) -> None:
    assert (checksum(number, at, body) == checksum(1, 1000, b"abc")) == (what == "the same")
