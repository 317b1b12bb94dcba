"""A whole gateway but its broker, in this process: messages go into a real journal, and come out of a real ledger.

The check of the target `stream` is that nothing that anybody can send stops it: every entry ends as exactly one
outcome, honest totals in between are posted, and the laws of the ledger hold.
"""

import asyncio
import json
import shutil
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import cache
from pathlib import Path
from typing import Any, Final

from gateway.journal import Entry, Journal, entry_id
from gateway.ledger.audit.audit import audit
from gateway.mqtt.topics import CanaryTopic
from gateway.service.entries import IMPORT, MAX_PAYLOAD, MESSAGE
from gateway.service.fold.pump import Pump
from gateway.service.local.control import ControlSocket
from gateway.service.local.read_only import read_ledger
from gateway.service.local.submission import catch_up, open_pump, settings_entry
from gateway.settings import GatewaySection, JournalSection, MqttSection, PostingSection, Settings
from tests.fuzz.telegrams import TOPICS, shown
from tests.integration.plant import SCANNERS, shop, tables

START: Final = 1_795_336_200_000_000
"""2026-11-22 08:30 UTC."""
HONEST: Final = "bf/v1/1000/L03/c-L03-good/count"
DEVICES: Final = (
    *SCANNERS,
    "c-free,1000,L06,,counter,good,native,,,allow,zero,reading,",
    "c-number,1000,L06,,counter,good,number,10000,,quarantine,zero,reading,",
    "c-L07,1000,L07,,counter,good,native,,60000,quarantine,zero,,",
    "c-L08,1000,L08,,counter,good,native,,60000,quarantine,zero,,",
)
VERSIONS: Final = (
    "1000,CABLE-15,0002,1,1,L05,2026-01-01,,,,SF01,,yes",
    "1000,CABLE-15,0003,1,1,L05,2026-01-01,2026-01-31,,,SF01,,no",
    "1000,CABLE-15,0004,1,1,L07,2026-01-01,,,,SF01,,no",
    "1000,CABLE-15,0005,1,1,L07,2026-01-01,,,,SF01,,no",
)
ALIASES: Final = "LOCKED,version,CABLE-15/0002", "EXPIRED,version,CABLE-15/0003"
_AUDIT_EVERY: Final = 60
UNITS: Final = ("CABLE-15,PAL,999999999999,1",)
GTINS: Final = ("2000000001036,CABLE-15,PAL",)


def _settings(folder: Path) -> Settings:
    return Settings(
        gateway=GatewaySection(data_dir=folder),
        journal=JournalSection(min_free=0),
        mqtt=MqttSection(allow_requests=["run-start", "run-stop", "post", "reverse", "work", "window-close"]),
        posting=PostingSection(window="5s"),
    )


@cache
def template() -> Path:
    """Make a gateway's data once, with the shipped plant and some hostile devices imported."""
    folder = Path(tempfile.mkdtemp(prefix="fuzz-"))
    rows = {"devices": DEVICES, "production_versions": VERSIONS, "aliases": ALIASES, "units": UNITS, "gtins": GTINS}
    content = tables(shop(folder / "shop", **rows))
    settings = _settings(folder / "data")
    with open_pump(settings) as (journal, pump):
        journal.append(START, [settings_entry(settings.rules), Entry(IMPORT, "tests", content)])
        catch_up(pump)
    return folder


def discard() -> None:
    """End the gateway that is shared, and remove what was made for it."""
    _SHARED.end()
    if template.cache_info().currsize:
        shutil.rmtree(template(), ignore_errors=True)
        template.cache_clear()


class World:
    """One gateway with its journal and ledger."""

    def __init__(self, settings: Settings, journal: Journal, pump: Pump) -> None:
        self.settings = settings
        self.journal = journal
        self.pump = pump
        self.outcomes: Counter[str] = Counter()
        self.now = START
        self.total = 0
        self.sent = 0

    def take(self, entries: Sequence[Entry], later_s: int = 1) -> list[dict[str, Any]]:
        """Journal entries and fold them; return the answers to requests among them."""
        self.now += later_s * 1_000_000
        self.journal.append(self.now, entries)
        answers = []
        for committed in catch_up(self.pump):
            self.outcomes.update(committed.changes.outcomes)
            refused = {entry.entry for entry in committed.changes.quarantine}
            posted = {document.cause for document in committed.changes.documents}
            assert not refused & posted, "what was refused was posted"
            for response in committed.changes.responses:
                if response.text:
                    assert response.text.isprintable(), repr(response.text)
                json.loads(response.data)
                answers.append({"status": response.status, "code": response.code, "text": response.text, "data": {}})
            for feedback in committed.changes.feedback:
                shown(feedback.outcome.text)
            for entry in committed.changes.quarantine:
                shown(entry.text)
        return answers

    def honest(self) -> Entry:
        """Make the next telegram of a counter that nothing is wrong with."""
        self.total += 1
        body = {"boot": "a", "seq": self.total, "good": self.total}
        return Entry(MESSAGE, HONEST, json.dumps(body).encode())

    def audit(self) -> None:
        """Check every law of the ledger."""
        self.take([], later_s=24 * 3_600)
        with read_ledger(self.settings) as connection:
            broken = [result for result in audit(connection) if not result.ok]
        assert not broken, "\n".join(f"{law.law}: {law.figure}: {'; '.join(law.findings)}" for law in broken)


@contextmanager
def world() -> Iterator[World]:
    """Open a gateway of its own."""
    with tempfile.TemporaryDirectory(prefix="fuzz-") as folder:
        shutil.copytree(template() / "data", Path(folder) / "data")
        settings = _settings(Path(folder) / "data")
        with open_pump(settings) as (journal, pump):
            yield World(settings, journal, pump)


def entry_of(data: bytes) -> Entry:
    """Make a message of an input: its first line is the topic, the rest the payload; `!` before it is `retained`."""
    first, _, payload = data.partition(b"\n")
    topic = first.removeprefix(b"!").decode("utf-8", "backslashreplace")
    if len(payload) > MAX_PAYLOAD:
        return Entry(MESSAGE, topic, payload[:1024], 1, first.startswith(b"!"), size=len(payload), sha256="0" * 64)
    return Entry(MESSAGE, topic, payload, 1, first.startswith(b"!"))


def ended(outcomes: Counter[str]) -> str:
    """Name the outcome of the one message."""
    # The totals that a request may carry are readings, each with an outcome of its own.
    assert outcomes.total() == 1 or outcomes["request"] == 1, f"expected one outcome, got {dict(outcomes)}"
    return "request" if outcomes["request"] else next(iter(outcomes))


class _Shared:
    """A gateway that takes some inputs before it is audited and another one takes over; a failure ends it at once."""

    def __init__(self) -> None:
        self._opened = ExitStack()
        self._here: World | None = None
        self._uses = 0

    @contextmanager
    def use(self) -> Iterator[World]:
        """Lend it to one input."""
        if self._here is None:
            self._here = self._opened.enter_context(world())
        try:
            yield self._here
        except BaseException:
            self._here = None
            self._opened.close()
            raise
        self._uses += 1
        if self._uses % _AUDIT_EVERY == 0:
            self.end()

    def end(self) -> None:
        """Audit it and close it."""
        here, self._here = self._here, None
        with self._opened:
            if here is not None:
                here.audit()


_SHARED: Final = _Shared()


def stream(data: bytes) -> str:
    """Send one message to a gateway, and an honest one after it."""
    with _SHARED.use() as here:
        before = here.outcomes.copy()
        here.take([entry_of(data)])
        outcome = ended(here.outcomes - before) if (here.outcomes - before) else "canary"
        counted = here.outcomes["counted"]
        here.take([here.honest()])
        assert here.outcomes["counted"] == counted + 1, "the honest telegram after it was not counted"
        return outcome


def streams(inputs: Sequence[bytes], batch: int) -> None:
    """Send many messages to one gateway, with honest ones between them."""
    with world() as here:
        sent = 0
        for at in range(0, len(inputs), batch):
            entries = [entry_of(data) for data in inputs[at : at + batch]]
            here.take([*entries, here.honest()])
            sent += 1 + sum(not isinstance(TOPICS.parse(entry.topic), CanaryTopic) for entry in entries)
        # A request may carry readings, each with an outcome of its own.
        assert here.outcomes.total() >= sent, f"{sent} sent, {dict(here.outcomes)}"
        here.audit()


def control(data: bytes) -> str:
    """Say a line to the control socket of a gateway: it answers, or has taken what it can work on."""
    line = data.replace(b"\n", b" ") + b"\n"
    with _SHARED.use() as here:
        answer = asyncio.run(_said(here, line))
    assert answer["status"] in ("ok", "error"), answer
    shown(answer["text"], 4_000)
    return "ok" if answer["status"] == "ok" else str(answer["code"])


async def _said(here: World, line: bytes) -> dict[str, Any]:
    async def submit(entry: Entry) -> dict[str, Any]:
        answers = here.take([entry])
        assert answers, f"no answer to entry {entry_id(here.journal.last, 0)}"
        return answers[0]

    path = here.settings.control_path
    server = ControlSocket(path, submit, lambda: {"status": "ok", "text": "here"})
    await server.start()
    try:
        reader, writer = await asyncio.open_unix_connection(str(path), limit=64 << 20)
        writer.write(line)
        answered = await reader.readline()
        writer.close()
    finally:
        await server.stop()
    assert answered, "the gateway hung up without an answer"
    answer: dict[str, Any] = json.loads(answered)
    return answer
