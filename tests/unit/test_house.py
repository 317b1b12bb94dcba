"""The order of the house: what is true of every file, whatever it holds."""

import ast
import re
import subprocess
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MAX_LINES = 400
CORPUS = "tests/fuzz/corpus/"
"""Inputs that are wrong on purpose, also as text."""

# Assembled from parts, so that this file does not hold what it looks for.
MACHINE_PATHS = re.compile("|".join(f"/{place}/" for place in (r"home/\w+", r"Users/\w+", "root", "work", "opt/pypi")))
NEIGHBOURS = re.compile(r"\.\./" + "shared")
INDEX_ADDRESSES = re.compile(
    "|".join(("--(extra-)?index" + "-url", "--find" + "-links", "pypi" + r"\.org", "python" + "hosted", "file" + "://"))
)
UNFINISHED = re.compile(r"\b(" + "|".join(("TO" + "DO", "FIX" + "ME", "X" * 3, "HA" + "CK")) + r")\b")
PINNED = re.compile(r"[a-z0-9.-]+==[\w.+!]+( ; [^\\]+)? \\|    --hash=sha256:[0-9a-f]{64}( \\)?")
LINK = re.compile(r"\]\(([^)\s]+)\)")


@cache
def _tracked() -> dict[str, str]:
    """Return the text of every tracked file that is text, by its path."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True, text=True).stdout
    texts: dict[str, str] = {}
    for name in filter(None, listed.split("\0")):
        if name.startswith(CORPUS):
            continue
        path = ROOT / name
        content = path.read_bytes() if path.is_file() else b""
        if b"\0" not in content:
            texts[name] = content.decode()
    return texts


def _modules() -> dict[str, str]:
    return {name: text for name, text in _tracked().items() if name.endswith(".py")}


def _finds(pattern: re.Pattern[str], files: dict[str, str]) -> list[str]:
    """Return `file:line: what` of every place where the pattern is found."""
    return [
        f"{name}:{number}: {found[0]}"
        for name, text in files.items()
        for number, line in enumerate(text.splitlines(), start=1)
        if (found := pattern.search(line))
    ]


def _anchor(heading: str) -> str:
    """Return the anchor that a heading of a Markdown page gets."""
    return re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")


def test_no_file_names_a_path_of_one_machine() -> None:
    assert _finds(MACHINE_PATHS, _tracked()) == []
    assert _finds(NEIGHBOURS, _tracked()) == []


def test_no_file_names_the_address_of_a_package_index() -> None:
    assert _finds(INDEX_ADDRESSES, _tracked()) == []


@pytest.mark.parametrize("name", ["requirements/runtime.txt", "requirements/web.txt", "requirements/dev.txt"])
def test_requirement_files_hold_names_versions_and_hashes_alone(name: str) -> None:
    assert [line for line in _tracked()[name].splitlines() if not PINNED.fullmatch(line)] == []


def test_each_requirement_file_pins_what_the_smaller_one_does() -> None:
    runtime, web, dev = (
        set(re.findall(r"^\S+==\S+", _tracked()[f"requirements/{name}.txt"], re.MULTILINE))
        for name in ("runtime", "web", "dev")
    )
    assert runtime <= web <= dev


def test_every_dependency_is_locked() -> None:
    project = tomllib.loads(_tracked()["pyproject.toml"])
    wanted = [*project["project"]["dependencies"], *project["dependency-groups"]["dev"]]
    locked = set(re.findall(r"^([a-z0-9.-]+)==", _tracked()["requirements/dev.txt"], re.MULTILINE))
    assert {match[0] for name in wanted if (match := re.match(r"[\w.-]+", name))} - locked == set()


def test_every_module_says_what_it_decides() -> None:
    empty = {name for name, text in _modules().items() if not text.strip()}
    assert {name for name, text in _modules().items() if not ast.get_docstring(ast.parse(text))} - empty == set()


def test_no_module_is_longer_than_a_person_reads() -> None:
    lengths = {name: len(text.splitlines()) for name, text in _modules().items()}
    assert {name: lines for name, lines in lengths.items() if lines > MAX_LINES} == {}


def test_sentences_of_the_gateway_show_names_as_they_are_written() -> None:
    """`quote` does; `!a` would spell the letters of most languages out."""
    texts = {name: text for name, text in _modules().items() if name.startswith("gateway/")}
    assert _finds(re.compile(r"!a[:}]"), texts) == []


def test_nothing_is_left_for_later() -> None:
    assert _finds(UNFINISHED, _modules()) == []


def test_every_exception_from_a_rule_has_a_reason() -> None:
    section = _tracked()["pyproject.toml"].split("[tool.ruff.lint]")[1].split("[tool.mypy]")[0]
    rules = re.findall(r'^ +"([A-Z]+[0-9]+)",(.*)$', section, re.MULTILINE)
    assert rules
    assert [rule for rule, reason in rules if not re.fullmatch(r" +# \w.{9,}", reason)] == []


def test_every_exception_on_a_line_names_its_rule_and_reason() -> None:
    product = {name: text for name, text in _modules().items() if not name.startswith("tests/")}
    bare = re.compile(r"# (noqa|type: ignore)(?!(: [A-Z0-9, ]+|\[[a-z, -]+\]) +\W* *\w).*")
    assert _finds(bare, product) == []


def test_the_figures_of_a_line_are_changed_by_their_own_methods() -> None:
    figures = "read|counted|quarantined|posted|scrap|rework|reversed|documents|last_at|open_\\w+|backlog"
    written = re.compile(rf"(figures|\.line\([^()]*(\([^()]*\))?[^()]*\))\.({figures}) *([-+]?=)(?!=)")
    engine = {name: text for name, text in _modules().items() if name.startswith("gateway/backflush/")}
    assert _finds(written, engine) == []


def test_no_class_is_named_after_nothing() -> None:
    assert _finds(re.compile(r"^class \w*(Manager|Handler|Processor|Helper|Utils?)\b"), _modules()) == []


def test_the_changelog_keeps_what_is_unreleased() -> None:
    assert re.search(r"^## \[Unreleased\]$", _tracked()["CHANGELOG.md"], re.MULTILINE)


def test_links_between_pages_lead_somewhere() -> None:
    pages = {name: text for name, text in _tracked().items() if name.endswith(".md")}
    anchors = {
        name: {_anchor(line.lstrip("#")) for line in text.splitlines() if line.startswith("#")}
        for name, text in pages.items()
    }
    broken = []
    for name, text in pages.items():
        for link in LINK.findall(text):
            if re.match(r"[a-z]+:", link):
                continue
            path, _, anchor = link.partition("#")
            target = (ROOT / name).parent.joinpath(path).resolve() if path else ROOT / name
            known = anchors.get(target.relative_to(ROOT).as_posix()) if target.is_relative_to(ROOT) else None
            if not target.exists() or (anchor and known is not None and anchor not in known):
                broken.append(f"{name}: {link}")
    assert broken == []


MOST_COLLABORATORS, MOST_ARGUMENTS = 4, 6
VALUES = {
    *("None", "bool", "int", "float", "str", "bytes", "object", "tuple", "list", "dict", "set", "frozenset"),
    *("Any", "Iterable", "Collection", "Sequence", "Mapping", "Path", "datetime", "Final", "Literal", "type"),
}
"""Names in annotations that stand for values; so does every class of values (`_value_classes`)."""


@cache
def _product() -> dict[str, ast.Module]:
    return {name: ast.parse(text) for name, text in _modules().items() if name.startswith(("gateway/", "devices/"))}


def _names(annotation: ast.AST | None) -> set[str]:
    """Return the names in an annotation; those in a quoted one as well."""
    if isinstance(annotation, ast.Constant) and isinstance(annotation.value, str):
        annotation = ast.parse(annotation.value, mode="eval")
    walked = list(ast.walk(annotation)) if annotation is not None else []
    return {node.id for node in walked if isinstance(node, ast.Name)} | {
        node.attr for node in walked if isinstance(node, ast.Attribute)
    }


def _value_classes() -> set[str]:
    """Name the classes that only hold something: tuples with names, data classes, models, enumerations."""
    values = {"NamedTuple", "BaseModel", "StrEnum", "IntEnum", "Enum", "TypedDict"}
    classes = [node for module in _product().values() for node in ast.walk(module) if isinstance(node, ast.ClassDef)]
    data = {c.name for c in classes if any("dataclass" in ast.unparse(decorator) for decorator in c.decorator_list)}
    while more := {c.name for c in classes if (values | data) & set().union(*map(_names, c.bases))} - data:
        data |= more
    return data


def _arguments(function: ast.FunctionDef | ast.AsyncFunctionDef) -> list[ast.arg]:
    said = function.args
    return [arg for arg in (*said.posonlyargs, *said.args, *said.kwonlyargs) if arg.arg not in ("self", "cls")]


def _functions() -> Iterator[tuple[str, ast.FunctionDef | ast.AsyncFunctionDef]]:
    for name, module in _product().items():
        for node in ast.walk(module):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield f"{name}:{node.lineno} {node.name}", node


def test_no_constructor_takes_more_than_four_collaborators() -> None:
    values = VALUES | _value_classes()
    found = {
        where: collaborators
        for where, function in _functions()
        if function.name == "__init__"
        and len(collaborators := [a.arg for a in _arguments(function) if _names(a.annotation) - values])
        > MOST_COLLABORATORS
    }
    assert found == {}


def test_no_function_outside_the_engine_takes_more_than_six_arguments() -> None:
    """The options of a command are its command line's; what a value is made of is said by name."""
    found = {
        where: len(arguments)
        for where, function in _functions()
        if not where.startswith("gateway/backflush/")
        and function.name != "__init__"
        and len(arguments := _arguments(function)) > MOST_ARGUMENTS
        and not any("command(" in ast.unparse(decorator) for decorator in function.decorator_list)
    }
    assert found == {}
