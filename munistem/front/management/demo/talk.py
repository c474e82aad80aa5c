"""What is said in the demo's communities."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import cycle
from random import Random

from communities.enums import TopicKind
from communities.models import Attachment, Community, Helpful, Membership, Mention, Post, Topic, TopicRead
from communities.models.topic import MOST_INDEXED_POSTS
from members.models import User
from munistem.commons.audit.actions import key
from munistem.commons.files.models import FileKind
from munistem.commons.notices.models import Event, Notice, Rhythm
from munistem.commons.reports.models import Report, Why
from munistem.commons.search.actions import fill, reindex
from munistem.commons.text.html import plain
from munistem.front.management.demo.arabic import ARABIC
from munistem.front.management.demo.english import ENGLISH
from munistem.front.management.demo.hebrew_more import HEBREW
from munistem.front.management.demo.papers import as_pdf, as_preview, page
from munistem.front.management.demo.people import Cast, towns_by_language
from munistem.front.management.demo.places import COMMUNITIES
from munistem.front.management.demo.pouring import Calendar, keys, lay_down, pour, spread
from munistem.front.management.demo.writing import Theme

TONGUES = {"he": HEBREW, "ar": ARABIC, "en": ENGLISH}
KINDS = {"question": 5, "case": 2, "help": 1.5, "announcement": 1}


def discuss(
    rows: Sequence[Community], cast: Cast, topics: int, posts: int, calendar: Calendar, rng: Random
) -> None:
    """Topics and posts of all communities, with the search index of each topic."""
    weights = {slug: weight for slug, *_rest, weight in COMMUNITIES}
    lively = [row for row in rows if row.demo_members]
    shares = spread(topics, [weights.get(row.slug, 0.8) for row in lively])
    towns = towns_by_language(cast.organisations)
    topic_keys = iter(keys(Topic, topics))
    plan: list[tuple[Community, float]] = [
        (row, rng.paretovariate(1.6)) for row, share in zip(lively, shares, strict=True) for _ in range(share)
    ]
    lengths = spread(max(posts, topics) - topics, [min(weight, 12) for _, weight in plan])
    threads = [
        Thread(next(topic_keys), row, 1 + length, calendar, rng, towns)
        for (row, _), length in zip(plan, lengths, strict=True)
    ]
    post_keys = iter(keys(Post, sum(len(thread.posts) for thread in threads)))
    for thread in threads:
        thread.number(post_keys, rng)
    links = attach(threads, rng)
    pin(threads)
    marks = marks_of(threads, rng)
    pour([thread.topic for thread in threads])
    pour([post for thread in threads for post in thread.posts])
    pour(links)
    pour(marks)
    reindex(link.post.topic for link in links)
    remember(threads, rows, cast, calendar, rng)
    for row in rows:
        row.topic_count = sum(1 for thread in threads if thread.topic.community_id == row.pk)
    Community.objects.bulk_update(rows, ["topic_count"])
    reindex(rows)
    tell(threads, cast, calendar)


class Thread:
    """A topic and its posts before they are written."""

    def __init__(
        self,
        pk: int,
        community: Community,
        length: int,
        calendar: Calendar,
        rng: Random,
        towns: dict[str, list[str]],
    ):
        tongue = TONGUES[community.language]
        members = community.demo_members
        theme = rng.choices(tongue.themes, [KINDS[theme.kind] for theme in tongue.themes])[0]
        author = facilitator_or(members, theme, rng)
        at = calendar.working_hour(1 + 380 * rng.random() ** 2.4)
        self.topic = Topic(
            pk=pk, community=community, kind=TopicKind(theme.kind), language=tongue.code, author=author, created_at=at,
            title=tongue.fill(rng.choice(theme.titles), rng, towns[tongue.code]),
        )  # fmt: skip
        self.posts = [
            Post(
                topic=self.topic,
                number=1,
                author=author,
                created_at=at,
                body=tongue.opening(theme, rng, towns[tongue.code]),
            )
        ]
        first, writer = rng.randrange(20), author
        for number in range(2, length + 1):
            at = calendar.later(at, 9 if number < 6 else 30)
            writer = rng.choice(
                [person for person in rng.sample(members, min(3, len(members))) if person is not writer]
                or members
            )
            body = (
                tongue.thank(rng, towns[tongue.code])
                if writer is author
                else tongue.answer(theme, first + number, rng, towns[tongue.code])
            )
            self.posts.append(Post(topic=self.topic, number=number, author=writer, created_at=at, body=body))
        self.topic.post_count, self.topic.last_post_at, self.topic.last_post_by = (
            length,
            at,
            self.posts[-1].author,
        )
        self.index()

    def index(self) -> None:
        texts = [
            (self.topic.title, "A"),
            *((plain(post.body), "C") for post in self.posts[:MOST_INDEXED_POSTS]),
        ]
        fill(self.topic, texts)

    def number(self, post_keys: Iterator[int], rng: Random) -> None:
        for post in self.posts:
            post.pk = next(post_keys)
        is_asking = self.topic.kind in {TopicKind.QUESTION, TopicKind.HELP}
        answers = [post for post in self.posts[1:] if post.author is not self.topic.author]
        if is_asking and answers and rng.random() < 0.45:
            self.topic.accepted = rng.choice(answers[:5])


def facilitator_or(members: Sequence[User], theme: Theme, rng: Random) -> User:
    """Announcements come from who came first; in the demo those are the facilitators."""
    return members[0] if theme.kind == "announcement" else rng.choice(members)


def attach(threads: Sequence[Thread], rng: Random) -> list[Attachment]:
    """A paper on the first cases; the links are to be written after the posts."""
    links = []
    for thread in [thread for thread in threads if thread.topic.kind == TopicKind.CASE][:3]:
        post = thread.posts[0]
        text = plain(post.body)
        image = page(thread.topic.title, text.splitlines(), thread.topic.language)
        stored = lay_down(
            as_pdf(image), f"{thread.topic.title[:40].strip()}.pdf", kind=FileKind.PDF, content_type="application/pdf", by=post.author,
            at=post.created_at, rng=rng, text=text, pages=1, preview=as_preview(image),
        )  # fmt: skip
        pour([stored])
        links.append(Attachment(post=post, file=stored, position=0))
        thread.topic.file_count = 1
    return links


def pin(threads: Sequence[Thread]) -> None:
    """The latest announcement of each community stands on top."""
    latest: dict[int, Topic] = {}
    for thread in sorted(threads, key=lambda thread: thread.topic.created_at):
        if thread.topic.kind == TopicKind.ANNOUNCEMENT:
            latest[thread.topic.community_id] = thread.topic
    for topic in latest.values():
        topic.is_pinned = True


def marks_of(threads: Sequence[Thread], rng: Random) -> list[Helpful]:
    """Helpful marks, counted on the posts; to be written after them."""
    marks = []
    for thread in threads:
        members = thread.topic.community.demo_members
        for post in thread.posts[1:4]:
            if rng.random() < 0.5:
                fans = [
                    person
                    for person in rng.sample(members, min(len(members), rng.randrange(1, 6)))
                    if person is not post.author
                ]
                marks += [Helpful(post=post, person=person, marked_at=post.created_at) for person in fans]
                post.helpful_count = len(fans)
    return marks


def remember(
    threads: Sequence[Thread], rows: Iterable[Community], cast: Cast, calendar: Calendar, rng: Random
) -> None:
    """What the accounts have read, so that a handful of topics is new to each of them."""
    reads = []
    for who, unread in (("manager", 5), ("member", 4), ("facilitator", 2), ("knowledge", 6)):
        person = cast.accounts[who]
        joined = {row.pk for row in rows if person in row.demo_members}
        mine = [thread for thread in threads if thread.topic.community_id in joined]
        mine.sort(key=lambda thread: thread.topic.last_post_at)
        for thread in mine[:-unread]:
            reads.append(TopicRead(topic=thread.topic, person=person, number=thread.topic.post_count))
    pour(reads)


def tell(threads: Sequence[Thread], cast: Cast, calendar: Calendar) -> None:
    """A few notices in the bells of the accounts, and a report that waits."""
    manager, facilitator = cast.accounts["manager"], cast.accounts["facilitator"]
    mine = [
        thread
        for thread in threads
        if thread.topic.community.slug == "stem-managers" and len(thread.posts) > 1
    ]
    mine.sort(key=lambda thread: thread.topic.last_post_at)
    told = [
        *news_of_talk(mine[-4:], manager),
        *((event, facilitator, "decider") for event in requests_to_join()),
    ]
    if mine:
        report(mine[0].posts[-1], manager, calendar)
    pour([event for event, _reader, _reason in told])
    pour(
        [
            Notice(event=event, reader=reader, reason=reason, rhythm=Rhythm.BELL)
            for event, reader, reason in told
        ]
    )


def news_of_talk(threads: Sequence[Thread], reader: User) -> Iterator[tuple[Event, User, str]]:
    """Answers to what the reader follows and calls by name, in turn: event, reader, reason."""
    kinds = cycle((("replied", "follower"), ("mentioned", "mentioned")))
    for thread, (kind, reason) in zip(threads, kinds, strict=False):
        post = thread.posts[-1]
        if post.author is reader:
            continue
        if kind == "mentioned":
            pour([Mention(post=post, person=reader)])
        data = {"title": thread.topic.title, "post": post.pk}
        event = Event(
            kind=kind, subject=key(thread.topic), actor=post.author, data=data, happened_at=post.created_at
        )
        yield event, reader, reason


def requests_to_join() -> Iterator[Event]:
    asked = Membership.objects.asked().filter(community__slug="stem-managers")
    for row in asked.select_related("community", "person"):
        data = {"community": row.community.name, "slug": row.community.slug, "note": row.note}
        yield Event(
            kind="asked_to_join", subject=key(row), actor=row.person, data=data, happened_at=row.since
        )


def report(post: Post, reporter: User, calendar: Calendar) -> None:
    pour(
        [
            Report(
                subject=key(post),
                url=post.get_absolute_url(),
                why=Why.ADVERTISING,
                note="נראה כמו פרסומת לספק.",
                reporter=reporter,
                created_at=calendar.working_hour(1),
            )
        ]
    )
