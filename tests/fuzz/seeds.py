"""The seeds of one run of the suite: one that is always the same, and one that is new."""

import os
import secrets
from typing import Final

SEEDS: Final = ("1", os.environ.get("PYTEST_XDIST_TESTRUNUID", secrets.token_hex(4))[:8])
