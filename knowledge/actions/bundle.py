"""What is in the file of a whole community: pages to read offline, tables, files. Written piece by piece, nothing is gathered."""

import shutil
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Any
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import get_language, get_language_info
from django.utils.translation import gettext as _

from communities.enums import MeetingState
from communities.models import (
    Attachment,
    Community,
    Decision,
    Invitee,
    Meeting,
    Membership,
    Minutes,
    MinutesFile,
    Post,
    Task,
    Topic,
)
from knowledge.actions.tables import TABLES
from knowledge.models import Item, RevisionFile
from munistem.commons.downloads import csv_lines
from munistem.commons.files.models import StoredFile
from munistem.commons.files.rules import can_have_bytes
from munistem.commons.text.names import harmless_file_name

PIECE = 256 * 1024


def write_bundle(path: str, community: Community, reader: Any) -> None:
    """Write the ZIP file; reader: only what this person may see goes in, hidden posts and drafts stay out."""
    bundle = Bundle(path, community, reader)
    with bundle.archive:
        bundle.write()


def place_of(stored: StoredFile) -> str:
    """Where a file stands in the bundle."""
    return f"files/{stored.key}/{harmless_file_name(stored.name)}"


def offline(html: str) -> str:
    """Links within the portal made whole, so that they lead there from anywhere."""
    return html.replace('href="/', f'href="{settings.BASE_URL}/')


class Bundle:
    def __init__(self, path: str, community: Community, reader: Any):
        self.archive = ZipFile(path, "w", ZIP_DEFLATED, allowZip64=True)
        self.community, self.reader = community, reader
        self.now = timezone.localtime()

    # What there is -----------------------------------------------------------------------------------------

    def topics(self) -> Any:
        rows = Topic.objects.visible_to(self.reader).shown().filter(community=self.community)
        return rows.without_index().select_related("author").defer("author__search_vector")

    def posts(self, **where: Any) -> Any:
        rows = Post.objects.visible_to(self.reader).shown()
        rows = rows.filter(topic__community=self.community, topic__hidden_at__isnull=True, **where)
        return rows.select_related("author", "topic").defer("author__search_vector", "topic__search_vector")

    def members(self) -> Any:
        rows = Membership.objects.visible_to(self.reader).filter(community=self.community).present()
        return rows.select_related("person").defer("person__search_vector").facilitators_first()

    def meetings(self) -> Any:
        rows = Meeting.objects.visible_to(self.reader).filter(community=self.community)
        return rows.exclude(state__in=[MeetingState.DRAFT, MeetingState.POLL]).order_by("-starts_at", "-pk")

    def minutes(self, **where: Any) -> Any:
        rows = Minutes.objects.visible_to(self.reader).approved().filter(community=self.community, **where)
        return rows.without_index().order_by("-number")

    def decisions(self) -> Any:
        rows = Decision.objects.visible_to(self.reader).approved().filter(community=self.community)
        return rows.without_index().select_related("meeting").latest_first()

    def tasks(self) -> Any:
        rows = Task.objects.visible_to(self.reader).filter(
            community=self.community, approved_at__isnull=False
        )
        rows = rows.select_related("owner", "meeting").defer("owner__search_vector")
        return rows.order_by("meeting__starts_at", "pk")

    def items(self) -> Any:
        rows = Item.objects.visible_to(self.reader).published().filter(community=self.community)
        rows = rows.select_related("published", "organisation").defer("search_vector")
        return rows.order_by("-published_at", "-pk")

    def files(self) -> Iterator[StoredFile]:
        """Every file that a page of the bundle leads to, once."""
        sets = (
            Attachment.objects.filter(post__in=self.posts().values("pk")),
            MinutesFile.objects.filter(minutes__in=self.minutes().values("pk")),
            RevisionFile.objects.filter(revision__in=self.items().values("published")),
        )
        seen: set[int] = set()
        for rows in sets:
            for row in rows.select_related("file").defer("file__text").order_by("pk").iterator():
                if row.file_id not in seen:
                    seen.add(row.file_id)
                    yield row.file

    # Writing -----------------------------------------------------------------------------------------------

    def write(self) -> None:
        self.page("index", "index.html", counts=self.counts())
        self.archive.writestr("style.css", render_to_string("knowledge/export/style.css"))
        self.page("topics", "topics.html", topics=self.topics().order_by("-last_post_at", "-pk").iterator())
        for topic in self.topics().order_by("pk").iterator():
            self.page("topic", f"topics/{topic.pk}.html", topic=topic, posts=self.told_posts(topic))
        self.page("meetings", "meetings.html", meetings=self.meetings().iterator())
        for meeting in self.meetings().iterator():
            self.page("meeting", f"meetings/{meeting.pk}.html", meeting=meeting, **self.told_meeting(meeting))
        self.page("decisions", "decisions.html", decisions=self.decisions().iterator())
        self.page("members", "members.html", members=self.members().iterator())
        self.page("items", "library.html", items=self.items().iterator())
        for item in self.items().iterator():
            self.page("item", f"library/{item.pk}.html", item=item, **self.told_item(item))
        for name, heads, rows in self.tables():
            self.table(name, heads, rows)
        for stored in self.files():
            self.file(stored)

    def page(self, template: str, name: str, **context: Any) -> None:
        language = get_language() or "he"
        shared = {
            "community": self.community,
            "made_at": self.now,
            "site": settings.BASE_URL,
            "language": language,
            "direction": "rtl" if get_language_info(language)["bidi"] else "ltr",
            "root": "../" * name.count("/"),
        }
        self.archive.writestr(
            name, render_to_string(f"knowledge/export/{template}.html", {**shared, **context})
        )

    def counts(self) -> dict[str, int]:
        return {
            "topics": self.topics().count(),
            "meetings": self.meetings().count(),
            "decisions": self.decisions().count(),
            "members": self.members().count(),
            "items": self.items().count(),
        }

    def told_posts(self, topic: Topic) -> Iterator[dict[str, Any]]:
        """The posts of a topic with their files."""
        files: dict[int, list[dict[str, str]]] = {}
        hung = Attachment.objects.filter(post__topic=topic, post__hidden_at__isnull=True)
        for row in hung.select_related("file").defer("file__text").order_by("position", "pk"):
            files.setdefault(row.post_id, []).append({"name": row.file.name, "url": place_of(row.file)})
        for post in self.posts(topic=topic).in_order().iterator():
            yield {
                "number": post.number,
                "name": post.author.name or _("A former member"),
                "role": post.author.role_title,
                "at": post.created_at,
                "body": offline(post.body),
                "is_accepted": post.pk == topic.accepted_id,
                "files": files.get(post.pk, []),
            }

    def told_meeting(self, meeting: Meeting) -> dict[str, Any]:
        there = Invitee.objects.filter(meeting=meeting, attended=True).select_related("person")
        kept = []
        for minutes in self.minutes(meeting=meeting):
            files = minutes.files.select_related("file").defer("file__text").order_by("position", "pk")
            kept.append(
                {
                    "minutes": minutes,
                    "paragraphs": list(minutes.paragraphs.in_order()),
                    "decisions": list(Decision.objects.told_by(minutes).without_index()),
                    "tasks": list(Task.objects.told_by(minutes).select_related("owner")),
                    "files": [{"name": row.file.name, "url": place_of(row.file)} for row in files],
                }
            )
        return {"there": there.defer("person__search_vector").order_by("pk") if kept else [], "kept": kept}

    def told_item(self, item: Item) -> dict[str, Any]:
        assert item.published
        rows = RevisionFile.objects.filter(revision=item.published).select_related("file").defer("file__text")
        files = [
            {"name": row.file.name, "url": place_of(row.file)} for row in rows.order_by("position", "pk")
        ]
        return {"revision": item.published, "body": offline(item.published.body), "files": files}

    def table(self, name: str, heads: list[str], rows: Iterable[Iterable[Any]]) -> None:
        """A CSV file, line by line."""
        with self.archive.open(f"tables/{name}.csv", "w") as file:
            for line in csv_lines(chain([heads], rows)):
                file.write(line.encode())

    def tables(self) -> Iterator[tuple[str, list[str], Iterable[Iterable[Any]]]]:
        """Name, heads and rows."""
        things = {
            "topics": self.topics().order_by("pk"),
            "posts": self.posts().order_by("topic", "number"),
            "members": self.members(),
            "meetings": self.meetings(),
            "decisions": self.decisions(),
            "tasks": self.tasks(),
        }
        for name, columns in TABLES.items():
            rows = things[name].iterator()
            yield name, list(columns), ([value(row) for value in columns.values()] for row in rows)

    def file(self, stored: StoredFile) -> None:
        """Bytes as they were sent, a piece at a time; one that is lost or withheld does not keep the others from being taken."""
        if not can_have_bytes(AnonymousUser(), stored):
            return
        info = ZipInfo(place_of(stored), date_time=timezone.localtime(stored.uploaded_at).timetuple()[:6])
        info.compress_type, info.external_attr = ZIP_STORED, 0o600 << 16
        try:
            source = stored.blob.open("rb")
        except FileNotFoundError:
            return
        with source, self.archive.open(info, "w", force_zip64=True) as target:
            shutil.copyfileobj(source, target, PIECE)
