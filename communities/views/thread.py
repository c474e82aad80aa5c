"""The posts of one page of a topic, each with what the reader may do to it; made for speed: one query, no link looked up."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Q
from django.http import HttpRequest

from communities import rules
from communities.models import Post, Topic
from communities.models.topic import POSTS_A_PAGE
from munistem.commons.audit.actions import key
from munistem.commons.files.models import FileKind
from munistem.commons.reports.models import Report
from munistem.commons.text.pages import page_of

PERSON_LINK = re.compile(r'<a [^>]*href="/people/[0-9a-f-]{36}/"[^>]*>(.*?)</a>')
SHOWN = [
    *("topic_id", "number", "author_id", "body", "created_at", "edited_at", "helpful_count", "hidden_at"),
    *("hidden_reason", "author__name", "author__uuid", "author__photo_id", "author__role_title"),
]


@dataclass
class Gap:
    """Stands for a post that was hidden from this reader."""

    number: int
    is_gap = True
    starts_new = False


class Numbers:
    """The numbers of a topic's posts, for a paginator: no query needed."""

    ordered = True

    def __init__(self, count: int):
        self.total = count

    def count(self) -> int:
        return self.total

    def __len__(self) -> int:
        return self.total

    def __getitem__(self, piece: slice) -> range:
        return range(1, self.total + 1)[piece]


def page_number_of(request: HttpRequest, topic: Topic) -> int:
    return page_of(request, Numbers(topic.post_count), POSTS_A_PAGE).number


def pager_of(topic: Topic, number: int) -> Page:
    return Paginator(Numbers(topic.post_count), POSTS_A_PAGE).page(number)  # type: ignore[arg-type]


def posts_of(user: Any, topic: Topic, page: int) -> list[Any]:
    """What stands on a page, in order: posts, gaps for hidden ones, on the first page the accepted answer after the opening."""
    first = (page - 1) * POSTS_A_PAGE + 1
    last = min(first + POSTS_A_PAGE - 1, topic.post_count)
    wanted = Q(number__gte=first, number__lte=last)
    if page == 1 and topic.accepted_id:
        wanted |= Q(pk=topic.accepted_id)
    posts = Post.objects.filter(wanted, topic=topic).readable_in(topic, user)
    found = posts.with_helpful(user).with_files().select_related("author").only(*SHOWN)
    by_number = {post.number: post for post in found}
    shown = [by_number.get(number) or Gap(number) for number in range(first, last + 1)]
    dress(user, topic, by_number.values())
    divide(topic, shown)
    accepted = next((post for post in by_number.values() if post.pk == topic.accepted_id), None)
    if page == 1 and accepted and accepted.number > 2:
        shown.insert(1, Copy(accepted))
    return shown


class Copy:
    """The accepted answer as it stands on top, with a link to its place."""

    is_copy = True
    starts_new = False

    def __init__(self, post: Post):
        self.post = post

    def __getattr__(self, name: str) -> Any:
        return getattr(self.post, name)


def divide(topic: Topic, shown: Iterable[Any]) -> None:
    """Mark the first post that is new since the reader's last visit."""
    seen = topic.seen_number  # type: ignore[attr-defined]
    if seen and seen < topic.post_count:
        for post in shown:
            if post.number > seen:
                post.starts_new = True
                return


def dress(user: Any, topic: Topic, posts: Iterable[Any]) -> None:
    """Say of each post what the reader may do, and where its files are."""
    is_signed_in = user.is_authenticated
    moderates = rules.can_moderate(user, topic.community)
    can_accept = is_signed_in and rules.can_accept_answer(user, topic)
    reports = waiting_reports(posts) if moderates else {}
    for post in posts:
        post.topic = topic
        post.is_gap = post.is_copy = post.starts_new = False
        post.is_accepted = post.pk == topic.accepted_id
        post.can_accept = can_accept and not post.is_accepted and rules.can_accept_post(user, post)
        post.can_unaccept = can_accept and post.is_accepted
        post.can_mark_helpful = is_signed_in and rules.can_mark_helpful(user, post)
        post.can_edit = is_signed_in and rules.can_edit_post(user, post)
        post.can_hide = moderates and rules.can_hide_post(user, post)
        post.can_unhide = moderates and rules.can_unhide_post(user, post)
        post.can_report = is_signed_in and rules.can_report_post(user, post)
        post.has_history = is_signed_in and bool(post.edited_at) and rules.can_see_history(user, post)
        post.reports = reports.get(key(post), []) if reports else []
        for file in post.files:
            file["url"] = f"/topics/{topic.pk}/files/{file['key']}/"
            file["words"] = FileKind(file["kind"]).label
        if not is_signed_in and 'href="/people/' in post.body:
            post.body = PERSON_LINK.sub(r"\1", post.body)


def waiting_reports(posts: Iterable[Post]) -> dict[str, list[Report]]:
    """Reports that wait for a decision, by the post they are about."""
    found: dict[str, list[Report]] = {}
    for report in Report.objects.waiting().filter(subject__in=[key(post) for post in posts]).order_by("pk"):
        found.setdefault(report.subject, []).append(report)
    return found


def accepted_place(topic: Topic, posts: Iterable[Any]) -> str:
    """Address of the accepted answer, "" when there is none."""
    if not topic.accepted_id:
        return ""
    here = next((post for post in posts if not post.is_gap and post.pk == topic.accepted_id), None)
    return f"#post-{here.number}" if here and not here.is_copy else f"/posts/{topic.accepted_id}/"
