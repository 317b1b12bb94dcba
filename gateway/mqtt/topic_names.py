"""Topic names that a broker accepts for publications (MQTT 5, 4.7.1 and 4.7.3)."""

import re
from functools import lru_cache
from typing import Final

_UNFIT: Final = re.compile(r"[+#\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_LONGEST: Final = 65_535


@lru_cache(32_768)
def sendable(topic: str) -> bool:
    """Return whether a broker accepts publications to a topic; on others it hangs up.

    >>> sendable("bf/v1/1000/L04/_status"), sendable("bf/v1/1000/+/_status"), sendable("")
    (True, False, False)
    """
    return bool(topic) and _UNFIT.search(topic) is None and len(topic.encode()) <= _LONGEST
