"""A municipality applies, is asked and answers, is approved in the admin, and its first person comes in."""

import pytest
from playwright.sync_api import expect

from tests.browser.reader import address_in, code_in
from tests.members.factories import make_admin, make_authority

pytestmark = pytest.mark.django_db(transaction=True)
NAMES = {"he": "כרמיאל", "en": "Karmiel"}
PERSON, ADDRESS = "Dana Cohen", "dana@karmiel.example"
QUESTION, ANSWER = "How many schools do you have?", "Fourteen, and six kindergartens."


def test_municipality_applies_is_asked_approved_and_comes_in(reader, letters, language):
    make_authority(cbs_code=1139, name_he="כרמיאל", name_ar="كرميئيل", name_en="Karmiel")
    admin = make_admin(language=language)
    name = NAMES[language]

    dana = reader().go("/")
    dana.follow("Apply to join")
    dana.choose("Municipality")
    dana.press("Continue")
    place = dana.find("combobox", "Your municipality")
    place.press_sequentially("كرمي")  # any of its names
    dana.named("option", name).click()
    expect(place).to_have_value(name)
    dana.press("Continue")
    dana.fill("Your name", PERSON)
    dana.fill("E-mail address at work", ADDRESS)
    dana.fill("Your role", "STEM manager")
    dana.fill("What do you hope to find in the network?", "Colleagues who began before us.")
    dana.press("Continue")  # the consents are missing, and are asked for
    dana.reads("Only who works for the organisation can apply for it.")
    dana.choose("I work for this organisation and may apply on its behalf.")
    dana.choose("I agree to the terms of use, and that what I wrote is kept to handle the application.")
    dana.press("Continue")
    dana.sees(PERSON)
    dana.press("Send the application")
    dana.reads("Look into your mail")

    [letter] = letters(ADDRESS)
    dana.go(address_in(letter, "/join/confirm/"))
    dana.press("Yes, this address is mine")
    dana.reads("It is with us")
    status = dana.page.url
    [receipt, *_rest] = letters(ADDRESS)

    desk = reader(admin, second_factor=True).go("/desk/")
    desk.named("link", name).first.click()
    desk.open("Ask a question")
    desk.fill("What would you like to know?", QUESTION)
    desk.press("See the letter first")
    desk.sees(QUESTION)
    assert letters(ADDRESS)[0] == receipt  # nothing has gone out yet
    desk.press("Send it")
    desk.reads("The question is on its way.")
    [letter, *_rest] = letters(ADDRESS)
    assert QUESTION in letter.text
    dana.page.goto(status)
    dana.sees(QUESTION)
    dana.fill("Your answer", ANSWER)
    dana.press("Send the answer")
    dana.sees(ANSWER)

    desk.go("/desk/")
    desk.named("link", name).first.click()
    desk.sees(ANSWER)
    desk.press("See the letter first")
    desk.reads(
        'This letter goes to <bdi dir="ltr">%(email)s</bdi> when you press the button below; nothing has happened yet.',
        email=ADDRESS,
    )
    desk.press("Send it")
    desk.reads("Approved. The organisation is a member, and its first manager was told by mail.")
    [welcome, *_rest] = letters(ADDRESS)
    dana.go(address_in(welcome, "/join/"))
    dana.press("Mail me a code and sign in")
    dana.stands_before("The code we sent you")
    [letter, *_rest] = letters(ADDRESS)
    dana.page.get_by_role("main").get_by_role("textbox").first.fill(code_in(letter))
    dana.press("Confirm")
    dana.stands_before("My day")
    dana.sees(PERSON)
