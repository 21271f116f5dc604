"""How many random cases a property is tried on: a few while working, more where ``RSP_EXAMPLES`` asks for more."""

from __future__ import annotations

import os

from hypothesis import settings

ASKED = int(os.environ.get("RSP_EXAMPLES", "0"))  # statistics c6 and simulation B17 ask for 1,000


def cases(few: int = 100) -> settings:
    """Settings for a property: ``few`` cases, or as many as were asked for if that is more; no deadline, as machines differ."""
    return settings(max_examples=max(few, ASKED), deadline=None)
