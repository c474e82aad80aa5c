from knowledge.models.item import Item
from knowledge.models.revision import Revision, RevisionFile, RevisionLink, RevisionTerm

__all__ = ["Item", "Revision", "RevisionFile", "RevisionLink", "RevisionTerm"]
