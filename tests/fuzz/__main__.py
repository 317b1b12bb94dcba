"""`make fuzz`: tries all doors for as long as `FUZZ_S` says, and adds each input that fails to the corpus.

It works on the targets in turn, each for a while, so that every door gets its share. It ends with status 1 if anything
has failed; the inputs that it has added are then the cases that a fix has to change, and stay as its tests.
"""

import os
import secrets
import sys
import time
from itertools import islice

from tests.fuzz import world
from tests.fuzz.corpus import keep
from tests.fuzz.targets import TARGETS, Broken, Target, attempt, mutations_of

_TURN_S = 5.0
_STREAM = 300


def _turn(target: Target, seed: str, told: set[str]) -> tuple[int, list[str]]:
    """Try a target for a while; return how many inputs were tried, and what has failed in a place not `told` yet."""
    failed: list[str] = []
    tried = 0
    end = time.monotonic() + _TURN_S
    for number, case in enumerate(mutations_of(target, seed)):
        if time.monotonic() > end:
            break
        tried += 1
        try:
            attempt(target, case, f"seed {seed}, number {number}")
        except Broken as error:
            if error.place not in told:
                told.add(error.place)
                failed.append(f"{keep(target.name, case)}\n    {error}")
    return tried, failed


def _streams(seed: str) -> str:
    """Send many messages to one gateway; return what has failed."""
    try:
        world.streams([case.data for case in islice(mutations_of(TARGETS["stream"], seed), _STREAM)], 9)
    except Exception as error:  # noqa: BLE001 - whatever it is, it must not end the search
        return f"stream, seed {seed}, {_STREAM} messages to one gateway: {type(error).__name__}: {error}"
    return ""


def main() -> int:
    """Search until the time is over."""
    budget_s = float(os.environ.get("FUZZ_S", "600"))
    seed = os.environ.get("FUZZ_SEED") or secrets.token_hex(4)
    chosen = [TARGETS[name] for name in sys.argv[1:]] or list(TARGETS.values())
    sys.stdout.write(f"seed {seed}, {budget_s:g} s, {', '.join(target.name for target in chosen)}\n")
    tried, failures, turn = 0, 0, 0
    told_places: set[str] = set()
    end = time.monotonic() + budget_s
    try:
        while time.monotonic() < end:
            target = chosen[turn % len(chosen)]
            number, failed = _turn(target, f"{seed}-{turn}", told_places)
            if target.name == "stream" and (whole := _streams(f"{seed}-{turn}")):
                failed.append(whole)
            for told in failed:
                sys.stdout.write(f"FAILED {told}\n")
            sys.stdout.flush()
            tried, failures, turn = tried + number, failures + len(failed), turn + 1
    finally:
        world.discard()
    sys.stdout.write(f"{tried} inputs in {turn} turns, {failures} failed\n")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
