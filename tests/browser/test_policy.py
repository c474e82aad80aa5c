"""A municipality endorses a recommendation with a signed page, an admin confirms it, and the town reports progress."""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from tests.commons.factories import pdf
from tests.members.factories import make_admin, make_member, make_municipality
from tests.policy.factories import make_recommendation

pytestmark = pytest.mark.django_db(transaction=True)
REPORT = "Two schools have begun, and a third follows in spring."


def test_recommendation_is_endorsed_confirmed_and_reported_on(reader, letters, language):
    town = make_municipality()
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
