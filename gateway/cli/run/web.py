"""The commands of the web pages: the process itself, and the accounts of those who look at them."""

import time
import uuid
from typing import TYPE_CHECKING, Any, Unpack

import click

from gateway.cli.run.web_users import (
    LINES,
    AccountName,
    check_lines,
    note,
    open_accounts,
    print_accounts,
    report,
    require_packages,
    trail,
    user,
)
from gateway.cli.shared.arguments import ledger
from gateway.cli.shared.command import (
    FiniteNumber,
    Invocation,
    actor_option,
    answer_no,
    command,
    common_options,
    pass_invocation,
    tell,
)
from gateway.cli.shared.output import print_json, say
from gateway.cli.shared.unanswered import Asked, await_answer, timeout_option
from gateway.web.rights import TOKEN_SCOPES

if TYPE_CHECKING:
    from gateway.web.rights import Scope

_DAY_S = 86_400


@click.group("web", invoke_without_command=True, params=common_options(), epilog="\b\nExample:\n  backflush web",
             context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})  # fmt: skip
@click.option("--host", help="The address to listen on; by default [web] host.")
@click.option("--port", type=click.IntRange(0, 65_535), help="The port; by default [web] port. 0: a free one.")
@click.pass_context
def web(context: click.Context, host: str | None, port: int | None) -> None:
    """Serve the live board and the pages of lines, beside a running gateway.

    It listens to the broker and reads the ledger, and changes neither.
    """
    if context.invoked_subcommand is None:
        said = {"host": host, "port": port}
        _serve(context.ensure_object(Invocation), {name: value for name, value in said.items() if value is not None})


def _serve(invocation: Invocation, options: dict[str, Any]) -> None:
    import asyncio

    from gateway.cli.run.run import log_to_stderr, stop_on_signals, with_uvloop
    from gateway.settings import load_log

    with require_packages():
        from gateway.web.server import serve
    invocation.log = log_to_stderr(load_log(invocation.config), debug=invocation.debug)
    settings = invocation.settings({"web": options} if options else None)
    say_it = invocation.log

    async def until_told() -> None:
        stop = asyncio.Event()
        stop_on_signals(stop)
        await serve(settings, stop, lambda address: say_it(f"the board is at {address}/board", None))

    with_uvloop(until_told())


@web.group()
def token() -> None:
    """Add, list and remove the tokens of programs."""


@command("add", example="backflush web token add andon --scope read --lines 1000/*", data=True)
@click.argument("name", type=AccountName())
@click.option("--scope", "scopes", type=click.Choice(TOKEN_SCOPES), multiple=True, default=["board"], show_default=True,
              help="A right of the token, which has no other. Repeatable.")  # fmt: skip
@LINES
@click.option(
    "--days", type=FiniteNumber(1, 3_650), help="The days for which it is good; without it until it is removed."
)
@pass_invocation
def add_token(
    invocation: Invocation,
    name: str,
    *,
    scopes: tuple["Scope", ...],
    lines: tuple[str, ...],
    days: float | None,
    as_json: bool,
) -> None:
    """Print a new token. It is stored nowhere: keep it."""
    lines = check_lines(invocation, lines)
    now_s = time.time()
    with open_accounts(invocation) as accounts:
        secret = accounts.add_token(name, scopes, lines, now_s, now_s + days * _DAY_S if days is not None else None)
        note(accounts, "token added", name)
    if as_json:
        print_json({"name": name, "scopes": scopes, "lines": lines, "token": secret})
    else:
        say(secret)


@web.group()
def display() -> None:
    """Add, list and remove the displays on walls."""


@command("add", example="backflush web display add 402915 hall-1 --lines 1000/*", data=True)
@click.argument("code")
@click.argument("name", type=AccountName())
@LINES
@pass_invocation
def add_display(invocation: Invocation, code: str, name: str, *, lines: tuple[str, ...], as_json: bool) -> None:
    """Let a display show the board: its browser shows the code at /pair."""
    lines = check_lines(invocation, lines)
    with open_accounts(invocation) as accounts:
        accounts.pair(code, name, lines, time.time())
        note(accounts, "display paired", name)
    report(f"{name} shows the board, for the lines {', '.join(lines)}", as_json=as_json, name=name, lines=lines)


@web.group()
def scanner() -> None:
    """Connect, list and remove web scanners: phones, tablets, and computers with a scanner that types."""


@command("add", example="backflush web scanner add 402915 --plant 1000", data=True)
@click.argument("code")
@click.option("--plant", required=True, help="Its plant. The operator chooses the line.")
@click.option("--name", default="", help="A name: `packing-1` is the device w-packing-1. Without it one is made up.")
@click.option("--device", "again", help="Connect this web scanner again, in place of the browser that it was.")
@click.option("--language", type=click.Choice(["en", "de"]), help="The language of its answers.")
@actor_option
@timeout_option
@pass_invocation
def add_scanner(
    invocation: Invocation,
    code: str,
    *,
    plant: str,
    name: str,
    again: str | None,
    language: str | None,
    **said: Unpack[Asked],
) -> None:
    """Make a scanner of the browser that shows the code at /pair, and add it to the master data."""
    from gateway.errors import UsageError
    from gateway.web.scanners import name_scanner, plant_of_scanner, read_scanners

    with open_accounts(invocation) as accounts:
        accounts.find_pairing(code, time.time())
        device = again or name_scanner(name)
        if again:
            with ledger(invocation) as connection:
                its = plant_of_scanner(read_scanners(connection), again)
            if its != plant:
                raise UsageError(f"--device: expected a scanner of plant {plant}, {again} is one of {its}")
        else:
            _adopt(invocation, device, plant, language or "", said)
        accounts.pair_scanner(code, device, plant, time.time())
        note(accounts, "scanner paired", device)
    path = f"/scan/{plant}/{device}"
    report(f"{device} scans in plant {plant}; its browser opens {path}", as_json=said["as_json"], device=device,
            plant=plant, path=path)  # fmt: skip


def _adopt(invocation: Invocation, device: str, plant: str, language: str, said: Asked) -> None:
    """Have a scanner added to the master data; end with status 1 if that is refused."""
    from gateway.service.fold.requests import request_for
    from gateway.service.local.submission import submit
    from gateway.web.scanners import request_for_scanner

    settings = invocation.settings()
    request = request_for({**request_for_scanner(device, plant, language), "actor": said["actor"],
                           "transaction": str(uuid.uuid4())})  # fmt: skip
    answer = await_answer(settings, lambda patience: submit(settings, request, patience), said, much=True)
    if answer["status"] != "ok":
        tell(f"backflush: {answer['code']} {answer['text']}")
        answer_no()


def _add_keys(kind: str, example: str, to: click.Group) -> None:
    """Add the commands that list and remove tokens, displays or scanners."""

    @command("list", example=f"backflush web {kind} list", data=True)
    @pass_invocation
    def list_keys(invocation: Invocation, *, as_json: bool) -> None:
        with open_accounts(invocation) as accounts:
            print_accounts([each._asdict() for each in accounts.keys(kind)], kind, as_json=as_json)

    @command("remove", example=f"backflush web {kind} remove {example}", data=True)
    @click.argument("name", type=AccountName())
    @pass_invocation
    def remove_key(invocation: Invocation, name: str, *, as_json: bool) -> None:
        with open_accounts(invocation) as accounts:
            accounts.remove_key(kind, name)
            note(accounts, f"{kind} removed", name)
        report(f"{kind} {name} is removed", as_json=as_json, name=name)

    list_keys.help, remove_key.help = f"List the {kind}s.", f"Remove a {kind}: it may do nothing from then on."
    to.add_command(list_keys)
    to.add_command(remove_key)


web.add_command(user)
web.add_command(trail)
token.add_command(add_token)
display.add_command(add_display)
scanner.add_command(add_scanner)
_add_keys("token", "andon", token)
_add_keys("display", "hall-1", display)
_add_keys("scanner", "w-4k7m2p9x", scanner)
