"""Act pages: the form of an act, its preview, and its answer, as plain pages that need no JavaScript.

A form carries its transaction, and so does the address of its preview. So a double click, the back button and a page
that is loaded again ask for the same thing, and get the same answer.
"""

import re
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final
from urllib.parse import urlencode

from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import Response

from gateway.errors import BackflushError, Reason, Unavailable
from gateway.web.acts import ACTS, PROCESSES, Act, wish_of
from gateway.web.asking import SCOPE_OF, Asking, GatewayAnswer, VisitorRequest
from gateway.web.guard import Door, MenuEntry
from gateway.web.ledger_reader import LedgerReader
from gateway.web.lists import Field
from gateway.web.many import (
    Became,
    ask_each,
    became_of_lines,
    became_of_records,
    find_settled_before,
    heading_of,
    sum_up,
)
from gateway.web.orders import ORDER_ACTS
from gateway.web.pages import Pages, read_place
from gateway.web.preview import Previews
from gateway.web.rights import Visitor
from gateway.web.tables import PageWords, Table

_DOCUMENT: Final = re.compile(r"(?<!\d)\d{10}(?!\d)")
_MOST_LINKS: Final = 50
_ITEMS: Final = "movement material >quantity unit location batch stock_type >amount"
_ACTIVITIES: Final = "activity >hours work_center cost_center >amount"
_QUANTITIES: Final = frozenset({"quantity", "scrap", "rework", "made"})
_WORDS: Final = frozenset({"type", "kind", "closed", "role", "first"})
_NONE: Final = "\u2013"
_PREVIEWED: Final = "type line material version >yield >scrap >rework posting_date shift batch plant"


class ActPages:
    """The pages of all acts."""

    def __init__(self, pages: Pages, asking: Asking, reader: LedgerReader, previews: Previews) -> None:
        self._pages = pages
        self._asking = asking
        self._reader = reader
        self._previews = previews

    @property
    def doors(self) -> list[Door]:
        """The routes: a form, and what is sent with it."""
        return [
            door
            for act in (*ACTS, *ORDER_ACTS)
            for need in (act.scope or SCOPE_OF[act.verb],)
            for door in (
                Door(act.path, "GET", need, self._form_of(act), "lines",
                     MenuEntry("tasks", "post") if act.path == "/post" else None),
                Door(act.path, "POST", need, self._change_of(act)),
            )
        ]  # fmt: skip

    def _form_of(self, act: Act) -> Callable[..., Any]:
        async def answer(request: Request) -> Response:
            said = _read_form(request, act, request.query_params)
            if act.fill is not None:
                try:
                    filled = await self._fill(request, act, said)
                except BackflushError as error:
                    return self._pages.explain(request, act.back.strip("/"), error)
                if filled is None:
                    return self._pages.show(request, "message.html", 404, message="no_page")
                said = {**filled, **said} | {each.name: filled.get(each.name, "") for each in act.fields
                                             if each.kind == "shown"}  # fmt: skip
            said.setdefault("transaction", f"web-{uuid.uuid4()}")
            if act.has_preview and said.get("step") == "preview":
                return await self._preview(request, act, said, wish_of(act, said))
            return self._show_form(request, act, said)

        return answer

    async def _fill(self, request: Request, act: Act, said: Mapping[str, str]) -> Mapping[str, str] | None:
        fill, master, visitor = act.fill, self._reader.facts.master, request.state.visitor
        assert fill is not None
        return await self._reader.ask(lambda connection: fill(connection, master, visitor, said))

    def _change_of(self, act: Act) -> Callable[..., Any]:
        async def answer(request: Request) -> Response:
            said = _read_form(request, act, request.state.form)
            visitor: Visitor = request.state.visitor
            if not said.get("transaction"):
                return self._show_form(request, act, {**said, "transaction": f"web-{uuid.uuid4()}"})
            if said.get("lines") and "lines" in _names(act):
                return self._show_lines(request, act, said, await ask_each(self._asking, visitor, act, said))
            wish, words = wish_of(act, said), self._words(request)
            before = await find_settled_before(self._reader, visitor, wish)
            answer = await self._asking.ask(visitor, wish)
            return self._show_answer(request, act, said, answer, [*became_of_records(answer, before, words)])

        return answer

    async def _preview(self, request: Request, act: Act, said: Mapping[str, str], wish: VisitorRequest) -> Response:
        wish, refused = await self._asking.judge(request.state.visitor, wish)
        if refused is not None:
            return self._show_form(request, act, said, refused)
        try:
            shown = await self._previews.show(self._asking.request_of(request.state.visitor, wish))
        except BackflushError as error:
            code = "" if isinstance(error, Unavailable) else Reason.BAD_COMMAND
            return self._show_form(request, act, said, GatewayAnswer(wish.transaction, "error", code, str(error), {}))
        if shown["status"] != "ok":
            refused = GatewayAnswer(wish.transaction, "error", shown["code"], shown["text"], shown["data"])
            return self._show_form(request, act, said, refused)
        return self._show_form(request, act, said, preview=shown)

    def _show_form(
        self,
        request: Request,
        act: Act,
        said: Mapping[str, str],
        refused: GatewayAnswer | None = None,
        preview: Mapping[str, Any] | None = None,
    ) -> Response:
        """Show a form: what the page before has said, or a preview rests on, is shown and cannot be changed."""
        words = self._words(request)
        fixed = [
            field.name
            for field in act.fields
            if said.get(field.name)
            and field.kind != "hidden"
            and (field.is_given or field.kind == "shown" or preview is not None)
        ]
        hidden = [field.name for field in act.fields if field.name in said and field.name not in fixed
                  and (field.kind == "hidden" or preview is not None)]  # fmt: skip
        if preview is not None and said.get("reason"):
            fixed.append("reason")
        is_ticked = any(field.name in fixed and field.is_given and field.kind == "names" for field in act.fields)
        asked = [field for field in act.fields if field.name not in fixed and field.kind not in ("hidden", "shown")
                 and not (is_ticked and field.is_given)]  # fmt: skip
        fields = [self._field(words, act, field.name, said) for field in asked]
        reason = Field("reason", words.texts["col_reason"], said.get("reason", ""), (), "text")
        values = [(name, self._label(words, name), said[name], _print(words, name, said[name])) for name in fixed]
        return self._pages.show(
            request, "act.html", 200 if refused is None else refused.http_status, act=act, words=words, values=values,
            hidden=[(name, said[name]) for name in hidden], fields=[] if preview is not None else fields,
            reason=None if "reason" in fixed else reason,
            transaction=said["transaction"], refused=refused, remedy=_remedy(words, refused), preview=preview,
            meaning=words.meaning(refused.code) if refused is not None else "",
            tables=[self._tables(words, each) for each in preview["documents"]] if preview else [],
            changes=_changes(words, preview["data"] if preview else {}),
            links=_links(refused), anew=_address_of_new_form(said, refused),
            change=urlencode([(name, value) for name, value in said.items() if name in _names(act)]),
        )  # fmt: skip

    def _field(self, words: PageWords, act: Act, name: str, said: Mapping[str, str]) -> Field:
        field = next(each for each in act.fields if each.name == name)
        choices = [(choice, words.word(choice) or words.texts["not_said"]) for choice in field.choices]
        if field.choices == PROCESSES:
            choices = [("", words.texts["all_processes"]), *choices]
        if field.kind == "yes":
            choices = [("", words.texts["word_no"]), ("yes", words.texts["word_yes"])]
        kind = "date" if field.kind == "date" else "text"
        return Field(name, self._label(words, name), said.get(name, ""), choices, kind)

    @staticmethod
    def _label(words: PageWords, name: str) -> str:
        return words.texts.get(f"field_{name}") or words.texts[f"col_{name}"]

    @staticmethod
    def _tables(words: PageWords, paper: Mapping[str, Any]) -> Mapping[str, Any]:
        of = {"plant": paper["plant"]}
        parts = {"items": _ITEMS, "activities": _ACTIVITIES}
        head = words.table(_PREVIEWED, [paper])
        return {"head": head, **{name: words.table(spec, [{**of, **each} for each in paper[name]])
                                 for name, spec in parts.items()}}  # fmt: skip

    def _show_lines(
        self, request: Request, act: Act, said: Mapping[str, str], answers: Mapping[str, GatewayAnswer]
    ) -> Response:
        words = self._words(request)
        answer = sum_up(said["transaction"], answers, words)
        return self._show_answer(request, act, said, answer, [*became_of_lines(answers, words)])

    def _show_answer(
        self, request: Request, act: Act, said: Mapping[str, str], answer: GatewayAnswer, became: Sequence[Became]
    ) -> Response:
        words = self._words(request)
        rest = {name: value for name, value in said.items() if name in _names(act) and name != "reason"}
        if answer.data.get("after"):
            rest["after"] = str(answer.data["after"])
        device = self._reader.facts.master.devices.get(said.get("old", ""))
        place = (device.plant, device.line) if device is not None else read_place(said.get("line", ""))
        return self._pages.show(
            request, "acted.html", answer.http_status, act=act, words=words, answer=answer, links=_links(answer),
            changes=_changes(words, answer.data), device=said.get("new") or said.get("old", ""),
            anew=_address_of_new_form(said, answer),
            place=place,
            remedy=_remedy(words, answer), meaning=words.meaning(answer.code), became=became,
            heading=heading_of(answer, became),
            is_quote=not said.get("lines"), figures=[*_figures(words, answer)],
            again=[(name, value) for name, value in said.items() if name in {*_names(act), "step"}],
            go_on=urlencode(rest) if answer.data.get("more") or answer.data.get("after") else "",
        )  # fmt: skip

    def _words(self, request: Request) -> PageWords:
        return PageWords(self._pages.language_of(request), self._reader.facts.master)


def _read_form(request: Request, act: Act, said: Mapping[str, str]) -> dict[str, str]:
    """Return what a form or address says, with the document or device that the path names; what is ticked is joined."""
    if isinstance(said, QueryParams):
        many = [field.name for field in act.fields if field.kind == "names" and field.name in said]
        said = {**said, **{name: " ".join(said.getlist(name)) for name in many}}
    return {**said, **dict(zip([act.of], request.path_params.values(), strict=False))}


def _names(act: Act) -> set[str]:
    return {*(field.name for field in act.fields), "reason"}


def _address_of_new_form(said: Mapping[str, str], answer: GatewayAnswer | None) -> str:
    """Return what follows the path of a new form, if this one is out of date; empty if it is not."""
    return urlencode({"order": said.get("order", "")}) if answer is not None and answer.code == Reason.CHANGED else ""


def _changes(words: PageWords, data: Mapping[str, Any]) -> Table | None:
    """Return the changes of rows that an answer names, field by field; None if it names none."""
    changes = data.get("changes", ())
    found = [
        {
            "row": "/".join(filter(None, change["key"])),
            "field": words.texts.get(f"col_{column}", column),
            **{name: _print(words, column, cell) or ("" if change["kind"] == "added" else _NONE)
               for name, cell in values.items()},
        }
        for change in changes
        for column, values in change["fields"].items()
    ]  # fmt: skip
    of_rows = "row " if len(changes) > 1 else ""
    return words.table(f"{of_rows}field before after", found) if found else None


def _print(words: PageWords, name: str, value: str) -> str:
    """Print the value of a field in the words, numbers and times of a language."""
    if name in _WORDS:
        return words.word(value)
    return words.number(value) if name in _QUANTITIES else words.moment(value).text


def _remedy(words: PageWords, answer: GatewayAnswer | None) -> str:
    """Return what helps against a refusal."""
    if answer is None or answer.status == "ok":
        return ""
    name = "not_known" if answer.status == "unknown" else answer.code
    return words.texts.get(f"helps_{name}", "")


def _figures(words: PageWords, answer: GatewayAnswer) -> Iterator[tuple[str, str]]:
    """Yield the figures of an answer, with their names."""
    for name, value in answer.data.items():
        if f"figure_{name}" in words.texts and isinstance(value, str | int) and not isinstance(value, bool):
            yield words.texts[f"figure_{name}"], words.number(str(value))


def _links(answer: GatewayAnswer | None) -> list[str]:
    """Return the documents that an answer names."""
    if answer is None:
        return []
    said = answer.data.get("documents")
    named = [str(each) for each in said] if isinstance(said, list) else []
    return list(dict.fromkeys([*_DOCUMENT.findall(answer.text), *named]))[:_MOST_LINKS]
