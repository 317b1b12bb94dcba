"""Examine the gateway's environment: configuration, files, disk, clock, database, broker.

Every finding is `ok`, `warn` or `fail`, with the expected state and the remedy. The doctor connects to the broker under
its own login and client id. Missing rights of that login prove nothing about the gateway's: the running gateway proves
those itself, by canary messages, and reports them in its alerts, which the doctor reads.
"""

import os
import shutil
import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import TYPE_CHECKING, Any, Final

import click

from gateway.cli.run.diagnosis import FAIL, OK, WARN, Diagnosis, in_bytes, judge
from gateway.cli.shared.broker_client import login_options
from gateway.cli.shared.command import Invocation, answer_no, command, pass_invocation, tell
from gateway.cli.shared.output import print_json, say
from gateway.errors import BackflushError
from gateway.ledger.reports.cells import cell

if TYPE_CHECKING:
    from pathlib import Path

    from gateway.journal import Reader
    from gateway.settings import Settings

_COLOURS: Final = {OK: "green", WARN: "yellow", FAIL: "red"}
_INDENT: Final = " " * 21
"""Before what goes on with a finding."""
_MANY_BATCHES: Final = 1_000
_HINTS: Final = {
    "disk": "look at gateway.data_dir",
    "database": "is it running, and is database.url right?",
    "broker": "is it running, and are mqtt.url and the login right?",
    "gateway": "is it frozen, or stopped with SIGSTOP? resume or end its process",
    "web accounts": "`backflush restore` brings them back, or move the file away and add the users again",
    "journal": (
        "a batch that was posted is only evidence; if the gateway stops at one that was not, move the journal "
        "away (unposted messages are lost until the devices' next totals), or restore a backup"
    ),
}
_TLS_HINT: Final = (
    "has a certificate expired, or is it for another authority or name? renew it, or correct mqtt.ca_file, cert_file, "
    "key_file and the name in mqtt.url"
)
_JOURNAL_S: Final = 5.0
_MOST_CHECKED: Final = 100_000
_AT_ONCE: Final = 1_000


@command(example="backflush doctor --username bf-tools --password-file tools.password", data=True)
@login_options
@click.option(
    "--queue", type=click.IntRange(1, 1_000_000), metavar="N",
    help="Measure whether the broker keeps N messages for a client that does not read them.",
)  # fmt: skip
@pass_invocation
def doctor(invocation: Invocation, *, queue: int | None, as_json: bool, **login: Any) -> None:  # noqa: ANN401 - the options of `login_options`
    """Examine configuration, files, disk, clock, database and broker.

    Changes nothing but a few messages on a canary topic of its own. With --queue these are N; the broker drops any
    surplus, and a running gateway notices it. Status 1 means that something fails.
    """
    from gateway.cli.run.doctor_broker import examine_broker
    from gateway.cli.run.doctor_database import examine_database

    settings = invocation.settings()
    diagnoses: list[Diagnosis] = [Diagnosis("configuration", OK, f"gateway {settings.gateway.id}")]
    for about, examine in (
        ("files", lambda: _files(settings, invocation.config)),
        ("disk", lambda: _disk(settings)),
        ("gateway", lambda: _gateway(settings)),
        ("journal", lambda: _journal(settings)),
        ("web accounts", lambda: _accounts(settings)),
        ("database", lambda: examine_database(settings)),
        ("broker", lambda: examine_broker(settings, login, queue)),
    ):
        diagnoses += _examine(about, examine)
    if as_json:
        print_json([diagnosis._asdict() for diagnosis in diagnoses])
    else:
        for diagnosis in diagnoses:
            _print(diagnosis)
    failed = sum(diagnosis.state == FAIL for diagnosis in diagnoses)
    warned = sum(diagnosis.state == WARN for diagnosis in diagnoses)
    tell(f"doctor: {failed or 'nothing'} failed, {warned or 'no'} warning{'' if warned == 1 else 's'}")
    if failed:
        answer_no()


def _print(diagnosis: Diagnosis) -> None:
    state, wrong = diagnosis.state, diagnosis.state != OK
    expected = f"; expected {diagnosis.expected}" if diagnosis.expected and wrong else ""
    text = f"{state:<4}  {diagnosis.about:<13}  {cell(diagnosis.got + expected)}"
    say(text, indent=_INDENT, paint=(state, _COLOURS[state]))
    if diagnosis.hint and wrong:
        say(_INDENT + cell(diagnosis.hint), indent=_INDENT)


def _examine(about: str, examine: Callable[[], Iterator[Diagnosis]]) -> Iterator[Diagnosis]:
    """Yield diagnoses up to the first error, which is one as well."""
    try:
        yield from examine()
    except (BackflushError, OSError) as error:
        yield Diagnosis(about, FAIL, str(error), "that it works", _hint(about, error))


def _hint(about: str, error: BaseException) -> str:
    """Return the remedy, by the cause of an error if that is more specific than the subject."""
    from gateway.ledger.database.connection import is_damaged

    cause = error.__cause__
    while cause is not None:
        if isinstance(cause, ssl.SSLError):
            return _TLS_HINT
        if is_damaged(cause) or is_damaged(getattr(cause, "orig", None)):
            return "`backflush restore --keep-journal` brings it back from a backup, with what the journal holds"
        cause = cause.__cause__
    return _HINTS.get(about, "")


def _files(settings: "Settings", config: "Path | None") -> Iterator[Diagnosis]:
    from gateway.mqtt.certificate import ending
    from gateway.service.watch.file_permissions import too_wide
    from gateway.settings import DEFAULT_FILE

    wide = too_wide(settings, config or DEFAULT_FILE)
    for each in wide:
        yield Diagnosis("files", WARN, f"{each.path} has rights {each.got}", each.expected, each.hint)
    if not wide:
        yield Diagnosis("files", OK, "nobody else can read journal, ledger and secrets")
    for end in ending(time.time(), settings.certificates):
        hint = "renew it in place: the next connection takes the new one"
        yield Diagnosis("certificate", FAIL if end.over else WARN, str(end), "30 days and more", hint)


def _disk(settings: "Settings") -> Iterator[Diagnosis]:
    folder = settings.gateway.data_dir
    if not folder.is_dir():
        yield Diagnosis("disk", WARN, f"{folder} does not exist yet", "a folder", "`backflush init` creates it")
        return
    if not os.access(folder, os.W_OK | os.X_OK):
        hint = "give it to the user that runs the gateway"
        yield Diagnosis("disk", FAIL, f"{folder} cannot be written", "write access for this user", hint)
        return
    free, needed = shutil.disk_usage(folder).free, settings.journal.min_free
    expected = f"more than {in_bytes(2 * needed)}, twice what the journal leaves free"
    hint = "make room, or lower journal.min_free: below it nothing is acknowledged"
    got = f"{in_bytes(free)} free at {folder}"
    yield judge("disk", got, ok=free >= 2 * needed, expected=expected, hint=hint,
                 otherwise=FAIL if free <= needed else WARN)  # fmt: skip


def _gateway(settings: "Settings") -> Iterator[Diagnosis]:
    from gateway.service.local.running import ping

    answer = ping(settings)
    if answer is None:
        hint = "`backflush run` starts it"
        yield Diagnosis("gateway", WARN, "not running, or in another data directory", "that it runs", hint)
    else:
        phase, version = answer.get("phase", "?"), answer.get("version", "?")
        yield judge("gateway", f"{phase}, version {version}", ok=phase == "ready", expected="ready",
                     hint="see its log and the alerts below")  # fmt: skip
        behind = answer.get("health", {}).get("journal", {}).get("unconsumed", 0)
        hint = "the ledger is slow or was unreachable; it is catching up"
        yield judge("journal", f"{behind} batches are not posted to the ledger yet", ok=behind < _MANY_BATCHES,
                     expected=f"less than {_MANY_BATCHES}", hint=hint)  # fmt: skip
        for alert in answer.get("alerts", ()):
            state = FAIL if alert.get("severity") == "error" else WARN
            name, text = str(alert.get("id")), str(alert.get("text"))
            hint = alert.get("hint") or (_TLS_HINT if "certificate" in text else _HINTS.get(name, ""))
            yield Diagnosis("alert", state, f"{name}: {text}", "no alert", hint)


def _journal(settings: "Settings") -> Iterator[Diagnosis]:
    from gateway.journal import SET_US, Reader
    from gateway.service.local.submission import system_clock

    if settings.journal_path.exists():
        with Reader(settings.journal_path) as journal:
            where = f"batches {journal.first} to {journal.last}, {in_bytes(journal.used)}"
            begin, end = _sound(journal)
            yield Diagnosis("journal", OK, f"{where}; checked and sound: {begin} to {end}")
            ahead_s = ((journal.time_of_receipt(journal.last) or 0) - system_clock()) / 1e6
            if ahead_s * 1e6 >= SET_US:
                got = f"its newest batch is {ahead_s:.0f} s ahead of this machine's clock"
                hint = "docs/operations.md explains which dates are wrong and how to correct them"
                yield Diagnosis("clock", WARN, got, "a clock that is not behind the newest batch", hint)


def _accounts(settings: "Settings") -> Iterator[Diagnosis]:
    from gateway.service.local.accounts_file import form_of
    from gateway.web.accounts import WebAccounts

    if settings.accounts_path.exists():
        form_of(settings.accounts_path)
        with closing(WebAccounts(settings.accounts_path)) as accounts:
            roles = [user.role for user in accounts.users() if not user.disabled]
        got = f"{len(roles)} may sign in, {roles.count('admin')} of them as admin"
        hint = "`backflush web user add anna --role admin` adds one"
        yield judge("web accounts", got, ok=bool(roles), expected="a user", hint=hint)


def _sound(journal: "Reader") -> tuple[int, int]:
    """Check the newest batches for some seconds; return the first and the last one checked.

    JournalCorrupt names a damaged one. One that a running gateway prunes meanwhile does not count as such.
    """
    from gateway.journal import JournalCorrupt

    last, until = journal.last, time.monotonic() + _JOURNAL_S
    begin = max(journal.first, last - _MOST_CHECKED + 1)
    after = begin - 1
    try:
        while after < last and time.monotonic() < until:
            after = journal.read(after, _AT_ONCE)[-1].number
    except JournalCorrupt as error:
        if error.number >= journal.first:
            raise
    return begin, after
