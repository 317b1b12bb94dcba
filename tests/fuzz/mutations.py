"""Mutations: from a kept input to one that nobody has thought of, by seeded chance.

Blind changes of bytes rarely get past the first check of a format, so most mutations know the format: they rename,
double, nest and replace the parts of a JSON value, the cells of a table, the lines of a text, the members of an
archive. Equal seeds give equal inputs, in every process and on every machine.
"""

import csv
import io
import json
import lzma
import struct
import zipfile
from collections.abc import Callable, Sequence
from random import Random
from typing import Any

from gateway.service.local.backup import DAMAGED

Mutation = Callable[[Random, bytes, Sequence[bytes]], bytes]
"""Chance, an input, and the words of its format; the result may be anything."""

NUMBERS = (
    *("0", "-0", "-1", "1", "2147483648", "9007199254740992", "9007199254740993", "9223372036854775807"),
    *("9223372036854775808", "18446744073709551616", "1e3", "1E+999999", "1.0", "0.1", "-1e-999", "1e400", "NaN"),
    *("999999999999", "1000000000000", "0.0000001", "00", "1" * 50, "9" * 5000),
)
TEXTS = (
    *("", " ", "a", "0" * 40, "x" * 41, "x" * 300, "\0", "\x1b[2J", "\x7f", "\x9b", "\ud800", "\ufeff", "\u202e"),
    *(
        "\u2028",
        "é",
        "e\u0301",
        "\u0661",
        "=1+1",
        "@x",
        "../../x",
        "%s%n",
        "{0}",
        "'; DROP TABLE batch; --",
        "_",
        "a/b",
    ),
    *("2026-02-30", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "2026-03-29T02:30:00", "24:00"),
    *("true", "null", "yes", "no", "Mon-Fri", "Europe/Berlin", "1000", "L01", "final", "0010"),
)
BYTES = (
    *(b"\0", b"\xff", b"\xef\xbb\xbf", b"\xed\xa0\x80", b"\xc0\x80", b"\x1d", b"\x1e\x04", b"\r\n", b"\n", b"\t"),
    *(b'"', b"'", b"\\", b"{", b"}", b"[", b"]", b",", b":", b"/", b"+", b"#", b"-", b".", b";", b"=", b"&", b"*"),
)
_MOST_BYTES = 70_000
_DEPTHS = 1, 7, 8, 9, 200


def flip(chance: Random, data: bytes, words: Sequence[bytes]) -> bytes:
    """Change, add, drop, double or cut bytes."""
    changed = bytearray(data)
    for _ in range(chance.choice((1, 1, 2, 4))):
        at = chance.randint(0, len(changed))
        end = min(len(changed), at + chance.choice((1, 1, 2, 8, 40)))
        match chance.randrange(7):
            case 0:
                changed[at:at] = chance.choice(BYTES)
            case 1:
                del changed[at:end]
            case 2:
                changed[at:at] = changed[at:end] * chance.choice((1, 2, 50))
            case 3 if at < len(changed):
                changed[at] ^= 1 << chance.randrange(8)
            case 4 if words:
                changed[at:end] = chance.choice(words)
            case 5:
                del changed[at:]
            case _:
                changed[at:end] = chance.randbytes(chance.randrange(4))
    return bytes(changed[:_MOST_BYTES])


def splice(chance: Random, data: bytes, words: Sequence[bytes]) -> bytes:
    """Put two halves of different inputs together."""
    other = chance.choice(words) if words else data
    return data[: chance.randint(0, len(data))] + other[chance.randint(0, len(other)) :]


def lines(chance: Random, data: bytes, words: Sequence[bytes]) -> bytes:
    """Drop, double, exchange or replace lines."""
    parts = data.split(b"\n")
    for _ in range(chance.choice((1, 1, 2))):
        one, other = chance.randrange(len(parts)), chance.randrange(len(parts))
        match chance.randrange(5):
            case 0 if len(parts) > 1:
                del parts[one]
            case 1:
                parts.insert(other, parts[one])
            case 2:
                parts[one], parts[other] = parts[other], parts[one]
            case 3:
                parts[one] = flip(chance, parts[one], words)
            case _:
                left, sign, _ = parts[one].partition(chance.choice((b"=", b":", b",")))
                value = chance.choice((*NUMBERS, *map(json.dumps, TEXTS), "[]", "{}", "true"))
                parts[one] = left + sign + value.encode()
    return b"\n".join(parts)


def cells(chance: Random, data: bytes, words: Sequence[bytes]) -> bytes:
    """Change cells, columns and rows of a CSV table."""
    try:
        rows = list(csv.reader(io.StringIO(data.decode("utf-8", "surrogateescape"), newline="")))
    except csv.Error:
        return flip(chance, data, words)
    if not rows or not rows[0]:
        return flip(chance, data, words)
    for _ in range(chance.choice((1, 1, 2, 3))):
        row, column = chance.choice(rows), chance.randrange(len(rows[0]))
        other = chance.choice(rows)
        match chance.randrange(6):
            case 0 if column < len(row):
                row[column] = chance.choice((*NUMBERS, *TEXTS))
            case 1 if column < len(row) and column < len(other):
                row[column], other[column] = other[column], row[column]
            case 2:
                rows.append(list(row))
            case 3 if len(rows) > 1:
                rows.remove(row)
            case 4:
                for each in rows:
                    del each[column : column + 1]
            case _:
                row.append(chance.choice(TEXTS))
        if not rows or not rows[0]:
            break
    written = io.StringIO()
    csv.writer(written, lineterminator="\n").writerows(rows)
    return written.getvalue().encode("utf-8", "surrogatepass")


def below_a_line(mutation: Mutation) -> Mutation:
    """Change what stands below the first line."""

    def changed(chance: Random, data: bytes, words: Sequence[bytes]) -> bytes:
        head, line, rest = data.partition(b"\n")
        return head + line + mutation(chance, rest, words)

    return changed


class _Pairs(list[tuple[str, Any]]):
    """An object as its members, so that a name may come twice."""


def tree(chance: Random, data: bytes, words: Sequence[bytes]) -> bytes:
    """Change members and values of a JSON value."""
    try:
        value = json.loads(data, object_pairs_hook=_Pairs)
    except (ValueError, RecursionError):
        return flip(chance, data, words)
    for _ in range(chance.choice((1, 1, 2, 3))):
        value = _changed(chance, value, words)
    return _printed(value).encode("utf-8", "surrogatepass")[:_MOST_BYTES]


def _changed(chance: Random, value: Any, words: Sequence[bytes]) -> Any:
    inside = value and isinstance(value, list) and chance.random() < 0.8
    if not inside:
        return _any_value(chance, value)
    changed = value[:] if type(value) is list else _Pairs(value)
    at = chance.randrange(len(changed))
    match chance.randrange(4):
        case 0:
            del changed[at]
        case 1:
            changed.insert(chance.randrange(len(changed)), changed[at])
        case 2 if isinstance(changed, _Pairs):
            name = chance.choice(words).decode("utf-8", "replace") if words else chance.choice(TEXTS)
            changed[at] = name, changed[at][1]
        case _ if isinstance(changed, _Pairs):
            changed[at] = changed[at][0], _changed(chance, changed[at][1], words)
        case _:
            changed[at] = _changed(chance, changed[at], words)
    return changed


class _Literal(str):
    """Text that is printed as it is."""

    __slots__ = ()


def _any_value(chance: Random, value: Any) -> Any:
    match chance.randrange(6):
        case 0:
            return _Literal(chance.choice(NUMBERS))
        case 1:
            return chance.choice(TEXTS)
        case 2:
            return chance.choice((None, True, False, [], _Pairs()))
        case 3:
            depth = chance.choice(_DEPTHS)
            return _Literal("[" * depth + "1" + "]" * depth)
        case 4:
            return _Pairs([(chance.choice(TEXTS), value)])
        case _:
            return [value] * chance.choice((1, 2, 100))


def _printed(value: Any) -> str:
    match value:
        case _Literal():
            return str(value)
        case _Pairs():
            return "{" + ",".join(f"{json.dumps(name)}:{_printed(inner)}" for name, inner in value) + "}"
        case list():
            return "[" + ",".join(map(_printed, value)) + "]"
        case _:
            return json.dumps(value)


def members(chance: Random, data: bytes, words: Sequence[bytes]) -> bytes:
    """Change a member of a ZIP archive, and pack it again."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = {name: archive.read(name) for name in archive.namelist()}
    except (*DAMAGED, lzma.LZMAError, struct.error):
        return flip(chance, data, words)
    if not parts:
        return flip(chance, data, words)
    name = chance.choice(sorted(parts))
    match chance.randrange(5):
        case 0:
            del parts[name]
        case 1:
            parts[name] = parts[chance.choice(sorted(parts))]
        case _:
            parts[name] = flip(chance, parts[name], words)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for member, content in parts.items():
            archive.writestr(zipfile.ZipInfo(member), content, zipfile.ZIP_DEFLATED)
    return packed.getvalue()
