"""Leases under clocks that are wrong: the owner's, that of whoever claims, or both."""

from itertools import count
from pathlib import Path
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from gateway.backflush.memory.changes import Changes
from gateway.errors import Fenced
from gateway.ledger.database import tables as t
from gateway.ledger.database.connection import reading
from gateway.ledger.store.leases import Vigil
from gateway.ledger.store.load import master_bytes
from tests.integration.ledger_plant import MASTER, SECOND, TTL, connect, open_ledger, snapshot

DAY: Final = 86_400 * SECOND
WRONG = [DAY, -DAY, 3650 * DAY, -3650 * DAY, 20 * SECOND, -20 * SECOND]


def until_of(url: str) -> object:
    with reading(url) as connection:
        return connection.scalars(select(t.leases.c.until)).one()


@pytest.mark.parametrize("by", ["a commit", "none"])
def test_a_renewal_by_a_clock_that_was_set_back_ends_a_lease_earlier(url: str, by: str) -> None:
    ledger, _ = open_ledger(url, now=DAY)
    assert until_of(url) == DAY + TTL
    if by == "none":
        ledger.renew(SECOND)
    else:
        ledger.commit(Changes(), offset=1, now=SECOND)
    assert until_of(url) == SECOND + TTL


def test_a_lease_that_ends_later_than_it_lasts_ends_then_once_somebody_was_refused_by_it(url: str) -> None:
    dead, _ = open_ledger(url, now=DAY)
    dead.close()
    other = connect(url, "gw2")
    for now, left in ((SECOND, 30), (11 * SECOND, 20)):
        with pytest.raises(Fenced, match=f"its lease ends in {left} s"):
            other.claim("j2", ["1000/L01"], now, TTL // 3)
    assert other.claim("j2", ["1000/L01"], SECOND + TTL, TTL).ordinal == 1


@pytest.mark.parametrize("wrong", WRONG)
def test_who_waits_looks_at_no_clock_but_whether_a_lease_is_renewed(url: str, wrong: int) -> None:
    lines = "1000/L01", "1000/L02"
    owner, _ = open_ledger(url, patterns=lines, now=wrong)
    waiting = connect(url, "gw2")
    passed = count()
    now_s = [0.0]
    vigil = Vigil(lambda: now_s[0])

    def waits() -> bool:
        now_s[0] = next(passed)
        try:
            waiting.claim("j2", ["*"], int(now_s[0]) * SECOND, TTL, vigil=vigil)
        except Fenced:
            return True
        return False

    for second in range(1, 100):
        owner.renew(wrong + second * SECOND)
        assert waits(), "its owner lives"
    owner.close()
    # It was renewed for the last time ten looks before, as leases are: once a third of their time is over.
    assert [waits() for _ in range(30)] == [True] * 20 + [False] * 10


def test_what_was_given_back_is_free_for_the_next_that_waits(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/ledger.db"
    owner, _ = open_ledger(url, now=DAY)
    owner.release()
    owner.close()
    waiting = connect(url, "gw2")
    assert waiting.claim("j2", ["*"], 0, TTL, vigil=Vigil(lambda: 0.0)).ordinal == 1


@given(st.lists(st.tuples(st.integers(1, 12), st.booleans()), max_size=40))
def test_a_vigil_ends_after_as_long_as_a_lease_lasts_without_a_renewal_and_never_before(
    looks: list[tuple[int, bool]],
) -> None:
    now_s, until, renewed_s = 0.0, 1, 0.0
    vigil = Vigil(lambda: now_s)
    assert not vigil.over(0, "*", until, TTL)
    for passed, renews in looks:
        now_s += passed
        if renews:
            until, renewed_s = until + 1, now_s
        assert vigil.over(0, "*", until, TTL) == (now_s - renewed_s >= TTL / SECOND)


def test_the_last_import_is_in_force_whatever_the_clocks_of_the_gateways_say(url: str) -> None:
    first, state = open_ledger(url, "gw1", ("1000/L01",))
    second, other = open_ledger(url, "gw2", ("1000/L02",))
    for ledger, at in ((first, DAY), (second, SECOND), (first, SECOND), (second, 2 * SECOND)):
        loaded = ledger.load(snapshot)
        loaded.now, loaded.master = at, MASTER
        ledger.commit(Changes(tables=b"master data"), offset=1, now=at)
        with reading(url) as connection:
            assert master_bytes(connection) == b"master data"
            newest = select(t.master_tables.c.head).order_by(t.master_tables.c.at.desc()).limit(1)
            assert ledger.head is not None
            assert connection.scalar(newest) == ledger.head.ordinal
    assert (state.ordinal, other.ordinal) == (0, 1)
