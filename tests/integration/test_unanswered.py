"""A command that gets no answer says so, says why, and is posted once however often it is given again."""

import io
import json
import shlex
import signal
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from gateway.cli.root import main
from gateway.errors import LedgerUnavailable, Unanswered
from gateway.journal import Journal
from gateway.ledger.database import tables as t
from gateway.ledger.store.writer import Ledger
from gateway.service.fold.requests import Request
from gateway.service.local.running import Patience
from gateway.service.local.submission import submit
from tests.integration.cli_program import Said
from tests.integration.gateway_process import ROOT, GatewayProcess
from tests.integration.plant import stocked
from tests.servers import Mosquitto
from tests.simulation.faults import frozen

POST = ("post", "1000/L05", "--quantity", "3")


@pytest.fixture
def gateway(tmp_path: Path, mosquitto: Mosquitto) -> Iterator[GatewayProcess]:
    """Offer a gateway with master data that is not started yet."""
    with GatewayProcess(mosquitto.url) as made:
        stocked(made, tmp_path / "shop")
        yield made


def begun(gateway: GatewayProcess, *words: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "gateway", *words]
    if "-c" not in words:
        command += ["-c", str(gateway.config)]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def said(process: subprocess.Popen[str]) -> Said:
    out, err = process.communicate(timeout=150)
    return Said(process.returncode, out, err)


def repeated(line: str) -> dict[str, Any]:
    """Give the command line again that was told, and return its answer."""
    program, *words = shlex.split(line)
    assert program == "backflush"
    out = io.StringIO()
    with redirect_stdout(out):
        assert main([*words, *(() if "--json" in words else ("--json",))]) == 0
    answer: dict[str, Any] = json.loads(out.getvalue())
    return answer


def told_to_repeat(answer: Said) -> str:
    return answer.err.strip().splitlines()[-1]


def posted(gateway: GatewayProcess) -> list[str]:
    """Return the transactions by which documents were posted by hand."""
    with gateway.ledger() as connection:
        return [row.reference for row in connection.execute(select(t.documents.c.reference)) if row.reference]


def test_a_command_that_a_frozen_gateway_does_not_answer_ends_and_is_posted_once(gateway: GatewayProcess) -> None:
    gateway.start().ready()
    with frozen(gateway.pid):
        waiting = begun(gateway, *POST, "--timeout", "1", "--json")
        interrupted = begun(gateway, *POST, "--timeout", "60", "--reason", "a shift's rest", "--transaction", "of-mine")
        unanswered = said(waiting)
        assert (unanswered.status, unanswered.json["status"]) == (3, "unknown")
        assert "has not answered within 1 s" in unanswered.err
        assert "it may still be posted" in unanswered.err
        assert told_to_repeat(unanswered) == unanswered.json["repeat"]
        assert f"--transaction {unanswered.json['transaction']}" in unanswered.json["repeat"]

        assert interrupted.stderr is not None
        assert "it does not respond at all" in interrupted.stderr.readline()
        interrupted.send_signal(signal.SIGINT)
        stopped = said(interrupted)
        assert stopped.status == 130
        assert "interrupted; it may still be posted" in stopped.err
    first = repeated(unanswered.json["repeat"])
    second = repeated(told_to_repeat(stopped))
    assert (first["transaction"], second["transaction"]) == (unanswered.json["transaction"], "of-mine")
    assert repeated(told_to_repeat(stopped)) == second
    assert sorted(posted(gateway)) == sorted([first["transaction"], "of-mine"])
    assert gateway.stop() == 0


def test_a_command_that_the_journal_cannot_take_says_at_once_that_it_is_held(gateway: GatewayProcess) -> None:
    roomy = gateway.config.read_text()
    gateway.config.write_text(roomy.replace("min_free = 0", f"min_free = {1 << 60}"))
    gateway.start().ready()
    process = begun(gateway, *POST, "--timeout", "60")
    assert process.stderr is not None
    assert "held, and not stored" in process.stderr.readline(), "before it has waited for long"
    process.send_signal(signal.SIGINT)
    held = said(process)
    assert held.status == 130
    assert posted(gateway) == []
    gateway.kill()
    gateway.config.write_text(roomy)
    answer = repeated(told_to_repeat(held))
    assert answer["status"] == "ok"
    assert posted(gateway) == [answer["transaction"]]


def test_a_command_that_waits_for_the_database_says_that_it_is_stored(gateway: GatewayProcess) -> None:
    gateway.start().ready()
    ledger = sqlite3.connect(gateway.data / "ledger.sqlite", isolation_level=None)
    try:
        ledger.execute("BEGIN IMMEDIATE")
        process = begun(gateway, *POST, "--timeout", "60")
        assert process.stderr is not None
        assert "stored: it is processed once the database is back" in process.stderr.readline()
        ledger.execute("ROLLBACK")
    finally:
        ledger.close()
    answer = said(process)
    assert answer.status == 0, answer
    gateway.caught_up()
    assert len(posted(gateway)) == 1


def test_a_wait_for_the_journal_and_one_for_the_gateway_are_one_wait(gateway: GatewayProcess) -> None:
    waited: list[float] = []
    with Journal.open(gateway.settings.journal_path), socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as silent:

        def tell(seconds: float, _: str) -> None:
            if not waited:
                silent.bind(str(gateway.settings.control_path))
                silent.listen()
            waited.append(seconds)

        request = Request(verb="receipt", plant="1000", line="L05", transaction="of-mine")
        with pytest.raises(Unanswered, match="has not answered within 5 s: it does not respond at all"):
            submit(gateway.settings, request, Patience(5, tell))
    assert len(waited) > 1
    assert waited == sorted(waited)


def test_a_command_that_could_not_be_stored_was_not_posted(gateway: GatewayProcess) -> None:
    (gateway.data / "journal.sqlite").write_bytes(b"no journal")
    refused = said(begun(gateway, *POST))
    assert refused.status == 3
    assert refused.err.rstrip().endswith("; nothing was posted")


def test_what_was_posted_stays_posted_when_the_database_goes_away_before_the_lines_are_given_back(
    gateway: GatewayProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(_: Ledger) -> None:
        raise LedgerUnavailable("the database says: disk I/O error")

    monkeypatch.setattr(Ledger, "release", away)
    out = io.StringIO()
    with redirect_stdout(out):
        assert main([*POST, "--transaction", "of-mine", "--json", "-c", str(gateway.config)]) == 0
    assert json.loads(out.getvalue())["status"] == "ok"
    assert posted(gateway) == ["of-mine"]
