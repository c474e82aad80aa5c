"""Find a Chromium for the browser journeys, or get one: Debian's as root, else Playwright's own."""

import contextlib
import functools
import os
import shutil
import subprocess
import sys
from pathlib import Path

BASE = Path(__file__).resolve().parent.parent
OWN = BASE / ".local" / "browsers"
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")


@functools.cache
def find() -> str | None:
    """The path of a Chromium that starts: $CHROMIUM, one on the path, or one that Playwright has fetched."""
    candidates = [os.environ.get("CHROMIUM") or "", *(shutil.which(name) or "" for name in NAMES)]
    candidates.append("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome")
    fetched = [Path(os.environ.get("PLAYWRIGHT_BROWSERS_PATH") or OWN), OWN]
    with contextlib.suppress(RuntimeError):  # no home
        fetched += [Path.home() / ".cache/ms-playwright", Path.home() / "Library/Caches/ms-playwright"]
    for place in fetched:
        for pattern in ("chromium-*/chrome-*/chrome", "chromium-*/chrome-*/*.app/Contents/MacOS/*"):
            with contextlib.suppress(OSError):
                candidates += sorted(map(str, place.glob(pattern)), reverse=True)
    return next((path for path in candidates if path and starts(path)), None)


def starts(path: str) -> bool:
    with contextlib.suppress(OSError, subprocess.SubprocessError):
        return subprocess.run([path, "--version"], capture_output=True, timeout=120).returncode == 0
    return False


def provide() -> str | None:
    """``find``, and when there is none, fetch one; say plainly when that is impossible."""
    if found := find():
        return found
    print("No Chromium here; fetching one for the browser journeys …", flush=True)
    for commands in ways():
        for command, surroundings in commands:
            with contextlib.suppress(OSError, subprocess.SubprocessError):
                subprocess.run(
                    command, env=os.environ | surroundings, timeout=600, check=True, stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                )  # fmt: skip
        find.cache_clear()
        if found := find():
            return found
    print("NO BROWSER: the browser journeys cannot run here.", flush=True)
    return None


def ways():
    playwright = [sys.executable, "-m", "playwright", "install"]
    place = {"PLAYWRIGHT_BROWSERS_PATH": str(OWN)}
    if os.geteuid() == 0 and shutil.which("apt-get"):
        quiet = {"DEBIAN_FRONTEND": "noninteractive"}
        yield [
            (["apt-get", "update"], quiet),
            (["apt-get", "install", "-y", "--no-install-recommends", "chromium"], quiet),
        ]
        yield [([*playwright, "--with-deps", "chromium"], place)]
    yield [([*playwright, "chromium"], place)]
