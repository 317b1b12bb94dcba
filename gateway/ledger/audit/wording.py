"""The program's own sentences in the ledger: the deep audit compares codes, quantities and names, not the wording.

A later version may word an answer better, and an older ledger still is what its journal gives. Words that a person gave
(the reason of a dismissal, of a reversal) are compared like any other value.

    >>> without_wording("quarantine", {"code": "BF2004", "text": "a jump of 900", "state": "open", "reason": ""})
    {'code': 'BF2004', 'text': '', 'state': 'open', 'reason': ''}
    >>> without_wording("commands", {"command": "t1", "response": '["ok", "BF0000", "5 are posted", {"posted": 5}]'})
    {'command': 't1', 'response': ['ok', 'BF0000', {'posted': 5}]}
"""

import json
import re
from contextlib import suppress
from typing import Any, Final

_SENTENCES: Final = {"quarantine": ("text",), "quarantine_folds": ("text",), "scans": ("title", "text")}
"""Columns that hold nothing but a sentence of the program."""
_PROGRAM: Final = frozenset(["window", "arrival", "schedule", "update"])
"""Actors of documents that the gateway posts of its own accord, with a reason of its own."""
_WORDS: Final = frozenset(["text", "why"])
"""Keys of an answer's data that hold sentences; other texts begin with the outcome, and explain it after a colon."""


def without_wording(table: str, row: dict[str, Any]) -> dict[str, Any]:
    """Return the row with the program's sentences blanked."""
    row |= dict.fromkeys(_SENTENCES.get(table, ()), "")
    if (table == "quarantine" and row["state"] != "dismissed") or (table == "documents" and row["actor"] in _PROGRAM):
        row["reason"] = ""
    if table == "commands":
        with suppress(ValueError, TypeError):  # an answer that was tampered with is compared as it stands
            status, code, _, data = json.loads(row["response"])
            row["response"] = [status, code, _facts(data)]
    return row


def _facts(value: Any) -> Any:  # noqa: ANN401 - JSON
    if isinstance(value, dict):
        return {key: _facts(inner) for key, inner in value.items() if key not in _WORDS}
    if isinstance(value, list):
        return [_facts(inner) for inner in value]
    return re.split("[:;]", value, maxsplit=1)[0] if isinstance(value, str) else value
