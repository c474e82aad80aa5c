from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from taggit.managers import TaggableManager
from taggit.models import ItemBase

from communities.enums import Access, MembershipState
from munistem.commons.enums import Language
from munistem.commons.search.models import Searchable, SearchableQuerySet
from munistem.commons.terms.models import Term


class CommunityTerm(ItemBase):
    """A topic of the vocabulary that a community deals with."""

    content_object = models.ForeignKey("communities.Community", models.CASCADE, related_name="community_terms")
    tag = models.ForeignKey(Term, models.PROTECT, related_name="community_terms")


class CommunityQuerySet(SearchableQuerySet):
    def visible_to(self, user):
        """Everyone knows of open and by-request communities; of a closed one its members, invited and admins."""
        if user.is_authenticated and user.is_staff:
            return self
        if not user.is_authenticated:
            return self.exclude(access=Access.CLOSED)
        known = Membership.objects.filter(
            person=user, state__in=[MembershipState.ACTIVE, MembershipState.INVITED]
        )
        return self.filter(~Q(access=Access.CLOSED) | Q(pk__in=known.values("community")))

    def readable_by(self, user):
        """Communities whose topics this reader may open."""
        if user.is_authenticated and user.is_staff:
            return self
        if not user.is_authenticated:
            return self.filter(access=Access.OPEN)
        return self.filter(Q(access=Access.OPEN) | Q(pk__in=Membership.objects.active().of(user).values("community")))

    def joined_by(self, user):
        if not user.is_authenticated:
            return self.none()
        return self.filter(pk__in=Membership.objects.active().of(user).values("community"))

    def by_name(self):
        return self.order_by("name", "pk")


class Community(Searchable):
    """People who learn together; what is said in it belongs to it."""

    slug = models.SlugField(unique=True, allow_unicode=True, max_length=80)
    name = models.TextField()
    purpose = models.TextField()
    access = models.TextField(choices=Access, default=Access.REQUEST)
    language = models.TextField(choices=Language, default=Language.HE)
    is_default = models.BooleanField(default=False, help_text="new organisations' first representatives join it")
    member_count = models.PositiveIntegerField(default=0, editable=False)
    topic_count = models.PositiveIntegerField(default=0, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    archived_at = models.DateTimeField(null=True, blank=True)

    topics_of_interest = TaggableManager(through=CommunityTerm, blank=True, related_name="communities")

    objects = CommunityQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "communities"
        constraints = [
            models.CheckConstraint(
                condition=Q(access__in=Access.values), name="community_access_is_known"
            )
        ]
        indexes = [Searchable.search_index("community_search")]

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        return reverse("show_community", args=[self.slug])

    def search_heading(self) -> str:
        return self.name

    def search_texts(self):
        return [(self.name, "A"), (self.purpose, "C")]


class MembershipQuerySet(models.QuerySet):
    def active(self):
        return self.filter(state=MembershipState.ACTIVE)

    def of(self, user):
        return self.filter(person=user)

    def facilitators(self):
        return self.active().filter(is_facilitator=True)

    def asked(self):
        return self.filter(state=MembershipState.ASKED)


class Membership(models.Model):
    """One row for one person in one community, whatever became of it."""

    community = models.ForeignKey(Community, models.CASCADE, related_name="memberships")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="memberships")
    state = models.TextField(choices=MembershipState)
    is_facilitator = models.BooleanField(default=False)
    note = models.TextField(blank=True, help_text="what the person wrote when asking")
    since = models.DateTimeField(auto_now_add=True)
    changed_at = models.DateTimeField(auto_now=True)
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="changed_memberships"
    )
    visited_at = models.DateTimeField(null=True, blank=True)

    objects = MembershipQuerySet.as_manager()

    class Meta:
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
