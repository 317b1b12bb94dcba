"""A plant from outside: a broker, one gateway, its command line, devices that speak MQTT. Nothing else is seen of it.

    with Rig({"boms": "...", "devices": "..."}) as rig:      # or Rig() for the plant that is shipped
        rig.start()
        rig.count("c1", {"good": 3})
        rig.settle()
        assert rig.stock() == {"P FG": 3, "A RM": -6}

Tables are written as people write them on paper: a line of column names, a line for each row, columns apart by blanks,
`-` for nothing and `~` for a blank within a text. What every plant has (`plants`, `shifts`) is there already.

`settle` waits for what was sent, never for a time: a scanner of the rig's own rings a bell, and its answer says that
all that the rig had sent before is committed. What the gateway does by the clock (windows in seconds, the worklist, the
topics of lines) is waited for by `until`.
"""

import csv
import fcntl
import json
import os
import re
import shutil
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Iterable, Mapping
from contextlib import suppress
from decimal import Decimal
from io import StringIO
from itertools import count
from typing import Any, Self
from unittest.mock import patch

from tests.integration.cli_program import SHIPPED, Said, called
from tests.integration.gateway_process import ROOT, GatewayProcess, until
from tests.integration.monitor import Monitor
from tests.servers import Mosquitto

Row = dict[str, str]
Answer = dict[str, Any]
BELL = "zz-bell"
"""The rig's own roaming scanner, in the master data of every plant of it."""
_COMMON = {
    "plants": """plant name time_zone currency issue_location_strategy closed_period_policy
                 1000 Plant Europe/Berlin EUR 3 next""",
    "shifts": """plant shift days start end
                 1000 early Mon-Sun 06:00 14:00
                 1000 late Mon-Sun 14:00 22:00
                 1000 night Mon-Sun 22:00 06:00""",
}
_ESCAPE = re.compile(r"\x1b\[[0-9;]*m")

__all__ = ["BELL", "Rig", "rows", "until"]


def rows(text: str) -> list[Row]:
    """Read a table that is written on paper.

    >>> rows('''material text
    ...         P        Big~pump
    ...         A        -''')
    [{'material': 'P', 'text': 'Big pump'}, {'material': 'A', 'text': ''}]
    """
    header, *body = [line.split() for line in text.splitlines() if line.strip()]
    words = [["" if word == "-" else word.replace("~", " ") for word in line] for line in body]
    return [dict(zip(header, line, strict=True)) for line in words]


class Rig:
    """One plant; a context manager that ends what it started and removes its folder."""

    def __init__(
        self,
        tables: Mapping[str, str] | None = None,
        *,
        more: Mapping[str, str] | None = None,
        database: str = "",
        broker: str = "",
        imports: bool = True,
        **sections: Any,
    ) -> None:
        """Prepare it.

        tables: the plant's master data; without them it is the plant that is shipped.
        more: rows beside these, in the same writing; columns of their own are added.
        broker: lines for Mosquitto's configuration.
        imports: import the master data before anything else.
        sections: settings, as for a GatewayProcess: `lines=["1000/L1"]`, `posting={"window": "10pc"}`.
        """
        self._broker = Mosquitto(broker)
        self._numbers = count(1)
        # Each reading is a document, unless a case is about windows: what was counted is booked once it has settled.
        sections["posting"] = {"window": "reading", **sections.get("posting", {})}
        self.gateway = GatewayProcess(self._broker.url, database=database, **sections)
        """The process: `kill`, `stop`, `health`, `log`, `environment`, `settings`."""
        self.broker: str = self._broker.url
        """Its address, for another gateway beside this one."""
        self.environment: dict[str, str] = {}
        """What the command line sees beside the tests' own environment: settings that say otherwise."""
        self.monitor = Monitor(self._broker, client_id="outside")
        """Everything that was said on the broker."""
        self.folder = self.gateway.folder
        self.masterdata = self.folder / "masterdata"
        if tables is None:
            shutil.copytree(SHIPPED, self.masterdata)
        else:
            self.masterdata.mkdir()
            for name, text in {**_COMMON, **tables}.items():
                self.write(name, rows(text))
        for name, text in (more or {}).items():
            self.add(name, rows(text))
        [plant, *_] = {row["plant"] for row in self.table("plants")}
        self._bell = {"device": BELL, "plant": plant, "line": "_", "kind": "scanner"}
        self.add("devices", [self._bell])
        self._imports = imports

    def __enter__(self) -> Self:
        try:
            self._broker.__enter__()
            self.monitor.__enter__()
            if self._imports:
                self.take_masterdata()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.gateway.__exit__()
        self.monitor.__exit__()
        self._broker.close()

    # -- master data

    def table(self, name: str) -> list[Row]:
        """Read a table of the folder."""
        file = self.masterdata / f"{name}.csv"
        return list(csv.DictReader(StringIO(file.read_text(encoding="utf-8")))) if file.exists() else []

    def write(self, name: str, content: Iterable[Row]) -> None:
        """Replace a table of the folder; it is in force once it was taken."""
        content = list(content)
        columns = dict.fromkeys(column for row in content for column in row)
        with (self.masterdata / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, columns, restval="")
            writer.writeheader()
            writer.writerows(content)

    def add(self, name: str, content: Iterable[Row]) -> None:
        """Add rows to a table of the folder; they may have columns of their own."""
        self.write(name, [*self.table(name), *content])

    def change(self, name: str, key: str, **values: object) -> None:
        """Change the rows of a table that have a value anywhere in them, as `key`, and take the master data."""
        said = {column: str(value) for column, value in values.items()}
        found = [key in row.values() for row in self.table(name)]
        assert any(found), f"no row of {name} has {key}"
        changed = [row | said if hit else row for row, hit in zip(self.table(name), found, strict=True)]
        self.write(name, changed)
        self.take_masterdata()

    def take_masterdata(self, *options: str) -> Said:
        """Import the folder; it must be taken."""
        return self.done("masterdata", "import", *options, str(self.masterdata))

    # -- the command line and the process

    def backflush(self, *words: str) -> Said:
        """Call the command line, whatever its answer: in this process, as each process of its own imports for a second.

        Other tests start the program, above all those of its streams and exit statuses; `on_screen` does as well.
        """
        with patch.dict(os.environ, self.environment):
            return called(self.gateway.config, *words)

    def done(self, *words: str) -> Said:
        """Call the command line, which must do what it is asked for."""
        said = self.backflush(*words)
        assert said.status == 0, f"{' '.join(words)}: status {said.status}\n{said.out}{said.err}"
        return said

    def json(self, *words: str) -> Any:
        """Call the command line with `--json` and return what it prints; it must do what it is asked for."""
        return self.done(*words, "--json").json

    def on_screen(self, *words: str, columns: int = 80) -> str:
        """Call the command line in a terminal of so many columns, and return what is read there."""
        ours, theirs = os.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 50, columns, 0, 0))
        environment = {name: value for name, value in os.environ.items() if name not in ("COLUMNS", "LINES")}
        with subprocess.Popen(
            [sys.executable, "-m", "gateway", "-c", str(self.gateway.config), *words],
            cwd=ROOT,
            env={**environment, "TERM": "xterm", **self.environment},
            stdin=subprocess.DEVNULL,
            stdout=theirs,
            stderr=theirs,
        ):
            os.close(theirs)
            shown = b""
            with suppress(OSError):  # Linux says so when nobody writes any more
                while part := os.read(ours, 65536):
                    shown += part
        os.close(ours)
        return _ESCAPE.sub("", shown.decode().replace("\r\n", "\n"))

    def start(self) -> Self:
        """Start the gateway and wait until it works and hears."""
        self.gateway.start().ready()
        until(lambda: bool(self.gateway.health()["mqtt"]["connected"]), lambda: self.gateway.log)
        return self

    def restart(self) -> Self:
        """End the gateway in good order and start it again."""
        assert self.gateway.stop() == 0, self.gateway.log
        return self.start()

    # -- devices

    def topic(self, device: str, kind: str) -> str:
        """Return the topic of a device of the master data."""
        [row] = [row for row in self.table("devices") if row["device"] == device]
        return f"bf/v1/{row['plant']}/{row['line'] or '_'}/{device}/{kind}"

    def count(self, device: str, total: Any) -> None:
        """Publish a count telegram and go on."""
        self.say(self.topic(device, "count"), total)

    def scan(self, device: str, data: str, **more: object) -> Answer:
        """Publish a scan and return its final answer; it gets an id of its own unless it says one."""
        said = {"id": f"scan-{next(self._numbers)}", "data": data, **more}
        after = len(self.monitor.has_heard)
        self.say(self.topic(device, "scan"), said)
        return self.answer(device, str(said["id"]), after)

    def answer(self, device: str, ref: str, after: int = 0) -> Answer:
        """Wait for the answer to a scan, beginning with the `after`-th message of all, and return it."""
        heard = self.monitor.wait(
            self.topic(device, "feedback"),
            lambda heard: heard.body["ref"] == ref and heard.body["result"] != "queued",
            after=after,
        )
        return heard.body

    def request(self, verb: str, line: str, data: Mapping[str, object], **more: object) -> Answer:
        """Publish a request for a line, as `1000/L1`, and return the response.

        It has a transaction of its own unless it says one; its verb must be among `mqtt={"allow_requests": [...]}`.
        """
        said = {"transaction": f"request-{next(self._numbers)}", "actor": "rig", "reason": "", "data": data, **more}
        after = len(self.monitor.has_heard)
        self.say(f"bf/v1/{line}/_request/{verb}", said)
        heard = self.monitor.wait(
            f"bf/v1/{line}/_response/{verb}",
            lambda heard: heard.body.get("transaction") == said["transaction"],
            after=after,
        )
        return heard.body

    def say(self, topic: str, payload: Any, *, retain: bool = False) -> None:
        """Publish anything at QoS 1: text and bytes as they are, everything else as JSON."""
        self.monitor.say(topic, payload if isinstance(payload, str | bytes) else json.dumps(payload), retain=retain)

    def settle(self) -> None:
        """Wait until the gateway has worked on all that the rig has sent, and its documents are published."""
        answer = self.scan(BELL, "BF:YIELD")
        assert answer["result"] == "info", answer
        until(self._idle, lambda: f"{self.gateway.health()}\n{self.gateway.log}")

    def _idle(self) -> bool:
        health = self.gateway.health()
        return not (health["journal"]["unconsumed"] or health["outbox"] or health["mqtt"]["waiting_out"])

    # -- what can be seen

    def stock(self, *, lots: bool = False) -> dict[str, Decimal]:
        """Return the stock by material and location, as `P FG`; with `lots` by batch and stock type as well."""
        found: dict[str, Decimal] = {}
        for row in self.json("report", "stock"):
            names = "material", "location", *(("batch", "stock_type") if lots else ())
            key = " ".join(row[name] for name in names if row[name])
            found[key] = found.get(key, Decimal()) + Decimal(row["quantity"])
        return found

    def documents(self, line: str = "") -> list[Answer]:
        """Return the documents, of all lines or of one (`1000/L1`), the oldest first."""
        words = ["--line", line] if line else []
        found: list[Answer] = self.json("report", "documents", "--limit", "100000", *words)
        return found[::-1]

    def quarantine(self, state: str = "open") -> list[Answer]:
        """Return the entries of the quarantine in a state, or `all`."""
        found: list[Answer] = self.json("quarantine", "list", "--state", state)
        return found

    def backlog(self) -> list[Answer]:
        """Return what was due and could not be issued."""
        found: list[Answer] = self.json("backlog", "list", "--limit", "100000")
        return found

    def status(self, line: str) -> Answer:
        """Return what the broker retains of a line (`1000/L1`), once that had time to come: it may be a second late."""
        topic = f"bf/v1/{line}/_status"
        until(lambda: topic in self.monitor.retained(), lambda: self.gateway.log)
        time.sleep(1.5)
        return self.monitor.retained()[topic].body

    def alerts(self) -> list[Answer]:
        """Return the alerts that are up, as the broker retains them."""
        return [heard.body for topic, heard in self.monitor.retained().items() if "/alert/" in topic]

    def audit(self, *, deep: bool = True) -> None:
        """Have the ledger audited: every law must hold."""
        self.done("audit", *(["--deep"] if deep else []))
