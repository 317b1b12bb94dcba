"""The lines as the ledger has them: what their status topics say, also where no gateway runs."""

from typing import Any, Final

from sqlalchemy import Connection

from gateway.backflush.plant.snapshot import MasterData
from gateway.ledger.store.load import load_lines
from gateway.service.tell.line_status import Look, line_picture

_OF_THE_RUNNING: Final = frozenset(["rate_per_min", "stale_devices"])
"""What only a gateway that listens can say."""


def lines_now(
    connection: Connection, master: MasterData, now: int, *, plant: str = "", line: str = ""
) -> list[dict[str, Any]]:
    """Return the picture of each line on which something was counted or posted."""
    state = load_lines(connection, lambda _: master, now)
    look = Look(state, now, ())
    return [
        {name: value for name, value in line_picture(look, figures, 0).items() if name not in _OF_THE_RUNNING}
        for key, figures in sorted(state.lines.items())
        if plant in ("", key[0]) and line in ("", key[1])
    ]
