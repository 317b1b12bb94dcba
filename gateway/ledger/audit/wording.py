"""The program's own sentences in the ledger: the deep audit compares codes, quantities and names, not the wording.

A later version may word an answer better, and an older ledger still follows from its journal. A person's words (the
reason of a dismissal or reversal) are compared like any other value. Of a sentence about the result of an entry only
its beginning, which is the outcome or the person, and the numbers of documents and entries are compared.

    >>> without_wording("quarantine", {"code": "BF2004", "text": "a jump of 900", "state": "open", "reason": ""})
    {'code': 'BF2004', 'text': '', 'state': 'open', 'reason': ''}
    >>> without_wording("commands", {"command": "t1", "response": '["ok", "BF0000", "5 are posted", {"posted": 5}]'})
    {'command': 't1', 'response': ['ok', 'BF0000', {'posted': 5}]}
    >>> _ending("nothing is booked: its units are kept as 0000000007: a jump of 900")
    ['nothing is booked', '0000000007']
"""

import json
import re
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, Final

_SENTENCES: Final = {
    "quarantine": ("text",),
    "quarantine_folds": ("text",),
    "scans": ("title", "text", "facts"),
    "last_scans": ("answer",),
}
"""Columns that hold only a sentence of the program, or what an answer shows besides."""
_PROGRAM: Final = frozenset(["window", "arrival", "schedule", "update"])
"""Actors of documents that the gateway posts automatically, with a reason of its own."""
_NUMBER: Final = re.compile(r"\b\d{10}\b")


def without_wording(table: str, row: dict[str, Any]) -> dict[str, Any]:
    """Return the row with the program's sentences blanked."""
    row |= dict.fromkeys(_SENTENCES.get(table, ()), "")
    if table == "documents" and row["actor"] in _PROGRAM:
        row["reason"] = ""
    if table == "quarantine" and row["state"] != "dismissed":
        row["reason"] = _ending(row["reason"]) if row["reason"].startswith("by ") else ""
    if table == "commands":
        # An answer that was tampered with is compared as it stands.
        with suppress(ValueError, TypeError, LookupError, AttributeError):
            status, code, _, data = json.loads(row["response"])
            row["response"] = [status, code, _facts(data)]
    return row


def _facts(data: Mapping[str, Any]) -> dict[str, Any]:
    """Return an answer's data without its sentences: about rows left, refused totals, results of entries."""
    facts = {name: value for name, value in data.items() if name != "why"}
    for name in {"totals", "begins"} & facts.keys():
        facts[name] = {device: _without_reason(became) for device, became in facts[name].items()}
    if "entries" in facts:
        facts["entries"] = {number: _ending(sentence) for number, sentence in facts["entries"].items()}
    return facts


def _without_reason(became: Any) -> Any:  # noqa: ANN401 - JSON
    """Blank the text of a refused total; that of a counted one is the quantity."""
    return {**became, "text": ""} if isinstance(became, dict) and became["result"] == "refused" else became


def _ending(sentence: str) -> list[str]:
    outcome, *explained = re.split("[:;,]", sentence, maxsplit=1)
    return [outcome, *_NUMBER.findall("".join(explained))]
