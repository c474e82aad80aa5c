"""A manager hands the STEM role to a colleague, who opens the pack: the open plan is theirs, and one button takes the seat."""

import pytest
from playwright.sync_api import expect

from communities.enums import Access
from members.models import RoleHolding
from tests.communities.factories import make_community, make_membership
from tests.members.factories import make_holding, make_municipality, make_representative, make_user
from tests.policy.factories import make_endorsement
from tests.policy.programmes import make_plan_item

pytestmark = pytest.mark.django_db(transaction=True)
PLANNED = {"he": "לפתוח קבוצת רובוטיקה לבנות", "ar": "فتح مجموعة روبوتيكا للبنات"}
CIRCLE = {"he": "מנהלות ומנהלי STEM", "ar": "مديرات ومديرو STEM"}
NAMES = {"he": ("יעל כרמי", "נועם לביא"), "ar": ("رنا خوري", "سامي حداد")}


def test_role_is_handed_over_with_all_that_hangs_on_it(journey, login, axe):
    page, language = journey
    town = make_municipality(name_he="כרמיאל", name_ar="كرميئيل")
    manager, successor = (make_user(name=name, language=language) for name in NAMES[language])
    make_representative(manager, town, is_manager=True)
    make_representative(successor, town)
    make_holding(town.authority, manager)
    make_plan_item(manager, town.authority, what=PLANNED[language])
    make_endorsement(town, responsible=manager.name)
    circle = make_community(access=Access.OPEN, name=CIRCLE[language])
    make_membership(circle, manager)

    login(page, manager)
    page.goto(f"/authorities/{town.authority_id}/")
    expect(page.locator("#role .person__name")).to_have_text(manager.name)
    page.locator(f"#role a[href='/authorities/{town.authority_id}/role/']").click()
    axe(page)
    page.locator("#appoint button[data-kind=primary]").click()
    expect(page.locator("main .form [aria-invalid=true]").first).to_be_visible()
    page.locator("#id_person").select_option(label=successor.name)
    page.locator("#appoint button[data-kind=primary]").click()
    expect(page.locator("#role .person__name")).to_have_text(successor.name)
    axe(page)
    assert RoleHolding.objects.open().get().person == successor

    login(page, successor)
    page.goto("/")
    expect(page.locator("main").get_by_text(PLANNED[language]).first).to_be_visible()
    page.goto("/me/notices/")
    page.locator("main .row a").first.click()
    page.wait_for_url("**/handover/")
    expect(page.locator("#due")).to_contain_text(PLANNED[language])
    expect(page.locator("#due")).to_contain_text(successor.name)
    expect(page.locator("#promises")).to_contain_text(successor.name)
    axe(page)
    page.locator("#communities button").click()
    expect(page.locator("#communities")).to_have_count(0)
    with page.expect_download() as download:
        page.locator(".page-head a[data-kind=primary]").click()
    assert download.value.suggested_filename == f"handover-{town.authority_id}.pdf"
    width = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    assert width <= 0
