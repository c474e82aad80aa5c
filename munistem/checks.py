"""`make check` and its neighbours: format, lint, types, import contracts, migrations, catalogues – and the tests.

The checks are independent of each other and of any database; two run at a time. What fails is shown whole.
"""

import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

BASE = Path(__file__).resolve().parent.parent
ROOMS = ("munistem", "members", "communities", "knowledge", "policy")
# A trial's settings and no database: nothing here may need one.
SURROUNDINGS = os.environ | {"DEBUG": "1", "DATABASE_URL": "postgresql:///none?host=/nonexistent"}
IMPORT_LINTER = (
    "import sys; from importlinter.cli import lint_imports_command; sys.exit(lint_imports_command())"
)
LISTS = {"dev": ["--extra", "dev"], "run": ["--extra", "trial"], "production": ["--extra", "production"]}


def typed() -> list[str]:
    """The modules whose types are checked: models, rules, actions (modules of that name, or all in packages of it)."""
    found = []
    for room in ROOMS:
        for noun in ("models", "rules", "actions"):
            found += [*(BASE / room).rglob(f"{noun}.py"), *(BASE / room).rglob(f"{noun}/**/*.py")]
    return sorted(str(path.relative_to(BASE)) for path in found)


def checks() -> dict[str, list[str]]:
    """Name and command (after `python`) of each check, the long ones first."""
    return {
        "types": ["-m", "mypy", *typed()],
        "templates": ["-m", "djlint", "templates", "--lint", "--quiet"],
        "migrations": ["-W", "ignore", "manage.py", "makemigrations", "--check", "--dry-run"],
        "import contracts": ["-c", IMPORT_LINTER, "--cache-dir", ".local/imports"],
        "catalogues": ["-m", "munistem.catalogs", "check"],
        "licences": ["-m", "munistem.licences"],
        "lint": ["-m", "ruff", "check", "--quiet", "."],
        "format": ["-m", "ruff", "format", "--check", "--quiet", "."],
    }


def check(name: str, command: list[str]) -> bool:
    started = time.monotonic()
    done = subprocess.run(
        [sys.executable, *command], cwd=BASE, env=SURROUNDINGS, capture_output=True, text=True, check=False
    )
    fine = done.returncode == 0
    report = "" if fine else f"\n{done.stdout}{done.stderr}"
    print(f"{'ok    ' if fine else 'FAILED'} {name} ({time.monotonic() - started:.1f} s){report}", flush=True)
    return fine


def check_all() -> bool:
    (BASE / ".local").mkdir(exist_ok=True)
    with ThreadPoolExecutor(2) as two:
        return all(list(two.map(check, *zip(*checks().items(), strict=True))))


def test(words: list[str]) -> int:
    """All tests, the browser's included; a browser is fetched when the machine has none."""
    from tests import chromium

    if not chromium.provide() and os.environ.get("REQUIRE_BROWSER") == "1":
        print("REQUIRE_BROWSER=1, and no browser can be had: set CHROMIUM or install one.", file=sys.stderr)
        return 1
    # Quiet, so that the last line is the count alone.
    return subprocess.call([sys.executable, "-m", "pytest", "--quiet", *words], cwd=BASE)


def lock() -> None:
    """Write the hash-locked lists anew; the shorter ones agree with the longest."""
    lists = BASE / "munistem" / "requirements"
    compile_ = [
        "uv",
        "pip",
        "compile",
        "--quiet",
        "--universal",
        "--python-version",
        "3.11",
        "--generate-hashes",
    ]
    compile_ += [
        "--no-header",
        "--no-annotate",
        "--no-emit-index-url",
        "--no-emit-find-links",
        "pyproject.toml",
    ]
    upgrade = ["--upgrade"] if "--upgrade" in sys.argv else []
    for name, extras in LISTS.items():
        agree = upgrade if name == "dev" else ["--constraint", str(lists / "dev.txt")]
        output = ["--output-file", str(lists / f"{name}.txt")]
        subprocess.run([sys.executable, "-m", *compile_, *extras, *agree, *output], cwd=BASE, check=True)


def main(verb: str = "--check", *words: str) -> None:
    if verb == "--lock":
        lock()
    elif verb == "--format":
        subprocess.run(
            [sys.executable, "-m", "ruff", "check", "--fix", "--quiet", "."], cwd=BASE, check=False
        )
        subprocess.run([sys.executable, "-m", "ruff", "format", "--quiet", "."], cwd=BASE, check=True)
    else:
        fine = check_all()
        failed = test(list(words)) if verb == "--test" else 0
        if not fine:
            print("Some checks before the tests failed; see above.", file=sys.stderr)
        sys.exit(failed or not fine)


if __name__ == "__main__":
    main(*sys.argv[1:])
