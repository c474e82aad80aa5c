"""Memory that a process no longer needs, given back to the machine."""

import ctypes
import threading
import time

PROGRAM = ctypes.CDLL(None)  # with the ways of glibc, where it runs on that
SECONDS = 10  # from one giving back to the next


def give_back_often() -> None:
    """Give free memory back to the machine now and then, for as long as the process lives."""
    if hasattr(PROGRAM, "malloc_trim"):
        threading.Thread(target=_give_back_often, name="memory", daemon=True).start()


def _give_back_often() -> None:
    while True:
        time.sleep(SECONDS)
        PROGRAM.malloc_trim(0)
