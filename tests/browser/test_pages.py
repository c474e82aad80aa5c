"""Every page of the portal's table of addresses, as whoever it is for, in three languages, light and dark.

Each page is looked at twice: wide and light, then 320 pixels wide and dark. It must pass axe both times, speak its
language alone, have one main heading, fit its width, ask no other host for anything and leave the console quiet. Colours
hang on no language, and to measure them takes axe most of its time: their contrast is asked for in Hebrew.
"""

import re
from collections.abc import Iterator
from functools import cache

import pytest
from django.core.management import call_command
from django.urls import reverse
from playwright.sync_api import Page

from tests.browser.conftest import find_violations, settled

WIDE, NARROW = {"width": 1280, "height": 800}, {"width": 320, "height": 800}
ADDRESSES = {
    None: """
        / /about/ /terms/ /privacy/ /accessibility/ /join/ /join/continue/ /styleguide/
        /accounts/login/ /accounts/signup/ /accounts/login/code/ /accounts/password/reset/
        /organisations/ {organisation} {municipality} /authorities/ /authorities/1139/ /authorities/3000/
        /communities/ {open_community} {open_topic} {request_community}
        /knowledge/ {item} /policy/ {roundtable} {recommendation} {endorsement} /policy/adoption/ /policy/calls/
        /policy/picture/1139/ /policy/picture/1139/family/ /policy/picture/1139/gaps/primary/industry/ /policy/picture/rule/
        /policy/picture/national/ {cluster_picture}
        /search/ /search/?q={word} /search/?q={word}&in=items /search/?q=zzzzzz /no-such-page/
    """,
    "applicant": "/ {application} /me/profile/",
    "member": """
        / /me/ /me/profile/ /me/notices/ /me/choices/ /me/data/ /me/sessions/ /people/ {person}
        /accounts/2fa/ /accounts/2fa/totp/activate/ /accounts/email/ /accounts/password/change/
        {request_community} {request_community}people/ {request_community}library/ {request_community}topics/new/
        {request_topic} /search/?q={word}&in=people {recommendation}
        {request_community}meetings/ {request_community}calendar/ {request_community}decisions/ /me/calendar/
        {meeting} {poll} {minutes} {series}
    """,
    "manager": """
        / {municipality} {municipality}edit/ {municipality}team/ /knowledge/new/ /knowledge/mine/ {recommendation}endorse/ /policy/calls/ {call}
        /policy/due/ {share} {joint} {consultation} /policy/picture/1139/ /policy/picture/1139/plan/ /policy/picture/1139/gaps/primary/industry/plan/
    """,
    "facilitator": """
        /me/data/leave/ {request_community}edit/ {request_community}people/ {request_topic}
        {request_community}meetings/new/ {meeting} {meeting}edit/ {meeting}cancel/ {line} {poll} {remarked} {remarked_run} {series}end/
        /policy/funders/ /policy/funders/rashi/
        /policy/adoption/silent/ /policy/adoption/silent/{silent}/ {consultation}comments/{comment}/report/
    """,
    "knowledge": "/desk/ /desk/searches/ /knowledge/tags/ {review} {item}",
    "admin": """
        / /desk/ /admin/ {admin_application} {workspace} {workspace}seats/new/ {workspace}contributions/new/
        {draft} {draft}changes/ {consultation}comments/{comment}/look/
    """,
}
#: Latin words that stand alone in every language: names, and what a language calls itself.
NAMES = {"muni", "STEM", "PDF", "English", "CSV", "JSON", "APA", "BibTeX", "Chicago", "RIS", "ZIP", "Atom"}
LATIN, OWN_LETTERS = re.compile(r"[A-Za-z]{3,}"), re.compile(r"[\u05d0-\u05ea\u0620-\u064a]")
# The words of the interface: what is written in the language of the page, outside of what people wrote.
OWN_WORDS = """() => {
  const own = document.documentElement.lang, found = new Set();
  const isOthers = (node) => {
    const near = node.closest("[lang]");
    return near.lang !== own || node.closest("bdi, [dir=auto], [dir=ltr], script, style, textarea, code, kbd, svg, .material-icons");
  };
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) if (!isOthers(walk.currentNode.parentElement)) found.add(walk.currentNode.textContent.trim());
  for (const node of document.querySelectorAll("[aria-label], [placeholder], [title], [alt]"))
    if (!isOthers(node)) for (const name of ["aria-label", "placeholder", "title", "alt"]) found.add(node.getAttribute(name) || "");
  return [document.title, ...found];
}"""
WIDTHS = "() => [document.documentElement.scrollWidth, document.documentElement.clientWidth]"


@pytest.fixture
def demo(transactional_db, settings):
    """The demo network; answers what stands in the gaps of the addresses."""
    settings.DEMO, settings.IS_SECOND_FACTOR_REQUIRED = True, False
    call_command("load_demo", verbosity=0, people=20, topics=20, posts=60, items=12)
    return places()


def places() -> dict[str, str]:
    from django.contrib.auth.models import AnonymousUser

    from communities.enums import Access
    from communities.models import Community, Meeting, Topic
    from knowledge.models import Item, Revision
    from members.enums import OrganisationType
    from members.models import Application, Organisation, User
    from policy.models import Consultation, Endorsement, EndorsementShare, Recommendation, Roundtable
    from policy.models.calls import calls_open, soonest_first

    def in_community(slug: str) -> str:
        topics = Topic.objects.filter(community__slug=slug, hidden_at__isnull=True)
        return topics.order_by("-post_count", "pk")[0].get_absolute_url()

    meetings = Meeting.objects.filter(community__slug="stem-managers").order_by("-starts_at")
    meeting, (held, *earlier) = meetings.upcoming()[0], meetings.filter(state="closed")
    application = Application.objects.filter(email="applicant@munistem.example").get()
    open_community = Community.objects.filter(access=Access.OPEN).order_by("-topic_count")[0]
    item = Item.objects.visible_to(AnonymousUser()).filter(published__isnull=False).order_by("pk")[0]
    submitted = Revision.objects.submitted().select_related("item").order_by("pk")[0]
    others = Organisation.objects.exclude(type=OrganisationType.MUNICIPALITY)
    consultation = Consultation.objects.order_by("-pk")[0]
    karmiel = Organisation.objects.select_related("authority__cluster").get(authority=1139)
    found = {
        "share": EndorsementShare.objects.waiting().get(),
        "joint": EndorsementShare.objects.waiting().get().endorsement,
        "consultation": consultation,
        "draft": consultation.version,
        "organisation": others.order_by("pk")[0],
        "municipality": karmiel,
        "open_community": open_community,
        "request_community": Community.objects.get(slug="stem-managers"),
        "item": item,
        "roundtable": Roundtable.objects.earliest("pk"),
        "recommendation": Recommendation.objects.order_by("number")[4],
        "endorsement": Endorsement.objects.confirmed().order_by("pk")[0],
        "person": User.objects.get(email="facilitator@munistem.example"),
        "call": soonest_first(calls_open(AnonymousUser()))[0],
        "meeting": meeting,
        "poll": meetings.get(state="poll"),
        "series": meeting.series,
    }
    return {name: thing.get_absolute_url() for name, thing in found.items()} | {
        "open_topic": in_community(open_community.slug),
        "request_topic": in_community("stem-managers"),
        "application": application.get_absolute_url(),
        "admin_application": reverse("admin:members_application_change", args=[application.pk]),
        "review": reverse("review_revision", args=[submitted.item.slug, submitted.number]),
        "line": reverse("edit_agenda_item", args=[meeting.pk, meeting.agenda.order_by("-pk")[0].pk]),
        "minutes": reverse("show_minutes", args=[earlier[0].pk]),
        "remarked": reverse("show_minutes", args=[held.pk]),
        "remarked_run": reverse("run_meeting", args=[held.pk]),
        "cluster_picture": reverse("show_cluster_picture", args=[karmiel.authority.cluster.slug]),
        "workspace": reverse("show_workspace", args=[Roundtable.objects.latest("pk").slug]),
        "silent": Organisation.objects.get(authority=831).slug,
        "comment": consultation.comments.order_by("pk")[0].pk,
        "word": "STEM",
    }


def addresses(places: dict[str, str]) -> Iterator[tuple[str | None, str]]:
    for who, table in ADDRESSES.items():
        for address in table.split():
            yield who, address.format(**places)


@pytest.mark.parametrize("language", ["he", "ar", "en"])
def test_every_page_is_open_to_everyone(desktop, login, demo, live_server, language):
    from members.models import User

    faults: list[str] = []

    @cache
    def page_of(who: str | None) -> Page:
        page = desktop(language)
        page.on("request", lambda request: refuse_strangers(request.url, live_server.url, faults))
        if who:
            User.objects.filter(email=f"{who}@munistem.example").update(language=language)
            login(page, User.objects.get(email=f"{who}@munistem.example"))
        return page

    for who, address in addresses(demo):
        found = look(page_of(who), address, language)
        faults += [f"{who or 'visitor'} at {address}: {fault}" for fault in found]
    assert not faults, f"{len(faults)} faults:\n" + "\n".join(faults)


def refuse_strangers(url: str, own: str, faults: list[str]) -> None:
    if not url.startswith((f"{own}/", "data:", "blob:")):
        faults.append(f"asks another host: {url}")


def look(page: Page, address: str, language: str) -> Iterator[str]:
    """What is wrong with this page."""
    page.emulate_media(color_scheme="light")
    page.set_viewport_size(WIDE)
    answer = page.goto(address)
    expected = 404 if "no-such" in address else 200
    if answer.status != expected:
        yield f"answers {answer.status}"
        return
    root = page.locator("html")
    if (root.get_attribute("lang"), root.get_attribute("dir")) != (
        language,
        "ltr" if language == "en" else "rtl",
    ):
        yield f"speaks {root.get_attribute('lang')}, {root.get_attribute('dir')}"
    if (count := page.locator("h1").count()) != 1:
        yield f"has {count} main headings"
    if language != "en" and "/admin/" not in address:
        yield from (f"English words: {words!r}" for words in foreign(own_words(page)))
    but = () if language == "he" else ("color-contrast",)
    yield from overflow(page, "wide")
    yield from find_violations(page, but=but)
    page.emulate_media(color_scheme="dark")
    page.set_viewport_size(NARROW)
    yield from overflow(page, "narrow")
    yield from (f"narrow and dark: {violation}" for violation in find_violations(page, but=but))


def own_words(page: Page) -> list[str]:
    """What the page says in its own language, titles and labels included."""
    return page.evaluate(OWN_WORDS)


def foreign(texts: list[str]) -> list[str]:
    """Texts without a word in the letters of the page's language; names and addresses within a sentence may be Latin."""
    return sorted(
        {text for text in texts if not OWN_LETTERS.search(text) and set(LATIN.findall(text)) - NAMES}
    )


def overflow(page: Page, width: str) -> Iterator[str]:
    whole, seen = settled(page).evaluate(WIDTHS)
    if whole > seen:
        yield f"{width}: scrolls sideways, {whole} in {seen} pixels"
