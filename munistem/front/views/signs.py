"""Signs for machines: what may be visited, what there is, whom to tell of a hole."""

from collections.abc import Iterator
from datetime import date, timedelta
from email.utils import parseaddr
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from communities.models import Community, Topic
from knowledge.models import Item
from members.models import LocalAuthority, Organisation
from policy.models import Recommendation, Roundtable

CLOSED = (
    "/accounts/",
    "/admin/",
    "/desk/",
    "/dev/",
    "/me/",
    "/people/",
    "/search/",
    "/posts/",
    "/first-steps/",
)
PAGES = (
    "home",
    "show_about",
    "list_communities",
    "list_items",
    "show_policy",
    "show_adoption",
    "list_organisations",
    "join",
)
PAGES += ("show_terms", "show_privacy", "show_accessibility")
MOST_TOPICS, MOST_ITEMS = 20_000, 20_000


@require_safe
def show_robots(request: HttpRequest) -> HttpResponse:
    lines = [
        "User-agent: *",
        *(f"Disallow: {path}" for path in CLOSED),
        f"Sitemap: {settings.BASE_URL}/sitemap.xml",
    ]
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")


@require_safe
def show_security(request: HttpRequest) -> HttpResponse:
    """RFC 9116."""
    expires = timezone.now().replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=330)
    lines = [
        f"Contact: mailto:{parseaddr(settings.SECURITY_CONTACT)[1]}",
        f"Expires: {expires.isoformat()}",
        "Preferred-Languages: he, ar, en",
        f"Canonical: {settings.BASE_URL}{request.path}",
    ]
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")


@require_safe
def show_sitemap(request: HttpRequest) -> HttpResponse:
    """Every page a visitor may open, and no other, whoever asks."""
    places = [(settings.BASE_URL + path, changed) for path, changed in public_places()]
    return render(request, "front/sitemap.xml", {"places": places}, content_type="application/xml")


def public_places() -> Iterator[tuple[str, date | None]]:
    """Paths that a visitor may open, with the day of the last change where it is known."""
    visitor = AnonymousUser()
    yield from ((reverse(name), None) for name in PAGES)
    for name, slugs in (
        ("show_roundtable", Roundtable.objects.visible_to(visitor)),
        ("show_recommendation", Recommendation.objects.visible_to(visitor)),
        ("show_community", Community.objects.visible_to(visitor)),
        ("show_organisation", Organisation.objects.visible_to(visitor)),
    ):
        # in an order of their own: as rows lie, they would tell of others between them
        listed = slugs.order_by("pk").values_list("slug", flat=True)
        yield from ((reverse(name, args=[slug]), None) for slug in listed)
    yield from authority_places()
    yield from item_places(visitor)
    topics = Topic.objects.visible_to(visitor).latest_first().values_list("pk", "last_post_at")
    for pk, at in topics[:MOST_TOPICS]:
        yield reverse("show_topic", args=[pk]), timezone.localdate(at)


def authority_places() -> Iterator[tuple[str, None]]:
    for code in LocalAuthority.objects.order_by("pk").values_list("pk", flat=True):
        yield reverse("show_authority", args=[code]), None


def item_places(visitor: Any) -> Iterator[tuple[str, date]]:
    items = Item.objects.visible_to(visitor).latest_first().values_list("slug", "published__decided_at")
    for slug, at in items[:MOST_ITEMS]:
        yield reverse("show_item", args=[slug]), timezone.localdate(at)
