"""Somebody joins a community and asks; a colleague answers; the answer is accepted, and the bell and the mail say so."""

import re

import pytest
from django.contrib.sessions.models import Session
from playwright.sync_api import expect

from communities.enums import Access
from tests.commons.factories import pdf
from tests.communities.factories import make_community, make_membership
from tests.members.factories import make_member

pytestmark = pytest.mark.django_db(transaction=True)
QUESTION = "How do you pay for the robots?"
ANSWER = "From the budget of the youth department."


def test_question_with_a_file_is_answered_and_the_answer_accepted(reader, letters, language):
    community = make_community(access=Access.OPEN, language=language)
    asking = make_member(language=language, name="Noa Levi")
    answering = make_membership(community, make_member(language=language, name="Rami Haddad")).person

    noa = reader(asking).go("/communities/")
    noa.page.get_by_role("link", name=community.name).click()
    noa.press("Join the community")
    noa.follow("Open a topic")
    noa.choose("Question", "topic")
    noa.fill("Title", QUESTION)
    noa.write("What would you like to tell or ask?", "Two schools ask, and the budget is small.")
    noa.attach("Files", "plan.pdf", pdf("Robots"))
    noa.press("Open the topic")
    noa.stands_before_title(QUESTION)
    noa.sees("plan.pdf")
    topic = noa.page.url

    rami = reader(answering).go("/communities/")
    rami.named("link", community.name).first.click()
    rami.page.get_by_role("link", name=QUESTION).click()
    rami.write("Your answer", ANSWER)
    while not any(key.startswith("kept:") for key in rami.page.evaluate("Object.keys(localStorage)")):
        rami.page.wait_for_timeout(100)
    rami.go("/me/notices/").go(topic)
    rami.reads("We kept what you wrote here before.")
    expect(rami.page.locator("[contenteditable=true]")).to_have_text(ANSWER)  # not its marks
    rami.attach("Files", "budget.pdf", pdf("Youth"))
    expect(rami.page.locator("input[name='files-sent']")).to_have_count(1)
    rami.press("Post the answer")
    expect(rami.page).to_have_url(
        re.compile(r"#post-\d+$")
    )  # before one's own answer, though a script sent it
    expect(rami.page.get_by_role("article").filter(has_text=ANSWER)).to_be_visible()

    [letter, *_rest] = letters(asking.email)
    assert QUESTION in letter.subject
    assert ANSWER in letter.text
    noa.go("/communities/")
    bell = noa.find("link", "Notices")
    expect(bell).to_contain_text("1")
    bell.click()
    noa.page.locator("main").get_by_role("link", name=QUESTION).click()
    noa.press("Accept as the answer")
    noa.reads("Accepted answer")
    assert noa.page.url.split("#")[0] == topic.split("#")[0]

    [thanks, *_rest] = letters(answering.email)
    assert QUESTION in thanks.subject
    rami.go("/me/notices/")
    rami.page.locator("main").get_by_role("link", name=QUESTION).first.click()
    rami.reads("Accepted answer")
    expect(rami.find("link", "Notices")).not_to_contain_text("1")


@pytest.mark.parametrize("has_file", [False, True])
def test_what_was_written_outlives_a_session_that_ended(reader, login, language, has_file):
    person = make_membership(make_community(slug="talk"), make_member(language=language)).person
    noa = reader(person).go("/communities/talk/topics/new/")
    noa.fill("Title", QUESTION)
    noa.write("What would you like to tell or ask?", "Two schools ask, and the budget is small.")
    if has_file:
        noa.attach("Files", "plan.pdf", pdf("Robots"))
        expect(noa.page.locator("input[name='files-sent']")).to_have_count(1)
    Session.objects.all().delete()
    noa.press("Open the topic")
    expect(noa.page).to_have_url(re.compile("/accounts/login/"))
    login(noa.page, person, False)
    noa.go("/communities/talk/topics/new/")
    noa.reads("We kept what you wrote here before.")
    expect(noa.page.get_by_label(noa.say("Title")).first).to_have_value(QUESTION)
    noa.press("Open the topic")
    noa.stands_before_title(QUESTION)
    noa.go("/communities/talk/topics/new/")  # sent and accepted: nothing is kept any longer
    expect(noa.page.get_by_label(noa.say("Title")).first).to_have_value("")
