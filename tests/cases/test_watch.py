"""The live table of a plant: on a terminal, where nobody watches, and while broker or gateway are away."""

import json
import os
import re
import sys

import pytest

from tests.cases.rig import Rig
from tests.integration.terminal import Terminal

PLANT = {
    "materials": """material plant description unit type standard_price rem_profile
                    CABLE-15 1000 Cable PC made 20 R
                    A 1000 Part PC bought 5 -""",
    "rem_profiles": """profile reporting_points
                       R mandatory""",
    "storage_locations": """plant location name negative_stock
                            1000 FG Finished yes
                            1000 RM Raw yes""",
    "work_centers": """plant work_center name cost_center
                       1000 W1 Assembly C1""",
    "boms": """plant material alternative base_quantity
               1000 CABLE-15 1 1""",
    "bom_items": """plant material alternative item component quantity unit issue_location
                    1000 CABLE-15 1 0010 A 2 PC RM""",
    "routings": """plant material routing base_quantity
                   1000 CABLE-15 R1 1""",
    "operations": """plant material routing operation work_center reporting_point
                     1000 CABLE-15 R1 0010 W1 yes
                     1000 CABLE-15 R1 0020 W1 no""",
    "production_versions": """plant material version bom_alternative routing line receiving_location
                              1000 CABLE-15 0001 1 R1 L05 FG
                              1000 CABLE-15 0002 1 R1 L06 FG""",
    "devices": """device plant line operation kind first window
                  c1 1000 L05 0010 counter zero reading
                  c2 1000 L05 - counter zero reading
                  c6 1000 L06 0010 counter zero reading""",
    "runs": """plant line material version start end
               1000 L05 CABLE-15 0001 2026-01-01T00:00:00 -
               1000 L06 CABLE-15 0002 2026-01-01T00:00:00 -""",
}


def test_the_plant_is_watched_on_a_terminal_of_80_columns() -> None:
    """Every digit is seen; what is away and how old figures are is said; the terminal is left as it was."""
    with Rig(PLANT) as rig:
        rig.start()
        rig.count("c1", {"good": 1_234_570})
        rig.count("c2", {"good": 1_234_567})
        rig.count("c6", {"good": 3})
        rig.settle()
        command = [sys.executable, "-m", "gateway", "-c", str(rig.gateway.config), "watch"]
        with Terminal(command, os.environ) as screen:
            seen = screen.shows(lambda text: "2 469 137" in text and "gateway gw1 ready" in text)
            assert max(map(len, seen)) <= 80
            [row] = [line for line in seen if line.startswith("L05")]
            assert re.match(r"L05 +CABLE-15 +2 469 137 +2 469 137 ", row), row
            assert " old" not in "\n".join(seen)
            [total] = [line for line in seen if line.startswith("all")]
            assert "2 469 140" in total

            screen.type(b"p")
            screen.shows(lambda text: "L05 points   0010 passed 1 234 570 wip 3" in text)
            screen.resize(44, 12)
            narrow = screen.shows(lambda text: max(map(len, text.split("\n"))) <= 44)
            assert len(narrow) <= 12, "\n".join(narrow)
            assert any("L05   CABLE-15  2 469 137  2 469 137" in line for line in narrow), "\n".join(narrow)
            screen.resize(80, 24)

            rig.gateway.kill()
            dead = screen.shows(lambda text: "! gateway gw1 is away" in text)
            [row, *_] = [line for line in dead if line.startswith("L05")]
            assert re.match(r"L05 +CABLE-15 +\d+ (s|min) old +2 469 137 ", row), row
            rig.start()
            screen.shows(lambda text: "gateway gw1 ready" in text and " old" not in text)

            assert screen.interrupt() == 130
            assert screen.settings == screen.before
            assert screen.said.rstrip().endswith(b"\x1b[?1049l"), "the picture is gone, the cursor back"


def test_without_a_terminal_there_are_lines_without_colours_and_the_broker_is_said_to_be_away() -> None:
    """Plain text, JSON, a filter, and the exit status where there is no broker."""
    with Rig(PLANT) as rig:
        rig.start()
        plain = rig.done("watch", "--for", "2")
        assert "\x1b" not in plain.out
        assert "gateway gw1 ready" in plain.out
        one = json.loads(rig.done("watch", "1000/L05", "--for", "2", "--json").out.splitlines()[0])
        assert [(line["line"], line["state"]) for line in one["lines"]] == [("L05", "")]
        assert one["broker"] == {"connected": True, "why": None}
        away = rig.backflush("watch", "--mqtt", "mqtt://127.0.0.1:1", "--for", "1")
        assert away.status == 3
        assert "broker away" in away.out


def test_what_is_no_picture_is_passed_over_and_what_is_no_place_is_refused() -> None:
    """Anybody may retain anything on a broker: the table goes on, and a wildcard is no plant."""
    with Rig(PLANT) as rig:
        rig.start()
        rig.say("bf/v1/1000/L05/_status", "[" * 60_000, retain=True)
        for line, said in (("L07", '{"counted":"abc"}'), ("L08", '{"run":"x"}'), ("L09", '{"stale_devices":5}')):
            rig.say(f"bf/v1/1000/{line}/_status", said, retain=True)
        one = json.loads(rig.done("watch", "--for", "2", "--json").out.splitlines()[0])
        assert {line["line"] for line in one["lines"]} <= {"L05", "L06"}
        assert "gateway gw1 ready" in rig.done("watch", "--for", "2").out
        for place in ("1000/#", "+", "1000/+"):
            refused = rig.backflush("watch", place, "--for", "1")
            assert refused.status == 2, refused
            assert "such as 1000/L04" in refused.err


@pytest.mark.parametrize("filter_", ["a/#/b", "a+", "#a"])
def test_a_filter_that_is_none_is_wrong_usage(filter_: str) -> None:
    with Rig(PLANT) as rig:
        said = rig.backflush("listen", filter_, "--for", "1")
        assert (said.status, "expected topic filters" in said.err) == (2, True), said
