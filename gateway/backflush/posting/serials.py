"""Serial numbers and SSCCs: what is confirmed once at a point, for the receipt, or as lost, and when it is free again.

A serial number is one piece of a trade item, an SSCC one pallet. What was counted for a
pallet may be several reports, of several products or batches: the first stands under the SSCC itself, each further one
under a name beside it.

Law: a number is used as long as anything of any report that stands under it is left, posted or waiting, and names one
of those.
"""

from collections.abc import Iterable, Sequence
from typing import Final

from devices.barcodes import Label
from gateway.backflush.memory.changes import Dossier
from gateway.backflush.posting.books import Books
from gateway.backflush.posting.names import judges
from gateway.backflush.values.documents import Document

LOST: Final = "lost"
"""Stands in place of the point of a lost serial number; a card of this name says that the next pieces are lost."""
PALLET: Final = "sscc "
"""How the names of SSCCs begin."""
BESIDE: Final = " #"
"""Between an SSCC and the number of a further report of its pallet; no code and no point holds it."""
AFTER_BESIDE: Final = " $"
"""What stands under an SSCC is from its name on, and before its name with this."""


def names_to_confirm(label: Label, place: str) -> tuple[str, ...]:
    """Name what a label has that is confirmed once at a point, for the receipt, or as lost."""
    pallet = (f"{PALLET}{label.sscc} {place}",) if label.sscc else ()
    piece = (f"serial {label.serial} {label.gtin or label.text} {place}",) if label.serial else ()
    return (*pallet, *piece)


def find_confirmed(books: Books, serials: Iterable[str]) -> tuple[str, int] | None:
    """Return the first of some names that is confirmed already, without its place, and the document that did it."""
    for serial in serials:
        document = books.serial(serial)
        if document:
            return " ".join(serial.split(" ")[:2]), document
    return None


def confirm_pallet(books: Books, serials: Iterable[str], documents: Sequence[Document]) -> None:
    """Confirm what a pallet's label has for every report that its scan has closed."""
    reports = [document.number for document in documents if not document.caused_by]
    # What older journals say was confirmed for the first report alone.
    of = reports if judges(books.state) else reports[:1]
    for serial in serials:
        for k, number in enumerate(of):
            books.confirm_serial(f"{serial}{BESIDE}{k}" if k else serial, number)


def free(books: Books, report: Dossier) -> None:
    """Free what stands under a report of which nothing is left; where others of its pallet are, it is one of theirs."""
    number = report.document.number
    known = dict.fromkeys(report.serials, number) | dict(report.beside)
    now = {serial: books.changes.serials.get(serial, (of, 0))[0] for serial, of in sorted(known.items())}
    for serial, document in now.items():
        if document == number:
            others = (of for name, of in now.items() if name.startswith(serial + BESIDE) and of not in (0, number))
            books.confirm_serial(serial, next(others, 0), number)
