"""The tables of the ground floor, one module beside the code that keeps them."""

from munistem.commons.audit.models import AuditEvent
from munistem.commons.files.models import FilePage, StoredFile
from munistem.commons.files.resumable.models import Upload
from munistem.commons.guards.models import Hit
from munistem.commons.mail.models import Bounce, IncomingMail, OutgoingMail
from munistem.commons.notices.models import Choice, Event, Notice
from munistem.commons.reports.models import Report
from munistem.commons.search.tables import Collection, Edition, TermCount, TitleCheck, Word
from munistem.commons.search.unanswered.models import UnansweredSearch
from munistem.commons.terms.models import Term

__all__ = [
    "AuditEvent",
    "Bounce",
    "Choice",
    "Collection",
    "Edition",
    "Event",
    "FilePage",
    "Hit",
    "IncomingMail",
    "Notice",
    "OutgoingMail",
    "Report",
    "StoredFile",
    "Term",
    "TermCount",
    "TitleCheck",
    "UnansweredSearch",
    "Upload",
    "Word",
]
