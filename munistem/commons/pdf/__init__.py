"""Pages on paper: what the portal shows, as tagged PDF (PDF/UA-1) in Hebrew, Arabic and English.

``document(told)`` answers the bytes; ``told`` is made with ``page`` and holds plain words and trees of clean HTML.
"""

from munistem.commons.pdf.setting import Failed, document, forget, page, section
from munistem.commons.pdf.tree import links, tree

__all__ = ["Failed", "document", "forget", "links", "page", "section", "tree"]
