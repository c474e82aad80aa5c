"""A member reads the portal in Arabic on a phone: from My day through the five places, all of it from right to left."""

import pytest
from playwright.sync_api import expect

from communities.enums import Access
from tests.browser.reader import Reader
from tests.browser.test_pages import foreign, overflow, own_words
from tests.communities.factories import make_community, make_topic
from tests.knowledge.factories import make_item
from tests.members.factories import make_member, make_municipality
from tests.policy.factories import make_endorsement, make_recommendation, make_roundtable

pytestmark = pytest.mark.django_db(transaction=True)
PLACES = ["My day", "Communities", "Knowledge", "Policy", "Organisations"]


def test_member_reads_the_five_places_in_arabic(phone, login):
    town = make_municipality()
    member = make_member(language="he", organisation=town)
    make_topic(make_community(access=Access.OPEN, language="ar"))
    make_item(language="ar")
    roundtable = make_roundtable(question_ar="ماذا تستطيع البلدية أن تفعل؟")
    make_endorsement(town, make_recommendation(roundtable=roundtable, summary_ar="البلدية تقود."))

    salma = Reader(login(phone("he"), member), "he").go("/")
    salma.open("Language")
    salma.page.locator("header a[hreflang=ar]").click()
    salma.language = "ar"
    for place in PLACES:
        link = salma.page.get_by_role("navigation").get_by_role("link", name=salma.say(place), exact=True)
        link.filter(visible=True).first.click()
        expect(salma.page.locator("html")).to_have_attribute("lang", "ar")
        expect(salma.page.locator("html")).to_have_attribute("dir", "rtl")
        expect(link.filter(visible=True).first).to_have_attribute("aria-current", "page")
        assert foreign(own_words(salma.page)) == []
        assert list(overflow(salma.page, place)) == []
