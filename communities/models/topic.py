from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q, Subquery
from django.urls import reverse

from communities.enums import TopicKind
from communities.models.community import Community, Membership
from munistem.commons.enums import Language
from munistem.commons.files.models import StoredFile
from munistem.commons.search.models import Searchable, SearchableQuerySet
from munistem.commons.text.html import plain


class TopicQuerySet(SearchableQuerySet):
    def visible_to(self, user):
        """Topics of communities one may read; hidden ones are seen by author, facilitators and admins."""
        if user.is_authenticated and user.is_staff:
            return self
        readable = self.filter(community__in=Community.objects.readable_by(user))
        if not user.is_authenticated:
            return readable.filter(hidden_at__isnull=True)
        led = Membership.objects.facilitators().of(user).values("community")
        return readable.filter(Q(hidden_at__isnull=True) | Q(author=user) | Q(community__in=led))

    def pinned_and_latest_first(self):
        return self.order_by("-is_pinned", "-last_post_at", "-pk")

    def latest_first(self):
        return self.order_by("-last_post_at", "-pk")

    def with_unread(self, user):
        """Annotate ``new_from``: the number of the last post this reader has seen, null when never opened."""
        if not user.is_authenticated:
            return self.annotate(seen_number=models.Value(None, output_field=models.IntegerField()))
        seen = TopicRead.objects.filter(topic=OuterRef("pk"), person=user).values("number")[:1]
        return self.annotate(seen_number=Subquery(seen))

    def unanswered(self):
        return self.filter(kind=TopicKind.QUESTION, post_count=1, locked_at__isnull=True)


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
    post_count = models.PositiveIntegerField(default=1, editable=False)
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

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(title=""), name="topic_has_title"),
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
            models.Index("community", F("is_pinned").desc(), F("last_post_at").desc(), name="topic_list"),
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
        """The title and what is said, hidden posts left out."""
        posts = self.posts.filter(hidden_at__isnull=True).order_by("number").values_list("body", flat=True)[:300]
        return [(self.title, "A"), *((plain(body), "C") for body in posts)]


class PostQuerySet(models.QuerySet):
    def visible_to(self, user):
        """Posts of topics one may read; hidden ones are seen by author, facilitators and admins."""
        if user.is_authenticated and user.is_staff:
            return self
        posts = self.filter(topic__in=Topic.objects.visible_to(user))
        if not user.is_authenticated:
            return posts.filter(hidden_at__isnull=True)
        led = Membership.objects.facilitators().of(user).values("community")
        return posts.filter(Q(hidden_at__isnull=True) | Q(author=user) | Q(topic__community__in=led))

    def in_order(self):
        return self.order_by("number")

    def with_helpful(self, user):
        """Annotate ``is_helpful_to_me``."""
        if not user.is_authenticated:
            return self.annotate(is_helpful_to_me=models.Value(False))
        return self.annotate(
            is_helpful_to_me=Exists(Helpful.objects.filter(post=OuterRef("pk"), person=user))
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
    nonce = models.UUIDField(null=True, blank=True, unique=True, help_text="of the form, so that it counts once")
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
        return f"{reverse('show_post', args=[self.pk])}"


class Edit(models.Model):
    """What a post (and its topic's title) said before it was changed."""

    post = models.ForeignKey(Post, models.CASCADE, related_name="edits")
    title = models.TextField(blank=True)
    body = models.TextField()
    replaced_at = models.DateTimeField(auto_now_add=True)
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
