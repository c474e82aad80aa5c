from datetime import timedelta

from django.conf import settings
from django.contrib.postgres.expressions import ArraySubquery
from django.contrib.postgres.search import SearchQuery, SearchRank
from django.db import models
from django.db.models import Case, Exists, F, OuterRef, Q, Subquery, Value, When
from django.db.models.functions import Coalesce, JSONObject
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from communities.enums import TopicKind
from communities.models.community import Community, Membership
from munistem.commons.enums import Language
from munistem.commons.files.models import StoredFile
from munistem.commons.search.analyser import words
from munistem.commons.search.models import Searchable, SearchableQuerySet
from munistem.commons.search.query import parse
from munistem.commons.text.html import plain

POSTS_A_PAGE = 20
MOST_INDEXED_POSTS = 300
MOST_INDEXED_CHARACTERS = 300_000
UNREAD_DAYS = 60


def leads(community: Community, user) -> bool:
    """Whether a reader sees what is hidden in a community."""
    if not user.is_authenticated or user.is_staff:
        return user.is_authenticated
    standing = community.standing_of(user) if user.is_in_network else None
    return standing is not None and standing.is_active and standing.is_facilitator


#: Words that any question has; two questions are not alike for them.
ASKING = frozenset(
    words(
        "איך מה מי למה מתי איפה היכן כמה איזה אילו האם יש אין של על עם את זה אצל אצלכם לנו לכם שלנו שלכם אנחנו אתם גם אבל כי אם עוד כל "
        "كيف ما ماذا من متى أين كم هل لماذا أي في على عن مع إلى عند عندكم لنا لكم أو هذا كل "
        "how what who why when where which does did have has with for the and our your are you can from any there"
    )
)


class TopicQuerySet(SearchableQuerySet):
    def visible_to(self, user):
        """Topics of communities one may read; hidden ones are seen by author, facilitators and admins."""
        if user.is_authenticated and user.is_staff:
            return self
        readable = self.filter(community__in=Community.objects.readable_by(user))
        if not user.is_authenticated:
            return readable.shown()
        led = Membership.objects.held_by(user).facilitators().values("community")
        return readable.filter(Q(hidden_at__isnull=True) | Q(author_id=user.pk) | Q(community__in=led))

    def readable_in(self, community, user):
        """``visible_to`` in a community that this reader may read: asked of the community, not of the database."""
        topics = self.filter(community=community)
        if leads(community, user):
            return topics
        if not user.is_authenticated:
            return topics.shown()
        return topics.filter(Q(hidden_at__isnull=True) | Q(author_id=user.pk))

    def shown(self):
        return self.filter(hidden_at__isnull=True)

    def hidden(self):
        return self.filter(hidden_at__isnull=False)

    def without_index(self):
        """Leave the wide search column in the database; for every page that shows topics."""
        return self.defer("search_vector", "search_title")

    def pinned_and_latest_first(self):
        return self.order_by("-is_pinned", "-last_post_at", "-pk")

    def latest_first(self):
        return self.order_by("-last_post_at", "-pk")

    def with_unread(self, user):
        """Annotate ``seen_number``: the number of the last post this reader has seen, null when never opened."""
        if not user.is_authenticated:
            return self.annotate(seen_number=Value(None, output_field=models.IntegerField()))
        seen = TopicRead.objects.filter(topic=OuterRef("pk"), person_id=user.pk).values("number")[:1]
        return self.annotate(seen_number=Subquery(seen))

    def new_for(self, user):
        """Topics of my communities with posts since I last read them (or, never opened, since I joined)."""
        lately = timezone.now() - timedelta(days=UNREAD_DAYS)
        joined = Membership.objects.held_by(user).active()
        mine = joined.filter(community=OuterRef("community"), since__lt=OuterRef("last_post_at"))
        own = Case(When(last_post_by_id=user.pk, then=F("post_count")), default=0)  # who wrote it has read it
        fresh = self.shown().filter(Exists(mine), last_post_at__gt=lately).with_unread(user)
        return fresh.alias(read_number=Coalesce("seen_number", own)).filter(read_number__lt=F("post_count"))

    def unanswered(self):
        """Questions nobody has answered yet."""
        return self.shown().filter(kind=TopicKind.QUESTION, post_count=1, locked_at__isnull=True)

    def resembling(self, title: str):
        """Topics whose titles share words with a title being typed, the most alike first."""
        telling = [word for word in words(title) if len(word) > 2 and word not in ASKING]
        asked = {term for group in parse(" ".join(telling[:12])).groups for term in group.terms}
        if not asked:
            return self.none()
        query = SearchQuery(
            " | ".join(f"'{term}':A" for term in sorted(asked)), search_type="raw", config="simple"
        )
        rank = SearchRank(F("search_vector"), query, weights=[0.0, 0.0, 0.0, 1.0], normalization=1)
        return (
            self.filter(search_vector=query)
            .annotate(likeness=rank)
            .order_by("-likeness", "-last_post_at", "-pk")
        )


class Topic(Searchable):
    """One conversation: its opening is post number 1."""

    community = models.ForeignKey(Community, models.PROTECT, related_name="topics")
    kind = models.TextField(choices=TopicKind, default=TopicKind.QUESTION)
    title = models.TextField()
    language = models.TextField(choices=Language, default=Language.HE)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="topics_opened")
    created_at = models.DateTimeField()
    last_post_at = models.DateTimeField()
    last_post_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    post_count = models.PositiveIntegerField(
        default=1, editable=False, help_text="number of the last post, hidden ones counted"
    )
    file_count = models.PositiveIntegerField(default=0, editable=False)
    accepted = models.ForeignKey(
        "communities.Post", models.SET_NULL, null=True, blank=True, related_name="accepted_in"
    )
    is_pinned = models.BooleanField(default=False)
    locked_at = models.DateTimeField(null=True, blank=True)
    locked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="locked_topics"
    )
    hidden_at = models.DateTimeField(null=True, blank=True)
    hidden_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="hidden_topics"
    )
    hidden_reason = models.TextField(blank=True)

    objects = TopicQuerySet.as_manager()
    search_at = "last_post_at"
    search_language = "language"

    class Meta:
        verbose_name = _("topic")
        verbose_name_plural = _("topics")
        constraints = [
            models.CheckConstraint(condition=~Q(title=""), name="topic_has_title"),
            models.CheckConstraint(condition=Q(kind__in=TopicKind.values), name="topic_kind_is_known"),
            models.CheckConstraint(
                condition=Q(locked_at__isnull=True, locked_by__isnull=True)
                | Q(locked_at__isnull=False, locked_by__isnull=False),
                name="topic_lock_has_time_and_person",
            ),
            models.CheckConstraint(
                condition=Q(hidden_at__isnull=True, hidden_by__isnull=True, hidden_reason="")
                | (Q(hidden_at__isnull=False, hidden_by__isnull=False) & ~Q(hidden_reason="")),
                name="topic_hiding_has_time_person_reason",
            ),
        ]
        indexes = [
            models.Index(
                "community",
                F("is_pinned").desc(),
                F("last_post_at").desc(),
                F("id").desc(),
                condition=Q(hidden_at__isnull=True),
                name="topic_list",
            ),
            models.Index(
                "community",
                F("last_post_at").desc(),
                condition=Q(
                    hidden_at__isnull=True, locked_at__isnull=True, kind=TopicKind.QUESTION, post_count=1
                ),
                name="topic_unanswered",
            ),
            models.Index(F("last_post_at").desc(), name="topic_latest"),
            Searchable.search_index("topic_search"),
        ]

    def __str__(self):
        return self.title

    def get_absolute_url(self):
        return reverse("show_topic", args=[self.pk])

    def search_heading(self) -> str:
        return self.title

    def search_texts(self):
        """The title and what is said, files included, hidden posts left out; as much as one index entry holds."""
        yield self.title, "A"
        shown = self.posts.shown()
        left = MOST_INDEXED_CHARACTERS
        for body in shown.in_order().values_list("body", flat=True)[:MOST_INDEXED_POSTS]:
            text = plain(body)[:left]
            left -= len(text)
            yield text, "C"
        files = Attachment.objects.filter(post__in=shown).order_by("post__number", "position")
        for name, text in files.values_list("file__name", "file__text")[:50]:
            yield name, "C"
            for page in text[: min(left, 50_000)].split("\f"):
                yield page, "D"
            left -= min(left, len(text), 50_000)

    @property
    def reply_count(self) -> int:
        return self.post_count - 1


class PostQuerySet(models.QuerySet):
    def visible_to(self, user):
        """Posts of topics one may read; hidden ones are seen by author, facilitators and admins."""
        if user.is_authenticated and user.is_staff:
            return self
        posts = self.filter(topic__in=Topic.objects.visible_to(user))
        if not user.is_authenticated:
            return posts.shown()
        led = Membership.objects.held_by(user).facilitators().values("community")
        return posts.filter(Q(hidden_at__isnull=True) | Q(author_id=user.pk) | Q(topic__community__in=led))

    def shown(self):
        return self.filter(hidden_at__isnull=True)

    def readable_in(self, topic, user):
        """``visible_to`` for posts of one topic that this reader may read: asked of the topic, not of the database."""
        return self if leads(topic.community, user) else self.open_to(user)

    def open_to(self, user):
        """Without what is hidden from a reader who does not lead the community."""
        own = Q(author_id=user.pk) if user.is_authenticated else Q()
        return self.filter(Q(hidden_at__isnull=True) | own)

    def in_order(self):
        return self.order_by("number")

    def with_files(self):
        """Annotate ``files``: for each attachment what a page shows of it, in the same query."""
        files = Attachment.objects.filter(post=OuterRef("pk")).order_by("position", "pk")
        shown = JSONObject(
            key="file__key",
            name="file__name",
            kind="file__kind",
            size="file__size",
            pages="file__pages",
            preview="file__preview",
            state="file__state",
            scan="file__scan",
        )
        return self.annotate(files=ArraySubquery(files.values(data=shown)))

    def with_helpful(self, user):
        """Annotate ``is_helpful_to_me``."""
        if not user.is_authenticated:
            return self.annotate(is_helpful_to_me=Value(value=False))
        return self.annotate(
            is_helpful_to_me=Exists(Helpful.objects.filter(post=OuterRef("pk"), person_id=user.pk))
        )


class Post(models.Model):
    """One contribution to a topic; number 1 opens it."""

    topic = models.ForeignKey(Topic, models.PROTECT, related_name="posts")
    number = models.PositiveIntegerField()
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="posts")
    body = models.TextField(help_text="clean HTML")
    created_at = models.DateTimeField()
    edited_at = models.DateTimeField(null=True, blank=True)
    edited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="edited_posts"
    )
    helpful_count = models.PositiveIntegerField(default=0, editable=False)
    nonce = models.UUIDField(
        null=True, blank=True, unique=True, help_text="of the form, so that it counts once"
    )
    hidden_at = models.DateTimeField(null=True, blank=True)
    hidden_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="hidden_posts"
    )
    hidden_reason = models.TextField(blank=True)

    objects = PostQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["topic", "number"], name="one_post_per_number"),
            models.CheckConstraint(
                condition=Q(hidden_at__isnull=True, hidden_by__isnull=True, hidden_reason="")
                | (Q(hidden_at__isnull=False, hidden_by__isnull=False) & ~Q(hidden_reason="")),
                name="post_hiding_has_time_person_reason",
            ),
            models.CheckConstraint(
                condition=Q(edited_at__isnull=True, edited_by__isnull=True)
                | Q(edited_at__isnull=False, edited_by__isnull=False),
                name="post_edit_has_time_and_person",
            ),
        ]

    def __str__(self):
        return f"{self.topic} #{self.number}"

    def get_absolute_url(self):
        return reverse("show_post", args=[self.pk])

    @property
    def is_opening(self) -> bool:
        return self.number == 1

    @property
    def page_number(self) -> int:
        """The page of its topic on which it stands."""
        return (self.number - 1) // POSTS_A_PAGE + 1

    @property
    def place(self) -> str:
        """Address of its topic's page, with the anchor of the post."""
        page = f"?page={self.page_number}" if self.page_number > 1 else ""
        return f"{reverse('show_topic', args=[self.topic_id])}{page}#post-{self.number}"


class Edit(models.Model):
    """What a post (and its topic's title) said before it was changed."""

    post = models.ForeignKey(Post, models.CASCADE, related_name="edits")
    title = models.TextField(blank=True)
    body = models.TextField()
    replaced_at = models.DateTimeField(default=timezone.now)
    replaced_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="post_edits")

    def __str__(self):
        return f"{self.post} {self.replaced_at:%F}"


class Attachment(models.Model):
    """A file that hangs on a post; its readers are the post's."""

    post = models.ForeignKey(Post, models.CASCADE, related_name="attachments")
    file = models.OneToOneField(StoredFile, models.PROTECT, related_name="post_attachment")
    position = models.PositiveSmallIntegerField(default=0)

    def __str__(self):
        return self.file.name


class Helpful(models.Model):
    """A reader found a post helpful."""

    post = models.ForeignKey(Post, models.CASCADE, related_name="helpful_marks")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="helpful_marks")
    marked_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["post", "person"], name="one_helpful_mark_per_person")]

    def __str__(self):
        return f"{self.person} ♥ {self.post}"


class Mention(models.Model):
    """A person named in a post."""

    post = models.ForeignKey(Post, models.CASCADE, related_name="mentions")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="mentions")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["post", "person"], name="one_mention_per_person")]

    def __str__(self):
        return f"{self.person} in {self.post}"


class TopicRead(models.Model):
    """Up to which post a person has read a topic."""

    topic = models.ForeignKey(Topic, models.CASCADE, related_name="reads")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="topic_reads")
    number = models.PositiveIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["topic", "person"], name="one_read_mark_per_person")]

    def __str__(self):
        return f"{self.person} {self.topic} {self.number}"
