"""A scanner's whole shift as its operator lives it: each scan, and the answer, in English and in German.

The files under `transcripts` are for people. After a change of words write them again, and read the difference:

    .venv/bin/python -m tests.unit.backflush.test_transcripts
"""

from dataclasses import replace
from pathlib import Path
from typing import Final

import pytest

from gateway.backflush.memory.state import EDITION, Rules
from gateway.backflush.plant.snapshot import Gtin, MasterData, Shift
from gateway.backflush.values.phrases import LANGUAGES, Language
from gateway.service.tell.outgoing import feedback_body
from tests.book import Book
from tests.builders import EARLY_LATE_NIGHT, bom, counter, plant, points, product, routing, scanner, stock, version

FOLDER: Final = Path(__file__).parent / "transcripts"
PUMP, BOX = "04012345000009", "04012345000016"
SHIFTS: tuple[Shift, ...] = EARLY_LATE_NIGHT
LINES = [
    "06:00:00 the shift begins: who, where, what",
    *("BF:QTY:5", "BF:STOP", "BF:LINE:1000:L9", "BF:LINE:1000:L1", "BF:OPERATOR:99", "BF:OPERATOR:7"),
    *("BF:START", "]C101{PUMP}10LOT7", "BF:INFO"),
    "06:10:00 good pieces",
    *("PUMP", "]C101{PUMP}21A1", "]C101{PUMP}21A1", "]C101{BOX}", "BF:QTY:3", "PUMP"),
    "06:20:00 not good ones",
    *("BF:SCRAP:99", "BF:SCRAP:DENT", "PUMP", "BF:REWORK", "PUMP", "BF:SCRAP:DENT", "BF:YIELD", "PUMP"),
    "06:30:00 an interruption: the choice has ended",
    *("BF:SCRAP:DENT", "06:35:00", "PUMP"),
    "06:40:00 labels that cannot be",
    *("NOSUCH", "4012345000008", "BF:NONSENSE", "]C101{PUMP}3005<GS>3007", "BF:QTY:4", "]C101{PUMP}3005"),
    "06:50:00 a pallet of what the counter has counted",
    *("count 48", "00340123450000000017", "00340123450000000017", "00340123450000000024"),
    "07:00:00 back, one by one",
    *("BF:UNDO", "00340123450000000017", "BF:UNDO", "BF:UNDO", "BF:UNDO"),
    "13:59:00 the last pieces, and the first of the next shift",
    *("PUMP", "14:00:00", "PUMP", "BF:STOP", "BF:INFO"),
]


def shop() -> MasterData:
    """Return a line with a roaming scanner and a counter, products with trade item numbers, and a scrap reason."""
    made = plant(
        materials=[product(description="Pumpe 40"), product("BOX", description="Karton", units={"BX": (12, 1)})],
        boms=[bom({"A": 1}), bom({"A": 12}, material="BOX")],
        routings=[routing(points("0010")), routing(points("0010"), material="BOX")],
        versions=[version(), version(material="BOX")],
        gtins={PUMP: Gtin("FG"), BOX: Gtin("BOX", "BX")},
        aliases={"PUMP": ("material", "FG")},
        devices=[scanner("S1", line="_"), counter("C1", window="scan", first="zero")],
        shifts=SHIFTS,
    )
    return replace(made, operators={"7": "Anna"}, scrap_reasons={"DENT": "Delle"})


def play(language: Language) -> str:
    """Return the shift as text, answered in a language."""
    master = shop()
    book = Book(
        replace(master, plants={name: replace(known, language=language) for name, known in master.plants.items()}),
        rules=Rules(open_names=(), edition=EDITION),
        stock=stock(A=100),
        now="06:00",
    )
    told: list[str] = []
    for number, line in enumerate(LINES):
        if line[2:3] == ":" and line[:2].isdigit():
            book.at(line[:8])
            told += ["", line] if line[9:] else [line]
            continue
        text = line.replace("{PUMP}", PUMP).replace("{BOX}", BOX).replace("<GS>", "\x1d")
        book.wait(5)
        if text.startswith("count "):
            book.count("C1", good=int(text[6:]))
            told += ["", f"  {line}"]
            continue
        book.scan(text, line="_", id=f"scan-{number}")
        answer = feedback_body(book.feedback[-1])
        light = f"{answer['signal']['led']} {answer['signal']['beep']}"
        told += ["", f"  {line}", f"    {answer['result']} {answer['code']}, {light}: {answer['title']}"]
        told += [f"    {answer['text']}"]
        if chosen := answer["data"].get("context"):
            told.append(f"    [{' '.join(f'{name}={value}' for name, value in chosen.items())}]")
    return "\n".join(told).lstrip() + "\n"


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_shift_is_answered_as_its_transcript_says(language: Language) -> None:
    assert play(language) == (FOLDER / f"{language}.txt").read_text(encoding="utf-8")


if __name__ == "__main__":
    for each in LANGUAGES:
        (FOLDER / f"{each}.txt").write_text(play(each), encoding="utf-8")
