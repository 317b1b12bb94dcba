"""What scanners show is complete in each language, and in words of the trade."""

import re
from itertools import chain
from string import Formatter

import pytest

from devices.errors import Malformed, Rejection
from gateway.backflush.posting.names import Said, refuse_other_line
from gateway.backflush.values.phrases import LANGUAGES, PHRASES
from gateway.backflush.values.refusals import REFUSALS, STEPS, refusal
from gateway.errors import Reason

ENDS = {Reason.OK, Reason.QUEUED, Reason.DUPLICATE, Reason.CONTEXT, Reason.PROMPT, Reason.WAITS}
"""Codes that refuse nothing."""
ALIKE = {"START", "INFO", "{pieces} x"}
ENGLISH_SENTENCES = {"why"}
"""Fields that hold an English sentence, which stands in the English phrase alone."""
SENTENCES = [*PHRASES.values(), *STEPS.values(), *((english, german) for _, english, german in REFUSALS.values())]
OF_A_PROGRAM = re.compile(r"(?i)\b(json|parse|null|none|string|payload|field|key|expected|got|entry in work|BF\d{4})\b")
UMLAUT_SPELT_OUT = re.compile(r"(?i)\b(fuer|ueber|zurueck|naechste\w*|waere|koennen|unglaubwuerdig|gehoert|pruef\w*)\b")


def fields(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def test_each_code_has_words_in_each_language() -> None:
    assert REFUSALS.keys() == {*Reason, *Malformed} - ENDS
    assert all(len(each) == len(LANGUAGES) and all(each) for each in SENTENCES)


def test_german_is_german_and_names_what_english_names() -> None:
    for english, german in SENTENCES:
        assert fields(german) == fields(english) - ENGLISH_SENTENCES, german
        assert english != german or english in ALIKE, english
        assert not UMLAUT_SPELT_OUT.search(german), german


def test_words_are_those_of_the_trade() -> None:
    found = [text for text in chain.from_iterable(SENTENCES) if OF_A_PROGRAM.search(text)]
    assert found == []


@pytest.mark.parametrize(
    ("rejection", "named", "english", "german"),
    [
        (
            Rejection(Reason.UNKNOWN_CODE, "code 'X9': it is no alias or material of plant 1000"),
            "X9",
            "unknown article: code 'X9': it is no alias or material of plant 1000",
            "unbekannter Artikel X9: ein anderes Etikett scannen",
        ),
        (
            Rejection(Malformed.BAD_CHECK_DIGIT, "barcode: expected a number whose check digit is right"),
            "",
            "wrong check digit: scan the whole label again; barcode: expected a number whose check digit is right",
            "falsche Prüfziffer: das ganze Etikett noch einmal scannen",
        ),
        (
            Rejection(Reason.NOTHING_TO_UNDO, "nothing is open on 1000/L1"),
            "",
            "nothing is open on 1000/L1",
            "nichts offen: nichts zu tun",
        ),
        (
            refuse_other_line(Said("1000", "L1", "FG"), ["L2"]),
            "",
            "line 1000/L1 does not make 'FG': it is made on L2",
            "1000/L1 fertigt 'FG' nicht: die Schichtleitung fragen",
        ),
        (
            Rejection(Reason.NO_VERSION, "planned order 7 has no production version of FG"),
            "",
            "this line does not make this product: planned order 7 has no production version of FG",
            "diese Linie fertigt dieses Produkt nicht: die Schichtleitung fragen",
        ),
    ],
)
def test_an_operator_reads_what_is_wrong_and_what_to_do(
    rejection: Rejection, named: str, english: str, german: str
) -> None:
    assert (refusal("en", rejection, named), refusal("de", rejection, named)) == (english, german)
