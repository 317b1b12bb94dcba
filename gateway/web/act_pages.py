"""Act pages: the form of an act, its preview, and its answer, as plain pages that need no JavaScript.

A form carries its transaction, and so does the address of its preview. So a double click, the back button and a page
that is loaded again ask for the same thing, and get the same answer.
"""

import re
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any, Final
from urllib.parse import urlencode

from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from gateway.backflush.values.quantities import parse_whole
from gateway.errors import BackflushError, Reason, Unavailable
from gateway.ledger.reports.lists import OrderFilter, orders
from gateway.ledger.reports.trace import trace_document
from gateway.web.act_forms import (
    faults_of,
    find_line,
    form_field,
    is_forcible,
    label_of,
    offers_of,
    usage_fields,
    usage_of_document,
)
from gateway.web.acts import ACTS, TIME, USE, Act, wish_of
from gateway.web.asking import SCOPE_OF, Asking, GatewayAnswer, VisitorRequest
from gateway.web.guard import Door, MenuEntry
from gateway.web.ledger_reader import LedgerReader
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
from gateway.web.rights import Lack, Visitor
from gateway.web.tables import PageWords, Record, Table

_DOCUMENT: Final = re.compile(r"(?<!\d)\d{10}(?!\d)")
_MOST_LINKS: Final = 50
_KEPT: Final = frozenset({Reason.NOT_STORED, Reason.CHANGED, Reason.CONFLICT})
"""After these refusals a form with another transaction would do it twice, or be refused again."""
_KEPT_BESIDE: Final = frozenset({"transaction", "step", "lang"})
"""The address of a form may hold these besides its fields."""
_ITEMS: Final = "movement material >quantity unit location batch stock_type >amount currency"
_ACTIVITIES: Final = "activity >hours work_center cost_center >amount currency"
_MISSING: Final = "movement material >quantity unit location"
_QUANTITIES: Final = frozenset({"quantity", "scrap", "rework", "made"})
_WORDS: Final = frozenset({"type", "kind", "closed", "role", "first", "force"})
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
        """The routes: a form, and what is sent with it. The line is judged where a refusal leaves what was typed."""
        return [
            door
            for act in (*ACTS, *ORDER_ACTS)
            for need in (act.scope or SCOPE_OF[act.verb],)
            for door in (
                Door(act.path, "GET", need, self._form_of(act), "lines",
                     MenuEntry("tasks", act.key) if act.is_task else None, judges_place=True),
                Door(act.path, "POST", need, self._change_of(act), judges_place=True),
            )
        ]  # fmt: skip

    def _form_of(self, act: Act) -> Callable[..., Any]:
        async def answer(request: Request) -> Response:
            said = self._read_form(request, act, request.query_params)
            if not said.get("transaction"):
                return _see(request, act, {**said, "transaction": _new_transaction()})
            if act.fill is not None:
                try:
                    filled = await self._fill(request, act, said)
                except BackflushError as error:
                    return self._pages.explain(request, act.back.strip("/"), error)
                if filled is None:
                    return self._pages.show(request, "message.html", 404, message="no_page")
                said = {**filled, **said} | {each.name: filled.get(each.name, "") for each in act.fields
                                             if each.kind == "shown"}  # fmt: skip
            if act.has_preview and said.get("step") == "preview":
                return await self._preview(request, act, said, wish_of(act, said))
            return await self._show_form(request, act, said, self._judge_line(request, act, said, is_sent=False))

        return answer

    async def _fill(self, request: Request, act: Act, said: Mapping[str, str]) -> Mapping[str, str] | None:
        fill, master, visitor = act.fill, self._reader.facts.master, request.state.visitor
        assert fill is not None
        return await self._reader.ask(lambda connection: fill(connection, master, visitor, said))

    def _change_of(self, act: Act) -> Callable[..., Any]:
        async def answer(request: Request) -> Response:
            said = self._read_form(request, act, request.state.form)
            if act.has_preview and said.get("step") == "preview":
                return _see(request, act, said)
            visitor: Visitor = request.state.visitor
            if not said.get("transaction"):
                return await self._show_form(request, act, {**said, "transaction": _new_transaction()})
            if said.get("lines") and any(field.name == "lines" for field in act.fields):
                return self._show_lines(request, act, said, await ask_each(self._asking, visitor, act, said))
            wish, words = wish_of(act, said), self._words(request)
            before = await find_settled_before(self._reader, visitor, wish)
            found = self._judge_line(request, act, said, is_sent=True) or await self._asking.ask(visitor, wish)
            if found.status == "error" and found.code not in _KEPT and not found.data:
                return await self._show_form(request, act, {**said, "transaction": _new_transaction()}, found)
            return self._show_answer(request, act, said, found, [*became_of_records(found, before, words)])

        return answer

    async def _preview(self, request: Request, act: Act, said: Mapping[str, str], wish: VisitorRequest) -> Response:
        refused = self._judge_line(request, act, said, is_sent=True)
        if refused is None:
            wish, refused = await self._asking.judge(request.state.visitor, wish)
        if refused is not None:
            return await self._show_form(request, act, said, refused)
        try:
            shown = await self._previews.show(self._asking.request_of(request.state.visitor, wish))
        except BackflushError as error:
            code = "" if isinstance(error, Unavailable) else Reason.BAD_COMMAND
            refused = GatewayAnswer(wish.transaction, "error", code, str(error), {})
            return await self._show_form(request, act, said, refused)
        if shown["status"] != "ok":
            refused = GatewayAnswer(wish.transaction, "error", shown["code"], shown["text"], shown["data"])
            return await self._show_form(request, act, said, refused)
        return await self._show_form(request, act, said, preview=shown)

    def _judge_line(
        self, request: Request, act: Act, said: Mapping[str, str], *, is_sent: bool
    ) -> GatewayAnswer | None:
        """Refuse a line that is none, or not one of the visitor's; None: the gateway judges what is sent."""
        text = said.get("line", "").strip()
        plant, line = read_place(text)
        needs_line = any(field.name == "line" and field.is_required and field.is_offered for field in act.fields)
        why = ""
        if needs_line and not line and (text or is_sent):
            code, why = str(Reason.BAD_COMMAND), self._words(request).texts["line_form"]
        elif text and not is_sent and not request.state.visitor.sees(plant, line):
            code, why = str(Reason.NOT_ALLOWED), Lack("line").print("en", request.state.visitor)
        return GatewayAnswer(said.get("transaction", ""), "error", code, why, {}) if why else None

    async def _show_form(
        self,
        request: Request,
        act: Act,
        said: Mapping[str, str],
        refused: GatewayAnswer | None = None,
        preview: Mapping[str, Any] | None = None,
    ) -> Response:
        """Show a form: what the page before has said, or a preview rests on, is shown and cannot be changed."""
        words, visitor, master = self._words(request), request.state.visitor, self._reader.facts.master
        is_forced = bool(said.get("force")) or is_forcible(refused)
        fields = [field for field in act.fields if field.kind != "force" or is_forced]
        fixed = [
            field
            for field in fields
            if said.get(field.name)
            and field.kind != "hidden"
            and (field.is_given or field.kind == "shown" or preview is not None)
        ]
        hidden = [field for field in fields if field.name in said and field not in fixed
                  and (field.kind == "hidden" or preview is not None)]  # fmt: skip
        wrong = faults_of(act, refused)
        offered = offers_of(act, said, master, visitor, await self._orders(act, said, visitor))
        is_ticked = any(field in fixed and field.is_given and field.kind == "names" for field in fields)
        open_fields = [] if preview is not None else [
            form_field(words, act, field, said, offered.get(field.name, ()), wrong.get(field.name, ""))
            for field in fields if field not in fixed and field.kind not in ("hidden", "shown")
            and not (is_ticked and field.is_given) and field.name != "lines"
        ]  # fmt: skip
        values = [(field.name, label_of(words, act, field.name), value, _print(words, field.name, value))
                  for field in fixed for value in (said[field.name],)]  # fmt: skip
        reason = said.get("reason", "")
        if preview is not None and reason:
            values.append(("reason", words.texts["col_reason"], reason, reason))
        usage = await self._usage(act, said, visitor, preview) if act.takes_usage else ()
        return self._pages.show(
            request, "act.html", 200 if refused is None else refused.http_status, act=act, words=words, values=values,
            hidden=[(field.name, said[field.name]) for field in hidden],
            fields=[each for each in open_fields if not each.is_rare],
            rare=[each for each in open_fields if each.is_rare],
            usage=usage_fields(words, usage, said, wrong) if act.takes_usage else (),
            reason=None if preview is not None and reason else reason, needs_reason=act.needs_reason or is_forced,
            transaction=said["transaction"], refused=refused, remedy=_remedy(words, refused), preview=preview,
            meaning=words.meaning(refused.code) if refused is not None else "",
            tables=[self._tables(words, each) for each in preview["documents"]] if preview else [],
            changes=_changes(words, preview["data"] if preview else {}),
            links=_links(refused), anew=_address_of_new_form(said, refused),
            change=urlencode([(name, value) for name, value in said.items() if _is_of(act, name)]),
        )  # fmt: skip

    async def _orders(self, act: Act, said: Mapping[str, str], visitor: Visitor) -> Sequence[Record]:
        """Return the open planned orders of a line, for a form that offers products; none while the ledger is away."""
        line = said.get("line", "")
        if not read_place(line)[1] or not visitor.sees(*read_place(line)) or not any(
            field.name == "material" and field.is_offered for field in act.fields
        ):  # fmt: skip
            return ()
        which, master = OrderFilter(line=line, open_only=True), self._reader.facts.master
        with suppress(BackflushError):
            return await self._reader.ask(lambda connection: orders(connection, master, which, limit=_MOST_LINKS))
        return ()

    async def _usage(
        self, act: Act, said: Mapping[str, str], visitor: Visitor, preview: Mapping[str, Any] | None
    ) -> Sequence[Mapping[str, str]]:
        """Return what may be corrected: what the lists have for a posting, or what a document has issued."""
        number = parse_whole(said.get("document", ""))
        if act.verb == "post":
            return preview["standard"] if preview is not None else ()
        if number is None or preview is not None:
            return ()
        with suppress(BackflushError):
            record = await self._reader.ask(lambda connection: trace_document(connection, number))
            if record is not None and visitor.sees(record["plant"], record["line"]):
                return usage_of_document(record)
        return ()

    @staticmethod
    def _tables(words: PageWords, paper: Mapping[str, Any]) -> Mapping[str, Any]:
        of = {"plant": paper["plant"], "currency": paper["currency"]}
        parts = {"items": _ITEMS, "activities": _ACTIVITIES, "backlog": _MISSING}
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
        rest = {name: value for name, value in said.items() if _is_of(act, name) and name != "reason"}
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
            again=[(name, value) for name, value in said.items() if name == "step" or _is_of(act, name)],
            another=act.path == "/post" and answer.status == "ok",
            go_on=urlencode(rest) if answer.data.get("more") or answer.data.get("after") else "",
        )  # fmt: skip

    def _read_form(self, request: Request, act: Act, said: Mapping[str, str]) -> dict[str, str]:
        """Return what a form or address says, with the document or device that the path names."""
        found = {**said, **dict(zip([act.of], request.path_params.values(), strict=False))}
        if isinstance(said, QueryParams):  # several boxes of one name
            found |= {field.name: " ".join(said.getlist(field.name)) for field in act.fields
                      if field.kind == "names" and field.name in said}  # fmt: skip
        if found.get("line"):
            found["line"] = find_line(found["line"].strip(), self._reader.facts.master, request.state.visitor)
        return found

    def _words(self, request: Request) -> PageWords:
        return PageWords(self._pages.language_of(request), self._reader.facts.master)


def _new_transaction() -> str:
    return f"web-{uuid.uuid4()}"


def _see(request: Request, act: Act, said: Mapping[str, str]) -> Response:
    """Lead to the address that holds what is said with its transaction, so that the back button finds both again."""
    kept = {name: value for name, value in said.items()
            if value and name != act.of and (name in _KEPT_BESIDE or _is_of(act, name))}  # fmt: skip
    return RedirectResponse(f"{request.url.path}?{urlencode(kept)}", 303)


def _is_of(act: Act, name: str) -> bool:
    """Return whether a form of this act says a name."""
    return name == "reason" or any(field.name == name for field in act.fields) or (
        act.takes_usage and name.startswith((USE, TIME)))  # fmt: skip


def _address_of_new_form(said: Mapping[str, str], answer: GatewayAnswer | None) -> str:
    """Return what follows the path of a new form, if this one is out of date; empty if it is not."""
    if answer is None or answer.code not in (Reason.CHANGED, Reason.CONFLICT):
        return ""
    return urlencode({name: said[name] for name in ("order", "line") if said.get(name)})


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
