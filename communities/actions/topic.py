"""Topics: opening, answering, accepting, pinning, locking, hiding. Numbers and counts stay right under the topic's lock."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID, uuid4

from django.contrib.postgres.search import SearchVectorField
from django.db import connection, transaction
from django.db.models import Case, F, Func, IntegerField, QuerySet, UUIDField, Value, When
from django.db.models.functions import Cast, Coalesce
from django.db.models.lookups import LessThan
from django.utils import timezone

from communities import rules, tasks
from communities.actions.held import hold
from communities.actions.membership import TooLate
from communities.actions.mention import keep_mentions, with_mentions
from communities.actions.stages import place
from communities.emails import whereabouts
from communities.enums import TopicKind
from communities.models import Attachment, Community, HeldPost, Membership, Post, Topic, TopicRead
from communities.models.topic import MOST_INDEXED_POSTS
from munistem.commons import audit
from munistem.commons.audit.actions import key
from munistem.commons.files.actions import store
from munistem.commons.files.models import StoredFile
from munistem.commons.notices import choices
from munistem.commons.notices.actions import mark_read as mark_notices_read
from munistem.commons.notices.actions import tell
from munistem.commons.ready import NOBODY, Reader, Text, ready
from munistem.commons.search import reading
from munistem.commons.search.actions import index
from munistem.commons.text.html import plain

MOST_INDEXED_TERMS = 30_000


def lock(topic: Topic) -> Topic:
    """The topic's row with its community, held until the transaction ends."""
    return locked(NOBODY, topic.pk)[0]


@ready
def locked(_reader: Reader, pk: int) -> QuerySet[Topic]:
    rows = Topic.objects.filter(pk=pk).select_for_update(of=("self",), no_key=True)
    return rows.select_related("community").defer("search_vector", "community__search_vector")


def index_topic_of(stored: StoredFile) -> None:
    """Index the topic a file hangs on anew, now that its text is known."""
    for topic in Topic.objects.filter(posts__attachments__file=stored):
        index(topic)


def language_of(text: str, otherwise: str) -> str:
    """The language a text is written in, told by its letters; Latin ones count half, for they stand in texts of all."""
    hebrew = 2 * sum("א" <= letter <= "ת" for letter in text)
    arabic = 2 * sum("\u0620" <= letter <= "\u06d3" for letter in text)
    latin = sum("a" <= letter <= "z" for letter in text.lower())
    most, language = max((hebrew, "he"), (arabic, "ar"), (latin, "en"))
    return language if most else otherwise


def hang(post: Post, stored: Iterable[StoredFile]) -> list[Attachment]:
    """Hang stored files on a post, behind those it has."""
    first = post.attachments.count()
    return Attachment.objects.bulk_create(
        Attachment(post=post, file=file, position=place) for place, file in enumerate(stored, first)
    )


def one_at_a_time(nonce: UUID | None) -> None:
    """Let copies of one form wait for each other until the transaction ends."""
    if nonce is not None:
        with connection.cursor() as cursor:
            cursor.execute("select pg_advisory_xact_lock(%s)", [nonce.int % 2**63])


def sent_before(nonce: UUID | None, *, by: Any) -> tuple[Post | None, UUID]:
    """The post a form made when it was sent before, else the nonce to use."""
    if nonce is None:
        return None, uuid4()
    known = next(iter(of_form(NOBODY, Text(nonce))), None)
    if known is None or known.author_id == by.pk:
        return known, nonce
    return None, uuid4()


@ready
def of_form(_reader: Reader, nonce: str) -> QuerySet[Post]:
    return Post.objects.filter(nonce=Cast(Value(nonce), UUIDField()))


@transaction.atomic
def open_topic(
    *,
    by: Any,
    community: Community,
    kind: str,
    title: str,
    body: str,
    files: Iterable[Any] = (),
    nonce: UUID | None = None,
) -> Topic | HeldPost:
    """Open a topic with its first post. A form sent twice makes one topic; raises TooLate for who is no member (any more).

    Where a facilitator reads it first, it is no topic yet: the text that waits is returned.
    body: clean HTML; files: cleaned value of a FilesField; nonce: of the form.
    """
    one_at_a_time(nonce)
    if not Membership.objects.active().filter(community=community, person=by).exists():
        raise TooLate
    known, nonce = sent_before(nonce, by=by)
    if known:
        return known.topic
    if rules.is_held(by, community):
        kind = TopicKind(kind)
        return hold(by=by, community=community, kind=kind, title=title, body=body, files=files, nonce=nonce)
    stored = [store(file, by=by) for file in files]
    return write_topic(
        by=by, community=community, kind=kind, title=title, body=body, stored=stored, nonce=nonce
    )


def write_topic(
    *,
    by: Any,
    community: Community,
    kind: str,
    title: str,
    body: str,
    stored: list[StoredFile],
    nonce: UUID,
) -> Topic:
    """Write a topic for ``open_topic`` or for a release, which have asked whether they may."""
    now = timezone.now()
    body, mentioned = with_mentions(community, body)
    topic = Topic.objects.create(
        community=community,
        kind=TopicKind(kind),
        title=title,
        language=language_of(f"{title} {plain(body)}", community.language),
        author=by,
        created_at=now,
        last_post_at=now,
        last_post_by=by,
        file_count=len(stored),
    )
    post = Post.objects.create(topic=topic, number=1, author=by, body=body, created_at=now, nonce=nonce)
    hang(post, stored)
    Community.objects.filter(pk=community.pk).update(topic_count=F("topic_count") + 1)
    TopicRead.objects.create(topic=topic, person=by, number=1)
    audit.record("open_topic", topic, by=by, kind=topic.kind)
    index(topic)
    tell_mentioned(post, keep_mentions(post, mentioned), by=by)
    tasks.tell_of_topic.defer(topic=topic.pk)
    return topic


@transaction.atomic
def reply(
    *,
    by: Any,
    topic: Topic,
    body: str,
    files: Iterable[Any] = (),
    nonce: UUID | None = None,
    part: str = "",
    answers: Post | None = None,
) -> Post | HeldPost:
    """Answer in a topic. A form sent twice makes one post; raises TooLate when the topic was locked or hidden meanwhile.

    part and answers: where it stands in a peer consultation, see ``stages.place``.
    Where a facilitator reads it first, it is no post yet: the text that waits is returned.
    """
    row = lock(topic)
    known, nonce = sent_before(nonce, by=by)
    if known:
        return known
    if not rules.can_reply(by, row):
        raise TooLate
    if rules.is_held(by, row.community):
        details = {"part": part, "answers": answers.pk if answers else None}
        return hold(
            by=by, community=row.community, topic=row, body=body, files=files, nonce=nonce, details=details
        )
    stored = [store(file, by=by) for file in files]
    post = write_reply(row, by=by, body=body, stored=stored, nonce=nonce, part=part, answers=answers)
    _remember(by, row, post.number)
    return post


def write_reply(
    row: Topic,
    *,
    by: Any,
    body: str,
    stored: list[StoredFile],
    nonce: UUID,
    part: str = "",
    answers: Post | None = None,
) -> Post:
    """Write an answer in a locked topic for ``reply`` or for a release, which have asked whether they may."""
    now = timezone.now()
    body, mentioned = with_mentions(row.community, body)
    number = row.post_count + 1
    post = Post.objects.create(topic=row, number=number, author=by, body=body, created_at=now, nonce=nonce)
    attached = hang(post, stored) if stored else []
    texts = [plain(body), *(attachment.file.name for attachment in attached)]
    Topic.objects.filter(pk=row.pk).update(
        post_count=number,
        last_post_at=now,
        last_post_by=by,
        file_count=F("file_count") + len(attached),
        **(appended(texts) if number <= MOST_INDEXED_POSTS else {}),
    )
    row.post_count, row.last_post_at, row.last_post_by = number, now, by
    kind = place(post, row, by=by, part=part, answers=answers)
    audit.record("reply", post, by=by)
    if mentioned:
        tell_mentioned(post, keep_mentions(post, mentioned), by=by)
    tasks.tell_of_reply.defer(post=post.pk, kind=kind)
    return post


def appended(texts: list[str]) -> dict[str, Any]:
    """The search columns with more texts behind them, so that an answer need not read the whole topic again."""
    more, length = reading.writing().vector((text, "C") for text in texts)
    field = SearchVectorField()
    present = Coalesce(F("search_vector"), Cast(Value(""), field), output_field=field)
    longer = Func(
        present, Cast(Value(more), field), template="%(expressions)s", arg_joiner=" || ", output_field=field
    )
    size = Func(present, function="length", output_field=IntegerField())
    whole = Case(When(LessThan(size, MOST_INDEXED_TERMS), then=longer), default=present, output_field=field)
    return {"search_vector": whole, "search_length": F("search_length") + length}


def _remember(person: Any, topic: Topic, number: int) -> None:
    TopicRead.objects.bulk_create(
        [TopicRead(topic=topic, person=person, number=number)],
        update_conflicts=True,
        unique_fields=["topic", "person"],
        update_fields=["number"],
    )


def tell_mentioned(post: Post, people: list[Any], *, by: Any) -> None:
    """Tell those named in a post that they are."""
    if people:
        here = whereabouts(post.topic)
        title = post.topic.title
        tell("mentioned", post.topic, people, by=by, reason="mentioned", **here, title=title, post=post.pk)


def mark_read(*, by: Any, topic: Topic, number: int) -> None:
    """Note up to which post a person has read a topic, and put its notices away."""
    _remember(by, topic, number)
    mark_notices_read(by=by, things=[topic])


def choose_for_topic(*, by: Any, topic: Topic, wish: str) -> None:
    """``follow``: hear of every answer; ``mute``: hear of it only when mentioned; anything else: as of any other topic."""
    deed = {"follow": choices.follow, "mute": choices.mute}.get(wish, choices.forget_thread)
    deed(by=by, thread=key(topic))


@transaction.atomic
def accept_answer(*, by: Any, post: Post) -> Topic:
    """Mark the post that answers its topic; another one gives way. Raises TooLate when it was hidden meanwhile."""
    topic = lock(post.topic)
    post = Post.objects.select_related("author").get(pk=post.pk)
    if post.hidden_at or topic.hidden_at:
        raise TooLate
    if topic.accepted_id != post.pk:
        topic.accepted = post
        topic.save(update_fields=["accepted"])
        audit.record("accept_answer", topic, by=by, post=post.pk)
        here = whereabouts(topic)
        tell(
            "answer_accepted",
            topic,
            {post.author: "author"},
            by=by,
            **here,
            title=topic.title,
            post=post.pk,
        )
    return topic


@transaction.atomic
def unaccept_answer(*, by: Any, topic: Topic) -> Topic:
    """Take the mark of the accepted answer back."""
    row = lock(topic)
    if row.accepted_id:
        audit.record("unaccept_answer", row, by=by, post=row.accepted_id)
        row.accepted = None
        row.save(update_fields=["accepted"])
    return row


@transaction.atomic
def pin(*, by: Any, topic: Topic, is_pinned: bool = True) -> Topic:
    """Keep a topic on top of its community's list, or let it go down again."""
    row = lock(topic)
    if row.is_pinned != is_pinned:
        row.is_pinned = is_pinned
        row.save(update_fields=["is_pinned"])
        audit.record("pin_topic" if is_pinned else "unpin_topic", row, by=by)
    return row


@transaction.atomic
def lock_topic(*, by: Any, topic: Topic) -> Topic:
    """Let nobody answer any more."""
    row = lock(topic)
    if row.locked_at is None:
        row.locked_at, row.locked_by = timezone.now(), by
        row.save(update_fields=["locked_at", "locked_by"])
        audit.record("lock_topic", row, by=by)
    return row


@transaction.atomic
def unlock_topic(*, by: Any, topic: Topic) -> Topic:
    """Let members answer again."""
    row = lock(topic)
    if row.locked_at is not None:
        row.locked_at = row.locked_by = None
        row.save(update_fields=["locked_at", "locked_by"])
        audit.record("unlock_topic", row, by=by)
    return row
