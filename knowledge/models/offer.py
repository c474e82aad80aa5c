"""Discussions on their way to the library: the item made of one, and the consent of everybody it would name or quote."""

from typing import Any

from django.conf import settings
from django.contrib.postgres.expressions import ArraySubquery
from django.db import models
from django.db.models import Case, Exists, IntegerField, OuterRef, Q, Value, When
from django.db.models.functions import JSONObject
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from communities.models import Post, Topic
from knowledge.enums import Answer
from knowledge.models.item import REACH, Item
from knowledge.models.revision import Revision, RevisionQuerySet


class OfferQuerySet(models.QuerySet):
    def visible_to(self, user):
        """How an offer stands is seen by who made it and by those who review."""
        if not user.is_authenticated:
            return self.none()
        if user.is_staff or user.is_knowledge_manager:
            return self
        return self.filter(made_by_id=user.pk)


class Offer(models.Model):
    """A topic of which an item was made; one for each topic."""

    topic = models.OneToOneField(Topic, models.PROTECT, related_name="offer")
    item = models.OneToOneField(Item, models.PROTECT, related_name="offer")
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="offers_made")
    made_at = models.DateTimeField(default=timezone.now)

    objects = OfferQuerySet.as_manager()

    class Meta:
        verbose_name = _("offer to the library")
        verbose_name_plural = _("offers to the library")

    def __str__(self):
        return f"{self.topic_id} → {self.item_id}"


class ConsentQuerySet(models.QuerySet):
    def visible_to(self, user):
        """What a person is asked is seen by the person alone; what they agreed to, by who sees the offer."""
        if not user.is_authenticated:
            return self.none()
        agreed = Q(answer=Answer.GIVEN, offer__in=Offer.objects.visible_to(user))
        return self.filter(Q(person_id=user.pk) | agreed)

    def waiting_for(self, user):
        """Questions to this person that wait for an answer, while one can be given and the discussion is not hidden."""
        mine = self.filter(person_id=user.pk, answer=Answer.WAITING, offer__topic__hidden_at__isnull=True)
        return mine.open()

    def open(self):
        """Of items that are neither published nor in review nor taken out."""
        return self.filter(
            offer__item__published__isnull=True,
            offer__item__withdrawn_at__isnull=True,
        ).exclude(Exists(Revision.objects.submitted().filter(item=OuterRef("offer__item"))))

    def given(self):
        return self.filter(answer=Answer.GIVEN)

    def standing(self, reach: Any):
        """Those that count for a circle of readers; what a moderator hid is quoted no more."""
        shown = Q(post__isnull=True) | Q(post__hidden_at__isnull=True, post__topic__hidden_at__isnull=True)
        return self.given().filter(shown, reach__gte=reach).order_by("position", "pk")


class Consent(models.Model):
    """What one person is asked: to be named with role and organisation, perhaps with these words of theirs."""

    offer = models.ForeignKey(Offer, models.CASCADE, related_name="consents")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="consents")
    post = models.ForeignKey(Post, models.PROTECT, null=True, blank=True, related_name="consents")
    quote = models.TextField(blank=True)
    role = models.TextField(blank=True)
    place = models.TextField(blank=True, help_text="the organisation, in the item's language")
    position = models.PositiveSmallIntegerField(default=0)
    answer = models.TextField(choices=Answer, default=Answer.WAITING)
    reach = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="for which circle of readers it was given"
    )
    asked_at = models.DateTimeField(default=timezone.now)
    answered_at = models.DateTimeField(null=True, blank=True)

    objects = ConsentQuerySet.as_manager()

    class Meta:
        verbose_name = _("consent")
        verbose_name_plural = _("consents")
        constraints = [
            models.UniqueConstraint(fields=["offer", "person"], name="each_is_asked_once_for_consent"),
            models.CheckConstraint(condition=Q(answer__in=Answer.values), name="consent_answer_is_known"),
            models.CheckConstraint(
                condition=Q(answer=Answer.WAITING, answered_at__isnull=True)
                | (~Q(answer=Answer.WAITING) & Q(answered_at__isnull=False)),
                name="consent_answer_has_time",
            ),
            models.CheckConstraint(
                condition=~Q(answer=Answer.GIVEN) | Q(reach__isnull=False), name="given_consent_has_reach"
            ),
        ]
        indexes = [models.Index(fields=["person", "answer"], name="consents_of_person")]

    def __str__(self):
        return f"{self.person_id} {self.answer}"


def with_voices(revisions: RevisionQuerySet) -> RevisionQuerySet:
    """Annotate ``voice_rows``: whom a revision names and what it quotes, consent given for its readers."""
    needed = Case(
        *(When(visibility=visibility, then=Value(reach)) for visibility, reach in REACH.items()),
        output_field=IntegerField(),
    )
    consents = Consent.objects.filter(offer__item=OuterRef("item")).standing(OuterRef("reach_needed"))
    fields = {"name": "person__name", "role": "role", "place": "place", "quote": "quote"}
    shown = consents.values(data=JSONObject(**fields))
    return revisions.annotate(reach_needed=needed).annotate(voice_rows=ArraySubquery(shown))
