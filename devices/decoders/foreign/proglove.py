"""Decodes the Streams API of ProGlove: scans, and whether a scanner is connected.

`event_id` is a good identity of a scan: a repetition has the same. The symbology is a word and no AIM identifier. A
line feed follows each message. `scan_code` leaves out the bytes that are no text, so a separator may be missing there;
`scan_bytes`, which need not be sent, has them all.
"""

from base64 import urlsafe_b64decode
from collections.abc import Mapping

from devices.decoders.foreign.payloads import is_name, moment, read_object, unlike
from devices.decoders.strict_json import read_object as inspect_object
from devices.errors import Malformed, Rejection, show
from devices.messages import ENDS, MAX_SCAN, Publication, Scan, ScannedText, control_character


def read(_topic: str, payload: bytes, ends: str = ENDS) -> Publication | Rejection:
    """Read an event; its scope is the scanner's serial number. Events of other kinds are signs of life.

    >>> read("pg", b'{"event_type":"scan","event_id":"02114da8","device_serial":"M1","scan_code":"BF:STOP"}').scan.data
    'BF:STOP'
    """
    told = read_object(payload, ScannedText("scan_code", ends))
    if isinstance(told, Rejection):
        said = inspect_object(payload)
        scope = _scanner(said)
        return Publication(scope, scan=told) if said.get("event_type") == "scan" and is_name(scope) else told
    scope = _scanner(told)
    if not is_name(scope):
        return unlike("device_serial", "the serial number of a scanner", scope)
    match told.get("event_type"):
        case "scan":
            scan = _scan(told, ends)
            kind = told.get("scan_symbology", "")
            return Publication(scope, scan=scan, symbology=kind if is_name(kind) else "")
        case "scanner_state" if told.get("device_connected_state") in ("STATE_CONNECTED", "STATE_DISCONNECTED"):
            return Publication(scope, online=told["device_connected_state"] == "STATE_CONNECTED")
        case str():
            return Publication(scope)
        case other:
            return unlike("event_type", "the kind of an event", other)


def _scanner(told: Mapping[str, object]) -> object:
    return told.get("device_serial", told.get("gateway_serial"))


def _scan(told: dict[str, object], ends: str) -> Scan | Rejection:
    name, code = told.get("event_id"), told.get("scan_code")
    if not is_name(name) or not name.isascii() or " " in name or len(name) > 64:
        return unlike("event_id", "a UUID", name)
    if not isinstance(code, str) or not 1 <= len(code) <= MAX_SCAN:
        return unlike("scan_code", f"a text of 1 to {MAX_SCAN} characters", code)
    said = told.get("scan_bytes", "")
    if not _is_text(said):
        text = f"scan_bytes: expected the Base64 of UTF-8, got {show(said)}: scan_code leaves out what is no text"
        return Rejection(Malformed.NOT_UTF8, text)
    character = control_character(code, ends)
    if character is not None:
        return Rejection(
            Malformed.CONTROL_CHARACTER, f"scan_code: expected no control characters but GS, got {character}"
        )
    return Scan(code.strip(ends), name, moment(told.get("time_created")))


def _is_text(said: object) -> bool:
    """Whether all bytes that a scanner read are text; the padding of Base64 may be left out."""
    if not isinstance(said, str):
        return False
    try:
        urlsafe_b64decode(f"{said}==").decode()
    except ValueError:
        return False
    return True
