"""What the ground knows of people's words."""

import pytest
from django.utils import translation

from munistem.commons.templatetags.attributes import isolated, web
from munistem.commons.templatetags.furniture import mailbox
from munistem.commons.text.addresses import path_of
from munistem.commons.text.html import MOST_TAGS, clean, plain
from munistem.commons.text.languages import direction_of
from munistem.commons.text.names import listed


@pytest.mark.parametrize(
    ("text", "direction"),
    [
        ("STEM בגיל הרך", "rtl"),
        ("STEM في السلطات العربية", "rtl"),
        ("<mark>STEM</mark> בגיל הרך", "rtl"),
        ("What peers abroad learned about ירוחם", "ltr"),
        ("Funders and partners", "ltr"),
        ("2026 – 17", "auto"),
        ("", "auto"),
    ],
)
def test_a_line_runs_as_most_of_its_letters_do(text, direction):
    assert direction_of(text) == direction


@pytest.mark.parametrize(
    ("stored", "leads_to"),
    [
        ("https://example.org/page", "https://example.org/page"),
        ("HTTP://example.org", "HTTP://example.org"),
        ("javascript:alert(1)//", "#"),
        (" data:text/html,x", "#"),
        ("", "#"),
        (None, "#"),
    ],
)
def test_a_link_leads_to_the_web_or_nowhere(stored, leads_to):
    assert web(stored) == leads_to


@pytest.mark.parametrize(
    ("language", "said"), [("he", "גודל, מגזר"), ("ar", "גודל، מגזר"), ("en", "גודל, מגזר")]
)
def test_things_in_a_row_stand_with_the_comma_of_the_language(language, said):
    with translation.override(language):
        assert listed(["גודל", "מגזר"]) == said


@pytest.mark.parametrize("tag", ["<div>", "<blockquote>", "<b>", "<table><td>"])
def test_text_nested_without_end_keeps_its_words_and_loses_its_shape(tag):
    hostile = tag * 100_000 + "words <"
    assert clean(hostile) == "<p>words &lt;</p>"
    assert plain(hostile) == "words <"


def test_text_with_as_many_tags_as_a_long_table_keeps_its_shape():
    rows = "<p>row</p>" * (MOST_TAGS // 2)
    assert clean(rows) == rows
    assert plain(rows + "<p>one more</p>").splitlines()[-1] == "one more"


def test_names_in_a_sentence_run_in_their_own_direction():
    assert isolated("STEM في السلطات العربية") == '<bdi dir="rtl">STEM في السلطات العربية</bdi>'
    assert isolated("A <b>") == '<bdi dir="ltr">A &lt;b&gt;</bdi>'


def test_mail_address_breaks_before_its_at_only():
    assert mailbox("library-4-x@reply.example") == (
        '<span class="unbroken">library-4-x</span><wbr><span class="unbroken">@reply.example</span>'
    )
    assert "&lt;b" in mailbox("<b@reply.example")


@pytest.mark.parametrize(
    ("typed", "path"),
    [
        ("https://portal.example/knowledge/labs/?q=1#x", "/knowledge/labs/"),
        ("a title", "a title"),
        ("http://[bad.example/x", ""),
        ("//[", ""),
    ],
)
def test_path_of_an_address_as_it_was_pasted(typed, path):
    assert path_of(typed) == path
