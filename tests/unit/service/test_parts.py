"""Parts of a gateway: a database that never answers holds up no end of the program."""

import asyncio
import threading
import time

import pytest

from gateway.service.parts import ask_apart


def test_a_call_apart_returns_its_answer_and_raises_its_error() -> None:
    assert asyncio.run(ask_apart(lambda: 5)) == 5
    with pytest.raises(ZeroDivisionError):
        asyncio.run(ask_apart(lambda: 1 // 0))


def test_no_end_waits_for_a_call_that_never_answers() -> None:
    begun, never = threading.Event(), threading.Event()

    def ask() -> bool:
        begun.set()
        return never.wait(30)

    async def end_meanwhile() -> None:
        asked = asyncio.create_task(ask_apart(ask))
        await asyncio.to_thread(begun.wait, 15)
        asked.cancel()

    before = time.monotonic()
    try:
        asyncio.run(end_meanwhile())
        assert time.monotonic() - before < 15
        [thread] = [each for each in threading.enumerate() if each.name == "apart"]
        assert thread.daemon, "the program's end does not wait either"
    finally:
        never.set()
    thread.join(15)
    assert not thread.is_alive(), "its late answer finds a loop that is closed"
