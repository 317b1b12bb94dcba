"""The rig for the cases: `plant` for the one that is shipped; a case with a plant of its own makes a `Rig` itself."""

from collections.abc import Iterator

import pytest

from tests.cases.rig import Rig


@pytest.fixture
def plant() -> Iterator[Rig]:
    """Offer the shipped plant, with its gateway running; each reading is a document."""
    with Rig() as rig:
        yield rig.start()
