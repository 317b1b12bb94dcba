"""Explain a barcode: its content, and its effect on the gateway. Posts nothing.

The engine's own functions read the label, on the committed state, so that the answer is that of a scan arriving now.
"""

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import click

from gateway.cli.shared.arguments import LINE, LinePlace
from gateway.cli.shared.command import Invocation, answer_no, command, database_errors, pass_invocation, tell
from gateway.cli.shared.output import print_document, print_json, say
from gateway.errors import UsageError
from gateway.ledger.reports.cells import cell, inert

if TYPE_CHECKING:
    from devices.barcodes import Control, Label
    from gateway.backflush.memory.state import State
    from gateway.backflush.plant.snapshot import MasterData

_SCANNER: Final = "scanner"


@command(example=r"backflush scan ']C1010200000000006021A000142' --line 1000/L04 --point 0020", data=True)
@click.argument("code")
@click.option("--line", "place", type=LINE, help="The line; by default all that can make it.")
@click.option("--point", help="The reporting point.")
@click.option("--device", help="The scanner, with its line and what its operator has chosen.")
@click.option("--explain", "only", is_flag=True, help="Explain how it is read, and nothing else; needs no ledger.")
@pass_invocation
def scan(
    invocation: Invocation,
    code: str,
    place: LinePlace | None,
    point: str | None,
    device: str | None,
    *,
    only: bool,
    as_json: bool,
) -> None:
    r"""Explain step by step how a barcode is read, and what its effect would be.

    The separator GS may be written as \x1d or <GS>, RS and EOT of ISO 15434 likewise. Status 1 means that nothing would
    be posted or chosen.
    """
    from devices.barcodes import Control, parse_barcode
    from devices.errors import Rejection
    from gateway.service.local.barcodes import explain, lines_for, read_text
    from gateway.service.local.dry_run import load_state

    settings = invocation.settings()
    if only:
        _print_steps(explain(code, settings.rules.dialect, None), as_json=as_json)
        if isinstance(parse_barcode(code, settings.rules.dialect), Rejection):
            answer_no()
        return
    with database_errors():
        state = load_state(settings)
    found, alias = read_text(code, state)
    steps = explain(code, state.rules.dialect, state.master)
    if device is not None:
        place, settings_of = _scanner(state, device, place)
        steps += settings_of
    said: dict[str, Any] = {"alias_of": alias}
    answers: list[dict[str, Any]] = []
    refused: dict[str, Any] | None = None
    match found:
        case Rejection():
            said |= {"kind": "rejection", "code": str(found.code), "text": found.text}
        case Control():
            said |= _control(found)
            refused = _refuse(invocation, state.master, place, code, found, device)
            if refused is not None:
                said |= {"would": "", "code": refused["code"], "text": refused["text"]}
        case _:
            said |= _label(found)
            lines = [place] if place is not None else [LinePlace(*each) for each in lines_for(state, found)]
            answers = [_would(invocation, each, code, found, point, device) for each in lines]
            said["would"] = answers
    if as_json:
        print_json({name: value for name, value in said.items() if value not in (None, "")} | {"steps": steps})
    else:
        _print_steps(steps, as_json=False)
        click.echo()
        _print({**said, "text": ""} if isinstance(found, Rejection) else said, answers)  # the last step has said it
    if isinstance(found, Rejection):
        tell("would go to quarantine")
        answer_no()
    if refused is not None:
        tell("would be refused")
        answer_no()
    if not isinstance(found, Control) and not any(answer["result"] == "ok" for answer in answers):
        tell("would not be posted" if answers else "no known line makes the product of this code")
        answer_no()


def _scanner(state: "State", device: str, place: LinePlace | None) -> tuple[LinePlace, list[str]]:
    """Return the line of a scanner, and its settings in words."""
    from gateway.service.local.barcodes import describe_scanner, line_of

    if place is not None:
        raise UsageError("expected --line or --device, got both: a scanner is at its own line")
    if device not in state.master.devices:
        raise UsageError(f"--device: expected a device of the master data, got {inert(device)}")
    return LinePlace(*line_of(state, device)), describe_scanner(state, device)


def _print(said: dict[str, Any], answers: list[dict[str, Any]]) -> None:
    shown = {name: cell(value) for name, value in said.items() if value not in (None, "") and value is not answers}
    width = max(map(len, shown))
    for name, value in shown.items():
        say(f"{name.replace('_', ' '):<{width}}  {value}", indent=" " * (width + 2))
    for answer in answers:
        click.echo()
        say(f"at {answer['line']}: {answer['result']} {answer['code']} {cell(answer['title'])}, {cell(answer['text'])}")
        for document in answer["documents"]:
            print_document(document)


def _print_steps(steps: list[str], *, as_json: bool) -> None:
    if as_json:
        print_json({"steps": steps})
        return
    for number, step in enumerate(steps, 1):
        say(f"{number}. {step}", indent="   ")


def _control(control: "Control") -> dict[str, Any]:
    from devices.barcodes import VALUES
    from devices.barcodes.controls import Verb

    values = dict(zip(VALUES[control.verb], control.values, strict=True))
    would = {
        Verb.RUN: "begin a run of {material} {version} on the scanner's line",
        Verb.START: "begin a run of the next label's product on the scanner's line",
        Verb.STOP: "end the run of the scanner's line",
        Verb.POINT: "assign this scanner to reporting point {point}",
        Verb.QTY: "multiply the next label by {pieces}",
        Verb.SCRAP: "count the next quantity as scrap, reason {reason}",
        Verb.LOST: "count the next quantity as scrapped after the scanner's point, reason {reason}",
        Verb.REWORK: "count the next quantity as rework",
        Verb.YIELD: "count quantities as good pieces again",
        Verb.OPERATOR: "record operator {operator} from now on",
        Verb.UNDO: "reverse what this scanner posted last",
        Verb.INFO: "show what the scanner's line makes, and what is chosen",
        Verb.LINE: "assign this roaming scanner to {plant}/{line}",
        Verb.CLOSE: "close the line's open windows",
        Verb.BEGIN: "restart counter {device} of the scanner's line at {total}",
    }[control.verb].format(**values)
    return {"kind": "control", "verb": str(control.verb), **values, "would": would}


def _refuse(
    invocation: Invocation,
    master: "MasterData",
    place: LinePlace | None,
    text: str,
    control: "Control",
    device: str | None,
) -> dict[str, Any] | None:
    """Return why a card would be refused: at a line, or anywhere if its name belongs to no line."""
    from devices.barcodes.controls import Verb
    from gateway.backflush.plant.snapshot import ROAMING

    if control.verb is Verb.UNDO and device is None:
        return None  # the scanner's last posting is unknown
    anywhere = control.verb in (Verb.SCRAP, Verb.LOST, Verb.OPERATOR, Verb.LINE) and master.plants
    if place is None and anywhere:
        place = LinePlace(min(master.plants), ROAMING)
    if place is None:
        return None
    answer = _would(invocation, place, text, control, None, device)
    return answer if answer["result"] == "nok" else None


def _label(label: "Label") -> dict[str, Any]:
    from gateway.service.local.barcodes import facts_of

    said = {"kind": "plain code" if label.is_plain else "label", "data": inert(label.text)}
    return said | ({"symbology": label.symbology} if label.symbology else {}) | facts_of(label)


def _would(
    invocation: Invocation,
    place: LinePlace,
    text: str,
    label: "Label | Control",
    point: str | None,
    scanner: str | None,
) -> dict[str, Any]:
    """Return the answer to a scanner at this line, and the documents that would be posted."""
    from devices.messages import Scan
    from gateway.backflush.memory.events import Event, Scanned
    from gateway.backflush.memory.state import State
    from gateway.backflush.plant.snapshot import Device
    from gateway.service.local.dry_run import dry_step

    def make_scan(state: State) -> Event:
        said = Scan(text, point=point)
        if scanner is not None:
            known = state.master.devices[scanner]
            return Scanned(0, known.plant, known.line, scanner, said, label, "", text.encode())
        device = Device(_SCANNER, place.plant, place.line, kind="scanner")
        state.master = replace(state.master, devices={**state.master.devices, _SCANNER: device})
        return Scanned(0, place.plant, place.line, _SCANNER, said, label, "", text.encode())

    with database_errors():
        changes, documents, _ = dry_step(invocation.settings(), make_scan)
    outcome = changes.feedback[-1].outcome
    return {
        "line": str(place),
        "result": outcome.result,
        "code": str(outcome.code),
        "title": outcome.title,
        "text": outcome.text,
        "documents": documents,
    }
