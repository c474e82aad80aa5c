"""The style sheet as one file: ``css/main.css`` names small parts by @import, readers fetch them in one request."""

import re
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles.finders import BaseFinder
from django.core.files.storage import FileSystemStorage

SOURCE = Path("css/main.css")
BUNDLE = Path("css/portal.css")
PART = re.compile(r'@import url\("([\w/.-]+)"\) layer\((\w+)\);\n?')
COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
BLANKS = re.compile(r"\s*\n\s*")


def bundled(source: Path) -> str:
    """The text of a style sheet with each imported part in its layer, without comments and indentation."""

    def part(found: re.Match) -> str:
        return f"@layer {found[2]} {{\n{(source.parent / found[1]).read_text()}}}\n"

    return BLANKS.sub("\n", COMMENT.sub("", PART.sub(part, source.read_text())))


class BundleFinder(BaseFinder):
    """Offers the bundle to ``{% static %}``, the development server and collectstatic alike."""

    def __init__(self, app_names=None, *args, **kwargs):
        self.source = settings.BASE_DIR / "static" / SOURCE
        self.storage = FileSystemStorage(location=settings.DATA_DIR / "bundle")

    def check(self, **kwargs):
        return []

    def find(self, path, find_all=False, **kwargs):
        found = self.build() if Path(path) == BUNDLE else None
        return ([str(found)] if found else []) if find_all else (str(found) if found else [])

    def list(self, ignore_patterns):
        self.build()
        yield str(BUNDLE), self.storage

    def build(self) -> Path:
        """Write the bundle anew when it differs from its parts; several processes may do so at once."""
        target = Path(self.storage.path(str(BUNDLE)))
        text = bundled(self.source)
        if not target.exists() or target.read_text() != text:
            target.parent.mkdir(parents=True, exist_ok=True)
            draft = target.with_suffix(f".{id(self)}.css")
            draft.write_text(text)
            draft.replace(target)
        return target
