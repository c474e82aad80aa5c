"""Coming and going: join, ask, invitations, leave; and the people of a community."""

from collections.abc import Iterable
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from communities import rules
from communities.actions import membership as deeds
from communities.actions import succession
from communities.enums import MembershipState
from communities.forms import AskForm, HandOverForm, InviteForm, ReasonForm
from communities.models import Community, Membership
from communities.views.frame import community_of, frame_of
from munistem.commons.guards.limits import limited
from munistem.commons.text.names import harmless
from munistem.commons.text.pages import page_of

PEOPLE_A_PAGE = 30
MOST_FOUND = 8


@login_required
@require_POST
def join_community(request: HttpRequest, slug: str) -> HttpResponse:
    """Walk in."""
    community = community_of(request, slug)
    if not rules.can_join(request.user, community) and not rules.is_member(request.user, community):
        raise PermissionDenied
    deeds.join(by=request.user, community=community)
    messages.success(request, _("Welcome. You can now write here."))
    return redirect(community)


@login_required
@limited("ask", 20, 3600)
@require_http_methods(["GET", "HEAD", "POST"])
def ask_to_join(request: HttpRequest, slug: str) -> HttpResponse:
    """A few words to the facilitators."""
    community = community_of(request, slug)
    standing = rules.standing(request.user, community)
    if standing and standing.state in {MembershipState.ASKED, MembershipState.ACTIVE}:
        return redirect(community)
    if not rules.can_ask(request.user, community):
        raise PermissionDenied
    form = AskForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        deeds.ask_to_join(by=request.user, community=community, note=form.cleaned_data["note"])
        messages.success(
            request, _("Your request was sent. We will tell you as soon as a facilitator decides.")
        )
        return redirect(community)
    context = frame_of(request, community, "ask")
    return render(request, "communities/ask.html", {**context, "form": form})


@login_required
@require_POST
def withdraw_request(request: HttpRequest, slug: str) -> HttpResponse:
    """Take one's request back."""
    community = community_of(request, slug)
    deeds.withdraw_request(by=request.user, community=community)
    messages.success(request, _("Your request was taken back."))
    return redirect(community)


@login_required
@require_POST
def answer_invitation(request: HttpRequest, slug: str) -> HttpResponse:
    """Accept an invitation (``answer=accept``) or decline it."""
    community = community_of(request, slug)
    if rules.is_member(request.user, community):
        return redirect(community)
    if not rules.can_answer_invitation(request.user, community):
        raise PermissionDenied
    if request.POST.get("answer") == "accept":
        deeds.accept_invitation(by=request.user, community=community)
        messages.success(request, _("Welcome. You can now write here."))
        return redirect(community)
    deeds.decline_invitation(by=request.user, community=community)
    messages.success(request, _("The invitation was declined."))
    return redirect("list_communities")


@login_required
@require_POST
def leave_community(request: HttpRequest, slug: str) -> HttpResponse:
    """Go; what one wrote stays."""
    community = community_of(request, slug)
    try:
        deeds.leave(by=request.user, community=community)
    except deeds.LastFacilitator:
        messages.error(
            request,
            _("You are the only facilitator. Make another member a facilitator first, then you can leave."),
        )
        return redirect("hand_over", slug=community.slug)
    messages.success(request, _("You left the community. What you wrote stays in it."))
    return redirect("list_communities")


@login_required
@limited("invite", 60, 3600)
@require_http_methods(["GET", "HEAD", "POST"])
def list_community_people(request: HttpRequest, slug: str) -> HttpResponse:
    """Members, facilitators first; facilitators decide requests and invite here."""
    community = community_of(request, slug)
    if not rules.can_see_people(request.user, community):
        raise PermissionDenied
    form = InviteForm(request.POST or None) if rules.can_invite(request.user, community) else None
    if request.method == "POST":
        if form is None:
            raise PermissionDenied
        if form.is_valid():
            return invite(request, community, form.cleaned_data["email"])
    context = {**frame_of(request, community, "people"), **people_of(request, community), "form": form}
    return render(request, "communities/people.html", context)


def invite(request: HttpRequest, community: Community, person: Any) -> HttpResponse:
    try:
        row = deeds.invite(by=request.user, community=community, person=person)
    except deeds.TooLate:
        messages.info(request, _("%(name)s is a member already.") % {"name": person.name})
    else:
        said = _("%(name)s was admitted.") if row.is_active else _("%(name)s was invited.")
        messages.success(request, said % {"name": person.name})
    return redirect("list_community_people", slug=community.slug)


def people_of(request: HttpRequest, community: Community) -> dict[str, Any]:
    """Rows of the people page, each with what the reader may do to it."""
    user, typed = request.user, harmless(request.GET.get("q", ""))[:100]
    rows = Membership.objects.visible_to(user).filter(community=community).of_present_people()
    rows = rows.select_related("person").defer("person__search_vector").with_bounces()
    active = rows.active()
    if typed:
        active = active.filter(person__name__icontains=typed)
    page = page_of(request, active.facilitators_first(), PEOPLE_A_PAGE)
    moderates = rules.can_moderate(user, community)
    asked = list(rows.asked().order_by("changed_at", "pk")[:100]) if moderates else []
    invited = list(rows.invited().order_by("changed_at", "pk")[:100]) if moderates else []
    with_deeds((*page, *asked, *invited), user, community)
    mine = rules.standing(user, community)
    return {
        "page": page,
        "asked": asked,
        "invited": invited,
        "typed": typed,
        "moderates": moderates,
        "wants_introductions": bool(mine and mine.wants_introductions),
    }


def with_deeds(rows: Iterable[Any], user: Any, community: Community) -> None:
    """Note at each row what the reader may do to it."""
    moderates = rules.can_moderate(user, community)
    leading = Membership.objects.facilitators().of_present_people().filter(community=community)
    others = moderates and leading.count() > 1
    for row in rows:
        row.community = community
        row.can_remove = moderates and rules.can_remove_member(user, row)
        row.can_promote = moderates and rules.can_make_facilitator(user, row)
        row.is_me = row.person_id == user.pk
        row.can_end = moderates and others and row.is_facilitator and (row.is_me or rules.is_admin(user))


@login_required
@limited("find", 600, 3600, methods=("GET",))
@require_safe
def find_community_people(request: HttpRequest, slug: str) -> HttpResponse:
    """Members whose name holds what is typed, as JSON for the picker: ``[{value, label, hint}]``."""
    community = community_of(request, slug)
    if not rules.can_find_people(request.user, community):
        raise PermissionDenied
    typed = harmless(request.GET.get("q", "")).lstrip("@")[:100]
    rows = (
        Membership.objects.visible_to(request.user).filter(community=community).active().of_present_people()
    )
    found = rows.filter(person__name__icontains=typed).exclude(person__name="") if typed else rows.none()
    people = [
        row.person for row in found.select_related("person").order_by("person__name", "pk")[:MOST_FOUND]
    ]
    answer = [{"value": person.name, "label": person.name, "hint": person.role_title} for person in people]
    return JsonResponse(answer, safe=False)


def membership_of(request: HttpRequest, slug: str, pk: int) -> Membership:
    """A row of this community that the reader may see, with its community's standing at hand."""
    community = community_of(request, slug)
    rows = Membership.objects.visible_to(request.user).select_related("person").filter(community=community)
    row = get_object_or_404(rows, pk=pk)
    row.community = community
    return row


@login_required
@require_POST
def admit_member(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Let in who asked; asked on the facilitators' page (``facilitation=1``) one comes back to it."""
    row = membership_of(request, slug, pk)
    if not rules.can_moderate(request.user, row.community):
        raise PermissionDenied
    try:
        deeds.admit(by=request.user, membership=row)
    except deeds.TooLate:
        messages.info(request, _("This request was decided already."))
    else:
        messages.success(request, _("%(name)s was admitted.") % {"name": row.person.name})
    page = "show_facilitation" if "facilitation" in request.POST else "list_community_people"
    return redirect(page, slug=row.community.slug)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def decline_member(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Say no to who asked, with a reason."""
    row = membership_of(request, slug, pk)
    if not rules.can_moderate(request.user, row.community):
        raise PermissionDenied
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            deeds.decline(by=request.user, membership=row, reason=form.cleaned_data["reason"])
        except deeds.TooLate:
            messages.info(request, _("This request was decided already."))
        else:
            messages.success(
                request, _("The request was declined; %(name)s is told why.") % {"name": row.person.name}
            )
        return redirect("list_community_people", slug=row.community.slug)
    context = frame_of(request, row.community, "people")
    return render(request, "communities/decline.html", {**context, "form": form, "row": row})


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def remove_member(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """End a membership, with a reason."""
    row = membership_of(request, slug, pk)
    if not rules.can_remove_member(request.user, row):
        raise PermissionDenied
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            deeds.remove(by=request.user, membership=row, reason=form.cleaned_data["reason"])
        except deeds.TooLate:
            messages.error(request, _("This could not be done: things have changed meanwhile."))
        else:
            messages.success(request, _("%(name)s was removed and is told why.") % {"name": row.person.name})
        return redirect("list_community_people", slug=row.community.slug)
    context = frame_of(request, row.community, "people")
    return render(request, "communities/remove.html", {**context, "form": form, "row": row})


@login_required
@require_POST
def make_facilitator(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Let a member facilitate too."""
    row = membership_of(request, slug, pk)
    is_done = row.is_facilitator and rules.can_moderate(request.user, row.community)
    if not is_done and not rules.can_make_facilitator(request.user, row):
        raise PermissionDenied
    deeds.make_facilitator(by=request.user, membership=row)
    messages.success(request, _("%(name)s is now a facilitator.") % {"name": row.person.name})
    return redirect("list_community_people", slug=row.community.slug)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def hand_over(request: HttpRequest, slug: str) -> HttpResponse:
    """Let a member facilitate in one's own place, chosen from those who take part."""
    community, user = community_of(request, slug), request.user
    if not rules.can_hand_over(user, community):
        raise PermissionDenied
    form = HandOverForm(request.POST or None, community=community)
    if request.method == "POST" and form.is_valid():
        row = form.cleaned_data["successor"]
        try:
            succession.hand_over(by=user, membership=row)
        except deeds.TooLate:
            messages.error(request, _("This could not be done: things have changed meanwhile."))
        else:
            said = _("%(name)s facilitates in your place now. You stay a member.")
            messages.success(request, said % {"name": row.person.name})
        return redirect("list_community_people", slug=slug)
    context = frame_of(request, community, "people")
    return render(request, "communities/hand_over.html", {**context, "form": form})


@login_required
@require_POST
def end_facilitation(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Lay facilitation down, or (admins) end another's; the person stays a member."""
    row = membership_of(request, slug, pk)
    is_done = row.person_id == request.user.pk and row.is_active and not row.is_facilitator
    if not is_done and not rules.can_end_facilitation(request.user, row):
        raise PermissionDenied
    try:
        deeds.end_facilitation(by=request.user, membership=row)
    except deeds.LastFacilitator:
        messages.error(request, _("Someone has to facilitate: make another member a facilitator first."))
    else:
        messages.success(
            request, _("%(name)s no longer facilitates and stays a member.") % {"name": row.person.name}
        )
    return redirect("list_community_people", slug=row.community.slug)


@login_required
@require_POST
def withdraw_invitation(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Take an invitation back."""
    row = membership_of(request, slug, pk)
    if not rules.can_moderate(request.user, row.community):
        raise PermissionDenied
    try:
        deeds.withdraw_invitation(by=request.user, membership=row)
    except deeds.TooLate:
        messages.info(request, _("The invitation was answered already."))
    return redirect("list_community_people", slug=row.community.slug)
