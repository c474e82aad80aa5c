"""Pages on paper: what they say, in which order, and that nothing people wrote is run."""

import re

import pypdfium2
import pytest

from munistem.commons import pdf
from munistem.commons.pdf import setting
from munistem.commons.pdf.glyphs import covered, drawable
from munistem.commons.pdf.tree import MOST_COLUMNS, of_text
from tests.moments import worked

LISTS = "<ul><li>ראשון<ul><li>פנימי<ol><li>עמוק</li></ol></li></ul></li><li>שני</li></ul>"
TABLE = "<table><tbody><tr><th><p>שנה</p></th><th>תלמידות</th></tr><tr><td>2024</td><td>120</td></tr><tr><td>2025</td></tr></tbody></table>"


@pytest.fixture(autouse=True)
def _own_shelf(settings, tmp_path):
    settings.MEDIA_ROOT = str(tmp_path)


def told(html="<p>מעבדה אחת</p>", language="he", **fields):
    fields = {"title": "מעבדה בכל בית ספר", "url": "https://portal.example/knowledge/lab/", **fields}
    return pdf.page(language=language, body=pdf.tree(html), **fields)


def words(made: bytes) -> str:
    paper = pypdfium2.PdfDocument(made)
    try:
        return "\n".join(page.get_textpage().get_text_bounded() for page in paper).replace("\r", "")
    finally:
        paper.close()


@pytest.mark.parametrize(
    ("language", "line"),
    [
        ("he", "כך פתחנו 12 מעבדות בשנת 2025"),
        ("ar", "هكذا افتتحنا مختبرات في كل مدرسة"),
        ("en", "So we opened 12 laboratories in 2025"),
    ],
)
def test_words_can_be_taken_out_in_their_order(language, line):
    made = pdf.document(told(f"<p>{line}</p>", language=language, title=line))
    assert line in words(made)


@pytest.mark.parametrize("language", ["he", "ar", "en"])
def test_it_is_a_tagged_document_with_language_and_title(language):
    made = pdf.document(told(language=language, author=["עיריית כרמיאל"]))
    assert b"/MarkInfo" in made
    assert re.search(rb"/Lang ?\(" + language.encode(), made)
    assert b"pdfuaid" in made
    paper = pypdfium2.PdfDocument(made)
    assert paper.get_metadata_value("Title") == "מעבדה בכל בית ספר"
    assert paper.get_metadata_value("Author") == "עיריית כרמיאל"
    paper.close()
    assert b"/FontFile2" in made or b"/FontFile3" in made
    assert b"Rubik" in made


def test_lists_tables_and_links_are_drawn():
    made = pdf.document(told(LISTS + TABLE + '<p><a href="https://example.org/a">קישור</a></p>'))
    said = words(made)
    for word in ("ראשון", "פנימי", "עמוק", "שני", "תלמידות", "120"):
        assert word in said
    assert b"https://example.org/a" in made


@pytest.mark.parametrize(
    "text",
    [
        '#panic("x")',
        '#import "/etc/passwd"',
        "$ x $ *bold* _em_ `raw` <label> @ref = Heading",
        "\\u{0} \\ // comment /* x */",
        "]#[",
        "{{ x }} {% y %}",
    ],
)
def test_nothing_that_people_wrote_is_run(text):
    html = "<p>" + text.replace("<", "&lt;") + "</p>"
    said = words(pdf.document(told(html, language="en", title=text, summary=text, facts=[(text, text)])))
    assert text.split()[0].strip("\\") in said.replace("\n", " ")


@pytest.mark.parametrize(
    "html",
    [
        "",
        "<table></table>",
        "<table><tr></tr></table>",
        "<table><tr><th>only a head</th></tr></table>",
        "<table><tr><td colspan='99' rowspan='99'>x</td><td>y</td></tr><tr><td>z</td></tr></table>",
        "<table>" + "<tr>" + "<td>x</td>" * 80 + "</tr>" + "</table>",
        "<ul></ul><ol></ol>",
        "<ul>words without item</ul>",
        "<h2></h2><h3></h3>",
        "<h3>deep first</h3>",
        "<a href='https://x.org'></a>",
        "<blockquote><ul><li><table><tr><td><p>x</p></td></tr></table></li></ul></blockquote>",
        "<ul><li>" * 60 + "x",
        "<p>\u0000\u202e\ud800</p>".encode("utf-8", "replace").decode(),
        "<ol start='0'><li>x</li></ol>",
        "<p>😀 👩‍🔬 ﷽ \u05d0\u05b8</p>",
        "<pre>a\n  b</pre><hr><p>x<br>y</p>",
        "<h2>😀</h2><table><tr><td><h3>😀</h3></td></tr></table><p><a href='https://x.org'>😀</a></p>",
        "<p>" + "א" * 70_000 + "</p>",
        "<p>" + "x" * 70_000 + "</p>",
        "<p>א" + "\u0301" * 2_000 + "\u2066" * 2_000 + "\u202e" * 2_000 + "</p>",
        f"<p><a href='https://x.org/{'a' * 9_000}'>far</a></p>",
    ],
    ids=range(22),
)
def test_odd_html_is_drawn_too(html):
    assert pdf.document(told(html)).startswith(b"%PDF-")


def pdf_title(made):
    paper = pypdfium2.PdfDocument(made)
    try:
        return paper.get_metadata_value("Title")
    finally:
        paper.close()


def test_a_title_of_which_nothing_can_be_drawn_is_the_address():
    made = pdf.document(
        told(
            title="😀😀", kind="😀", summary="😀", facts=[("😀", "😀")], sections=[pdf.section("😀", "Words")]
        )
    )
    assert "Words" in words(made)
    assert "😀" not in words(made) and "portal.example" in pdf_title(made)


def test_a_book_is_set_within_the_processor_time_there_is(monkeypatch):
    monkeypatch.setattr(
        setting, "SECONDS", 300
    )  # by the clock of a busy machine; of the processor the child has its own
    paragraph = "<p>" + "הרשות המקומית מובילה את תחום המדעים והטכנולוגיה בעיר. " * 20 + "</p>"
    row = "<tr>" + "<td>מילה</td>" * 12 + "</tr>"
    made = pdf.document(told(paragraph * 700 + "<table>" + row * 1_000 + "</table>"))
    document = pypdfium2.PdfDocument(made)
    try:
        assert len(document) > 200
    finally:
        document.close()


def test_what_was_made_of_a_thing_is_forgotten_with_it():
    for of in ("item-1", "item-12", ""):
        pdf.document(told(), of=of)
    assert [pdf.forget("item-1"), pdf.forget("item-1"), pdf.forget("*"), pdf.forget("")] == [1, 0, 0, 0]
    assert len(list(setting.shelf().iterdir())) == 2


def test_letters_that_the_type_does_not_have_are_said_otherwise():
    assert drawable("\ufdfa 😀 ﬁ ➜ → Ω") == "صلى الله عليه وسلم  ﬁ  → Ω"
    assert {ord(letter) for letter in "אםابيAz1״׳،؟₪"} <= covered()


def test_headings_skip_no_level():
    tags = [node["t"] for node in pdf.tree("<h3>a</h3><h2>b</h2><h4>c</h4>")["c"]]
    assert tags == ["h2", "h2", "h3"]


def test_long_tables_are_cut_at_the_edge_of_the_paper():
    tree = pdf.tree("<table><tr>" + "<td>x</td>" * 80 + "</tr></table>")
    assert tree["c"][0]["columns"] == MOST_COLUMNS


def test_same_words_are_set_once(monkeypatch):
    first = pdf.document(told())
    monkeypatch.setattr(setting, "set_by_child", lambda raw: pytest.fail("set again"))
    assert pdf.document(told()) == first


def test_what_fails_is_told(monkeypatch):
    monkeypatch.setattr(setting, "SECONDS", 0.001)
    with pytest.raises(pdf.Failed):
        pdf.document(told())
    assert list(setting.shelf().iterdir()) == []


def test_old_documents_are_swept():
    pdf.document(told())
    assert setting.sweep_papers() == 0
    assert setting.sweep_papers(days=-1) == 1


def test_plain_text_has_paragraphs_and_lines():
    assert [node["t"] for node in of_text("a\nb\n\nc")["c"]] == ["p", "p"]


@pytest.mark.slow
def test_ordinary_page_is_little_work():
    html = ("<h2>כותרת</h2><p>" + "מילים רבות על מעבדות. " * 60 + "</p>") * 20
    pdf.document(told("<p>warm</p>"))
    begun = worked()
    pdf.document(told(html))
    assert worked() - begun < 5  # 0.3 s, and more where processors are slow
