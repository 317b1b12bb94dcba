"""Look the pinned requirements up in the database of known vulnerabilities, where it can be reached, and say so.

Status 1 is a finding, and nothing else is: a check must not depend on somebody else's server. `make audit` insists.
"""

import json
import subprocess
import sys
from pathlib import Path

LOCK = Path(__file__).parents[1] / "requirements" / "web.txt"
OPTIONS = ("--require-hashes", "--disable-pip", "--timeout", "5", "--progress-spinner", "off", "--format", "json")
_NOTHING = "dependency scan: nothing was looked up, the database of known vulnerabilities cannot be reached"


def told(report: str) -> tuple[int, str]:
    """Return the exit status of a report of pip-audit's, and what to say of it; an empty one was not made."""
    try:
        dependencies = json.loads(report)["dependencies"]
    except (ValueError, KeyError):
        return 0, _NOTHING
    looked_up = [dependency for dependency in dependencies if "vulns" in dependency]
    if not looked_up:
        return 0, _NOTHING
    found = [
        f"{dependency['name']} {dependency['version']}: {vulnerability['id']}, mended in"
        f" {', '.join(vulnerability['fix_versions']) or 'no version yet'}"
        for dependency in looked_up
        for vulnerability in dependency["vulns"]
    ]
    of_them = f"{len(looked_up)} of {len(dependencies)} requirements were looked up"
    if found:
        return 1, "\n".join([f"dependency scan: {of_them}, {len(found)} known vulnerabilities", *found])
    missing = "" if len(looked_up) == len(dependencies) else ", the others are not in the database that was reached"
    return 0, f"dependency scan: {of_them}{missing}: nothing is known against them"


def main() -> int:
    """Scan, and print one line, or one for each finding."""
    program = Path(sys.executable).with_name("pip-audit")
    done = subprocess.run(  # noqa: S603 - the environment's own program, arguments of ours
        [program, "--requirement", LOCK, *OPTIONS], capture_output=True, text=True, check=False
    )
    status, text = told(done.stdout)
    sys.stderr.write(f"{text}\n")
    return status


if __name__ == "__main__":
    raise SystemExit(main())
