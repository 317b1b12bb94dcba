"""A gateway's writer as a process of its own: commits documents of one line and prints each offset when it is safe.

python -m tests.integration.ledger_writer URL GATEWAY LINE COMMITS DOCUMENTS_EACH
"""

import sys

from tests.integration.ledger_plant import documents, open_ledger


def main() -> None:
    """Commit until all is done or somebody puts an end to it."""
    url, gateway, line, commits, each = sys.argv[1:]
    ledger, state = open_ledger(url, gateway, (f"1000/{line}",))
    assert ledger.head is not None
    for offset in range(ledger.head.offset + 1, ledger.head.offset + 1 + int(commits)):
        ledger.commit(documents(state, int(each), line=line, material=f"P-{line}"), offset, now=0)
        print(offset, flush=True)  # noqa: T201 - what it is for
    ledger.close()


if __name__ == "__main__":
    main()
