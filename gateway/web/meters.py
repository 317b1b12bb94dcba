"""Meters: the figures that the web process keeps of its own work, in one registry; `metrics` shows them."""

from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, disable_created_metrics

disable_created_metrics()  # type: ignore[no-untyped-call]  # a part of the library without types
REGISTRY: Final = CollectorRegistry()
_QUICK: Final = (0.005, 0.02, 0.1, 0.5, 2.0, 10.0)

REQUESTS: Final = Counter("bf_web_requests_total", "Requests that were answered.", ("route", "code"), registry=REGISTRY)
REQUEST_S: Final = Histogram(
    "bf_web_request_seconds",
    "From a request to the begin of its answer.",
    ("route",),
    buckets=_QUICK,
    registry=REGISTRY,
)
QUERY_S: Final = Histogram(
    "bf_web_query_seconds", "Reading the ledger for a page.", ("report",), buckets=_QUICK, registry=REGISTRY
)
STREAMS: Final = Gauge("bf_web_streams", "Streams of live pages that are open.", registry=REGISTRY)
LOGINS: Final = Counter("bf_web_logins_total", "Sign-ins by their result.", ("result",), registry=REGISTRY)
SCANS: Final = Counter(
    "bf_web_scans_total", "Scans of web scanners by the gateway's answer; unknown: none in time.", ("result",),
    registry=REGISTRY)  # fmt: skip
SCAN_ANSWER_S: Final = Histogram(
    "bf_web_scan_answer_seconds", "From a scan's request to the gateway's answer.", buckets=_QUICK, registry=REGISTRY
)
