"""A scanner that types as a US keyboard does, on a computer with a German keyboard: real key events of the browser."""

import time
from typing import NamedTuple

from playwright.sync_api import CDPSession

_SHIFT, _CTRL = 8, 2


class Key(NamedTuple):
    """A key by its place, and the character that a German computer makes of it."""

    code: str
    character: str
    modifiers: int = 0


def _letter(letter: str) -> Key:
    here = {"Y": "Z", "Z": "Y"}.get(letter.upper(), letter.upper())
    return Key(f"Key{letter.upper()}", here if letter.isupper() else here.lower(), _SHIFT * letter.isupper())


KEYS = {digit: Key(f"Digit{digit}", digit) for digit in "0123456789"}
KEYS |= {letter: _letter(letter) for lower in "abcdefghijklmnopqrstuvwxyz" for letter in (lower, lower.upper())}
KEYS |= {
    ":": Key("Semicolon", "Ö", _SHIFT),
    "]": Key("BracketRight", "+"),
    "-": Key("Minus", "ß"),
    "\x1d": Key("BracketRight", "+", _CTRL),
    "\n": Key("Enter", "Enter"),
}


def type_keys(session: CDPSession, text: str, *, stumbles: bool = False) -> None:
    """Press the key of each character, ten milliseconds after the one before, or half a second after one."""
    at = time.time()
    for number, (code, character, modifiers) in enumerate(map(KEYS.__getitem__, text)):
        at += 0.5 if stumbles and number == len(text) // 2 else 0.01
        said = {"type": "rawKeyDown", "code": code, "key": character, "modifiers": modifiers, "timestamp": at}
        session.send("Input.dispatchKeyEvent", said)
