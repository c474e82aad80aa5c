"""What came since a page was drawn: the bell and the open topic, asked for again and again while somebody looks."""

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.cache import get_conditional_response
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from communities.models import Post
from communities.models.topic import POSTS_A_PAGE
from munistem.commons.guards.middleware import int_or_zero
from munistem.commons.notices.models import Notice
from munistem.front.views.counts import count_all

MOST_SHOWN = 99


@never_cache
@require_safe
def show_news(request: HttpRequest) -> HttpResponse:
    """Words for the bell, and of a topic (``?topic=&after=``) how many answers came after that number; JSON.

    304 while both are as they were; 204 for whom there is nothing to ask. One query beside those that tell who asks. It
    is no visit: nothing is marked as read, and no session is written.
    """
    user = request.user
    topic, after = (int_or_zero(request.GET.get(name)) for name in ("topic", "after"))
    if not user.is_authenticated and not topic:
        return HttpResponse(status=204)
    posts = (
        Post.objects.visible_to(user).filter(topic=topic, number__gt=after) if topic else Post.objects.none()
    )
    counts = count_all(unread=Notice.objects.visible_to(user).unread().bundled(), posts=posts)
    tag = f'"{get_language()}-{int(user.is_authenticated)}-{counts["unread"]}-{counts["posts"]}"'
    if unchanged := get_conditional_response(request, etag=tag):
        return unchanged
    news = {**bell_of(user, counts["unread"]), **answers_of(topic, after, counts["posts"])}
    return JsonResponse(news, headers={"ETag": tag})


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
