"""Plain English: what users read begins with its subject and needs no word of the program; functions are verbs."""

import ast
import io
import re
import tokenize
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from pathlib import Path

import click
import pytest

from gateway.cli.root import program

ROOT = Path(__file__).parents[2]
PRODUCT = sorted(
    path
    for package in ("gateway", "devices")
    for path in (ROOT / package).rglob("*.py")
    if "versions" not in path.parts
)
FOREIGN = re.compile(
    r"""(?ix) \b (so \s many | so \s much \s of | for \s ever | beyond \s belief | whoever | whatever | of \s old
    | if \s not \s given | nobody \s (knows|looks|believe[sd]) | what \s (it|he|she|a \s device) \s sa(ys|id)
    | \w+ \s (no|any) \s more \b | throws? \s (it|this \s one|the \s other) \s out ) \b"""
)
"""Phrases that a reader has to translate first."""
FOREIGN_TO_DEVELOPERS = re.compile(
    r"""(?ix) \A (What | Who | Whose | Which | Whence | Say | Tell) \b
    | \b (so \s many | so \s much \s of | for \s ever | beyond \s belief | of \s old | nobody | whoever | anew
    | believed | without \s a \s word | any \s more (?! \s than) | (is | are | was | were) \s (told | said) \s of) \b"""
)
"""The same of docstrings and comments: the subject comes first, and only people say and tell."""
FOREIGN_ON_PAGES = re.compile(
    r"(?i)\b(nobody|whoever|for ever|so many|so much of|of old|without a word|believed?|(?<!`)anew(?!`))\b"
)
OF_THE_PROGRAM = re.compile(r"(?i)\b(fold(s|ed|ing)?|tenure|heads?|dues?|due and|marks?|sheets of)\b")
"""Words that explain the program, and nothing of a plant."""
FOREIGN_IN_NAMES = re.compile(
    r"(?<![a-z])(nobody|whoever|of_old|anew|believed|told_of|any_more|no_more(?!_(than|is))|is_no_more)(?![a-z])"
)
"""The same of the sentences that name tests."""
INSIDE = re.compile(r"(?i)(?<!byte-order )\b(fold(s|ed|ing)?|tenure|heads?|dues|marks?)\b")
FOR_DATABASES = re.compile(r"#|\b(SELECT|UPDATE|DELETE|LOCK)\b")
PARTICIPLE = re.compile(
    r"_*(told|heard|known|seen|asked|wanted|said|made|held|brought|given|gone|kept|left|lost|sent|shown|taken|written"
    r"|done|begun|found|drawn|spoken|bought|chosen|grown|(?!need|feed|seed|speed|exceed)[a-z]+ed)(_|$)"
)


@cache
def texts(source: str) -> tuple[tuple[int, str], ...]:
    """Return the texts of a module that a person may read: all but docstrings, assertions and names."""
    tree = ast.parse(source)
    silent = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    silent |= {id(part) for node in ast.walk(tree) if isinstance(node, ast.Assert) for part in ast.walk(node)}
    return tuple(
        (node.lineno, node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in silent
    )


def remarks(source: str) -> Iterator[tuple[int, str]]:
    """Yield the docstrings and comments of a module."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
            yield node.lineno, node.value.value
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            yield token.start[0], token.string.lstrip("# ")


def helps(command: click.Command, name: str = "backflush") -> Iterator[tuple[str, str]]:
    """Yield the help of a command, of its options and of its subcommands."""
    yield name, command.help or ""
    for parameter in command.params:
        yield f"{name} {parameter.opts[0]}", getattr(parameter, "help", None) or ""
    if isinstance(command, click.Group):
        context = click.Context(command)
        for each in command.list_commands(context):
            found = command.get_command(context, each)
            assert found is not None
            yield from helps(found, f"{name} {each}")


def sentences(source: str) -> Iterator[tuple[int, str]]:
    """Yield the texts for users that are more than a word, but for those for database administrators."""
    return ((line, text) for line, text in texts(source) if " " in text and not FOR_DATABASES.search(text))


@pytest.mark.parametrize(
    ("read", "wrong"),
    [
        pytest.param(texts, FOREIGN, id="what users read needs no translation"),
        pytest.param(sentences, INSIDE, id="what users read has no word of the program"),
        pytest.param(remarks, FOREIGN_TO_DEVELOPERS, id="what developers read needs no translation"),
    ],
)
def test_what_is_read_is_plain_english(
    read: Callable[[str], Iterable[tuple[int, str]]], wrong: re.Pattern[str]
) -> None:
    found = [
        f"{path.relative_to(ROOT)}:{line}: {match[0]}"
        for path in PRODUCT
        for line, text in read(path.read_text(encoding="utf-8"))
        if (match := wrong.search(text))
    ]
    assert found == []


def test_what_the_pages_say_needs_no_translation() -> None:
    pages = (*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md"))
    found = [
        f"{page.name}:{number}: {match[0]}"
        for page in pages
        if page.name != "CHANGELOG.md"
        for number, line in enumerate(page.read_text(encoding="utf-8").splitlines(), start=1)
        if (match := FOREIGN_ON_PAGES.search(line))
    ]
    assert found == []


def test_a_module_says_what_it_is() -> None:
    """The first line of its docstring begins with the thing itself, not with a question."""
    first = re.compile(r"(What|Who|Whether|Where|How|When|Until|Would)\b")
    modules = {path: ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or "" for path in PRODUCT}
    assert [str(path.relative_to(ROOT)) for path, text in modules.items() if first.match(text)] == []


def test_the_name_of_a_test_needs_no_translation() -> None:
    found = [
        name
        for path in sorted((ROOT / "tests").rglob("test_*.py"))
        for name in re.findall(r"def (test_\w+)", path.read_text(encoding="utf-8"))
        if FOREIGN_IN_NAMES.search(name)
    ]
    assert found == []


@pytest.mark.parametrize("pattern", [FOREIGN, OF_THE_PROGRAM], ids=["foreign", "of the program"])
def test_help_is_in_words_of_the_plant(pattern: re.Pattern[str]) -> None:
    assert [f"{name}: {match[0]}" for name, text in helps(program) if (match := pattern.search(text))] == []


def test_a_function_is_named_by_a_verb_and_no_participle() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{node.lineno}: {node.name}"
        for path in PRODUCT
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and PARTICIPLE.match(node.name)
        and not any("property" in ast.unparse(decorator) for decorator in node.decorator_list)
    ]
    assert found == []


def test_a_class_has_its_name_for_itself() -> None:
    names = Counter(
        node.name
        for path in PRODUCT
        for node in ast.parse(path.read_text(encoding="utf-8")).body
        if isinstance(node, ast.ClassDef)
    )
    assert [name for name, times in names.items() if times > 1] == []
