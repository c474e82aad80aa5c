"""Reading: an item, what it said before, and its files."""

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.db.models import Exists, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from communities.rules import can_see_community
from knowledge import rules
from knowledge.enums import Audience, Facet, RevisionState, UseKind
from knowledge.models import Item, Revision, RevisionFile
from knowledge.models.details import PROSE
from knowledge.models.linkcard import with_cards_of_links
from knowledge.models.offer import with_voices
from knowledge.models.revision import with_history
from knowledge.models.use import with_marks_of
from knowledge.views.beside import panel_beside
from knowledge.views.cards import with_cards
from knowledge.views.cite import with_citations
from knowledge.views.media import player_of, shown_file, with_films, zip_of
from knowledge.views.used import context_of_used, count_use
from munistem.commons.enums import Language, LifeStage, Setting, Visibility
from munistem.commons.files.views import serve, serve_preview
from munistem.commons.notices.actions import mark_read
from munistem.commons.notices.models import Notice
from munistem.commons.ready import NOBODY, Reader, Text, ready
from munistem.commons.terms.models import Term, TermKind

UNREAD = (
    "search_vector",
    "search_title",
    "facets",
    "organisation__search_vector",
    "community__search_vector",
)
HEAVY = ("file__text", "revision__body", "revision__item__search_vector")


def item_of(request: HttpRequest, slug: str) -> Item:
    """The item of an address; 404 for what one may not know of."""
    item = next(iter(item_by_slug(request.user, Text(slug))), None)
    if item is None:
        raise Http404
    return item


@ready
def item_by_slug(reader: Reader, slug: str) -> QuerySet[Item]:
    """An item with all that its page says of it beside what its revision says."""
    items = Item.objects.visible_to(reader).filter(slug=slug)
    items = items.select_related("organisation", "community", "created_by").with_editions(reader)
    items = with_marks_of(items.defer(*UNREAD, "created_by__search_vector"), reader)
    return items.annotate(has_news=Exists(Notice.objects.visible_to(reader).unread()))


def revision_of(request: HttpRequest, item: Item, number: int) -> Revision:
    """One revision of an item; 404 for what one may not know of."""
    found = with_cards_of_links(with_voices(Revision.objects.visible_to(request.user).with_parts()))
    revision = get_object_or_404(
        found.select_related("authority", "created_by", "decided_by"), item=item, number=number
    )
    revision.item = item
    return revision


@require_safe
def show_item(request: HttpRequest, slug: str) -> HttpResponse:
    """What is published; its author and reviewers also see what is on its way."""
    item, user = item_of(request, slug), request.user
    is_keeper = rules.can_see_revisions(user, item)
    revision = shown_revision(item, is_keeper=is_keeper)
    revisions = revision.history if is_keeper else []
    if is_keeper and item.has_news:  # type: ignore[attr-defined]
        mark_read(by=user, things=[item, *(row for row in revisions if row.decided_at)])
    is_public = item.visibility == Visibility.PUBLIC and item.published_id and not item.withdrawn_at
    context = page_of_revision(request, item, revision) | {
        "banners": banners_of(user, item, revisions),
        "revisions": revisions,
        "description": revision.summary[:200] if is_public else "",
        **allowed(user, item),
        "now": timezone.localdate(),
        **editions_of(user, item),
        **context_of_used(request, item),
        "panel": panel_beside(request, item, revision),
    }
    return with_films(render(request, "knowledge/item.html", with_citations(context)), context["links"])


def shown_revision(item: Item, *, is_keeper: bool) -> Revision:
    """What is published, else the latest revision, with its parts; for who keeps it also ``history``. One query."""
    (revision,) = revision_to_show(
        NOBODY, item.pk, item.published_id or 0, bool(item.published_id), is_keeper
    )
    revision.item = item
    return revision


@ready
def revision_to_show(
    _reader: Reader, item: int, published: int, is_published: bool, is_keeper: bool
) -> QuerySet[Revision]:
    parts = with_cards_of_links(with_voices(Revision.objects.with_parts())).select_related("authority")
    parts = parts.filter(item=item)
    if is_published:
        parts = parts.filter(pk=published)
    return (with_history(parts) if is_keeper else parts).latest_first()[:1]


def allowed(user: Any, item: Item) -> dict[str, bool]:
    """What this person may do with an item."""
    return {
        "can_edit": rules.can_edit_item(user, item),
        "can_withdraw": rules.can_withdraw_item(user, item),
        "can_restore": rules.can_restore_item(user, item),
    }


@require_safe
def show_revision(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """What an item says in one revision, published or not."""
    item = item_of(request, slug)
    if was_replaced(request, item, revisions=Revision.objects.filter(item=item, number=number)):
        return to_present(request, item)
    revision = revision_of(request, item, number)
    context = page_of_revision(request, item, revision) | {
        "is_published": item.published_id == revision.pk,
        "can_edit": rules.can_edit_item(request.user, item) and revision.is_open,
        "can_review": rules.can_review_revision(request.user, revision),
        "can_drop": rules.can_drop_changes(request.user, revision),
        "description": "",
    }
    return with_films(render(request, "knowledge/revision.html", context), context["links"])


def page_of_revision(request: HttpRequest, item: Item, revision: Revision) -> dict[str, Any]:
    """Context of ``knowledge/_revision.html``: one revision fetched ``with_parts``."""
    community = item.community if item.community and can_see_community(request.user, item.community) else None
    terms = [Term(**row) for row in revision.term_rows]  # type: ignore[attr-defined]
    return {
        "item": item,
        "revision": revision,
        "community": community,
        "files": [shown_file(item, row) for row in revision.file_rows],  # type: ignore[attr-defined]
        "zip_url": zip_of(item, revision),
        "shows_hints": rules.can_see_revisions(request.user, item),
        "has_films": any(player_of(row["url"]) for row in revision.link_rows),  # type: ignore[attr-defined]
        "voices": voices_of(revision),
        "links": with_cards(item, revision),  # type: ignore[attr-defined]
        "tags": [{"label": term.label, "url": address_of(term)} for term in terms],
        "stage_labels": [LifeStage(code).label for code in LifeStage.values if code in revision.life_stages],
        "details": [row for row in revision.told_details if row["form"] == PROSE],
        "facts": [row for row in revision.told_details if row["form"] != PROSE],
        "audience_labels": [Audience(code).label for code in Audience.values if code in revision.audience],
        "valid_until": item.valid_until if item.published_id == revision.pk else revision.valid_until,
        "setting_labels": [Setting(code).label for code in revision.settings if code in Setting.values],
        "who_reads": who_reads(item, revision, community),
        "crumbs": [(reverse("list_items"), _("Knowledge"))],
    }


def editions_of(user: Any, item: Item) -> dict[str, Any]:
    """Context of ``knowledge/_editions.html``, of an item fetched ``with_editions``: what there is, what is missing."""
    editions = [
        {
            **row,
            "url": reverse("show_item", args=[row["slug"]]),
            "label": Language(row["language"]).label,
        }
        for row in item.edition_rows  # type: ignore[attr-defined]
    ]
    return {
        "editions": editions,
        "missing": missing_editions(item) if rules.can_add_edition(user, item) else [],
    }


def missing_editions(item: Item) -> list[dict[str, Any]]:
    """For who keeps an item: the languages in which it does not stand yet, and whether somebody is at it."""
    begun = set(item.edition_languages)  # type: ignore[attr-defined]
    known = {row["language"] for row in item.edition_rows}  # type: ignore[attr-defined]
    return [
        {
            "label": Language(code).label,
            "language": code,
            "url": reverse("add_edition", args=[item.slug, code]),
            "is_begun": code in begun,
        }
        for code in Language.values
        if code != item.language and code not in known
    ]


def voices_of(revision: Revision) -> dict[str, list[dict[str, Any]]]:
    """Whom a revision quotes, and all whom it names, as they agreed to; of who left the network only that."""
    rows = [row | {"byline": byline(row)} for row in revision.voice_rows]  # type: ignore[attr-defined]
    return {"quoted": [row for row in rows if row["quote"]], "named": rows}


def byline(row: dict[str, str]) -> str:
    if not row["name"]:
        return _("A former member")
    return ", ".join(part for part in (row["name"], row["role"], row["place"]) if part)


def address_of(term: Term) -> str:
    """Where the library shows what bears a tag."""
    side = {TermKind.SUBJECT: Facet.SUBJECT, TermKind.POPULATION: Facet.POPULATION}.get(TermKind(term.kind))
    name = side.value if side and term.is_curated else "tag"
    return f"{reverse('list_items')}?{name}={term.slug}"


def who_reads(item: Item, revision: Revision, community: Any) -> str:
    visibility = revision.visibility if revision.is_open else item.visibility
    if visibility == Visibility.PUBLIC:
        return _("Visible to everyone")
    if visibility == Visibility.NETWORK:
        return _("Visible to members of the network")
    if community:
        return _("Visible to members of %(community)s") % {"community": f"\u2068{community.name}\u2069"}
    return _("Visible to members of one community")


def banners_of(user: Any, item: Item, revisions: list[Revision]) -> list[dict[str, Any]]:
    """How things stand, and the next step, for those who may know: author, organisation's managers, reviewers."""
    if not revisions:
        return []
    if item.withdrawn_at:
        return [banner("clay", _("This item was taken out of the library."), item.withdrawn_reason)]
    latest = revisions[0]
    latest.item = item
    open_ = [banner_of_open(user, item, latest)] if latest.is_open else []
    return [*open_, *banners_of_validity(user, item)]


def banners_of_validity(user: Any, item: Item) -> list[dict[str, Any]]:
    """For who keeps it: that its day comes near, or is over, and what to do."""
    if item.valid_until is None or item.valid_until > timezone.localdate() + timedelta(days=30):
        return []
    if not rules.can_edit_item(user, item):
        return []
    title = _("Readers are told that it may be outdated.") if item.is_outdated else _("Its day is over soon.")
    url = reverse("confirm_item", args=[item.slug])
    return [banner("sun", title, _("Say whether it is still right."), url, _("Have a look"))]


def banner_of_open(user: Any, item: Item, latest: Revision) -> dict[str, Any]:
    """What became of the revision that is not published yet."""
    edit = reverse("edit_item", args=[item.slug]) if rules.can_edit_item(user, item) else ""
    is_change = item.published_id is not None
    if rules.can_review_revision(user, latest):
        return banner("sun", _("This waits for your review."), "", latest.review_url, _("Review it"))
    if latest.state == RevisionState.RETURNED:
        title = _("Returned with remarks. Improve it and send it again.")
        return banner("clay", title, latest.reason, edit, _("Improve it"))
    if latest.state == RevisionState.SUBMITTED:
        title = _("Changes wait for review.") if is_change else _("This waits for review.")
        text = _("A knowledge manager reads it and publishes it or writes back; you will hear from us.")
        changes = reverse("show_changes", args=[item.slug, latest.number]) if is_change else ""
        return banner("teal", title, text, changes, _("See the changes"))
    title = _("Changes were begun and not sent yet.") if is_change else _("This is a draft.")
    text = _("Only its authors and the knowledge managers see it. Send it for review when it is ready.")
    return banner("teal", title, text, edit, _("Go on writing"))


def banner(tone: str, title: str, text: str = "", url: str = "", action: str = "") -> dict[str, Any]:
    return {"tone": tone, "title": title, "text": text, "url": url, "action": action}


# Files ---------------------------------------------------------------------------------------------------


@require_safe
def serve_item_file(request: HttpRequest, slug: str, key: Any) -> HttpResponseBase:
    """A file, for those who may see a revision that holds it."""
    try:
        held = held_file(request, slug, key)
    except Http404:
        return to_successor(request, slug, key)
    count_use(request, held.revision.item, UseKind.DOWNLOAD)
    return serve(request, held.file)


@require_safe
def serve_item_preview(request: HttpRequest, slug: str, key: Any) -> HttpResponseBase:
    """The first page of such a file as a picture."""
    return serve_preview(request, held_file(request, slug, key).file)


def was_replaced(request: HttpRequest, item: Item, revisions: Any) -> bool:
    """Whether readers saw these revisions once and see a later one now; not for those who see all of them."""
    if rules.can_see_revisions(request.user, item):
        return False
    return revisions.filter(state=RevisionState.REPLACED).exists()


def to_present(request: HttpRequest, item: Item) -> HttpResponse:
    """From an old address to what the item says now."""
    messages.info(request, _("That was an earlier revision. This is how it stands now."))
    return redirect(item)


def to_successor(request: HttpRequest, slug: str, key: Any) -> HttpResponse:
    """From the address of a file that was replaced to its item; 404 for any other file that is not there."""
    item = item_of(request, slug)
    if was_replaced(request, item, Revision.objects.filter(item=item, files__file__key=key)):
        return to_present(request, item)
    raise Http404


def held_file(request: HttpRequest, slug: str, key: Any) -> RevisionFile:
    """A file as an item holds it; 404 for what one may not know of."""
    held = RevisionFile.objects.visible_to(request.user).filter(revision__item__slug=slug, file__key=key)
    found = held.select_related("file", "revision__item").defer(*HEAVY).order_by("pk").first()
    if found is None:
        raise Http404
    return found
