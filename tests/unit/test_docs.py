"""What the pages say is what the program does: commands, settings, codes, alerts, records, layers, telegrams."""

import ast
import re
import shlex
import tomllib
from datetime import UTC
from itertools import chain
from pathlib import Path
from typing import Any, get_args

import click
import pytest

from devices import errors as device_errors
from devices.barcodes import VALUES
from devices.decoders import decode_count, decode_scan, decode_state
from devices.errors import Rejection
from devices.messages import Reading, Scan
from gateway import errors as gateway_errors
from gateway.backflush.memory import changes, records, state
from gateway.backflush.memory.events import Counted
from gateway.backflush.plant import explosion, orders, schedules, snapshot, versions
from gateway.backflush.plant.snapshot import MasterData
from gateway.backflush.posting import places
from gateway.backflush.values import counting, documents, movements, points
from gateway.cli.root import program
from gateway.failpoints import Point
from gateway.masterdata.build import build
from gateway.masterdata.importing import prepare
from gateway.masterdata.tables import Tables
from gateway.sections import MapSection, SourceSection
from gateway.service.fold.requests import Request, action_of, parse_request
from gateway.service.local.ledger import LAW_NAMES
from gateway.settings import MqttSection, Settings
from tests.book import Book
from tests.builders import LINE, PLANT, counter
from tests.builders import plant as master_data
from tests.known_wrong.changes import KNOWN_WRONG

ROOT = Path(__file__).parents[2]
DOCS = {path.stem: path.read_text(encoding="utf-8") for path in sorted((ROOT / "docs").glob("*.md"))}
PAGES = {name: (ROOT / f"{name}.md").read_text(encoding="utf-8") for name in ("README", "SECURITY")} | DOCS
PROTOCOL = DOCS["device-protocol"]

COMMAND = re.compile(
    r"(?:`|^ {4}(?:\$ |sudo -u backflush |ExecStart=)?(?:\S*/bin/)?)backflush ((?:-|[a-z])[^`\n]*)", re.MULTILINE
)
ROW = re.compile(r"^\| `?([^`|]+?)`? \|", re.MULTILINE)
BLOCK = re.compile(r"^```(\w+) (count|scan|state)\n(.*?)\n```$", re.MULTILINE | re.DOTALL)


def section(page: str, heading: str) -> str:
    """Return a section of a page, up to the next heading of its level."""
    level = heading.split(maxsplit=1)[0]
    text = page.split(f"\n{heading}\n", 1)[1]
    return re.split(rf"^{level} ", text, maxsplit=1, flags=re.MULTILINE)[0]


def first_cells(text: str) -> list[str]:
    """Return the first cell of each row of the tables in a text, without their heads."""
    return [cell for cell in ROW.findall(text) if not set(cell) <= {"-"}]


def pyproject() -> dict[str, Any]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def commands_shown() -> list[tuple[str, str]]:
    return sorted({(name, found.strip()) for name, text in PAGES.items() for found in COMMAND.findall(text)})


@pytest.mark.parametrize(("page", "line"), commands_shown())
def test_a_command_that_a_page_shows_exists_with_its_options(page: str, line: str) -> None:
    command: click.Command = program
    words = shlex.split(line.partition(" && ")[0])
    while words and isinstance(command, click.Group):
        context = click.Context(command)
        found = command.get_command(context, words[0])
        if found is None:
            assert words[0].isupper() or words[0].startswith("-"), f"{page}: there is no `backflush {line}`"
            return
        command, words = found, words[1:]
    known = {name for parameter in command.params for name in (*parameter.opts, *parameter.secondary_opts)}
    unknown = {word for word in words if re.match(r"--?[a-z]", word)} - known - {"--help"}
    assert unknown == set(), f"{page}: `backflush {line}` has no such options"


def test_what_the_page_on_security_says_is_tried_where_it_says() -> None:
    named = re.findall(r"`((?:tests|requirements|config)/[^`]*)`", PAGES["SECURITY"])
    assert named
    assert [name for name in named if not (ROOT / name).exists()] == []


def setting_keys() -> set[str]:
    keys = set()
    for name, field in Settings.model_fields.items():
        if name == "source":
            keys.add("[[source]]")  # its keys stand on the page of the sources
            continue
        assert isinstance(field.annotation, type)
        keys |= {f"{name}.{key}" for key in field.annotation.model_fields}
    return keys


def test_every_setting_is_documented_and_no_other() -> None:
    assert set(first_cells(section(DOCS["operations"], "## Configure"))) - {"key"} == setting_keys()


def test_every_key_of_a_source_is_documented_and_no_other() -> None:
    keys = {*SourceSection.model_fields, *(f"map.{key}" for key in MapSection.model_fields)} - {"map"}
    assert set(first_cells(section(DOCS["sources"], "## The source"))) - {"key"} == keys


def test_every_reason_code_is_documented_by_its_name_and_no_other() -> None:
    shown = dict(re.findall(r"^\| (BF\d{4}) \| (\w+) \|", section(PROTOCOL, "## Reason codes"), re.MULTILINE))
    known = {
        str(reason): reason.name for reasons in (device_errors.Malformed, gateway_errors.Reason) for reason in reasons
    }
    assert shown == known


def alerts_in_the_code() -> set[str]:
    """Return the names by which the code raises alerts: the first argument of `set`, `when` and `name` of `alerts`."""
    found = set()
    for path in (ROOT / "gateway").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            match node:
                case ast.Call(
                    func=ast.Attribute(
                        value=ast.Attribute(attr="alerts" | "_alerts") | ast.Name(id="self"),
                        attr="set" | "when" | "name",
                    ),
                    args=[ast.Constant(value=str(name)), *_],
                ):
                    found.add(name)
                case _:
                    pass
    return found


def test_every_alert_is_documented_and_no_other() -> None:
    assert set(first_cells(section(DOCS["operations"], "## Alerts"))) - {"alert"} == alerts_in_the_code()


def test_every_law_of_the_audit_is_documented() -> None:
    shown = first_cells(section(DOCS["architecture"], "## The audit"))
    assert shown == ["law", *LAW_NAMES]
    assert f"all {len(LAW_NAMES) - 1} laws hold" in PAGES["README"], "`fold` is told with --deep alone"


def test_every_fail_point_is_documented_in_its_order() -> None:
    assert first_cells(section(DOCS["reliability"], "## Fail points")) == ["point", *Point]


def named_by_promises() -> list[tuple[str, str]]:
    return sorted(
        set(re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", section(DOCS["reliability"], "## Promises and their tests")))
    )


@pytest.mark.parametrize(("file", "name"), named_by_promises())
def test_a_test_that_a_promise_names_exists(file: str, name: str) -> None:
    assert re.search(rf"^(async )?def {name}\(", (ROOT / file).read_text(encoding="utf-8"), re.MULTILINE)


def test_every_promise_has_its_tests() -> None:
    rows = re.findall(
        r"^\| (\d+) \|.*`tests/.*\|$", section(DOCS["reliability"], "## Promises and their tests"), re.MULTILINE
    )
    assert [int(number) for number in rows] == list(range(1, 23))
    assert {str(wrong.promise) for wrong in KNOWN_WRONG} <= set(rows)


def test_a_change_that_is_known_to_be_wrong_can_still_be_made() -> None:
    edits = [(wrong.name, edit) for wrong in KNOWN_WRONG for edit in wrong.edits]
    assert [name for name, edit in edits if (ROOT / edit.file).read_text().count(edit.right) != 1] == []


def test_every_control_code_is_documented() -> None:
    forms = {":".join(("BF", verb, *values)) for verb, values in VALUES.items()}
    assert set(first_cells(section(PROTOCOL, "### Control codes"))) - {"code"} == forms


def records_of_the_engine() -> set[str]:
    """Return the public names of the values that the engine remembers, reads and writes."""
    modules = [changes, counting, documents, explosion, movements, orders, places, points, records, schedules, snapshot]
    return {
        name
        for module in (*modules, state, versions)
        for name, value in vars(module).items()
        if isinstance(value, type) and value.__module__ == module.__name__ and not name.startswith("_")
    }


def test_the_glossary_has_every_record_of_the_engine() -> None:
    named = set(re.findall(r"`(\w+)`", DOCS["glossary"]))
    assert records_of_the_engine() - named == set()


def test_a_word_stands_once_in_the_glossary() -> None:
    parts = [section(DOCS["glossary"], f"## {part} words") for part in ("Plant", "Program")]
    cells = [cell for part in parts for cell in re.findall(r"^\| (?!word )(.+?) \|", part, re.MULTILINE)]
    words = [word.strip(" `") for cell in cells for word in cell.split(",")]
    assert len(words) > len(cells) > len(first_cells(parts[0]))
    assert [word for word in {*words} if words.count(word) > 1] == []


def test_the_layers_are_those_that_are_checked() -> None:
    contracts = pyproject()["tool"]["importlinter"]["contracts"]
    shown = section(DOCS["architecture"], "## Layers")
    for container, layers in ((c["containers"][0], c["layers"]) for c in contracts if c["type"] == "layers"):
        block = re.search(rf"^    {re.escape(container)}  +(.*(?:\n {{24}}.*)*)", shown, re.MULTILINE)
        assert block is not None, container
        assert [re.split(r"  +", line.strip())[0] for line in block[1].splitlines()] == layers


@pytest.mark.parametrize(
    "heading", ["## One telegram's walk", "## One scan's walk, and its answer's", "## Where it is decided"]
)
def test_the_walk_of_a_telegram_meets_functions_that_are_there(heading: str) -> None:
    walk = section(DOCS["architecture"], heading)
    steps = re.findall(r"\]\(\.\./([\w/]+\.py)\)((?:,? `\w+`)+)", walk)
    assert len(steps) > 10
    for file, names in steps:
        tree = ast.parse((ROOT / file).read_text())
        there = {n.name for n in ast.walk(tree) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)}
        assert set(re.findall(r"`(\w+)`", names)) <= there, file


def test_every_dependency_has_its_reason() -> None:
    project = pyproject()["project"]
    packages = [*project["dependencies"], *chain.from_iterable(project["optional-dependencies"].values())]
    wanted = {re.split(r"[^\w-]", name)[0] for name in packages}
    assert set(first_cells(section(DOCS["decisions"], "## Dependencies"))) - {"package"} == wanted


def telegrams() -> list[tuple[str, bytes]]:
    return [(kind, payload.encode()) for _, kind, payload in BLOCK.findall(PROTOCOL)]


@pytest.mark.parametrize(("kind", "payload"), telegrams())
def test_a_telegram_that_the_protocol_shows_is_understood(kind: str, payload: bytes) -> None:
    match kind:
        case "count":
            told: Any = decode_count(payload, None)
        case "scan":
            told = decode_scan(payload, None)
        case _:
            told = decode_state(payload)
    assert not isinstance(told, Rejection), told


def requests_shown() -> list[tuple[str, str]]:
    return re.findall(r"^```json request ([a-z-]+)\n(.*?)\n```$", DOCS["operations"], re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize(("verb", "payload"), requests_shown())
def test_a_request_that_a_page_shows_is_understood(verb: str, payload: str) -> None:
    request = parse_request(payload.encode(), verb=verb, plant="1000", line="L06")
    assert not isinstance(request, Rejection), request
    action = action_of(request, MasterData())
    assert not isinstance(action, Rejection), action


LEAST: dict[str, dict[str, str]] = {"run-start": {"material": "M"}, "reverse": {"document": "1"}}


def test_every_verb_that_may_come_by_mqtt_is_documented_with_its_data() -> None:
    table = section(DOCS["operations"], "## Requests by MQTT")
    shown = dict(re.findall(r"^\| `([a-z-]+)` \| (.*) \|$", table, re.MULTILINE))
    [verbs] = get_args(MqttSection.model_fields["allow_requests"].annotation)
    assert set(shown) == set(get_args(verbs))
    for verb, cell in shown.items():
        for name in re.findall(r"`(\w+)`", cell):
            asked = action_of(Request(verb=verb, data={**LEAST.get(verb, {}), name: object()}), MasterData())
            assert isinstance(asked, Rejection)
            assert "Extra inputs" not in asked.text, f"{verb}: there is no {name}"


def test_the_protocol_shows_a_telegram_of_each_kind() -> None:
    assert {kind for kind, _ in telegrams()} == {"count", "scan", "state"}


def test_every_field_of_a_telegram_is_documented() -> None:
    count = set(re.findall(r"`(\w+)`", " ".join(first_column(section(PROTOCOL, "## Count telegram")))))
    scan = set(re.findall(r"`(\w+)`", " ".join(first_column(section(PROTOCOL, "## Scan telegram")))))
    assert {*Reading._fields, "mode"} - {"delta"} - count == set()
    assert set(Scan._fields) - scan == set()


def first_column(text: str) -> list[str]:
    return [line.split("|")[1] for line in text.splitlines() if line.startswith("| ")]


def stories() -> list[tuple[str, str, str, str]]:
    """Return device, telegrams, counted and quarantine of each worked example."""
    rows = section(PROTOCOL, "### Totals, boots and sequences").splitlines()
    cells = [[cell.strip() for cell in row.strip("|").split("|")] for row in rows if row.startswith("| `")]
    return [(device, said, counted, code) for device, said, counted, code, _ in cells]


@pytest.mark.parametrize(("device", "said", "counted", "code"), stories())
def test_a_worked_example_counts_what_the_protocol_says(device: str, said: str, counted: str, code: str) -> None:
    rule: dict[str, Any] = dict(word.split("=") for word in device.strip("`").split())
    numbers = {name: int(value) for name, value in rule.items() if value.isdigit()}
    book = Book(master_data(devices=[counter(**rule | numbers)]))
    for entry, payload in enumerate(re.findall(r"`([^`]+)`", said), 100):
        reading = decode_count(payload.encode(), UTC)
        assert isinstance(reading, Reading), reading
        book.wait(60)
        book.feed(Counted(entry, PLANT, LINE, "C1", reading, "count/C1", payload.encode()))
    assert book.line().get("counted", "0") == counted
    assert " ".join(entry.code for entry in book.ledger.quarantine.values()) == code


def test_the_least_tables_for_one_line_post_its_first_piece(tmp_path: Path) -> None:
    walk = section(DOCS["master-data"], "## The least for one line")
    [tables] = re.findall(r"^```yaml\n(.*?)^```$", walk, re.MULTILINE | re.DOTALL)
    (tmp_path / "first.yaml").write_text(tables, encoding="utf-8")
    prepared = prepare(tmp_path / "first.yaml", Tables())
    assert prepared.findings == []
    imported = build(prepared.merged)
    book = Book(imported.master)
    book.load(imported.master, runs=imported.runs or (), stock=dict(imported.opening_stock or {}))
    [(plant, line, device, payload)] = re.findall(r"bf/v1/(\S+)/(\S+)/(\S+)/count -m (\d+)$", walk, re.MULTILINE)
    reading = decode_count(payload.encode(), UTC)
    assert isinstance(reading, Reading), reading
    book.feed(Counted(100, plant, line, device, reading, f"count/{device}", payload.encode()))
    book.wait(60)
    assert (book.documents(), book.stock("BOX"), book.stock("SHEET")) == (["assembly"], "1", "98")


def test_no_page_shows_a_digest_that_changes_with_every_file() -> None:
    assert [name for name, text in PAGES.items() if re.search(r"master data \(?[0-9a-f]{12}", text)] == []
