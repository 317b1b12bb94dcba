"""Measure everything, each figure as the median of interleaved rounds, and print a table for docs/performance.md.

Progress goes to standard error, the table or the JSON to standard output. The status is 0 when all totals were right,
whatever the times were.
"""

import argparse
import time
from pathlib import Path

from tests.benchmarks.cases import all_cases
from tests.benchmarks.figures import Figures, as_json, machine, markdown, show, summarize, tell
from tests.benchmarks.rounds import QUICK, Bench, Sizes


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="backflush bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="small counts, one round: does it all still work?")
    parser.add_argument("--rounds", type=int, metavar="N", help="rounds; 3, or 1 with --quick")
    parser.add_argument("--only", metavar="NAME", help="only cases whose name contains this")
    parser.add_argument(
        "--json",
        nargs="?",
        const="-",
        metavar="FILE",
        help="write all figures of all rounds as JSON: to FILE beside the table, or to standard output in its place",
    )
    parser.add_argument("--list", action="store_true", help="print the names of the cases")
    return parser.parse_args()


def main() -> None:
    """Run the rounds."""
    options = _options()
    sizes = QUICK if options.quick else Sizes()
    cases = {name: case for name, case in all_cases(sizes).items() if (options.only or "").lower() in name.lower()}
    if options.list or not cases:
        print("\n".join(all_cases(sizes)))
        return
    said = [f"--{name}" for name in ("quick",) if getattr(options, name)]
    said += [f"--{name} {value}" for name in ("rounds", "only") if (value := getattr(options, name))]
    about = machine(said)
    rounds = options.rounds or (1 if options.quick else 3)
    found: dict[str, list[Figures]] = {name: [] for name in cases}
    bench = Bench(sizes)
    try:
        for number in range(1, rounds + 1):
            for name, case in cases.items():
                began = time.monotonic()
                figures = case(bench)
                found[name].append(figures)
                shown = "; ".join(f"{figure} {show(value)}" for figure, value in figures.items())
                tell(f"[{number}/{rounds}] {name}: {shown}   ({time.monotonic() - began:.0f} s)")
    finally:
        bench.close()
    summaries = summarize(found)
    if options.json == "-":
        print(as_json(summaries, about, found))
        return
    print(markdown(summaries, about))
    if options.json:
        Path(options.json).write_text(as_json(summaries, about, found) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
