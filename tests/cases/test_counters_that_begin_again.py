"""A counter that began again, or whose order cannot be one: counted, or told of, or a person says where it begins."""

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from tests.cases.rig import Rig, until
from tests.cases.test_read_back import SMALL

HOUR = timedelta(hours=1)
NAMES = [f"c{n}" for n in range(1, 10)]
DEVICES = """device plant line kind    first modulus reset
             c1     1000  L1   counter zero  100000  -
             c2     1000  L1   counter zero  -       allow
             c3     1000  L1   counter zero  -       -
             c4     1000  L1   counter zero  -       -
             c5     1000  L1   counter zero  -       -
             c6     1000  L1   counter zero  -       allow
             c7     1000  L1   counter zero  65536   -
             c8     1000  L1   counter zero  -       -
             c9     1000  L1   counter zero  -       -"""


def units(rig: Rig) -> dict[str, int]:
    return {row["device"]: row["units"] for row in rig.json("report", "devices") if row["kind"] == "good"}


def codes(rig: Rig, state: str = "open") -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for entry in rig.quarantine(state):
        found.setdefault(entry["device"], []).append(entry["code"])
    return found


def test_what_cannot_be_an_order_holds_nothing_back_and_a_counter_that_began_again_is_reported() -> None:
    """I01 I02 I06 I07 I20 I24 W08: orders that begin again, drops that are no resets, 16 bits."""
    ahead = {"good": 10, "seq": 2, "ts": "2099-01-01T00:00:00Z"}
    said: dict[str, list[object]] = {
        "c1": [{"good": 500, "seq": 40}, *({"good": 500 + 10 * n, "seq": n} for n in (1, 2, 3))],
        "c2": [{"good": 500}, *({"good": g, "ts": f"1970-01-01T00:00:{g % 60:02}Z"} for g in (510, 540, 620))],
        "c3": [{"good": 500, "seq": 900}, *({"good": g, "seq": n} for n, g in enumerate((3, 40, 120), 1))],
        "c4": [{"good": 5, "seq": 1}, ahead, ahead],
        "c6": [{"good": g, "seq": n} for n, g in enumerate((40_482, 0, 4_990, 40_470, 40_484))],
        "c7": [65_000, 65_530, 4, 100],
        "c8": [{"good": g, "seq": n} for g, n in ((500, 9), (470, 7), (480, 8))],
    }
    with Rig(SMALL | {"devices": DEVICES}) as rig:
        rig.start()
        for device, telegrams in said.items():
            for telegram in telegrams:
                rig.count(device, telegram)
        rig.settle()
        assert units(rig) == {"c1": 530, "c2": 620, "c3": 500, "c4": 10, "c6": 40_484, "c7": 65_636, "c8": 500}
        late = {row["device"]: row["late"] for row in rig.json("report", "devices") if row["late"]}
        assert late == {"c3": 3, "c8": 2}
        assert codes(rig) == {"c3": ["BF2012"], "c6": ["BF2005"] * 3}
        until(lambda: any(alert["id"] == "late-telegrams" for alert in rig.alerts()), lambda: str(rig.alerts()))
        rig.audit()


def test_a_person_says_where_a_counter_begins_again() -> None:
    """I19 I21: a bare number, a new boot with the total of the flash; a total of a run's start never says it."""
    with Rig(SMALL | {"devices": DEVICES}) as rig:
        rig.start()
        rig.count("c8", 483)
        rig.count("c9", {"good": 483, "boot": "b41", "seq": 9})
        for total in (500, 3, 40):
            rig.count("c5", total)
        rig.settle()
        started = rig.json("run-start", "1000/L1", "P", "1", "--total", "c5=40", "--reason", "it was reset")
        assert (started["status"], started["data"]["totals"]["c5"]["code"]) == ("ok", "BF2005")
        for name in ("c8", "c9"):
            rig.done("devices", "replace", name, name, "--begin", "310", "--reason", "power cut")
        for total in (310, 320, 500):
            rig.count("c8", total)
            rig.count("c9", {"good": total, "boot": "b42", "seq": total})
        rig.count("c5", 510)
        rig.settle()
        assert units(rig)["c8"] == 673
        assert sum(row["units"] for row in rig.json("report", "devices") if row["device"] == "c9") == 673
        assert codes(rig) == {"c5": ["BF2005"] * 3}
        rig.done("run-start", "1000/L1", "P", "1", "--begin", "c5=0", "--reason", "it was reset")
        rig.count("c5", 12)
        rig.settle()
        assert units(rig)["c5"] == 522
        rig.restart()
        rig.audit()


@pytest.mark.parametrize("words", [("c8", "c8"), ("c8", "c9", "--begin", "3"), ("c8", "c8", "--begin", "-3")])
def test_a_counter_is_replaced_by_another_or_begins_again(words: tuple[str, ...]) -> None:
    """I21: what cannot be meant is wrong usage, and says what was expected."""
    with Rig(SMALL | {"devices": DEVICES}) as rig:
        said = rig.backflush("devices", "replace", *words, "--reason", "test")
        assert said.status == 2
        assert "expected" in said.err


def test_stored_totals_are_of_the_run_in_which_they_were_made_unless_a_newer_one_came_first() -> None:
    """I22: sixty pieces over a change of run, in order and the newest first."""
    now = datetime.now(UTC).replace(microsecond=0)
    runs = f"""plant line material version start end batch
               1000  L1   P        1       2026-01-01T00:00 {now - HOUR:%Y-%m-%dT%H:%M:%SZ} OLD
               1000  L1   P        1       {now - HOUR:%Y-%m-%dT%H:%M:%SZ} - NEW"""
    stored = [{"good": good, "ts": f"{now - HOUR * back:%Y-%m-%dT%H:%M:%SZ}"} for good, back in ((10, 2), (30, 1.1))]
    newest = {"good": 60, "ts": f"{now:%Y-%m-%dT%H:%M:%SZ}"}
    with Rig(SMALL | {"devices": DEVICES, "runs": runs}) as rig:
        rig.start()
        for device, order in (("c3", [*stored, newest]), ("c4", [newest, *stored])):
            for said in order:
                rig.count(device, said | {"hist": said is not newest})
        rig.settle()
        made = {"c3": Counter[str](), "c4": Counter[str]()}
        for document in rig.documents():
            [reading] = document["readings"]
            made[reading["device"]][document["batch"]] += int(document["yield"])
        assert made == {"c3": {"OLD": 30, "NEW": 30}, "c4": {"NEW": 60}}
        assert rig.quarantine() == []
        rig.audit()
