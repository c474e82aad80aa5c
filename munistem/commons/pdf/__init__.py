"""Pages on paper: what the portal shows, as tagged PDF (PDF/UA-1) in Hebrew, Arabic and English.

``document(told)`` answers the bytes; ``told`` is made with ``page`` and holds plain words and trees of clean HTML.
``sheets(told)`` sets pages that are only looked at.
"""

from munistem.commons.pdf.setting import Failed, document, forget, page, section, sheets
from munistem.commons.pdf.tree import links, tree

__all__ = ["Failed", "document", "forget", "links", "page", "section", "sheets", "tree"]
