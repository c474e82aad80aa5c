"""The frame in a browser: the tools of the journeys themselves, and every component on the style guide."""

import pytest

from tests.browser.conftest import find_violations


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("language", ["he", "ar", "en"])
@pytest.mark.parametrize("is_dark", [False, True], ids=["light", "dark"])
def test_style_guide_is_accessible(desktop, axe, language, is_dark):
    page = desktop(language, is_dark=is_dark)
    page.goto("/styleguide/")
    assert page.locator("html").get_attribute("lang") == language
    assert page.locator("html").get_attribute("dir") == ("ltr" if language == "en" else "rtl")
    axe(page)


@pytest.mark.console_errors
def test_policy_holds_against_code_in_the_page(desktop):
    page = desktop("en")
    page.goto("/styleguide/")
    page.evaluate(
        "() => { const code = document.createElement('script'); code.textContent = 'window.broken = 1';"
        " document.head.append(code) }"
    )
    assert page.evaluate("() => window.broken") is None


def test_axe_sees_what_is_wrong(desktop):
    page = desktop("en")
    page.goto("/accounts/login/")
    page.evaluate("() => document.querySelector('main').append(document.createElement('img'))")
    assert [violation.split()[0] for violation in find_violations(page)] == ["image-alt"]
