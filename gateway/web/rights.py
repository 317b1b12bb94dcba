"""Rights: what each role may do, judged in one place for every route and line.

A right is a scope (`board`, `read`, ...). A person has those of a role; a token, a display and a scanner name theirs. A
visitor without an account has none.
"""

from collections.abc import Collection
from typing import Final, Literal, NamedTuple, get_args

from gateway.web.texts import texts

Scope = Literal["board", "read", "run", "plan", "post", "correct", "admin", "scan"]
Role = Literal["viewer", "operator", "planner", "corrector", "admin"]
Need = Scope | Literal["any"] | None
"""The need of a route: a scope, `any` account, or nothing."""
Kind = Literal["session", "token", "display", "scanner"]
Place = tuple[str, str]
"""Plant and line; an empty line is a whole plant, an empty plant everything."""
Reach = Literal["lines", "plants", "all"]
"""The least that a page can show: some lines, whole plants, or only everything."""

ROLES: Final[tuple[Role, ...]] = get_args(Role)
SCOPES: Final[tuple[Scope, ...]] = get_args(Scope)
SCOPES_OF: Final[dict[Role, frozenset[Scope]]] = {
    "viewer": frozenset({"board", "read"}),
    "operator": frozenset({"board", "read", "run"}),
    "planner": frozenset({"board", "read", "run", "plan"}),
    "corrector": frozenset({"board", "read", "run", "post", "correct"}),
    "admin": frozenset(SCOPES) - {"scan"},
}
"""`scan` is the right of a scanner alone, under its own id."""
TOKEN_SCOPES: Final[tuple[Scope, ...]] = ("board", "read", "run", "plan", "post", "correct", "admin")
"""The scopes that a program may have."""
EVERY_LINE: Final = "*"
_LONGEST_NAME: Final = 40
_LONGEST_PLACE: Final = 80


class Visitor(NamedTuple):
    """A person, program, display or scanner that a request comes from."""

    name: str
    kind: Kind
    scopes: frozenset[Scope]
    lines: tuple[str, ...]
    """Patterns: `*`, `1000/*`, `1000/L04`; of a scanner its place, `1000/_`."""
    digest: bytes = b""
    """That of its secret, by which its session, token or display is found."""
    csrf: str = ""
    """The text that a form of this session has to bring along."""

    def sees(self, plant: str, line: str) -> bool:
        """Return whether a line is one of the visitor's; without a line, whether the whole plant is."""
        return any(pattern in (EVERY_LINE, f"{plant}/*", f"{plant}/{line}") for pattern in self.lines)

    def places(self, reach: Reach) -> list[Place]:
        """Return the places that a page may show, one at a time: lines and whole plants of the visitor, or everything.

        >>> Visitor("anna", "session", frozenset(), ("1000/*", "2000/L01")).places("lines")
        [('1000', ''), ('2000', 'L01')]
        """
        if self.sees_all:
            return [("", "")]
        named = [pattern.partition("/")[::2] for pattern in self.lines if reach != "all"]
        return [(plant, "" if line == EVERY_LINE else line) for plant, line in named
                if line == EVERY_LINE or reach == "lines"]  # fmt: skip

    def sees_some_of(self, plant: str) -> bool:
        """Return whether a line of a plant may be one of the visitor's."""
        return any(pattern.partition("/")[0] in (EVERY_LINE, plant) for pattern in self.lines)

    @property
    def sees_all(self) -> bool:
        """Whether every line is the visitor's, and so the alerts, which name things of any line."""
        return EVERY_LINE in self.lines


class Lack(NamedTuple):
    """Why something is refused: `refused_` and `key` name its sentence, and `what` is missing."""

    key: Literal["scope", "place", "plants", "all", "line", "unnamed", "site", "readable"]
    what: str = ""

    def print(self, language: str, visitor: Visitor | None) -> str:
        """Return the sentence, with what the visitor has."""
        scopes, lines = (visitor.scopes, visitor.lines) if visitor is not None else ((), ())
        words = texts(language)
        said = {"scopes": ", ".join(words[f"right_{each}"] for each in sorted(scopes)), "lines": ", ".join(lines)}
        what = words.get(f"right_{self.what}", self.what)
        return words[f"refused_{self.key}"].format(what=what, **said)


Verdict = Literal["yes", "unknown", "no"]
"""`unknown`: without an account, the visitor has to sign in."""


def judge(visitor: Visitor | None, need: Need, place: Place | None = None, reach: Reach = "lines") -> Verdict:
    """Judge whether a visitor may use a route that needs a scope, and on which line if it is of one.

    >>> judge(None, None), judge(None, "board")
    ('yes', 'unknown')
    """
    if need is None:
        return "yes"
    if visitor is None:
        return "unknown"
    return "yes" if find_lack(visitor, need, place, reach) is None else "no"


def find_lack(visitor: Visitor, need: Need, place: Place | None = None, reach: Reach = "lines") -> Lack | None:
    """Return the right that a visitor lacks for a route, or the lines; None: it may be used.

    >>> find_lack(Visitor("anna", "session", frozenset({"read"}), ("1000/*",)), "read", ("2000", ""))
    Lack(key='place', what='2000/*')
    """
    if need not in (None, "any") and need not in visitor.scopes:
        return Lack("scope", need)
    if place is not None and not visitor.sees(*place):
        named = f"{place[0]}/{place[1] or EVERY_LINE}"
        return Lack("place", named[:_LONGEST_PLACE] if named.isprintable() else "?")
    if reach != "lines" and not visitor.places(reach):
        return Lack(reach)
    return None


def is_name(text: str) -> bool:
    """Return whether a text may be the name of an account.

    >>> is_name("anna"), is_name("anna b"), is_name("")
    (True, False, False)
    """
    return 0 < len(text) <= _LONGEST_NAME and text.isprintable() and not set(text) & set(" :/")


def unknown_patterns(lines: Collection[str], plants: Collection[str], known: Collection[Place]) -> list[str]:
    """Return the patterns that name no plant or line that is maintained.

    >>> unknown_patterns(["*", "1000/*", "1000/L04", "2000/*"], ["1000"], [("1000", "L01")])
    ['1000/L04', '2000/*']
    """
    named = {EVERY_LINE, *(f"{plant}/{line}" for plant in plants for line in "*_"), *(map("/".join, known))}
    return [pattern for pattern in lines if pattern not in named]


def faulty_pattern(lines: Collection[str]) -> str | None:
    """Return the first text that is no pattern of lines; None if all are.

    >>> faulty_pattern(["*", "1000/*", "1000/L04"]), faulty_pattern(["1000"])
    (None, '1000')
    """
    from gateway.mqtt.topics import is_line, is_plant  # noqa: PLC0415 - loads much, and is needed on the command line alone

    for pattern in lines:
        plant, _, line = pattern.partition("/")
        if pattern != EVERY_LINE and not (is_plant(plant) and (line == EVERY_LINE or is_line(line))):
            return pattern
    return None
