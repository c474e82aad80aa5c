"""The library and its search without a script: every stage, facet and order is an address, and every form a form."""

import re

import pytest
from playwright.sync_api import expect

from communities.enums import Access
from tests.communities.factories import make_community, make_topic
from tests.knowledge.factories import make_item

pytestmark = pytest.mark.django_db(transaction=True)
TITLES = {
    "he": ("מדריך לרובוטיקה", "רובוטיקה אצל מעסיקים"),
    "ar": ("دليل الروبوتات", "الروبوتات لدى المشغّلين"),
}


@pytest.mark.parametrize("language", ["he", "ar"])
def test_library_and_search_are_walked_without_a_script(phone, language):
    guide, case = TITLES[language]
    make_item(title=guide, language=language, kind="guide", life_stages=["primary"])
    make_item(title=case, language=language, kind="case_study", life_stages=["employment"])
    make_topic(make_community(access=Access.OPEN), title=guide.split()[-1])  # another kind of what is found
    page = phone(language, java_script_enabled=False)
    main = page.locator("main")

    def stands(*titles):
        for title in TITLES[language]:
            found = main.get_by_role("link", name=re.compile(re.escape(title)))
            expect(found).to_have_count(1 if title in titles else 0)

    page.goto("/knowledge/")
    stands(guide, case)
    main.locator("a[href*='stage=primary']").first.click()
    expect(page).to_have_url(re.compile("stage=primary"))
    stands(guide)

    page.locator("#find").fill(guide.split()[-1])
    page.locator("#find").press("Enter")
    expect(page).to_have_url(re.compile("/search/"))
    stands(guide, case)
    main.locator("a[href*='in=items']").first.click()
    expect(page).to_have_url(re.compile("in=items"))
    stands(guide, case)
    main.locator("summary").filter(visible=True).first.click()
    main.locator("a[href*='kind=case_study']").first.click()
    expect(page).to_have_url(re.compile("kind=case_study"))
    stands(case)
    main.get_by_role("link", name=re.compile(re.escape(case))).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(case)
