"""The accounts of the web pages on the command line: it changes everything that their pages change."""

from pathlib import Path

from gateway.settings import Settings
from gateway.web.accounts import WebAccounts
from tests.integration.cli_program import SHIPPED, Commands


def test_a_user_is_changed_on_the_command_line(tmp_path: Path) -> None:
    password, other = tmp_path / "password", tmp_path / "other"
    password.write_text("correct horse battery")
    other.write_text("another battery horse")
    program = Commands(tmp_path / "data")

    def run(*words: str) -> int:
        return program("web", *words).status

    assert run("user", "add", "anna", "--role", "viewer", "--password-file", str(password)) == 0
    settings = Settings.model_validate({"gateway": {"data_dir": tmp_path / "data"}})
    accounts = WebAccounts(settings.accounts_path)
    before = accounts.password_of("anna")
    accounts.begin_session("anna", 0, before)
    assert run("user", "role", "anna", "corrector") == 0
    assert run("user", "lines", "anna", "1000/*", "2000/L01") == 0
    assert accounts.users() == [("anna", "corrector", ("1000/*", "2000/L01"), False)]
    assert program("masterdata", "import", str(SHIPPED)).status == 0
    typo = program("web", "user", "lines", "anna", "1000/L99", "1000/*")
    assert (typo.status, "have no 1000/L99\n" in typo.err) == (0, True)
    assert "warning" not in program("web", "user", "lines", "anna", "1000/*", "1000/L04").err
    assert run("user", "add", "Anna", "--password-file", str(password)) == 2
    assert run("user", "password", "anna", "--password-file", str(other)) == 0
    assert accounts.password_of("anna") not in (None, before)
    for words in (("role", "anna", "king"), ("role", "olga", "viewer"), ("lines", "anna", "L01"), ("lines", "anna")):
        assert run("user", *words) == 2
    password.write_text("short")
    assert run("user", "password", "anna", "--password-file", str(password)) == 2
    told = program("web", "trail", "--json").json
    assert [each["what"] for each in told] == [
        "password changed", "lines 1000/* 1000/L04", "lines 1000/L99 1000/*", "lines 1000/* 2000/L01",
        "role corrector", "user added as viewer",
    ]  # fmt: skip
    assert {each["object"] for each in told} == {"anna"}
    assert program("web", "trail", "--limit", "1").out.count("cli:") == 1
    accounts.close()
