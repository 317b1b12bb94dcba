"""Strict JSON: bytes that have exactly one reading, or the fault that they have.

pydantic reads fast and keeps types strict, but it keeps the last of two equal keys, lets NUL and lone surrogates into
strings, and ignores values below unknown keys. `fault` looks for exactly these, and for everything with a reason of its
own. It costs ten times as much as reading, so the decoder of counts calls it only if it cannot prove that there is
no fault.

Laws: total for all bytes; the caller refuses more than `MAX_BYTES`; no number is ever converted here (digits stay
text, since a short exponent may stand for a long number).
"""

import json
import re
from collections import Counter
from collections.abc import Iterator
from functools import partial
from typing import Any, Final, NoReturn

from pydantic import ValidationError
from pydantic_core import ErrorDetails, from_json

from devices.errors import Malformed, Rejection, show
from devices.messages import Reading, Scan, ScannedText, control_character
from devices.plain import plain, plain_fault

MAX_BYTES: Final = 65_536
MAX_DEPTH: Final = 8
MAX_BRACKETS: Final = 2_500
"""The most objects and lists in one payload: a thousand components and a thousand activities."""
MAX_DIGITS: Final = 4_300

NAME: Final = r"[!-~]{1,64}"
"""The form of an id."""

# Possessive, and each alternative matches even at the end of input: linear for hostile quotes and backslashes.
_STRINGS = re.compile(rb'(?s)"(?:[^"\\]++|\\.?)*+"?')
# A whole number too long to read; fractions and powers of ten of any length are read as they are.
_ENDLESS = re.compile(rb"(?<![.\deE])(?<![eE][+-])\d{%d}\d*+(?![.eE])" % (MAX_DIGITS + 1))
_BRACKETS = re.compile(rb"[\[\]{}]")
_NAME = re.compile(NAME)
# A control character in a barcode is a reason to refuse it, and none to leave its sender without an answer.
# Whole numbers of any length are read, by their length: none is an id.
_read_pairs: Final = json.JSONDecoder(object_pairs_hook=tuple, parse_int=len, strict=False).decode


class _Fault(Exception):
    """Carries a finding out of the JSON parser's hooks."""

    def __init__(self, reason: Malformed, text: str) -> None:
        super().__init__(text)
        self.rejection = Rejection(reason, text)


def too_many_bytes(payload: bytes) -> Rejection:
    """Refuse a payload of more than `MAX_BYTES`."""
    return Rejection(Malformed.TOO_LARGE, f"payload: expected at most {MAX_BYTES} bytes, got {len(payload)}")


def too_deep(payload: bytes, brackets: int = MAX_BRACKETS) -> Rejection | None:
    """Refuse brackets nested more than `MAX_DEPTH` deep, and more than `brackets` of them, without parsing."""
    if payload.count(b"{") + payload.count(b"[") <= MAX_DEPTH:
        return None
    bare = _STRINGS.sub(b"", payload)
    if bare.count(b"{") + bare.count(b"[") > brackets:
        return Rejection(Malformed.TOO_DEEP, f"payload: expected at most {brackets} objects and lists, got more")
    depth = 0
    for bracket in _BRACKETS.finditer(bare):
        depth += 1 if bracket.group() in b"[{" else -1
        if depth > MAX_DEPTH:
            return Rejection(Malformed.TOO_DEEP, f"payload: expected at most {MAX_DEPTH} levels of brackets, got more")
    return None


def text_of(payload: bytes) -> str | Rejection:
    """Decode UTF-8 strictly; empty payloads and byte-order marks are refused."""
    if not payload or payload.isspace():
        return Rejection(Malformed.EMPTY, "payload: expected a telegram, got nothing")
    try:
        text = payload.decode()
    except UnicodeDecodeError as error:
        return Rejection(
            Malformed.NOT_UTF8, f"payload: expected UTF-8, got byte {payload[error.start]:#04x} at {error.start}"
        )
    if text.startswith("\ufeff"):
        return Rejection(Malformed.NOT_JSON, "payload: expected a telegram, got a byte-order mark before it")
    return text


def fault(payload: bytes, brackets: int = MAX_BRACKETS, scanned: ScannedText | None = None) -> Rejection | None:
    """Name the first fault of a payload as JSON text; types and ranges are not checked.

    The field `scanned` holds the text of a barcode, which may be a message of ISO 15434, with RS and EOT.
    """
    deep = too_deep(payload, brackets)
    if deep is not None:
        return deep
    text = text_of(payload)
    if isinstance(text, Rejection):
        return text
    pairs = partial(_check_pairs, scanned=scanned)
    try:
        json.loads(text, object_pairs_hook=pairs, parse_int=str, parse_float=str, parse_constant=_no_constant)
    except _Fault as found:
        return found.rejection
    except json.JSONDecodeError as error:
        if error.msg.startswith("Invalid control character"):
            where = f"position {error.pos}"
            return Rejection(
                Malformed.CONTROL_CHARACTER, f"payload: expected no control characters, got one at {where}"
            )
        return Rejection(
            Malformed.NOT_JSON,
            f"payload: expected one JSON value, got a fault at {error.pos}: {plain_fault(error.msg)}",
        )
    if len(payload) > MAX_DIGITS and _ENDLESS.search(_STRINGS.sub(b"", payload)):
        return Rejection(Malformed.OUT_OF_RANGE, f"payload: expected numbers of at most {MAX_DIGITS} digits, got more")
    return None


def read_object(payload: bytes) -> dict[str, Any]:
    """Return the object in a payload, as far as it can be read; an empty one for everything else.

    For payloads that are inspected and never posted: total for all bytes, and nothing deep or large is parsed. The
    result can be printed as JSON again: no lone surrogates, no overlong numbers.
    """
    if len(payload) > MAX_BYTES or too_deep(payload) is not None:
        return {}
    try:
        said = from_json(payload, allow_inf_nan=False)
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}


def id_in(payload: bytes) -> str:
    """Return the id of a telegram that may be refused; empty where it has none, or several, or none that is a name."""
    if not payload.startswith(b"{") or len(payload) > MAX_BYTES or too_deep(payload) is not None:
        return ""
    try:
        said = _read_pairs(payload.decode())
    except ValueError:
        return ""
    named = [value for key, value in said if key == "id"]
    is_name = len(named) == 1 and isinstance(named[0], str) and _NAME.fullmatch(named[0])
    return named[0] if is_name else ""


def explain(payload: bytes, error: ValidationError, scanned: ScannedText | None = None) -> Rejection:
    """Explain why the strict reader refused a payload: as text, else by type and range of its first bad field."""
    found = fault(payload, scanned=scanned)
    if found is not None:
        return found
    details = error.errors(include_url=False, include_context=True)[0]
    reason = _REASONS.get(details["type"], Malformed.WRONG_TYPE)
    where = ".".join(show(part) if part not in _KNOWN else str(part) for part in details["loc"][:2]) or "payload"
    return Rejection(reason, f"{where}: {_describe_expectation(details)}, got {show(details['input'])}")


def _check_pairs(pairs: list[tuple[str, Any]], scanned: ScannedText | None) -> None:
    if len({key for key, _ in pairs}) < len(pairs):
        [(double, times)] = Counter(key for key, _ in pairs).most_common(1)
        raise _Fault(Malformed.DUPLICATE_KEY, f"{show(double)}: expected each key once, got it {times} times")
    for key, value in pairs:
        ends = scanned.ends if scanned is not None and key == scanned.name else None
        for text in _texts([key, value]):
            character = control_character(text, ends)
            if character is not None:
                raise _Fault(
                    Malformed.CONTROL_CHARACTER, f"{show(key)}: expected no control characters, got {character}"
                )


def _texts(values: list[Any]) -> Iterator[str]:
    for value in values:
        if isinstance(value, str):
            yield value
        elif isinstance(value, list):
            yield from _texts(value)


def _no_constant(name: str) -> NoReturn:
    raise _Fault(Malformed.NOT_JSON, f"payload: expected finite numbers, got {name}")


def _describe_expectation(details: ErrorDetails) -> str:
    if details["loc"][:1] == ("ts",):
        return "expected an ISO 8601 text or an epoch number"
    kind = details["type"]
    if kind == "json_invalid":
        return f"expected numbers of at most {MAX_DIGITS} digits"
    return plain(details)


_KNOWN: Final = frozenset([*Reading._fields, *Scan._fields, "mode", "state"])
_REASONS: Final = {
    "json_invalid": Malformed.OUT_OF_RANGE,  # valid JSON by `fault`: only a number too long to read remains
    "greater_than_equal": Malformed.OUT_OF_RANGE,
    "less_than_equal": Malformed.OUT_OF_RANGE,
    "finite_number": Malformed.OUT_OF_RANGE,
    "too_long": Malformed.OUT_OF_RANGE,
    "string_too_long": Malformed.OUT_OF_RANGE,
    "string_too_short": Malformed.OUT_OF_RANGE,
    "string_pattern_mismatch": Malformed.OUT_OF_RANGE,
    "literal_error": Malformed.OUT_OF_RANGE,
    "missing": Malformed.MISSING_FIELD,
}
