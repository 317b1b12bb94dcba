"""Label pages: cards that operators scan instead of typing, on sheets, by the code of `backflush labels`.

Cards of no line, badges and the site's own labels, are for people who see every line; badges for those of them who may
run a line.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from typing import Final, NamedTuple
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from gateway.backflush.plant.snapshot import MasterData
from gateway.backflush.values.names import quote
from gateway.backflush.values.quantities import parse_whole
from gateway.errors import BackflushError, LedgerUnavailable, UsageError
from gateway.service.labels.cards import KINDS, cards_of
from gateway.service.labels.drawings import to_pdf, to_svg
from gateway.service.labels.sheets import PAPER_SAYS, SYMBOLS, Sheets, lay_out, paper_of
from gateway.web.guard import Door, Endpoint, Guard, MenuEntry
from gateway.web.ledger_reader import LedgerReader
from gateway.web.lists import Field, Query, WorkList, fields_of, read_query
from gateway.web.pages import Pages
from gateway.web.rights import Lack, Reach, Scope, Visitor, find_lack
from gateway.web.tables import PageWords
from gateway.web.texts import LANGUAGES, texts

MOST: Final = 300
"""The cards that are printed at once, so that no other page waits for long."""
_NEEDS: Final[dict[str, tuple[Scope, Reach]]] = {"operators": ("run", "all"), "aliases": ("read", "all")}
_MOST_NAMES: Final = 20
_KEPT: Final = 4
_CHOICES: Final = {"cards": KINDS, "symbol": tuple(SYMBOLS), "language": LANGUAGES}
_ASKED: Final = WorkList("labels", "", (), filters=("line", *_CHOICES, "paper", "page"))


class CardOrder(NamedTuple):
    """The cards that are asked for, and their paper: of the same master data they are always the same sheets."""

    digest: str
    kinds: tuple[str, ...]
    plant: str
    line: str
    symbol: str
    paper: str
    language: str


class Printed(NamedTuple):
    """Cards on sheets."""

    cards: int
    sheets: Sheets
    pages: list[str]
    """Each as SVG."""
    missing: list[str]
    """Names and codes without a card."""


class LabelPages:
    """The page of sheets, and their files."""

    def __init__(self, pages: Pages, guard: Guard, reader: LedgerReader) -> None:
        self._pages = pages
        self._guard = guard
        self._reader = reader
        self._one = asyncio.Semaphore(1)
        self._printed: dict[CardOrder, Printed] = {}

    @property
    def doors(self) -> list[Door]:
        """The routes. The page shows sheets as pictures, so that no text of a card is a part of it."""
        return [
            Door("/labels", "GET", "read", self._answer_by(self._show), menu=MenuEntry("plant", "labels")),
            Door("/labels.pdf", "GET", "read", self._answer_by(self._send_pdf)),
            Door("/labels.svg", "GET", "read", self._answer_by(self._send_svg)),
        ]

    def _answer_by(self, send: Callable[[Request, Query, Printed], Awaitable[Response]]) -> Endpoint:
        async def answer(request: Request) -> Response:
            visitor: Visitor = request.state.visitor
            facts = self._reader.facts
            fields: list[Field] = []
            try:
                query = read_query(_ASKED, request.query_params, visitor, facts.master, 0)
                if (lack := _lack_of(visitor, query.said["cards"])) is not None:
                    return self._guard.refuse(request, lack)
                fields = [*_fields(query, PageWords(self._pages.language_of(request), query.master), visitor)]
                order = _order_of(query, visitor, facts.digest, self._pages.language_of(request))
                if not facts.digest:
                    raise LedgerUnavailable(self._reader.why_away or "there are no master data yet")
                return await send(request, query, await self._print(order, facts.master))
            except BackflushError as error:
                return self._pages.explain(request, "labels", error, fields)

        return answer

    async def _print(self, order: CardOrder, master: MasterData) -> Printed:
        """Make the sheets of an order, or take them from those that were made last."""
        async with self._one:
            if order not in self._printed:
                made = await asyncio.to_thread(_make, order, master)
                self._printed = dict([*self._printed.items()][1 - _KEPT :]) | {order: made}
            return self._printed[order]

    async def _show(self, request: Request, query: Query, printed: Printed) -> Response:
        words = PageWords(self._pages.language_of(request), query.master)
        asked = {**query.said, "language": query.said["language"] or words.language, "page": ""}
        said = urlencode([(name, value) for name, value in asked.items() if value])
        return self._pages.show(
            request, "labels.html", fields=[*_fields(query, words, request.state.visitor)], said=said, printed=printed,
            missing=printed.missing[:_MOST_NAMES], more=len(printed.missing[_MOST_NAMES:]),
            lang=request.query_params.get("lang", ""),
        )  # fmt: skip

    async def _send_pdf(self, request: Request, _: Query, printed: Printed) -> Response:
        if not printed.pages:
            return self._pages.show(request, "message.html", 404, message="no_page")
        body = await asyncio.to_thread(to_pdf, printed.sheets)
        return Response(
            body, media_type="application/pdf", headers={"content-disposition": "inline; filename=cards.pdf"}
        )

    async def _send_svg(self, request: Request, query: Query, printed: Printed) -> Response:
        number = parse_whole(query.said["page"] or "1") or 0
        if not 0 < number <= len(printed.pages):
            return self._pages.show(request, "message.html", 404, message="no_page")
        return Response(printed.pages[number - 1], media_type="image/svg+xml")


def _lack_of(visitor: Visitor, kind: str) -> Lack | None:
    """Return the right that a visitor lacks for a kind of cards; None: it may be printed."""
    need, reach = _NEEDS.get(kind, ("read", "lines"))
    return find_lack(visitor, need, None, reach)


def _kinds_for(visitor: Visitor) -> tuple[str, ...]:
    """Return the kinds of cards that a visitor may print."""
    return tuple(kind for kind in KINDS if _lack_of(visitor, kind) is None)


def _order_of(query: Query, visitor: Visitor, digest: str, language: str) -> CardOrder:
    """Read what is asked for; UsageError if it is nothing known."""
    for name, choices in _CHOICES.items():
        if query.said[name] and query.said[name] not in choices:
            raise UsageError(f"{name}: expected one of {', '.join(choices)}, got {quote(query.said[name])}")
    paper = query.said["paper"].lower() or "a4"
    if paper_of(paper) is None:
        raise UsageError(f"paper: expected {PAPER_SAYS}, got {quote(paper)}")
    plant, line = query.place
    if query.said["line"] and not any(plant == of and line in ("", name) for of, name in query.master.lines):
        raise UsageError(f"there is no line {quote(query.line)}")
    kinds = (query.said["cards"],) if query.said["cards"] else _kinds_for(visitor)
    symbol = query.said["symbol"] or next(iter(SYMBOLS))
    return CardOrder(digest, kinds, plant, line, symbol, paper, query.said["language"] or language)


def _make(order: CardOrder, master: MasterData) -> Printed:
    """Make the sheets of an order; UsageError if they are too many."""
    found, paper = cards_of(master, order.kinds, order.plant, order.line, order.language), paper_of(order.paper)
    assert paper is not None
    if len(found.cards) > MOST:
        raise UsageError(
            f"expected at most {MOST} cards at once, got {len(found.cards)}: choose a line or a kind of cards"
        )
    sheets = lay_out(found.cards, paper, order.symbol)
    missing = [*found.unfit, *(card.code for card in sheets.left_out)]
    return Printed(len(found.cards) - len(sheets.left_out), sheets, to_svg(sheets), missing)


def _fields(query: Query, words: PageWords, visitor: Visitor) -> Iterator[Field]:
    """Yield the fields of the form."""
    yield from fields_of(_ASKED._replace(filters=("line",)), query, words, visitor)
    names = words.texts
    kinds = [("", names["any"]), *((kind, names[f"cards_{kind}"]) for kind in _kinds_for(visitor))]
    yield Field("cards", names["filter_cards"], query.said["cards"], kinds, "text")
    symbols = [(symbol, names[f"symbol_{symbol}"]) for symbol in SYMBOLS]
    yield Field("symbol", names["filter_symbol"], query.said["symbol"], symbols, "text")
    yield Field("paper", names["filter_paper"], query.said["paper"] or "a4", (), "text")
    languages = [(each, texts(each)["own_name"]) for each in LANGUAGES]
    yield Field("language", names["filter_language"], query.said["language"] or words.language, languages, "text")
