"""Promise 15 from a person's side: devices are taken in, replaced and disabled by command, and nothing is doubled."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from gateway.journal import Entry
from gateway.ledger.reports.devices import MOST_IMPORTS
from gateway.service.local.submission import open_pump, system_clock
from gateway.settings import load_settings
from tests.integration.cli_program import SHIPPED, Commands

Say = Callable[..., None]


@pytest.fixture
def backflush(tmp_path: Path) -> Commands:
    """Offer the commands on the shipped master data."""
    made = Commands(tmp_path)
    assert made("masterdata", "import", str(SHIPPED)).status == 0
    return made


@pytest.fixture
def say(tmp_path: Path) -> Say:
    """Let devices of line L05 speak: their telegrams stand in the journal, and are folded."""

    def speak(device: str, *payloads: str, kind: str = "count") -> None:
        messages = [Entry("message", f"bf/v1/1000/L05/{device}/{kind}", text.encode()) for text in payloads]
        with open_pump(load_settings(tmp_path / "gateway.toml")) as (journal, _):
            journal.append(system_clock(), messages)
        with open_pump(load_settings(tmp_path / "gateway.toml")):
            pass

    return speak


def settled(backflush: Commands, device: str) -> list[tuple[str, str]]:
    """Return code and state of what of a device was quarantined, oldest first."""
    listed = backflush("quarantine", "list", "--device", device, "--state", "all", "--json").json
    return [(entry["code"], entry["state"]) for entry in reversed(listed)]


def devices(backflush: Commands, folder: Path) -> dict[str, dict[str, Any]]:
    assert backflush("masterdata", "export", str(folder)).status == 0
    names, *rows = [line.split(",") for line in (folder / "devices.csv").read_text().splitlines()]
    return {row[0]: dict(zip(names, row, strict=True)) for row in rows}


def test_a_device_that_was_seen_is_adopted_and_counts_from_its_baseline(
    backflush: Commands, say: Say, tmp_path: Path
) -> None:
    say("NEW-1", "100")
    assert settled(backflush, "NEW-1") == [("BF2001", "open")]
    adopted = backflush("devices", "adopt", "NEW-1", "--reason", "second counter", "--json")
    assert adopted.status == 0, adopted
    assert adopted.json["imported"]
    [change] = adopted.json["changes"]
    assert (change["table"], change["key"], change["kind"]) == ("devices", ["NEW-1"], "added")
    assert backflush("quarantine", "replay", "1").status == 0
    assert settled(backflush, "NEW-1") == [("BF2001", "healed")], "a baseline books nothing"
    say("NEW-1", "105")
    assert devices(backflush, tmp_path / "out")["NEW-1"]["line"] == "L05"
    assert backflush("audit", "--deep").status == 0
    [known] = [row for row in backflush("report", "devices", "--json").json if row["device"] == "NEW-1"]
    assert known["total"] == 105
    assert known["units"] == 5


def test_a_device_is_adopted_as_what_it_was_seen_as_or_like_another(
    backflush: Commands, say: Say, tmp_path: Path
) -> None:
    say("NEW-1", "1")
    say("NEW-2", "BF:UNDO", kind="scan")
    like = ("--like", "c-L04-0010", "--line", "1000/L04", "--set", "max_step=77")
    assert backflush("devices", "adopt", "NEW-1", *like, "--reason", "a point").status == 0
    adopted = backflush("devices", "adopt", "NEW-2", "--reason", "a scanner")
    assert (adopted.status, "warning" in adopted.err) == (0, False), "tables of others concern nobody here"
    found = devices(backflush, tmp_path / "out")
    assert (found["NEW-1"]["line"], found["NEW-1"]["operation"], found["NEW-1"]["max_step"]) == ("L04", "0010", "77")
    assert (found["NEW-2"]["line"], found["NEW-2"]["kind"]) == ("L05", "scanner")


@pytest.mark.parametrize(("said", "units"), [((), 5), (("--set", "first=zero"), 18_239)])
def test_what_an_adopted_device_had_counted_elsewhere_is_not_taken_for_pieces(
    backflush: Commands, say: Say, tmp_path: Path, said: tuple[str, ...], units: int
) -> None:
    say("OLD-1", "18234")
    assert backflush("devices", "disable", "c-L05-good", "--reason", "rebuilt").status == 0
    like = ("--like", "c-L05-good", *said, "--reason", "from another hall")
    adopted = backflush("devices", "adopt", "OLD-1", *like)
    assert adopted.status == 0, adopted
    assert "open quarantine entries of OLD-1 that no later total closes: 1." in adopted.err
    replayed = backflush("quarantine", "replay", "--device", "OLD-1")
    assert (replayed.status, "baseline" in replayed.out) == (0, not said)
    say("OLD-1", "18239")
    found = devices(backflush, tmp_path / "out")
    assert found["c-L05-good"]["first"] == "zero", "or this test says nothing"
    assert found["OLD-1"]["first"] == ("zero" if said else ""), "empty is the default, baseline"
    [known] = [row for row in backflush("report", "devices", "--json").json if row["device"] == "OLD-1"]
    assert known["units"] == units


def test_what_a_device_said_before_it_was_accepted_waits_for_a_person_who_is_told_how_much(
    backflush: Commands, say: Say
) -> None:
    say("c-L05-good", "50")
    say("NEW-1", "7", "8")
    replaced = backflush("devices", "replace", "c-L05-good", "NEW-1", "--reason", "broken", "--json").json
    assert replaced["waiting"] == {"device": "NEW-1", "entries": ["0000000001", "0000000002"]}
    say("c-L05-good", "60")
    undone = backflush("devices", "disable", "c-L05-good", "--undo", "--reason", "mended")
    assert "open quarantine entries of c-L05-good that no later total closes: 1." in undone.err
    assert backflush("quarantine", "replay", "--device", "NEW-1").status == 0
    say("NEW-1", "9")
    say("c-L05-good", "61")
    assert settled(backflush, "NEW-1") == [("BF2001", "healed"), ("BF2001", "replayed")]
    assert settled(backflush, "c-L05-good") == [("BF2002", "open")], "its next total does not heal it"
    late = backflush("quarantine", "replay", "--device", "c-L05-good")
    assert (late.status, "went back from 61 to 60" in late.out) == (1, True)
    assert backflush("quarantine", "dismiss", "3", "--reason", "61 covers it").status == 0
    assert backflush("quarantine", "list", "--json").json == []
    by_device = {row["device"]: row["units"] for row in backflush("report", "devices", "--json").json}
    assert (by_device["c-L05-good"], by_device["NEW-1"]) == (61, 2)
    again = backflush("quarantine", "replay", "--device", "NEW-1")
    assert (again.status, "expected open entries, there are none" in again.err) == (2, True)
    assert backflush("quarantine", "replay").status == 2


@pytest.mark.parametrize(("first", "units"), [("baseline", 2), ("zero", 9)])
def test_new_hardware_takes_the_place_of_the_former_and_nothing_is_doubled(
    backflush: Commands, say: Say, first: str, units: int, tmp_path: Path
) -> None:
    say("c-L05-good", "50")
    replaced = backflush("devices", "replace", "c-L05-good", "NEW-1", "--first", first, "--reason", "broken", "--json")
    assert replaced.status == 0, replaced
    say("c-L05-good", "60")
    say("NEW-1", "7", "9")
    by_device = {row["device"]: row for row in backflush("report", "devices", "--json").json}
    assert by_device["c-L05-good"]["units"] == 50
    assert by_device["NEW-1"]["units"] == units
    assert settled(backflush, "c-L05-good") == [("BF2002", "open")]
    found = devices(backflush, tmp_path / "out")
    assert {**found["c-L05-good"], "device": "", "first": "", "disabled": ""} == {
        **found["NEW-1"],
        "device": "",
        "first": "",
        "disabled": "",
    }
    assert backflush("audit", "--deep").status == 0


def test_a_disabled_device_is_quarantined_until_that_is_undone(backflush: Commands, say: Say) -> None:
    say("c-L05-good", "50")
    assert backflush("devices", "disable", "c-L05-good", "--reason", "rebuilt").status == 0
    say("c-L05-good", "60")
    assert settled(backflush, "c-L05-good") == [("BF2002", "open")]
    again = backflush("devices", "disable", "c-L05-good", "--reason", "rebuilt")
    assert (again.status, "nothing changes" in again.err) == (0, True)
    say("c-L05-good", "{")
    undone = backflush("devices", "disable", "c-L05-good", "--undo", "--reason", "done")
    assert "open quarantine entries of c-L05-good that no later total closes: 1." in undone.err, "nor BF1004"
    say("c-L05-good", "61")
    assert settled(backflush, "c-L05-good") == [("BF2002", "open"), ("BF1004", "healed")]
    [known] = [row for row in backflush("report", "devices", "--json").json if row["device"] == "c-L05-good"]
    assert known["units"] == 61, "its total says what was made meanwhile"


REFUSED = [
    # words, what is said
    (["adopt", "nobody", "--reason", "r"], "no message from it is in quarantine"),
    (["adopt", "c-L05-good", "--reason", "r"], "is in the master data already, at 1000/L05"),
    (["adopt", "NEW-1"], "Missing option '--reason'"),
    (["adopt", "NEW-1", "--set", "colour=red", "--reason", "r"], "expected a column of devices: device, plant"),
    (["adopt", "NEW-1", "--set", "max_step=much", "--reason", "r"], "devices.max_step: "),
    (["adopt", "NEW-1", "--set", "max_step", "--reason", "r"], "expected COLUMN=VALUE"),
    (["adopt", "NEW-1", "--like", "nobody", "--reason", "r"], "expected a device in the master data"),
    (["replace", "c-L05-good", "c-L05-good", "--reason", "r"], "a new `boot`"),
    (["replace", "c-L05-good", "c-L04-good", "--reason", "r"], "is in the master data already"),
    (["replace", "c-L05-good", "state", "--reason", "r"], "devices.device: "),
    (["replace", "c-L05-good", "a/b", "--reason", "r"], "devices.device: "),
    (["disable", "nobody", "--reason", "r"], "expected a device in the master data"),
]


def test_what_cannot_be_done_is_told_in_one_line_and_changes_nothing(
    backflush: Commands, say: Say, tmp_path: Path
) -> None:
    say("NEW-1", "1")
    before = devices(backflush, tmp_path / "before")
    for words, text in REFUSED:
        said = backflush("devices", *words)
        assert (said.status, text in said.err, said.out) == (2, True, ""), said
    assert devices(backflush, tmp_path / "after") == before


def test_a_line_that_is_not_there_is_refused_as_an_import_would_be(backflush: Commands, say: Say) -> None:
    say("NEW-1", "1")
    said = backflush("devices", "adopt", "NEW-1", "--line", "2000/L05", "--reason", "r", "--json")
    assert (said.status, said.json["imported"]) == (1, False)
    assert said.json["findings"]


def test_a_device_is_shown_from_the_first_message_on_over_all_that_people_say_of_it(
    backflush: Commands, say: Say, tmp_path: Path
) -> None:
    def told(device: str) -> tuple[str, bool, str]:
        [row] = backflush("report", "devices", "--device", device, "--json").json
        return row["state"], row["since"] is not None, row["change"]

    say("NEW-1", "100")
    assert told("NEW-1") == ("seen", True, "")
    assert backflush("report", "devices", "--line", "1000/L05", "--json").json[-1]["line"] == "L05"
    backflush("devices", "adopt", "NEW-1", "--set", "operation=", "--reason", "second counter")
    backflush("quarantine", "dismiss", "--device", "NEW-1", "--reason", "seen")
    assert told("NEW-1") == ("unknown", False, "added")
    say("NEW-1", "100")
    assert told("NEW-1") == ("baseline", True, "added")
    say("NEW-1", "105")
    assert told("NEW-1") == ("heard", False, "added")
    backflush("devices", "replace", "NEW-1", "NEW-1", "--begin", "3", "--reason", "power cut")
    assert told("NEW-1") == ("begins", True, "added")
    say("NEW-1", "4")
    assert told("NEW-1") == ("heard", False, "added")
    backflush("devices", "replace", "NEW-1", "NEW-2", "--reason", "broken")
    assert told("NEW-1") == ("disabled", False, "replaced by NEW-2")
    assert told("NEW-2") == ("unknown", False, "replaces NEW-1")
    backflush("masterdata", "export", str(tmp_path / "out"))
    table = tmp_path / "out" / "devices.csv"
    table.write_text(table.read_text().replace("NEW-2,1000,L05", "NEW-2,1000,L06"))
    assert backflush("masterdata", "import", str(table), "--reason", "moved").status == 0
    assert told("NEW-2") == ("unknown", False, "moved from 1000/L05")


def test_devices_are_shown_after_hundreds_of_imports(backflush: Commands, tmp_path: Path) -> None:
    def change() -> str:
        said = backflush("report", "devices", "--device", "c-L05-good", "--json")
        assert said.status == 0, said
        return str(said.json[0]["change"])

    assert backflush("devices", "disable", "c-L05-good", "--reason", "rebuilt").status == 0
    assert change() == "disabled"
    with closing(sqlite3.connect(tmp_path / "ledger.sqlite")) as ledger, ledger:
        newest = ledger.execute("SELECT head, sequence, at, digest FROM master_tables ORDER BY at DESC LIMIT 1")
        head, sequence, at, digest = newest.fetchone()
        again = f'["{digest}",{{}}]'.encode()
        more = [(head, sequence + n, at + n, digest, again, "tests", "") for n in range(1, MOST_IMPORTS + 1)]
        ledger.executemany("INSERT INTO master_tables VALUES (?, ?, ?, ?, ?, ?, ?)", more)
    assert change() == "", "it is older than the imports that are searched"


def test_what_filters_have_settled_page_by_page_folds_again(backflush: Commands, say: Say) -> None:
    say("s-roaming", *("NEW-SKU", "]C10", "NEW-SKU") * 2, kind="scan")
    sums = backflush("quarantine", "list", "--sum", "--json").json
    assert {(each["device"], each["code"], each["entries"]) for each in sums} >= {("s-roaming", "BF3014", 3)}
    again = backflush("quarantine", "replay", "--all", "--transaction", "t1", "--json")
    assert (again.status, again.json["data"]["refused"], again.json["data"]["left"]) == (1, 5, 0)
    assert again.json["text"] == "5 entries: 5 still refused"
    assert backflush("quarantine", "replay", "--all", "--transaction", "t1", "--json").out == again.out
    assert backflush("quarantine", "dismiss", "--code", "bf3014", "--reason", "torn").status == 0
    assert len(backflush("quarantine", "list", "--json").json) == 2
    assert backflush("quarantine", "dismiss", "--line", "1000/L05", "--age", "3d", "--reason", "torn").status == 2
    for wrong in (("--code", "BF9999"), ("--age", "soon"), ("--line", "1000/L99"), ("3", "--all")):
        assert backflush("quarantine", "dismiss", *wrong, "--reason", "torn").status in (1, 2), wrong
    done = backflush("quarantine", "dismiss", "--all", "--reason", "torn")
    assert (done.status, done.out.splitlines()[-1]) == (0, "2 entries: 2 dismissed")
    assert backflush("audit", "--deep").status == 0
