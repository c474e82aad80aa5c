"""What is asked: the pages, by whom, and the form that is sent."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import uuid4

VISITOR, MEMBER = "visitor", "member"
POSTING = "posting a reply"
POSTING_BESIDE_ONE_ROW = "posting beside one row"
BOTH = (VISITOR, MEMBER)
#: The six rows of the targets that must reach 0.6 of the floor.
HOT = {
    *(("topic", VISITOR), ("topic", MEMBER), ("list of topics", VISITOR), ("list of topics", MEMBER)),
    *(("home", VISITOR), ("page 200 of a list", VISITOR)),
}
#: What each page is to reach of the floor where it is not hot, and what a deed is to reach.
SEARCH, OTHER, DEED = 0.3, 0.4, 0.35
#: Found in very many and in very few texts of the demo.
COMMON, RARE = "תלמידים", "אוטובוס"
#: So many addresses are asked in turn where nobody is to ask what was asked just before.
IN_TURN = 2_000
#: As many authors take turns, in as many topics: nobody may send sixty answers an hour, and few topics have eight writers at once.
AUTHORS, TOPICS = 200, 20
SECRET = "b" * 32  # of the form, the same in the cookie


@dataclass(frozen=True)
class Page:
    name: str
    path: str
    readers: tuple[str, ...] = BOTH
    is_limited: bool = False  # nobody may ask often: as a member it is asked by many in turn
    others: tuple[str, ...] = ()  # asked in turn instead of the one

    @property
    def paths(self) -> tuple[str, ...]:
        return self.others or (self.path,)

    def is_hot(self, who: str) -> bool:
        return (self.name, who) in HOT


def pages() -> list[Page]:
    """Every page that is measured, on the network in use."""
    from communities.models import Community, Topic
    from knowledge.models import Item
    from members.models import LocalAuthority

    cluster = LocalAuthority.objects.select_related("cluster").get(pk=1139).cluster
    open_one = Community.objects.filter(access="open").order_by("-topic_count").first()
    in_it = Topic.objects.filter(community=open_one, hidden_at=None, locked_at=None)
    topic = (
        in_it.filter(post_count__gte=20).order_by("pk").first() or in_it.order_by("-post_count", "pk").first()
    )
    item = Item.objects.filter(visibility="public").published().order_by("pk").first()
    return [
        Page("topic", f"/topics/{topic.pk}/"),
        Page("list of topics", f"/communities/{open_one.slug}/"),
        Page("home", "/", (VISITOR,)),
        Page("My day", "/", (MEMBER,)),
        Page("page 200 of a list", f"/communities/{open_one.slug}/?page=200"),
        Page("communities", "/communities/"),
        Page("item", f"/knowledge/{item.slug}/"),
        Page("library", "/knowledge/"),
        Page("search common word", f"/search/?q={COMMON}", is_limited=True),
        Page("search rare word", f"/search/?q={RARE}", is_limited=True),
        *first_searches(),
        Page("adoption table", "/policy/adoption/"),
        Page("overall picture", "/policy/picture/1139/"),
        Page("national picture", "/policy/picture/national/", (VISITOR,)),
        Page("picture of a cluster", f"/policy/picture/clusters/{cluster.slug}/", (VISITOR,)),
        Page("organisations", "/organisations/"),
    ]


def first_searches() -> list[Page]:
    """Words that many titles have, and words that few have, each asked for as if for the first time."""
    from collections import Counter

    from communities.models import Topic

    titles = Topic.objects.order_by("pk").values_list("title", flat=True)[:5_000]
    words = Counter(
        word for title in titles for word in set(title.split()) if word.isalpha() and len(word) > 2
    )
    known = [word for word, _ in sorted(words.items(), key=lambda one: (-one[1], one[0]))]
    seldom = [word for word in known if words[word] <= max(words.values()) / 50] or known
    found = []
    for name, some in (("search common words anew", known[:40]), ("search rare words anew", seldom[:40])):
        paths = tuple(f"/search/?q={some[number % len(some)]}&n={number}" for number in range(IN_TURN))
        found.append(Page(name, paths[0], is_limited=True, others=paths))
    return found


def chosen(found: list[Page], names: str) -> list[Page]:
    """The pages of these names, divided by commas; raises SystemExit for one that is not known."""
    if not names:
        return found
    wanted = [name.strip().casefold() for name in names.split(",")]
    known = {page.name.casefold() for page in found} | {POSTING}
    if strange := [name for name in wanted if name not in known]:
        raise SystemExit(f"no page {', '.join(strange)}; there are: {', '.join(sorted(known))}")
    return [page for page in found if page.name.casefold() in wanted]


def deep_pages() -> list[Page]:
    """The last pages of long lists and those in their middle: what is far down must cost what stands on top."""
    from communities.models import Community
    from communities.views.community import TOPICS_A_PAGE
    from knowledge.models import Item
    from knowledge.views.library import ITEMS_A_PAGE
    from members.models import User
    from members.views.people import PEOPLE_A_PAGE

    largest = Community.objects.filter(access="open").order_by("-member_count").first()
    items = Item.objects.published().filter(visibility="public").count() // ITEMS_A_PAGE // 2
    people = User.objects.in_directory().count() // PEOPLE_A_PAGE // 2
    return [
        Page("middle of the library", f"/knowledge/?page={items}"),
        Page("end of the library", "/knowledge/?page=9999"),
        Page("middle of the people", f"/people/?page={people}", (MEMBER,), is_limited=True),
        Page("end of the people", "/people/?page=9999", (MEMBER,), is_limited=True),
        Page(
            "middle of a list of topics",
            f"/communities/{largest.slug}/?page={largest.topic_count // TOPICS_A_PAGE // 2}",
        ),
        Page("end of a list of topics", f"/communities/{largest.slug}/?page=9999"),
        Page("end of a search", f"/search/?q={COMMON}&page=9999", is_limited=True),
    ]


#: What grows with the number of municipalities, and what it is called at ten times as many.
GROWING = {
    "adoption table": "adoption at 2,590",
    "overall picture": "picture at 2,590",
    "national picture": "national picture at 2,590",
    "picture of a cluster": "cluster picture at 2,590",
}


def cookie_of(email: str) -> str:
    """A signed-in session of a demo person."""
    from members.models import User

    return cookies_of([User.objects.get(email=email)])[0]


def cookies_of(people: Iterable) -> list[str]:
    from django.conf import settings
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.sessions.backends.db import SessionStore

    cookies = []
    for person in people:
        session = SessionStore()
        session[SESSION_KEY] = str(person.pk)
        session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
        session[HASH_SESSION_KEY] = person.get_session_auth_hash()
        session.create()
        cookies.append(f"{settings.SESSION_COOKIE_NAME}={session.session_key}")
    return cookies


class Readers:
    """The cookies under which a page is asked as visitor and as member, on the network in use."""

    def __init__(self) -> None:
        from members.models import User
        from munistem.commons.guards.models import Hit

        Hit.objects.all().delete()  # of the run before
        people = User.objects.filter(is_active=True, representations__until_on=None).distinct().order_by("pk")
        self.one = [cookie_of("manager@munistem.example")]
        self.many = cookies_of(people[:AUTHORS])

    def of(self, page: Page, who: str) -> list[str]:
        if who == VISITOR:
            return [""]
        return self.many if page.is_limited else self.one


class Replies:
    """Answers by many members of one community in turn, each with a form and a text of its own."""

    def __init__(self) -> None:
        from django.conf import settings

        from communities.models import Community, Membership, Topic

        place = Community.objects.filter(access="open", moderation="after").order_by("-topic_count").first()
        members = Membership.objects.active().filter(community=place, person__is_active=True)
        members = members.select_related("person").order_by("pk")[:AUTHORS]
        cookies = cookies_of(row.person for row in members)
        self.cookies = [f"{cookie}; {settings.CSRF_COOKIE_NAME}={SECRET}" for cookie in cookies]
        topics = Topic.objects.filter(community=place, locked_at=None, hidden_at=None)
        topics = topics.exclude(kind="consultation").order_by("-last_post_at", "-pk")
        self.topics = list(topics.values_list("pk", flat=True)[:TOPICS])

    def path(self, number: int) -> str:
        return f"/topics/{self.topics[number % len(self.topics)]}/"

    def form(self, number: int) -> tuple[str, dict[str, str]]:
        """Cookie and fields of one answer."""
        text = (
            f"<p>תשובה מספר {number}: אצלנו החוגים נפתחו באוקטובר, והרכזת פוגשת את המורים אחת לשבועיים.</p>"
        )
        fields = {"csrfmiddlewaretoken": SECRET, "body": text, "nonce": str(uuid4())}
        return self.cookies[number % len(self.cookies)], fields

    def queries(self) -> int:
        """SQL queries of one answer."""
        from django.db import connection
        from django.test import Client
        from django.test.utils import CaptureQueriesContext

        cookie, fields = self.form(1)
        client = Client()
        client.cookies.load(cookie)
        with CaptureQueriesContext(connection) as captured:
            client.post(self.path(1), fields)
        return len(captured)
