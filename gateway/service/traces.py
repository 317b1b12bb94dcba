"""Traces: a request that came with the trace context of its sender is named in the log by it (W3C Trace Context).

The context enters no journal, so that it changes nothing of what a request does.
"""

import logging
import re
import secrets
from typing import Final

from gateway.sections import GATEWAY_VERBS, LINE_VERBS

TRACEPARENT: Final = "traceparent"
"""Its name as a header of HTTP, a user property of MQTT and a field of the control socket."""
_FORM: Final = re.compile(r"(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-([0-9a-f]{2})")
_MOST_TEXT: Final = 200

log = logging.getLogger("backflush")


def trace_in(traceparent: object) -> tuple[str, str] | None:
    """Return the trace id and the flags of a context; None if it is none.

    >>> trace_in("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")
    ('4bf92f3577b34da6a3ce929d0e0e4736', '01')
    """
    found = _FORM.fullmatch(traceparent) if isinstance(traceparent, str) else None
    return (found[1], found[2]) if found is not None else None


def make_traceparent(trace_id: str, flags: str) -> str:
    """Return the context of a part of a trace."""
    return f"00-{trace_id}-{secrets.token_hex(8)}-{flags}"


def note_request(verb: str, transaction: str, traceparent: object) -> None:
    """Name a request that has arrived with a trace context in the log."""
    trace = trace_in(traceparent)
    if trace is None:
        return
    # The verb is a part of the cause by which repeated lines are held back: one of them hides no other.
    known = verb if verb in LINE_VERBS | GATEWAY_VERBS else "another verb"
    fields = {"event": "asked", "verb": known, "transaction": transaction[:_MOST_TEXT], "trace_id": trace[0]}
    shown = ascii(fields["transaction"])[1:-1]
    log.info(f"asked: {known}, transaction %s, trace %s", shown, trace[0], extra={"fields": fields})  # noqa: G004 - see above
