"""The page of an organisation and of a local authority: they live here because they show answers to recommendations."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from communities.models import Community, Membership
from knowledge.models import Item
from knowledge.views.follow import context_of_follow
from members.enums import OrganisationType
from members.models import LocalAuthority, Organisation, Representative, User
from munistem.commons.days.school import current_school_year
from munistem.commons.enums import Language
from policy import rules
from policy.actions import keep
from policy.forms import OrganisationForm
from policy.models import Endorsement, EndorsementShare, Programme, ProgrammeFunder
from policy.rules.funder import NEVER, can_see_funding
from policy.rules.programme import can_keep_programmes
from policy.views.programme import list_url
from policy.views.role import context_of_role

JOIN, DIRECTORY = "/join/", "/organisations/"
LATEST_ITEMS, MOST_PEOPLE, MOST_PROGRAMMES = 6, 100, 5


def organisation_of(request: HttpRequest, slug: str) -> Organisation:
    """The organisation of an address with its row of the register; 404 for what one may not know of."""
    known = Organisation.objects.visible_to(request.user).select_related("authority__cluster", "cluster")
    known = known.defer("search_vector", "search_title", "authority__search_vector")
    return get_object_or_404(known, slug=slug)


@require_safe
def show_organisation(request: HttpRequest, slug: str) -> HttpResponse:
    """Who it is, who acts for it, where it learns, what it published, what it endorsed."""
    user, organisation = request.user, organisation_of(request, slug)
    mandates = Representative.objects.active().filter(organisation=organisation, person__is_active=True)
    shows_people = rules.can_see_representatives(user)
    people = people_of(user, mandates) if shows_people else []
    context = {
        "organisation": organisation,
        "authority": organisation.authority,
        "shows_people": shows_people,
        "people": people,
        "people_count": len(people) if shows_people else mandates.count(),
        "communities": communities_of(user, mandates) if shows_people else [],
        "items": items_of(user, organisation),
        "items_url": f"{reverse('list_items')}?{urlencode({'organisation': organisation.slug})}",
        "answers": answers_of(user, organisation),
        "can_edit": rules.can_edit_organisation(user, organisation),
        "is_answering": organisation.type in rules.ANSWERING,
        **ways_on(user, organisation),
        "crumbs": [(DIRECTORY, _("Organisations"))],
        **context_of_role(user, organisation.authority, is_member=organisation.left_on is None),
        **context_of_follow(user, "organisation", organisation.slug),
    }
    return render(request, "policy/organisation.html", context)


def ways_on(user: Any, organisation: Organisation) -> dict[str, str]:
    """Where one goes on from its page: to join its team, to the team, to what a funder sees; "" for what is not for the reader."""
    is_own = rules.represents(user, organisation.pk)
    return {
        "join_url": "" if is_own else f"{JOIN}?{urlencode({'organisation': organisation.slug})}",
        "team_url": reverse("show_team", args=[organisation.slug]) if is_own or rules.is_admin(user) else "",
        "funding_url": funding_url(user, organisation),
    }


def funding_url(user: Any, organisation: Organisation) -> str:
    """Where a funder's own people and admins see its programmes beside those of others; "" for everyone else."""
    if organisation.type in NEVER or not (rules.is_admin(user) or rules.represents(user, organisation.pk)):
        return ""
    is_foundation = organisation.type == OrganisationType.FOUNDATION
    pays = is_foundation or ProgrammeFunder.objects.filter(organisation=organisation).exists()
    sees = can_see_funding(user, organisation, pays=pays)
    return reverse("show_funding", args=[organisation.slug]) if sees else ""


def items_of(user: Any, organisation: Any) -> list[Item]:
    """What it published last, each work once."""
    items = Item.objects.visible_to(user).published().filter(organisation=organisation)
    return list(items.one_per_work(get_language() or Language.HE).as_cards().latest_first()[:LATEST_ITEMS])


def people_of(user: Any, mandates: Any) -> list[Representative]:
    """Who acts for it, as far as the reader may see people."""
    seen = User.objects.visible_to(user).values("pk")
    rows = mandates.filter(person__in=seen).select_related("person").defer("person__search_vector")
    return list(rows.order_by("-is_manager", "person__name", "pk")[:MOST_PEOPLE])


def communities_of(user: Any, mandates: Any) -> list[Community]:
    """Communities in which the reader may see its people."""
    joined = Membership.objects.visible_to(user).active().filter(person__in=mandates.values("person"))
    communities = Community.objects.visible_to(user).current().filter(pk__in=joined.values("community"))
    return list(communities.defer("search_vector").liveliest_first())


def answers_of(user: Any, organisation: Organisation) -> list[Endorsement]:
    """Its answers in force, also those with its cluster, and for those who may see them the ones on their way.

    In the order of the recommendations; what it endorses with its cluster covers another answer of its own.
    """
    shares = EndorsementShare.objects.visible_to(user).counted().filter(organisation=organisation)
    own_or_joint = Q(organisation=organisation) | Q(pk__in=shares.values("endorsement"))
    rows = Endorsement.objects.visible_to(user).standing().filter(own_or_joint)
    rows = rows.select_related("recommendation").defer(*WIDE)
    answers = list(rows.order_by("recommendation__roundtable", "recommendation__number", "state"))
    joint = {row.recommendation_id for row in answers if row.organisation_id != organisation.pk}
    for row in answers:
        row.sign, row.is_joint = row.stance_kind.sign, row.organisation_id != organisation.pk
    return [row for row in answers if row.is_joint or row.is_waiting or row.recommendation_id not in joint]


WIDE = ("recommendation__search_vector", "recommendation__search_title")


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def edit_organisation(request: HttpRequest, slug: str) -> HttpResponse:
    """What an organisation tells of itself, changed by its managers."""
    organisation = organisation_of(request, slug)
    if not rules.can_edit_organisation(request.user, organisation):
        raise PermissionDenied
    told = {"about": organisation.about, "website": organisation.website}
    form = OrganisationForm(request.POST or None, initial=told)
    if request.method == "POST" and form.is_valid():
        keep.edit_organisation(by=request.user, organisation=organisation, **form.cleaned_data)
        messages.success(request, _("Saved. This is how others see your organisation."))
        return redirect(organisation)
    crumbs = [(DIRECTORY, _("Organisations")), (organisation.get_absolute_url(), organisation.name)]
    context = {"form": form, "organisation": organisation, "crumbs": crumbs}
    return render(request, "policy/edit_organisation.html", context)


@require_safe
def show_authority(request: HttpRequest, code: int) -> HttpResponse:
    """A local authority of the register, member or not: facts with their source, and what it endorsed."""
    known = LocalAuthority.objects.select_related("cluster").defer("search_vector", "search_title")
    authority = get_object_or_404(known, pk=code)
    members = Organisation.objects.visible_to(request.user).members()
    organisation = members.filter(authority=authority).defer("search_vector").first()
    context = {
        "authority": authority,
        "organisation": organisation,
        "answers": answers_of(request.user, organisation) if organisation else [],
        "points": point_of(authority),
        "programmes": programmes_of(request.user, authority),
        "programmes_url": list_url(authority),
        "keeps_programmes": can_keep_programmes(request.user, authority),
        "join_url": f"{JOIN}?{urlencode({'authority': authority.pk})}",
        **context_of_role(request.user, authority, is_member=organisation is not None),
        "crumbs": [(DIRECTORY, _("Organisations"))],
    }
    return render(request, "policy/authority.html", context)


def programmes_of(user: Any, authority: LocalAuthority) -> list[Programme]:
    """Some of what runs there, what runs now first."""
    rows = Programme.objects.visible_to(user).of(authority).in_year(current_school_year())
    return list(rows.by_name()[:MOST_PROGRAMMES])


def point_of(authority: LocalAuthority) -> list[dict[str, Any]]:
    if authority.lat is None or authority.lon is None:
        return []
    return [{"lat": authority.lat, "lon": authority.lon, "name": authority.name, "tone": "teal"}]
