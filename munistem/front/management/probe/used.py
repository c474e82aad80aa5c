"""Collections in each visibility, and adaptations as widely shown as they can be."""

from collections.abc import Iterator

from django.utils import timezone

from communities.enums import Access
from communities.models import Community
from knowledge.enums import Shown
from knowledge.models import Adaptation, Collection, CollectionItem, Item
from munistem.commons.enums import Visibility
from munistem.commons.search.actions import index
from munistem.front.management.probe.marks import Probed, mark
from munistem.front.management.probe.roles import MATRIX, NETWORK, Cast


def used(cast: Cast) -> Iterator[Probed]:
    """What is made of the items, once they are there."""
    yield from collections(cast)
    yield from adaptations(cast)


def collections(cast: Cast) -> Iterator[Probed]:
    """Open ones in each visibility, and a closed one; each holds every published item."""
    closed = Community.objects.get(access=Access.CLOSED)
    own = ["manager", "editor", "admin"]
    for name, visibility, allowed in (
        ("public", Visibility.PUBLIC, MATRIX),
        ("network", Visibility.NETWORK, NETWORK),
        ("community", Visibility.COMMUNITY, ["cmember", "facilitator", *own]),
        ("closed", Visibility.PUBLIC, own),
    ):
        title, text, note, by = mark(), mark(), mark(), cast.people["manager"]
        row = Collection.objects.create(
            slug=title,
            title=title,
            text=text,
            language="en",
            visibility=visibility,
            community=closed if visibility == Visibility.COMMUNITY else None,
            created_by=by,
            closed_at=timezone.now() if name == "closed" else None,
            closed_by=by if name == "closed" else None,
        )
        index(row)
        for place, item in enumerate(Item.objects.published().order_by("pk"), 1):
            words = note if item.visibility == Visibility.PUBLIC else ""
            CollectionItem.objects.create(collection=row, item=item, position=place, note=words, added_by=by)
        url = row.get_absolute_url()
        yield Probed(
            "collection",
            name,
            title,
            allowed,
            url,
            [title, text],
            [note],
            edit=f"{url}edit/",
            delete=f"{url}close/",
        )


def adaptations(cast: Cast) -> Iterator[Probed]:
    """Of the public item, shown to nobody else and to the network; of the network's item, shown to all who see it."""
    rows = Item.objects.published().order_by("pk")
    public = rows.filter(visibility=Visibility.PUBLIC)[0]
    network = rows.filter(visibility=Visibility.NETWORK)[0]
    both_sides = ["outsider", "manager", "editor", "admin"]
    for item, organisation, who, shown, allowed in (
        (public, cast.company, "outsider", Shown.NOBODY, both_sides),
        (public, cast.circle, "cmember", Shown.NETWORK, NETWORK),
        (network, cast.company, "outsider", Shown.PUBLIC, NETWORK),
    ):
        purpose, result, person = mark(), mark(), cast.people[who]
        now = timezone.now()
        row = Adaptation.objects.create(
            item=item,
            organisation=organisation,
            purpose=purpose,
            result=result,
            shown=shown,
            due_on=timezone.localdate(),
            begun_by=person,
            reported_at=now,
            reported_by=person,
        )
        url = row.get_absolute_url()
        yield Probed("adaptation", str(shown), row.pk, allowed, url, [purpose, result], edit=f"{url}report/")
