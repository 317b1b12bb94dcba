"""The configuration that is shipped says what holds without it."""

import re
from itertools import pairwise
from pathlib import Path

from gateway.settings import Settings, load_settings

SHIPPED = Path(__file__).parents[3] / "config" / "gateway.toml"


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
    known = {
        (name, key)
        for name, part in Settings.model_fields.items()
        for key in part.annotation.model_fields  # type: ignore[union-attr]  # every section is a model
    }
    assert known - named == {("mqtt", "password")}
    assert named <= known


def test_every_key_has_its_reason() -> None:
    lines = SHIPPED.read_text().splitlines()
    bare = [line for before, line in pairwise(lines) if re.match(r"#?\w+ = ", line) and not before.startswith("#")]
    assert bare == []
