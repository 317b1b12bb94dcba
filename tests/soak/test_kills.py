"""The kills of the test suite again and again, with seeds of their own: `make soak`, for instance SOAK_SEEDS=200."""

import os
from pathlib import Path

import pytest

from tests.integration.test_kill import test_what_was_made_is_posted_once_however_often_the_gateway_is_killed as kill_it
from tests.servers import Mosquitto, Postgres

FIRST, SEEDS = int(os.environ.get("SOAK_FIRST", "1")), int(os.environ.get("SOAK_SEEDS", "20"))


@pytest.mark.parametrize("seed", range(FIRST, FIRST + SEEDS))
@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_no_seed_loses_or_doubles_a_piece(
    database: str, seed: int, tmp_path: Path, mosquitto: Mosquitto, postgres: Postgres
) -> None:
    kill_it(database, seed, tmp_path, mosquitto, postgres)
