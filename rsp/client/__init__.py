"""The client of an rsp server: submit what pipelines measure, read what was decided, and keep what cannot be delivered yet.

The rule kept here: it needs no database, no plots and no statistics, so that a pipeline may carry it anywhere (import contracts hold this).
"""

from __future__ import annotations

from rsp.client.client import Client
from rsp.client.measuring import Measuring
from rsp.client.recorder import Recorder
from rsp.client.settings import Mode, Settings, from_environment
from rsp.client.spool import Spool, Spooled
from rsp.receipts import Receipt

__all__ = ["Client", "Measuring", "Mode", "Receipt", "Recorder", "Settings", "Spool", "Spooled", "from_environment"]
