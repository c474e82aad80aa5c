"""How much the child may use, and how it says no."""

import resource
import sys
from typing import Any

MEGABYTE = 1024 * 1024
LIMITS = {
    "RLIMIT_DATA": 256 * MEGABYTE,
    "RLIMIT_AS": 1024 * MEGABYTE,
    "RLIMIT_CPU": 20,
    "RLIMIT_FSIZE": 16 * MEGABYTE,
    "RLIMIT_CORE": 0,
    "RLIMIT_NOFILE": 64,
}


#: What opening a file never asks for: lines to other machines, other programs.
FORBIDDEN = (
    "socket.",
    "subprocess.",
    "os.exec",
    "os.fork",
    "os.posix_spawn",
    "os.spawn",
    "os.system",
    "pty.spawn",
    "urllib.",
)


class Refused(Exception):
    """The file is not taken; the argument is a code that the portal puts into words."""


def limit(length: int = 0) -> None:
    """Give up more than a file of honest size needs, and the network; a system that knows a limit not does without it.

    length: of a file in which something is to be blanked; within it may be written, however long it is.
    """
    for name, most in (LIMITS | {"RLIMIT_FSIZE": max(length, LIMITS["RLIMIT_FSIZE"])}).items():
        try:
            resource.setrlimit(getattr(resource, name), (most, most))
        except (AttributeError, ValueError, OSError):
            continue
    sys.addaudithook(refuse_outside)


def refuse_outside(event: str, arguments: tuple[Any, ...]) -> None:
    """Cannot be taken off again: whatever a file brings a library to, it speaks to nobody and starts nothing."""
    if event.startswith(FORBIDDEN):
        raise Refused("broken")
