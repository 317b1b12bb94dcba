"""Expectations in plain words, for readers of telegrams, requests and settings: no library's words reach a person.

An expectation that is not in the table reads "another value": vague, but no program's word.
"""

import re
from collections.abc import Callable
from typing import Any, Final

from pydantic_core import ErrorDetails

_TEXTS: Final = {
    r"^[!-~]{1,64}$": "a text of 1 to 64 visible ASCII characters without blanks",
    r"^[^\x00-\x1f\x7f-\x9f]{1,200}$": "a text of 1 to 200 visible characters",
    r"^[ -~]{1,64}$": "a text of 1 to 64 visible ASCII characters",
    r"^[A-Za-z0-9_.-]{1,40}$": "1 to 40 of A-Z a-z 0-9 _ . -",
    r"^[0-9]{1,12}(\.[0-9]{1,6})?$": "a decimal number as a text, with at most 12 digits and 6 decimals",
}
_WORDS: Final[dict[str, str | Callable[[dict[str, Any]], str]]] = {
    "missing": "a value for it",
    "extra_forbidden": "nothing by this name",
    "string_type": "a text",
    "string_too_long": lambda given: f"at most {given['max_length']} characters",
    "string_too_short": lambda given: f"at least {given['min_length']} character{'s' * (given['min_length'] > 1)}",
    "string_pattern_mismatch": lambda given: _TEXTS.get(given["pattern"], "a text of other characters"),
    "string_unicode": "a text in UTF-8",
    "int_type": "a whole number",
    "int_parsing": "a whole number",
    "int_parsing_size": "a whole number of fewer digits",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "float_parsing": "a number",
    "finite_number": "a finite number",
    "decimal_type": "a number",
    "decimal_parsing": "a number",
    "bool_type": "yes or no (true or false)",
    "bool_parsing": "yes or no (true or false)",
    "list_type": "a list",
    "dict_type": "an object",
    "model_type": "an object",
    "model_attributes_type": "an object",
    "path_type": "a path",
    "too_long": lambda given: f"at most {given['max_length']} entries",
    "too_short": lambda given: f"at least {given['min_length']} entr{'ies' if given['min_length'] > 1 else 'y'}",
    # An empty text may be left out: it is no word to choose.
    "literal_error": lambda given: re.sub("'', | or ''|'", "", str(given["expected"])),
    "greater_than_equal": lambda given: f"at least {given['ge']}",
    "greater_than": lambda given: f"more than {given['gt']}",
    "less_than_equal": lambda given: f"at most {given['le']}",
    "less_than": lambda given: f"less than {given['lt']}",
    "json_invalid": "JSON that can be read",
    "json_type": "JSON that can be read",
}
_FAULTS: Final = {
    "Expecting value": "a value is missing",
    "Extra data": "something follows the value",
    "Expecting ',' delimiter": "a comma is missing",
    "Expecting ':' delimiter": "a colon is missing",
    "Expecting property name enclosed in double quotes": "a name in double quotes is missing",
    "Illegal trailing comma before end of object": "a comma is too many",
    "Illegal trailing comma before end of array": "a comma is too many",
    "Unterminated string starting at": "a text does not end",
    "Invalid \\escape": "a backslash stands where none may",
    "Invalid \\uXXXX escape": "a backslash stands where none may",
}


def plain(details: ErrorDetails) -> str:
    """Describe the expectation for one value, or return the words of its own parser."""
    kind, given = details["type"], details.get("ctx", {})
    if kind in ("value_error", "assertion_error"):
        return str(given.get("error", "")) or "expected another value"
    word = _WORDS.get(kind, "another value")
    return f"expected {word if isinstance(word, str) else word(given)}"


def plain_fault(message: str) -> str:
    """Describe the fault of a text as JSON, from the message of Python's parser."""
    return _FAULTS.get(message.partition(": ")[0].strip(), "it is not JSON")
