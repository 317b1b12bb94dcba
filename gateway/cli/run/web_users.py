"""The commands of users of the web pages, and what the commands of all accounts share."""

import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gateway.cli.shared.command import ROWS, Invocation, command, pass_invocation, tell
from gateway.cli.shared.output import JSON, TABLE, print_json, print_records
from gateway.web.rights import ROLES, is_name

if TYPE_CHECKING:
    from gateway.web.accounts import WebAccounts
    from gateway.web.rights import Role

_PASSWORD_FILE = click.option(
    "--password-file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A file with the password; without one it is asked for.",
)
LINES = click.option(
    "--lines", multiple=True, default=["*"], show_default=True, metavar="PATTERN",
    help="`*`, `1000/*` or `1000/L04`. Repeatable.",
)  # fmt: skip


class AccountName(click.ParamType[str]):
    """The name of an account."""

    name = "name"

    def convert(self, value: Any, parameter: click.Parameter | None, context: click.Context | None) -> str:  # noqa: ANN401 - as click has it
        """Read it, or fail as click does."""
        text = str(value)
        if not is_name(text):
            self.fail(
                f"expected at most 40 characters without space, colon and slash, got {text!r}", parameter, context
            )
        return text


@contextmanager
def require_packages() -> Iterator[None]:
    """Name the package that is missing, if the pages' own are not installed."""
    from gateway.errors import UsageError

    try:
        yield
    except ModuleNotFoundError as error:
        text = f"the web pages need {error.name}: pip install --require-hashes -r requirements/web.txt"
        raise UsageError(text) from error


@contextmanager
def open_accounts(invocation: Invocation) -> Iterator["WebAccounts"]:
    """Open the file of accounts."""
    with require_packages():
        from gateway.web.accounts import WebAccounts
    accounts = WebAccounts(invocation.settings().accounts_path)
    try:
        yield accounts
    finally:
        accounts.close()


def check_lines(invocation: Invocation, lines: tuple[str, ...]) -> tuple[str, ...]:
    """Return patterns of lines; a wrong usage if one is none, and a warning if it names nothing maintained."""
    from gateway.cli.shared.arguments import master_of
    from gateway.errors import BackflushError
    from gateway.service.local.read_only import read_ledger
    from gateway.web.rights import faulty_pattern, unknown_patterns

    fault = faulty_pattern(lines)
    if fault is not None:
        raise click.BadParameter(f"expected `*`, `1000/*` or `1000/L04`, got {fault!r}", param_hint="--lines")
    if lines != ("*",):
        with suppress(BackflushError), read_ledger(invocation.settings()) as ledger:  # accounts need no ledger
            master = master_of(ledger)
            if master.plants and (unknown := unknown_patterns(lines, master.plants, master.lines)):
                tell(f"warning: the master data in force have no {', '.join(unknown)}")
    return lines


def note(accounts: "WebAccounts", what: str, name: str) -> None:
    """Add a line to the trail, by the person at this machine."""
    import getpass

    accounts.note(time.time(), f"cli:{getpass.getuser()}", what, name)


def report(text: str, *, as_json: bool, **record: object) -> None:
    """Print what was done: a sentence for a person, or data."""
    if as_json:
        print_json(record)
    else:
        tell(text)


def print_accounts(rows: list[dict[str, Any]], kind: str, *, as_json: bool) -> None:
    """Print accounts as a table, or as data."""

    def row(of: Mapping[str, Any]) -> dict[str, Any]:
        joined = {name: " ".join(value) for name, value in of.items() if isinstance(value, tuple)}
        return {"name": of["name"], "role": of.get("role"), **joined, "state": "disabled" if of.get("disabled") else ""}

    form = JSON if as_json else TABLE
    print_records(rows, "name role scopes lines state", form=form, empty=f"there is no {kind} yet", row=row)


@click.group()
def user() -> None:
    """Add, list, change and disable the people who may sign in."""


@command("add", example="backflush web user add anna --role admin", data=True)
@click.argument("name", type=AccountName())
@click.option("--role", type=click.Choice(ROLES), default="viewer", show_default=True)
@LINES
@_PASSWORD_FILE
@pass_invocation
def add_user(
    invocation: Invocation,
    name: str,
    *,
    role: "Role",
    lines: tuple[str, ...],
    password_file: Path | None,
    as_json: bool,
) -> None:
    """Add a user. There is no default password."""
    lines = check_lines(invocation, lines)
    hashed = _ask_for_password(password_file)
    with open_accounts(invocation) as accounts:
        accounts.add_user(name, role, lines, hashed, time.time())
        note(accounts, f"user added as {role}", name)
    text = f"{name} may sign in as {role}, for the lines {', '.join(lines)}"
    report(text, as_json=as_json, name=name, role=role, lines=lines)


def _ask_for_password(file: Path | None) -> str:
    """Return the hash of a new password; UsageError if it may be none, or there is no terminal to ask on."""
    from gateway.errors import UsageError
    from gateway.files import read_secret

    with require_packages():
        from gateway.web.passwords import fault_of, hash_password
    if file is not None:
        password = read_secret(file, "--password-file")
    elif sys.stdin.isatty():
        password = click.prompt("Password", hide_input=True, confirmation_prompt=True, err=True)
    else:
        raise UsageError("expected --password-file, because there is no terminal on which to ask for the password")
    if (fault := fault_of(password)) is not None:
        raise UsageError(fault)
    return hash_password(password)


@command("role", example="backflush web user role anna corrector", data=True)
@click.argument("name", type=AccountName())
@click.argument("role", type=click.Choice(ROLES))
@pass_invocation
def change_role(invocation: Invocation, name: str, *, role: "Role", as_json: bool) -> None:
    """Give a user another role."""
    with open_accounts(invocation) as accounts:
        accounts.change_role(name, role)
        note(accounts, f"role {role}", name)
    report(f"{name} is {role}", as_json=as_json, name=name, role=role)


@command("lines", example="backflush web user lines anna '1000/*'", data=True)
@click.argument("name", type=AccountName())
@click.argument("lines", nargs=-1, required=True, metavar="PATTERN...")
@pass_invocation
def change_lines(invocation: Invocation, name: str, *, lines: tuple[str, ...], as_json: bool) -> None:
    """Let a user see other lines: `*`, `1000/*` or `1000/L04`."""
    lines = check_lines(invocation, lines)
    with open_accounts(invocation) as accounts:
        accounts.change_lines(name, lines)
        note(accounts, f"lines {' '.join(lines)}", name)
    report(f"{name} sees the lines {', '.join(lines)}", as_json=as_json, name=name, lines=lines)


@command("password", example="backflush web user password anna", data=True)
@click.argument("name", type=AccountName())
@_PASSWORD_FILE
@pass_invocation
def change_password(invocation: Invocation, name: str, *, password_file: Path | None, as_json: bool) -> None:
    """Give a user another password, and end its sessions at once."""
    hashed = _ask_for_password(password_file)
    with open_accounts(invocation) as accounts:
        accounts.change_password(name, hashed)
        note(accounts, "password changed", name)
    report(f"{name} has another password, and is signed out everywhere", as_json=as_json, name=name)


@command("list", example="backflush web user list", data=True)
@pass_invocation
def list_users(invocation: Invocation, *, as_json: bool) -> None:
    """List the users."""
    with open_accounts(invocation) as accounts:
        print_accounts([each._asdict() for each in accounts.users()], "user", as_json=as_json)


@command("disable", example="backflush web user disable anna", data=True)
@click.argument("name", type=AccountName())
@click.option("--undo", is_flag=True, help="Enable the user again.")
@pass_invocation
def disable_user(invocation: Invocation, name: str, *, undo: bool, as_json: bool) -> None:
    """Disable a user, and end its sessions at once."""
    with open_accounts(invocation) as accounts:
        accounts.disable_user(name, undo=undo)
        note(accounts, "user enabled" if undo else "user disabled", name)
    report(f"{name} is {'enabled' if undo else 'disabled'}", as_json=as_json, name=name, disabled=not undo)


@command("trail", example="backflush web trail --limit 20", data=True)
@click.option("--limit", type=ROWS, default=100, show_default=True)
@pass_invocation
def trail(invocation: Invocation, *, limit: int, as_json: bool) -> None:
    """Show sign-ins, refusals and changes of accounts, the newest first."""
    from gateway.service.times import iso

    names = "actor", "what", "object", "address"
    with open_accounts(invocation) as accounts:
        rows = [
            {"at": iso(round(line.at_s * 1e6)), **{name: getattr(line, name) for name in names}}
            for line in accounts.trail(limit)
        ]
    print_records(rows, "at actor what object address", form=JSON if as_json else TABLE, empty="there is no line yet")


for _each in (add_user, list_users, change_role, change_lines, change_password, disable_user):
    user.add_command(_each)
