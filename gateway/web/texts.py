"""Texts: the words of pages in each language, a flat TOML file for each room. Codes and names are never translated."""

import re
import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Final

LANGUAGES: Final = ("en", "de")
_FOLDER: Final = Path(__file__).parent / "locale"
_ACCEPTED: Final = re.compile(r"\s*([A-Za-z]{2})(?:-[A-Za-z0-9]+)*\s*(?:;\s*q=([01](?:\.\d{1,3})?))?\s*")


@cache
def texts(language: str) -> Mapping[str, str]:
    """Return the texts of a language."""
    found = [tomllib.loads(path.read_text(encoding="utf-8")) for path in sorted((_FOLDER / language).glob("*.toml"))]
    return {key: text for room in found for key, text in room.items()}


def choose_language(wanted: str, accepted: str, otherwise: str) -> str:
    """Return the language of a page: the one that its address names, else the browser's first known one.

    >>> choose_language("", "fr, de-AT;q=0.8, en;q=0.5", "en"), choose_language("en", "de", "de")
    ('de', 'en')
    """
    if wanted in LANGUAGES:
        return wanted
    offers = [found for part in accepted[:500].split(",") if (found := _ACCEPTED.fullmatch(part))]
    known = [(float(offer[2] or 1), offer[1].lower()) for offer in offers if offer[1].lower() in LANGUAGES]
    return max(known, key=lambda each: each[0])[1] if known else otherwise
