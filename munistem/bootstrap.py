"""Prepare ``.venv`` from a hash-locked list and run a command in it: ``bootstrap.py run|dev COMMAND…``.

Needs nothing but Python and its venv module. Started by the Makefile with ``python3 -I``; a second time it only
compares one stamp, so that ``make run`` loses no time. Kept readable for older Pythons, to be able to refuse them.
"""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import time

CHECKOUT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
VENV = os.path.join(CHECKOUT, ".venv")
PYTHON = os.path.join(VENV, "bin", "python")
STAMP = os.path.join(VENV, ".installed")
WIDER = {"run": ("run", "dev"), "dev": ("dev",)}  # which lists contain the wanted one


def lock_of(name):
    return os.path.join(CHECKOUT, "munistem", "requirements", name + ".txt")


def stamp_of(name):
    """What the stamp says when this list is installed: the list itself and the Python it was installed for."""
    with open(lock_of(name), "rb") as lock:
        return "{} {} {}".format(name, hashlib.sha256(lock.read()).hexdigest(), os.path.realpath(PYTHON))


def is_ready(name):
    try:
        with open(STAMP) as stamp:
            installed = stamp.read().splitlines()
    except OSError:
        return False
    return os.access(PYTHON, os.X_OK) and any(stamp_of(wider) in installed for wider in WIDER[name])


def refuse_old_python():
    if sys.version_info >= (3, 11):
        return
    for minor in range(19, 10, -1):
        found = shutil.which("python3.{}".format(minor))
        if found:
            os.execv(found, [found, "-I", *sys.argv])
    sys.exit("Python 3.11 or newer is needed; this is {}.".format(sys.version.split()[0]))


def prepare(name):
    """Create or complete the environment. What cannot be used any more is moved aside, never deleted."""
    os.umask(0o022)
    if os.path.lexists(VENV) and not (os.access(PYTHON, os.X_OK) and os.access(VENV, os.W_OK)):
        os.rename(VENV, "{}-unusable-{:.0f}".format(VENV, time.time()))
    print("Preparing the environment (once; some 20 seconds) …", flush=True)
    if not os.path.exists(os.path.join(VENV, "pyvenv.cfg")) or not has_pip():
        make = [sys.executable, "-m", "venv", VENV]
        if subprocess.call(make, env=surroundings()) != 0:
            sys.exit(
                "Python's venv module does not work here. On Debian and Ubuntu: apt install python3-venv"
            )
    pip = [PYTHON, "-m", "pip", "install", "-qq", "--require-hashes", "--no-deps", "--prefer-binary"]
    if subprocess.call(
        [*pip, "--no-input", "--disable-pip-version-check", "-r", lock_of(name)], env=surroundings()
    ):
        sys.exit("The packages could not be installed; the reason stands above.")
    with open(STAMP, "w") as stamp:
        stamp.write(stamp_of(name) + "\n")


def has_pip():
    return subprocess.call([PYTHON, "-c", "import pip"], env=surroundings(), stderr=subprocess.DEVNULL) == 0


def surroundings():
    """The environment for Python: UTF-8 in any locale, nothing from other projects."""
    kept = {key: value for key, value in os.environ.items() if key not in ("PYTHONPATH", "PYTHONHOME")}
    bin_first = os.path.join(VENV, "bin") + os.pathsep + kept.get("PATH", os.defpath)
    return dict(kept, PYTHONUTF8="1", PYTHONNOUSERSITE="1", VIRTUAL_ENV=VENV, PATH=bin_first)


def main():
    refuse_old_python()
    name, command = sys.argv[1], sys.argv[2:]
    with open(lock_of(name)) as lock:
        if not is_ready(name):
            fcntl.flock(lock, fcntl.LOCK_EX)  # two first runs at once: the second waits and finds all done
            if not is_ready(name):
                prepare(name)
    if command:
        os.chdir(CHECKOUT)
        os.execve(PYTHON, [PYTHON, *command], surroundings())


if __name__ == "__main__":
    main()
