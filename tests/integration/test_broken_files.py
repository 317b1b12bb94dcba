"""What a gateway does whose files are damaged, gone or not to be written: it says so, and believes nothing of them."""

import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from gateway.journal import Entry, Journal
from gateway.service.local.submission import open_pump
from tests.integration.gateway_process import OWN_RIGHTS, GatewayProcess, until
from tests.integration.plant import figures, stocked
from tests.servers import Mosquitto

ROOT = Path(__file__).parents[2]
COUNT = "bf/v1/1000/L05/c-L05-good/count"


@pytest.fixture
def gateway(tmp_path: Path, mosquitto: Mosquitto) -> Iterator[GatewayProcess]:
    """Offer a gateway that has counted seven pieces and does not run."""
    with GatewayProcess(mosquitto.url) as made:
        stocked(made, tmp_path / "shop")
        stored(made, b"7")
        with open_pump(made.settings):
            pass
        assert counted(made) == 7
        yield made


def stored(gateway: GatewayProcess, *payloads: bytes) -> None:
    """Let the journal hold telegrams that are not folded, a batch each."""
    with Journal.open(gateway.settings.journal_path) as journal:
        for payload in payloads:
            journal.append(journal.at + 1_000_000, [Entry("message", COUNT, payload, 1)])


def counted(gateway: GatewayProcess) -> int:
    with gateway.ledger() as connection:
        return figures(connection).counted


def overwritten(file: Path) -> None:
    file.write_bytes(b"these are not the bytes of a database" * 1000)


def damaged(gateway: GatewayProcess, *, from_the_end: int) -> None:
    with closing(sqlite3.connect(gateway.settings.journal_path)) as journal, journal:
        [newest] = journal.execute("SELECT max(number) FROM batch").fetchone()
        number = newest - from_the_end
        journal.execute("UPDATE batch SET body = zeroblob(length(body)) WHERE number = ?", (number,))


def newest_batch(gateway: GatewayProcess) -> None:
    damaged(gateway, from_the_end=0)


def batch_that_is_not_folded(gateway: GatewayProcess) -> None:
    stored(gateway, b"8", b"9")
    damaged(gateway, from_the_end=1)


def journal_itself(gateway: GatewayProcess) -> None:
    overwritten(gateway.settings.journal_path)


@pytest.mark.parametrize(
    ("damage", "told"),
    [
        (newest_batch, "cannot be trusted: its checksum does not match"),
        (batch_that_is_not_folded, "cannot be trusted: its checksum does not match"),
        (journal_itself, "file is not a database"),
    ],
)
def test_a_gateway_with_a_damaged_journal_ends_and_says_what_is_damaged(
    gateway: GatewayProcess, damage: Callable[[GatewayProcess], None], told: str
) -> None:
    damage(gateway)
    assert gateway.start().ended() == 3
    last = gateway.log.splitlines()[-1]
    assert str(gateway.settings.journal_path) in last
    assert told in last
    assert counted(gateway) == 7


def test_a_gateway_with_a_damaged_ledger_journals_on_and_says_that_a_backup_is_to_be_restored(
    gateway: GatewayProcess,
) -> None:
    ledger = gateway.data / "ledger.sqlite"
    whole = ledger.read_bytes()
    overwritten(ledger)
    gateway.start()
    until(lambda: "ledger" in alerts(gateway), lambda: gateway.log)
    assert "restore --keep-journal" in alerts(gateway)["ledger"]
    assert (gateway.pong() or {})["phase"] == "starting"
    gateway.stop()
    stored(gateway, b"9")
    ledger.write_bytes(whole)
    gateway.start().ready()
    gateway.caught_up()
    assert counted(gateway) == 9
    assert gateway.stop() == 0
    gateway.audit()


def alerts(gateway: GatewayProcess) -> dict[str, str]:
    return {alert["id"]: alert["text"] for alert in (gateway.pong() or {}).get("alerts", ())}


def test_a_ledger_that_was_deleted_is_made_again_from_a_journal_that_reaches_back(gateway: GatewayProcess) -> None:
    for file in gateway.data.glob("ledger.sqlite*"):
        file.unlink()
    gateway.start().ready()
    gateway.caught_up()
    assert f"no ledger yet: creating {gateway.data}/ledger.sqlite" in gateway.log
    assert counted(gateway) == 7
    assert gateway.stop() == 0
    gateway.audit()


@contextmanager
def read_only(folder: Path) -> Iterator[None]:
    """Let nobody write in a folder, or its files, but who may write everything."""
    files = list(folder.iterdir())
    for file in files:
        file.chmod(0o400)
    folder.chmod(0o500)
    yield
    folder.chmod(0o700)
    for file in files:
        file.chmod(0o600)


def test_a_gateway_that_may_not_write_its_folder_ends_and_says_so(gateway: GatewayProcess) -> None:
    with read_only(gateway.data):
        assert gateway.start(*OWN_RIGHTS).ended() == 3
        last = gateway.log.splitlines()[-1]
        assert str(gateway.settings.journal_path) in last
        assert "ead-only" in last or "denied" in last
    gateway.start().ready()
    assert gateway.stop() == 0


@pytest.mark.parametrize("command", [["work"], ["audit"], ["run"]])
def test_a_command_on_a_full_disk_names_the_remedy_and_has_done_nothing(
    gateway: GatewayProcess, command: list[str]
) -> None:
    full = "ulimit -f 0; exec"  # no file takes a byte
    words = ["sh", "-c", f'{full} "$@"', "sh", sys.executable, "-m", "gateway", *command, "-c", str(gateway.config)]
    said = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (said.returncode, said.stdout) == (3, "")
    assert "the disk is full" in said.stderr, said.stderr
    assert "make room" in said.stderr, said.stderr
    assert counted(gateway) == 7
    gateway.audit()


def test_a_bad_configuration_ends_a_gateway_with_status_2_and_every_finding(gateway: GatewayProcess) -> None:
    gateway.config.write_text(gateway.config.read_text() + 'window = "soon"\n[gatway]\nid = "x"\n')
    assert gateway.start().ended() == 2
    [told] = [line for line in gateway.log.splitlines() if str(gateway.config) in line]
    assert "posting.window: expected reading" in told
    assert "gatway: there is no such setting" in told
