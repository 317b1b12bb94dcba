"""Contexts: what a scanner is set to, in which language it is answered, and what it is shown.

Laws
    choices for the next label end with it, after the device's `context_s`, with another operator and another line
    the time is that of the scans themselves, so a fold ends the same choices
    in older journals they ended with the label alone
"""

import json
from dataclasses import asdict, fields

from devices.messages import Scan
from gateway.backflush.inputs.repetition import code_of
from gateway.backflush.inputs.senders import time_of
from gateway.backflush.memory.contexts import Context
from gateway.backflush.memory.events import Refused, Scanned
from gateway.backflush.memory.records import QuarantineEntry
from gateway.backflush.memory.state import State
from gateway.backflush.plant.snapshot import ROAMING, Device
from gateway.backflush.plant.versions import Run, run_at
from gateway.backflush.posting.books import Books
from gateway.backflush.values.phrases import ENGLISH, Language, phrase
from gateway.backflush.values.quantities import format_quantity

_SECOND = 1_000_000


def language_at(state: State, plant: str, device: str) -> Language:
    """Return the language of a scanner's operator, else its own, else that of the plant, else English."""
    master = state.master
    context, scanner, of = state.contexts.get(device), master.devices.get(device), master.plants.get(plant)
    operators = master.languages.get(context.operator) if context is not None else None
    own = scanner.language if scanner is not None else ""
    return operators or own or (of.language if of is not None else "") or ENGLISH


def language_of(books: Books, event: Scanned | Refused) -> Language:
    """Return the language in which a scan is answered."""
    return language_at(books.state, event.plant, event.device)


def place_of_scan(event: Scanned, context: Context) -> tuple[str, str]:
    """Return plant and line: those of the topic, or those that a roaming scanner has chosen."""
    if event.line != ROAMING:
        return event.plant, event.line
    return context.plant or event.plant, context.line or ROAMING


def point_of_scan(said: Scan, context: Context, device: Device) -> str:
    """Return the reporting point: that of the telegram, of a card, or of the scanner; empty is the final one."""
    return said.point or context.point or device.operation


def context_at(books: Books, device: str, text: str) -> str:
    """Return the choices of a scanner's operator, as a replay of its scan needs them, and the digest of its code."""
    context = books.state.contexts.get(device)
    code = code_of(books, text, context.mode if context else "")
    chosen = {} if context is None else {name: value for name, value in asdict(context).items() if _stands(name, value)}
    return json.dumps({**chosen, **code})


def choices_of(entry: QuarantineEntry) -> Context:
    """Return the choices that were kept with a refused scan; none if it could not be read."""
    said = json.loads(entry.content)
    return Context(**{each.name: said[each.name] for each in fields(Context) if each.name in said})


def _stands(name: str, value: object) -> bool:
    """Return whether a choice stands in an entry: those that older journals lack do if they are made."""
    return bool(value) or name not in ("chosen", "earlier")


def change_context(books: Books, device: str) -> Context:
    """Return the choices of a scanner's operator, mutable."""
    context = books.state.contexts.get(device)
    if context is None:
        context = books.state.contexts[device] = Context()
    books.changes.contexts[device] = context
    return context


def choose(books: Books, event: Scanned, context: Context) -> None:
    """Note the time of a choice for the next label."""
    if books.state.rules.leads:
        context.chosen = _time_of(books, event)


def end_choices(books: Books, event: Scanned, device: Device, context: Context) -> str:
    """End choices for the next label that are older than the scanner allows; describe them, empty if none ended."""
    if not context.chosen or _time_of(books, event) - context.chosen <= device.context_s * _SECOND:
        return ""
    ended = describe_choice(language_of(books, event), context)
    context.forget_label()
    return ended


def change_operator(books: Books, context: Context, operator: str) -> None:
    """Set the operator; what another one has chosen for the next label ends."""
    rules = books.state.rules
    if rules.leads and operator != context.operator and (context.operator or not rules.reopens):
        context.forget_label()
    context.operator = operator


def change_line(books: Books, context: Context, plant: str, line: str) -> None:
    """Set the line of a roaming scanner; what was chosen at another one ends, its reporting point included."""
    if books.state.rules.leads and (plant, line) != (context.plant, context.line):
        context.forget_label()
        context.point = ""
    context.plant, context.line = plant, line


def _time_of(books: Books, event: Scanned) -> int:
    return time_of(books.state, books.received, event.scan.ts, hist=event.scan.hist)


def describe_choice(language: Language, context: Context) -> str:
    """Describe the choices for the next label; empty if there are none."""
    mode = phrase(language, context.mode) if context.mode else ""
    pieces = phrase(language, "quantity_of", pieces=format_quantity(context.quantity)) if context.quantity else ""
    return " ".join(filter(None, (pieces, mode, context.reason)))


def run_of(books: Books, plant: str, line: str) -> Run | None:
    """Return the run of a line that is in force."""
    return run_at(books.state.runs.get((plant, line), ()), books.now)


def show_context(books: Books, event: Scanned) -> tuple[tuple[str, str], ...]:
    """Return what a scanner is set to by name, without empty ones; nothing of an unknown device."""
    device = books.state.master.devices.get(event.device)
    if device is None:
        return ()
    context = books.state.contexts.get(event.device) or Context()
    plant, line = place_of_scan(event, context)
    run = run_of(books, plant, line)
    shown = (
        ("plant", plant),
        ("line", "" if line == ROAMING else line),
        ("point", point_of_scan(event.scan, context, device)),
        ("operator", context.operator),
        ("quantity", format_quantity(context.quantity) if context.quantity else ""),
        ("kind", context.mode),
        ("reason", context.reason),
        ("material", run.material if run is not None else ""),
        ("version", run.version if run is not None else ""),
        ("batch", run.batch if run is not None else ""),
    )
    return tuple([pair for pair in shown if pair[1]])
