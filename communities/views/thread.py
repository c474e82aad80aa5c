"""The posts of one page of a topic, each with what the reader may do to it.

This is the page most read: one query for the posts, plain dictionaries for the template, addresses written out.
"""

import re
from collections.abc import Iterable
from typing import Any, NamedTuple

from django.core.paginator import Page, Paginator
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.safestring import mark_safe

from communities import rules
from communities.models import Post, Topic
from communities.models.topic import POSTS_A_PAGE, leads
from munistem.commons.audit.actions import key
from munistem.commons.files.models import FileKind, FileState, ScanState
from munistem.commons.files.reading import is_readable
from munistem.commons.ready import Reader, ready
from munistem.commons.reports.models import Report
from munistem.commons.templatetags.furniture import moment
from munistem.commons.text.pages import page_of

PERSON_LINK = re.compile(r'<a [^>]*href="/people/[0-9a-f-]{36}/"[^>]*>(.*?)</a>')
FIELDS = [
    *("pk", "number", "author_id", "body", "created_at", "edited_at", "helpful_count", "hidden_at"),
    *("hidden_reason", "author__name", "author__uuid", "author__photo", "author__role_title"),
]
KEPT = ("number", "author_id", "body", "edited_at", "hidden_at", "hidden_reason")
BLANK = {
    **dict.fromkeys(("is_gap", "is_copy", "starts_new", "has_history"), False),
    "heading": "",
    "answer_url": "",
    "reports": (),
}
Row = dict[str, Any]


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


def pager_of(topic: Topic, number: int, size: int = POSTS_A_PAGE) -> Page:
    return Paginator(Numbers(topic.post_count), size).page(number)  # type: ignore[arg-type]


def entries_of(user: Any, topic: Topic, page: int, size: int = POSTS_A_PAGE) -> list[Row]:
    """What stands on a page, in order: posts, gaps for hidden ones, on the first page the accepted answer after the opening."""
    first = (page - 1) * size + 1
    last = min(first + size - 1, topic.post_count)
    entries = entries_between(user, topic, first, last)
    add_deeds(user, topic, entries)
    here = {entry["number"]: entry for entry in entries}
    shown = [here.get(number) or gap(number) for number in range(first, last + 1)]
    divide(topic, shown)
    accepted = next((entry for entry in entries if entry["is_accepted"]), None)
    if page == 1 and accepted and accepted["number"] > 2:
        shown.insert(
            1, {**accepted, "is_copy": True, "starts_new": False, "attributes": mark_safe(" data-accepted")}
        )
    return shown


def entries_between(user: Any, topic: Topic, first: int, last: int) -> list[Row]:
    """The posts a reader may read of these numbers; with the first also the accepted answer, wherever it stands."""
    has_accepted = first == 1 and bool(topic.accepted_id)
    accepted = topic.accepted_id if has_accepted else 0
    is_leading, has_files = leads(topic.community, user), bool(topic.file_count)
    rows = posts_between(user, topic.pk, first, last, accepted, is_leading, has_files)
    flags = {"is_visitor": not user.is_authenticated, "shows_photo": rules.is_in_network(user)}
    return [entry_of(topic, row, **flags) for row in rows]


@ready
def posts_between(
    reader: Reader, topic: int, first: int, last: int, accepted: int, is_leading: bool, has_files: bool
) -> QuerySet:
    """What is shown of the posts with these numbers and of the accepted one (0 for none), for this reader."""
    wanted = Q(number__gte=first, number__lte=last) | Q(pk=accepted)
    posts, fields = Post.objects.filter(wanted, topic=topic), [*FIELDS]
    if not is_leading:
        posts = posts.open_to(reader)
    if reader.is_authenticated:
        posts, fields = posts.with_helpful(reader), [*fields, "is_helpful_to_me"]
    if has_files:
        posts, fields = posts.with_files(), [*fields, "files"]
    return posts.values(*fields)


class Author(NamedTuple):
    """As much of a person as a post shows."""

    pk: int
    name: str
    uuid: str
    role: str
    photo_url: str


def author_of(row: Row, *, shows_photo: bool) -> Author:
    has_photo = shows_photo and row["author__photo"]  # pictures are for people of the network
    return Author(
        pk=row["author_id"],
        name=row["author__name"],
        uuid=str(row["author__uuid"]),
        role=row["author__role_title"],
        photo_url=reverse("serve_photo", args=[row["author__uuid"]]) if has_photo else "",
    )


def entry_of(topic: Topic, row: Row, *, is_visitor: bool, shows_photo: bool) -> Row:
    """A post as the template wants it, before it is known what the reader may do."""
    is_accepted = row["pk"] == topic.accepted_id
    marks = " data-chosen" * is_accepted + " data-hidden" * bool(row["hidden_at"])
    if is_visitor and 'href="/people/' in row["body"]:
        row["body"] = PERSON_LINK.sub(r"\1", row["body"])
    return {
        **BLANK,
        **{name: row[name] for name in KEPT},
        "pk": str(row["pk"]),
        "written": moment(row["created_at"]),
        "edited": moment(row["edited_at"]),
        "attributes": mark_safe(f' id="post-{row["number"]}"{marks}'),
        "author": author_of(row, shows_photo=shows_photo),
        "is_helpful_to_me": row.get("is_helpful_to_me", False),
        "helpful_count": str(row["helpful_count"] or ""),
        "files": [shown_file(topic, file) for file in row.get("files", ())],
        "is_accepted": is_accepted,
        "is_marked": bool(is_accepted or row["edited_at"] or row["hidden_at"]),
        "has_foot": not is_visitor or bool(row["helpful_count"]),
    }


def shown_file(topic: Topic, file: Row) -> Row:
    url = f"/topics/{topic.pk}/files/{file['key']}/"
    is_waiting = file["state"] == FileState.WAITING
    read_url = f"{url}read/" if is_readable(file["kind"]) else ""
    words, scan = str(FileKind(file["kind"]).label), str(ScanState(file["scan"]).label)
    return {**file, "url": url, "read_url": read_url, "words": words, "is_waiting": is_waiting, "scan": scan}


def gap(number: int) -> Row:
    """Stands for a post that was hidden from this reader."""
    return {"number": number, "is_gap": True, "starts_new": False, "is_accepted": False, "heading": ""}


def divide(topic: Topic, shown: Iterable[Row]) -> None:
    """Mark the first post that is new since the reader's last visit."""
    seen = topic.seen_number  # type: ignore[attr-defined]
    if seen and seen < topic.post_count:
        for entry in shown:
            if entry["number"] > seen:
                entry["starts_new"] = True
                return


def add_deeds(user: Any, topic: Topic, entries: list[Row]) -> None:
    """Say of each post what a signed-in reader may do to it."""
    if not user.is_authenticated:
        return
    reports = waiting_reports(entries) if rules.can_moderate(user, topic.community) else {}
    known: dict[tuple, Row] = {}
    for entry in entries:
        # The rules ask nothing else of a post than this, so one answer serves all posts of a sort.
        sort = (
            entry["author_id"] == user.pk,
            entry["number"] == 1,
            bool(entry["hidden_at"]),
            entry["is_accepted"],
        )
        if sort not in known:
            known[sort] = deeds_on(user, topic, entry)
        entry |= known[sort]
        entry["has_history"] = bool(entry["edited_at"]) and entry["can_see_history"]
        entry["reports"] = reports.get(entry["pk"], ())


def deeds_on(user: Any, topic: Topic, entry: Row) -> Row:
    """The answers of the rules for one post."""
    fields = ("number", "author_id", "hidden_at", "edited_at")
    post = Post(pk=int(entry["pk"]), topic=topic, **{field: entry[field] for field in fields})
    return {
        "can_accept": not entry["is_accepted"] and rules.can_accept_post(user, post),
        "can_unaccept": entry["is_accepted"] and rules.can_accept_answer(user, topic),
        "can_mark_helpful": rules.can_mark_helpful(user, post),
        "can_edit": rules.can_edit_post(user, post),
        "can_hide": rules.can_hide_post(user, post),
        "can_unhide": rules.can_unhide_post(user, post),
        "can_report": rules.can_report_post(user, post),
        "can_see_history": rules.can_see_history(user, post),
    }


def waiting_reports(entries: Iterable[Row]) -> dict[str, list[Row]]:
    """Reports that wait for a decision, by the key of the post they are about."""
    subjects = {key(Post(pk=int(entry["pk"]))): entry["pk"] for entry in entries}
    found: dict[str, list[Row]] = {}
    for report in Report.objects.waiting().filter(subject__in=subjects).order_by("pk"):
        told = {"why": str(report.get_why_display()), "note": report.note}
        found.setdefault(subjects[report.subject], []).append(told)
    return found


def accepted_place(topic: Topic, entries: Iterable[Row]) -> str:
    """Address of the accepted answer, "" when there is none."""
    if not topic.accepted_id:
        return ""
    here = next((entry for entry in entries if entry["is_accepted"] and not entry["is_copy"]), None)
    return f"#post-{here['number']}" if here else f"/posts/{topic.accepted_id}/"
