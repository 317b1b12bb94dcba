"""Repetition: a refused scan is settled when its scanner reads the same code again and that is posted.

A scanner that was told `nok` scans again, so the later posting answers the earlier refusal. What settles depends on
what the entry holds:

    untrusted   no units: the same code of the same scanner, read for the same disposition (good, scrap, lost, rework);
                a code without a serial number only at the line that the scanner had chosen then, if any, and only if it
                was refused a few times: a person tries again, a fixed scanner goes on, and reads the same code from
                other pieces
    unbooked    certain units: only if their serial number is confirmed at their point, else they may be other pieces

Laws
    a posting settles no entry of another scanner, code or disposition, nor of half its code: that may be another piece
    read = counted + quarantined, before and after
"""

import hashlib
import json
from typing import Final

from devices.barcodes import Label
from gateway.backflush.memory.events import Scanned
from gateway.backflush.memory.inquiry import Inquiry
from gateway.backflush.memory.records import QuarantineEntry, RefusedScan
from gateway.backflush.memory.state import State
from gateway.backflush.plant.snapshot import ROAMING
from gateway.backflush.posting.books import Books
from gateway.backflush.posting.ownership import not_ours
from gateway.backflush.posting.serials import find_confirmed
from gateway.errors import Reason

_SINCE: Final = 4
"""The first edition in which a repetition settles entries."""
_FOR_A_PERSON: Final = frozenset({Reason.WAITED, Reason.LEFT_BEHIND})
"""The reasons of entries that may stand for other pieces than their repetition."""
_OF_ITS_LINE_SINCE: Final = 5
"""The first edition in which a code without a serial number is repeated at its line alone."""
MOST_TRIES: Final = 10
"""The most refusals of a code without a serial number that one posting answers."""
UNITS: Final = "units"
"""In place of a disposition: the entry holds units, whatever they are."""


def code_of(books: Books, text: str, disposition: str) -> dict[str, str]:
    """Return the digest by which a repetition finds the entry of a scan, as a part of its content."""
    return {"code": _digest(text, disposition)} if text and books.state.rules.edition >= _SINCE else {}


def _digest(text: str, disposition: str) -> str:
    return hashlib.sha256(f"{disposition} {text}".encode(errors="surrogatepass")).hexdigest()[:32]


def find_refusal(
    number: int, code: str, place: tuple[str, str], units: int, content: str
) -> tuple[str, RefusedScan] | None:
    """Return the digest of an entry's code, and what its repetition settles; None if no scan does."""
    said = json.loads(content)
    serials = tuple(said.get("serials", ()))
    if not said.get("code") or code in _FOR_A_PERSON or (units and not serials):
        return None
    if place[1] == ROAMING:
        place = said.get("plant") or place[0], said.get("line") or ROAMING
    return said["code"], RefusedScan(number, *place, units, serials)


def note_refused(books: Books, entry: QuarantineEntry) -> None:
    """Note an entry that a repetition may settle; names that any sender may invent are not kept in memory."""
    if entry.device not in books.state.master.devices:
        return
    place, units = (entry.plant, entry.line), entry.good + entry.scrap
    refused = find_refusal(entry.number, entry.code, place, units, entry.content)
    if refused is not None:
        code, scan = refused
        books.state.refused.setdefault(entry.device, {}).setdefault(code, []).append(scan)


def needs_of_repetition(inquiry: Inquiry, event: Scanned) -> None:
    """Name the serial numbers that prove a scan to be the repetition of units: those of their points."""
    refused = inquiry.state.refused.get(event.device)
    if refused is not None:
        for scan in refused.get(_digest(event.scan.data, UNITS), ()):
            inquiry.serials += scan.serials


def settle_refused(books: Books, event: Scanned, disposition: str, place: tuple[str, str], document: int) -> None:
    """Settle the entries of a scanner whose code is now in a document of a plant and line."""
    refused = books.state.refused.get(event.device)
    if refused is None:
        return
    of_its_line = books.state.rules.edition >= _OF_ITS_LINE_SINCE
    one_piece = isinstance(event.label, Label) and bool(event.label.serial or event.label.sscc)
    for code in (_digest(event.scan.data, UNITS), _digest(event.scan.data, disposition)):
        scans = refused.get(code, [])
        if not scans or (not one_piece and len(scans) > MOST_TRIES):
            continue
        left = []
        for scan in scans:
            if not one_piece and of_its_line and scan.line != ROAMING and (scan.plant, scan.line) != place:
                left.append(scan)
                continue
            if scan.units:
                if not find_confirmed(books, scan.serials) or not_ours(books.state, scan.plant, scan.line):
                    left.append(scan)
                    continue
                books.line(scan.plant, scan.line).release(scan.units)
            books.changes.quarantine_states[scan.number] = ("repeated", f"by document {document:010d}")
        _leave(books.state, event.device, code, left)


def forget_refused(books: Books, device: str, number: int) -> None:
    """Let no further scan settle an entry."""
    for code, scans in books.state.refused.get(device, {}).items():
        if any(scan.number == number for scan in scans):
            _leave(books.state, device, code, [scan for scan in scans if scan.number != number])
            return


def _leave(state: State, device: str, code: str, scans: list[RefusedScan]) -> None:
    """Leave these entries of a code for its next repetition."""
    refused = state.refused.setdefault(device, {})
    refused[code] = scans
    if not scans:
        del refused[code]
    if not refused:
        del state.refused[device]
