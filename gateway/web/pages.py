"""Pages: a template with the texts of the visitor's language makes each of them."""

from collections.abc import Callable, Iterator, Sequence
from http import HTTPStatus
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_context
from jinja2.runtime import Context
from starlette.requests import Request
from starlette.responses import Response

from gateway.backflush.plant.snapshot import MasterData
from gateway.errors import BackflushError, UsageError
from gateway.ledger.reports.postings import format_time
from gateway.service.program import program_version
from gateway.web.assets import Assets
from gateway.web.guard import GROUPS, Door, cookie_name
from gateway.web.ledger_reader import TooLong
from gateway.web.problems import AGAIN_S
from gateway.web.rights import Lack, Place, Visitor, judge
from gateway.web.tables import PageWords, TableCell
from gateway.web.texts import choose_language, texts

A_YEAR_S: Final = 365 * 86_400
_TEMPLATES: Final = Path(__file__).parent / "templates"


class Pages:
    """Makes pages in a language: the one that the address names, else the browser's, else `language`."""

    def __init__(self, language: str) -> None:
        self._language = language
        self.assets = Assets()
        self._templates = Environment(
            loader=FileSystemLoader(_TEMPLATES), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
            lstrip_blocks=True)  # fmt: skip
        self._templates.globals["asset"] = self.assets.address
        self._templates.filters["moment"] = self._moment
        self.master: Callable[[], MasterData] = MasterData
        """Returns the master data, by whose plants times are printed."""
        self.version: Final = f"{program_version()}-{self.assets.digest}"
        """A page of another version is loaded again."""
        self.doors: Sequence[Door] = ()
        """Every route: the menu has those that name a place in it and that the visitor may use."""

    def language_of(self, request: Request) -> str:
        """Return the language of a page."""
        accepted = request.headers.get("accept-language", "")
        return choose_language(request.query_params.get("lang", ""), accepted, self._language)

    def show(self, request: Request, page: str, status: int = 200, **values: object) -> Response:
        """Make a page of a template and its values; a list without a template of its own has that of lists."""
        language = self.language_of(request)
        visitor = getattr(request.state, "visitor", None)
        body = self._templates.select_template([page, "list.html"]).render(
            t=texts(language),
            language=language,
            visitor=visitor,
            version=self.version,
            groups=list(self._menu(visitor)),
            here=request.url.path,
            **values,
        )
        again = {"retry-after": str(AGAIN_S)} if status == HTTPStatus.SERVICE_UNAVAILABLE else {}
        return Response(body, status, again, "text/html")

    def explain(self, request: Request, name: str, error: BackflushError, fields: Sequence[object] = ()) -> Response:
        """Explain why the page of this name cannot be shown, and what helps: another choice in its form."""
        is_asked = isinstance(error, UsageError)
        kind = "filter" if is_asked else "narrower" if isinstance(error, TooLong) else "ledger"
        meaning = texts(self.language_of(request))[f"fault_{kind}"]
        return self.show(
            request, "fault.html", 400 if is_asked else 503, name=name, why=str(error), meaning=meaning,
            remedy=f"remedy_{kind}", code="", fields=fields, lang=request.query_params.get("lang", ""),
        )  # fmt: skip

    def refuse(self, request: Request, refusal: Lack) -> Response:
        """Explain which right is missing, and lead back to the page that a person comes from."""
        came = urlsplit(request.headers.get("referer", ""))
        path = own_address(came.path + (f"?{came.query}" if came.query else ""))
        back = path if came.netloc == request.headers.get("host") else "/board"
        why = refusal.print(self.language_of(request), getattr(request.state, "visitor", None))
        return self.show(request, "refused.html", 403, refusal=refusal, why=why, back=back)

    @pass_context
    def _moment(self, page: Context, at_s: float | None) -> TableCell:
        """Print a time that is of no plant, as all others: by the clock of the plants if they share one, else UTC."""
        if at_s is None:
            return TableCell("\u2013")
        return PageWords(page["language"], self.master()).moment(format_time(int(at_s * 1e6)))

    def _menu(self, visitor: Visitor | None) -> Iterator[tuple[str, list[tuple[str, str]]]]:
        """Yield each group of the menu with the names and addresses of its pages."""
        may = [
            door
            for door in self.doors
            if door.menu is not None and judge(visitor, door.need, None, door.reach) == "yes"
        ]
        for group in GROUPS:
            pages = [(door.menu.name, door.path) for door in may if door.menu is not None and door.menu.group == group]
            if pages:
                yield group, pages


def own_address(path: str) -> str:
    """Return the address of a page of ours: never of another site.

    >>> own_address("/line/1000/L04"), own_address("//evil.example")
    ('/line/1000/L04', '/board')
    """
    return path if path.startswith("/") and not path.startswith(("//", "/\\")) and path.isprintable() else "/board"


def line_of(request: Request) -> Place:
    """Return the line that an address names."""
    return request.path_params["plant"], request.path_params["line"]


def read_place(text: str) -> Place:
    """Return the plant or line of a filter, `1000` or `1000/L04`."""
    plant, _, line = text.partition("/")
    return plant, line


def remember(request: Request, answer: Response, name: str, secret: str, seconds: int) -> Response:
    """Set a cookie that no script can read and no other site sends along; an empty one goes."""
    is_secure = request.url.scheme == "https"
    answer.set_cookie(cookie_name(request, name), secret, max_age=seconds, path="/", secure=is_secure, httponly=True,
                      samesite="lax")  # fmt: skip
    return answer
