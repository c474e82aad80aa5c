"""Who writes in a portal that is treated badly, and what must be true of it afterwards."""

import hashlib
import re
import uuid
from collections import Counter
from typing import Any

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore

from communities.models import Attachment, Post, Topic
from munistem.commons.files.actions import sweep_orphans
from munistem.commons.files.models import StoredFile
from munistem.front.management.commands.probe import disagreements
from tests.communities.factories import make_community, make_membership, make_topic


def make_people(count: int) -> dict[str, list]:
    """Signed-in members of a new community with five topics: keys of their sessions and of the topics."""
    community = make_community(access="open", slug=f"stormy-{uuid.uuid4().hex}")
    topics = [make_topic(community).pk for _ in range(5)]
    sessions = []
    for _ in range(count):
        person = make_membership(community).person
        session = SessionStore()
        session[SESSION_KEY], session[HASH_SESSION_KEY] = str(person.pk), person.get_session_auth_hash()
        session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
        session.save()
        sessions.append(session.session_key)
    return {"sessions": sessions, "topics": topics}


#: What ``look`` answers when all that was acknowledged is there, once.
WHOLE: dict[str, Any] = {"missing": [], "twice": [], "files": [], "topics": [], "alone": 0, "faults": []}


def look(known: dict[str, Any]) -> dict[str, Any]:
    """Compare what the portal said that it kept with what is there; files of broken-off deeds are swept and counted."""
    bodies = Post.objects.filter(body__contains="mark").values_list("body", flat=True)
    marks = Counter(re.search("mark[0-9a-f]{32}", body)[0] for body in bodies)
    sums = dict(Attachment.objects.values_list("file__name", "file__sha256"))
    wrong = [
        name
        for name, text in known["files"].items()
        if sums.get(name) != hashlib.sha256(text.encode()).hexdigest()
    ]
    return {
        "missing": [mark for mark in known["texts"] if not marks[mark]],
        "twice": [mark for mark, count in marks.items() if count > 1],
        "files": wrong,
        "topics": [topic.pk for topic in Topic.objects.all() if topic.post_count != topic.posts.count()],
        "alone": StoredFile.objects.filter(post_attachment=None).count(),
        "orphans": sweep_orphans(hours=-1),
        "faults": list(disagreements()),
    }
