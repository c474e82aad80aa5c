"""Charts on paper: each says in words what it shows, what is not known is never nothing, and nothing in them is run."""

import re

import pypdfium2
import pytest

from munistem.commons import pdf
from tests.commons.test_pdf import words

STAGES = ["Early", "Primary", "Lower", "Upper", "Service", "Higher", "Work"]
ODD = ["", "😀", '#panic("x")', "$x$ *b* ]#[", "א" * 3_000, "x" * 3_000, "\u0000\u202e"]


@pytest.fixture(autouse=True)
def _own_shelf(settings, tmp_path):
    settings.MEDIA_ROOT = str(tmp_path)


def brief(*nodes, language="en", **fields):
    fields = {"title": "A brief", "url": "https://portal.example/brief/", "form": "brief", **fields}
    return pdf.document(pdf.page(language=language, body=pdf.root(*nodes), **fields))


def alternatives(made: bytes) -> list[str]:
    """Text alternatives in the document, as readers of screens are told them."""
    plain = [text.decode() for text in re.findall(rb"/Alt ?\(([^)]*)\)", made)]
    coded = [
        bytes.fromhex(text.decode()).decode("utf-16") for text in re.findall(rb"/Alt ?<([0-9A-Fa-f]+)>", made)
    ]
    return plain + coded


def all_charts(text="North"):
    bars = [pdf.Bar(text, 3, "3 of 9"), pdf.Bar("South", None, "not known"), pdf.Bar("Haifa", 0, "0 of 4")]
    cells = [
        pdf.RibbonCell("120", [text], [text], "gap"),
        pdf.RibbonCell(gaps=["No programme"], tone="empty"),
    ]
    return [
        pdf.tiles([pdf.Tile(text, "24", "of 30"), pdf.Tile("Girls", "not known", is_known=False)]),
        pdf.bars(bars, alt=f"Bars {text}", caption=text),
        pdf.years(bars, alt=f"Years {text}", caption=text),
        pdf.ribbon(STAGES, [(text, [*cells, *cells, *cells, pdf.RibbonCell(tone="none")])]),
        pdf.box(pdf.paragraph(pdf.strong(text), text), tone="clay"),
        pdf.beside(pdf.root(pdf.heading("Left")), pdf.root(pdf.small(text)), widths=[2, 1]),
        pdf.grid(["Name", "State"], [[text, "done"]], widths=[2, 0]),
        pdf.lists([text, "second"], is_numbered=True),
    ]


def test_every_chart_has_words_for_who_does_not_see_it():
    made = brief(*all_charts())
    assert {"Bars North", "Years North"} <= set(alternatives(made))
    assert b"pdfuaid" in made


@pytest.mark.parametrize(
    ("language", "rows"),
    [
        ("he", [("מחוז הצפון", "12 מתוך 40"), ("מחוז הדרום", "לא ידוע")]),
        ("ar", [("لواء الشمال", "12 من 40"), ("لواء الجنوب", "غير معروف")]),
        ("en", [("North district", "12 of 40"), ("South district", "not known")]),
    ],
)
def test_bars_are_read_row_after_row(language, rows):
    drawn = [pdf.Bar(rows[0][0], 12, rows[0][1]), pdf.Bar(rows[1][0], None, rows[1][1])]
    said = words(brief(pdf.bars(drawn, alt="Bars"), language=language))
    lines = [line.strip() for line in said.split("\n")]
    assert [" ".join(row) for row in rows] == [line for line in lines if line.startswith(tuple(dict(rows)))]


def test_what_is_not_known_has_no_length_and_nothing_is_nothing():
    rows = pdf.bars([pdf.Bar("a", 4, "4"), pdf.Bar("b", None, "?"), pdf.Bar("c", 0, "0")], alt="x")["rows"]
    assert [row["share"] for row in rows] == [1, None, 0]
    assert [row["share"] for row in pdf.years([pdf.Bar("a", 0, "0")], alt="x")["rows"]] == [0]


def test_ribbon_is_a_table_with_heads():
    made = brief(*all_charts())
    said = words(made)
    assert [stage for stage in STAGES if stage not in said] == []
    assert "No programme" in " ".join(said.split()) and "120" in said
    assert len(re.findall(rb"/S ?/TH\b", made)) == 2 + 1 + len(STAGES)  # of the other table, its corner


def test_ribbon_has_a_cell_for_each_stage():
    with pytest.raises(ValueError, match="each stage"):
        pdf.ribbon(STAGES, [("Formal", [pdf.RibbonCell()])])


@pytest.mark.parametrize("text", ODD, ids=range(len(ODD)))
def test_odd_words_are_drawn_too(text):
    assert brief(*all_charts(text)).startswith(b"%PDF-")


@pytest.mark.parametrize("language", ["he", "ar", "en"])
def test_mark_stands_on_every_page(language):
    mark = {"he": "טיוטה", "ar": "مسودة", "en": "Draft"}[language]
    made = brief(pdf.lists([f"row {n}" for n in range(200)]), language=language, mark=mark)
    paper = pypdfium2.PdfDocument(made)
    try:
        said = [page.get_textpage().get_text_bounded() for page in paper]
    finally:
        paper.close()
    assert len(said) > 2
    assert [text.count(mark) for text in said] == [2] * len(said)


def test_charts_of_nothing_are_drawn():
    nothing = [pdf.bars([], alt="x"), pdf.years([], alt="x"), pdf.ribbon([], []), pdf.tiles([])]
    for node in nothing:
        assert brief(node).startswith(b"%PDF-")
    assert pdf.grid(["Name"], []) is None


def test_heading_of_a_part_is_not_deeper_than_there_are_headings_before():
    assert brief(pdf.box(pdf.heading("Cost", 3)), pdf.heading("Why")).startswith(b"%PDF-")
