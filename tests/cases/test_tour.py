"""The README's tour as it stands there: each command shows what the page shows, whole and true in 80 columns."""

import json
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from tests.cases.rig import Rig
from tests.cases.test_tables import NUMBER, TIME, asked, leaves, not_told
from tests.integration.cli_program import Commands
from tests.integration.gateway_process import ROOT

_TOUR = (ROOT / "README.md").read_text(encoding="utf-8").split("\n### By hand\n", 1)[1].split("\n## ", 1)[0]
SHIFT = re.compile(r"\b(early|late|night)\b")
_WRITES = {"reverse": ("--transaction", "tour")}
"""Asked again by the same transaction, a command that writes gives the same answer."""


class Shown(NamedTuple):
    """A command of the page, and the lines that the page shows below it."""

    words: tuple[str, ...]
    lines: tuple[str, ...]


def tour() -> Iterator[Shown]:
    """Yield the commands of the page in its order; those that stand in its sentences are `backflush` ones."""
    for block in re.findall(r"(?:^ {4}.*\n)+|^.*`.*\n", _TOUR, re.MULTILINE):
        if block.startswith(" "):
            for part in re.split(r"^ {4}\$ ", block, flags=re.MULTILINE)[1:]:
                command, *lines = part.splitlines()
                yield Shown(tuple(shlex.split(command)), tuple(line.removeprefix("    ") for line in lines))
        else:
            for command in re.findall(r"`(?:backflush )?((?:audit|report) [^`]+)`", block):
                yield Shown(("backflush", *command.split()), ())


def shows(line: str, screen: str) -> bool:
    """Say whether a line of the page is on the screen; what it leaves out is `...`; it is of another shift."""
    parts = SHIFT.sub("...", TIME.sub("...", line.strip())).split("...")
    return re.search(r"^.*" + ".*".join(re.escape(part.strip()) for part in parts), screen, re.MULTILINE) is not None


def test_each_command_of_the_tour_shows_what_the_page_shows_and_every_number_is_one_of_json(tmp_path: Path) -> None:
    with Rig(imports=False) as rig:
        done: list[str] = []
        for words, lines in tour():
            match words:
                case ("mosquitto_pub", "-q", "1", "-t", topic, "-m", said):
                    rig.say(topic, said)
                case ("backflush", "run"):
                    rig.start()
                case ("backflush", *command):
                    if done:
                        rig.settle()
                    done.append(command[0])
                    command = [str(rig.masterdata) if word == "config/masterdata" else word for word in command]
                    is_shown(rig, [*command, *_WRITES.get(command[0], ())], lines, Commands(tmp_path))
        assert done == [
            *("masterdata", "report", "trace", "report", "report", "reverse", "report", "audit", "audit", "audit")
        ]
        box = rig.answer("s-roaming", "scan-2")
        [shown] = re.findall(r"^ {4}(\{\"ref\".*\n.*\}\})$", _TOUR, re.MULTILINE)
        for part in shown.replace("\n", "").replace("     ", "").split(" ... "):
            assert part.strip() in json.dumps(box, separators=(",", ":")), box


def is_shown(rig: Rig, command: list[str], lines: tuple[str, ...], beside: Commands) -> None:
    """Give a command on a screen of 80 columns and as JSON; what came before any gateway, on a ledger beside it."""
    screen = rig.on_screen(*(word for word in command if word != "--json"))
    assert [line for line in lines if not shows(line, screen)] == [], screen
    assert all(len(line) <= 80 or len(line.split()) == 1 for line in screen.splitlines()), screen
    asks = [*(word for word in command if word not in ("-v", "--json")), "--json"]
    told = beside(*asks).json if "import" in command else asked(rig, *asks).json
    known = {number for leaf in leaves(told) for number in (leaf, *NUMBER.findall(leaf))}
    known |= {
        str(len(each)) for each in (told, *(told.values() if isinstance(told, dict) else ())) if isinstance(each, list)
    }
    if "import" in command:  # of the changes it shows the first, and counts the others
        known.add(str(len(told["changes"]) - len(re.findall(r"^[+~-] ", screen, re.MULTILINE))))
    assert not_told(NUMBER.findall(TIME.sub("", screen)), known) == [], screen
