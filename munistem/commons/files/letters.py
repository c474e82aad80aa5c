"""What people are told of files they sent."""

from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from munistem.commons.files.models import StoredFile
from munistem.commons.mail.letters import Letter, post
from munistem.commons.text.names import isolated


def tell_of_found(stored: StoredFile, staff: Iterable[Any]) -> None:
    """Write to who sent a file with a virus, and to the staff; once each."""
    sender = stored.uploaded_by
    if sender is not None and sender.is_active:
        with translation.override(sender.language):
            post(to_sender(stored), to=sender.email, language=sender.language)
    for person in staff:
        if person != sender:
            with translation.override(person.language):
                post(to_staff(stored, person.pk), to=person.email, language=person.language)


def words_of(stored: StoredFile) -> dict[str, str]:
    name = stored.uploaded_by.name if stored.uploaded_by else ""
    return {
        "name": isolated(stored.name),
        "found": isolated(stored.found),
        "person": isolated(name or _("Someone")),
    }


def to_sender(stored: StoredFile) -> Letter:
    words = words_of(stored)
    return Letter(
        subject=_("A virus was found in a file of yours"),
        lines=[
            _("The scanner found %(found)s in %(name)s, which you sent.") % words,
            _("The file is withheld: nobody can open it any more. Everything else you wrote stays."),
            _("Have the computer it came from checked, then send a clean copy in its place."),
        ],
        reason=_("You received this because the file was sent from your account."),
        key=f"file-found:{stored.pk}",
    )


def to_staff(stored: StoredFile, reader: int) -> Letter:
    words = words_of(stored)
    return Letter(
        subject=_("A virus was found in a file"),
        lines=[
            _("The scanner found %(found)s in %(name)s, sent by %(person)s.") % words,
            _("The file is withheld from everyone, and who sent it has been told."),
        ],
        action=(
            _("See the file"),
            settings.BASE_URL + reverse("admin:commons_storedfile_change", args=[stored.pk]),
        ),
        reason=_("You received this because you look after the network."),
        key=f"file-found:{stored.pk}:{reader}",
    )
