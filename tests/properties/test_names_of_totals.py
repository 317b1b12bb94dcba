"""Law: by whatever names a total goes in one life, its steps add up to what it has counted."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tests.book import Book
from tests.builders import counter, plant

BASE = 5_000
told = st.lists(
    st.tuples(
        st.sampled_from(["good", "gross", "scrap"]),
        st.sampled_from(["bare", "named"]),
        st.integers(1, 40),
        st.sampled_from(["", "crash", "again", "refused"]),
    ),
    min_size=1,
    max_size=6,
)


@given(
    told=told,
    first=st.sampled_from(["zero", "baseline"]),
    role=st.sampled_from(["good", "gross"]),
    life=st.sampled_from([{}, {"boot": "a"}, {"seq": 0}, {"boot": "a", "seq": 0}]),
)
def test_a_counter_whose_role_or_firmware_changes_is_counted_once(
    told: list[tuple[str, str, int, str]], first: str, role: str, life: dict[str, Any]
) -> None:
    settings: dict[str, Any] = {"first": first, "max_step": BASE}
    book = Book(plant(devices=[counter(role=role, **settings)]))
    total = BASE

    def say(total: int, name: str = "good") -> None:
        if "seq" in life:
            life["seq"] += 1
        book.count(**life | {name: total})

    say(total)
    for now, form, pieces, also in told:
        if now != role:
            role = now
            book.load(plant(devices=[counter(role=role, **settings)]))
        if also == "refused":
            say(total + 3 * BASE)
        total += pieces
        name = "gross" if form == "named" and role != "scrap" else "good"
        say(total, name)
        if also == "again":
            book.count(**life | {name: total})
        if also == "crash":
            book.crash()
    assert int(book.line().get("read", "0")) == total - (BASE if first == "baseline" else 0)
