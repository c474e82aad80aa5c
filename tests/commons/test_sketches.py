"""Pictures of office files, drawn from their words; what the file itself holds back, nobody invents."""

import pytest
from PIL import Image

from munistem.commons import pdf
from munistem.commons.files import extraction
from munistem.commons.files.drawing import draw_forgotten, draw_pages
from munistem.commons.files.models import StoredFile
from munistem.commons.files.sketching import sketch, turned
from tests.commons import factories
from tests.commons.factories import docx, office, open_document, pptx, xlsx
from tests.commons.test_file_pages import prepared

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english_words")]
STYLES = (
    '<w:styles><w:style w:type="paragraph" w:styleId="a1"><w:name w:val="Title"/></w:style>'
    '<w:style w:type="paragraph" w:styleId="a2"><w:name w:val="heading 1"/></w:style></w:styles>'
)
NUMBERING = (
    '<w:numbering><w:abstractNum w:abstractNumId="7"><w:lvl w:ilvl="0"><w:numFmt w:val="decimal"/></w:lvl></w:abstractNum>'
    '<w:num w:numId="3"><w:abstractNumId w:val="7"/></w:num></w:numbering>'
)


def told(tmp_path, name, content, first=1, last=9):
    """Blocks of each page, as the child reads them."""
    path = tmp_path / name
    path.write_bytes(content)
    return [sheet["blocks"] for sheet in extraction.sketch(path, name.rpartition(".")[2], first, last)]


def paragraph(text, setting=""):
    return f"<w:p><w:pPr>{setting}</w:pPr><w:r><w:t>{text}</w:t></w:r></w:p>"


def word(*parts, **more):
    body = f"<w:document>{''.join(parts)}</w:document>"
    return office("docx", {"word/document.xml": body, **more})


# What is read --------------------------------------------------------------------------------------------


def test_the_first_page_of_a_word_document_keeps_its_order(tmp_path):
    content = word(
        paragraph("תוכנית", '<w:pStyle w:val="a1"/>'),
        paragraph("רקע", '<w:pStyle w:val="a2"/>'),
        paragraph("אחת", '<w:numPr><w:ilvl w:val="0"/><w:numId w:val="3"/></w:numPr>'),
        paragraph("שתיים", '<w:bidi w:val="0"/><w:numPr><w:ilvl w:val="0"/><w:numId w:val="3"/></w:numPr>'),
        f"<w:tbl><w:tr><w:tc>{paragraph('א')}{paragraph('ב')}</w:tc><w:tc>{paragraph('ג')}</w:tc></w:tr></w:tbl>",
        '<w:p><w:r><w:drawing><wp:docPr id="1" descr="A lab"/></w:drawing></w:r></w:p>',
        "<mc:AlternateContent><mc:Choice><w:p><w:r><w:t>box</w:t></w:r></w:p></mc:Choice>"
        "<mc:Fallback><w:p><w:r><w:t>box</w:t></w:r></w:p></mc:Fallback></mc:AlternateContent>",
        "<w:p><w:r><w:t>end</w:t></w:r><w:r><w:lastRenderedPageBreak/><w:t>second page</w:t></w:r></w:p>",
        paragraph("second page"),
        **{"word/styles.xml": STYLES, "word/numbering.xml": NUMBERING},
    )
    assert told(tmp_path, "plan.docx", content) == [
        [
            {"t": "title", "text": "תוכנית"},
            {"t": "h2", "text": "רקע"},
            {"t": "li", "level": 0, "mark": "1.", "text": "אחת"},
            {"t": "li", "level": 0, "mark": "2.", "text": "שתיים", "dir": "ltr"},
            {"t": "table", "rows": [["א\nב", "ג"]]},
            {"t": "picture", "text": "A lab"},
            {"t": "p", "text": "box"},
            {"t": "p", "text": "end"},
        ]
    ]


def test_a_page_that_ends_within_a_table_keeps_what_was_said(tmp_path):
    row = f"<w:tr><w:tc>{paragraph('first')}</w:tc></w:tr>"
    broken = "<w:tr><w:tc><w:p><w:r><w:lastRenderedPageBreak/><w:t>later</w:t></w:r></w:p></w:tc></w:tr>"
    content = word(f"<w:tbl>{row}{broken}</w:tbl>", paragraph("after"))
    assert told(tmp_path, "plan.docx", content) == [[{"t": "table", "rows": [["first"], [""]]}]]


def test_slides_tell_title_points_and_tables_but_not_their_furniture(tmp_path):
    def shape(place, *paragraphs):
        return f"<p:sp><p:nvPr>{place}</p:nvPr><p:txBody>{''.join(paragraphs)}</p:txBody></p:sp>"

    def line(text, setting=""):
        return f"<a:p>{setting}<a:r><a:t>{text}</a:t></a:r></a:p>"

    slide = "".join(
        [
            shape(
                '<p:ph idx="1"/>',
                line("one"),
                line("deep", '<a:pPr lvl="1"/>'),
                line("plain", "<a:pPr><a:buNone/></a:pPr>"),
            ),
            shape('<p:ph type="title"/>', line("כותרת", '<a:pPr rtl="1"/>')),
            shape('<p:ph type="sldNum"/>', line("7")),
            shape("", line("free")),
            '<p:pic><p:nvPicPr><p:cNvPr id="4" name="x" descr="Girls"/></p:nvPicPr></p:pic>',
            f"<p:graphicFrame><a:tbl><a:tr><a:tc>{line('A')}</a:tc><a:tc>{line('B')}</a:tc></a:tr></a:tbl></p:graphicFrame>",
        ]
    )
    parts = {
        "ppt/slides/slide1.xml": f"<p:sld>{slide}</p:sld>",
        "ppt/presentation.xml": '<p:presentation><p:sldSz cx="9144000" cy="6858000"/></p:presentation>',
    }
    assert told(tmp_path, "show.pptx", office("pptx", parts)) == [
        [
            {"t": "title", "text": "כותרת", "dir": "rtl"},
            {"t": "li", "level": 0, "mark": "•", "text": "one"},
            {"t": "li", "level": 1, "mark": "•", "text": "deep"},
            {"t": "p", "text": "plain"},
            {"t": "p", "text": "free"},
            {"t": "picture", "text": "Girls"},
            {"t": "table", "rows": [["A", "B"]]},
        ]
    ]
    assert extraction.sketch(tmp_path / "show.pptx", "pptx", 1, 1)[0]["ratio"] == 0.75


def test_a_sheet_shows_its_corner_and_numbers_as_people_see_them(tmp_path):
    cells = (
        '<row r="2"><c r="A2" t="inlineStr"><is><t>שם</t></is></c><c r="C2" s="1"><v>46000</v></c></row>'
        '<row r="4"><c r="A4" s="2"><v>0.125</v></c><c r="B4" s="3"><v>1234567.5</v></c><c r="C4"><v>0.30000000000000004</v></c>'
        '<c r="D4" t="b"><v>1</v></c><c r="ZZ4"><v>9</v></c></row>'
    )
    styles = (
        '<styleSheet><numFmts><numFmt numFmtId="170" formatCode="dd/mm/yyyy"/></numFmts><cellXfs><xf numFmtId="0"/>'
        '<xf numFmtId="170"/><xf numFmtId="9"/><xf numFmtId="4"/></cellXfs></styleSheet>'
    )
    sheet = f'<worksheet><sheetViews><sheetView rightToLeft="1"/></sheetViews><sheetData>{cells}</sheetData></worksheet>'
    parts = {"xl/worksheets/sheet1.xml": sheet, "xl/styles.xml": styles}
    (blocks,) = told(tmp_path, "table.xlsx", office("xlsx", parts))
    assert blocks[1] == {
        "t": "grid",
        "heads": ["A", "B", "C", "D"],
        "numbers": [2, 3, 4],
        "rows": [["שם", "", "09.12.2025", ""], ["", "", "", ""], ["12.5%", "1,234,567.5", "0.3", "TRUE"]],
    }
    assert extraction.sketch(tmp_path / "table.xlsx", "xlsx", 1, 1)[0]["dir"] == "rtl"


def test_directions_come_from_the_file_or_from_the_letters():
    blocks = [
        {"t": "p", "text": "שלום לכולם ולכולן"},
        {"t": "p", "text": "A word"},
        {"t": "p", "text": "12"},
        {"t": "p", "text": "STEM", "dir": "rtl"},
    ]
    sheet = turned({"number": 1, "form": "page", "dir": "", "blocks": blocks})
    assert [block["dir"] for block in sheet["blocks"]] == ["rtl", "ltr", "rtl", "rtl"]
    assert (sheet["dir"], sheet["lang"]) == ("rtl", "he")
    assert (
        turned({"number": 1, "form": "page", "dir": "", "blocks": [{"t": "p", "text": "مرحبا"}]})["lang"]
        == "ar"
    )


# What is drawn -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "content", "drawn"),
    [
        ("plan.docx", docx(), [1]),
        ("show.pptx", pptx("אחת", "", "שלוש"), [1, 3]),
        ("table.xlsx", xlsx("יישוב", "תקציב"), [1]),
        ("plan.odt", open_document("odt"), [1]),
        ("show.odp", open_document("odp"), [1]),
        ("table.ods", open_document("ods"), [1]),
    ],
)
def test_each_kind_of_office_file_gets_its_pictures(person, name, content, drawn):
    stored = prepared(name, content, person)
    draw_pages(stored.pk)
    stored.refresh_from_db()
    pages = stored.drawn_pages.exclude(picture="").order_by("number")
    assert [page.number for page in pages] == drawn
    assert stored.drawn_at
    with stored.preview.open() as file, Image.open(file) as small:
        assert max(small.size) == 640
    with pages[0].picture.open() as file, Image.open(file) as picture:
        assert picture.size == (pages[0].width, pages[0].height)
        assert min(picture.convert("L").getextrema()) < 100
    draw_pages(stored.pk)
    assert stored.drawn_pages.exclude(picture="").count() == len(drawn)


def test_a_word_document_with_a_picture_of_its_own_keeps_it(person):
    inside = {
        "word/document.xml": f"<w:document>{paragraph('words')}</w:document>",
        "docProps/thumbnail.jpeg": factories.picture("JPEG", (300, 400)),
    }
    stored = prepared("plan.docx", office("docx", inside), person)
    before = stored.preview.name
    draw_pages(stored.pk)
    stored.refresh_from_db()
    assert (stored.preview.name, stored.drawn_pages.count()) == (before, 0)
    assert stored.drawn_at


def test_files_of_before_are_taken_up(person, run_jobs):
    stored = prepared("show.pptx", pptx("one"), person)
    StoredFile.objects.update(uploaded_at="2026-01-01T00:00:00Z")
    draw_forgotten()
    run_jobs()
    assert stored.drawn_pages.count() == 1


# Hostile files -------------------------------------------------------------------------------------------

DEEP = (
    "<w:tbl><w:tr><w:tc>" * 3_000 + "<w:p><w:r><w:t>deep</w:t></w:r></w:p>" + "</w:tc></w:tr></w:tbl>" * 3_000
)
ENTITIES = '<!DOCTYPE d [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]>'
HOSTILE = {
    "endless.docx": word(*[paragraph("word " * 40)] * 20_000),
    "one-word.docx": word(paragraph("א" * 300_000)),
    "deep.docx": word(DEEP),
    "markup.docx": word(paragraph("#read(&quot;/etc/passwd&quot;) $x$ \\u{0} &lt;script&gt; *b* _i_ [x]")),
    "signs.docx": word(paragraph("\u202e\u2067\ufeff\U0001f600漢字\u0300" * 30)),
    "many.xlsx": office("xlsx", {"xl/worksheets/sheet1.xml": "<w>" + "<row><c><v>1</v></c></row>" * 200_000 + "</w>"}),
    "numbers.xlsx": office("xlsx", {"xl/worksheets/sheet1.xml": '<w><row r="99999999999"><c r="ZZZZ1" s="-1" t="s"><v>-5</v></c>'
                                    '<c><v>1e308</v></c><c><v>nan</v></c><c><v>inf</v></c></row></w>'}),
    "places.pptx": office("pptx", {"ppt/slides/slide1.xml": '<p:sld><a:p><a:pPr lvl="999"/><a:t>x</a:t></a:p></p:sld>',
                                   "ppt/presentation.xml": '<p:sldSz cx="0" cy="99999999999"/>'}),
}  # fmt: skip


@pytest.mark.parametrize("name", sorted(HOSTILE))
def test_hostile_files_are_drawn_harmlessly(tmp_path, name):
    path = tmp_path / name
    path.write_bytes(HOSTILE[name])
    (row,) = sketch(path, name.rpartition(".")[2], tmp_path, 1, 1)
    assert row["width"] == 1000
    assert row["height"] < 3_000
    assert (tmp_path / "1.webp").stat().st_size < 400_000


def test_entities_and_what_cannot_be_set_are_refused_and_the_file_stays(person, monkeypatch, tmp_path):
    path = tmp_path / "bomb.docx"
    path.write_bytes(office("docx", {"word/document.xml": f"{ENTITIES}<w:document/>"}))
    with pytest.raises(extraction.Refused):
        sketch(path, "docx", tmp_path, 1, 1)

    def fail(told):
        raise pdf.Failed("no")

    stored = prepared("show.pptx", pptx("one", "two"), person)
    monkeypatch.setattr(pdf, "sheets", fail)
    draw_pages(stored.pk)
    stored.refresh_from_db()
    assert list(stored.drawn_pages.order_by("number").values_list("number", "width")) == [(1, 0), (2, 0)]
    assert stored.drawn_at
    assert not stored.preview
