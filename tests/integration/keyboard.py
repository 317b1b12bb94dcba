"""Scanners that type: real key events of the browser, of a US scanner on a German computer, or of any on any other."""

import time
from typing import Any, NamedTuple

from playwright.sync_api import CDPSession

from devices.agents.inputs.layouts import KEYS as PLACES
from devices.agents.inputs.layouts import LAYOUTS, Layout

_ALT, _CTRL, _SHIFT = 1, 2, 8
_CODES = [
    "Backquote", *(f"Digit{digit}" for digit in "1234567890"), "Minus", "Equal",
    *(f"Key{letter}" for letter in "QWERTYUIOP"), "BracketLeft", "BracketRight",
    *(f"Key{letter}" for letter in "ASDFGHJKL"), "Semicolon", "Quote", "Backslash", "IntlBackslash",
    *(f"Key{letter}" for letter in "ZXCVBNM"), "Comma", "Period", "Slash", "Space",
]  # fmt: skip


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


Event = dict[str, Any]
"""What the browser is told of a key."""


class Typist(NamedTuple):
    """A scanner that is set to the keyboard of a country, on a computer that may be set to another one."""

    scanner: str = "us"
    computer: str = "de"
    separator: str = "Ctrl+]"
    """The keys of GS, or a text in its place."""
    end: str = "Enter"
    gap_s: float = 0.01

    def type(self, session: CDPSession, text: str) -> None:
        """Press the keys of a text."""
        now = time.time()
        for letter in text:
            for event in self._separator() if letter == "\x1d" else self._letter(letter):
                if event["type"] == "rawKeyDown":
                    now += self.gap_s
                session.send("Input.dispatchKeyEvent", {"timestamp": now, **event})
        if self.end:
            now += self.gap_s
            key = {"type": "rawKeyDown", "code": self.end, "key": self.end, "timestamp": now}
            session.send("Input.dispatchKeyEvent", key)

    def _separator(self) -> list[Event]:
        if self.separator == "Ctrl+]":
            return [{"type": "rawKeyDown", "code": "BracketRight", "key": "]", "modifiers": _CTRL}]
        if self.separator == "F8":
            return [{"type": "rawKeyDown", "code": "F8", "key": "F8"}]
        if self.separator == "Alt+029":
            alt: Event = {"code": "AltLeft", "key": "Alt"}
            pad: list[Event] = [
                {"type": "rawKeyDown", "code": f"Numpad{digit}", "key": digit, "modifiers": _ALT} for digit in "029"
            ]
            return [{"type": "rawKeyDown", **alt, "modifiers": _ALT}, *pad, {"type": "keyUp", **alt}]
        return [event for letter in self.separator for event in self._letter(letter)]

    def _letter(self, letter: str) -> list[Event]:
        level, place = next((level, place) for level, keys in enumerate(_levels(self.scanner))
                            for place, found in keys.items() if found == letter)  # fmt: skip
        said = _levels(self.computer)[level].get(place, "Dead")
        key = {"code": _CODES[PLACES.index(place)], "key": said, "modifiers": _SHIFT * (level % 2)}
        pressed: Event = {"type": "rawKeyDown", **key}
        alt_gr = {"code": "AltRight", "key": "AltGraph"}
        return [{"type": "rawKeyDown", **alt_gr}, pressed, {"type": "keyUp", **alt_gr}] if level > 1 else [pressed]


def _levels(name: str) -> tuple[dict[int, str], ...]:
    layout: Layout = LAYOUTS[name]
    return layout.plain, layout.shift, layout.alt_gr, layout.both


def type_as_text(session: CDPSession, text: str) -> None:
    """Type as some scanners of Android do: no key is told, each letter comes into the field that has the focus."""
    for letter in text:
        key = {"key": "Unidentified", "windowsVirtualKeyCode": 229}
        session.send("Input.dispatchKeyEvent", {"type": "rawKeyDown", **key})
        session.send("Input.insertText", {"text": letter})
        session.send("Input.dispatchKeyEvent", {"type": "keyUp", **key})
    session.send("Input.dispatchKeyEvent", {"type": "rawKeyDown", "code": "Enter", "key": "Enter"})
