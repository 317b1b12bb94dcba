"""A writer, a connection, a disk or a database dies: what was committed is whole, and nothing is doubled."""

import resource
import socket
import subprocess
import sys
from contextlib import suppress
from itertools import islice
from pathlib import Path
from select import select as select_ready
from threading import Thread

import pytest
from sqlalchemy import func, select

from gateway.backflush.values.movements import StockKey
from gateway.errors import LedgerUnavailable
from gateway.ledger.database import tables as t
from gateway.ledger.database.connection import reading
from gateway.ledger.store.writer import Ledger
from tests.integration.ledger_plant import PIECE, documents, open_ledger
from tests.servers import Postgres

WRITER = sys.executable, "-m", "tests.integration.ledger_writer"
ROOT = Path(__file__).parents[2]


def test_a_writer_killed_in_the_middle_of_its_commits_leaves_whole_commits_only(url: str) -> None:
    open_ledger(url, "gw0", ("0000/*",))[0].close()
    offset = 0
    for _ in range(4):
        writer = subprocess.Popen(
            [*WRITER, url, "gw-1", "L1", "1000000", "20"], stdout=subprocess.PIPE, text=True, cwd=ROOT
        )
        with writer:
            assert writer.stdout is not None
            told = [int(line or 0) for line in islice(writer.stdout, 10)][-1]
            with reading(url) as connection:
                documents_seen = connection.scalar(select(func.count()).select_from(t.documents))
                items_seen = connection.scalar(select(func.count()).select_from(t.material_items))
            writer.kill()
        assert items_seen == 5 * (documents_seen or 0), "a reader saw a document without its items"
        ledger, state = open_ledger(url, "gw-1", ("1000/L1",), now=10**15)
        assert ledger.head is not None
        assert ledger.head.offset >= told > offset
        offset = ledger.head.offset
        posted = 20 * offset
        assert state.documents == posted
        assert {mark.posted for mark in state.balances.values()} == {posted * PIECE}
        assert state.marks_of_devices["ctr-L1"]["b1", "good"].units == posted
        assert state.lines["1000", "L1"].posted == posted * PIECE
        assert state.stock[StockKey("1000", "P-L1", "FG01")] == posted * PIECE
        ledger.close()
        with reading(url) as connection:
            assert connection.scalar(select(func.count()).select_from(t.documents)) == posted
            assert connection.scalar(select(func.count()).select_from(t.material_items)) == 5 * posted


def test_a_database_that_goes_away_is_unavailable_and_the_head_says_what_was_committed() -> None:
    with Postgres() as server:
        url = server.fresh_url()
        ledger, state = open_ledger(url)
        ledger.commit(documents(state, 1), offset=1, now=0)
        server.kill()
        with pytest.raises(LedgerUnavailable, match="the database says: "):
            ledger.commit(documents(state, 1), offset=2, now=0)
        with pytest.raises(LedgerUnavailable, match=r"the database at \S+ says: "):
            Ledger.open(url, gateway="gw1")
        ledger.close()
        server.start()
        ledger, state = open_ledger(url)
        assert ledger.head is not None
        assert (ledger.head.offset, state.documents) == (1, 1)
        ledger.commit(documents(state, 1), offset=2, now=0)
        ledger.close()


class Relay:
    """Stands between a client and a server and passes bytes on, until it is told to cut the line at a word."""

    def __init__(self, port: int) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._server_port = port
        self._cut_at = b""
        self._lose = ""
        self.port: int = self._listener.getsockname()[1]
        Thread(target=self._accept, daemon=True).start()

    def cut(self, word: bytes, lose: str) -> None:
        """Lose the `question` that holds the word, or the server's `answer` to it, and both connections with it."""
        self._cut_at, self._lose = word, lose

    def close(self) -> None:
        self._listener.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                Thread(target=self._pass_on, args=(client,), daemon=True).start()

    def _pass_on(self, client: socket.socket) -> None:
        with client, socket.create_connection(("127.0.0.1", self._server_port)) as server:
            while True:
                ready, _, _ = select_ready([client, server], [], [])
                for end in ready:
                    data = end.recv(65536)
                    if not data:
                        return
                    cut = end is client and self._cut_at != b"" and self._cut_at in data
                    if not cut or self._lose == "answer":
                        (server if end is client else client).sendall(data)
                    if cut:
                        self._cut_at = b""
                        if self._lose == "answer":
                            server.recv(65536)
                        return


def test_whether_a_commit_without_an_answer_happened_is_found_out_and_nothing_is_doubled(postgres: Postgres) -> None:
    relay = Relay(postgres.port)
    url = postgres.fresh_url()
    relayed = url.replace(str(postgres.port), str(relay.port))
    ledger, state = open_ledger(relayed)
    ledger.commit(documents(state, 2), offset=1, now=0)
    for lose, more, offset in (("answer", 3, 2), ("question", 1, 3)):
        relay.cut(b"COMMIT\0", lose=lose)
        with pytest.raises(LedgerUnavailable):
            ledger.commit(documents(state, more), offset=offset, now=0)
        ledger.close()
        ledger, state = open_ledger(relayed)
        assert ledger.head is not None
        assert (ledger.head.offset, state.documents) == (2, 5)
    ledger.close()
    relay.close()


def test_a_full_disk_stops_the_writer_and_leaves_whole_commits(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/ledger.db"
    open_ledger(url, "gw0", ("0000/*",))[0].close()
    writer = subprocess.run(
        [*WRITER, url, "gw-1", "L1", "1000000", "100"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (2_000_000, 2_000_000)),
    )
    assert "LedgerUnavailable: the database says: " in writer.stderr.splitlines()[-1]
    told = len(writer.stdout.splitlines())
    ledger, state = open_ledger(url, "gw-1", ("1000/L1",))
    assert ledger.head is not None
    assert ledger.head.offset == told > 0
    assert state.documents == 100 * told
    ledger.commit(documents(state, 1, line="L1", material="P-L1"), offset=told + 1, now=0)
    ledger.close()


def test_a_file_that_is_no_database_is_said_in_one_line(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    path.write_bytes(b"these are not the bytes of a database" * 100)
    with pytest.raises(LedgerUnavailable, match=r"the database says: file is not a database; .*restore"):
        Ledger.open(f"sqlite:///{path}", gateway="gw1")
