"""A scanner that types like a keyboard: the key events of a Linux input device become texts, by a layout.

The device is grabbed, so that its keys reach no console. A key that the layout does not have, or that the kernel has
dropped, makes the whole text unreadable: half a text is never taken for one. GS is Ctrl+], RS is Ctrl+^, EOT is Ctrl+D,
or each, like any character, Alt with its number on the keypad.
"""

import fcntl
import struct
import unicodedata
from collections.abc import Iterator

from devices.agents.inputs import InputAddress, Lost
from devices.agents.inputs.layouts import LAYOUTS, Layout
from devices.agents.inputs.texts import UNREADABLE

_EVENT = struct.Struct("llHHi")
"""The kernel's `input_event`: seconds, microseconds, type, code, value."""
_KEY, _RELEASE = 1, 0
_DROPPED = 0, 3
"""The kernel's queue was full: keys are missing."""
_GRAB = 0x40044590
_SHIFTS, _CTRLS, _ALT, _ALT_GR = {42, 54}, {29, 97}, 56, 100
_ENDS = {28, 96, 15}
"""Enter, Enter of the keypad, Tab."""
_PAD = {82: "0", 79: "1", 80: "2", 81: "3", 75: "4", 76: "5", 77: "6", 71: "7", 72: "8", 73: "9"}
_PAD_SIGNS = {83: ".", 74: "-", 78: "+", 55: "*", 98: "/"}
_CONTROLS = {26: "\x1b", 43: "\x1c", 27: "\x1d", 7: "\x1e", 32: "\x04"}
"""The keys `[`, `\\`, `]`, `^` and `D` of a US keyboard."""
_LOCKS = {69, 70}
"""Num and Scroll; Caps Lock is a key without character, because nothing says which letters it has changed."""
_ACCENTS = {"^": "\u0302", "´": "\u0301", "`": "\u0300", "¨": "\u0308", "~": "\u0303"}


class WedgeScanner:
    """`keyboard:/dev/input/by-id/NAME-event-kbd?layout=us`; `grab=no` leaves its keys to consoles as well."""

    pulses = False

    def __init__(self, address: InputAddress) -> None:
        """Read the address."""
        self._path = address.path
        self._layout = LAYOUTS[address.word("layout", "us", *LAYOUTS)]
        self._grabs = address.word("grab", "yes", "yes", "no") == "yes"

    def values(self) -> Iterator[str]:
        """Yield each text that is typed."""
        keys = Keys(self._layout)
        with open(self._path, "rb", buffering=0) as device:  # noqa: PTH123 - unbuffered, as the kernel gives events
            if self._grabs:
                fcntl.ioctl(device, _GRAB, 1)
            # The kernel gives whole events.
            while data := device.read(64 * _EVENT.size):
                for _, _, kind, code, value in _EVENT.iter_unpack(data):
                    if (kind, code) == _DROPPED:
                        keys.spoil()
                    elif kind == _KEY and (text := keys.press(code, value)) is not None:
                        yield text
        raise Lost(f"{self._path} has ended")


class Keys:
    """The state of one keyboard, and the text so far."""

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self._down: set[int] = set()
        self._text = ""
        self._dead = ""
        self._pad = ""

    def spoil(self) -> None:
        """Take note that keys are missing: the text is unreadable, and no key is known to be held."""
        self._down.clear()
        self._text, self._dead, self._pad = "\0", "", ""

    def press(self, code: int, value: int) -> str | None:
        """Take a key that was pressed (1), is held (2) or was released (0); return the text that it ends."""
        if code in _SHIFTS | _CTRLS | {_ALT, _ALT_GR}:
            (self._down.discard if value == _RELEASE else self._down.add)(code)
            if code == _ALT and value == _RELEASE and self._pad:
                self._say(_of_number(self._pad))
                self._pad = ""
            return None
        if value == _RELEASE or code in _LOCKS:
            return None
        if code in _ENDS:
            text, self._text, self._dead = self._text + self._dead, "", ""
            return None if not text else UNREADABLE if "\0" in text else text
        if _ALT in self._down and code in _PAD:
            self._pad += _PAD[code]
        else:
            self._say(self._character(code))
        return None

    def _character(self, code: int) -> str:
        """Return the character of a key on the current level; NUL if it has none."""
        if self._down & _CTRLS and _ALT_GR not in self._down:
            return _CONTROLS.get(code, "\0")
        if _ALT in self._down:
            return "\0"
        is_shift = bool(self._down & _SHIFTS)
        level = (
            (self._layout.both if is_shift else self._layout.alt_gr)
            if _ALT_GR in self._down
            else self._layout.shift
            if is_shift
            else self._layout.plain
        )
        return level.get(code) or _PAD.get(code) or _PAD_SIGNS.get(code) or "\0"

    def _say(self, character: str) -> None:
        dead, self._dead = self._dead, ""
        if dead:
            letter = unicodedata.normalize("NFC", character + _ACCENTS[dead])
            character = dead if character == " " else letter if len(letter) == 1 else dead + character
        elif character in self._layout.dead:
            self._dead, character = character, ""
        # Longer than any barcode: it is refused for its length.
        if len(self._text) < 1 << 15:
            self._text += character


def _of_number(digits: str) -> str:
    r"""Return the character of a number typed with Alt, by the western code page of Windows; NUL if it has none.

    >>> _of_number("029"), _of_number("0228"), _of_number("999")
    ('\x1d', 'ä', '\x00')
    """
    number = int(digits) if len(digits) < 5 else 256
    return bytes([number]).decode("cp1252", errors="replace").replace("\ufffd", "\0") if number < 256 else "\0"
