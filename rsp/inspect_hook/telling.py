"""What the hook and the client have to say to whoever runs the evaluation.

The rule kept here: a warning is seen whatever Inspect shows. It goes where Inspect's own warnings go; where Inspect was told to show
nothing (``display="none"``) that is nowhere, and it goes to standard error instead. The exit code stays Inspect's.
"""

from __future__ import annotations

import logging
import sys

from inspect_ai.util import display_type

logger = logging.getLogger("rsp.inspect_hook")


class _WhereInspectIsSilent(logging.Handler):
    """Writes to standard error what Inspect would swallow."""

    def emit(self, record: logging.LogRecord) -> None:
        """Write one line."""
        if display_type() == "none":
            sys.stderr.write(f"{self.format(record)}\n")
            sys.stderr.flush()


_silent = _WhereInspectIsSilent(logging.WARNING)


def warn(words: str) -> None:
    """Say what a person has to know or do."""
    logger.warning("rsp: %s", words)


def have_warnings_seen() -> None:
    """See to it that warnings of rsp are seen, those of the client too."""
    logging.getLogger("rsp").addHandler(_silent)  # the same handler again is no second one
