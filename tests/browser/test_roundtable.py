"""From a roundtable to a recommendation that the network adopted: written down, drafted, consulted on, adopted, read."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from policy.models import Consultation, Contribution, Recommendation, RecommendationVersion
from tests.members.factories import make_admin, make_municipality, make_representative, make_user
from tests.policy.factories import make_roundtable

pytestmark = pytest.mark.django_db(transaction=True)
SENDS = "main form button[data-kind=primary]"
WORDS = {
    "he": {
        "said": "צריך מעבדה בכל שכונה, לא רק במרכז העיר.",
        "title": "מעבדה בכל שכונה",
        "why": "מי שגרה רחוק לא מגיעה.\n\nמעבדה קרובה משנה את זה.",
        "comment": "ומי ישלם על הצוות?",
        "answer": "הוספנו את זה לעלות.",
    },
    "ar": {
        "said": "نحتاج مختبرًا في كل حيّ، لا في مركز المدينة فقط.",
        "title": "مختبر في كل حيّ",
        "why": "من تسكن بعيدًا لا تصل.\n\nالمختبر القريب يغيّر ذلك.",
        "comment": "ومن يدفع أجر الطاقم؟",
        "answer": "أضفنا ذلك إلى التكلفة.",
    },
}


@pytest.fixture
def people(settings):
    settings.IS_SECOND_FACTOR_REQUIRED = False
    town = make_municipality(name_he="כרמיאל", name_ar="كرميئيل")
    return {
        "convener": make_user(name="נועה"),
        "member": make_representative(organisation=town).person,
        "admin": make_admin(name="אביגיל"),
    }


@pytest.fixture
def table(people):
    table = make_roundtable(title_he="מי לא מגיעה?", title_ar="من لا تصل؟")
    table.conveners.add(people["convener"])
    return table


def walk(open_page, login, axe, people, table, language):
    words = WORDS[language]
    page = login(open_page(language), people["convener"])
    page.goto(f"/policy/roundtables/{table.slug}/workspace/")
    axe(page)
    page.locator("a[href$='contributions/new/']").first.click()
    page.locator("[name=text]").fill(words["said"])
    page.locator("[name=language]").select_option(language)
    page.locator("[name=table]").fill("4")
    page.locator(SENDS).click()
    expect(page.locator("#said")).to_contain_text(words["said"])
    page.locator("a[href$='drafts/new/']").click()
    page.locator("[name=title_he]").fill(WORDS["he"]["title"])
    page.locator("[name=slug]").fill("lab-in-every-quarter")
    page.locator(SENDS).click()
    expect(page).to_have_url(re.compile("versions/1/edit/$"))
    write(page, language)
    axe(page)
    page.locator(SENDS).click()
    expect(page.locator("h1")).to_have_text(words["title"])
    page.goto(f"/policy/roundtables/{table.slug}/workspace/")
    page.locator("[name=contributions]").check()
    page.locator("#said form button").click()
    expect(page.locator("#drafts")).to_contain_text(words["title"])
    return page


def write(page, language):
    page.locator("[name=rationale_he]").fill(WORDS["he"]["why"])
    page.locator("[name=actions_he]").fill("לבחור שכונה\nלמנות רכזת")
    if language == "ar":
        page.locator("details:has([name=title_ar]) > summary").click()
        page.locator("[name=title_ar]").fill(WORDS["ar"]["title"])
        page.locator("[name=rationale_ar]").fill(WORDS["ar"]["why"])
        page.locator("[name=follows_ar]").check()
    page.locator("[name=indicators][value=girls_share]").check()


def consult(page, login, axe, people, language):
    words, draft = WORDS[language], RecommendationVersion.objects.get()
    page.goto(f"{draft.get_absolute_url()}open/")
    page.locator("[name=until_on]").fill((timezone.localdate() + timedelta(days=20)).isoformat())
    page.locator(SENDS).click()
    expect(page).to_have_url(re.compile("/policy/consultations/"))
    url = Consultation.objects.get().get_absolute_url()
    login(page, people["member"]).goto("/policy/")
    page.locator(f"a[href='{url}']").click()
    paragraph = page.locator("#rationale-2")
    paragraph.locator("summary").click()
    paragraph.locator("[name=body]").fill(words["comment"])
    paragraph.locator("button").click()
    expect(page.locator(".comment")).to_contain_text(words["comment"])
    axe(page)
    login(page, people["convener"]).goto(url)
    page.locator(".comment summary").click()
    page.locator(".comment [name=outcome][value=taken]").check()
    page.locator(".comment [name=answer]").fill(words["answer"])
    page.locator(".comment button").click()
    expect(page.locator(".comment__answer")).to_contain_text(words["answer"])
    page.locator("form[action$='/close/'] button").click()
    expect(page.locator("form[action$='/close/']")).to_have_count(0)
    page.locator("form[action$='/versions/next/'] button").click()
    page.locator("[name=cost_he]").fill("רבע משרה לרכזת.")
    page.locator(SENDS).click()
    expect(page).to_have_url(re.compile("/versions/2/$"))


def adopt(page, login, axe, people, language):
    second = RecommendationVersion.objects.get(number=2)
    login(page, people["admin"]).goto(f"{second.get_absolute_url()}adopt/")
    page.locator(SENDS).click()
    expect(page).to_have_url(re.compile("/policy/recommendations/lab-in-every-quarter/$"))
    page.context.clear_cookies(name="sessionid")
    page.goto(f"{second.get_absolute_url()}changes/?edition=he")
    expect(page.locator("ins").last).to_contain_text("רבע משרה")
    page.goto("/policy/recommendations/lab-in-every-quarter/")
    expect(page.locator("h1")).to_have_text(WORDS[language]["title"])
    expect(page.locator("#timeline li")).not_to_have_count(0)
    axe(page)
    assert Recommendation.objects.get().current_version == second
    assert second.sources.get().contribution == Contribution.objects.get()


def test_roundtable_becomes_an_adopted_recommendation(device, login, axe, people, table):
    page = walk(device, login, axe, people, table, "he")
    consult(page, login, axe, people, "he")
    adopt(page, login, axe, people, "he")


def test_roundtable_becomes_an_adopted_recommendation_in_arabic(phone, login, axe, people, table):
    for person in people.values():
        person.language = "ar"
        person.save()
    page = walk(phone, login, axe, people, table, "ar")
    consult(page, login, axe, people, "ar")
    adopt(page, login, axe, people, "ar")
