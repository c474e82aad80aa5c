"""What one may be about to type: names and titles that hold the words in the box, each with its own page."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Case, Exists, F, IntegerField, OuterRef, Q, QuerySet, TextField, Value, When
from django.db.models.functions import Cast, Coalesce, NullIf
from django.http import HttpRequest, JsonResponse
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.http import urlencode
from django.utils.translation import get_language, gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_safe

from communities.enums import Access
from communities.models import Community
from knowledge.enums import ItemKind
from knowledge.models import Collection, Item, RevisionTerm
from members.enums import OrganisationType
from members.models import Organisation, User
from munistem.commons.guards.limits import limited
from munistem.commons.ready import Text, ready
from munistem.commons.search.completion import Typed, completing, spoken
from munistem.commons.terms.models import Term, TermKind
from munistem.commons.text.languages import ORDER
from munistem.commons.text.names import harmless

LONGEST, MOST_OF_A_KIND, MOST = 100, 4, 9
LIMIT = (1200, 600)


@dataclass(frozen=True)
class Sort:
    """One kind of what is offered: how it is called, what its rows are, what their hint says, where one leads."""

    label: str | Promise
    rows: Callable[[Any, Typed], QuerySet]
    hint: Callable[[str], Any]
    url: Callable[[str], str]


@limited("complete", *LIMIT, methods=("GET", "HEAD"))
@require_safe
def complete_search(request: HttpRequest) -> JsonResponse:
    """What ``?q=`` may become, as ``[{label, kind, hint, url}]``; one query."""
    typed = Typed.of(harmless(request.GET.get("q", ""))[:LONGEST])
    found = offered(request.user, typed) if typed else []
    return JsonResponse([option(row) for row in found], safe=False)


@ready
def rows_of_all(user: Any, whole: str, asked: str, spelt: str, pattern: str, *words: str) -> QuerySet:
    typed = Typed(whole, asked, spelt, pattern, words)
    first, *rest = [sort.rows(user, typed).values(*COLUMNS)[:MOST_OF_A_KIND] for sort in SORTS.values()]
    return first.union(*rest, all=True)


def offered(user: Any, typed: Typed) -> list[dict[str, Any]]:
    """The best few of all kinds: names that begin so, then those with the words, then those that spell them otherwise;
    the kinds take turns in each.
    """
    order = list(SORTS)
    spelt = Text(typed.spelt) if typed.spelt else ""
    parts = Text(typed.whole), Text(typed.asked), spelt, Text(typed.spoken), *map(Text, typed.words)
    rows = sorted(
        rows_of_all(user, *parts),
        key=lambda row: (-row["fit"], order.index(row["sort"]), row["label"]),
    )
    turns: dict[tuple[str, int], int] = {}
    for row in rows:
        place = row["sort"], row["fit"]
        row["turn"] = turns[place] = turns.get(place, 0) + 1
    return sorted(rows, key=lambda row: (-row["fit"], row["turn"]))[:MOST]


def option(row: dict[str, Any]) -> dict[str, str]:
    sort = SORTS[row["sort"]]
    hint = sort.hint(row["hint"]) if row["hint"] else ""
    return {"label": row["label"], "kind": str(sort.label), "hint": str(hint), "url": sort.url(row["key"])}


COLUMNS = ("sort", "key", "label", "hint", "fit")


def told(rows: QuerySet, sort: str, begins: Q, reads: Q, **columns: Any) -> QuerySet:
    """All kinds in the same columns, so that one query can ask for all.

    begins: which names begin as is typed; reads: which have the words so.
    """
    told = rows.annotate(
        sort=Value(sort, TextField()),
        fit=Case(When(begins, then=2), When(reads, then=1), default=0, output_field=IntegerField()),
        **{name: Cast(column, TextField()) for name, column in columns.items()},
    )
    return told.order_by("-fit", "label", "pk")


def named(prefix: str = "name") -> Any:
    """``pick`` in SQL: the name in the reader's language, else in the first that has it."""
    wanted = (get_language() or ORDER[0])[:2]
    names = dict.fromkeys(f"{prefix}_{code}" for code in (wanted, *ORDER))
    return Coalesce(*(NullIf(F(name), Value("")) for name in names), Value(""))


def people(user: Any, typed: Typed) -> QuerySet:
    rows = completing(User.objects.visible_to(user).in_directory(), typed)
    return told(
        rows, "people", typed.begins, typed.reads, key=F("uuid"), label=F("name"), hint=F("role_title")
    )


def organisations(user: Any, typed: Typed) -> QuerySet:
    """By the name in any of its languages."""
    names = ("name_he", "name_ar", "name_en")
    rows = completing(Organisation.objects.visible_to(user).alias(spoken=spoken(*names)), typed, typed.speaks)
    rows = rows.alias(spoken=spoken(*names), **{f"spoken_{name}": spoken(name) for name in names})
    return told(
        rows,
        "organisations",
        first_of(typed, *names),
        inside(typed),
        key=F("slug"),
        label=named(),
        hint=F("type"),
    )


def communities(user: Any, typed: Typed) -> QuerySet:
    rows = completing(Community.objects.visible_to(user), typed)
    return told(
        rows, "communities", typed.begins, typed.reads, key=F("slug"), label=F("name"), hint=F("access")
    )


def items(user: Any, typed: Typed) -> QuerySet:
    rows = completing(Item.objects.visible_to(user).published(), typed)
    label, hint = F("published__title"), F("published__kind")
    return told(rows, "items", typed.begins, typed.reads, key=F("slug"), label=label, hint=hint)


def collections(user: Any, typed: Typed) -> QuerySet:
    rows = completing(Collection.objects.visible_to(user).standing(), typed)
    return told(
        rows, "collections", typed.begins, typed.reads, key=F("slug"), label=F("title"), hint=Value("")
    )


def tags(user: Any, typed: Typed) -> QuerySet:
    """Words on items that the asker may see; of others nobody learns that they exist."""
    shown = Item.objects.visible_to(user).published().values("published")
    borne = RevisionTerm.objects.filter(tag=OuterRef("pk"), content_object__in=shown)
    names = ("name", "name_he", "name_ar", "name_en")
    rows = Term.objects.alias(spoken=spoken(*names)).filter(typed.speaks, Exists(borne))
    rows = rows.alias(**{f"spoken_{name}": spoken(name) for name in names})
    label = Coalesce(NullIf(named(), Value("")), F("name"))
    return told(
        rows, "tags", first_of(typed, *names), inside(typed), key=F("slug"), label=label, hint=F("kind")
    )


def inside(typed: Typed) -> Q:
    """A word of the names begins so."""
    return Q(spoken__contains=f" {typed.whole}")


def first_of(typed: str, *names: str) -> Q:
    """One of the names begins so."""
    beginning = f" {typed.whole}"
    return reduce(or_, (Q(**{f"spoken_{name}__startswith": beginning}) for name in names))


def page(name: str) -> Callable[[str], str]:
    return lambda key: reverse(name, args=[key])


SORTS = {
    "people": Sort(gettext_lazy("Person"), people, str, page("show_person")),
    "organisations": Sort(
        gettext_lazy("Organisation"),
        organisations,
        lambda kind: OrganisationType(kind).label,
        page("show_organisation"),
    ),
    "communities": Sort(
        gettext_lazy("Community"), communities, lambda access: Access(access).label, page("show_community")
    ),
    "items": Sort(gettext_lazy("Knowledge"), items, lambda kind: ItemKind(kind).label, page("show_item")),
    "collections": Sort(gettext_lazy("Collection"), collections, str, page("show_collection")),
    "tags": Sort(
        pgettext_lazy("kind of what is found", "Tag"),
        tags,
        lambda kind: "" if kind == TermKind.FREE else TermKind(kind).label,
        lambda slug: f"{reverse('list_items')}?{urlencode({'tag': slug})}",
    ),
}
