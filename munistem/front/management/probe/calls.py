"""Calls for proposals in each visibility, each for the municipality of the manager."""

from collections.abc import Iterator

from django.utils import timezone

from knowledge.enums import ItemKind, RevisionState
from knowledge.models import Item, Revision
from munistem.commons.enums import Visibility
from munistem.commons.search.actions import index
from munistem.front.management.probe.marks import Probed, mark
from munistem.front.management.probe.roles import MATRIX, NETWORK, Cast
from policy.enums.call import CallWish
from policy.models import CallChoice


def calls(cast: Cast) -> Iterator[Probed]:
    for visibility, allowed in ((Visibility.PUBLIC, MATRIX), (Visibility.NETWORK, NETWORK)):
        slug, title, eligibility, by, now = mark(), mark(), mark(), cast.people["manager"], timezone.now()
        item = Item.objects.create(
            slug=slug, organisation=cast.town, visibility=visibility, language="en", created_by=by
        )
        revision = Revision.objects.create(
            item=item,
            number=1,
            state=RevisionState.PUBLISHED,
            title=title,
            summary=mark(),
            kind=ItemKind.CALL,
            language="en",
            visibility=visibility,
            details={"deadline": "2099-12-31", "eligibility": eligibility},
            created_by=by,
            submitted_at=now,
            decided_at=now,
            decided_by=cast.people["editor"],
        )
        item.published, item.published_at = revision, now
        item.save()
        index(item)
        CallChoice.objects.create(person=cast.people["member"], item=item, wish=CallWish.FOLLOW)
        url = item.get_absolute_url()
        marks = [title, revision.summary]
        yield Probed("call", str(visibility), slug, allowed, url, marks, [eligibility], [], f"{url}edit/")
