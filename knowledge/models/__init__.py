from knowledge.models.export import Export
from knowledge.models.item import Item
from knowledge.models.offer import Consent, Offer
from knowledge.models.revision import Revision, RevisionFile, RevisionLink, RevisionTerm

__all__ = ["Consent", "Export", "Item", "Offer", "Revision", "RevisionFile", "RevisionLink", "RevisionTerm"]
