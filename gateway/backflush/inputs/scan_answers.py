"""Answers to scanners: what was posted, by product, quantity and the total of the shift, or why nothing was.

Title and text are for people, in their language; facts are for programs, the same in every language. A phrase stands in
`values.phrases`, the reason of a refusal in `values.refusals`.
"""

from collections.abc import Sequence
from typing import Final, NamedTuple

from devices.barcodes import PART, Control, Label
from devices.errors import Malformed, Rejection
from gateway.backflush.inputs.contexts import context_at, language_of
from gateway.backflush.inputs.quarantine import refuse
from gateway.backflush.memory.changes import Dossier
from gateway.backflush.memory.events import Refused, Scanned
from gateway.backflush.memory.records import Outcome
from gateway.backflush.memory.state import State
from gateway.backflush.posting.answers import describe_reports, waits
from gateway.backflush.posting.books import Books
from gateway.backflush.values.documents import FINAL, Document, format_number
from gateway.backflush.values.phrases import Language, inflect, phrase
from gateway.backflush.values.quantities import format_quantity
from gateway.backflush.values.refusals import refusal
from gateway.errors import Reason

Facts = tuple[tuple[str, str], ...]


class Posting(NamedTuple):
    """The documents of a scan; `frame` is the phrase around the title (empty: the title alone)."""

    documents: Sequence[Document]
    units: int = 0
    """0: all that its documents report."""
    point: str = ""
    kind: str = "yield"
    serial: str = ""
    frame: str = ""


class Product(NamedTuple):
    """A product as an answer names it, with its quantity in millionths."""

    material: str
    description: str
    unit: str
    units: int

    @property
    def name(self) -> str:
        """Its number and its description."""
        return f"{self.material} {self.description}".rstrip()

    @property
    def amount(self) -> str:
        """Its quantity and unit."""
        return f"{format_quantity(self.units)} {self.unit}"

    @property
    def facts(self) -> Facts:
        """Its names, without empty ones."""
        names = (("material", self.material), ("description", self.description), ("unit", self.unit))
        return tuple([fact for fact in names if fact[1]])


def product_of(state: State, plant: str, material: str, units: int) -> Product:
    """Return a product as an answer names it."""
    known = state.master.materials.get((plant, material))
    return Product(material, known.description if known else "", known.unit if known else "", units)


def refuse_scan(books: Books, event: Scanned, rejection: Rejection, title: str = "not_posted") -> Outcome:
    """Keep a scan that is not posted, with its operator's choices, and answer so."""
    refuse(books, event, rejection, context_at(books, event.device, event.scan.data))
    return not_posted(books, event, rejection, title)


def not_posted(books: Books, event: Scanned | Refused, rejection: Rejection, title: str = "not_posted") -> Outcome:
    """Answer why a scan was not posted."""
    language = language_of(books, event)
    text = refusal(language, rejection, _name_in(event, rejection.code))
    if dict(rejection.about).keys() >= {"least", "most"}:
        text = phrase(language, "number_on_card", **dict(rejection.about))
    elif rejection.code in _OF_A_CARD and isinstance(event, Scanned) and PART.fullmatch(event.scan.data):
        text = phrase(language, "scan_card")
    return Outcome("nok", rejection.code, phrase(language, title), text, facts=(("reason", rejection.text),))


_OF_A_CARD: Final = frozenset({Reason.UNKNOWN_CODE, Malformed.BAD_CHECK_DIGIT})
_NAMED_BY_CARD: Final = frozenset(
    {
        *(Reason.UNKNOWN_LINE, Reason.UNKNOWN_PLANT, Reason.UNKNOWN_POINT, Reason.UNKNOWN_OPERATOR),
        *(Reason.UNKNOWN_REASON, Reason.UNKNOWN_MATERIAL, Reason.UNKNOWN_VERSION),
    }
)
_NAMED_BY_LABEL: Final = frozenset({Reason.UNKNOWN_CODE, Reason.UNKNOWN_MATERIAL})


def _name_in(event: Scanned | Refused, code: str) -> str:
    """Return the name on a label or card that a code refuses; empty if it refuses something else."""
    label = event.label if isinstance(event, Scanned) else None
    match label:
        case Control() if code in _NAMED_BY_CARD:
            return "/".join(label.values)
        case Label() if code in _NAMED_BY_LABEL:
            return label.gtin or (label.text[:40] if label.is_plain else "")
        case _:
            return ""


def count_documents(language: Language, documents: Sequence[Document]) -> str:
    """Return the number of documents, in words."""
    return inflect(language, "documents", len(documents), 1, count=str(len(documents)))


def describe_posting(books: Books, event: Scanned, posting: Posting, *asides: str) -> Outcome:
    """Answer a scanner that its units are posted, or how many of them wait: those are not posted yet."""
    language, first = language_of(books, event), posting.documents[0]
    done = describe_reports(books, posting.documents, language)
    products = _products(books, posting)
    product = products[0]
    point = posting.point or FINAL
    title = product.amount if product.units else count_documents(language, posting.documents)
    if posting.kind != "yield":
        title = f"{title} {phrase(language, posting.kind)}"
    if posting.frame:
        title = phrase(language, posting.frame, title=title)
    total, said = _shift_total(books, language, first, point, product.unit)
    units, at = posting.units, posting.point
    if len(products) == 1:
        named, facts = product.name, _facts(product, first, posting, total)
        if not units and books.state.rules.leads:
            units, at = product.units, point
    else:
        named, facts = ", ".join(f"{each.amount} {each.name}" for each in products), (("line", first.line),)
    text = "; ".join([f"{named}, {said}", *filter(None, (*asides, *done.aside))])
    number = done.documents[0]
    if not done.waiting:
        return Outcome("ok", Reason.OK, title, text, number, units, at, facts=facts)
    posted = phrase(language, "posted_of", posted=format_quantity(done.posted))
    waiting = f"{posted}, {waits(language, done.waiting, done.point)}; {text}"
    title, units = phrase(language, "waits_title", title=title), done.posted + done.waiting
    return Outcome("info", Reason.WAITS, title, waiting, number, units, at, done.waiting, facts)


def _products(books: Books, posting: Posting) -> list[Product]:
    """Return what the documents of a posting report, by product."""
    first = posting.documents[0]
    if posting.units:
        return [product_of(books.state, first.plant, first.material, posting.units)]
    made = {document.number: document.material for document in posting.documents}
    sums = dict.fromkeys(made.values(), 0)
    for line in reversed(books.changes.confirmations):
        if line.document < first.number:
            break
        if line.document in made:
            sums[made[line.document]] += line.said
    return [product_of(books.state, first.plant, material, units) for material, units in sums.items()]


def _facts(product: Product, document: Document, posting: Posting, total: str) -> Facts:
    facts = (
        ("version", document.version),
        ("batch", document.batch),
        ("serial", posting.serial),
        ("line", document.line),
        ("kind", posting.kind),
        ("shift_total", total),
    )
    return (*product.facts, *[fact for fact in facts if fact[1]])


def _shift_total(books: Books, language: Language, document: Document, point: str, unit: str) -> tuple[str, str]:
    """Return the yield of a document's shift at its line and point, and describe it; empty for one long ago."""
    state, (plant, line) = books.state, (document.plant, document.line)
    date, shift = document.production_date, document.shift
    where = line if point == FINAL else f"{line}/{point}"
    if date < state.shift_yield_since:
        return "", where
    total = format_quantity(state.shift_yield.get((plant, line, date, shift, point, unit), 0))
    known = state.master.plants.get(plant)
    today = known.day(books.now) if known is not None else None
    if today is None or (today.date, today.shift) != (date, shift):
        return total, phrase(language, "earlier_total", where=where, total=total, date=date, shift=shift).rstrip()
    return total, phrase(language, "shift_total" if shift else "day_total", where=where, total=total)


def as_before(language: Language, before: Outcome | None) -> Outcome:
    """Answer a repeated scan by what it posted before, if that is known."""
    title = phrase(language, "twice")
    if before is None or not before.document:
        return Outcome("dup", Reason.DUPLICATE, title, phrase(language, "read_before"))
    document = format_number(before.document)
    name = " ".join(value for name, value in before.facts if name in ("material", "description"))
    text = phrase(language, "as_before", title=f"{before.title} {name}".rstrip(), document=document)
    return before._replace(result="dup", code=Reason.DUPLICATE, title=title, text=text, waiting=0)


def describe_undone(books: Books, reports: Sequence[Dossier]) -> tuple[list[Product], Facts]:
    """Return what is left of reports before they are undone, by product, and its facts."""
    left: dict[tuple[str, str], int] = {}
    for dossier in reports:
        of = dossier.document.plant, dossier.document.material
        lines = (*dossier.confirmations, *dossier.reversing)
        left[of] = left.get(of, 0) + sum(line.said + line.lost + line.rework for line in lines)
    products = [product_of(books.state, *of, units) for of, units in left.items()]
    if len(products) > 1:
        return products, (("line", reports[0].document.line),)
    return products, _facts(products[0], reports[0].document, Posting((), kind="undo"), "")
