"""One trip to PostgreSQL: statements sent together, and all their answers.

Trips are the cost of a small commit. The driver's cursors send each statement separately, even in a pipeline, and
look for answers after each: the server wakes up twenty times for one document. Here the pipeline of libpq is filled
first and then sent, and every statement with parameters is prepared on first use.

Laws
    a trip's statements take effect in their order; after a failed one none does, not even a COMMIT among them
    the answers are those of the statements, in their order
    errors are the driver's own
"""

import itertools
import select
from collections.abc import Callable, Sequence
from typing import Any, Final, NamedTuple

import psycopg
from psycopg import errors, pq

Parameter = int | str | bytes | None
_DIVISION_BY_ZERO: Final = "22012"


class Statement(NamedTuple):
    """One statement, its parameters `$1` onwards, and the error to raise if it divides by zero: a failed guard.

    A parameter is text as PostgreSQL reads it; an array is a literal.
    """

    sql: bytes
    parameters: Sequence[Parameter] = ()
    missed: Callable[[], Exception] | None = None


class Trips:
    """Sends statements over one connection, to which its prepared statements belong."""

    def __init__(self, connection: "psycopg.Connection[Any]") -> None:
        self._libpq: Final = connection.pgconn
        self._names: dict[bytes, bytes] = {}
        self._numbers: Final = itertools.count(1)
        self._poll: Final = select.poll()

    def run(self, statements: Sequence[Statement]) -> list[pq.abc.PGresult]:
        """Send statements in one piece; return their results, or raise the error of the first that failed.

        Those before a failure are undone with their transaction, which is still to be rolled back if it was begun.
        """
        libpq = self._libpq
        fresh: dict[bytes, bytes] = {}
        sent: list[Statement | None] = []
        libpq.enter_pipeline_mode()
        try:
            for statement in statements:
                if not statement.parameters:
                    libpq.send_query_params(statement.sql, None)
                    sent.append(statement)
                    continue
                name = self._names.get(statement.sql) or fresh.get(statement.sql)
                if name is None:
                    # Never reuse a name that a failed trip may have left at the server.
                    name = fresh[statement.sql] = b"backflush_%d" % next(self._numbers)
                    libpq.send_prepare(name, statement.sql)
                    sent.append(None)
                libpq.send_query_prepared(name, list(map(_text, statement.parameters)))
                sent.append(statement)
            libpq.pipeline_sync()
            answers = self._answers()
        finally:
            if libpq.status == pq.ConnStatus.OK:
                libpq.exit_pipeline_mode()
        for of, answer in zip(sent, answers, strict=True):
            if answer.status == pq.ExecStatus.FATAL_ERROR:
                error = errors.error_from_result(answer)
                missed = of.missed if of is not None else None
                raise missed() if missed is not None and error.sqlstate == _DIVISION_BY_ZERO else error
        self._names.update(fresh)
        return [answer for of, answer in zip(sent, answers, strict=True) if of is not None]

    def roll_back(self) -> None:
        """End the transaction, if one has begun and the connection still stands."""
        if self._libpq.transaction_status in {pq.TransactionStatus.INTRANS, pq.TransactionStatus.INERROR}:
            self.run([Statement(b"ROLLBACK")])

    def _answers(self) -> list[pq.abc.PGresult]:
        """Wait for all answers of the pipeline; meanwhile send the rest that the socket could not take."""
        libpq, poll = self._libpq, self._poll
        socket = libpq.socket
        poll.register(socket, select.POLLIN)
        answers: list[pq.abc.PGresult] = []
        while libpq.flush():
            poll.modify(socket, select.POLLIN | select.POLLOUT)
            [(_, ready)] = poll.poll()
            if ready & ~select.POLLOUT:
                libpq.consume_input()
        poll.modify(socket, select.POLLIN)
        while True:
            while libpq.is_busy():
                poll.poll()  # other threads run during this wait; libpq's own would block them
                libpq.consume_input()
            answer = libpq.get_result()
            if answer is None:
                if libpq.status != pq.ConnStatus.OK:
                    raise psycopg.OperationalError(libpq.get_error_message())
            elif answer.status == pq.ExecStatus.PIPELINE_SYNC:
                return answers
            else:
                answers.append(answer)


def _text(parameter: Parameter) -> bytes | None:
    if parameter is None:
        return None
    text = parameter if isinstance(parameter, bytes) else str(parameter).encode()
    if b"\0" in text:
        raise psycopg.DataError("a text for PostgreSQL must not hold NUL")
    return text
