"""A manager on the phone asks colleagues about a case; months later it stands in the library as a case study."""

from datetime import datetime, time, timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from communities.actions.consultation import ask_for_outcomes
from communities.enums import Access
from communities.models import Consultation
from munistem.commons.days.working import is_working
from tests.browser.reader import Reader, address_in
from tests.communities.factories import make_community, make_membership
from tests.members.factories import make_authority, make_member, make_municipality, make_user

pytestmark = pytest.mark.django_db(transaction=True)
QUESTION = "Who opens our labs after school?"
ADVICE = "A page of agreement, and one coordinator of the community centre."
LINE = "You opened yours last year."


def manager(community, language, name, **fields):
    """The STEM manager of a municipality."""
    town = make_municipality(authority=make_authority(population=50_000, **fields))
    person = make_member(
        language=language, name=name, role_title="STEM manager", organisation=town, is_manager=True
    )
    return make_membership(community, person).person


@pytest.fixture
def on_phone(phone, login):
    def open_(person, language):
        return Reader(login(phone(language), person), language)

    return open_


def a_morning_after(day):
    """Nine o'clock of the first working day from this one on."""
    while not is_working(day):
        day += timedelta(days=1)
    return timezone.make_aware(datetime.combine(day, time(9, 5)))


@pytest.mark.parametrize("language", ["he", "ar"])
def test_consultation_becomes_a_published_case(on_phone, phone, letters, axe, language):
    community = make_community(access=Access.REQUEST, language=language, name="STEM")
    asking = manager(community, language, "Noa Levi")
    helping = manager(community, language, "Rami Haddad")
    silent = manager(community, language, "Dana Cohen", population_group="")

    noa = on_phone(asking, language).go(f"/communities/{community.slug}/topics/new/")
    noa.follow("Consult colleagues step by step")
    noa.fill("Your question", QUESTION)
    noa.fill("What is the case?", "Two labs are locked in the afternoon.")
    noa.press("Tell the case")
    noa.stands_before("Ask colleagues personally")
    axe(noa.page)
    noa.sees(noa.say("In a role like yours"))
    noa.page.get_by_label(helping.name).check()
    noa.page.get_by_label(silent.name).check()
    noa.fill("A few personal words", LINE)
    noa.press("Ask them")
    noa.stands_before_title(QUESTION)
    axe(noa.page)
    topic = noa.page.url.split("#")[0]

    [letter, *_rest] = letters(silent.email)  # not now, from the mail, without signing in
    assert LINE in letter.text
    stranger = Reader(phone(language), language).go(address_in(letter, "/peers/"))
    axe(stranger.page)
    stranger.press("Not now")
    stranger.reads("Noted. Nobody is told, and you are not asked about this again.")

    rami = on_phone(helping, language).go("/")
    rami.page.locator("main").get_by_role("link", name=QUESTION).first.click()
    rami.sees(LINE)
    rami.write("Your question", "Whose equipment is it?")
    rami.press("Ask")
    rami.sees("Whose equipment is it?")

    noa.go(topic)
    noa.follow("Answer", "verb")
    noa.write("Your answer", "It is the municipality's.")
    noa.press("Answer", "verb") if noa.find("button", "Answer", "verb").count() else noa.press("Answer")
    noa.sees("It is the municipality's.")
    noa.press("Now I ask for advice")

    rami.go(topic)
    rami.write("Your text", ADVICE)
    rami.press("Give advice")
    rami.sees(ADVICE)

    noa.go(topic)
    noa.press("I have enough to go on")
    noa.write("Your text", "One lab, two evenings a week.")
    noa.press("Tell what I take")
    noa.sees("One lab, two evenings a week.")
    assert letters(helping.email)[0].subject

    due = Consultation.objects.get().outcome_due_on
    assert ask_for_outcomes(a_morning_after(due)) == 1
    Consultation.objects.update(outcome_due_on=timezone.localdate())
    [letter, *_rest] = letters(asking.email)
    noa.go(address_in(letter, "/topics/"))
    noa.write("Your text", "Forty-eight children came, half of them girls.")
    noa.press("Tell what came of it")
    noa.follow("Into the library")
    axe(noa.page)
    noa.fill("In short", "Two labs were opened in the afternoon.")
    noa.choose("No – no personal details and no faces of children", "privacy")
    noa.press("Make the draft and ask them")
    noa.reads("Nobody yet. The draft names and quotes nobody until then.")

    [letter, *_rest] = letters(helping.email)
    assert ADVICE in letter.text
    stranger.go(address_in(letter, "/consents/"))
    axe(stranger.page)
    stranger.press("Yes, gladly", "consent")
    stranger.reads("Thank you. You are named as shown here.")

    noa.page.reload()
    noa.sees(helping.name)
    axe(noa.page)
    noa.press("Send it for review")
    noa.reads("It was sent; a knowledge manager reads it and you will hear from us.")

    reviewer = make_user(language=language, is_knowledge_manager=True)
    desk = on_phone(reviewer, language).go("/desk/")
    desk.page.locator("main").get_by_role("link", name=QUESTION).click()
    desk.choose("Yes to all six")
    desk.press("Publish it")
    [letter, *_rest] = letters(helping.email)
    assert QUESTION in letter.subject

    rami.go(address_in(letter, "/knowledge/"))
    rami.stands_before_title(QUESTION)
    for words in (
        ADVICE,
        "Two labs are locked",
        "One lab, two evenings",
        "Forty-eight children",
        helping.name,
    ):
        rami.sees(words)
    expect(rami.page.locator("main")).not_to_contain_text(silent.name)
    axe(rami.page)
