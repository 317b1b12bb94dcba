"""Many at once: one form for several lines, and the result of each line or record that a form has named.

A request is of one line, so several lines are several requests, each under a transaction that follows from the form's:
the same form again gets the same answers. Law: nothing is called done as a whole of which a part is not.
"""

import asyncio
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from sqlalchemy import Connection

from gateway.backflush.values.documents import format_number
from gateway.backflush.values.quantities import parse_whole
from gateway.errors import BackflushError, Reason
from gateway.ledger.reports.requested import answer_to, find_settled_entries
from gateway.web.acts import Act, wish_of
from gateway.web.asking import Asking, GatewayAnswer, VisitorRequest, actor_of
from gateway.web.ledger_reader import LedgerReader
from gateway.web.rights import Visitor
from gateway.web.tables import PageWords

_MOST_LINES: Final = 50
_AT_ONCE: Final = 8
"""Requests of one form that the control socket has at the same time."""
_DONE: Final = ("replayed", "dismissed", "closed", "nothing is booked", "healed")
_NOT_DONE: Final = ("still refused", "not open", "unknown", "repeated")
"""The beginnings of the gateway's results: of those that have changed a record, and the others."""


class Became(NamedTuple):
    """The result of a line or record, in the language of the page."""

    name: str
    text: str
    quote: str
    """The gateway's own words, in English."""
    is_done: bool


async def ask_each(asking: Asking, visitor: Visitor, act: Act, said: Mapping[str, str]) -> dict[str, GatewayAnswer]:
    """Ask for the act on each line that a form names, and return the answers by line.

    After one that is not known yet no more are sent: a gateway that is frozen would be waited for again and again.
    """
    lines = list(dict.fromkeys(said["lines"].split()))
    if len(lines) > _MOST_LINES:
        text = f"expected at most {_MOST_LINES} lines, got {len(lines)}"
        return {"": GatewayAnswer(said["transaction"], "error", Reason.BAD_COMMAND, text, {})}
    wishes = [wish_of(act, {**said, "line": line, "transaction": f"{said['transaction']}:{line}"}) for line in lines]
    answers: list[GatewayAnswer] = []
    for first in range(0, len(wishes), _AT_ONCE):
        some = wishes[first : first + _AT_ONCE]
        if any(answer.status == "unknown" for answer in answers):
            answers += [GatewayAnswer(wish.transaction, "unknown", "", "it was not sent yet", {}) for wish in some]
        else:
            answers += await asyncio.gather(*(asking.ask(visitor, wish) for wish in some))
    return dict(zip(lines, answers, strict=True))


def sum_up(transaction: str, answers: Mapping[str, GatewayAnswer], words: PageWords) -> GatewayAnswer:
    """Return one answer for all lines: not known, as long as one is not; refused, if all are."""
    found = list(answers.values())
    if len(found) == 1:
        return found[0]._replace(transaction=transaction)
    done = sum(each.status == "ok" for each in found)
    refused = next((each.code for each in found if each.status == "error"), "")
    text = words.texts["many_done"].format(done=done, all=len(found))
    if any(each.status == "unknown" for each in found):
        return GatewayAnswer(transaction, "unknown", "", text, {})
    return GatewayAnswer(transaction, "ok" if done else "error", "" if done else refused, text, {})


def became_of_lines(answers: Mapping[str, GatewayAnswer], words: PageWords) -> Iterator[Became]:
    """Yield the result of each line."""
    for line, answer in answers.items():
        wrong = f"{answer.code} {words.meaning(answer.code)}" if answer.status == "error" else ""
        head = words.texts[f"line_{answer.status}"]
        yield Became(line, f"{head}: {wrong}" if wrong else head, answer.text, answer.status == "ok")


def became_of_records(answer: GatewayAnswer, before: Mapping[str, str], words: PageWords) -> Iterator[Became]:
    """Yield the result of each record that an answer tells of; `before` are those that were settled before."""
    results = answer.data.get("entries") or answer.data.get("records") or {}
    for name, result in results.items() if isinstance(results, Mapping) else ():
        text, _, quote = str(result).replace("; ", ": ", 1).partition(": ")
        key = next((key for key in (*_DONE, *_NOT_DONE) if text.startswith(key)), "")
        told = words.texts[f"became_{key.replace(' ', '_')}"] if key else text
        told = f"{told} {words.number(text.removeprefix(key).strip())}".rstrip()
        is_new = name not in before
        told = told if is_new else words.texts["settled_before"].format(state=words.texts[f"became_{before[name]}"])
        yield Became(name, told, quote, is_new and key in _DONE)


def heading_of(answer: GatewayAnswer, became: Sequence[Became]) -> str:
    """Return the key of the heading: not done, if nothing is; done in part, if something is not."""
    if answer.status != "ok" or all(each.is_done for each in became):
        return f"acted_{answer.status}"
    return "acted_partly" if any(each.is_done for each in became) else "acted_nothing"


async def find_settled_before(reader: LedgerReader, visitor: Visitor, wish: VisitorRequest) -> dict[str, str]:
    """Return the states of the entries that were settled before a request was sent.

    If it was sent before they are those that another has settled: the entry says who has.
    """
    numbers = wish.data.get("numbers")
    if not isinstance(numbers, list):
        return {}

    def read(connection: Connection) -> dict[str, str]:
        mine = re.compile(rf"(by )?{re.escape(actor_of(visitor))}(?![^\s:;,])")
        is_known = answer_to(connection, wish.transaction) is not None
        found = find_settled_entries(connection, [parse_whole(str(each)) or 0 for each in numbers])
        return {format_number(number): state for number, (state, reason) in found.items()
                if not (is_known and mine.match(reason))}  # fmt: skip

    try:
        return await reader.ask(read)
    except BackflushError:  # the request itself says so
        return {}
