"""The numbers that goods movements and activities have of their own mean their document."""

import pytest

from devices.errors import Rejection
from gateway.backflush.memory.events import Reverse
from gateway.backflush.plant.snapshot import MasterData
from gateway.service.fold.requests import Request, action_of


@pytest.mark.parametrize("said", ["0000004712", "0000004712-1", "0000004712-2", "4712-1"])
def test_a_part_of_a_document_is_reversed_by_its_document(said: str) -> None:
    request = Request(verb="reverse", transaction="t1", data={"document": said})
    assert action_of(request, MasterData()) == Reverse(4712)


@pytest.mark.parametrize("said", ["0000004712-3", "0000004712-", "-1", "4712-12", "x-1", "²-1"])
def test_other_numbers_are_refused(said: str) -> None:
    assert isinstance(action_of(Request(verb="reverse", data={"document": said}), MasterData()), Rejection)


def test_a_journal_of_before_means_what_it_meant() -> None:
    request = Request(verb="reverse", data={"document": "0000004712-1"})
    assert isinstance(action_of(request, MasterData(), loose=True), Rejection)
