"""What was found a moment ago: for whoever turns a page back, or asks what many ask, as long as nothing was written since.

Every table that is searched, and who may see what of it, is part of the version; that is asked for once a second, and
what the reader may see by belonging somewhere each time. Kept is what one person was shown, and what every visitor is.
"""

import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import get_language

from communities.models import Community, Decision, Meeting, Membership, Minutes, Topic
from knowledge.models import Collection, CollectionItem, Item, Revision
from members.models import LocalAuthority, Organisation, Representative, User
from munistem.commons.files.models import StoredFile
from munistem.commons.ready import NOBODY
from munistem.commons.versions import versioned
from policy.models import Recommendation, RecommendationVersion

LATELY = 1.0  # seconds that a version holds
SECONDS = (
    0.0 if settings.TESTING else 30.0
)  # what hangs on no row, such as the counts of words, may be so old
MOST = 100
Context = dict[str, Any]

_found: "OrderedDict[Hashable, tuple[float, Context]]" = OrderedDict()
_version: tuple[float, Any] = (0.0, None)


def found_lately(request: HttpRequest, find: Callable[[], Context]) -> Context:
    """The context of the results page, found now or a moment ago. What found nothing, or little, is asked anew each time:
    that such questions are asked is noted.
    """
    if not SECONDS:
        return find()
    reader = request.user
    belonging = version_of_belonging(reader) if reader.is_authenticated else ()
    asked = request.GET.urlencode(), get_language(), timezone.localdate()
    key = (reader.pk, belonging, *asked, version())
    at, context = _found.get(key, (0.0, None))
    if context is None or time.monotonic() - at >= SECONDS:
        context = find()
        if not (context["is_empty"] or context["is_partial"]):
            _found[key] = time.monotonic(), context
            while len(_found) > MOST:
                _found.popitem(last=False)
    return context


def version() -> Any:
    """Of all that can be found, as it was at most a second ago."""
    global _version
    at, known = _version
    if known is None or time.monotonic() - at >= LATELY:
        known = version_of_all(NOBODY)
        _version = time.monotonic(), known
    return known


@versioned
def version_of_belonging(user: Any) -> list[QuerySet]:
    """A person who was removed must not find, for not even a second, what members of the community find."""
    own = {"person_id": user.pk}
    return [
        Membership._base_manager.filter(**own),
        Representative._base_manager.filter(**own),
        User._base_manager.filter(pk=user.pk),
    ]


@versioned
def version_of_all(user: Any) -> list[QuerySet]:
    found = (Item, Revision, Collection, Topic, Minutes, Meeting, Decision, User, Community, Organisation)
    found += (Recommendation, RecommendationVersion, LocalAuthority)
    seen_by = (Membership, Representative, CollectionItem, StoredFile)
    return [model._base_manager.all() for model in (*found, *seen_by)]
