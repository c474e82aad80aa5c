from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.contrib.postgres.expressions import ArraySubquery
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import JSONObject, Lower
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from taggit.managers import TaggableManager
from taggit.models import ItemBase

from communities.enums import Access, MembershipState, Moderation
from members.models import Representative
from munistem.commons.enums import Language
from munistem.commons.mail.models import Bounce
from munistem.commons.ready import NOBODY, Reader, ready
from munistem.commons.search.completion import words_index
from munistem.commons.search.models import Searchable, SearchableQuerySet
from munistem.commons.terms.models import Term


class CommunityTerm(ItemBase):
    """A topic of the vocabulary that a community deals with."""

    content_object = models.ForeignKey(
        "communities.Community", models.CASCADE, related_name="community_terms"
    )
    tag = models.ForeignKey(Term, models.PROTECT, related_name="community_terms")


CARD = ("pk", "slug", "name", "purpose", "access", "member_count", "topic_count", "archived_at")


class CommunityQuerySet(SearchableQuerySet):
    def visible_to(self, user):
        """Everyone knows of open and by-request communities; of a closed one its members, invited and admins."""
        if user.is_authenticated and user.is_staff:
            return self
        known = Membership.objects.held_by(user).filter(
            state__in=[MembershipState.ACTIVE, MembershipState.INVITED]
        )
        return self.filter(~Q(access=Access.CLOSED) | Q(pk__in=known.values("community")))

    def readable_by(self, user):
        """Communities whose topics this reader may open."""
        if user.is_authenticated and user.is_staff:
            return self
        joined = Membership.objects.held_by(user).active()
        return self.filter(Q(access=Access.OPEN) | Q(pk__in=joined.values("community")))

    def joined_by(self, user):
        return self.filter(pk__in=Membership.objects.held_by(user).active().values("community"))

    def facilitated_by(self, user):
        return self.filter(pk__in=Membership.objects.held_by(user).facilitators().values("community"))

    def current(self):
        """Those that are not closed down: the others can be read but no longer joined or written in."""
        return self.filter(archived_at__isnull=True)

    def as_cards(self, user):
        """What a card shows of each: plain rows, with its first two terms and whether the reader is invited."""
        terms = Term.objects.filter(community_terms__content_object=OuterRef("pk")).in_order()
        names = JSONObject(name_he="name_he", name_ar="name_ar", name_en="name_en")
        invited = Membership.objects.held_by(user).invited().filter(community=OuterRef("pk"))
        return self.values(*CARD).annotate(
            terms=ArraySubquery(terms.values(data=names)[:2]), is_invited=Exists(invited)
        )

    def by_name(self):
        return self.order_by("name", "pk")

    def liveliest_first(self):
        return self.order_by("-member_count", "name", "pk")


class Community(Searchable):
    """People who learn together; what is said in it belongs to it."""

    slug = models.SlugField(unique=True, allow_unicode=True, max_length=80)
    name = models.TextField()
    purpose = models.TextField()
    access = models.TextField(choices=Access, default=Access.REQUEST)
    language = models.TextField(choices=Language, default=Language.HE)
    moderation = models.TextField(choices=Moderation, default=Moderation.AFTER)
    is_default = models.BooleanField(
        default=False, help_text="new organisations' first representatives join it"
    )
    member_count = models.PositiveIntegerField(default=0, editable=False)
    topic_count = models.PositiveIntegerField(default=0, editable=False, help_text="without hidden ones")
    created_at = models.DateTimeField(auto_now_add=True)
    archived_at = models.DateTimeField(null=True, blank=True)
    archived_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="archived_communities"
    )
    archive_reason = models.TextField(blank=True)

    topics_of_interest = TaggableManager(through=CommunityTerm, blank=True, related_name="communities")

    objects = CommunityQuerySet.as_manager()
    search_language = "language"

    class Meta:
        verbose_name = _("community")
        verbose_name_plural = _("communities")
        constraints = [
            models.CheckConstraint(condition=Q(access__in=Access.values), name="community_access_is_known"),
            models.CheckConstraint(condition=~Q(name=""), name="community_has_name"),
            models.CheckConstraint(
                condition=Q(archived_at__isnull=False) | Q(archived_by__isnull=True, archive_reason=""),
                name="only_archived_community_has_end",
            ),
            models.CheckConstraint(
                condition=Q(moderation__in=Moderation.values), name="community_moderation_is_known"
            ),
        ]
        indexes = [Searchable.search_index("community_search"), words_index("community_words")]

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        return reverse("show_community", args=[self.slug])

    @property
    def access_kind(self) -> Access:
        return Access(self.access)

    @property
    def is_moderated(self) -> bool:
        """Whether some of what is written here waits for a facilitator first."""
        return self.moderation != Moderation.AFTER

    def standing_of(self, user) -> "Membership | None":
        """The membership row of a person here, whatever its state; asked once for each fetched community."""
        if not user.is_authenticated:
            return None
        known = self.__dict__.setdefault("_standings", {})
        if user.pk not in known:
            row = next(iter(membership_of(NOBODY, self.pk, user.pk)), None)
            if row:
                row.community = self
            known[user.pk] = row
        return known[user.pk]

    def read_standings(self, people: Iterable[Any]) -> None:
        """Let ``standing_of`` ask nothing more for any of these people."""
        known = self.__dict__.setdefault("_standings", {})
        known |= dict.fromkeys((person.pk for person in people), None)
        known |= {row.person_id: row for row in self.memberships.filter(person__in=list(known))}

    def forget_standings(self) -> None:
        self.__dict__.pop("_standings", None)

    def search_heading(self) -> str:
        return self.name

    def search_texts(self):
        terms = [
            (f"{term.name_he} {term.name_ar} {term.name_en}", "B") for term in self.topics_of_interest.all()
        ]
        return [(self.name, "A"), *terms, (self.purpose, "C")]


class MembershipQuerySet(models.QuerySet):
    def visible_to(self, user):
        """Members see who is in a community they may read; facilitators and admins every row; each their own."""
        if not user.is_authenticated:
            return self.none()
        if user.is_staff:
            return self
        if not user.is_in_network:
            return self.filter(person_id=user.pk)
        led = Membership.objects.held_by(user).facilitators().values("community")
        readable = Community.objects.readable_by(user).values("pk")
        return self.filter(
            Q(person_id=user.pk)
            | Q(community__in=led)
            | Q(state=MembershipState.ACTIVE, community__in=readable)
        )

    def held_by(self, user):
        """Rows of a person that count: whoever no longer acts for a member of the network holds none."""
        if not user.is_authenticated or not user.is_in_network:
            return self.none()
        return self.filter(person_id=user.pk)

    def of(self, user):
        """All rows of a person, whatever became of them."""
        return self.filter(person_id=user.pk) if user.is_authenticated else self.none()

    def active(self):
        return self.filter(state=MembershipState.ACTIVE)

    def facilitators(self):
        return self.filter(state=MembershipState.ACTIVE, is_facilitator=True)

    def asked(self):
        return self.filter(state=MembershipState.ASKED)

    def invited(self):
        return self.filter(state=MembershipState.INVITED)

    def waiting_for(self, user):
        """Requests to join that this person may decide, the longest waiting first."""
        asked = self.asked().of_present_people().filter(community__archived_at__isnull=True)
        if not user.is_authenticated:
            return self.none()
        if not user.is_staff:
            asked = asked.filter(community__in=Community.objects.facilitated_by(user))
        return asked.order_by("changed_at", "pk")

    def of_present_people(self):
        """Without people whose account was closed or who no longer act for a member of the network."""
        acting = Representative.objects.active().filter(person=OuterRef("person"))
        serves = Q(person__is_staff=True) | Q(person__is_knowledge_manager=True)
        return self.filter(serves | Exists(acting), person__is_active=True)

    def present(self):
        """Members who take part: those who are counted, listed, told and may be called by name."""
        return self.active().of_present_people()

    def with_bounces(self):
        """Annotate ``has_bounced``: mail to the person comes back, so that notices pause."""
        back = Bounce.objects.filter(address=Lower(OuterRef("person__email")))
        return self.annotate(has_bounced=Exists(back))

    def facilitators_first(self):
        return self.order_by("-is_facilitator", "person__name", "pk")


class Membership(models.Model):
    """One row for one person in one community, whatever became of it."""

    community = models.ForeignKey(Community, models.CASCADE, related_name="memberships")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="memberships")
    state = models.TextField(choices=MembershipState)
    is_facilitator = models.BooleanField(default=False)
    note = models.TextField(blank=True, help_text="what the person wrote when asking")
    reason = models.TextField(blank=True, help_text="why the person was not admitted or was removed")
    since = models.DateTimeField(default=timezone.now, help_text="of the present state")
    changed_at = models.DateTimeField(auto_now=True)
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="changed_memberships"
    )
    visited_at = models.DateTimeField(null=True, blank=True)
    wants_introductions = models.BooleanField(
        default=True, help_text="whether facilitators may introduce the person to others"
    )

    objects = MembershipQuerySet.as_manager()

    class Meta:
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")
        constraints = [
            models.UniqueConstraint(fields=["community", "person"], name="one_membership_per_person"),
            models.CheckConstraint(
                condition=Q(is_facilitator=False) | Q(state=MembershipState.ACTIVE),
                name="facilitator_is_active_member",
            ),
            models.CheckConstraint(
                condition=Q(state__in=MembershipState.values), name="membership_state_is_known"
            ),
        ]
        indexes = [models.Index(fields=["person", "state"], name="membership_by_person")]

    def __str__(self):
        return f"{self.person} @ {self.community}"

    @property
    def is_active(self) -> bool:
        return self.state == MembershipState.ACTIVE


@ready
def membership_of(_reader: Reader, community: int, person: int) -> models.QuerySet[Membership]:
    """The row of one person in one community."""
    return Membership.objects.filter(community=community, person=person)
