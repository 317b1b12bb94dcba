"""Every language has every text, with the same places for values, and no text is left over."""

import re
import tomllib
from pathlib import Path

import pytest

import gateway.web
from gateway.web.acts import ACTS
from gateway.web.orders import ORDER_ACTS
from gateway.web.texts import LANGUAGES, choose_language, texts

FOLDER = Path(gateway.web.__file__).parent
COMPUTED = ("phase_", "usage_", "device_", "timing_", "window_", "reduced_", "word_",
            "col_", "page_", "about_", "empty_", "group_", "filter_", "part_", "trace_",
            "became_", "code_", "fault_", "figure_", "line_", "telegram_",
            "remedy_", "no_document", "no_device", "act_", "acted_", "field_", "helps_", "mend_", "person_", "scope_",
            "refused_", "right_", "cards_", "symbol_", "check_code_", "layout_", "add_", "no_tokens", "no_displays",
            "no_scanners", "password_changed_", "upload_added", "upload_changed", "upload_removed",
            "upload_same")  # fmt: skip
"""The beginnings of keys that pages put together; `test_work_lists.py` looks whether each is used."""
PLACES = re.compile(r"\{(\w+)\}")


@pytest.mark.parametrize("language", LANGUAGES)
def test_languages_have_the_same_texts(language: str) -> None:
    assert {key: sorted(PLACES.findall(text)) for key, text in texts(language).items()} == {
        key: sorted(PLACES.findall(text)) for key, text in texts("en").items()
    }
    assert all(text.strip() for text in texts(language).values())
    rooms = [tomllib.loads(path.read_text()) for path in (FOLDER / "locale" / language).glob("*.toml")]
    assert sum(map(len, rooms)) == len(texts(language)), "two rooms have a text of the same key"


def test_german_has_one_word_for_a_reporting_point_and_none_of_accounting_for_the_ledger() -> None:
    found = "\n".join(texts("de").values())
    assert [word for word in ("Zählpunkt", "Hauptbuch", "Strom") if word in found] == []
    assert "Meldepunkt" in found


def test_no_text_is_left_over_and_none_is_missing() -> None:
    pages = {path: path.read_text() for path in FOLDER.rglob("*") if path.suffix in (".html", ".js", ".py")}
    whole = "\n".join(pages.values())
    states = {"no_data", "stopped", "behind", "no_run", "rest", "ok"}
    computed = (
        states
        | {key for key in texts("en") if key.startswith(COMPUTED)}
        | {"no_page_hint", "failed_hint", "accounts_away_hint"}
    )
    used = set(re.findall(r"\bt\.(\w+)", whole)) | set(re.findall(r'"([a-z_]+)"', whole))
    hints = {
        f"hint_{of}{field.name}" for act in (*ACTS, *ORDER_ACTS) for field in act.fields for of in ("", f"{act.key}_")
    }
    assert texts("en").keys() - used - computed - hints == set()
    templates = "\n".join(text for path, text in pages.items() if path.suffix == ".html")
    scripts = "\n".join(text for path, text in pages.items() if path.suffix == ".js")
    asked = set(re.findall(r"\bt\.(\w+)", templates)) | set(re.findall(r'\btext\("(\w+)"', scripts))
    assert asked - texts("en").keys() == set()


@pytest.mark.parametrize(
    ("wanted", "accepted", "language"),
    [
        ("", "", "en"),
        ("", "de-DE,de;q=0.9,en;q=0.8", "de"),
        ("", "fr;q=0.9", "en"),
        ("", "en;q=0.2,de;q=0.1", "en"),
        ("de", "en", "de"),
        ("xx", "de", "de"),
        ("", ";;;,q=,de;q=9", "en"),
    ],
)
def test_language_of_a_page(wanted: str, accepted: str, language: str) -> None:
    assert choose_language(wanted, accepted, "en") == language
