"""Sets one document, in a process of its own: ``python -I child.py FONTS SOURCE``; JSON comes in, PDF goes out.

SOURCE: ``page`` (a document for all, PDF/UA-1) or ``sheets`` (pages that are only looked at).
"""

import resource
import sys
import tempfile
from pathlib import Path

MEGABYTE = 1024 * 1024
SOURCES = {name: Path(__file__).with_name(f"{name}.typ") for name in ("page", "sheets")}
#: What ``page`` draws with.
CHARTS = Path(__file__).with_name("charts.typ")
STANDARDS = {"page": ["ua-1"], "sheets": []}


def main(fonts: str, source: str) -> int:
    """Set the document within limits of time and memory."""
    for name, most in (("RLIMIT_CPU", 20), ("RLIMIT_AS", 2048 * MEGABYTE), ("RLIMIT_CORE", 0)):
        try:
            resource.setrlimit(getattr(resource, name), (most, most))
        except (AttributeError, ValueError, OSError):
            continue
    import typst

    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "page.typ").write_bytes(SOURCES[source].read_bytes())
        (Path(folder) / "charts.typ").write_bytes(CHARTS.read_bytes())
        (Path(folder) / "data.json").write_bytes(sys.stdin.buffer.read())
        made = typst.compile(
            str(Path(folder) / "page.typ"),
            root=folder,
            font_paths=[fonts],
            ignore_system_fonts=True,
            sys_inputs={"data": "data.json"},
            pdf_standards=STANDARDS[source],
        )
    sys.stdout.buffer.write(made)
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
