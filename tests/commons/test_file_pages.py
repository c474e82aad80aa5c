"""Pages of files: their words apart, their pictures drawn by the worker, some at a time."""

import os
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import transaction
from django.db.utils import IntegrityError
from django.utils import timezone
from PIL import Image

from munistem.commons.files import drawing, extraction
from munistem.commons.files.actions import discard, prepare, store, sweep_orphans
from munistem.commons.files.child.arabic import Letter, word_of
from munistem.commons.files.models import FilePage, FileState, StoredFile
from tests.commons import factories
from tests.commons.factories import office, pdf, printed, uploaded, zipped

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english_words")]
REL = '<Relationship Id="{}" Target="{}"/>'


def prepared(name, content, person):
    stored = store(uploaded(name, content), by=person)
    prepare(stored.pk)
    stored.refresh_from_db()
    return stored


# Words ---------------------------------------------------------------------------------------------------


def test_a_pdf_tells_its_words_by_page(person):
    stored = prepared("plan.pdf", pdf("Robots", pages=3), person)
    assert stored.page_texts == ["Robots 1", "Robots 2", "Robots 3"]


def test_hebrew_and_arabic_of_a_pdf_are_read_as_they_are_written(person):
    """Of a glyph that says two letters (لا, لى) too."""
    texts = [
        "מעבדות STEM לבנות, 2027",
        "علاقات الأطفال مجالات على إلى لا ولا الأولى لإنشاء الآن ليلى سلام 2027 ٢٠٢٦ STEM",
    ]
    stored = prepared("plan.pdf", printed(*texts, language="ar"), person)
    assert stored.page_texts == texts


def test_a_word_that_stands_from_left_to_right_in_a_pdf_is_turned():
    """As browsers print it: each letter with its place on the paper."""
    assert word_of([Letter("ى", 1, 0), Letter("ل", 1, 0), Letter("ع", 9, 0)]) == "على"
    assert word_of([Letter("ة", 1, 0), Letter("ي", 3, 0), Letter("د", 5, 0), Letter("ب", 7, 0)]) == "بدية"
    assert word_of([Letter("س", 9, 0), Letter("ل", 5, 0), Letter("ا", 5, 0), Letter("م", 1, 0)]) == "سلام"
    assert word_of([Letter("لا", 5, 0)]) == "لا"


def test_word_pages_end_where_they_were_broken(person):
    body = (
        '<w:document xmlns:w="x"><w:p><w:r><w:t>ראשון</w:t></w:r></w:p>'
        '<w:p><w:r><w:br w:type="page"/></w:r><w:r><w:lastRenderedPageBreak/><w:t>שני</w:t></w:r></w:p>'
        "<w:p><w:r><w:t>עוד</w:t></w:r><w:r><w:br/><w:t>שורה</w:t></w:r></w:p></w:document>"
    )
    stored = prepared("plan.docx", office("docx", {"word/document.xml": body}), person)
    assert stored.page_texts == ["ראשון", "שני\nעוד\nשורה"]


def test_slides_come_in_the_order_of_the_show_with_their_notes(person):
    def slide(text):
        return f'<p:sld xmlns:p="p" xmlns:a="a"><a:p><a:t>{text}</a:t></a:p></p:sld>'

    parts = {
        "ppt/slides/slide1.xml": slide("last"),
        "ppt/slides/slide2.xml": slide("first"),
        "ppt/notesSlides/notesSlide1.xml": slide("said to the first"),
        "ppt/presentation.xml": '<p:sldIdLst><p:sldId id="256" r:id="r2"/><p:sldId id="257" r:id="r1"/></p:sldIdLst>',
        "ppt/_rels/presentation.xml.rels": REL.format("r1", "slides/slide1.xml")
        + REL.format("r2", "/ppt/slides/slide2.xml"),
        "ppt/slides/_rels/slide2.xml.rels": REL.format("n1", "../notesSlides/notesSlide1.xml"),
    }
    stored = prepared("show.pptx", office("pptx", parts), person)
    assert stored.page_texts == ["first\nsaid to the first", "last"]
    assert stored.pages == 2


def test_sheets_tell_their_name_and_rows(person):
    parts = {
        "xl/sharedStrings.xml": "<sst><si><t>יישוב</t></si><si><r><t>תקציב </t></r><r><t>שנתי</t></r></si></sst>",
        "xl/worksheets/sheet1.xml": '<w><row><c t="s"><v>0</v></c><c t="s"><v>1</v></c><c t="s"><v>9</v></c></row>'
        '<row><c t="inlineStr"><is><t>כרמיאל</t></is></c><c><v>120</v></c></row></w>',
        "xl/worksheets/sheet2.xml": "<w/>",
        "xl/workbook.xml": '<sheets><sheet name="A &amp; B" r:id="r1"/><sheet name="ריק" r:id="r2"/></sheets>',
        "xl/_rels/workbook.xml.rels": REL.format("r1", "worksheets/sheet1.xml")
        + REL.format("r2", "worksheets/sheet2.xml"),
    }
    stored = prepared("table.xlsx", office("xlsx", parts), person)
    assert stored.page_texts == ["A & B\nיישוב · תקציב שנתי\nכרמיאל · 120", "ריק"]
    assert stored.pages == 2


@pytest.mark.parametrize(
    ("extension", "inside", "texts", "pages"),
    [
        ("odt", "<text:p>א</text:p><text:soft-page-break/><text:p>ב</text:p>", ["א", "ב"], 2),
        ("odp", "<draw:page/><draw:page><text:p>ב</text:p></draw:page>", ["", "ב"], 2),
        (
            "ods",
            '<table:table table:name="גיליון"><text:p>א</text:p></table:table><table:table table:name="שני"/>',
            ["גיליון\nא", "שני"],
            2,
        ),
    ],
)
def test_open_documents_tell_their_words_by_page(person, extension, inside, texts, pages):
    kind = {"odt": "text", "ods": "spreadsheet", "odp": "presentation"}[extension]
    parts = {
        "mimetype": f"application/vnd.oasis.opendocument.{kind}",
        "content.xml": f'<o:c xmlns:o="o" xmlns:text="t" xmlns:draw="d" xmlns:table="b">{inside}</o:c>',
    }
    stored = prepared(f"plan.{extension}", zipped(parts, stored=("mimetype",)), person)
    assert (stored.page_texts, stored.pages) == (texts, pages)


def test_a_form_feed_in_a_text_makes_no_page(person):
    assert prepared("plan.txt", b"one\ftwo", person).page_texts == ["one two"]


# Hints for who wrote it -----------------------------------------------------------------------------------


def test_a_pdf_without_text_tags_language_and_title_says_so(person):
    assert prepared("plan.pdf", pdf("A plan for robots in every school"), person).hints == [
        "no_tags",
        "no_language",
        "no_title",
    ]
    assert prepared("scan.pdf", pdf(""), person).hints[0] == "no_text"


def test_a_pdf_made_for_all_has_no_hints(person):
    import typst

    source = b'#set document(title: "Plan")\n#set text(lang: "en")\n= Plan\nWords that can be read by everyone here.'
    made = typst.compile(source, pdf_standards=["ua-1"])
    assert prepared("plan.pdf", made, person).hints == []


def test_a_word_document_is_asked_for_headings_alternatives_and_a_title(person):
    drawing = '<wp:inline><wp:docPr id="1" name="p"{}/><a:graphic><pic:pic/></a:graphic></wp:inline>'
    text = "<w:p><w:r><w:t>" + "many words " * 400 + "</w:t></w:r></w:p>"
    heading = '<w:p><w:pPr><w:pStyle w:val="1"/></w:pPr><w:r><w:t>Aims</w:t></w:r></w:p>'
    styles = '<w:styles xmlns:w="x"><w:style w:type="paragraph" w:styleId="1"><w:name w:val="heading 1"/></w:style></w:styles>'
    names = 'xmlns:w="x" xmlns:wp="y" xmlns:pic="z" xmlns:a="a"'

    def written(*parts, **more):
        body = f"<w:document {names}>" + "".join(parts) + "</w:document>"
        return office("docx", {"word/document.xml": body, "word/styles.xml": styles, **more})

    silent = prepared("a.docx", written(text, drawing.format("")), person)
    assert silent.hints == ["no_headings", "no_alt", "no_title"]
    told = written(
        heading,
        text,
        drawing.format(' descr="A lab"'),
        **{"docProps/core.xml": '<c xmlns:dc="d"><dc:title>Plan</dc:title></c>'},
    )
    assert prepared("b.docx", told, person).hints == []


# Pictures ------------------------------------------------------------------------------------------------


def test_the_worker_draws_every_page_of_a_pdf(person, run_jobs):
    stored = store(uploaded("plan.pdf", pdf(pages=10)), by=person)
    run_jobs()
    stored.refresh_from_db()
    pages = list(stored.drawn_pages.order_by("number"))
    assert [page.number for page in pages] == list(range(1, 11))
    assert stored.drawn_at
    for page in pages:
        with Image.open(page.picture.path) as picture:
            assert (picture.format, picture.size) == ("WEBP", (page.width, page.height))
        assert page.width == pytest.approx(1000, abs=1)


def test_nothing_is_drawn_of_other_kinds(person, run_jobs):
    stored = store(uploaded("talk.mp3", factories.mp3()), by=person)
    run_jobs()
    assert not FilePage.objects.filter(file=stored).exists()


def test_a_long_file_is_drawn_in_several_jobs_and_not_beyond_the_limit(person, monkeypatch):
    monkeypatch.setattr(drawing, "A_JOB", 2)
    monkeypatch.setattr(drawing, "AT_ONCE", 2)
    monkeypatch.setattr(drawing, "MOST_PAGES_DRAWN", 5)
    stored = prepared("plan.pdf", pdf(pages=7), person)
    for expected in (2, 4, 5, 5):
        drawing.draw_pages(stored.pk)
        assert stored.drawn_pages.count() == expected
        stored.refresh_from_db()
        assert bool(stored.drawn_at) == (expected == 5)


def test_one_bad_page_spoils_no_other(person, monkeypatch):
    draw = extraction.draw

    def fails_at_two(path, folder, first, last):
        if first <= 2 <= last:
            raise extraction.Refused("broken")
        return draw(path, folder, first, last)

    stored = prepared("plan.pdf", pdf(pages=3), person)
    monkeypatch.setattr(extraction, "draw", fails_at_two)
    drawing.draw_pages(stored.pk)
    assert list(stored.drawn_pages.order_by("number").values_list("number", "width")) == [
        (1, 1000),
        (2, 0),
        (3, 1000),
    ]


def test_drawing_twice_draws_once(person):
    stored = prepared("plan.pdf", pdf(pages=2), person)
    drawing.draw_some(stored, 1, 2)
    drawing.draw_some(stored, 1, 2)
    drawing.draw_pages(stored.pk)
    drawing.draw_pages(stored.pk)
    drawing.draw_pages(999_999)
    assert stored.drawn_pages.count() == 2


def test_forgotten_files_are_taken_up(person, run_jobs):
    stored = prepared("plan.pdf", pdf(), person)
    assert drawing.draw_forgotten() == 0
    assert drawing.draw_forgotten(timezone.now() + timedelta(minutes=11)) == 1
    run_jobs()
    assert stored.drawn_pages.count() == 1
    assert drawing.draw_forgotten(timezone.now() + timedelta(minutes=11)) == 0


def test_pages_go_with_their_file(person, run_jobs, django_capture_on_commit_callbacks):
    stored = store(uploaded("plan.pdf", pdf(pages=2)), by=person)
    run_jobs()
    paths = [Path(page.picture.path) for page in stored.drawn_pages.all()]
    for path in paths:
        os.utime(path, (0, 0))
    sweep_orphans()
    assert all(path.exists() for path in paths)
    with django_capture_on_commit_callbacks(execute=True):
        discard(StoredFile.objects.get(), by=person)
    assert not any(path.exists() for path in paths)
    assert not FilePage.objects.exists()


def test_the_database_keeps_pages_in_order(person):
    stored = prepared("plan.pdf", pdf(), person)
    assert stored.state == FileState.READY
    FilePage.objects.create(file=stored, number=1)
    with pytest.raises(IntegrityError), transaction.atomic():
        FilePage.objects.create(file=stored, number=1)
    with pytest.raises(IntegrityError), transaction.atomic():
        FilePage.objects.create(file=stored, number=2, picture="x")
