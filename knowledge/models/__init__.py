from knowledge.models.adaptation import Adaptation
from knowledge.models.bulk import BulkImport, BulkRow
from knowledge.models.citation import Citation
from knowledge.models.collection import Collection, CollectionItem
from knowledge.models.export import Export
from knowledge.models.feed import LibraryFeed
from knowledge.models.follow import Follow
from knowledge.models.intake import Intake, IntakeFile
from knowledge.models.item import Item
from knowledge.models.linkcard import CardState, LinkCard
from knowledge.models.offer import Consent, Offer
from knowledge.models.prints import ItemPrint
from knowledge.models.review import Review
from knowledge.models.reviewing import ReviewSettings
from knowledge.models.revision import Revision, RevisionFile, RevisionLink, RevisionTerm
from knowledge.models.use import ItemUse, Saved, Useful
from knowledge.models.validity import ValidityQuestion

__all__ = [
    "Adaptation",
    "BulkImport",
    "BulkRow",
    "CardState",
    "Citation",
    "Collection",
    "CollectionItem",
    "Consent",
    "Export",
    "Follow",
    "Intake",
    "IntakeFile",
    "Item",
    "ItemPrint",
    "ItemUse",
    "LibraryFeed",
    "LinkCard",
    "Offer",
    "Review",
    "ReviewSettings",
    "Revision",
    "RevisionFile",
    "RevisionLink",
    "RevisionTerm",
    "Saved",
    "Useful",
    "ValidityQuestion",
]
