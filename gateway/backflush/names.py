"""Names: whether what somebody says names something that is maintained, and that is this gateway's to post.

One judgement for every door: telegram, card, request, command and import. Texts are compared exactly.
"""

from devices.errors import Rejection
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
