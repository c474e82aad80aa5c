"""How an item is cited, in the letters of three languages."""

from datetime import date

import pytest

from knowledge.actions import citations
from knowledge.actions.citations import Work

WORK = {
    "key": "munistem7",
    "author": "Karmiel",
    "is_body": True,
    "title": "A lab in every school",
    "published_on": date(2026, 11, 26),
    "url": "https://portal.example/knowledge/lab/",
    "language": "en",
    "kind": "guide",
}


def work(**fields):
    return Work(**{**WORK, **fields})


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({}, "Karmiel. (2026, November 26). <cite>A lab in every school.</cite> muni:STEM. https://portal.example/knowledge/lab/"),
        (
            {"author": "Dana Levi-Cohen", "is_body": False},
            "Levi-Cohen, D. (2026, November 26). <cite>A lab in every school.</cite> muni:STEM. https://portal.example/knowledge/lab/",
        ),
        (
            {"author": "muni:STEM", "title": "Why labs?"},
            "muni:STEM. (2026, November 26). <cite>Why labs?</cite> https://portal.example/knowledge/lab/",
        ),
        (
            {"author": "דנה לוי", "is_body": False, "language": "he", "title": "מעבדה בכל בית ספר"},
            None,
        ),
        ({"title": "<b>x</b>"}, "Karmiel. (2026, November 26). <cite>&lt;b&gt;x&lt;/b&gt;.</cite> muni:STEM. https://portal.example/knowledge/lab/"),
    ],
)  # fmt: skip
def test_apa(fields, words):
    said = citations.apa(work(**fields))
    if words is None:
        assert said.startswith("דנה לוי. (2026")
        assert "<cite>מעבדה בכל בית ספר.</cite>" in said
    else:
        assert said == words


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({}, "Karmiel. 2026. “A lab in every school.” muni:STEM. November 26, 2026. https://portal.example/knowledge/lab/"),
        ({"author": "Dana Levi", "is_body": False}, "Levi, Dana. 2026. “A lab in every school.” muni:STEM. November 26, 2026. https://portal.example/knowledge/lab/"),
    ],
)  # fmt: skip
def test_chicago(fields, words):
    assert citations.chicago(work(**fields)) == words


def test_chicago_quotes_as_each_language_does():
    assert "”מעבדה”." in citations.chicago(work(language="he", title="מעבדה"))
    assert "«مختبر»." in citations.chicago(work(language="ar", title="مختبر"))


def test_bibtex_prints_signs_of_tex_as_they_are():
    entry = citations.bibtex(work(author="A & B_{x}", title="100% of #1 \\input{x} ~^", summary="a\nb"))
    assert entry.startswith("@online{munistem7,\n")
    assert r"{A \& B\_\{x\}}" in entry
    assert r"100\% of \#1 \textbackslash{}input\{x\} \textasciitilde{}\textasciicircum{}" in entry
    assert "{a b}" in entry
    assert entry.count("{") - entry.count("\\{") == entry.count("}") - entry.count("\\}")


def test_bibtex_of_a_person_is_no_body():
    assert "= {Dana Levi}" in citations.bibtex(work(author="Dana Levi", is_body=False))
    assert "= {{Karmiel}}" in citations.bibtex(work())


def test_ris_is_one_line_a_field_and_ends():
    record = citations.ris(
        work(author="Dana Levi", is_body=False, kind="video", summary="a\nER  - \nb", keywords=("x", "y"))
    )
    lines = record.split("\r\n")
    assert lines[0] == "TY  - VIDEO"
    assert lines[-2:] == ["ER  - ", ""]
    assert "AU  - Levi, Dana" in lines
    assert "AB  - a ER - b" in lines
    assert [line for line in lines if line.startswith("KW")] == ["KW  - x", "KW  - y"]
    assert sum(line.startswith("ER") for line in lines) == 1
