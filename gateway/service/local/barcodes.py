"""Barcodes explained: the steps of reading a scanned text, and its content, by the functions that read it."""

from typing import Any, Final

from devices.barcodes import Control, Dialect, Label, parse_barcode
from devices.barcodes.shapes import shape_of
from devices.errors import Rejection
from gateway.backflush.inputs.contexts import describe_choice
from gateway.backflush.inputs.labels import product_named
from gateway.backflush.memory.contexts import Context
from gateway.backflush.memory.state import State
from gateway.backflush.plant.snapshot import ROAMING, MasterData
from gateway.backflush.values.names import quote
from gateway.backflush.values.phrases import ENGLISH
from gateway.service.fold.meanings import meaning_of
from gateway.service.times import iso

_SYMBOLOGIES: Final = {
    "A": "Code 39",
    "C": "Code 128",
    "E": "EAN or UPC",
    "F": "Codabar",
    "G": "Code 93",
    "I": "Interleaved 2 of 5",
    "J": "DotCode",
    "L": "PDF417",
    "Q": "QR code",
    "d": "Data Matrix",
    "e": "GS1 DataBar or a composite",
    "z": "Aztec",
}
"""By the second character of an AIM identifier (ISO/IEC 15424)."""
_TEXTS: Final = ("gtin", "sscc", "serial", "batch", "count", "expires", "version", "order")


def explain(text: str, dialect: Dialect, master: MasterData | None) -> list[str]:
    """Describe step by step how a text is read; without master data only as far as the barcode itself shows it."""
    steps = [f"the text has {len(text)} characters"]
    shape = shape_of(text, dialect)
    if isinstance(shape, Rejection):
        return [*steps, f"it cannot be read: {shape.text}"]
    form, symbology, data, _ = shape
    if symbology is None:
        steps.append("there is no AIM identifier, so the form of the text alone says what it is")
    else:
        kind = _SYMBOLOGIES.get(symbology[1], "another symbology")
        steps.append(f"the AIM identifier {symbology} says {kind}")
    if data != text.removeprefix(symbology or ""):
        steps.append(f"in its normal form it is {quote(data)}")
    steps.append(f"it is {form}")
    read = parse_barcode(text, dialect)
    steps.append(_describe(read))
    if isinstance(read, Label) and read.is_plain and master is not None:
        steps.append(_look_up(read.text, master))
        meaning = meaning_of(text, master, dialect)
        steps += [_describe(meaning)] if meaning != read else []
    return steps


def _look_up(text: str, master: MasterData) -> str:
    kind, value = master.aliases.get(text, ("", ""))
    if kind:
        return f"it is an alias of {kind} {value}"
    plants = sorted(plant for plant, material in master.materials if material == text)
    return f"it is a material of plant {', '.join(plants)}" if plants else "it is no alias, and no plant's material"


def _describe(meaning: Label | Control | Rejection) -> str:
    match meaning:
        case Rejection():
            return f"it is refused: {meaning.text}"
        case Control():
            return f"it says {' '.join((meaning.verb, *meaning.values))}"
        case _:
            said = ", ".join(f"{name} {value}" for name, value in facts_of(meaning).items())
            return f"it says {said}" if said else "it says nothing by itself"


def facts_of(label: Label) -> dict[str, Any]:
    """Return the data of a label by name, without empty ones."""
    values = {"items": ", ".join(label.items), **{name: getattr(label, name) for name in _TEXTS}}
    values |= {name: ", ".join(map(str, getattr(label, name))) for name in ("measures", "amounts")}
    return {
        name: value if isinstance(value, int) else str(value)
        for name, value in values.items()
        if value not in (None, "")
    }


def read_text(text: str, state: State) -> tuple[Label | Control | Rejection, str]:
    """Read a text as a gateway with this state does, and return the card that it is an alias of; empty: none."""
    read, meaning = parse_barcode(text, state.rules.dialect), meaning_of(text, state.master, state.rules.dialect)
    if meaning == read or not isinstance(read, Label):
        return meaning, ""
    kind, value = state.master.aliases[read.text]
    return meaning, value if kind == "control" else f"{kind} {value}"


def line_of(state: State, device: str) -> tuple[str, str]:
    """Return plant and line of a scanner: where it stands, or those that it has chosen."""
    known, context = state.master.devices[device], state.contexts.get(device) or Context()
    if known.line != ROAMING:
        return known.plant, known.line
    return context.plant or known.plant, context.line or ROAMING


def describe_scanner(state: State, device: str) -> list[str]:
    """Describe what a scanner is set to, as its next scan finds it."""
    known, context = state.master.devices[device], state.contexts.get(device) or Context()
    plant, line = line_of(state, device)
    steps = [f"scanner {device} is at {plant}/{line}" if line != ROAMING else f"scanner {device} has chosen no line"]
    if point := context.point or known.operation:
        steps.append(f"it reports at point {point}")
    if context.operator:
        steps.append(f"its operator is {context.operator}")
    if choice := describe_choice(ENGLISH, context):
        until = f", until {iso(context.chosen + known.context_s * 1_000_000)}" if context.chosen else ""
        steps.append(f"its next label is {choice}{until}")
    return steps


def lines_for(state: State, label: Label) -> list[tuple[str, str]]:
    """Return plant and line of all lines that can make a label's product."""
    found = []
    for (plant, line), versions in sorted(state.master.versions_of_line.items()):
        product = product_named(state, plant, label)
        if not isinstance(product, Rejection) and any(each.material == product[0].material for each in versions):
            found.append((plant, line))
    return found
