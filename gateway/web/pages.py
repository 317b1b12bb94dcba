"""Pages: a template with the texts of the visitor's language makes each of them."""

from pathlib import Path
from typing import Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import Response

from gateway.service.program import program_version
from gateway.web.assets import Assets
from gateway.web.guard import cookie_name
from gateway.web.rights import Place
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
        self.version: Final = f"{program_version()}-{self.assets.digest}"
        """A page of another version is loaded again."""

    def show(self, request: Request, page: str, status: int = 200, **values: object) -> Response:
        """Make a page of a template and its values."""
        language = choose_language(
            request.query_params.get("lang", ""), request.headers.get("accept-language", ""), self._language
        )
        visitor = getattr(request.state, "visitor", None)
        body = self._templates.get_template(page).render(
            t=texts(language), language=language, visitor=visitor, version=self.version, **values
        )
        return Response(body, status, media_type="text/html")


def line_of(request: Request) -> Place:
    """Return the line that an address names."""
    return request.path_params["plant"], request.path_params["line"]


def remember(request: Request, answer: Response, name: str, secret: str, seconds: int) -> Response:
    """Set a cookie that no script can read and no other site sends along; an empty one goes."""
    is_secure = request.url.scheme == "https"
    answer.set_cookie(cookie_name(request, name), secret, max_age=seconds, path="/", secure=is_secure, httponly=True,
                      samesite="lax")  # fmt: skip
    return answer
