"""What is probed: an object of every kind in every visibility, drafts and hidden ones included."""

from collections.abc import Iterator

from django.urls import reverse
from django.utils import timezone

from communities.enums import Access
from communities.models import Community
from knowledge.enums import ItemKind, RevisionState
from knowledge.models import Item, LinkCard, Revision, RevisionFile, RevisionLink, RevisionTerm
from knowledge.models.linkcard import CardState
from members.enums import OrganisationType
from members.models import Organisation
from munistem.commons.enums import Visibility
from munistem.commons.search.actions import index
from munistem.commons.terms.models import Term
from munistem.front.management.probe.arriving import arriving
from munistem.front.management.probe.calls import calls
from munistem.front.management.probe.marks import Probed, file, mark
from munistem.front.management.probe.programmes import programmes
from munistem.front.management.probe.roles import MATRIX, NETWORK, Cast
from munistem.front.management.probe.roundtables import prepared
from munistem.front.management.probe.standing import standing
from munistem.front.management.probe.talk import communities
from munistem.front.management.probe.used import used
from policy.actions.version import adopt, begin
from policy.enums import EndorsementState, Mandate, Progress, Stance
from policy.models import Endorsement, ProgressReport, Recommendation, Roundtable


def make(cast: Cast) -> Iterator[Probed]:
    """Every object, written as it is told."""
    yield from people(cast)
    yield from organisations(cast)
    yield from communities(cast)
    yield from items(cast)
    yield from used(cast)
    yield from calls(cast)
    yield from recommendations(cast)
    yield from programmes(cast)
    yield from arriving(cast)


# People and organisations --------------------------------------------------------------------------------


def people(cast: Cast) -> Iterator[Probed]:
    """Private details of one person of the network."""
    person, about, phone = cast.people["victim1"], mark(), mark()
    person.about, person.phone, person.ask_me_about = about, phone, mark()
    person.save()
    index(person)
    yield Probed(
        "person",
        "network",
        person.uuid,
        NETWORK,
        person.get_absolute_url(),
        [about, person.ask_me_about],
        [phone],
    )


def organisations(cast: Cast) -> Iterator[Probed]:
    for visibility, left in (("public", None), ("left", timezone.localdate())):
        name, about = mark(), mark()
        row = Organisation.objects.create(
            slug=name,
            type=OrganisationType.NGO,
            name_he=name,
            name_en=name,
            sort_name=name,
            about=about,
            left_on=left,
        )
        index(row)
        yield Probed(
            "organisation",
            visibility,
            row.slug,
            ["admin"] if left else MATRIX,
            row.get_absolute_url(),
            [name],
            [about],
        )


# Knowledge -----------------------------------------------------------------------------------------------


def items(cast: Cast) -> Iterator[Probed]:
    """Published ones in each visibility with an older revision behind them; drafts, sent, returned, withdrawn."""
    closed = Community.objects.get(access=Access.CLOSED)
    own = ["manager", "editor", "admin"]
    for visibility, allowed in (
        (Visibility.PUBLIC, MATRIX),
        (Visibility.NETWORK, NETWORK),
        (Visibility.COMMUNITY, ["cmember", "facilitator", *own]),
    ):
        item, marks = item_of(cast, visibility, closed if visibility == Visibility.COMMUNITY else None)
        before = revision_of(item, cast, 1, RevisionState.REPLACED)
        now = revision_of(item, cast, 2, RevisionState.PUBLISHED)
        item.published, item.published_at = now[0], timezone.now()
        item.save()
        index(item)
        yield from probed_item(item, str(visibility), allowed, [*marks, *now[1]], now[2])
        url = reverse("show_revision", args=[item.slug, 1])
        yield Probed(
            "revision", f"{visibility}-old", before[0].pk, own, url, before[1], before[2], [url, *before[3]]
        )
    for state in (RevisionState.DRAFT, RevisionState.SUBMITTED, RevisionState.RETURNED):
        item, marks = item_of(cast, Visibility.PUBLIC, None)
        _revision, texts, files, _urls = revision_of(item, cast, 1, state)
        yield from probed_item(item, str(state), own, [*marks, *texts], files)
    yield from withdrawn(cast, own)


def withdrawn(cast: Cast, own: list[str]) -> Iterator[Probed]:
    item, marks = item_of(cast, Visibility.PUBLIC, None)
    revision, texts, files, _urls = revision_of(item, cast, 1, RevisionState.PUBLISHED)
    item.published, item.published_at = revision, timezone.now()
    item.withdrawn_at, item.withdrawn_by, item.withdrawn_reason = (
        timezone.now(),
        cast.people["editor"],
        "probe",
    )
    item.save()
    index(item)
    yield from probed_item(item, "withdrawn", own, [*marks, *texts], files)


def item_of(cast: Cast, visibility: str, community: Community | None) -> tuple[Item, list[str]]:
    slug = mark()
    return Item.objects.create(
        slug=slug,
        organisation=cast.town,
        visibility=visibility,
        community=community,
        language="en",
        created_by=cast.people["manager"],
    ), [slug]


def revision_of(
    item: Item, cast: Cast, number: int, state: str
) -> tuple[Revision, list[str], list[str], list[str]]:
    """A revision with its marks: (row, of title, summary, body and tag, of its file, addresses of its file)."""
    title, summary, body, tag, now = mark(), mark(), mark(), mark(), timezone.now()
    decided = {"decided_at": now, "decided_by": cast.people["editor"]}
    revision = Revision.objects.create(
        item=item, number=number, state=state, title=title, summary=summary, body=f"<p>{body}</p>", kind=ItemKind.GUIDE, language="en",
        visibility=item.visibility, community=item.community, created_by=item.created_by,
        submitted_at=None if state == RevisionState.DRAFT else now, reason="probe" if state == RevisionState.RETURNED else "",
        **(decided if state not in {RevisionState.DRAFT, RevisionState.SUBMITTED} else {}),
    )  # fmt: skip
    link = link_of(revision)
    RevisionTerm.objects.create(content_object=revision, tag=Term.objects.create(name=tag, slug=tag))
    stored, file_marks = file(item.created_by)
    RevisionFile.objects.create(revision=revision, file=stored)
    url = reverse("serve_item_file", args=[item.slug, stored.key])
    return revision, [title, summary, body, tag], [*file_marks, link], [url, f"{url}preview/"]


def link_of(revision: Revision) -> str:
    """A page outside that the revision names, and what the worker read there; the mark of its title."""
    title, url = mark(), f"https://{mark()}.example/"
    RevisionLink.objects.create(revision=revision, url=url)
    LinkCard.objects.create(
        item=revision.item, url=url, state=CardState.READY, title=title, fetched_at=timezone.now()
    )
    return title


def probed_item(
    item: Item, name: str, allowed: list[str], marks: list[str], file_marks: list[str]
) -> Iterator[Probed]:
    """The item's page and everything of it."""
    url = item.get_absolute_url()
    files = [
        reverse(view, args=[item.slug, link.file.key])
        for link in RevisionFile.objects.filter(revision__item=item)
        .select_related("file")
        .order_by("-pk")[:1]
        for view in ("serve_item_file", "serve_item_preview")
    ]
    yield Probed(
        "item",
        name,
        item.slug,
        allowed,
        url,
        marks,
        [file_marks[0], *file_marks[2:]],
        files,
        f"{url}edit/",
        f"{url}withdraw/",
    )
    yield Probed("file", name, item.slug, allowed, files[0], file_marks[1:2], urls=files)


# Policy --------------------------------------------------------------------------------------------------


def recommendations(cast: Cast) -> Iterator[Probed]:
    for visibility, is_published in (("public", True), ("draft", False)):
        allowed, name = MATRIX if is_published else ["admin"], mark()
        table = Roundtable.objects.create(
            slug=name, title_he=name, title_en=name, question_he=mark(), is_published=is_published
        )
        yield Probed(
            "roundtable",
            visibility,
            table.slug,
            allowed,
            table.get_absolute_url(),
            [name],
            [table.question_he],
        )
        title, summary, rationale = mark(), mark(), mark()
        worded = {"title_he": title, "summary_he": summary, "rationale_he": rationale}
        row = recommended(table, title, is_published=is_published, **worded)
        yield Probed(
            "recommendation",
            visibility,
            row.slug,
            allowed,
            row.get_absolute_url(),
            [title, summary],
            [rationale],
        )
        if is_published:
            yield from endorsements(cast, table, row)
            yield from standing(cast, row)
            yield from prepared(cast, table)


def recommended(table: Roundtable, slug: str, *, is_published: bool = True, **worded: str) -> Recommendation:
    """A recommendation whose first version is adopted."""
    row = adopt(by=None, version=begin(by=None, roundtable=table, slug=slug, **worded)).recommendation
    if not is_published:
        row.is_published = False
        row.save(update_fields=["is_published"])
    return row


def endorsements(cast: Cast, table: Roundtable, recommendation: Recommendation) -> Iterator[Probed]:
    second = recommended(table, mark(), title_he="Probe")
    own = ["member", "manager", "admin"]
    for target, state, allowed in (
        (recommendation, EndorsementState.CONFIRMED, MATRIX),
        (second, EndorsementState.WAITING, own),
    ):
        stored, marks = file(cast.people["manager"])
        answered = (
            {"answered_at": timezone.now(), "answered_by": cast.people["admin"]}
            if state == EndorsementState.CONFIRMED
            else {}
        )
        explanation = mark()
        row = Endorsement.objects.create(
            recommendation=target, version=target.current_version, organisation=cast.town, stance=Stance.ENDORSES, mandate=Mandate.MAYOR, decided_on=timezone.localdate(),
            signed_page=stored, explanation=explanation, state=state, submitted_by=cast.people["manager"], **answered,
        )  # fmt: skip
        yield Probed("endorsement", str(state), row.pk, allowed, row.get_absolute_url(), [explanation])
        page = reverse("serve_signed_page", args=[row.pk])
        yield Probed("signed page", str(state), row.pk, own, page, marks[1:], marks[:1])
        if answered:
            body = mark()
            report = ProgressReport.objects.create(
                endorsement=row, status=Progress.UNDER_WAY, body=body, reported_by=cast.people["manager"]
            )
            yield Probed("report", "public", report.pk, allowed, row.get_absolute_url(), [body])
            body = mark()
            inner = ProgressReport.objects.create(
                endorsement=row, status=Progress.STUCK, body=body, for_network=["body"], reported_by=cast.people["manager"],
            )  # fmt: skip
            yield Probed("report", "network", inner.pk, NETWORK, row.get_absolute_url(), [body])
