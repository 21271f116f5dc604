"""The process that ``test_durability`` kills: loads one run after another and acknowledges each once it is recorded.

Started as ``python -m tests.rsp.store.killed URL NUMBER [ITEMS]``; runs are named by the number, so that every kill brings new ones.
"""

from __future__ import annotations

import sys
from decimal import Decimal
from itertools import count

from rsp.store.session import Store
from tests.rsp.store.sample import content, load_content

ITEMS = 300  # enough that most of the time is spent within a write


def a_run(name: str, count: int = ITEMS) -> dict[str, object]:
    """Return a file with one run, named so, of so many items."""
    run = content()["runs"][0]
    items = [{"item": f"i{number:04d}", "attempts": [Decimal(1)]} for number in range(count)]
    return {"format": "rsp-evidence/1", "runs": [run | {"slug": name, "items": items}]}


def say(line: str) -> None:
    """Tell the test one line at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def main() -> None:
    """Load until killed."""
    url, number, *items = sys.argv[1:]
    count_of_items = int(items[0]) if items else ITEMS
    with Store.open(url) as store:
        say("ready")
        for each in count():
            name = f"r-{number}-{each}"
            load_content(store, a_run(name, count_of_items))
            say(name)


if __name__ == "__main__":
    main()
