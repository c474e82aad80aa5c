"""What every visitor was shown a moment ago, as long as nothing was written since.

Every table that is searched, and who may see what of it, is part of the version; that is asked for once a second. Whoever is
signed in is answered anew each time: what they may see hangs on where they belong, and to ask that costs as much.
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
    if not SECONDS or request.user.is_authenticated:
        return find()
    key = request.GET.urlencode(), get_language(), timezone.localdate(), version()
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
def version_of_all(user: Any) -> list[QuerySet]:
    found = (Item, Revision, Collection, Topic, Minutes, Meeting, Decision, User, Community, Organisation)
    found += (Recommendation, RecommendationVersion, LocalAuthority)
    seen_by = (Membership, Representative, CollectionItem, StoredFile)
    return [model._base_manager.all() for model in (*found, *seen_by)]
