from django.conf import settings as django_settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q
from taggit.managers import TaggableManager
from taggit.models import ItemBase

from knowledge.enums import ItemKind, Licence, RevisionState
from knowledge.models.item import Item
from members.models import LocalAuthority, Representative
from munistem.commons.enums import Language, LifeStage, Setting
from munistem.commons.files.models import StoredFile
from munistem.commons.terms.models import Term

DECIDED = (RevisionState.RETURNED, RevisionState.PUBLISHED, RevisionState.REPLACED)


class RevisionTerm(ItemBase):
    """A tag of a revision: subject, population or free."""

    content_object = models.ForeignKey("knowledge.Revision", models.CASCADE, related_name="revision_terms")
    tag = models.ForeignKey(Term, models.PROTECT, related_name="revision_terms")


class RevisionQuerySet(models.QuerySet):
    def visible_to(self, user):
        """The published revision is seen with its item; others by author, organisation's managers, reviewers."""
        if user.is_authenticated and (user.is_staff or user.is_knowledge_manager):
            return self
        public = Q(published_for__isnull=False)
        if user.is_authenticated:
            managed = Representative.objects.active().managers().filter(person=user)
            public |= Q(item__created_by=user) | Q(item__organisation__in=managed.values("organisation"))
        return self.filter(public, item__in=Item.objects.visible_to(user).values("pk"))

    def submitted(self):
        return self.filter(state=RevisionState.SUBMITTED)

    def longest_waiting_first(self):
        return self.order_by("submitted_at", "pk")


class Revision(models.Model):
    """What an item says at one time; a published revision is never changed."""

    item = models.ForeignKey(Item, models.PROTECT, related_name="revisions")
    number = models.PositiveIntegerField()
    state = models.TextField(choices=RevisionState, default=RevisionState.DRAFT)
    title = models.TextField()
    summary = models.TextField(blank=True)
    body = models.TextField(blank=True, help_text="clean HTML")
    kind = models.TextField(choices=ItemKind)
    language = models.TextField(choices=Language, default=Language.HE)
    life_stages = ArrayField(models.TextField(choices=LifeStage), default=list, blank=True)
    settings = ArrayField(models.TextField(choices=Setting), default=list, blank=True)
    authority = models.ForeignKey(
        LocalAuthority, models.PROTECT, null=True, blank=True, related_name="knowledge_revisions"
    )
    licence = models.TextField(choices=Licence, default=Licence.CC_BY)
    contact = models.TextField(blank=True)
    valid_until = models.DateField(null=True, blank=True)
    change_note = models.TextField(blank=True)
    created_by = models.ForeignKey(django_settings.AUTH_USER_MODEL, models.PROTECT, related_name="knowledge_revisions")
    created_at = models.DateTimeField(auto_now_add=True)
    submitted_at = models.DateTimeField(null=True, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(
        django_settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="decided_revisions"
    )
    reason = models.TextField(blank=True, help_text="why it was returned")

    tags = TaggableManager(through=RevisionTerm, blank=True, related_name="revisions")

    objects = RevisionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["item", "number"], name="one_revision_per_number"),
            models.UniqueConstraint(
                fields=["item"],
                condition=Q(state__in=[RevisionState.DRAFT, RevisionState.SUBMITTED, RevisionState.RETURNED]),
                name="one_open_revision_per_item",
            ),
            models.CheckConstraint(
                condition=Q(state__in=DECIDED, decided_at__isnull=False, decided_by__isnull=False)
                | (~Q(state__in=DECIDED) & Q(decided_at__isnull=True, decided_by__isnull=True)),
                name="revision_decision_has_time_and_person",
            ),
            models.CheckConstraint(
                condition=~Q(state=RevisionState.RETURNED) | ~Q(reason=""), name="returned_revision_has_reason"
            ),
            models.CheckConstraint(condition=~Q(title=""), name="revision_has_title"),
        ]
        indexes = [
            GinIndex(fields=["life_stages"], name="revision_life_stages"),
            GinIndex(fields=["settings"], name="revision_settings"),
        ]

    def __str__(self):
        return f"{self.title} ({self.number})"


class RevisionFile(models.Model):
    """A file of a revision, in its order; the same file may stand in the next revision."""

    revision = models.ForeignKey(Revision, models.CASCADE, related_name="files")
    file = models.ForeignKey(StoredFile, models.PROTECT, related_name="revision_files")
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["revision", "file"], name="one_file_once_per_revision")
        ]

    def __str__(self):
        return self.file.name


class RevisionLink(models.Model):
    """An address outside the portal that belongs to a revision."""

    revision = models.ForeignKey(Revision, models.CASCADE, related_name="links")
    url = models.URLField(max_length=2000)
    title = models.TextField(blank=True)
    position = models.PositiveSmallIntegerField(default=0)

    def __str__(self):
        return self.title or self.url
