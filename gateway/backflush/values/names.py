"""Names given by people: one grammar at every door.

Law: a table of the master data can hold every name that a door accepts, and reads it back as the same name.
"""

import re
import unicodedata
from typing import Final

LONGEST: Final = 40
"""Characters of a name."""
_SHOWN: Final = 60
_FORMULA: Final = re.compile(r"[=@\uff1d\uff20\uff0b\uff0d]|[+-][^|!()=+*@\[\]]*[|!()=+*@\[\]]")


def quote(text: str) -> str:
    """Quote foreign text for a message: short, in one line, nothing invisible."""
    short = text if len(text) <= _SHOWN else text[: _SHOWN - 3] + "..."
    return repr(short) if short.isprintable() else ascii(short)


def clean(text: str, longest: int = LONGEST) -> str:
    """Return text that is safe to print everywhere, in NFC, without blanks around it.

    Raises ValueError for longer text, for control characters and other invisible text, and for text that a spreadsheet
    would run.
    """
    if not text.isascii():
        text = unicodedata.normalize("NFC", text)
    text = text.strip(" ")
    if not text.isprintable():
        odd = next(c for c in text if not c.isprintable())
        if "\ud800" <= odd <= "\udfff":
            raise ValueError(f"expected UTF-8, got an invalid byte in {quote(text)}")
        raise ValueError(f"expected printable text, got the character U+{ord(odd):04X} in {quote(text)}")
    if _FORMULA.match(text):
        raise ValueError(f"expected text, got {quote(text)}, which a spreadsheet would run as a formula")
    if len(text) > longest:
        raise ValueError(f"expected at most {longest} characters, got {len(text)}")
    return text


def misspelt(name: str) -> str:
    """Return why a text is no name; empty for a name.

    >>> misspelt("L2611A"), misspelt(" L2611A"), misspelt("=1+1")[:30]
    ('', "expected no blanks around it, got ' L2611A'", "expected text, got '=1+1', whi")
    """
    try:
        written = clean(name)
    except ValueError as error:
        return str(error)
    if written == name:
        return ""
    return f"expected {'composed characters' if name.strip(' ') == name else 'no blanks around it'}, got {quote(name)}"
