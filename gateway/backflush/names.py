"""Names: whether what somebody says names something that is maintained, and that is this gateway's to post.

One judgement for every door: telegram, card, request, command and import. Texts are compared exactly.
"""

from devices.errors import Rejection
from gateway.backflush.changes import Facts
from gateway.backflush.events import Command, QuarantineReplay
from gateway.backflush.plant import MasterData
from gateway.backflush.state import State
from gateway.errors import Reason


def unknown_line(master: MasterData, plant: str, line: str) -> Rejection | None:
    """Refuse a line that no row of the master data names; nobody could look after it, and it may fit in no topic."""
    if plant not in master.plants:
        return Rejection(Reason.UNKNOWN_PLANT, f"there is no plant {plant!a}")
    if (plant, line) not in master.lines:
        return Rejection(Reason.UNKNOWN_LINE, f"there is no line {line!a} in plant {plant}")
    return None


def not_ours(state: State, plant: str, line: str) -> Rejection | None:
    """Refuse what is of a line whose writer is another gateway: that may have it as well, and posts it."""
    owned = state.owned
    if "*" in owned or line in ("", "_") or f"{plant}/{line}" in owned or f"{plant}/*" in owned:
        return None
    text = f"line {plant}/{line} is not of this gateway, which has {', '.join(owned) or 'none'}"
    return Rejection(Reason.NOT_ALLOWED, text)


def elsewhere(state: State, event: Command, facts: Facts) -> Command:
    """Have a command refused if it is for another gateway's line, or for what is of it: that would not hear of it."""
    places = {(event.plant, event.line)}
    places |= {(dossier.document.plant, dossier.document.line) for dossier in facts.documents.values()}
    places |= {(record.plant, record.line) for record in facts.records.values()}
    if isinstance(event.action, QuarantineReplay):
        places |= {(entry.plant, entry.line) for entry in facts.quarantine.values()}
    refused = next(filter(None, (not_ours(state, *place) for place in sorted(places))), None)
    return event if refused is None else event._replace(action=refused)
