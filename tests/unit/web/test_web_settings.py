"""The settings of pages and boards: what would be unprotected or unreadable is refused."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from gateway.errors import UsageError
from gateway.sections import BoardSection, WebSection
from gateway.service.floor.floor import Floor
from gateway.service.watch.file_permissions import too_wide
from gateway.settings import Settings
from gateway.web.accounts import WebAccounts
from gateway.web.monitor import Monitor


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"host": "::1"},
        {"host": "localhost", "public_url": "http://localhost:8765"},
        {"host": "0.0.0.0", "cert_file": "c.pem", "key_file": "k.pem", "public_url": "https://boards.example:8765"},
        {"host": "10.0.0.5", "proxy": ["10.0.0.7"], "public_url": "https://boards.example"},
    ],
)
def test_what_is_protected_is_accepted(said: dict[str, object]) -> None:
    WebSection.model_validate(said)


@pytest.mark.parametrize(
    ("said", "text"),
    [
        ({"host": "0.0.0.0"}, "expected cert_file and key_file, or a proxy"),
        ({"host": "boards.example"}, "expected cert_file and key_file, or a proxy"),
        ({"host": "0.0.0.0", "proxy": ["10.0.0.7"]}, "expected public_url"),
        ({"public_url": "http://boards.example"}, "expected https:// beyond loopback"),
        ({"public_url": "boards.example"}, "expected an address such as"),
        ({"public_url": "https://boards.example/path"}, "expected an address such as"),
        ({"cert_file": "c.pem"}, "expected cert_file and key_file together"),
        ({"proxy": ["*"]}, "expected addresses such as 10.0.0.7"),
        ({"password": "x"}, "Extra inputs"),
    ],
)
def test_what_is_not_is_refused(said: dict[str, object], text: str) -> None:
    with pytest.raises(ValidationError, match=text.replace("*", r"\*")):
        WebSection.model_validate(said)


def test_accounts_that_others_can_read_are_found(tmp_path: Path) -> None:
    settings = Settings.model_validate({"gateway": {"data_dir": tmp_path}})
    WebAccounts(settings.accounts_path).close()
    tmp_path.chmod(0o711)
    assert settings.accounts_path not in {wide.path for wide in too_wide(settings)}
    settings.accounts_path.chmod(0o644)
    assert settings.accounts_path in {wide.path for wide in too_wide(settings)}


@pytest.mark.parametrize(
    ("text", "patience"),
    [("5 takts, 120s at least", (5, 120)), ("1 takt, 30 s at least", (1, 30)), ("90s at least", (0, 90))],
)
def test_a_line_has_patience(text: str, patience: tuple[int, int]) -> None:
    assert BoardSection(stopped_after=text).idle_limit == patience


@pytest.mark.parametrize("text", ["", "5 takts", "0 takts, 1s at least", "soon"])
def test_a_patience_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(ValidationError, match="expected a time such as"):
        BoardSection(stopped_after=text)


@pytest.mark.parametrize(
    "said",
    [
        {"mqtt": {"username": "bf-web"}},
        {"gateway": {"id": "web"}},
        {"source": [{"filter": "spBv1.0/hall/#", "decoder": "sparkplug", "host": "plant", "username": "bf-web"}]},
    ],
)
def test_a_login_that_would_disconnect_the_gateway_is_refused(said: dict[str, object]) -> None:
    floor = Floor("bf/v1", "", "", lambda: 0.0, lambda: 0.0)
    with pytest.raises(UsageError, match="it would be disconnected"):
        Monitor(Settings.model_validate(said), floor, lambda: None)
