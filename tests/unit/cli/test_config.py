"""The configuration that is shipped says what holds without it."""

import re
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from gateway.errors import UsageError
from gateway.settings import Settings, faults, load_settings

SHIPPED = Path(__file__).parents[3] / "config" / "gateway.toml"


def sections_of(annotation: Any) -> dict[str, Any]:
    """Return the keys of a section; those of the sources stand on their own page."""
    return getattr(annotation, "model_fields", {})


def test_the_shipped_configuration_holds_the_defaults() -> None:
    assert load_settings(SHIPPED) == Settings()


def test_the_shipped_configuration_names_every_key_but_the_password() -> None:
    named: set[tuple[str, str]] = set()
    section = ""
    for line in SHIPPED.read_text().splitlines():
        if header := re.fullmatch(r"\[(\w+)\]", line):
            section = header[1]
        elif key := re.match(r"#?(\w+) = ", line):
            named.add((section, key[1]))
    known = {(name, key) for name, part in Settings.model_fields.items() for key in sections_of(part.annotation)}
    assert known - named == {("mqtt", "password")}
    assert named <= known


def test_every_key_has_its_reason() -> None:
    lines = SHIPPED.read_text().splitlines()
    bare = [line for before, line in pairwise(lines) if re.match(r"#?\w+ = ", line) and not before.startswith("#")]
    assert bare == []


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("[gateway]\nlines = []", "gateway.lines: expected at least 1 entry"),
        ("[gateway]\nlease_s = 1e20", "gateway.lease_s: expected a whole number of fewer digits"),
        ("[gateway]\nlease_s = 1e10", "gateway.lease_s: expected at most 31536000"),
        ("[watch]\nworklist_age = -5", "watch.worklist_age: expected at least 0"),
        ("[watch]\nbacklog_age = 1e13", "watch.backlog_age: expected at most 3153600000"),
        ('[watch]\nbacklog_age = "999999999d"', "watch.backlog_age: expected at most 3153600000"),
        ("[watch]\nflaps = 9e9", "watch.flaps: expected at most 1000000"),
        ("gateway = 5", "gateway: expected a section, [gateway]"),
    ],
)
def test_settings_that_cannot_work_are_refused_in_one_sentence(said: str, expected: str, tmp_path: Path) -> None:
    file = tmp_path / "gateway.toml"
    file.write_text(said)
    with pytest.raises(UsageError) as refused:
        load_settings(file)
    assert str(refused.value) == f"{file}: {expected}"


def test_each_fault_of_the_sources_is_a_finding_at_its_setting(tmp_path: Path) -> None:
    file = tmp_path / "gateway.toml"
    row = 'map = [{device = "c 1", tag = "good"}]'
    file.write_text(f'[[source]]\nfilter = "a/#"\ndecoder = "umh"\nusername = "u"\n{row}\n[[source]]\nfilter = "a/b"\n'
                    'decoder = "tasmota"\nanswers = "x"\n')  # fmt: skip
    with pytest.raises(UsageError) as refused:
        load_settings(file)
    assert isinstance(refused.value.__cause__, ValidationError)
    assert {place: text.split()[0] for place, text in faults(refused.value.__cause__)} == {
        "source.0.map.0.device": "expected",
        "source.0.username": "expected",
        "source.1.filter": "a/b",
        "source.1.answers": "expected",
    }
    assert str(refused.value).startswith(f"{file}: source.0.map.0.device: expected a device id")


@pytest.mark.parametrize("logins", [("bf-gw1", "b"), ("a", "a"), ("bf-x", "b")])
def test_two_connections_of_a_gateway_have_two_logins(tmp_path: Path, logins: tuple[str, str]) -> None:
    file = tmp_path / "gateway.toml"
    hosts = [
        f'[[source]]\nfilter = "spBv1.0/{number}/#"\ndecoder = "sparkplug"\nhost = "h{number}"\nusername = "{login}"\n'
        for number, login in enumerate(logins)
    ]
    file.write_text('[mqtt]\nusername = "bf-x"\n' + "".join(hosts))
    with pytest.raises(UsageError, match="is that of another connection of this gateway, and would disconnect it"):
        load_settings(file)


def test_every_number_of_the_settings_has_an_end() -> None:
    """Else a clock or a database that takes no more of them ends the program later."""
    endless = [
        (name, key)
        for name, part in Settings.model_fields.items()
        for key, field in sections_of(part.annotation).items()
        if "int" in str(field.annotation).split("[")[0]
        and not {"Le", "Lt"} & {type(m).__name__ for m in field.metadata}
    ]
    assert endless == []
