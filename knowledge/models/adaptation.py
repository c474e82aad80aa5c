"""Adaptations: an organisation does what an item tells of, in its own way, and tells after a while how it went."""

from datetime import date

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from knowledge.enums import Shown
from knowledge.models.item import Item
from members.models import Organisation, Representative

#: The five questions of a report, in their order.
QUESTIONS = ("kept", "changed", "dropped", "result", "advice")


class AdaptationQuerySet(models.QuerySet):
    def visible_to(self, user):
        """As its organisation agreed; always for both sides and the reviewers; never without the item.

        The organisation's side is whoever acts for it; the item's side its author and its organisation's managers.
        """
        if user.is_authenticated and (user.is_staff or user.is_knowledge_manager):
            return self
        items = Item.objects.visible_to(user)
        seen = Q(shown=Shown.PUBLIC)
        if user.is_authenticated:
            if user.is_in_network:
                seen |= Q(shown=Shown.NETWORK)
            acting = Representative.objects.active().filter(person=user)
            seen |= Q(organisation__in=acting.values("organisation")) | Q(
                item__in=items.own(user).values("pk")
            )
        return self.filter(seen, item__in=items.values("pk"))

    def standing(self):
        """Under way or told of; not those that were given up."""
        return self.filter(given_up_at__isnull=True)

    def due(self, today: date):
        """Whose term is over and which nobody has told of."""
        return self.standing().filter(reported_at__isnull=True, due_on__lte=today)

    def of_open_items(self):
        """Of items that still stand in the library."""
        return self.filter(item__published__isnull=False, item__withdrawn_at__isnull=True)

    def to_be_reported_by(self, user):
        """Whose five questions were asked and wait for somebody who acts for its organisation."""
        waiting = self.standing().filter(asked_at__isnull=False, reported_at__isnull=True)
        if not user.is_authenticated:
            return self.none()
        acting = Representative.objects.active().filter(person=user)
        return waiting.visible_to(user).filter(organisation__in=acting.values("organisation"))

    def with_both_sides(self):
        rows = self.select_related("item__published", "item__created_by", "organisation", "begun_by")
        return rows.defer(
            *("item__search_vector", "item__created_by__search_vector", "item__published__body"),
            *("organisation__search_vector", "begun_by__search_vector"),
        )

    def of(self, organisation):
        return self.filter(organisation=organisation)

    def latest_first(self):
        return self.order_by("-begun_at", "-pk")


class Adaptation(models.Model):
    """One for each item and organisation: what for, until when, and the report."""

    item = models.ForeignKey(
        Item, models.PROTECT, related_name="adaptations", verbose_name=_("Knowledge item")
    )
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, related_name="adaptations", verbose_name=_("Organisation")
    )
    purpose = models.TextField(_("What for"))
    shown = models.TextField(_("Who may see it"), choices=Shown, default=Shown.NETWORK)
    due_on = models.DateField(_("Questions on"), help_text=_("when the five questions are asked"))
    begun_at = models.DateTimeField(_("Begun on"), default=timezone.now)
    begun_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="adaptations_begun", verbose_name=_("Begun by")
    )
    asked_at = models.DateTimeField(_("Asked on"), null=True, blank=True)
    reminded_at = models.DateTimeField(_("Reminded on"), null=True, blank=True)
    kept = models.TextField(_("What did you keep as it was?"), blank=True)
    changed = models.TextField(_("What did you change?"), blank=True)
    dropped = models.TextField(_("What did you leave out?"), blank=True)
    result = models.TextField(_("What came of it?"), blank=True)
    advice = models.TextField(_("What would you tell the next municipality?"), blank=True)
    reported_at = models.DateTimeField(_("Told on"), null=True, blank=True)
    reported_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="adaptations_reported",
        verbose_name=_("Told by"),
    )
    given_up_at = models.DateTimeField(_("Given up on"), null=True, blank=True)
    given_up_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="adaptations_given_up",
        verbose_name=_("Given up by"),
    )

    objects = AdaptationQuerySet.as_manager()

    class Meta:
        verbose_name = _("adaptation")
        verbose_name_plural = _("adaptations")
        constraints = [
            models.UniqueConstraint(fields=["item", "organisation"], name="adapted_once_per_organisation"),
            models.CheckConstraint(
                condition=Q(shown__in=Shown.values), name="adaptation_is_shown_to_somebody"
            ),
            models.CheckConstraint(condition=~Q(purpose=""), name="adaptation_says_what_for"),
            models.CheckConstraint(
                condition=Q(reported_at__isnull=True, reported_by__isnull=True)
                | (Q(reported_at__isnull=False, reported_by__isnull=False) & ~Q(result="")),
                name="report_has_time_person_and_result",
            ),
            models.CheckConstraint(
                condition=Q(given_up_at__isnull=True, given_up_by__isnull=True)
                | Q(given_up_at__isnull=False, given_up_by__isnull=False),
                name="given_up_adaptation_has_time_and_person",
            ),
        ]
        indexes = [
            models.Index(
                fields=["due_on"],
                condition=Q(reported_at__isnull=True, given_up_at__isnull=True),
                name="adaptations_to_be_asked",
            )
        ]

    def __str__(self):
        return f"{self.item_id} → {self.organisation_id}"

    def get_absolute_url(self):
        return reverse("show_adaptation", args=[self.pk])

    @property
    def is_reported(self) -> bool:
        return self.reported_at is not None

    @property
    def is_under_way(self) -> bool:
        return self.reported_at is None and self.given_up_at is None
