"""What the address of a search asks for; what is unknown in it is left out."""

from dataclasses import dataclass
from functools import cached_property
from urllib.parse import urlencode

from django.http import HttpRequest
from django.urls import reverse

from communities.models import Community
from munistem.commons.search.passages import Asked
from munistem.commons.search.query import Query, parse
from munistem.commons.text.names import harmless
from munistem.front.views.search.kinds import KINDS, Kind

LONGEST = 200


@dataclass
class Asking:
    """A search: its words, the kind of things looked for, the community it stays inside."""

    text: str
    chosen: Kind | None = None
    community: Community | None = None

    @cached_property
    def query(self) -> Query:
        return parse(self.text)

    @cached_property
    def asked(self) -> Asked:
        return Asked(self.query)

    @property
    def kinds(self) -> dict[str, Kind]:
        """What is searched: inside a community only what communities hold."""
        return {code: kind for code, kind in KINDS.items() if kind.is_inside or not self.community}

    @property
    def told(self) -> dict[str, str]:
        """What stays in every address of this search, whatever kind it shows."""
        told = {"q": self.text, "community": self.community.slug if self.community else ""}
        return {name: value for name, value in told.items() if value}

    def url(self, **changes: str) -> str:
        """This search but for the changes; an empty value takes a part away."""
        told = {name: value for name, value in {**self.told, **changes}.items() if value}
        return f"{reverse('search')}?{urlencode(told)}"

    @property
    def is_narrowed(self) -> bool:
        """Whether anything but words is asked for."""
        return bool(self.chosen or self.community)


def asking_of(request: HttpRequest) -> Asking:
    """What ``?q= &in= &community=`` ask for."""
    text = harmless(request.GET.get("q", ""))[:LONGEST]
    community = community_of(request)
    chosen = KINDS.get(request.GET.get("in", ""))
    if chosen and community and not chosen.is_inside:
        chosen = None
    return Asking(text, chosen, community)


def community_of(request: HttpRequest) -> Community | None:
    """The community to stay inside, if the reader knows of it."""
    slug = request.GET.get("community", "")[:100]
    if not slug:
        return None
    known = Community.objects.visible_to(request.user).only("slug", "name", "language")
    return known.filter(slug=slug).first()
