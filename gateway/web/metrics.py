"""Metrics: what the web process knows of the plant, and its own meters, in the form of Prometheus.

Law: a figure that may have changed is not shown. A gateway that is away has `bf_gateway_up` 0 and its age, and a line
without data has its state, until they are heard again. What came over the broker may be anything: a figure that is none
is left out. Figures here are for watching, and rounded by the reader; the books are the ledger's.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final, NamedTuple, get_args

from prometheus_client import Metric
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, UnknownMetricFamily
from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import Collector
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from gateway.sections import WebSection, is_loopback
from gateway.service.floor.floor import ABSENT
from gateway.service.tell.payloads import Phase
from gateway.web.board import Board
from gateway.web.guard import Door, address_of
from gateway.web.meters import REGISTRY
from gateway.web.rights import EVERY_LINE, Place, Visitor, judge
from gateway.web.tiles import WORST
from gateway.web.vitals import at_path, number_in, part_of

Samples = Mapping[Any, float | None]
"""Figures by the values of their labels, a tuple."""
_MOST: Final = 40
"""Characters of a label, and words of one kind, that came over the broker."""


class _Figure(NamedTuple):
    """A figure of a gateway's health, or of a line's status."""

    name: str
    text: str
    path: tuple[str, ...]
    scale: float = 1.0
    family: type[GaugeMetricFamily | CounterMetricFamily] = GaugeMetricFamily


OF_HEALTH: Final = (
    _Figure("bf_mqtt_connected", "Whether the gateway is connected to its broker.", ("mqtt", "connected")),
    _Figure("bf_ledger_up", "Whether the gateway reaches its ledger.", ("database", "up")),
    _Figure(
        "bf_journal_unconsumed_batches", "Batches of the journal that are not posted yet.", ("journal", "unconsumed")
    ),
    _Figure("bf_journal_bytes", "Size of the journal.", ("journal", "bytes")),
    _Figure("bf_disk_free_bytes", "Free space on the disk of the data directory.", ("disk_free",)),
    _Figure("bf_worklist_rows", "Open rows of the worklist.", ("worklist",)),
    _Figure("bf_backlog_records", "Components that could not be issued yet.", ("backlog",)),
    _Figure("bf_quarantine_entries", "Open entries of the quarantine.", ("quarantine",)),
    _Figure("bf_outbox_documents", "Documents whose events the broker has not got yet.", ("outbox",)),
    _Figure("bf_loop_lag_seconds", "Delay of the gateway's event loop.", ("loop_lag_ms",), 1e-3),
    _Figure("bf_resident_memory_bytes", "Memory that the gateway uses.", ("memory_mb",), 1e6),
    _Figure(
        "bf_cpu_seconds_total", "Processor time of the gateway since its start.", ("cpu_s",), 1.0, CounterMetricFamily
    ),
)
_INFO: Final = "version", "schema", "database", "instance"
_DEVICES: Final = "known", "online", "stale", "unknown"
_UNITS: Final = "counted", "posted", "scrap", "rework", "quarantined"
_OF_LINE: Final = (
    _Figure("bf_line_open_units", "Units that are counted and not posted yet.", ("open",)),
    _Figure("bf_line_day_units", "Yield of the production day.", ("day", "yield")),
    _Figure(
        "bf_line_day_planned_units", "Units of the production day that are planned by now.", ("day", "planned_now")
    ),
    _Figure("bf_line_units_per_second", "Units finished a second, over a minute.", ("rate_per_min",), 1 / 60),
)


class PlantMetrics(Collector):
    """Collects the figures that a visitor may see: the own lines and, who sees every line, gateways and meters too.

    The figures of a gateway are sums over all of its lines, and meters count the work for everybody.
    """

    def __init__(self, board: Board, visitor: Visitor) -> None:
        self._board = board
        self._floor = board.floor
        self._visitor = visitor

    def collect(self) -> Iterable[Metric]:
        """Yield the process's meters, and the present figures of gateways and lines."""
        if self._visitor.sees_all:
            yield from REGISTRY.collect()
            yield from self._collect_gateways()
        yield from self._collect_lines()

    def _collect_gateways(self) -> Iterator[Metric]:
        floor, label = self._floor, ("gateway",)
        found = {name: floor.presence(name) for name in floor.gateways}
        here = {
            name: floor.reports[name]
            for name, each in found.items()
            if floor.connected and each.word not in ABSENT and name != self._board.frozen
        }
        health = {name: reports.get("health", {}) for name, reports in here.items()}
        yield _gauge("bf_gateway_up", "Whether the gateway is heard.", label,
                     {(name,): float(name in here) for name in found})  # fmt: skip
        yield _gauge("bf_health_age_seconds", "Time since the gateway was last heard.", label,
                     {(name,): each.age_s for name, each in found.items() if each.age_s is not None})  # fmt: skip
        yield _gauge("bf_gateway_info", "Identity of the gateway.", (*label, *_INFO), {
            (name, *(_word(reports["info"].get(each)) for each in _INFO)): 1.0
            for name, reports in here.items() if "info" in reports})  # fmt: skip
        yield _gauge("bf_gateway_phase", "1 for the phase of the gateway.", (*label, "phase"), {
            (name, phase): float(found[name].word == phase) for name in here for phase in get_args(Phase)})  # fmt: skip
        for figure in OF_HEALTH:
            samples = {(name,): number_in(at_path(said, figure.path)) for name, said in health.items()}
            yield _family(figure.family, figure.name, figure.text, label, samples, figure.scale)
        yield _gauge("bf_devices", "Devices of the gateway: known ones, and those of them that are online or stale; "
                     "unknown names.", (*label, "state"), {
            (name, state): number_in(at_path(said, ("devices", state))) for name, said in health.items()
            for state in _DEVICES})  # fmt: skip
        outcomes = {
            (name, _word(outcome)): number_in(number)
            for name, said in health.items()
            for outcome, number in sorted(part_of(said, "messages").items())[:_MOST]
        }
        yield _family(
            CounterMetricFamily, "bf_messages_total", "Messages by how they ended.", (*label, "outcome"), outcomes
        )
        alerts = {
            (record["gateway"], _word(record.get("id")), _word(record.get("severity"))): 1.0
            for record in floor.alert_records
            if record["gateway"] in here
        }
        yield _gauge("bf_alert", "1 for each alert that is up.", (*label, "alert", "severity"), alerts)

    def _collect_lines(self) -> Iterator[Metric]:
        labels = "plant", "line"
        states = {place: state for place, state in self._board.states.items() if self._visitor.sees(*place)}
        lines: dict[Place, Mapping[str, Any]] = {
            place: self._floor.lines[place].said
            for place, state in states.items()
            if state != "no-data" and place in self._floor.lines
        }
        yield _gauge("bf_line_state", "1 for the state of the line on the board.", (*labels, "state"), {
            (*place, each): float(each == state) for place, state in states.items() for each in WORST})  # fmt: skip
        units = {(*place, kind): number_in(said.get(kind)) for place, said in lines.items() for kind in _UNITS}
        text = (
            "Units of the line since its first reading. `quarantined` falls as entries are settled; a reversal lowers "
            "none of the others, unless its pieces wait again."
        )
        yield _family(UnknownMetricFamily, "bf_line_units_total", text, (*labels, "kind"), units)
        for figure in _OF_LINE:
            samples = {place: number_in(at_path(said, figure.path)) for place, said in lines.items()}
            yield _family(figure.family, figure.name, figure.text, labels, samples, figure.scale)
        points: dict[tuple[str, ...], float] = {}
        for place, said in lines.items():
            for point in said.get("points", ()):
                key = (*place, _word(point["point"]))
                points[key] = points.get(key, 0.0) + (number_in(point["wip"]) or 0.0)
        yield _gauge("bf_point_wip_units", "Units on the line after the reporting point.", (*labels, "point"), points)


def _word(value: object) -> str:
    return str(value)[:_MOST]


def _gauge(name: str, text: str, labels: tuple[str, ...], samples: Samples) -> Metric:
    return _family(GaugeMetricFamily, name, text, labels, samples)


def _family(
    family: type[GaugeMetricFamily | CounterMetricFamily | UnknownMetricFamily],
    name: str,
    text: str,
    labels: tuple[str, ...],
    samples: Samples,
    scale: float = 1.0,
) -> Metric:
    made = family(name, f"{text} For watching: the books are the ledger's.", labels=labels)
    for values, number in samples.items():
        if number is not None:
            made.add_metric(values, number * scale)
    return made


_ANY_PROGRAM: Final = Visitor("", "token", frozenset({"read"}), (EVERY_LINE,))
"""A program of this machine, where `[web] metrics` is `loopback`."""


class MetricsPage:
    """The page that Prometheus reads."""

    def __init__(self, board: Board, section: WebSection) -> None:
        self._board = board
        self._mode = section.metrics

    @property
    def doors(self) -> list[Door]:
        """The route, unless it is off."""
        if self._mode == "off":
            return []
        return [Door("/metrics", "GET", "read" if self._mode == "token" else None, self._show)]

    async def _show(self, request: Request) -> Response:
        visitor = request.state.visitor
        if judge(visitor, "read") != "yes":
            if not is_loopback(address_of(request)):
                return PlainTextResponse("metrics need a token, but from this machine\n", 403)
            visitor = _ANY_PROGRAM
        encode, kind = choose_encoder(request.headers.get("accept", ""))
        return Response(encode(PlantMetrics(self._board, visitor)), media_type=kind)
