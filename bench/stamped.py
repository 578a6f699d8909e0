"""The real controller, which besides tells when it committed: `python -m bench.stamped` (settings from LOAXA_*).

It runs the controller's own start-up. The only addition is a listener of the store, as the relay has one: a line
{"commit_ns", "changes"} per commit, on the machine's monotonic clock, written later by another thread.
"""

import json
import os
import queue
import sys
import threading
import time

from controller import startup
from controller.founding import Founded
from controller.settings import Settings, read_settings


def main() -> int:
    stamps: queue.SimpleQueue[tuple[int, frozenset[str]]] = queue.SimpleQueue()
    parts = vars(startup)
    found = parts["open_site"]

    def open_and_listen(settings: Settings) -> Founded:
        founded: Founded = found(settings)
        founded.store.on_commit(lambda changes: stamps.put((time.monotonic_ns(), changes)))
        return founded

    def tell() -> None:
        while True:
            commit_ns, changes = stamps.get()
            time.sleep(0.2)  # not while what follows the commit is being timed
            print(json.dumps({"commit_ns": commit_ns, "changes": sorted(changes)}), flush=True)

    parts["open_site"] = open_and_listen
    threading.Thread(target=tell, daemon=True).start()
    startup.serve(read_settings(os.environ, {}), lambda line: print(line, flush=True))
    return 0


if __name__ == "__main__":
    sys.exit(main())
