"""Imports of master data by programs: a file is checked, and what was checked is imported, as by pages."""

from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.requests import Request
from typing_extensions import TypedDict

from gateway.errors import Reason, UsageError
from gateway.masterdata.merge import Missing
from gateway.service.fold.forms import MAX_TEXT
from gateway.service.fold.requests import describe_errors
from gateway.web.asking import GatewayAnswer, VisitorRequest
from gateway.web.problems import Problem
from gateway.web.rights import Visitor
from gateway.web.upload_check import MOST_CONFIRMED
from gateway.web.upload_form import FORM, read_upload
from gateway.web.uploads import Upload, Uploads

_ROWS: Final = {"": Missing.KEPT, "keep": Missing.KEPT, "remove": Missing.REMOVED}
Name = Annotated[str, Field(max_length=MAX_TEXT)]


class FindingRecord(TypedDict):
    """A fault of a file and its place; only an `error` refuses the import."""

    file: str
    row: int
    field: str
    text: str
    table: str
    severity: Literal["error", "warning"]


class CellChange(TypedDict):
    """A cell before and after."""

    before: str
    after: str


class ChangeRecord(TypedDict):
    """A row that an import adds, changes or removes."""

    table: str
    key: list[str]
    kind: Literal["added", "changed", "removed"]
    fields: dict[str, CellChange]


class RowCounts(TypedDict):
    """The rows of a table."""

    added: int
    changed: int
    removed: int
    same: int


class CheckRecord(TypedDict):
    """A checked file: its findings, and its changes of what is in force; at most 1,000 of each are told."""

    upload: str
    in_force: str
    digest: str
    errors: int
    warnings: int
    findings: list[FindingRecord]
    changed: int
    changes: list[ChangeRecord]
    tables: dict[str, RowCounts]
    to_confirm: int
    confirm: list[ChangeRecord]


class RowForm(BaseModel):
    """The name of a row."""

    model_config = ConfigDict(extra="forbid", strict=True)

    table: Name
    key: list[Name] = Field(max_length=20)


class DecisionForm(BaseModel):
    """A decision: the upload and its digest, and each row of `confirm` of its check."""

    model_config = ConfigDict(extra="forbid", strict=True)

    upload: Name
    digest: Name
    confirmed: list[RowForm] = Field([], max_length=MOST_CONFIRMED)


class FileForm(BaseModel):
    """A file to check."""

    file: bytes = Field(description="A ZIP of CSV files, an XLSX or YAML file, or a CSV file named as its table")
    rows: Literal["keep", "remove"] = Field("keep", description="The fate of rows in force that its tables lack")


async def check_upload(uploads: Uploads, request: Request) -> CheckRecord:
    """Check the file of a request; a Problem if it cannot be checked."""
    form = await read_upload(request)
    if form.is_too_long:
        raise Problem(413, "expected at most 64 MiB, got more")
    if form.why:
        raise Problem(503, form.why)
    if not form.name:
        raise Problem(400, f"expected {FORM} with a file named `file`")
    rows = form.fields.get("rows", "")
    if rows not in _ROWS:
        raise Problem(422, f"rows: expected keep or remove, got {rows[:40]!r}", Reason.BAD_COMMAND)
    try:
        upload = await uploads.check(request.state.visitor, form.name, form.content, _ROWS[rows])
    except UsageError as error:
        raise Problem(422, str(error), Reason.BAD_COMMAND) from error
    return _record(upload)


def _record(upload: Upload) -> CheckRecord:
    record: CheckRecord = {"upload": upload.name, **upload.report}  # type: ignore[typeddict-item]  # as the check prints it
    return record


async def decide(uploads: Uploads, visitor: Visitor, wish: VisitorRequest) -> GatewayAnswer:
    """Have a checked file imported; a Problem if it does not wait, or is another one."""
    try:
        said = DecisionForm.model_validate(wish.data)
    except ValidationError as error:
        raise Problem(422, describe_errors(error), Reason.BAD_COMMAND, transaction=wish.transaction) from error
    upload = uploads.find(visitor, said.upload)
    if upload is None:
        text = "this upload does not wait: `imports` says whether it was imported; check the file again"
        raise Problem(404, text, transaction=wish.transaction)
    if said.digest != upload.report["digest"]:
        raise Problem(422, "digest: expected that of the check", Reason.BAD_COMMAND, transaction=wish.transaction)
    confirmed = [(row.table, tuple(row.key)) for row in said.confirmed]
    return await uploads.decide(visitor, upload, wish.transaction, wish.reason, confirmed)
