"""How much the child may use, and how it says no."""

import resource

MEGABYTE = 1024 * 1024
LIMITS = {
    "RLIMIT_DATA": 256 * MEGABYTE,
    "RLIMIT_AS": 1024 * MEGABYTE,
    "RLIMIT_CPU": 20,
    "RLIMIT_FSIZE": 16 * MEGABYTE,
    "RLIMIT_CORE": 0,
    "RLIMIT_NOFILE": 64,
}


class Refused(Exception):
    """The file is not taken; the argument is a code that the portal puts into words."""


def limit() -> None:
    """Give up more than a file of honest size needs; a system that knows a limit not does without it."""
    for name, most in LIMITS.items():
        try:
            resource.setrlimit(getattr(resource, name), (most, most))
        except (AttributeError, ValueError, OSError):
            continue
