"""The context of a scanner: what its operator has chosen by cards, and the postings that an undo can reverse."""

from dataclasses import dataclass
from typing import Final, Literal

from gateway.backflush.values.documents import Disposition

MOST_UNDONE: Final = 10
"""The postings of one scanner that its undo cards can reverse."""


@dataclass(slots=True)
class Context:
    """The choices of a scanner's operator by control codes."""

    plant: str = ""
    line: str = ""
    point: str = ""
    operator: str = ""
    quantity: int = 0
    mode: Disposition | Literal["start", ""] = ""
    """The kind of the next quantity, if not good pieces; start: the next label names the product of a run."""
    reason: str = ""
    undo: int = 0
    undo_to: int = 0
    """The first and the last document of the scanner's newest posting that an undo reverses."""
    chosen: int = 0
    """The time of the choice for the next label; 0: there is none that ends by itself."""
    earlier: str = ""
    """The postings before that, oldest first, as `first-last` of documents."""

    def forget_label(self) -> None:
        """Forget the choices for one label."""
        self.quantity, self.mode, self.reason, self.chosen = 0, "", "", 0

    def note_posting(self, first: int, last: int, *, leads: bool) -> None:
        """Note a posting, the next one to undo; if scanners are led, the nine before it stay as well."""
        if leads and self.undo:
            before = self.earlier
            if before.count(" ") == MOST_UNDONE - 2:
                before = before.partition(" ")[2]
            self.earlier = f"{before} {self.undo}-{self.undo_to}" if before else f"{self.undo}-{self.undo_to}"
        self.undo, self.undo_to = first, last

    def drop_posting(self) -> None:
        """Go on to the posting before the newest one."""
        *rest, newest = self.earlier.split() or ["0-0"]
        self.undo, self.undo_to = map(int, newest.split("-"))
        self.earlier = " ".join(rest)
