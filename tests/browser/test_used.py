"""The library is used: a second municipality adapts a case and reports back; a followed search comes with the news."""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from knowledge.actions.adaptation import TERM, ask_how_it_went
from knowledge.actions.review import publish
from knowledge.enums import ItemKind, RevisionState
from knowledge.models import Adaptation, Follow
from munistem.commons.notices.digests import mail_digests
from tests.knowledge.factories import make_item
from tests.knowledge.test_news import next_sunday
from tests.members.factories import make_municipality, make_representative, make_user

pytestmark = pytest.mark.django_db(transaction=True)
#: Title, purpose, result and the name of the second municipality in each language.
TEXTS = {
    "he": ("אוטובוס מדע לכל בית ספר", "בשני בתי ספר, מאוקטובר", "ארבעים בנות נרשמו", "נצרת"),
    "ar": ("حافلة علوم لكلّ مدرسة", "في مدرستين منذ تشرين الأوّل", "سجّلت أربعون طالبة", "الناصرة"),
}


@pytest.fixture(params=["he", "ar"])
def language(request):
    return request.param


def manager_of(name, language):
    place = make_municipality(name_he=name, name_ar=name)
    person = make_representative(organisation=place, is_manager=True).person
    type(person).objects.filter(pk=person.pk).update(language=language)
    person.refresh_from_db()
    return person


def test_second_municipality_adapts_a_case_and_reports_back(reader, letters, language, axe):
    title, purpose, result, town = TEXTS[language]
    author, adapter = manager_of("כרמיאל", language), manager_of(town, language)
    item = make_item(
        title=title,
        language=language,
        kind=ItemKind.CASE_STUDY,
        created_by=author,
        organisation=author.acting_for,
    )

    second = reader(adapter).go(item.get_absolute_url())
    second.follow("We are adapting this")
    second.press("We are adapting this")  # what for?
    second.page.locator("[data-errors]").wait_for()
    second.fill("What do you want to do with it?", purpose)
    second.choose("Everyone", "adaptation")
    second.press("We are adapting this")
    second.reads("Those who wrote it know now, and you have a mail that says whom to ask.")
    axe(second.page)
    [letter, *_rest] = letters(author.email)
    assert purpose in letter.text

    ask_how_it_went(timezone.now() + TERM + timedelta(days=1))
    second.go("/")
    report = second.page.locator(f"main a[href='/adaptations/{Adaptation.objects.get().pk}/report/']")
    expect(report.first).to_be_visible()
    [letter, *_rest] = letters(adapter.email)
    address = next(word.strip("<>()") for word in letter.text.split() if "/tell/" in word)
    answering = reader()  # from the letter, without signing in
    answering.go(address[address.index("/adaptations/") :])
    answering.press("Tell how it went")
    answering.page.locator("[data-errors]").wait_for()
    answering.fill("What came of it?", result)
    answering.press("Tell how it went")
    answering.stands_before("Thank you")
    axe(answering.page)

    [letter, *_rest] = letters(author.email)
    assert result in letter.text
    visitor = reader().go(item.get_absolute_url())
    visitor.stands_before_title(title)
    visitor.sees(result)
    axe(visitor.page)
    visitor.named("link", town).first.click()
    visitor.sees(purpose)


def test_followed_search_comes_with_the_news(reader, letters, language):
    title, *_rest = TEXTS[language]
    follower = manager_of("כרמיאל", language)
    make_item(title=title, language=language)
    word = title.split()[0]

    library = reader(follower).go(f"/knowledge/?q={word}")
    library.press("Follow this")
    library.find("button", "Followed").wait_for()
    Follow.objects.update(followed_at=timezone.now() - timedelta(days=1))

    new = make_item(RevisionState.SUBMITTED, title=f"{title} 2", language=language)
    publish(by=make_user(is_knowledge_manager=True), revision=new.revisions.get())
    letters(follower.email)  # the worker looks who follows it
    assert mail_digests("weekly", now=next_sunday(timezone.now())) == 1
    [letter, *_rest] = letters(follower.email)
    assert f"{title} 2" in letter.text
    assert word in letter.text

    library.go("/me/follows/")
    library.page.locator("main .rows").get_by_role("button").first.click()
    library.reads("You do not follow this any more.")
    assert not Follow.objects.exists()
