"""Sets one document, in a process of its own: ``python -I child.py FONTS``, JSON on standard input, PDF on standard output."""

import resource
import sys
import tempfile
from pathlib import Path

MEGABYTE = 1024 * 1024
SOURCE = Path(__file__).with_name("page.typ")


def main(fonts: str) -> int:
    """Set the document within limits of time and memory."""
    for name, most in (("RLIMIT_CPU", 20), ("RLIMIT_AS", 2048 * MEGABYTE), ("RLIMIT_CORE", 0)):
        try:
            resource.setrlimit(getattr(resource, name), (most, most))
        except (AttributeError, ValueError, OSError):
            continue
    import typst

    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "page.typ").write_bytes(SOURCE.read_bytes())
        (Path(folder) / "data.json").write_bytes(sys.stdin.buffer.read())
        made = typst.compile(
            str(Path(folder) / "page.typ"),
            root=folder,
            font_paths=[fonts],
            ignore_system_fonts=True,
            sys_inputs={"data": "data.json"},
            pdf_standards=["ua-1"],
        )
    sys.stdout.buffer.write(made)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
