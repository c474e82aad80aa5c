"""Finding links to items in discussions: lately written posts every ten minutes, all of them once a night."""

import re
from collections.abc import Iterable
from functools import cache
from html import unescape
from urllib.parse import unquote

from django.conf import settings
from django.db import transaction

from communities.models import Post
from communities.models.topic import Edit
from knowledge.models import Citation, Item

LATELY = 300
A_PIECE = 500


def find_lately() -> int:
    """Look through the posts written or changed last; returns how many links there are in them."""
    written = Post.objects.order_by("-pk").values_list("pk", flat=True)[:LATELY]
    edited = Edit.objects.order_by("-pk").values_list("post_id", flat=True)[:LATELY]
    return find_links({*written, *edited})


def find_all() -> int:
    """Look through every post that links into the library, and drop what is linked no more."""
    cited = set(Citation.objects.values_list("post_id", flat=True).distinct())
    linking = set(Post.objects.filter(body__contains="/knowledge/").values_list("pk", flat=True))
    keys = sorted(cited | linking)
    return sum(find_links(keys[start : start + A_PIECE]) for start in range(0, len(keys), A_PIECE))


@transaction.atomic
def find_links(posts: Iterable[int]) -> int:
    """Keep to which items these posts link; returns how many links there are. Harmless when done again."""
    keys = list(posts)
    linking = Post.objects.filter(pk__in=keys, body__contains="/knowledge/")
    named = {pk: slugs_in(body) for pk, body in linking.values_list("pk", "body")}
    slugs = {slug for found in named.values() for slug in found}
    items = dict(Item.objects.filter(slug__in=slugs).values_list("slug", "pk"))
    wanted = {(items[slug], post) for post, found in named.items() for slug in found if slug in items}
    kept = set(Citation.objects.filter(post__in=keys).values_list("item_id", "post_id"))
    for item, post in kept - wanted:
        Citation.objects.filter(item=item, post=post).delete()
    new = [Citation(item_id=item, post_id=post) for item, post in sorted(wanted - kept)]
    Citation.objects.bulk_create(new, ignore_conflicts=True)
    return len(wanted)


@cache
def _address() -> re.Pattern[str]:
    """An address of an item in HTML: of this portal, or without a host."""
    ours = re.escape(settings.BASE_URL.rstrip("/"))
    return re.compile(rf"""(?:href=["']|{ours})/knowledge/([^/"'?#\s<>]+)""")


def slugs_in(body: str) -> set[str]:
    """The parts of addresses that name items."""
    return {unquote(unescape(slug)) for slug in _address().findall(body)}
