"""A municipality endorses a recommendation with a signed page, an admin confirms it, and the town reports progress."""

from datetime import date, timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from members.enums import OrganisationType
from munistem.commons.mail import receiving
from munistem.commons.mail.addresses import address_of
from policy.actions.periods import ask_for_reports
from policy.enums import EndorsementState
from policy.models import Endorsement, ProgressReport, Recommendation
from policy.models.period import opening_of
from tests.browser.reader import address_in
from tests.commons.factories import pdf, written
from tests.members.factories import (
    make_admin,
    make_authority,
    make_member,
    make_municipality,
    make_organisation,
)
from tests.policy.factories import make_endorsement, make_recommendation

pytestmark = pytest.mark.django_db(transaction=True)
#: One word by mail, in the person's language.
DONE = {"he": "בוצע", "ar": "تم", "en": "Done"}
REPORT = "Two schools have begun, and a third follows in spring."


@pytest.fixture(
    params=[("desktop", "he"), ("phone", "he"), ("phone", "ar"), ("desktop", "en")],
    ids=["desktop-he", "phone-he", "phone-ar", "desktop-en"],
)
def place(request):
    return request.param


@pytest.fixture
def language(place):
    return place[1]


@pytest.fixture
def device(place, open_page):
    return lambda language, **options: open_page(place[0], language, **options)


def test_recommendation_is_endorsed_confirmed_and_reported_on(reader, letters, language, settings):
    settings.INBOUND_DOMAIN = "in.portal.example"
    town = make_municipality(name_ar="بلدة الرمال")
    name = getattr(town, f"name_{language}")
    person, admin = make_member(language=language, organisation=town), make_admin(language=language)
    recommendation = make_recommendation()
    title = getattr(recommendation, f"title_{language}")

    mayor = reader(person).go("/policy/")
    mayor.page.locator("main").get_by_role("link", name=title).click()
    mayor.follow("Answer for <bdi>%(name)s</bdi>", name=name)
    mayor.choose("We endorse it: it was decided, and we report on what becomes of it.")
    mayor.choose("Council decision")
    mayor.fill("Date of the decision", timezone.localdate().isoformat())
    mayor.fill("Who is responsible?", "Dana Levi")
    mayor.fill("What is done first?", "Name a manager")
    mayor.fill("By when?", (timezone.localdate() + timedelta(days=300)).isoformat())
    mayor.press("Send the answer")
    mayor.reads("Attach the signed page.")  # and the rest is kept
    mayor.attach("The signed page", "signed.pdf", pdf("Signed"))
    mayor.press("Send the answer")
    mayor.reads(
        "It waits for an admin of the network. Only your colleagues and the admins see it until then."
    )
    answer = mayor.page.url

    visitor = reader()
    assert visitor.page.goto(answer).status == 404
    [letter, *_rest] = letters(admin.email)
    assert title in letter.subject
    keeper = reader(admin, second_factor=True).go("/desk/")
    keeper.page.locator("main").get_by_role("link", name=title).click()
    with keeper.page.expect_download() as download:
        keeper.page.locator("main").get_by_role("link", name="signed.pdf", exact=True).click()
    assert download.value.suggested_filename == "signed.pdf"
    keeper.press("Confirm the answer")
    keeper.reads("Confirmed", "endorsement")

    [letter, *_rest] = letters(person.email)
    assert title in letter.subject
    mayor.page.goto(answer)
    mayor.follow("Report progress")
    mayor.choose("Under way", "progress")
    mayor.fill("What was done since the last report, and what comes next?", REPORT)
    mayor.press("Send the report")
    mayor.sees(REPORT)

    visitor.go("/policy/adoption/").sees(name)
    visitor.page.goto(answer)
    visitor.sees(REPORT)
    expect(visitor.page.get_by_role("link", name="signed.pdf")).to_have_count(0)

    before = len(letters(person.email))
    with pytest.MonkeyPatch.context() as clock:  # a year later the next period opens
        Endorsement.objects.update(answered_at=timezone.now() - timedelta(days=400))
        ProgressReport.objects.update(reported_at=timezone.now() - timedelta(days=400))
        clock.setattr(timezone, "localdate", lambda *_args: opening_of(date.today()))
        ask_for_reports()
    letter = letters(person.email)[0]
    assert len(letters(person.email)) == before + 1
    address = address_of("progress", Endorsement.objects.get().pk, person.pk)
    receiving.receive(written(person, address, DONE[language]).as_bytes(), address)
    [told, *_rest] = letters(person.email)
    assert told.subject != letter.subject
    visitor.page.goto(answer)
    visitor.sees(visitor.say("Done", "progress"))


def test_cluster_endorses_with_its_members(reader, letters, language):
    cluster = make_organisation(type=OrganisationType.CLUSTER)
    town = make_municipality(name_ar="بلدة الرمال", authority=make_authority(cluster=cluster.cluster))
    person = make_member(language=language, organisation=town, is_manager=True)
    convener = make_member(language=language, organisation=cluster)
    recommendation = make_recommendation()
    joint = make_endorsement(cluster, recommendation, submitted_by=convener, state=EndorsementState.WAITING)
    keeper = reader(make_admin(language=language), second_factor=True).go(joint.get_absolute_url())
    keeper.press("Confirm the answer")
    keeper.reads("Confirmed", "endorsement")

    [letter, *_rest] = letters(person.email)
    mayor = reader().go(address_in(letter, "/policy/vouch/"))  # without signing in
    mayor.press("Yes, we take part")
    mayor.reads("Thank you: your municipality takes part, and is counted once.")

    visitor = reader().go(joint.get_absolute_url())
    visitor.sees(getattr(town, f"name_{language}"))
    visitor.reads("Takes part")
    assert Recommendation.objects.with_endorsed_count().get().endorsed_count == 1
