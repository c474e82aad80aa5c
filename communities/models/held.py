"""Texts that a facilitator reads before others do. They are no posts yet, so that nothing that shows posts can show them."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from communities.enums import HeldState, TopicKind
from communities.models.community import Community, Membership
from communities.models.topic import Post, Topic
from munistem.commons.files.models import StoredFile

OPEN = (HeldState.WAITING, HeldState.RETURNED)


class HeldPostQuerySet(models.QuerySet):
    def visible_to(self, user):
        """The author's own, as long as the topic may be read; facilitators those of their communities, admins all."""
        if not user.is_authenticated:
            return self.none()
        if user.is_staff:
            return self
        led = Membership.objects.held_by(user).facilitators().values("community")
        read = Q(topic__isnull=True) | Q(topic__in=Topic.objects.visible_to(user))
        readable = self.filter(community__in=Community.objects.readable_by(user).values("pk"))
        return readable.filter(Q(author_id=user.pk) & read | Q(community__in=led))

    def waiting(self):
        return self.filter(state=HeldState.WAITING)

    def returned_to(self, user):
        """Texts of a person that came back with a reason and can be mended, the longest waiting first."""
        mine = self.filter(author_id=user.pk, state=HeldState.RETURNED)
        joined = Community.objects.joined_by(user).current().values("pk")
        return mine.filter(community__in=joined).order_by("decided_at", "pk")

    def open(self):
        """Those that wait, and those that came back and are not sent again yet."""
        return self.filter(state__in=OPEN)

    def waiting_for(self, user):
        """Texts that this person may release, the longest waiting first."""
        if not user.is_authenticated:
            return self.none()
        rows = self.waiting().filter(community__archived_at__isnull=True)
        if not user.is_staff:
            rows = rows.filter(community__in=Community.objects.facilitated_by(user).values("pk"))
        return rows.longest_waiting_first()

    def longest_waiting_first(self):
        return self.order_by("changed_at", "pk")

    def with_heading(self):
        """Annotate ``heading``: the title of the topic it opens or belongs to."""
        return self.annotate(heading=Coalesce("topic__title", "title"))


class HeldPost(models.Model):
    """What a member wrote and a facilitator has not released: a new topic, an answer in one, or a change of a post."""

    community = models.ForeignKey(Community, models.PROTECT, related_name="held_posts")
    topic = models.ForeignKey(
        Topic,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="held_posts",
        help_text="none if it opens one",
    )
    post = models.ForeignKey(
        Post, models.PROTECT, null=True, blank=True, related_name="held_changes", help_text="which it changes"
    )
    kind = models.TextField(choices=TopicKind, blank=True, help_text="of the topic it opens")
    title = models.TextField(blank=True, help_text="of the topic it opens or whose opening it changes")
    body = models.TextField(help_text="clean HTML; emptied once it is a post")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="held_posts")
    details = models.JSONField(default=dict, help_text="where it stands in a peer consultation, or its case")
    nonce = models.UUIDField(unique=True, help_text="of the form, so that it counts once")
    created_at = models.DateTimeField(default=timezone.now)
    changed_at = models.DateTimeField(default=timezone.now, help_text="by its author")
    seen = models.DateTimeField(
        null=True, blank=True, help_text="when the post it changes had last been edited"
    )
    state = models.TextField(choices=HeldState, default=HeldState.WAITING)
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="decided_held_posts"
    )
    reason = models.TextField(blank=True, help_text="why it came back")
    released_as = models.ForeignKey(
        Post, models.PROTECT, null=True, blank=True, related_name="released_from", help_text="what it became"
    )

    objects = HeldPostQuerySet.as_manager()

    class Meta:
        verbose_name = _("text before its release")
        verbose_name_plural = _("texts before their release")
        constraints = [
            models.CheckConstraint(condition=Q(state__in=HeldState.values), name="held_state_is_known"),
            models.CheckConstraint(
                condition=~Q(state__in=OPEN)
                | (~Q(body="") & (Q(topic__isnull=False) | ~Q(title="") & ~Q(kind=""))),
                name="held_post_says_something",
            ),
            models.CheckConstraint(
                condition=Q(post__isnull=True) | Q(topic__isnull=False), name="held_change_has_topic"
            ),
            models.CheckConstraint(
                condition=Q(state=HeldState.WAITING, decided_at__isnull=True, decided_by__isnull=True)
                | (~Q(state=HeldState.WAITING) & Q(decided_at__isnull=False, decided_by__isnull=False)),
                name="held_decision_has_time_and_person",
            ),
            models.CheckConstraint(
                condition=Q(state=HeldState.RETURNED) & ~Q(reason="")
                | ~Q(state=HeldState.RETURNED) & Q(reason=""),
                name="held_return_has_reason",
            ),
            models.CheckConstraint(
                condition=Q(state=HeldState.RELEASED, released_as__isnull=False)
                | ~Q(state=HeldState.RELEASED) & Q(released_as__isnull=True),
                name="held_release_has_post",
            ),
            models.UniqueConstraint(
                fields=["post"], condition=Q(state__in=OPEN), name="one_open_change_per_post"
            ),
        ]
        indexes = [
            models.Index(fields=["community"], condition=Q(state__in=OPEN), name="held_in_community"),
        ]

    def __str__(self):
        return f"{self.community_id} {self.author_id} {self.state}"

    def get_absolute_url(self):
        return reverse("show_held_post", args=[self.pk])

    @property
    def place(self) -> str:
        return self.get_absolute_url()

    @property
    def is_open(self) -> bool:
        return self.state in OPEN

    @property
    def is_opening(self) -> bool:
        """Whether it opens a topic, or changes what opens one."""
        return self.topic_id is None or bool(self.title)

    @property
    def said_title(self) -> str:
        """What the topic is or will be called."""
        return self.title or (self.topic.title if self.topic else "")


class HeldFile(models.Model):
    """A file that hangs on a text before its release; its readers are the text's."""

    held = models.ForeignKey(HeldPost, models.CASCADE, related_name="files")
    file = models.OneToOneField(StoredFile, models.PROTECT, related_name="held_file")
    position = models.PositiveSmallIntegerField(default=0)

    def __str__(self):
        return self.file.name
