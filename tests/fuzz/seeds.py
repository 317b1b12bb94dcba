"""The seeds of one run of the suite: one that is always the same, and one that is new."""

import secrets
from typing import Final

SEEDS: Final = ("1", secrets.token_hex(4))
