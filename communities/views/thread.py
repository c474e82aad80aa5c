"""The posts of one page of a topic, each with what the reader may do to it.

This is the page most read: one query for the posts, plain dictionaries for the template, addresses written out.
"""

import re
from collections.abc import Iterable
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Q
from django.http import HttpRequest
from django.utils.safestring import SafeString, mark_safe

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


def entries_of(user: Any, topic: Topic, page: int) -> list[dict[str, Any]]:
    """What stands on a page, in order: posts, gaps for hidden ones, on the first page the accepted answer after the opening."""
    first = (page - 1) * POSTS_A_PAGE + 1
    last = min(first + POSTS_A_PAGE - 1, topic.post_count)
    found = {post.number: post for post in posts_between(user, topic, first, last, is_first=page == 1)}
    entries = entries_for(user, topic, found)
    shown = [entries.get(number) or gap(number) for number in range(first, last + 1)]
    divide(topic, shown)
    accepted = next((post for post in found.values() if post.pk == topic.accepted_id), None)
    if page == 1 and accepted and accepted.number > 2:
        copy = {
            **entries[accepted.number],
            "is_copy": True,
            "starts_new": False,
            "attributes": mark_safe(" data-accepted"),
        }
        shown.insert(1, copy)
    return shown


def posts_between(user: Any, topic: Topic, first: int, last: int, *, is_first: bool) -> Iterable[Post]:
    wanted = Q(number__gte=first, number__lte=last)
    if is_first and topic.accepted_id:
        wanted |= Q(pk=topic.accepted_id)
    posts = (
        Post.objects.filter(wanted, topic=topic)
        .readable_in(topic, user)
        .select_related("author")
        .only(*SHOWN)
    )
    if user.is_authenticated:
        posts = posts.with_helpful(user)
    return posts.with_files() if topic.file_count else posts


def gap(number: int) -> dict[str, Any]:
    """Stands for a post that was hidden from this reader."""
    return {"number": number, "is_gap": True, "starts_new": False}


def divide(topic: Topic, shown: Iterable[dict[str, Any]]) -> None:
    """Mark the first post that is new since the reader's last visit."""
    seen = topic.seen_number  # type: ignore[attr-defined]
    if seen and seen < topic.post_count:
        for entry in shown:
            if entry["number"] > seen:
                entry["starts_new"] = True
                return


def entries_for(user: Any, topic: Topic, found: dict[int, Post]) -> dict[int, dict[str, Any]]:
    """The posts as the template wants them, by number."""
    moderates = rules.can_moderate(user, topic.community)
    reports = waiting_reports(found.values()) if moderates else {}
    is_signed_in, known = user.is_authenticated, {}
    entries: dict[int, dict[str, Any]] = {}
    for number, post in found.items():
        post.topic = topic
        entry = entries[number] = shown(topic, post)
        if is_signed_in:
            # The rules ask nothing else of a post than this, so one answer serves all posts of a sort.
            sort = (post.author_id == user.pk, number == 1, bool(post.hidden_at), entry["is_accepted"])
            if sort not in known:
                known[sort] = deeds_on(user, post)
            entry |= known[sort]
            entry["is_helpful_to_me"] = post.is_helpful_to_me  # type: ignore[attr-defined]
            entry["has_history"] = bool(post.edited_at) and entry["can_see_history"]
        elif 'href="/people/' in post.body:
            entry["body"] = PERSON_LINK.sub(r"\1", post.body)
        entry["reports"] = reports.get(key(post), ()) if reports else ()
        entry["has_foot"] = is_signed_in or bool(post.helpful_count)
        entry["is_marked"] = bool(entry["is_accepted"] or post.edited_at or post.hidden_at)
    return entries


def shown(topic: Topic, post: Post) -> dict[str, Any]:
    """What every reader of a post sees of it."""
    is_accepted = post.pk == topic.accepted_id
    marks = " data-chosen" * is_accepted + " data-hidden" * bool(post.hidden_at)
    return {
        "pk": str(post.pk),
        "number": post.number,
        "attributes": attributes(f' id="post-{post.number}"{marks}'),
        "author": post.author,
        "name": post.author.name,
        "uuid": str(post.author.uuid),
        "role": post.author.role_title,
        "at": post.created_at,
        "body": post.body,
        "edited_at": post.edited_at,
        "hidden_at": post.hidden_at,
        "hidden_reason": post.hidden_reason,
        "is_accepted": is_accepted,
        "is_gap": False,
        "is_copy": False,
        "starts_new": False,
        "has_history": False,
        "helpful_count": str(post.helpful_count or ""),
        "files": [shown_file(topic, file) for file in post.files] if topic.file_count else (),  # type: ignore[attr-defined]
    }


def attributes(text: str) -> SafeString:
    return mark_safe(text)


def shown_file(topic: Topic, file: dict[str, Any]) -> dict[str, Any]:
    url = f"/topics/{topic.pk}/files/{file['key']}/"
    return {**file, "url": url, "words": FileKind(file["kind"]).label}


def deeds_on(user: Any, post: Post) -> dict[str, Any]:
    """What a signed-in reader may do to a post."""
    is_accepted = post.pk == post.topic.accepted_id
    return {
        "can_accept": not is_accepted and rules.can_accept_post(user, post),
        "can_unaccept": is_accepted and rules.can_accept_answer(user, post.topic),
        "can_mark_helpful": rules.can_mark_helpful(user, post),
        "can_edit": rules.can_edit_post(user, post),
        "can_hide": rules.can_hide_post(user, post),
        "can_unhide": rules.can_unhide_post(user, post),
        "can_report": rules.can_report_post(user, post),
        "can_see_history": rules.can_see_history(user, post),
    }


def waiting_reports(posts: Iterable[Post]) -> dict[str, list[Report]]:
    """Reports that wait for a decision, by the post they are about."""
    found: dict[str, list[Report]] = {}
    for report in Report.objects.waiting().filter(subject__in=[key(post) for post in posts]).order_by("pk"):
        found.setdefault(report.subject, []).append(report)
    return found


def accepted_place(topic: Topic, entries: Iterable[dict[str, Any]]) -> str:
    """Address of the accepted answer, "" when there is none."""
    if not topic.accepted_id:
        return ""
    here = next((entry for entry in entries if entry.get("is_accepted") and not entry["is_copy"]), None)
    return f"#post-{here['number']}" if here else f"/posts/{topic.accepted_id}/"
