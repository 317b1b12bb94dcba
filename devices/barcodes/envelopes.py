r"""Messages of ISO/IEC 15434: `[)>`, the number of a format, its fields, and an end; format 06 has data identifiers.

    [)> RS 06 GS 1PPUMP-40 GS Q12 GS 1TLOT7 RS EOT

A data identifier (ANSI MH10.8.2) is up to three digits and a letter. Read are the item (1P, P, 8P), its batch (1T, T),
serial number (S) and quantity (Q with 3Q, 7Q), and the licence plate of a logistic unit (J, 1J to 6J); others say
nothing about production. Format 05 has GS1 element strings. RS, GS and EOT may be written out (`<RS>`, `{GS}`, `\x04`).

Laws: nothing is guessed. A message without its end, of several formats or another one, with an empty field, an
identifier that comes twice, two batches that differ or a quantity of another kind (2Q, 13Q, ...) is a `Rejection`.
"""

import re
from typing import Final

from devices.barcodes.measures import Amount, parse_amount
from devices.barcodes.normal import GS, WRITTEN_OUT
from devices.barcodes.values import IDENTITY, Label, parse_gtin
from devices.errors import Malformed, Rejection

RS: Final = "\x1e"
EOT: Final = "\x04"
HEAD: Final = "[)>"
_RS = re.compile(r"[<{(\[](?:RS|0?x1E)[>})\]]|%1E|\\x1E|\\u001E|\u241e|\^\^", re.IGNORECASE)
_EOT = re.compile(r"([<{(\[](?:EOT|0?x04)[>})\]]|%04|\\x04|\\u0004|\u2404|\^D)\Z", re.IGNORECASE)
_MESSAGE = re.compile("\\[\\)>\x1e?([0-9]{2})\x1d([^\x1e\x04]+?)\x1d?\x1e?\x04")
_FIELD = re.compile(r"([0-9]{0,3}[A-Z])([ -~]*)")
_PLATES: Final = ("J", "1J", "2J", "3J", "4J", "5J", "6J")
_QUANTITIES: Final = frozenset({"Q", "3Q", "7Q"})


def normal_message(text: str) -> str:
    """Return a message with the characters that were written out in it."""
    for form, character in ((_RS, RS), (_EOT, EOT), (WRITTEN_OUT, GS)):
        text = form.sub(character, text)
    return text


def parse_message(text: str, symbology: str | None) -> Label | Rejection:
    """Read a message in its normal form."""
    message = _MESSAGE.fullmatch(text)
    if message is None:
        if not text.endswith(EOT):
            return _unknown("expected RS and EOT at the end of the message, got none: half a scan?")
        if EOT in text[:-1]:
            return Rejection(
                Malformed.CONTRADICTING_BARCODE, f"barcode: expected one message, got two in {text[:60]!a}"
            )
        return _unknown(f"expected {HEAD}, RS, one format of two digits, GS and its fields, got {text[:60]!a}")
    number, body = message.groups()
    match number:
        case "05":
            # The tables of GS1 take 17 MB and a fifth of a second: see `devices.barcodes`.
            from devices.barcodes.labels import parse_elements  # noqa: PLC0415 - see above

            return parse_elements(body, symbology, is_separated=True)
        case "06":
            fields = _fields_of(body)
            return fields if isinstance(fields, Rejection) else _label(fields, text, symbology)
        case _:
            return _unknown(f"expected a message of format 05 or 06, got {number}")


def _fields_of(body: str) -> dict[str, str] | Rejection:
    fields: dict[str, str] = {}
    for text in body.split(GS):
        field = _FIELD.fullmatch(text)
        if field is None:
            return _unknown(f"expected a data identifier and its value between the separators, got {text[:40]!a}")
        name, value = field.groups()
        if name in fields:
            return Rejection(
                Malformed.CONTRADICTING_BARCODE, f"barcode: expected each identifier once, got {name} twice"
            )
        if name.endswith("Q") and name not in _QUANTITIES:
            return _unknown(f"expected a quantity as Q or 7Q, got {name}, which is one of another kind")
        fields[name] = value
    for name in ("1P", "P", "8P", "1T", "T", "S", *_PLATES):
        if name in fields and IDENTITY.fullmatch(fields[name]) is None:
            got = fields[name][:60]
            return _unknown(f"expected 1 to 50 characters without blanks after {name}, got {got!a}: half a scan?")
    return fields


def _label(fields: dict[str, str], text: str, symbology: str | None) -> Label | Rejection:
    items = tuple(dict.fromkeys(fields[name] for name in ("1P", "P") if name in fields))
    batches = {fields[name] for name in ("1T", "T") if name in fields}
    plates = [name + fields[name] for name in _PLATES if name in fields]
    for what, several in (("batch", batches), ("licence plate", plates)):
        if len(several) > 1:
            return Rejection(
                Malformed.CONTRADICTING_BARCODE, f"barcode: expected one {what}, got {' and '.join(sorted(several))}"
            )
    amounts = _amounts(fields)
    if isinstance(amounts, Rejection):
        return amounts
    gtin = parse_gtin(fields["8P"], has_amount=bool(amounts)) if "8P" in fields else None
    if isinstance(gtin, Rejection):
        return gtin
    if not items and gtin is None and (not plates or amounts or batches or "S" in fields):
        return _unknown("expected an item, as 1P, P or 8P, got none: half a scan?")
    return Label(
        text,
        symbology,
        gtin=gtin,
        sscc=next(iter(plates), None),
        serial=fields.get("S"),
        batch=next(iter(batches), None),
        items=items,
        amounts=amounts,
    )


def _amounts(fields: dict[str, str]) -> tuple[Amount, ...] | Rejection:
    """Read the quantities: of Q, in the unit of 3Q where there is one; of 7Q, whose last two characters are a unit."""
    told: list[Amount | Rejection] = []
    if "Q" in fields:
        told.append(parse_amount(fields["Q"], fields.get("3Q", "")))
    elif "3Q" in fields:
        return _unknown("expected a quantity, as Q, beside its unit (3Q), got none: half a scan?")
    if "7Q" in fields:
        told.append(parse_amount(fields["7Q"][:-2], fields["7Q"][-2:]))
    amounts: list[Amount] = []
    for each in told:
        if isinstance(each, Rejection):
            return each
        amounts.append(each)
    return tuple(amounts)


def _unknown(text: str) -> Rejection:
    return Rejection(Malformed.UNKNOWN_BARCODE, f"barcode: {text}")
