"""What came since a page was drawn: the bell and the open topic, asked for again and again while somebody looks."""

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.cache import get_conditional_response
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from communities.models import Post, Topic
from communities.models.topic import POSTS_A_PAGE
from communities.rules import can_see_topic
from munistem.commons.guards.middleware import int_or_zero
from munistem.commons.notices.models import count_unread

MOST_SHOWN = 99
TOLD = ("author_id", "hidden_at", "post_count", "community__access")


@never_cache
@require_safe
def show_news(request: HttpRequest) -> HttpResponse:
    """Words for the bell, and of a topic (``?topic=&after=``) how many answers came after that number; JSON.

    304 while both are as they were; 204 for whom there is nothing to ask. Small queries only, for pages ask often. It is
    no visit: nothing is marked as read, and no session is written.
    """
    user = request.user
    topic, after = (int_or_zero(request.GET.get(name)) for name in ("topic", "after"))
    if not user.is_authenticated and not topic:
        return HttpResponse(status=204)
    unread = count_unread(user)
    answers = count_after(user, topic, after) if topic else 0
    tag = f'"{get_language()}-{int(user.is_authenticated)}-{unread}-{answers}"'
    if unchanged := get_conditional_response(request, etag=tag):
        return unchanged
    return JsonResponse({**bell_of(user, unread), **answers_of(topic, after, answers)}, headers={"ETag": tag})


def count_after(user: Any, pk: int, after: int) -> int:
    """How many posts behind this number a reader may read; none of a topic that they may not know of.

    Asked of the row and the rule, the twin of ``visible_to``: its query takes longer to be written than to be answered.
    """
    topic = Topic.objects.select_related("community").only(*TOLD).filter(pk=pk).first()
    if topic is None or not can_see_topic(user, topic) or topic.post_count <= after:
        return 0
    return Post.objects.filter(topic=topic, number__gt=after).readable_in(topic, user).count()


def bell_of(user: Any, count: int) -> dict[str, str]:
    """What stands at the bell; nothing at all for a visitor, or for somebody whose session ended meanwhile."""
    if not user.is_authenticated:
        return {}
    return {"bell": (f"{MOST_SHOWN}+" if count > MOST_SHOWN else str(count or "")), "unread": _("unread")}


def answers_of(topic: int, after: int, count: int) -> dict[str, Any]:
    """The sentence about new answers, and where they begin."""
    if not count:
        return {}
    page = after // POSTS_A_PAGE + 1
    words = ngettext("%(count)d new answer – show", "%(count)d new answers – show", count)
    place = f"?page={page}" if page > 1 else ""
    return {
        "answers": words % {"count": count},
        "url": f"/topics/{topic}/{place}#post-{after + 1}",
        "page": page,
    }
