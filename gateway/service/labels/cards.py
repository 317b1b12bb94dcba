"""Cards: the control codes for a plant's master data, with words for people.

Law: a card is printed as it will be read, or it is named as one that no code can hold.
"""

from collections.abc import Collection, Iterator
from typing import Final, NamedTuple

from devices.barcodes import Verb, control_code, print_code
from gateway.backflush.plant.snapshot import MasterData

KINDS: Final = ("controls", "lines", "points", "versions", "operators", "reasons")
"""The kinds of cards, in the order of printing."""
_COUNTS: Final = ("2", "3", "5", "10", "20", "50", "100")
_TITLES: Final = {
    "en": {
        Verb.RUN: "Make {0} {1}",
        Verb.START: "Start a run",
        Verb.STOP: "Stop the run",
        Verb.POINT: "Point {0}",
        Verb.QTY: "x {0}",
        Verb.SCRAP: "Scrap {0}",
        Verb.LOST: "Lost {0}",
        Verb.REWORK: "Rework",
        Verb.YIELD: "Good pieces",
        Verb.OPERATOR: "Operator {0}",
        Verb.UNDO: "Undo",
        Verb.INFO: "Info",
        Verb.LINE: "Line {1}",
        Verb.CLOSE: "Pallet full",
    },
    "de": {
        Verb.RUN: "{0} {1} fertigen",
        Verb.START: "Lauf beginnen",
        Verb.STOP: "Lauf beenden",
        Verb.POINT: "Meldepunkt {0}",
        Verb.QTY: "x {0}",
        Verb.SCRAP: "Ausschuss {0}",
        Verb.LOST: "Verlust {0}",
        Verb.REWORK: "Nacharbeit",
        Verb.YIELD: "Gutteile",
        Verb.OPERATOR: "Werker {0}",
        Verb.UNDO: "Rückgängig",
        Verb.INFO: "Auskunft",
        Verb.LINE: "Linie {1}",
        Verb.CLOSE: "Palette voll",
    },
}
_WORDS: Final = {
    "en": {
        Verb.START: "The line makes the product of the next label.",
        Verb.STOP: "The line makes nothing from now on.",
        Verb.QTY: "The next label counts as {0}.",
        Verb.SCRAP: "The next label is scrap.",
        Verb.LOST: "The next label was scrapped behind this point.",
        Verb.REWORK: "The next label was worked again.",
        Verb.YIELD: "Labels are good pieces again.",
        Verb.UNDO: "Reverses the last posting of this scanner; again: the one before it.",
        Verb.INFO: "Shows what the line makes, and what is chosen.",
        Verb.CLOSE: "Posts what is open on the line.",
    },
    "de": {
        Verb.START: "Die Linie fertigt das Produkt des nächsten Etiketts.",
        Verb.STOP: "Die Linie fertigt ab jetzt nichts.",
        Verb.QTY: "Das nächste Etikett zählt als {0}.",
        Verb.SCRAP: "Das nächste Etikett ist Ausschuss.",
        Verb.LOST: "Das nächste Etikett wurde hinter diesem Meldepunkt Ausschuss.",
        Verb.REWORK: "Das nächste Etikett wurde nachgearbeitet.",
        Verb.YIELD: "Etiketten sind wieder Gutteile.",
        Verb.UNDO: "Nimmt die letzte Buchung dieses Scanners zurück; noch einmal: die davor.",
        Verb.INFO: "Zeigt, was die Linie fertigt und was gewählt ist.",
        Verb.CLOSE: "Bucht, was auf der Linie offen ist.",
    },
}


class Card(NamedTuple):
    """One card, ready to be printed."""

    kind: str
    title: str
    words: str
    """Its effect or the thing it names, for people."""
    code: str
    """The control code in letters."""

    @property
    def text(self) -> str:
        """The content of its symbol."""
        return print_code(self.code)


class Cards(NamedTuple):
    """Cards, and names without one."""

    cards: list[Card]
    unfit: list[str]
    """Names that a control code cannot hold, with their kinds."""


def cards_of(
    master: MasterData, kinds: Collection[str] = KINDS, plant: str = "", line: str = "", language: str = "en"
) -> Cards:
    """Return the cards of all plants, of one, or of one line; operators and reasons are the same everywhere."""
    titles, words = _TITLES[language], _WORDS[language]
    made = Cards([], [])
    for kind in (kind for kind in KINDS if kind in kinds):
        for verb, values, name in dict.fromkeys(_SOURCES[kind](master, plant, line)):
            try:
                code = control_code(verb, *values)
            except ValueError:
                made.unfit.append(f"{verb} {' '.join(values)}")
                continue
            about = words.get(verb, "").format(*values)
            made.cards.append(Card(kind, titles[verb].format(*values), " ".join(filter(None, (name, about))), code))
    return made


_Source = tuple[Verb, tuple[str, ...], str]
"""A verb, its values, and their names in the master data."""


def _controls(_master: MasterData, _plant: str, _line: str) -> Iterator[_Source]:
    for verb in (Verb.YIELD, Verb.REWORK, Verb.CLOSE, Verb.UNDO, Verb.INFO, Verb.START, Verb.STOP):
        yield verb, (), ""
    for count in _COUNTS:
        yield Verb.QTY, (count,), ""


def _places(master: MasterData, plant: str, line: str) -> list[tuple[str, str]]:
    return [place for place in sorted(master.lines) if plant in ("", place[0]) and line in ("", place[1])]


def _lines(master: MasterData, plant: str, line: str) -> Iterator[_Source]:
    for place in _places(master, plant, line):
        yield Verb.LINE, place, f"{'/'.join(place)} {master.lines[place]}".rstrip()


def _points(master: MasterData, plant: str, line: str) -> Iterator[_Source]:
    for place in _places(master, plant, line):
        for version in master.versions_of_line.get(place, ()):
            for routing in master.routings.get((version.plant, version.material, version.routing), ()):
                for operation in routing.operations:
                    if operation.reporting_point:
                        yield Verb.POINT, (operation.operation,), f"{'/'.join(place)} {operation.description}".rstrip()


def _versions(master: MasterData, plant: str, line: str) -> Iterator[_Source]:
    for place in _places(master, plant, line):
        for version in master.versions_of_line.get(place, ()):
            material = master.materials.get((version.plant, version.material))
            if not version.locked:
                name = f"{'/'.join(place)} {material.description if material else ''}".rstrip()
                yield Verb.RUN, (version.material, version.version), name


def _operators(master: MasterData, _plant: str, _line: str) -> Iterator[_Source]:
    for operator, name in sorted(master.operators.items()):
        yield Verb.OPERATOR, (operator,), name


def _reasons(master: MasterData, _plant: str, _line: str) -> Iterator[_Source]:
    for verb in (Verb.SCRAP, Verb.LOST):
        for reason, text in sorted(master.scrap_reasons.items()):
            yield verb, (reason,), f"{text}." if text else ""


_SOURCES: Final = {
    "controls": _controls,
    "lines": _lines,
    "points": _points,
    "versions": _versions,
    "operators": _operators,
    "reasons": _reasons,
}
