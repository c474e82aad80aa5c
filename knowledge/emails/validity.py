"""Whether an item is still right: the question, with an answer that needs no signing in (docs/decisions/0009)."""

from dataclasses import replace
from datetime import date
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core import signing
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from knowledge import rules
from knowledge.emails import title_in
from knowledge.enums import ItemKind, When
from knowledge.models import Item, ValidityQuestion
from members.models import Representative
from munistem.commons.audit.actions import key
from munistem.commons.mail.letters import Letter
from munistem.commons.notices.actions import tell
from munistem.commons.notices.kinds import Family, Kind, register, visible_through
from munistem.commons.notices.models import Event, Notice

SALT = "knowledge.validity"


def declare() -> None:
    seen = visible_through(ValidityQuestion.objects.waiting_for)
    register(
        Kind("item_valid_soon", Family.TASKS, say_soon, confirm_url, seen, what_to_do, with_answers),
        Kind("item_valid_over", Family.TASKS, say_over, confirm_url, seen, what_to_do, with_answers),
    )


def keepers_of(item: Item) -> list[Any]:
    """Who wrote it, as long as they answer for it, and its organisation's managers; else the knowledge managers."""
    people = get_user_model().objects.filter(is_active=True).defer("search_vector")
    managers = Representative.objects.active().managers().filter(organisation=item.organisation_id)
    found = list(people.filter(pk__in=managers.values("person"))) if item.organisation_id else []
    author = item.created_by
    if author.is_active and author not in found and rules.keeps_item(author, item):
        found.append(author)
    return found or list(people.filter(is_knowledge_manager=True))


def ask(question: ValidityQuestion) -> None:
    item = question.item
    kind = "item_valid_over" if question.when == When.OVER else "item_valid_soon"
    told = {"title": str(item), "slug": item.slug, "day": str(question.day)}
    tell(kind, question, keepers_of(item), reason="sender", is_call=is_call(item), **told)


def is_call(item: Item) -> bool:
    return item.published is not None and item.published.kind == ItemKind.CALL


def settle(item: Item) -> None:
    """What waited for all who keep it waits for none of them any more."""
    subjects = [key(row) for row in ValidityQuestion.objects.filter(item=item)]
    Notice.objects.unread().filter(event__subject__in=subjects).update(read_at=timezone.now())


# Words ---------------------------------------------------------------------------------------------------


def day_in(event: Event) -> str:
    return date_format(date.fromisoformat(event.data["day"]), "j F Y")


def say_soon(event: Event, reader: Any) -> str:
    return _("Is “%(title)s” still right? It is marked as valid until %(day)s") % {
        "title": title_in(event),
        "day": day_in(event),
    }


def say_over(event: Event, reader: Any) -> str:
    if event.data.get("is_call"):
        return _("The call “%(title)s” is over") % {"title": title_in(event)}
    return _("“%(title)s” is marked as possibly outdated") % {"title": title_in(event)}


def what_to_do(event: Event, reader: Any) -> list[str]:
    if event.data.get("is_call"):
        return [_("Take it out of the library, or set a new deadline when it opens again.")]
    return [_("One tap says that it is still right. If something changed, change it; if nobody needs it any more, take it out.")]  # fmt: skip


def with_answers(letter: Letter, event: Event, reader: Any) -> Letter:
    """The button leads to the answer without signing in; changing and taking out ask to sign in."""
    slug = event.data["slug"]
    item = Item.objects.filter(slug=slug).first()
    if item is None:
        return letter
    rows = [
        (_("Something changed: change it"), settings.BASE_URL + reverse("edit_item", args=[slug])),
        (_("Take it out of the library"), settings.BASE_URL + reverse("withdraw_item", args=[slug])),
    ]
    if event.data.get("is_call"):
        return replace(letter, rows=rows)
    return replace(
        letter, action=(_("It is still right"), confirm_address(item, reader, event.data["day"])), rows=rows
    )


def confirm_url(event: Event) -> str:
    return reverse("confirm_item", args=[event.data["slug"]])


def confirm_address(item: Item, person: Any, day: str) -> str:
    """The page on which this person answers without signing in, for the day that was asked about."""
    token = signing.dumps([item.pk, person.pk, day], salt=SALT, compress=True)
    return settings.BASE_URL + reverse("confirm_item_from_mail", args=[token])


def read_confirm_token(token: str) -> tuple[int, int, date]:
    """Keys of item and person, and the day; raises signing.BadSignature."""
    item, person, day = signing.loads(token, salt=SALT)
    return item, person, date.fromisoformat(day)
