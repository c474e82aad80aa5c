"""What every page of a community shows around its content: name, access, tabs, and how the reader stands."""

from typing import Any

from django.db.models import QuerySet
from django.http import Http404, HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from communities import rules
from communities.enums import Access, MembershipState
from communities.models import Community
from munistem.commons.ready import NOBODY, Reader, Text, ready

HEAD = ("name", "purpose", "slug", "access", "member_count", "archive_reason")


def community_of(request: HttpRequest, slug: str) -> Community:
    """The community of an address; 404 for what one may not know of. Asked by the rule, the twin of ``visible_to``."""
    community = next(iter(community_by_slug(NOBODY, Text(slug))), None)
    if community is None or not rules.can_see_community(request.user, community):
        raise Http404
    return community


@ready
def community_by_slug(_reader: Reader, slug: str) -> QuerySet[Community]:
    return Community.objects.filter(slug=slug).defer("search_vector", "search_title")


def frame_of(request: HttpRequest, community: Community, here: str) -> dict[str, Any]:
    """Context of ``communities/_head.html``; here: topics, people or library (or another tab's code).

    Only the first page presents the community; the other tabs go straight to what they hold.
    """
    user = request.user
    may = may_of(user, community) | {"is_front": here == "topics"}
    return {
        "community": community,
        "head": {**head_of(community), **may, "path": "" if user.is_authenticated else request.path},
        "tabs": tabs_of(user, community, here),
        "crumbs": [("/communities/", _("Communities"))],
        "is_member": rules.is_member(user, community),
        "is_facilitator": rules.is_facilitator(user, community),
        "can_archive": rules.can_archive(user, community),
        "visibility": visibility_of(community),
        **may,
    }


def may_of(user: Any, community: Community) -> dict[str, bool]:
    """What the head offers this reader."""
    standing = rules.standing(user, community)
    return {
        "has_asked": bool(standing and standing.state == MembershipState.ASKED),
        "can_join": rules.can_join(user, community),
        "can_ask": rules.can_ask(user, community),
        "can_answer_invitation": rules.can_answer_invitation(user, community),
        "can_post_topic": rules.can_post_topic(user, community),
        "can_reopen": rules.can_reopen(user, community),
        "can_edit_community": rules.can_edit_community(user, community),
        "can_enter_network": not user.is_authenticated,
    }


def head_of(community: Community) -> dict[str, Any]:
    """What the head of a page says of its community."""
    return {
        **{name: getattr(community, name) for name in HEAD},
        "access_label": str(community.access_kind.label),
        "access_said": str(community.access_kind.said),
        "is_archived": bool(community.archived_at),
    }


def tabs_of(user: Any, community: Community, here: str) -> list[dict[str, Any]]:
    """Only those that this reader may open."""
    url = community.get_absolute_url()
    if not rules.can_read_community(user, community):
        return []
    tabs = [("topics", url, _("Topics"), community.topic_count)]
    if rules.can_see_people(user, community):
        tabs.append(("people", f"{url}people/", _("People"), community.member_count))
    tabs.append(("meetings", f"{url}meetings/", _("Meetings"), None))
    if rules.is_member(user, community) or rules.is_admin(user):
        tabs.append(("decisions", f"{url}decisions/", _("Decisions"), None))
    tabs.append(("library", f"{url}library/", _("Library"), None))
    if rules.can_see_facilitation(user, community):
        tabs.append(("facilitation", f"{url}facilitation/", _("Facilitation"), None))
    return [
        {"url": address, "label": label, "count": count, "is_here": code == here}
        for code, address, label, count in tabs
    ]


def visibility_of(community: Community) -> str:
    """Code of ``components/visibility.html``."""
    return "public" if community.access == Access.OPEN else "community"


def who_reads(community: Community) -> str:
    """The line under every form: who will be able to read what is written here."""
    if community.access == Access.OPEN:
        return _("Visible to everyone")
    return ngettext(
        "Visible to %(count)d member of %(community)s",
        "Visible to %(count)d members of %(community)s",
        community.member_count,
    ) % {"count": community.member_count, "community": f"\u2068{community.name}\u2069"}
