"""The process that ``test_full_disk`` lets run out of room: four threads record until they are refused, then room is made again.

Started as ``python -m tests.rsp.store.full URL PATH``. It prints what happened as one JSON line.
"""

from __future__ import annotations

import json
import resource
import sys
import threading
from pathlib import Path

from rsp.errors import StoreError
from rsp.store.reading import position
from rsp.store.session import Store
from tests.rsp.store.killed import a_run
from tests.rsp.store.sample import load_content

ROOM = 256 * 1024  # bytes beyond what the file has; enough for a few runs


def main() -> None:
    """Fill up, look, make room, record once more."""
    url, path = sys.argv[1], Path(sys.argv[2])
    recorded: list[str] = []
    refused: list[str] = []
    with Store.open(url) as store:
        resource.setrlimit(resource.RLIMIT_FSIZE, (path.stat().st_size + ROOM, resource.RLIM_INFINITY))

        def fill(worker: int) -> None:
            for number in range(200):
                name = f"r-{worker}-{number}"
                try:
                    load_content(store, a_run(name))
                except StoreError as error:
                    refused.append(str(error))
                    return
                recorded.append(name)

        threads = [threading.Thread(target=fill, args=(worker,)) for worker in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        with store.read() as session:  # reading needs no room
            size = position(session).size
        resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        load_content(store, a_run("after"))
    sys.stdout.write(json.dumps({"recorded": recorded, "refused": refused, "size": size}))


if __name__ == "__main__":
    main()
