"""What the journal still holds when the lines are shared out anew is worked on by the lines of its own settings."""

import json
from collections.abc import Sequence
from pathlib import Path

import pytest
from sqlalchemy import select

from gateway.backflush.memory.changes import Changes
from gateway.backflush.values.quantities import MICRO
from gateway.errors import Fenced, Reason
from gateway.journal import Entry, Journal
from gateway.ledger.audit.audit import audit
from gateway.ledger.database import tables as t
from gateway.ledger.store.writer import Ledger
from gateway.service.fold.refold import fold_again
from gateway.service.local.read_only import read_ledger
from gateway.service.local.submission import catch_up, open_pump, settings_entry, system_clock
from gateway.settings import Settings, load_settings
from tests.integration.imports import import_tables
from tests.integration.ledger_plant import SECOND, TTL, open_ledger
from tests.integration.plant import shop, tables


def configured(folder: Path, gateway: str, lines: Sequence[str]) -> Settings:
    """Configure a gateway of the folder's one ledger."""
    file = folder / f"{gateway}.toml"
    said = f'[gateway]\nid = "{gateway}"\ndata_dir = "{folder}/{gateway}"\nlines = {json.dumps(lines)}\n'
    file.write_text(f'{said}[database]\nurl = "sqlite:///{folder}/ledger.sqlite"\n[posting]\nwindow = "reading"\n')
    return load_settings(file)


def live(settings: Settings, *totals: tuple[str, int]) -> None:
    """Begin a life: its settings, then what it hears, folded."""
    with open_pump(settings) as (journal, pump):
        journal.append(system_clock(), [settings_entry(settings.rules)])
        hear(journal, *totals)
        catch_up(pump)
        assert pump.obeyed == settings.rules


def hear(journal: Journal, *totals: tuple[str, int]) -> None:
    """Journal telegrams of counters."""
    for line, total in totals:
        topic = f"bf/v1/1000/{line}/c-{line}-good/count"
        journal.append(system_clock(), [Entry("message", topic, json.dumps({"good": total}).encode())])


def counted(settings: Settings) -> dict[str, int]:
    with read_ledger(settings) as connection:
        found = connection.execute(select(t.lines.c.line, t.lines.c.counted))
        return {row.line: row.counted // MICRO for row in found}


def refused(settings: Settings) -> list[tuple[str, str]]:
    with read_ledger(settings) as connection:
        columns = t.quarantine.c
        found = connection.execute(select(columns.line, columns.kind).where(columns.code == str(Reason.NOT_ALLOWED)))
        return [tuple(row) for row in found]


def holds(settings: Settings, *, deep: bool) -> None:
    """Every law holds, and the journal folded again gives what is there."""
    with read_ledger(settings) as connection:
        results = [*audit(connection), *([fold_again(settings, connection)] if deep else [])]
    assert [result for result in results if not result.ok] == []


def test_what_was_acknowledged_before_the_lines_were_narrowed_is_posted_by_the_lines_of_then(tmp_path: Path) -> None:
    """Reader 2."""
    both = configured(tmp_path, "gw1", ["1000/L01", "1000/L02"])
    import_tables(both, tables(shop(tmp_path / "shop")), "tests")
    live(both, ("L01", 20), ("L02", 22))
    with Journal.open(both.journal_path) as journal:
        hear(journal, ("L02", 52))
    narrow = configured(tmp_path, "gw1", ["1000/L01"])
    live(narrow, ("L02", 60), ("L01", 21))
    assert (counted(narrow), refused(narrow)) == ({"L01": 21, "L02": 52}, [("L02", "untrusted")])
    holds(narrow, deep=True)
    # Widened again, it goes on from where it was, and what comes after settles what was refused.
    live(configured(tmp_path, "gw1", ["1000/L01", "1000/L02"]), ("L02", 61))
    assert counted(both) == {"L01": 21, "L02": 61}
    holds(both, deep=True)


def test_lines_of_settings_that_no_life_has_folded_yet_are_kept_until_it_has(tmp_path: Path) -> None:
    both = configured(tmp_path, "gw1", ["1000/L01", "1000/L02"])
    import_tables(both, tables(shop(tmp_path / "shop")), "tests")
    live(both, ("L01", 1))
    third = configured(tmp_path, "gw1", ["1000/L03"])
    with open_pump(third) as (journal, _):  # claimed, and ended before it was folded
        journal.append(system_clock(), [settings_entry(third.rules)])
        hear(journal, ("L03", 3))
    live(configured(tmp_path, "gw1", ["1000/L02"]), ("L02", 2))
    assert (counted(both), refused(both)) == ({"L01": 1, "L02": 2, "L03": 3}, [])
    holds(both, deep=True)


def test_what_was_acknowledged_for_a_line_that_another_has_taken_over_is_left_to_that_one(tmp_path: Path) -> None:
    both = configured(tmp_path, "gw1", ["1000/L01", "1000/L02"])
    import_tables(both, tables(shop(tmp_path / "shop")), "tests")
    live(both, ("L02", 22))
    with Journal.open(both.journal_path) as journal:
        hear(journal, ("L02", 30))
    other = configured(tmp_path, "gw2", ["1000/L02"])
    live(other, ("L02", 30), ("L02", 37))
    one = configured(tmp_path, "gw1", ["1000/L01"])
    live(one, ("L01", 5), ("L02", 37))
    live(other, ("L02", 50))
    assert counted(one) == {"L01": 5, "L02": 50}
    assert refused(one) == [("L02", "untrusted")] * 2
    holds(one, deep=False)


def test_who_wants_other_lines_keeps_those_that_it_had_until_it_gives_them_back(url: str) -> None:
    first, _ = open_ledger(url, "gw1", ("1000/L04", "1000/L05"))
    first.release()
    head = first.claim("journal of gw1", ["1000/L05", "1000/L06"], 10 * SECOND, TTL)
    assert head.patterns == ("1000/L04", "1000/L05", "1000/L06")
    second = Ledger.open(url, gateway="gw2")
    with pytest.raises(Fenced):
        second.claim("j2", ["1000/L04"], 11 * SECOND, TTL)
    first.keep(["1000/L05", "1000/L06"])
    assert (first.head or head).patterns == ("1000/L05", "1000/L06")
    assert second.claim("j2", ["1000/L04"], 11 * SECOND, TTL).patterns == ("1000/L04",)
    first.commit(Changes(), offset=1, now=12 * SECOND)
    second.commit(Changes(), offset=1, now=12 * SECOND)
    # Nobody gives back what was taken from it.
    second.claim("j2", ["1000/L05"], 60 * SECOND, TTL)
    with pytest.raises(Fenced):
        first.keep(["1000/L06"])
    first.close()
    second.close()
