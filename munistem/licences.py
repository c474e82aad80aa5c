"""Licences of all packages the lock files name: `python -m munistem.licences write` lists them, `check` holds the list.

A package says its licence in its own metadata. What is not installed here (it belongs to production, or to another system)
keeps the licence that the list has for it. Anything but a permissive licence needs a reason below.
"""

import re
import sys
from importlib import metadata
from pathlib import Path

BASE = Path(__file__).resolve().parent.parent
LISTS = BASE / "munistem" / "requirements"
TABLE = BASE / "docs" / "licences.md"
#: May be used, changed and handed on by anyone, with the notice kept.
PERMISSIVE = {
    *("0BSD", "Apache-2.0", "BSD", "BSD-2-Clause", "BSD-3-Clause", "CNRI-Python", "ISC", "MIT", "MIT-0", "MIT-CMU"),
    *("OFL-1.1", "PSF-2.0", "Unlicense", "Zlib"),
}  # fmt: skip
#: What packages write instead of the short name.
SPELLINGS = {
    "apache": "Apache-2.0",
    "apache 2.0": "Apache-2.0",
    "apache license": "Apache-2.0",
    "apache license 2.0": "Apache-2.0",
    "apache license, version 2.0": "Apache-2.0",
    "apache software license": "Apache-2.0",
    "artistic license": "Artistic-1.0-Perl",
    "bsd 2-clause license": "BSD-2-Clause",
    "bsd license": "BSD",
    "dependency licenses": "BSD-3-Clause",  # pypdfium2: those of PDFium and its parts, all permissive, come with it
    "gnu general public license (gpl)": "GPL",
    "gnu general public license v2 or later (gplv2+)": "GPL-2.0-or-later",
    "mit license": "MIT",
    "mozilla public license 2.0 (mpl 2.0)": "MPL-2.0",
    "python software foundation license": "PSF-2.0",
}
LEAST_CLAIM = "Its files stay under the MPL; used as they are, they ask nothing of ours."
#: Packages with another licence, and why they may be used.
EXPLAINED = {
    "axe-playwright-python": f"A tool of tests that carries axe-core. {LEAST_CLAIM}",
    "certifi": LEAST_CLAIM,
    "djlint": "A tool of developers, run as a program of its own; nothing of it is part of the portal or handed on.",
    "fido2": "Ships the Public Suffix List, whose file stays under the MPL; used as it is.",
    "hypothesis": f"A tool of tests. {LEAST_CLAIM}",
    "pathspec": f"A tool of developers. {LEAST_CLAIM}",
    "psycopg": "A library imported as it is and exchangeable by whoever runs the portal, which is what the LGPL asks.",
    "psycopg-binary": "As psycopg.",
    "psycopg-pool": "As psycopg.",
    "qrcode": "BSD in its text; the second classifier is about the word mark “QR Code”.",
    "text-unidecode": "Under the Artistic Licence or the GPL, as one likes; used as it is under the first.",
}


def locked() -> dict[str, list[str]]:
    """Package → the lists (dev, production, run) that name it."""
    found: dict[str, list[str]] = {}
    for path in sorted(LISTS.glob("*.txt")):
        for name in re.findall(r"^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==", path.read_text(), re.MULTILINE):
            found.setdefault(name.lower(), []).append(path.stem)
    return dict(sorted(found.items()))


def licence(package: str, known: dict[str, str]) -> str:
    """In short names; "" when neither the package nor the list says it."""
    try:
        told = metadata.metadata(package)
    except metadata.PackageNotFoundError:
        return known.get(package, "")
    if expression := told.get("License-Expression"):
        return expression
    classifiers = [
        line.rpartition("::")[2].strip()
        for line in told.get_all("Classifier") or []
        if line.startswith("License")
    ]
    classifiers = [name for name in classifiers if name != "OSI Approved"]
    said = (told.get("License") or "").strip()
    words = classifiers or ([part.strip() for part in said.split(", ")] if said and len(said) < 60 else [])
    short = dict.fromkeys(SPELLINGS.get(word.lower(), word) for word in words)
    return " AND ".join(short) or known.get(package, "")


def listed() -> dict[str, str]:
    """Package → licence as the list has it."""
    rows = re.findall(r"^\| (\S+) \| ([^|]+) \|", TABLE.read_text(), re.MULTILINE) if TABLE.exists() else []
    return {name: said.strip() for name, said in rows}


def is_permissive(said: str) -> bool:
    """Whether one of the alternatives holds nothing but permissive licences."""
    return any(
        all(name in PERMISSIVE for name in re.split(r" AND | WITH ", choice.strip("() ")))
        for choice in said.split(" OR ")
    )


def table() -> str:
    """The list as it has to stand in docs/licences.md."""
    known = listed()
    rows = [
        f"| {name} | {licence(name, known) or '?'} | {' '.join(lists)} | {EXPLAINED.get(name, '')} |"
        for name, lists in locked().items()
    ]
    return "\n".join([HEAD, *rows, ""])


def faults() -> list[str]:
    known = listed()
    found = [
        f"{name}: {said or 'says no licence; look it up and write it into the list'}"
        for name in locked()
        if not is_permissive(said := licence(name, known)) and (not said or name not in EXPLAINED)
    ]
    if not found and (not TABLE.exists() or TABLE.read_text() != table()):
        found.append("docs/licences.md is not up to date: run python -m munistem.licences write")
    return found


HEAD = """# Licences of what the portal is built on

Written by `python -m munistem.licences write` from the lock files in `munistem/requirements/` and from what each package says of
itself; `make check` fails when a package is missing here or has a licence that is neither permissive nor explained. The portal
itself is under the MIT licence. Whether known weaknesses concern a locked version is asked by whoever has a network:

```
pip install pip-audit && pip-audit --require-hashes -r munistem/requirements/production.txt -r munistem/requirements/run.txt
```

Once a month and before every release; a finding is answered with `make lock` (which moves what `pyproject.toml` lets move), the
tests, and a release.

| package | licence | lists | why it may be used |
|---|---|---|---|"""


def main(verb: str = "check") -> int:
    if verb == "write":
        TABLE.write_text(table())
    for fault in (found := faults()):
        print(fault, file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
