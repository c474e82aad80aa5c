"""What one revision of an item changed of another, word by word."""

import re
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_safe

from knowledge.enums import Audience, RevisionState
from knowledge.models import Revision
from knowledge.models.details import DATE, DETAILS, told
from knowledge.views.item import item_of, revision_of
from munistem.commons.enums import LifeStage, Setting
from munistem.commons.terms.models import Term
from munistem.commons.text.differences import Pieces, differences, listed
from munistem.commons.text.html import bounded, plain
from munistem.commons.text.languages import direction_of

ONCE_PUBLISHED = (RevisionState.PUBLISHED, RevisionState.REPLACED)
LINK = re.compile(r"<a\b[^>]*?\bhref=\"([^\"]*)\"[^>]*>(.*?)</a>", re.DOTALL)


@require_safe
def show_changes(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """What a revision changed of the one that readers saw before it; ``?since=`` compares with another."""
    item = item_of(request, slug)
    after = revision_of(request, item, number)
    earlier = Revision.objects.visible_to(request.user).filter(item=item, number__lt=number)
    others = list(earlier.latest_first().only("number", "state"))
    since = number_before(request.GET.get("since", ""), others)
    before = revision_of(request, item, since) if since else None
    context = {
        "item": item,
        "before": before,
        "after": after,
        "changes": changes_between(before, after) if before else [],
        "others": others,
        "crumbs": [(reverse("list_items"), _("Knowledge")), (item.get_absolute_url(), after.title)],
    }
    return render(request, "knowledge/changes.html", context)


def number_before(asked: str, earlier: list[Revision]) -> int | None:
    """With which revision one is compared: the one asked for, else what was published before it, else the one before.

    earlier: the latest first.
    """
    wanted = [row.number for row in earlier if str(row.number) == asked]
    public = [row.number for row in earlier if row.state in ONCE_PUBLISHED]
    return next(iter([*wanted, *public, *(row.number for row in earlier)]), None)


def changes_between(before: Revision, after: Revision) -> list[dict[str, Any]]:
    """Fields that differ: ``label``, and ``paragraphs`` of pieces or ``members`` of a list; both fetched with parts."""
    texts = zip(prose_of(before, after.kind), prose_of(after, after.kind), strict=True)
    found = [
        {"label": label, "paragraphs": turned(differences(old, new)), "language": after.language}
        for (label, old), (_label, new) in texts
        if old != new
    ]
    for (label, old), (_label, new) in zip(lists_of(before), lists_of(after), strict=True):
        if old != new and (pieces := members(old, new)):
            found.append({"label": label, "members": pieces})
    return found


def turned(paragraphs: list[Pieces]) -> list[tuple[str, Pieces]]:
    """Each paragraph with the direction in which it runs, told by all its words."""
    return [(direction_of(" ".join(text for _kind, text in pieces)), pieces) for pieces in paragraphs]


def prose_of(revision: Revision, kind: str) -> list[tuple[Any, str]]:
    """What a revision says in sentences, with the fields that its kind (that of the later one) has."""
    details = {detail.name: value for detail, value in told(kind, revision.details) if detail.form != DATE}
    return [
        (_("Title"), revision.title),
        (_("In short"), revision.summary),
        (pgettext("knowledge item", "Text"), readable(revision.body)),
        *((detail.label, str(details.get(detail.name, ""))) for detail in DETAILS.get(kind, ())),
        (_("Whom to ask"), revision.contact),
    ]


def lists_of(revision: Any) -> list[tuple[Any, list[tuple[str, str]]]]:
    """What is chosen, tagged and attached: pairs of what tells it from others and what is shown."""

    def chosen(*words: Any) -> list[tuple[str, str]]:
        return [(str(word), str(word)) for word in words if word]

    return [
        (pgettext("facet", "Kind"), chosen(revision.get_kind_display())),
        (_("Language"), chosen(revision.get_language_display())),
        (_("Who may see it"), chosen(revision.get_visibility_display())),
        (_("Life stages"), chosen(*labels(LifeStage, revision.life_stages))),
        (_("Settings"), chosen(*labels(Setting, revision.settings))),
        (_("Who is to use it"), chosen(*labels(Audience, revision.audience))),
        (_("Municipality"), chosen(revision.authority and revision.authority.name)),
        (_("Region"), chosen(revision.get_region_display())),
        (_("Year it tells of"), chosen(revision.year)),
        (_("Tags"), [(row["slug"], Term(**row).label) for row in revision.term_rows]),
        (_("Files"), [(row["key"], row["title"] or row["name"]) for row in revision.file_rows]),
        (_("Links"), [(row["url"], row["title"] or row["url"]) for row in revision.link_rows]),
        (_("How others may use it"), chosen(revision.get_licence_display())),
        (_("Valid until"), chosen(revision.valid_until)),
    ]


def labels(enum: Any, codes: list[str]) -> list[Any]:
    return [enum(code).label for code in enum.values if code in codes]


def members(old: list[tuple[str, str]], new: list[tuple[str, str]]) -> Pieces:
    """Members of two lists that stayed, went and came, by what is shown of them."""
    names = dict(old) | dict(new)
    pieces = listed([key for key, _name in old], [key for key, _name in new])
    return [(kind, names[key]) for kind, key in pieces]


def readable(html: str) -> str:
    """Rich text with the addresses of its links and the marks of its lists, so that their changes are seen too."""
    text = LINK.sub(r"\2 (\1)", bounded(html)).replace("<li>", "<li>• ")
    return plain(text)
