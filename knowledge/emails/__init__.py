"""What the room tells people: the words of its notices and letters."""

from dataclasses import replace
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core import signing
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from knowledge.models import BulkImport, Consent, Export, Item, Revision
from knowledge.models.item import REACH
from knowledge.rules import is_reviewer
from munistem.commons.audit.actions import key
from munistem.commons.mail.letters import Letter
from munistem.commons.notices.actions import mark_read, tell
from munistem.commons.notices.kinds import Family, Kind, register, visible_through
from munistem.commons.notices.models import Event
from munistem.commons.text.names import isolated, listed


def title_in(event: Event) -> str:
    return isolated(str(event.data.get("title", "")))


def actor(event: Event) -> str:
    return isolated(event.actor.name if event.actor and event.actor.name else _("Someone"))


def say_submitted(event: Event, reader: Any) -> str:
    return _("%(actor)s sent “%(title)s” to the library; it waits for review") % {
        "actor": actor(event),
        "title": title_in(event),
    }


def say_published(event: Event, reader: Any) -> str:
    if event.data.get("number", 1) > 1:
        return _("The changes of “%(title)s” were published") % {"title": title_in(event)}
    return _("“%(title)s” was published in the library") % {"title": title_in(event)}


def say_returned(event: Event, reader: Any) -> str:
    return _("“%(title)s” was returned to you with remarks") % {"title": title_in(event)}


def say_withdrawn(event: Event, reader: Any) -> str:
    return _("“%(title)s” was taken out of the library") % {"title": title_in(event)}


def say_restored(event: Event, reader: Any) -> str:
    return _("“%(title)s” stands in the library again") % {"title": title_in(event)}


def reason_given(event: Event, reader: Any) -> list[str]:
    reason = event.data.get("why", "")
    return [_("Remarks: %(reason)s") % {"reason": isolated(reason)}] if reason else []


def reason_of_withdrawal(event: Event, reader: Any) -> list[str]:
    reason = event.data.get("why", "")
    return [_("Reason: %(reason)s") % {"reason": isolated(reason)}] if reason else []


def item_url(event: Event) -> str:
    return reverse("show_item", args=[event.data["slug"]])


def review_url(event: Event) -> str:
    return reverse("review_revision", args=[event.data["slug"], event.data["number"]])


def revisions_of(user: Any):
    return Revision.objects.visible_to(user)


def reviewed_by(user: Any):
    return Revision.objects.all() if is_reviewer(user) else Revision.objects.none()


def items_of(user: Any):
    return Item.objects.visible_to(user)


def say_export(event: Event, reader: Any) -> str:
    name = isolated(str(event.data.get("community", "")))
    return _("All of %(community)s is ready to be saved, for seven days") % {"community": name}


def exports_url(event: Event) -> str:
    return reverse("show_exports", args=[event.data["slug"]])


def exports_of(user: Any):
    return Export.objects.visible_to(user).ready()


def say_import(event: Event, reader: Any) -> str:
    number = int(event.data.get("number", 0))
    told = ngettext("%(number)d item of your table is in", "%(number)d items of your table are in", number)
    return told % {"number": number}


def say_import_submitted(event: Event, reader: Any) -> str:
    number = int(event.data.get("number", 0))
    told = ngettext(
        "%(actor)s brought in %(number)d item that waits for review",
        "%(actor)s brought in %(number)d items that wait for review",
        number,
    )
    return told % {"actor": actor(event), "number": number}


def import_url(event: Event) -> str:
    return reverse("show_import", args=[event.data["import"]])


def imports_of(user: Any):
    return BulkImport.objects.visible_to(user)


def imports_reviewed_by(user: Any):
    return BulkImport.objects.all() if is_reviewer(user) else BulkImport.objects.none()


def tell_of_import(bulk: BulkImport, number: int) -> None:
    """Who began an import hears that it is in, and the reviewers, once, of all that waits for them."""
    told = {"number": number, "import": str(bulk.key)}
    tell("import_done", bulk, {bulk.made_by: "sender"}, **told)
    if bulk.submits and number:
        readers = [person for person in reviewers() if person != bulk.made_by]
        tell("import_submitted", bulk, readers, by=bulk.made_by, reason="decider", **told)


def declare() -> None:
    register(
        Kind("import_done", Family.DECISIONS, say_import, import_url, visible_through(imports_of)),
        Kind(
            "import_submitted",
            Family.TASKS,
            say_import_submitted,
            lambda event: reverse("show_desk"),
            visible_through(imports_reviewed_by),
        ),
        Kind("export_ready", Family.DECISIONS, say_export, exports_url, visible_through(exports_of)),
        Kind("item_submitted", Family.TASKS, say_submitted, review_url, visible_through(reviewed_by)),
        Kind("item_published", Family.DECISIONS, say_published, item_url, visible_through(revisions_of)),
        Kind(
            "item_returned",
            Family.DECISIONS,
            say_returned,
            item_url,
            visible_through(revisions_of),
            reason_given,
        ),
        Kind(
            "item_withdrawn",
            Family.DECISIONS,
            say_withdrawn,
            item_url,
            visible_through(items_of),
            reason_of_withdrawal,
        ),
        Kind("item_restored", Family.DECISIONS, say_restored, item_url, visible_through(items_of)),
        Kind(
            "consent_asked",
            Family.MENTIONS,
            say_consent_asked,
            consent_url,
            visible_through(consents_waiting_for),
            asked_how,
            with_answers,
        ),
        Kind("consent_given", Family.REPLIES, say_consent_given, offer_url, visible_through(consents_of)),
        Kind("named_item_published", Family.REPLIES, say_named, item_url, visible_through(items_of)),
    )


# Consents of those whom an item names -------------------------------------------------------------------

SALT = "knowledge.consent"


def consent_address(consent: Consent, answer: str = "") -> str:
    """The page on which this person answers without signing in; with an answer, that one is chosen already."""
    token = signing.dumps([consent.pk, consent.person_id], salt=SALT, compress=True)
    query = f"?answer={answer}" if answer else ""
    return settings.BASE_URL + reverse("answer_consent_from_mail", args=[token]) + query


def read_consent_token(token: str) -> tuple[int, int]:
    """Keys of consent and person; raises signing.BadSignature."""
    consent, person = signing.loads(token, salt=SALT)
    return consent, person


def say_consent_asked(event: Event, reader: Any) -> str:
    return _("%(actor)s would like to name you in “%(title)s”") % {
        "actor": actor(event),
        "title": title_in(event),
    }


def say_consent_given(event: Event, reader: Any) -> str:
    return _("%(actor)s agreed to be named in “%(title)s”") % {
        "actor": actor(event),
        "title": title_in(event),
    }


def say_named(event: Event, reader: Any) -> str:
    return _("“%(title)s”, which names you, was published in the library") % {"title": title_in(event)}


def asked_how(event: Event, reader: Any) -> list[str]:
    """As what one would be named, with which words, and that silence leaves one out."""
    consent = Consent.objects.filter(pk=event.subject.rpartition(":")[2], person=reader).first()
    if consent is None:
        return []
    lines = [_("You would stand there so: %(name)s") % {"name": isolated(named_as(consent))}]
    if consent.quote:
        lines += [_("With these words of yours:"), isolated(consent.quote)]
    lines.append(
        _(
            "If you say no, or nothing, you are neither named nor quoted. You can change it until it is published."
        )
    )
    return lines


def named_as(consent: Consent) -> str:
    """Name, role and organisation, as the item shows them."""
    return listed(part for part in (consent.person.name, consent.role, consent.place) if part)


def with_answers(letter: Letter, event: Event, reader: Any) -> Letter:
    """Add a link for each answer."""
    consent = Consent.objects.filter(pk=event.subject.rpartition(":")[2], person=reader).first()
    if consent is None:
        return letter
    yes, no = pgettext("consent", "Yes, gladly"), pgettext("consent", "No, leave me out")
    rows = [(yes, consent_address(consent, "yes")), (no, consent_address(consent, "no"))]
    return replace(letter, action=(_("See how you would stand there"), consent_address(consent)), rows=rows)


def consent_url(event: Event) -> str:
    return reverse("answer_consent", args=[event.subject.rpartition(":")[2]])


def offer_url(event: Event) -> str:
    return reverse("offer_topic", args=[event.data["topic"]])


def consents_waiting_for(user: Any):
    return Consent.objects.waiting_for(user)


def consents_of(user: Any):
    return Consent.objects.visible_to(user).given()


def ask_consent(consent: Consent, *, by: Any) -> None:
    """Ask one person to be named."""
    title = consent.offer.item.current.title
    tell("consent_asked", consent, {consent.person: "quoted"}, by=by, title=title)


def settle_consent(consent: Consent, *, is_given: bool) -> None:
    """The question waits no more; who offered hears of a yes, of nothing else."""
    mark_read(by=consent.person, things=[consent])
    if is_given:
        offer = consent.offer
        title = offer.item.current.title
        tell(
            "consent_given",
            consent,
            {offer.made_by: "sender"},
            by=consent.person,
            title=title,
            topic=offer.topic_id,
        )


def tell_named(revision: Revision, *, by: Any) -> None:
    """Those who agreed hear that what names them was published; the first time only."""
    agreed = Consent.objects.filter(offer__item=revision.item).standing(REACH[revision.visibility])
    people = {consent.person: "quoted" for consent in agreed.select_related("person")}
    if people and revision.number == 1:
        tell("named_item_published", revision.item, people, by=by, **_named(revision))


def tell_reviewers(revision: Revision, *, by: Any) -> None:
    """Tell the knowledge managers that a revision waits; the admins while the network has none of them."""
    tell("item_submitted", revision, reviewers(), by=by, reason="decider", **_named(revision))


def reviewers() -> list[Any]:
    """The knowledge managers; the admins while the network has none of them."""
    active = get_user_model().objects.filter(is_active=True)
    return list(active.filter(is_knowledge_manager=True)) or list(active.filter(is_staff=True))


def tell_authors(kind: str, revision: Revision, *, by: Any, **data: Any) -> None:
    """Tell who wrote the revision, and who wrote the item, what was decided."""
    readers = {revision.item.created_by, revision.created_by}
    subject = revision.item if kind in ("item_withdrawn", "item_restored") else revision
    tell(kind, subject, readers, by=by, reason="sender", **_named(revision), **data)


def _named(revision: Revision) -> dict[str, Any]:
    return {"title": revision.title, "slug": revision.item.slug, "number": revision.number}


def subject_of(revision: Revision) -> str:
    """Under which name the notices of a revision stand."""
    return key(revision)
