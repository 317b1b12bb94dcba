"""The operations: the one table of what the API can do. The routes, the rights and the description are made of it."""

from collections.abc import Callable
from typing import Any, Final, NamedTuple

from gateway.ledger.reports.lists import RUN_KEY
from gateway.service.floor.floor import Floor
from gateway.service.tell.line_payloads import PointStatus
from gateway.settings import Settings
from gateway.web.api import document_records as d
from gateway.web.api import open_records as o
from gateway.web.api import queries as q
from gateway.web.api import reads
from gateway.web.api import records as r
from gateway.web.api.lists import ListOrder
from gateway.web.api.question import Question, Tagged
from gateway.web.rights import Need, Reach, Visitor


class ReadOperation(NamedTuple):
    """A read: its address below `/api/v1`, its answer or the record of its list, and what gives it."""

    path: str
    summary: str
    answer: Any
    """A type."""
    read: Callable[[Question], Any] | None = None
    """Asks the ledger."""
    tell: Callable[[Floor, Visitor], Any] | None = None
    """Tells what the process knows, if nothing has to be read."""
    make: Callable[[Settings], Tagged] | None = None
    """Makes a file, which may take longer than a question to the ledger."""
    query: type[q.Parameters] = q.Parameters
    order: ListOrder | None = None
    """That of a list; None: the answer is one record."""
    reach: Reach = "lines"
    need: Need = "read"
    media: str = "application/json"
    """The media type of its answer; another one is that of a file."""


def _tell_alerts(floor: Floor, _: Visitor) -> Any:  # noqa: ANN401 - alerts as they came
    return floor.alert_records


def _tell_gateways(floor: Floor, _: Visitor) -> r.Gateways:
    phases: list[r.GatewayPhase] = [{"gateway": name, "phase": phase} for name, phase in floor.gateways.items()]
    return {"broker": {"connected": floor.connected, "why": floor.broker["why"]}, "gateways": phases}


def _tell_me(_: Floor, visitor: Visitor) -> r.Me:
    scopes = sorted(visitor.scopes)
    return {"name": visitor.name, "kind": visitor.kind, "scopes": scopes, "lines": list(visitor.lines)}


def _whole(*fields: str) -> ListOrder:
    return ListOrder(fields, is_whole=True)


OPERATIONS: Final = (
    ReadOperation(
        "/lines",
        "Lines, by the ledger",
        r.LineRecord,
        reads.read_lines,
        query=q.PlaceQuery,
        order=_whole("plant", "line"),
    ),
    ReadOperation("/lines/{plant}/{line}", "A line", r.LineRecord, reads.read_line),
    ReadOperation(
        "/lines/{plant}/{line}/curve",
        "The hours of a production day",
        r.CurveHour,
        reads.read_curve,
        query=q.CurveQuery,
        order=_whole("until"),
    ),
    ReadOperation(
        "/lines/{plant}/{line}/points",
        "The reporting points of what a line makes",
        PointStatus,
        reads.read_line_points,
        query=q.ListQuery,
        order=_whole("point"),
    ),
    ReadOperation(
        "/documents",
        "Documents, newest first",
        d.DocumentRecord,
        reads.read_documents,
        query=q.DocumentsQuery,
        order=ListOrder(("document",)),
    ),
    ReadOperation("/documents/{document}", "A document with its trace", d.Trace, reads.read_document),
    ReadOperation(
        "/documents/{document}/telegrams",
        "The telegrams behind a document, as far as they are kept here",
        d.DocumentTelegrams,
        reads.read_telegrams,
    ),
    ReadOperation(
        "/worklist",
        "Goods issues and activities still to be posted",
        o.WorklistRow,
        reads.read_worklist,
        query=q.PlaceQuery,
        order=_whole("plant", "line", "material", "version", "process", "point", "posting_date", "timing"),
    ),
    ReadOperation(
        "/windows",
        "Counted pieces that no document holds yet",
        o.OpenWindow,
        reads.read_windows,
        query=q.PlaceQuery,
        order=_whole("plant", "line", "production_date", "shift", "point", "material", "version", "batch", "first_at"),
    ),
    ReadOperation(
        "/worklist/sum",
        "The lines with such rows",
        o.WorklistSum,
        reads.read_worklist_sum,
        query=q.PlaceQuery,
        order=_whole("plant", "line"),
    ),
    ReadOperation(
        "/holds",
        "What is held back",
        o.HoldRecord,
        reads.read_holds,
        query=q.PlaceQuery,
        order=_whole("plant", "line", "process"),
    ),
    ReadOperation(
        "/backlog",
        "The open backlog, oldest first",
        o.BacklogRecord,
        reads.read_backlog,
        query=q.PlaceMaterialQuery,
        order=ListOrder(("document", "item")),
    ),
    ReadOperation(
        "/backlog/sum",
        "The open backlog by material and location",
        o.BacklogSum,
        reads.read_backlog_sum,
        query=q.PlaceMaterialQuery,
        order=_whole("plant", "material", "location", "unit"),
    ),
    ReadOperation(
        "/quarantine",
        "Messages that could not be posted, newest first",
        o.EntryRecord,
        reads.read_quarantine,
        query=q.QuarantineQuery,
        order=ListOrder(("number",)),
    ),
    ReadOperation(
        "/quarantine/sum",
        "The same by device and code, the most first",
        o.EntrySum,
        reads.read_quarantine_sum,
        query=q.QuarantineQuery,
        order=_whole("device", "code"),
    ),
    ReadOperation("/quarantine/{number}", "A message that could not be posted", o.EntryRecord, reads.read_entry),
    ReadOperation(
        "/stock",
        "Stock of whole plants",
        r.StockRecord,
        reads.read_stock,
        query=q.StockQuery,
        reach="plants",
        order=ListOrder(("plant", "material", "location", "batch", "stock_type")),
    ),
    ReadOperation(
        "/points",
        "The pieces that each reporting point has passed",
        r.PointRecord,
        reads.read_points,
        query=q.PointsQuery,
        reach="plants",
        order=_whole("plant", "material", "version", "cost_object", "point"),
    ),
    ReadOperation(
        "/collectors",
        "Debits, credits and balance of cost objects",
        r.CollectorRecord,
        reads.read_collectors,
        query=q.CollectorsQuery,
        reach="plants",
        order=_whole("plant", "cost_object", "period"),
    ),
    ReadOperation(
        "/production",
        "Planned and made quantities",
        r.ProductionRecord,
        reads.read_production,
        query=q.ProductionQuery,
        order=_whole("plant", "line", "material", "version", "date", "shift"),
    ),
    ReadOperation(
        "/statistics",
        "Measures by day and shift, use beside its standard",
        r.StatisticRecord,
        reads.read_statistics,
        query=q.DaysQuery,
        order=_whole("plant", "date", "shift", "line", "material", "version", "measure", "detail", "unit"),
    ),
    ReadOperation(
        "/orders",
        "Planned orders, those that start last first",
        r.OrderRecord,
        reads.read_orders,
        query=q.OrdersQuery,
        order=ListOrder(("start", "order")),
    ),
    ReadOperation(
        "/runs",
        "Runs, newest first",
        r.RunRecord,
        reads.read_runs,
        query=q.PlaceMaterialQuery,
        order=ListOrder(RUN_KEY),
    ),
    ReadOperation(
        "/periods",
        "The newest posting periods, and what is still open in each",
        r.PeriodRecord,
        reads.read_periods,
        query=q.PeriodsQuery,
        reach="plants",
        order=_whole("plant", "period"),
    ),
    ReadOperation(
        "/imports",
        "Imports of master data, newest first",
        r.ImportRecord,
        reads.read_imports,
        query=q.ListQuery,
        reach="all",
        order=ListOrder(("at", "digest")),
    ),
    ReadOperation(
        "/corrections",
        "Corrections, newest first",
        r.CorrectionRecord,
        reads.read_corrections,
        query=q.CorrectionsQuery,
        order=ListOrder(("document", "transaction")),
    ),
    ReadOperation(
        "/devices",
        "Devices, with a record for each total",
        r.DeviceRecord,
        reads.read_devices,
        query=q.DevicesQuery,
        order=_whole("device", "boot", "kind"),
    ),
    ReadOperation(
        "/devices/{device}",
        "A device with its newest documents and quarantine entries",
        r.DeviceTrace,
        reads.read_device,
    ),
    ReadOperation(
        "/masterdata", "The tables of the master data in force", r.TablesRecord, reads.read_masterdata, reach="all"
    ),
    ReadOperation(
        "/masterdata.zip",
        "The master data in force as CSV files; importing them changes nothing",
        bytes,
        make=reads.make_archive,
        reach="all",
        media="application/zip",
    ),
    ReadOperation(
        "/masterdata/{table}",
        "The rows of a table",
        r.TableRowRecord,
        reads.read_table,
        query=q.ListQuery,
        reach="all",
        order=ListOrder(("row",), is_sealed=True),
    ),
    ReadOperation(
        "/alerts",
        "Present alerts",
        r.AlertRecord,
        tell=_tell_alerts,
        query=q.ListQuery,
        reach="all",
        order=_whole("gateway", "id"),
    ),
    ReadOperation("/gateways", "Gateways and broker", r.Gateways, tell=_tell_gateways),
    ReadOperation("/requests/{transaction}", "The answer to a request", r.ReplyRecord, reads.read_request, need="any"),
    ReadOperation("/me", "The account that asks", r.Me, tell=_tell_me, need="any"),
)
