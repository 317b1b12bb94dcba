"""Cards: the control codes for a plant's master data, its own labels, and a test of scanners, with words for people.

Law: a card is printed as it will be read, or it is named as one that no code can hold.
"""

from collections.abc import Collection, Iterator
from typing import Final, NamedTuple

from devices.barcodes import Verb, control_code, print_code
from gateway.backflush.plant.snapshot import MasterData

KINDS: Final = ("controls", "lines", "points", "versions", "operators", "reasons", "aliases", "test")
"""The kinds of cards, in the order of printing."""
TEST_TEXT: Final = "BF:TEST-AYZ_#\x1d17"
"""The text of the card that tells how a scanner is set: on each keyboard other keys type it, and GS separates its end.

A gateway refuses it as a control code that is none, so that it posts nothing.
"""
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
        "material": "{0}",
        "version": "Make {0}",
        "order": "Make order {0}",
        "control": "{0}",
        "point": "Point {0}",
        "operator": "Operator {0}",
        "test": "Scanner test",
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
        "material": "{0}",
        "version": "{0} fertigen",
        "order": "Auftrag {0} fertigen",
        "control": "{0}",
        "point": "Meldepunkt {0}",
        "operator": "Werker {0}",
        "test": "Scannertest",
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
        "test": "Scan it on the page /scan/check, which tells how the scanner is set.",
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
        "test": "Auf der Seite /scan/check scannen: Sie sagt, wie der Scanner eingestellt ist.",
    },
}


class Card(NamedTuple):
    """One card, ready to be printed."""

    kind: str
    title: str
    words: str
    """Its effect or the thing it names, for people."""
    code: str
    """The control code in letters, or the text of a label of the site's own."""

    @property
    def text(self) -> str:
        """The content of its symbol."""
        if self.kind == "test":
            return TEST_TEXT
        return self.code if self.kind == "aliases" else print_code(self.code)


class Cards(NamedTuple):
    """Cards, and names without one."""

    cards: list[Card]
    unfit: list[str]
    """Names that a control code cannot hold, with their kinds."""


def cards_of(
    master: MasterData, kinds: Collection[str] = KINDS, plant: str = "", line: str = "", language: str = "en"
) -> Cards:
    """Return the cards of all plants, of one, or of one line; those of no line are the same everywhere."""
    titles, words = _TITLES[language], _WORDS[language]
    made = Cards([], [])
    for kind in (kind for kind in KINDS if kind in kinds):
        for verb, values, name, own in dict.fromkeys(_SOURCES[kind](master, plant, line)):
            try:
                code = own or control_code(Verb(verb), *values)
            except ValueError:
                made.unfit.append(f"{verb} {' '.join(values)}")
                continue
            about = words.get(verb, "").format(*values)
            made.cards.append(Card(kind, titles[verb].format(*values), " ".join(filter(None, (name, about))), code))
    return made


class _Source(NamedTuple):
    """The content of a card."""

    verb: str
    """That of its control code, or a word for what a label of the site's own stands for."""
    values: tuple[str, ...] = ()
    name: str = ""
    """That of its values in the master data."""
    own: str = ""
    """Its code, if that is no control code."""


def _controls(_master: MasterData, _plant: str, _line: str) -> Iterator[_Source]:
    for verb in (Verb.YIELD, Verb.REWORK, Verb.CLOSE, Verb.UNDO, Verb.INFO, Verb.START, Verb.STOP):
        yield _Source(verb)
    for count in _COUNTS:
        yield _Source(Verb.QTY, (count,))


def _places(master: MasterData, plant: str, line: str) -> list[tuple[str, str]]:
    return [place for place in sorted(master.lines) if plant in ("", place[0]) and line in ("", place[1])]


def _lines(master: MasterData, plant: str, line: str) -> Iterator[_Source]:
    for place in _places(master, plant, line):
        yield _Source(Verb.LINE, place, f"{'/'.join(place)} {master.lines[place]}".rstrip())


def _points(master: MasterData, plant: str, line: str) -> Iterator[_Source]:
    for place in _places(master, plant, line):
        for version in master.versions_of_line.get(place, ()):
            for routing in master.routings.get((version.plant, version.material, version.routing), ()):
                for operation in routing.operations:
                    if operation.reporting_point:
                        name = f"{'/'.join(place)} {operation.description}".rstrip()
                        yield _Source(Verb.POINT, (operation.operation,), name)


def _versions(master: MasterData, plant: str, line: str) -> Iterator[_Source]:
    for place in _places(master, plant, line):
        for version in master.versions_of_line.get(place, ()):
            material = master.materials.get((version.plant, version.material))
            if not version.locked:
                name = f"{'/'.join(place)} {material.description if material else ''}".rstrip()
                yield _Source(Verb.RUN, (version.material, version.version), name)


def _operators(master: MasterData, _plant: str, _line: str) -> Iterator[_Source]:
    for operator, name in sorted(master.operators.items()):
        yield _Source(Verb.OPERATOR, (operator,), name)


def _reasons(master: MasterData, _plant: str, _line: str) -> Iterator[_Source]:
    for verb in (Verb.SCRAP, Verb.LOST):
        for reason, text in sorted(master.scrap_reasons.items()):
            yield _Source(verb, (reason,), f"{text}." if text else "")


def _aliases(master: MasterData, _plant: str, _line: str) -> Iterator[_Source]:
    products = {material: about.description for (_, material), about in master.materials.items()}
    names = {"material": products, "version": products, "operator": master.operators}
    for code, (kind, value) in sorted(master.aliases.items()):
        if kind == "control":
            yield _Source(kind, (code,), value, code)
        else:
            yield _Source(kind, (value,), names.get(kind, {}).get(value.partition("/")[0], ""), code)


def _test(_master: MasterData, _plant: str, _line: str) -> Iterator[_Source]:
    yield _Source("test", own=TEST_TEXT.replace("\x1d", "<GS>"))


_SOURCES: Final = {
    "controls": _controls,
    "lines": _lines,
    "points": _points,
    "versions": _versions,
    "operators": _operators,
    "reasons": _reasons,
    "aliases": _aliases,
    "test": _test,
}
