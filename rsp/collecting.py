"""Python's collector of cycles, kept from walking evidence while a model is judged or a submission taken in, and the program at all.

The rule kept here: it is paused only for the length of one judgement or submission, and runs again whatever happens. Evidence and
findings are immutable records without cycles, so there is nothing for it to find; walking them again and again took a third of the time
of a large campaign (``make bench``). Memory that is no longer used is given back all the same, by counting references.

What a server has loaded when it starts stays until it ends; to walk that took up to a tenth of a second in the midst of a request.

Left out: how often it runs, which belongs to whoever runs the process.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def paused_collector() -> Iterator[None]:
    """Pause the collector of cycles; where it was off already it stays off."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def leave_out_what_is_loaded() -> None:
    """Keep the collector from everything there is now: modules, the app, its description. What cycles are among it go first."""
    gc.collect()
    gc.freeze()
