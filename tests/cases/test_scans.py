"""One scan is one fact: what stood on shop floors, over a real broker, with the gateway as a process of its own."""

import itertools
import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from tests.integration.cli_program import SHIPPED, Program
from tests.integration.monitor import Monitor
from tests.servers import Mosquitto

PIECE, BOX, WEIGHT = "02000000000015", "02000000001012", "92000000001077"
PALLET = "]C100340123450000000017"
COMPOUND = {"plant": "1000", "material": "COMPOUND", "alternative": "1", "routing": "1", "valid_from": "2026-01-01"}
ROWS: list[tuple[str, dict[str, str]]] = [
    *(
        ("devices", {"device": f"s-{line}", "plant": "1000", "line": line, "kind": "scanner", "decoder": "native"})
        for line in ("L05", "L06")
    ),
    ("devices", {"device": "c-L06-pallet", "plant": "1000", "line": "L06", "first": "zero", "window": "scan"}),
    ("materials", COMPOUND | {"unit": "KG", "decimals": "3", "type": "made", "rem_profile": "REM1"}),
    ("boms", COMPOUND | {"base_quantity": "1"}),
    ("bom_items", COMPOUND | {"item": "0010", "component": "GRANULATE", "quantity": "1", "operation": "0010"}),
    ("routings", COMPOUND | {"base_quantity": "100"}),
    ("operations", COMPOUND | {"operation": "0010", "work_center": "MOLD1"}),
    ("operation_activities", COMPOUND | {"operation": "0010", "activity": "MACHINE", "hours": "0.5"}),
    (
        "production_versions",
        COMPOUND | {"version": "0001", "bom_alternative": "1", "line": "L05", "receiving_location": "SF01"},
    ),
    ("gtins", {"gtin": WEIGHT, "material": "COMPOUND", "unit": "KG"}),
]


class Floor:
    """A plant with its gateway; a scan waits for its answer."""

    def __init__(self, program: Program, monitor: Monitor) -> None:
        self.program = program
        self.monitor = monitor
        self._numbers = itertools.count()

    def scan(self, data: str, line: str = "L06", **said: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
        """Scan at a line; with an id of its own unless one, or a time, is said."""
        device = f"bf/v1/1000/{line}/s-{line}"
        if not {"id", "ts"} & said.keys():
            said["id"] = f"n{next(self._numbers)}"
        after = len(self.monitor.heard)
        self.monitor.say(f"{device}/scan", {"data": data, **said})
        answer = self.monitor.wait(f"{device}/feedback", lambda heard: heard.body["result"] != "queued", after=after)
        return answer.body

    def said(self, data: str, line: str = "L06") -> tuple[str, str]:
        """Scan, and return result and title."""
        answer = self.scan(data, line)
        return answer["result"], answer["title"]

    def pieces(self, line: str = "L06") -> str:
        """Return what the line's documents report."""
        documents = self.program("report", "documents", "--line", f"1000/{line}", "--json").json
        return str(sum(int(document["yield"]) for document in documents))


@contextmanager
def floor(folder: Path, mosquitto: Mosquitto, **settings: str) -> Iterator[Floor]:
    """Run a gateway on the shipped plant with the rows above; the audit holds at the end."""
    tables = folder / "masterdata"
    shutil.copytree(SHIPPED, tables)
    for table, row in ROWS:
        file = tables / f"{table}.csv"
        text = file.read_text(encoding="utf-8").rstrip("\n")
        columns = text.partition("\n")[0].split(",")
        file.write_text(f"{text}\n{','.join(row.get(column, '') for column in columns)}\n", encoding="utf-8")
    program = Program(folder / "data", MQTT__URL=mosquitto.url, **settings)
    imported = program("masterdata", "import", str(tables))
    assert imported.status == 0, imported.err
    with Monitor(mosquitto) as monitor, program.running("run", until="is ready"):
        yield Floor(program, monitor)
        assert program("audit").status == 0


def _time(offset_s: float) -> str:
    return (datetime.now(UTC) + timedelta(seconds=offset_s)).isoformat(timespec="milliseconds")


def test_scans_of_equal_codes_are_as_many_as_their_times(tmp_path: Path, mosquitto: Mosquitto) -> None:
    """I09: a scanner without ids sends what it has stored, and repeats a pull."""
    with floor(tmp_path, mosquitto) as plant:
        live = [plant.scan("PUMP-40", ts=_time(offset))["code"] for offset in (-60, -30, -1)]
        stored = [plant.scan("PUMP-40", ts=_time(offset), hist=True)["code"] for offset in (-4000, -3000, -2000)]
        assert (live, stored) == (["BF0000"] * 3, ["BF0000"] * 3)
        moment = _time(0)
        again = [plant.scan("PUMP-40", ts=moment, hist=hist)["code"] for hist in (False, False, True)]
        assert again == ["BF0000", "BF0002", "BF0002"]
        assert plant.scan("PUMP-40", id="a", ts=moment)["code"] == "BF0000"
        assert plant.scan("PUMP-40", id="a", ts=_time(1))["code"] == "BF2006"
        assert plant.pieces() == "8"


def test_a_label_of_variable_measure_posts_its_measure(tmp_path: Path, mosquitto: Mosquitto) -> None:
    """I11 and the weight label of the engine's cases: 1.250 kg, 12.50 kg, and pounds, which nobody converts."""
    with floor(tmp_path, mosquitto) as plant:
        label = f"]C101{WEIGHT}"
        assert plant.said(f"{label}3103001250", "L05") == ("ok", "1.25 KG")
        assert plant.said(f"{label}3102001250", "L05") == ("ok", "12.5 KG")
        assert plant.scan(f"{label}3202001250", "L05")["code"] == "BF3013"
        assert plant.scan(label, "L05")["code"] == "BF1014"
        assert plant.said("BF:QTY:7")[0] == "prompt"
        assert plant.scan(f"]C101{PIECE}305")["code"] == "BF5006"
        explained = plant.program("scan", f"{label}3103001250", "--line", "1000/L05", "--json").json
        assert explained["measures"] == "net weight 1.250 KG"
        assert explained["would"][0]["title"] == "1.25 KG"


def test_a_separator_that_became_visible_never_hides_the_count(tmp_path: Path, mosquitto: Mosquitto) -> None:
    """I13, I14 and I16: the gateway and the tool that explains say the same of each text."""
    texts = {
        **{f"]C101{PIECE}10LOT7{gs}3024": "24 PC" for gs in ("\x1d", "<GS>", "%1D", "(GS)", "<0x1D>", "{GS}")},
        **{f"]C101{PIECE}10LOT7{mark}3024": "NOT POSTED" for mark in ("_", "|", "~", "^", "#", "?")},
        f"https://id.gs1.org/01/{BOX}/21/A1": "12 PC",
        f"HTTPS://ID.GS1.ORG/01/{BOX}/21/A2": "12 PC",
        f"]Q1HTTPS://id.gs1.org/01/{BOX}/21/A3": "12 PC",
        f"https://id.gs1.org/01/{BOX}/21/A4/": "12 PC",
        **{f"{aim}01{BOX}217001": "NOT POSTED" for aim in ("]c1", "]C0", "]Q1")},
        f"(01){PIECE}(10)LOT7(30)24": "NOT POSTED",
        "BF\u00d6LINE\u00d61000\u00d6L06": "NOT POSTED",
        "BF:QTZ:5": "NOT POSTED",
    }
    with floor(tmp_path, mosquitto) as plant:
        explained = {}
        for text in list(texts)[2:8:3]:
            answer = json.loads(plant.program("scan", text, "--line", "1000/L06", "--json").out)
            explained[text] = answer["would"][0]["title"] if "would" in answer else "NOT POSTED"
        assert explained == {text: texts[text] for text in explained}
        assert {text: plant.scan(text)["title"] for text in texts} == texts


def test_a_pallet_is_received_once_whichever_of_its_labels_comes_first(tmp_path: Path, mosquitto: Mosquitto) -> None:
    """The pallets of the engine's cases: the SSCC alone, then the full label with the same SSCC."""
    with floor(tmp_path, mosquitto) as plant:
        plant.monitor.say("bf/v1/1000/L06/c-L06-pallet/count", "480")
        assert plant.said(PALLET) == ("ok", "PALLET")
        assert plant.said(f"{PALLET}02{PIECE}37480") == ("dup", "ALREADY COUNTED")
        assert plant.pieces() == "480"


def test_a_request_by_topic_needs_a_transaction(tmp_path: Path, mosquitto: Mosquitto) -> None:
    """A request that nothing tells from its repetition is refused; the command line makes a name up."""
    with floor(tmp_path, mosquitto, MQTT__ALLOW_REQUESTS="post") as plant:
        plant.monitor.say(
            "bf/v1/1000/L06/_request/post", {"actor": "erp", "data": {"material": "PUMP-40", "quantity": "5"}}
        )
        answer = plant.monitor.wait("bf/v1/1000/L06/_response/post").body
        assert (answer["status"], answer["code"], plant.pieces()) == ("error", "BF5008", "0")
        assert plant.program("post", "1000/L06", "--material", "PUMP-40", "--quantity", "5").status == 0
        assert plant.pieces() == "5"
