"""Texts that wait for a facilitator, in each community."""

from collections.abc import Iterator
from uuid import uuid4

from django.urls import reverse

from communities.enums import TopicKind
from communities.models import Community, HeldFile, HeldPost, Topic
from munistem.front.management.probe.marks import Probed, file, mark
from munistem.front.management.probe.roles import Cast

#: Author, who facilitates, and admins.
INSIDE = ["cmember", "facilitator", "admin"]


def held(cast: Cast, community: Community, access: str, topic: Topic) -> Iterator[Probed]:
    """What waits for a facilitator: a new topic, and an answer with a file."""
    author = cast.people["cmember"]
    for answers in (None, topic):
        title, body, nonce = mark(), mark(), uuid4()
        opening = {} if answers else {"kind": TopicKind.QUESTION, "title": title}
        row = HeldPost.objects.create(
            community=community, topic=answers, author=author, body=f"<p>{body}</p>", nonce=nonce, **opening
        )
        stored, file_marks = file(author)
        HeldFile.objects.create(held=row, file=stored)
        url = row.get_absolute_url()
        yield Probed(
            "held",
            f"{access}-{'answer' if answers else 'topic'}",
            row.pk,
            INSIDE,
            url,
            [body, *([] if answers else [title])],
            file_marks,
            [reverse("serve_held_file", args=[row.pk, stored.key]), f"{url}return/"],
            edit=f"{url}edit/",
        )
