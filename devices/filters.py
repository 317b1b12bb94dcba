"""Topic filters of MQTT: which are legal, which topics they match, which of them overlap."""

import re
from typing import Final

LONGEST: Final = 1_000
_LEVEL: Final = r"(?:\+|[^+#\x00-\x1f\x7f/]*)"
_FILTER: Final = re.compile(rf"(?:{_LEVEL}/)*(?:#|{_LEVEL})")


def is_filter(text: str) -> bool:
    """Return whether a text is a topic filter; those of `$SYS` and of shared subscriptions are none here.

    >>> is_filter("a/+/#"), is_filter("a/b#"), is_filter("$share/g/a")
    (True, False, False)
    """
    legal = 0 < len(text) <= LONGEST and text.isprintable() and not text.startswith("$")
    return legal and _FILTER.fullmatch(text) is not None


def matches(filter_: str, topic: str) -> bool:
    """Return whether a topic matches a filter.

    >>> matches("a/+/#", "a/b"), matches("a/+", "a/b/c"), matches("#", "$SYS/uptime")
    (True, False, False)
    """
    if topic.startswith("$") and filter_[:1] in ("+", "#"):
        return False
    levels = topic.split("/")
    wanted = filter_.split("/")
    for level, want in zip(levels, wanted, strict=False):
        if want == "#":
            return True
        if want not in (level, "+"):
            return False
    return len(levels) == len(wanted) or wanted[len(levels) :] == ["#"]


def overlaps(one: str, other: str) -> bool:
    """Return whether some topic matches both filters.

    >>> overlaps("bf/v1/+/+/+/count", "bf/v1/1000/#"), overlaps("a/+/b", "a/c/d")
    (True, False)
    """
    left, right = one.split("/"), other.split("/")
    for a, b in zip(left, right, strict=False):
        if "#" in (a, b):
            return True
        if a != b and "+" not in (a, b):
            return False
    longer = left if len(left) > len(right) else right
    # A trailing # also matches the level above it.
    return len(left) == len(right) or longer[min(len(left), len(right))] == "#"
