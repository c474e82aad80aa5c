"""Who comes in and what is brought: applications, teams, tables, what an item begins with, offers, notes, searches."""

from collections.abc import Iterator
from datetime import timedelta
from uuid import uuid4

from django.core.files.base import ContentFile
from django.urls import reverse
from django.utils import timezone

from communities.enums import Access
from communities.models import Topic
from knowledge.enums import ItemKind, RevisionState
from knowledge.models import BulkImport, BulkRow, Consent, Intake, Item, Offer, Revision, Useful
from members.enums import TeamRequestState
from members.models import ApplicationMessage, Invitation, TeamRequest, User
from munistem.commons.enums import Visibility
from munistem.commons.search.unanswered.models import UnansweredSearch
from munistem.commons.tables.states import BulkState
from munistem.front.management.probe.between import proposed
from munistem.front.management.probe.marks import Probed, file, mark
from munistem.front.management.probe.roles import Cast

MONTH = timedelta(days=30)
TEAM = ["manager", "admin"]


def arriving(cast: Cast) -> Iterator[Probed]:
    """What waits for somebody's answer, once items and communities are there."""
    yield outside(cast)
    yield application(cast)
    yield from team(cast)
    yield proposed(cast)
    yield table(cast)
    yield begun(cast)
    yield from offered(cast)
    yield praised(cast)
    yield unanswered()


def outside(cast: Cast) -> Probed:
    """A person who acts for nobody: no other person sees them."""
    name, about = mark(), mark()
    person = User.objects.create_user(f"{name}@probe.example", name=name, about=about, language="en")
    return Probed("person", "outside", person.uuid, ["admin"], person.get_absolute_url(), [name], [about])


def application(cast: Cast) -> Probed:
    """What an applicant wrote: for admins. Who holds the long address of its page sees it too, so that is not told here."""
    row, words = cast.application, [mark() for _each in range(4)]
    row.motive, row.phone, row.description, row.reason = *words[:3], ""
    row.save()
    ApplicationMessage.objects.create(application=row, author=cast.people["admin"], body=words[3])
    detail = reverse("admin:members_application_change", args=[row.pk])
    return Probed("application", "received", row.pk, ["admin"], detail, [], words)


def team(cast: Cast) -> Iterator[Probed]:
    """A colleague who asks to act for the town, and one who was asked."""
    name, note = mark(), mark()
    page = reverse("show_team", args=[cast.town.slug])
    asked = TeamRequest.objects.create(
        organisation=cast.town,
        name=name,
        email=f"{name}@probe.example",
        note=note,
        state=TeamRequestState.WAITING,
    )
    yield Probed("team request", "waiting", asked.pk, TEAM, page, [name, note])
    name = mark()
    sent = Invitation.objects.create(
        organisation=cast.town,
        email=f"{name}@probe.example",
        name=name,
        invited_by=cast.people["manager"],
        expires_at=timezone.now() + MONTH,
    )
    yield Probed("team invitation", "open", sent.pk, TEAM, page, [name])


def table(cast: Cast) -> Probed:
    """A table of items that was read and not taken in."""
    title, name = mark(), mark()
    bulk = BulkImport(
        made_by=cast.people["manager"],
        nonce=uuid4(),
        state=BulkState.READ,
        table_name=f"{title}.csv",
        language="en",
        visibility=Visibility.NETWORK,
        expires_at=timezone.now() + MONTH,
    )
    bulk.table.save("table", ContentFile(name.encode()), save=False)
    bulk.save()
    BulkRow.objects.create(bulk=bulk, number=2, told={"title": name}, identifier=name)
    pages = [reverse("serve_import_report", args=[bulk.key])]
    return Probed("table of items", "own", bulk.key, TEAM, bulk.get_absolute_url(), [title, name], urls=pages)


def begun(cast: Cast) -> Probed:
    """A link and a file with which somebody begins an item: that person's alone."""
    word = mark()
    row = Intake.objects.create(person=cast.people["manager"], link=f"https://{word}.example/")
    stored, marks = file(cast.people["manager"])
    row.files.create(file=stored)
    return Probed("intake", "own", row.key, ["manager"], row.get_absolute_url(), [], [word, *marks[:1]])


def offered(cast: Cast) -> Iterator[Probed]:
    """A discussion of the closed community that is made an item, and words of somebody who has not agreed yet."""
    topic = Topic.objects.filter(community__access=Access.CLOSED, author=cast.people["cmember"]).order_by(
        "pk"
    )[0]
    body, quote = mark(), mark()  # title and summary are told to whoever is asked for consent
    item = Item.objects.create(
        slug=mark(),
        visibility=Visibility.COMMUNITY,
        community=topic.community,
        language="en",
        created_by=topic.author,
    )
    Revision.objects.create(
        item=item,
        number=1,
        state=RevisionState.DRAFT,
        kind=ItemKind.GUIDE,
        title="Offered",
        summary="A discussion",
        body=f"<p>{body}</p>",
        language="en",
        visibility=item.visibility,
        community=item.community,
        created_by=topic.author,
    )
    offer = Offer.objects.create(topic=topic, item=item, made_by=topic.author)
    makers = ["cmember", "editor", "admin"]
    url = item.get_absolute_url()
    yield Probed("item", "offered", item.slug, makers, url, [body], edit=f"{url}edit/")
    consent = Consent.objects.create(offer=offer, person=cast.people["facilitator"], quote=quote)
    detail = reverse("answer_consent", args=[consent.pk])
    yield Probed("consent", "waiting", consent.pk, ["facilitator"], detail, [], [quote])


def praised(cast: Cast) -> Probed:
    """What a reader said to those who wrote an item."""
    note, item = mark(), Item.objects.published().filter(visibility=Visibility.PUBLIC).order_by("pk")[0]
    row = Useful.objects.create(item=item, person=cast.people["victim2"], note=note)
    detail = reverse("show_use", args=[item.slug])
    return Probed("note on an item", "authors", row.pk, ["manager", "editor", "admin"], detail, [], [note])


def unanswered() -> Probed:
    """A search that two people made in vain."""
    words = mark()
    row = UnansweredSearch.objects.create(text=words, typed=words, language="en", times=2, is_shared=True)
    detail, pages = reverse("list_unanswered"), [reverse("settle_search", args=[row.pk])]
    return Probed("unanswered search", "shared", row.pk, ["editor", "admin"], detail, [words], urls=pages)
