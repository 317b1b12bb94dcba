"""How thoroughly the properties are tried: `BACKFLUSH_HYPOTHESIS=thorough` for the long way."""

import os

from hypothesis import settings

settings.register_profile("quick", settings.get_profile("house"), max_examples=60)
settings.register_profile("thorough", settings.get_profile("house"), max_examples=3_000)
settings.load_profile(os.environ.get("BACKFLUSH_HYPOTHESIS", "quick"))
