"""Serial numbers and SSCCs: confirmed once at a point, for the receipt, or as lost, until they are free again.

A serial number is one piece of a trade item, an SSCC one pallet. The counts of a pallet may be several reports, of
several products or batches: the first has the SSCC itself as its name, each further one a name derived from it.

Law: a number is used as long as any of its reports has anything left, posted or waiting, and it names one of those.
"""

from collections.abc import Iterable, Sequence
from typing import Final

from devices.barcodes import Label
from gateway.backflush.memory.changes import Dossier
from gateway.backflush.posting.books import Books
from gateway.backflush.posting.names import judges
from gateway.backflush.values.documents import Document

PALLET: Final = "sscc "
"""Prefix of the names of SSCCs."""
PIECE: Final = "serial "
"""Prefix of the names of serial numbers."""
BESIDE: Final = " #"
"""Between an SSCC and the number of a further report of its pallet; no code and no point holds it."""
AFTER_BESIDE: Final = " $"
"""The names under an SSCC lie between its name and its name with this suffix."""


def names_to_confirm(label: Label, place: str) -> tuple[str, ...]:
    """Return the names of a label to confirm once: at a point, for the receipt, or as lost."""
    item = label.gtin or next(iter(label.items), label.text)
    pallet = (f"{PALLET}{label.sscc} {place}",) if label.sscc else ()
    piece = (f"{PIECE}{label.serial} {item} {place}",) if label.serial else ()
    return (*pallet, *piece)


def find_confirmed(books: Books, serials: Iterable[str]) -> tuple[str, int] | None:
    """Return the first name that is confirmed already, without its place, and its document."""
    for serial in serials:
        document = books.serial(serial)
        if document:
            return " ".join(serial.split(" ")[:2]), document
    return None


def confirm_pallet(books: Books, serials: Iterable[str], documents: Sequence[Document]) -> None:
    """Confirm the names of a pallet's label for every report that its scan has closed."""
    reports = [document.number for document in documents if not document.caused_by]
    # Older journals confirmed only the first report.
    of = reports if judges(books.state) else reports[:1]
    for serial in serials:
        for k, number in enumerate(of):
            books.confirm_serial(f"{serial}{BESIDE}{k}" if k else serial, number)


def free(books: Books, report: Dossier) -> None:
    """Free the names of a report with nothing left; if others of its pallet are left, give them to one of those."""
    number = report.document.number
    known = dict.fromkeys(report.serials, number) | dict(report.beside)
    now = {serial: books.changes.serials.get(serial, (of, 0))[0] for serial, of in sorted(known.items())}
    for serial, document in now.items():
        if document == number:
            others = (of for name, of in now.items() if name.startswith(serial + BESIDE) and of not in (0, number))
            books.confirm_serial(serial, next(others, 0), number)
