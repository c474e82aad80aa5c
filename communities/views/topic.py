"""Topics: opening one, reading and answering, and what facilitators do with them."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from communities import rules
from communities.actions import topic as deeds
from communities.actions.membership import TooLate
from communities.actions.stages import StageMoved
from communities.emails import outcome_of_topic, reach_of_topic
from communities.enums import TopicKind
from communities.forms import ReplyForm, TopicForm
from communities.forms.topic import LONGEST_TITLE
from communities.models import Attachment, HeldPost, Post, Topic
from communities.views.consulting import consultation_of, contribution_form, staged_entries
from communities.views.frame import community_of, frame_of, visibility_of, who_reads
from communities.views.held import held_in, said_held
from communities.views.thread import accepted_place, entries_of, page_number_of, pager_of
from munistem.commons.audit.actions import key
from munistem.commons.files.views import serve, serve_preview
from munistem.commons.guards.limits import limited
from munistem.commons.notices.choices import chosen
from munistem.commons.ready import Reader, ready
from munistem.commons.text.html import plain
from munistem.commons.text.names import harmless

MOST_SIMILAR = 3
SHOWN = [
    *("community_id", "author_id", "kind", "title", "language", "post_count", "file_count", "accepted_id"),
    *("is_pinned", "locked_at", "hidden_at", "hidden_reason"),
    *(
        f"community__{field}"
        for field in ("slug", "name", "access", "moderation", "member_count", "archived_at")
    ),
]


def topic_of(request: HttpRequest, pk: int) -> Topic:
    """The topic of an address with the reader's place in it; 404 for what one may not know of.

    Asked by the rule, the twin of ``visible_to``: on this page the queries are what costs.
    """
    topic = next(iter(topic_with_place(request.user, pk)), None)
    if topic is None or not rules.can_see_topic(request.user, topic):
        raise Http404
    return topic


@ready
def topic_with_place(reader: Reader, pk: int) -> QuerySet[Topic]:
    topics = Topic.objects.filter(pk=pk).select_related("community").only(*SHOWN)
    return topics.with_unread(reader)


@login_required
@limited("post", 60, 3600)
@require_http_methods(["GET", "HEAD", "POST"])
def open_topic(request: HttpRequest, slug: str) -> HttpResponse:
    """Write the opening of a topic; ``?title=`` is how it begins."""
    community, user = community_of(request, slug), request.user
    if not rules.can_post_topic(user, community):
        raise PermissionDenied
    form = TopicForm(
        request.POST or None, request.FILES or None, community=community, user=user, initial=begun(request)
    )
    if request.method == "POST" and form.is_valid():
        topic = deeds.open_topic(by=user, community=community, **form.cleaned_data)
        opened = _("The topic was opened; the members of the community will hear of it.")
        messages.success(request, said_held() if isinstance(topic, HeldPost) else opened)
        return redirect(topic)
    context = {
        **frame_of(request, community, "new"),
        "form": form,
        "who_reads": who_reads(community),
        "is_held": rules.is_held(user, community),
        "reach": reach_of_topic(community, by=user) if rules.can_announce(user, community) else None,
    }
    return render(request, "communities/open_topic.html", context)


def begun(request: HttpRequest) -> dict[str, str]:
    """What the address that led to the form says already."""
    return {"title": harmless(request.GET.get("title", ""))[:LONGEST_TITLE]}


@limited("similar", 600, 3600, methods=("GET",))
@require_safe
def find_similar_topics(request: HttpRequest, slug: str) -> HttpResponse:
    """Topics like a title being typed (``?q=``), as a fragment of HTML; own community first."""
    community = community_of(request, slug)
    typed = harmless(request.GET.get("q", ""))[:200]
    topics = Topic.objects.visible_to(request.user).shown().without_index().resembling(typed)
    found = topics.select_related("community").defer("community__search_vector")[:MOST_SIMILAR]
    return render(request, "communities/_similar.html", {"topics": found, "community": community})


@limited("post", 60, 3600)
@require_http_methods(["GET", "HEAD", "POST"])
def show_topic(request: HttpRequest, pk: int) -> HttpResponse:
    """Read a topic, twenty posts a page, and answer in it."""
    topic, user = topic_of(request, pk), request.user
    can_reply = rules.can_reply(user, topic)
    form = reply_form(request, topic) if can_reply else None
    if request.method == "POST":
        if form is None:
            raise PermissionDenied
        if form.is_valid() and (post := answer(request, topic, form)):
            return redirect(post.place)
    context = {
        **page_of_topic(request, topic),
        "form": form,
        "can_answer_below": can_reply and not is_staged(topic),
    }
    return render(request, "communities/topic.html", context)


def reply_form(request: HttpRequest, topic: Topic) -> Any:
    """What one may write in a topic; in a peer consultation it depends on its stage."""
    data, files = request.POST or None, request.FILES or None
    if is_staged(topic):
        return contribution_form(data, files, request=request, topic=topic)
    return ReplyForm(data, files)


def answer(request: HttpRequest, topic: Topic, form: Any) -> Post | HeldPost | None:
    try:
        post = deeds.reply(by=request.user, topic=topic, **form.cleaned_data)
    except StageMoved:
        form.add_error(None, _("Meanwhile the consultation went on. Your text is still here: copy it."))
        return None
    except TooLate:
        form.add_error(
            None, _("Meanwhile this topic was closed for answers. Your text is still here: copy it.")
        )
        return None
    messages.success(request, said_held() if isinstance(post, HeldPost) else _("Your answer was posted."))
    return post


def page_of_topic(request: HttpRequest, topic: Topic) -> dict[str, Any]:
    """Context of the topic page; marks what is shown as read. A peer consultation stands on one page, by its stages."""
    user, community = request.user, topic.community
    posts, pager, last = shown_posts(request, topic)
    if user.is_authenticated and (topic.seen_number or 0) < last:  # type: ignore[attr-defined]
        deeds.mark_read(by=user, topic=topic, number=last)
    return {
        "topic": topic,
        "topic_pk": str(topic.pk),
        "wish": chosen(user, key(topic)) if user.is_authenticated else "",
        "community": community,
        "crumbs": [("/communities/", _("Communities")), (community.get_absolute_url(), community.name)],
        "posts": posts,
        "pager": pager,
        "accepted_place": accepted_place(topic, posts),
        **waiting_in(request, topic),
        "summary": summary_of(topic, posts[0]) if pager.number == 1 else "",
        "who_reads": who_reads(community),
        "visibility": visibility_of(community),
        "can_offer": user.is_authenticated and rules.can_offer_topic(user, topic),
        "moderates": rules.can_moderate(user, community),
        "can_see_people": rules.can_see_people(user, community),
        "can_write_after_joining": rules.is_writable(topic) and rules.can_join(user, community),
        **of_kind(user, topic),
    }


def of_kind(user: Any, topic: Topic) -> dict[str, Any]:
    """What only some kinds of topics show."""
    staged = consultation_of(user, topic) if is_staged(topic) else {"consultation": None}
    return {"is_staged": is_staged(topic), "outcome": outcome_for(user, topic), **staged}


def outcome_for(user: Any, topic: Topic) -> dict[str, int] | None:
    """How an announcement arrived, for those who lead the community."""
    is_told = topic.kind == TopicKind.ANNOUNCEMENT and rules.can_moderate(user, topic.community)
    return outcome_of_topic(topic) if is_told else None


def is_staged(topic: Topic) -> bool:
    return topic.kind == TopicKind.CONSULTATION


def shown_posts(request: HttpRequest, topic: Topic) -> tuple[list[dict[str, Any]], Any, int]:
    """The posts of a page, the pager, and the number up to which they are read then."""
    if is_staged(topic):
        return staged_entries(request.user, topic), pager_of(topic, 1, topic.post_count), topic.post_count
    number = page_number_of(request, topic)
    posts = entries_of(request.user, topic, number)
    return posts, pager_of(topic, number), posts[-1]["number"]


def waiting_in(request: HttpRequest, topic: Topic) -> dict[str, Any]:
    """What waits for a facilitator here, and whether an answer of this reader will."""
    user, community = request.user, topic.community
    return {
        "held": held_in(request, community, topic=topic),
        "is_held": rules.can_reply(user, topic) and rules.is_held(user, community),
    }


def summary_of(topic: Topic, opening: dict[str, Any]) -> str:
    """One line for those who get the link, of topics that everyone may read."""
    if topic.hidden_at or visibility_of(topic.community) != "public":
        return ""
    return " ".join(plain(opening["body"]).split())[:160]


@require_safe
def serve_post_file(request: HttpRequest, pk: int, key: Any) -> HttpResponseBase:
    """A file that hangs on a post, for the post's readers."""
    return serve(request, file_of(request, pk, key))


@require_safe
def serve_post_preview(request: HttpRequest, pk: int, key: Any) -> HttpResponseBase:
    """The first page of such a file as a picture."""
    return serve_preview(request, file_of(request, pk, key))


def file_of(request: HttpRequest, pk: int, key: Any) -> Any:
    posts = Post.objects.visible_to(request.user).filter(topic=pk)
    found = Attachment.objects.filter(post__in=posts).select_related("file").defer("file__text")
    return get_object_or_404(found, file__key=key).file


@login_required
@require_POST
def pin_topic(request: HttpRequest, pk: int) -> HttpResponse:
    """Keep on top, or (``off=1``) no longer."""
    topic = topic_of(request, pk)
    if not rules.can_pin_topic(request.user, topic):
        raise PermissionDenied
    row = deeds.pin(by=request.user, topic=topic, is_pinned="off" not in request.POST)
    messages.success(
        request, _("The topic was pinned.") if row.is_pinned else _("The topic is no longer pinned.")
    )
    return redirect(topic)


@login_required
@require_POST
def lock_topic(request: HttpRequest, pk: int) -> HttpResponse:
    """Close for answers, or (``off=1``) open again."""
    topic = topic_of(request, pk)
    if not rules.can_lock_topic(request.user, topic):
        raise PermissionDenied
    if "off" in request.POST:
        deeds.unlock_topic(by=request.user, topic=topic)
        messages.success(request, _("Members can answer again."))
    else:
        deeds.lock_topic(by=request.user, topic=topic)
        messages.success(request, _("The topic was closed for answers."))
    return redirect(topic)


@login_required
@require_POST
def unaccept_answer(request: HttpRequest, pk: int) -> HttpResponse:
    """Take the mark of the accepted answer back."""
    topic = topic_of(request, pk)
    if not rules.can_accept_answer(request.user, topic):
        raise PermissionDenied
    deeds.unaccept_answer(by=request.user, topic=topic)
    messages.success(request, _("No answer is marked any more."))
    return redirect(topic)
