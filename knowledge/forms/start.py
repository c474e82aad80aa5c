"""What an item's form begins with, and what it offers to choose from."""

from typing import Any

from django.utils.html import format_html, format_html_join, linebreaks
from django.utils.safestring import mark_safe

from communities.models import Community, Decision, Minutes
from communities.rules import can_see_community
from knowledge.actions.propose import shortened
from knowledge.actions.words import LONGEST_TITLE
from knowledge.enums import ItemKind, Licence
from knowledge.forms.kinds import shown_details
from knowledge.models import Item, Revision
from knowledge.models.details import DETAILS, NEUTRAL
from knowledge.rules import acts_for, is_reviewer
from members.models import Organisation
from munistem.commons.enums import Visibility


def beginning(user: Any) -> dict[str, Any]:
    """What a new item's form proposes."""
    acting_for = getattr(user, "acting_for", None) or next((row.organisation for row in user.mandates), None)
    return {
        "language": user.language,
        "visibility": Visibility.NETWORK,
        "licence": Licence.CC_BY,
        "organisation": getattr(acting_for, "slug", ""),
        "authority": getattr(acting_for, "authority_id", None),
    }


def from_minutes(minutes: Minutes) -> dict[str, Any]:
    """What the form proposes for an insight of a meeting: its approved text, for the members of its community."""
    said = minutes.paragraphs.in_order().exclude(body="").values_list("heading", "body")
    parts = [
        (format_html("<h2>{}</h2>", heading) if heading else "", mark_safe(linebreaks(body, autoescape=True)))
        for heading, body in said
    ]
    return {
        "title": minutes.meeting.title,
        "kind": ItemKind.MEETING,
        "body": format_html_join("", "{}{}", parts),
        "language": minutes.community.language,
        "visibility": Visibility.COMMUNITY,
        "community": minutes.community.slug,
    }


def from_decision(decision: Decision) -> dict[str, Any]:
    """What the form proposes for a decision of a community: its words and where they come from, for its members."""
    quote = linebreaks(decision.text, autoescape=True)
    return {
        "title": shortened(decision.text.partition("\n")[0], LONGEST_TITLE),
        "kind": ItemKind.MEETING,
        "body": format_html("<blockquote>{}</blockquote><p>{}</p>", mark_safe(quote), decision.meeting.title),
        "year": decision.decided_on.year,
        "language": decision.community.language,
        "visibility": Visibility.COMMUNITY,
        "community": decision.community.slug,
    }


def stated(revision: Revision) -> dict[str, Any]:
    """What a revision says, as the form shows it."""
    plain = (
        "title",
        "summary",
        "kind",
        "body",
        "language",
        "visibility",
        "life_stages",
        "settings",
        "contact",
        *("region", "year", "audience", "privacy"),
    )
    terms = list(revision.tags.all())
    curated = [term.slug for term in terms if term.is_curated]
    return {
        **{name: getattr(revision, name) for name in (*plain, "licence", "valid_until")},
        **shown_details(revision.kind, revision.details),
        "community": revision.community.slug if revision.community else "",
        "organisation": revision.item.organisation.slug if revision.item.organisation else "",
        "authority": revision.authority_id,
        "subjects": curated,
        "populations": curated,
        "tags": [term.name for term in terms if not term.is_curated],
        "links": list(revision.links.order_by("position", "pk").values_list("url", "title")),
        "change_note": revision.change_note if revision.is_open else "",
        "seen": revision.marker,
    }


#: What an edition says in its own language.
OF_ONES_OWN = ("title", "summary", "body", "change_note", "seen", "links")


def for_edition(revision: Revision, language: str) -> dict[str, Any]:
    """What the form of an edition in another language begins with: all that describes the item, and no text."""
    said = {name: value for name, value in stated(revision).items() if name not in OF_ONES_OWN}
    kept = {
        detail.name: revision.details.get(detail.name)
        for detail in DETAILS.get(revision.kind, ())
        if detail.form in NEUTRAL
    }
    return {**said, **shown_details(revision.kind, kept), "privacy": "", "language": language}


def offered_communities(user: Any, revision: Revision | None) -> Any:
    """Communities a person may put an item into: those they are in, and the one where it stands, if they may know of it."""
    joined = Community.objects.joined_by(user).current()
    if revision and revision.community_id:
        joined = joined | Community.objects.filter(pk__in=known_place(user, revision.community_id))
    return joined.by_name().defer("search_vector", "search_title")


def known_place(user: Any, pk: int) -> Any:
    """The key of a community, as long as the person may know that it exists."""
    return Community.objects.visible_to(user).filter(pk=pk).values("pk")


def unknown_place(user: Any, thing: Any) -> Community | None:
    """Where an item or collection stands, if the person who changes it may not know of that community: it stays there."""
    place = thing.community if thing else None
    return place if place and not can_see_community(user, place) else None


def offered_organisations(user: Any, item: Item | None) -> Any:
    """Organisations in whose name a person may write: those they manage; facilitators and reviewers, all they act for."""
    managed = [row.organisation_id for row in user.mandates if row.is_manager]
    offered = managed if managed and not is_reviewer(user) else [row.organisation_id for row in user.mandates]
    if item and item.organisation_id and (is_reviewer(user) or acts_for(user, item.organisation_id)):
        offered = [*offered, item.organisation_id]
    if not offered:
        return None
    return Organisation.objects.filter(pk__in=offered).by_name().defer("search_vector", "search_title")
