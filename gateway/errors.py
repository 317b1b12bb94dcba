"""Errors: everything that can go wrong, in one picture.

* Bad input is a value: `Rejection(code, text)` of `devices.errors`, with a code of `devices.errors.Malformed` or
`Reason` below.
* A broken world is an exception of the tree below: the process dies or reloads, and resumes at the journal's offset.
* A broken invariant is an `AssertionError`: a crash, and the committed state is untouched.

    BackflushError
    ├── UsageError            wrong usage or configuration             exit status 2
    │   └── NoLedger          there is no ledger yet
    └── Unavailable           broker, database or disk failed          exit status 3
        ├── JournalUnavailable
        ├── LedgerUnavailable
        │   └── Fenced        another gateway has taken over
        ├── BrokerUnavailable
        └── Unanswered        it is unknown yet whether a request is worked on
"""

from enum import StrEnum


class Reason(StrEnum):
    """The reasons why something was not posted, and the ends of scans. Codes are stable; texts are for people."""

    OK = "BF0000"
    QUEUED = "BF0001"
    DUPLICATE = "BF0002"
    CONTEXT = "BF0003"
    PROMPT = "BF0004"
    WAITS = "BF0005"
    UNKNOWN_DEVICE = "BF2001"
    DISABLED_DEVICE = "BF2002"
    WRONG_PLACE = "BF2003"
    JUMP = "BF2004"
    WENT_BACK = "BF2005"
    CONFLICT = "BF2006"
    NO_IDENTITY = "BF2007"
    CLOCK = "BF2008"
    WRONG_UNIT = "BF2009"
    LEFT_BEHIND = "BF2010"
    WAITED = "BF2011"
    OUT_OF_ORDER = "BF2012"
    NO_VERSION = "BF3001"
    AMBIGUOUS_VERSION = "BF3002"
    UNKNOWN_VERSION = "BF3003"
    LOCKED_VERSION = "BF3004"
    EXPIRED_VERSION = "BF3005"
    LOT_SIZE = "BF3006"
    NO_PROFILE = "BF3007"
    NO_BOM = "BF3008"
    NO_ROUTING = "BF3009"
    UNKNOWN_POINT = "BF3010"
    UNKNOWN_MATERIAL = "BF3011"
    UNKNOWN_PLANT = "BF3012"
    NO_UNIT = "BF3013"
    UNKNOWN_CODE = "BF3014"
    NO_LINE = "BF3015"
    NO_RECEIVING_LOCATION = "BF3016"
    CYCLIC_BOM = "BF3017"
    UNKNOWN_ORDER = "BF3018"
    UNKNOWN_ACTIVITY = "BF3019"
    NO_ESTIMATE = "BF3020"
    UNKNOWN_LINE = "BF3021"
    UNKNOWN_REASON = "BF3022"
    UNKNOWN_OPERATOR = "BF3023"
    UNKNOWN_SALES_ORDER = "BF3024"
    BAD_DATE = "BF3025"
    UNKNOWN_LOCATION = "BF3026"
    PERIOD_CLOSED = "BF4001"
    SHORTAGE = "BF4002"
    NO_ISSUE_LOCATION = "BF4003"
    SERIAL_USED = "BF4004"
    NOTHING_TO_UNDO = "BF4005"
    UNKNOWN_DOCUMENT = "BF5001"
    ALREADY_REVERSED = "BF5002"
    NEGATIVE_WIP = "BF5003"
    STOCK_GONE = "BF5004"
    NOT_REVERSIBLE = "BF5005"
    BAD_QUANTITY = "BF5006"
    NOT_ALLOWED = "BF5007"
    BAD_COMMAND = "BF5008"
    UNKNOWN_ENTRY = "BF5009"
    UNKNOWN_RECORD = "BF5010"
    PERIOD_NOT_DONE = "BF5011"
    NOTHING_TO_POST = "BF5012"
    NOT_ON_LINE = "BF5013"
    ROWS_WOULD_GO = "BF5014"
    CHANGED = "BF6002"
    NOT_STORED = "BF9001"


class BackflushError(Exception):
    """The root of all errors that this program raises on purpose; the text is one clear line for a person."""


class UsageError(BackflushError):
    """Wrong usage or configuration: what, expected, got, where."""


class NoLedger(UsageError):
    """There is no ledger yet: not the same as one that cannot be reached or read."""


class Unavailable(BackflushError):
    """The world is broken: broker, database or disk."""


class JournalUnavailable(Unavailable):
    """The journal cannot be written or read: nothing may be acknowledged."""


class LedgerUnavailable(Unavailable):
    """The ledger database cannot be reached or refused a commit."""


class Fenced(LedgerUnavailable):
    """Another gateway owns the head or a line of this one: stop posting."""


class BrokerUnavailable(Unavailable):
    """The broker cannot be reached or refuses the login."""


class Unanswered(Unavailable):
    """A request was sent and no answer has come: it may still be processed."""


def remedy_of(error: BaseException) -> str:
    """Return what a person does about an error of SQLite, to be added to it; empty if that is not known."""
    name = str(getattr(error, "sqlite_errorname", ""))
    if name.startswith("SQLITE_FULL"):
        return "; the disk is full: make room"
    # On a full disk a file that opens cannot get its shared memory, which is no SQLITE_FULL.
    if name.startswith("SQLITE_IOERR"):
        return "; the disk is full or fails: make room, or look into the system's log"
    return ""
