"""A case study is described in the fields of its kind, and written in another language: only what is asked is shown."""

import pytest
from playwright.sync_api import expect

from knowledge.models import Item
from tests.knowledge.factories import make_item
from tests.members.factories import make_member, make_organisation

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("script", [True, False])
def test_form_asks_what_the_kind_needs(phone, login, axe, script):
    """Without a script too: the choice of the kind shows its fields."""
    page = phone("he", java_script_enabled=script)
    login(page, make_member(is_manager=True, organisation=make_organisation()))
    page.goto("/knowledge/new/")
    cost, deadline = page.locator("#id_case_study-cost"), page.locator("#id_call-deadline")
    expect(cost).to_be_hidden()
    page.locator("[name=kind][value=call]").check()
    expect(deadline).to_be_visible()
    page.locator("[name=kind][value=case_study]").check()
    expect(deadline).to_be_hidden()
    cost.fill("40,000")
    page.locator("#id_title").fill("מעבדה בכל שכונה")
    page.locator("#id_summary").fill("שתים עשרה מעבדות בשנה.")
    page.locator("#id_case_study-done").fill("התחלנו מהמורות.")
    if script:
        axe(page)
    page.locator("[name=privacy][value=none]").check()
    page.locator("[name=deed][value=submit]").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("מעבדה בכל שכונה")
    expect(page.locator(".glance")).to_contain_text("40,000")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert Item.objects.get().revisions.get().details == {"cost": "40,000", "done": "התחלנו מהמורות."}


def test_reader_changes_to_the_own_language(phone, axe):
    item = make_item(
        title="מעבדה בכל שכונה", language="he", kind="case_study", details={"done": "התחלנו מהמורות."}
    )
    make_item(title="مختبر في كل حي", language="ar", edition_of=item, kind="case_study")
    page = phone("ar")
    page.goto("/knowledge/")
    page.get_by_role("link", name="مختبر في كل حي").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("مختبر في كل حي")
    axe(page)
    page.locator(".page-head a[hreflang=he]").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("מעבדה בכל שכונה")
    axe(page)
