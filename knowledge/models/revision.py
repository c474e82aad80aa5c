from typing import Any

from django.conf import settings as django_settings
from django.contrib.auth import get_user_model
from django.contrib.postgres.expressions import ArraySubquery
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Count, Exists, OuterRef, Q, Subquery
from django.db.models.functions import JSONObject
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext_lazy as _
from taggit.managers import TaggableManager
from taggit.models import ItemBase

from communities.models import Community
from knowledge.enums import Audience, ItemKind, Licence, Privacy, RevisionState
from knowledge.models.details import DATE, told
from knowledge.models.item import Item
from knowledge.models.reviewing import ReviewSettings
from members.enums import District
from members.models import LocalAuthority, Representative
from munistem.commons.enums import Language, LifeStage, Setting, Visibility
from munistem.commons.files.models import StoredFile
from munistem.commons.terms.models import Term

OPEN = (RevisionState.DRAFT, RevisionState.SUBMITTED, RevisionState.RETURNED)
DECIDED = (RevisionState.RETURNED, RevisionState.PUBLISHED, RevisionState.REPLACED)


class RevisionTermQuerySet(models.QuerySet):
    def standing(self):
        """Tags of what is published or still being worked on."""
        return self.filter(content_object__state__in=(*OPEN, RevisionState.PUBLISHED))

    def free_tags(self):
        """Terms that people typed freely and that stand on something, with ``item_count``, the most used first."""
        rows = self.standing().filter(tag=OuterRef("pk"))
        items = rows.order_by().values("tag").annotate(number=Count("content_object__item", distinct=True))
        free = Term.objects.filter(Exists(rows), is_curated=False)
        return free.annotate(item_count=Subquery(items.values("number"))).order_by("-item_count", "pk")

    def known_to(self, user):
        """Terms that somebody may know of: the vocabulary, and free tags of published items they may see."""
        shown = Item.objects.visible_to(user).published().values("published")
        borne = self.filter(content_object__in=shown).values("tag")
        return Term.objects.filter(Q(is_curated=True) | Q(pk__in=borne))


class RevisionTerm(ItemBase):
    """A tag of a revision: subject, population or free."""

    content_object = models.ForeignKey("knowledge.Revision", models.CASCADE, related_name="revision_terms")
    tag = models.ForeignKey(Term, models.PROTECT, related_name="revision_terms")

    objects = RevisionTermQuerySet.as_manager()


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
        """What waits for a knowledge manager."""
        return self.filter(state=RevisionState.SUBMITTED, item__withdrawn_at__isnull=True)

    def waiting_for(self, user):
        """What this person may publish or return now; the twin of the rule.

        Not the own, unless one person is enough in this network or the person is an admin.
        """
        if not user.is_authenticated or not (user.is_staff or user.is_knowledge_manager):
            return self.none()
        if user.is_staff:
            return self.submitted()
        others = ~Q(created_by=user) & ~Q(item__created_by=user)
        return self.submitted().filter(others | Exists(ReviewSettings.objects.one_is_enough()))

    def open(self):
        """What is still being worked on; an item has at most one."""
        return self.filter(state__in=OPEN)

    def with_parts(self):
        """Annotate ``term_rows``, ``link_rows`` and ``file_rows`` with what a page shows of them, in the same query."""
        terms = Term.objects.filter(revision_terms__content_object=OuterRef("pk")).in_order()
        files = RevisionFile.objects.filter(revision=OuterRef("pk")).order_by("position", "pk")
        links = RevisionLink.objects.filter(revision=OuterRef("pk")).order_by("position", "pk")
        told = ("name", "slug", "kind", "is_curated", "name_he", "name_ar", "name_en")
        shown = {
            field: f"file__{field}"
            for field in ("key", "name", "kind", "size", "pages", "preview", "state", "hints", "scan")
        }
        held = {field: field for field in ("title", "alt", "is_decorative")}
        return self.annotate(
            term_rows=ArraySubquery(terms.values(data=JSONObject(**{field: field for field in told}))),
            link_rows=ArraySubquery(links.values(data=JSONObject(url="url", title="title"))),
            file_rows=ArraySubquery(files.values(data=JSONObject(pk="pk", **held, **shown))),
        )

    def longest_waiting_first(self):
        return self.order_by("submitted_at", "pk")

    def latest_first(self):
        return self.order_by("-number")


class Revision(models.Model):
    """What an item says at one time; a published revision is never changed."""

    item = models.ForeignKey(Item, models.PROTECT, related_name="revisions", verbose_name=_("Knowledge item"))
    number = models.PositiveIntegerField(_("Number"))
    version = models.PositiveIntegerField(_("Version"), default=1, help_text=_("grows each time it is saved"))
    nonce = models.UUIDField(null=True, blank=True, help_text="of the form that saved it last")
    state = models.TextField(_("State"), choices=RevisionState, default=RevisionState.DRAFT)
    title = models.TextField(_("Title"))
    summary = models.TextField(_("Summary"), blank=True)
    body = models.TextField(_("Text"), blank=True, help_text=_("clean HTML"))
    kind = models.TextField(_("Kind"), choices=ItemKind)
    language = models.TextField(_("Language"), choices=Language, default=Language.HE)
    visibility = models.TextField(
        _("Who may see it"),
        choices=Visibility,
        default=Visibility.NETWORK,
        help_text=_("holds for the item once this is published"),
    )
    community = models.ForeignKey(
        Community,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="knowledge_revisions",
        verbose_name=_("Community"),
    )
    life_stages = ArrayField(
        models.TextField(choices=LifeStage), default=list, blank=True, verbose_name=_("Life stages")
    )
    settings = ArrayField(
        models.TextField(choices=Setting), default=list, blank=True, verbose_name=_("Setting")
    )
    authority = models.ForeignKey(
        LocalAuthority,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="knowledge_revisions",
        verbose_name=_("Local authority"),
    )
    region = models.TextField(_("Region"), choices=District, blank=True)
    year = models.PositiveSmallIntegerField(_("Year it tells of"), null=True, blank=True)
    audience = ArrayField(
        models.TextField(choices=Audience), default=list, blank=True, verbose_name=_("Who is to use it")
    )
    details = models.JSONField(
        _("Fields of its kind"), default=dict, blank=True, help_text="by name, see knowledge.models.details"
    )
    privacy = models.TextField(
        _("Personal details or faces of children"),
        choices=Privacy,
        blank=True,
        help_text=_("as its author said"),
    )
    licence = models.TextField(_("Licence"), choices=Licence, default=Licence.CC_BY)
    contact = models.TextField(_("Contact"), blank=True)
    valid_until = models.DateField(_("Valid until"), null=True, blank=True)
    change_note = models.TextField(_("What changed"), blank=True)
    created_by = models.ForeignKey(
        django_settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="knowledge_revisions",
        verbose_name=_("Written by"),
    )
    created_at = models.DateTimeField(_("Created on"), auto_now_add=True)
    changed_at = models.DateTimeField(_("Changed on"), default=timezone.now)
    submitted_at = models.DateTimeField(_("Sent on"), null=True, blank=True)
    decided_at = models.DateTimeField(_("Dealt with on"), null=True, blank=True)
    decided_by = models.ForeignKey(
        django_settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="decided_revisions",
        verbose_name=_("Dealt with by"),
    )
    reason = models.TextField(_("Reason"), blank=True, help_text=_("why it was returned (last)"))

    tags = TaggableManager(through=RevisionTerm, blank=True, related_name="revisions")

    objects = RevisionQuerySet.as_manager()

    class Meta:
        verbose_name = _("revision of an item")
        verbose_name_plural = _("revisions of items")
        constraints = [
            models.UniqueConstraint(fields=["item", "number"], name="one_revision_per_number"),
            models.UniqueConstraint(
                fields=["item"], condition=Q(state__in=OPEN), name="one_open_revision_per_item"
            ),
            models.CheckConstraint(
                condition=Q(state__in=DECIDED, decided_at__isnull=False, decided_by__isnull=False)
                | (~Q(state__in=DECIDED) & Q(decided_at__isnull=True, decided_by__isnull=True)),
                name="revision_decision_has_time_and_person",
            ),
            models.CheckConstraint(
                condition=~Q(state=RevisionState.RETURNED) | ~Q(reason=""),
                name="returned_revision_has_reason",
            ),
            models.CheckConstraint(
                condition=~Q(state=RevisionState.SUBMITTED) | Q(submitted_at__isnull=False),
                name="submitted_revision_has_time",
            ),
            models.CheckConstraint(condition=~Q(title=""), name="revision_has_title"),
            models.CheckConstraint(
                condition=~Q(visibility=Visibility.COMMUNITY) | Q(community__isnull=False),
                name="community_revision_names_its_community",
            ),
            models.CheckConstraint(
                condition=Q(
                    kind__in=ItemKind.values,
                    language__in=Language.values,
                    visibility__in=Visibility.values,
                    licence__in=Licence.values,
                    state__in=RevisionState.values,
                    region__in=["", *District.values],
                    privacy__in=["", *Privacy.values],
                ),
                name="revision_codes_are_known",
            ),
        ]
        indexes = [
            GinIndex(fields=["life_stages"], name="revision_life_stages"),
            GinIndex(fields=["settings"], name="revision_settings"),
            models.Index(
                fields=["submitted_at"], condition=Q(state=RevisionState.SUBMITTED), name="revision_waiting"
            ),
        ]

    def __str__(self):
        return f"{self.title} ({self.number})"

    def get_absolute_url(self):
        return reverse("show_revision", args=[self.item.slug, self.number])

    @property
    def review_url(self) -> str:
        """Where a knowledge manager decides on it."""
        return reverse("review_revision", args=[self.item.slug, self.number])

    @property
    def marker(self) -> str:
        """Which state of the revision a form or a page was made from."""
        return f"{self.number}.{self.version}"

    @property
    def told_details(self) -> list[dict[str, Any]]:
        """What it says in the fields of its kind: ``label``, ``form`` and ``value``, all in the item's language."""
        with translation.override(self.language):
            return [
                {
                    "label": str(detail.label),
                    "form": detail.form,
                    "value": value if detail.form == DATE else str(value),
                }
                for detail, value in told(self.kind, self.details)
            ]

    @property
    def is_open(self) -> bool:
        return self.state in OPEN

    @property
    def history(self) -> list["Revision"]:
        """All revisions of its item, the latest first, without texts; of one fetched ``with_history``."""
        person: Any = get_user_model()
        found = []
        for row in self.history_rows:  # type: ignore[attr-defined]
            times = {
                name: parse_datetime(row.pop(name) or "")
                for name in ("changed_at", "submitted_at", "decided_at")
            }
            writer = person(pk=row.pop("created_by_id"), name=row.pop("writer"))
            found.append(Revision(**row, **times, item=self.item, created_by=writer))
        return found


#: What a list of revisions shows of each, and what the rules ask of it.
OF_HISTORY = (
    *("number", "version", "state", "title", "language", "visibility", "change_note", "reason"),
    *("created_by_id", "decided_by_id", "changed_at", "submitted_at", "decided_at"),
)


def with_history(revisions: RevisionQuerySet) -> RevisionQuerySet:
    """Let ``history`` be known of revisions, in the same query."""
    rows = Revision.objects.filter(item=OuterRef("item")).latest_first()
    fields = {field: field for field in OF_HISTORY} | {"id": "pk", "writer": "created_by__name"}
    return revisions.annotate(history_rows=ArraySubquery(rows.values(data=JSONObject(**fields))))


class RevisionFileQuerySet(models.QuerySet):
    def visible_to(self, user):
        """Files are seen with their revision."""
        return self.filter(revision__in=Revision.objects.visible_to(user).values("pk"))


class RevisionFile(models.Model):
    """A file of a revision, in its order; the same file may stand in the next revision."""

    revision = models.ForeignKey(Revision, models.CASCADE, related_name="files")
    file = models.ForeignKey(StoredFile, models.PROTECT, related_name="revision_files")
    position = models.PositiveSmallIntegerField(default=0)
    title = models.TextField(_("Title"), blank=True, help_text=_("instead of the name of the file"))
    alt = models.TextField(_("What the picture shows"), blank=True)
    is_decorative = models.BooleanField(_("The picture is decoration only"), default=False)

    objects = RevisionFileQuerySet.as_manager()

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
