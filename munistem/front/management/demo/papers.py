"""Papers of the demo as files: a page drawn with the portal's own type, saved as PDF, and its first page as a picture."""

import io
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import fontpkg_rubik
from PIL import Image, ImageDraw, ImageFont

SIZE, MARGIN, LINE = (794, 1123), 80, 38
INK, TEAL, PAPER = (29, 43, 54), (11, 93, 91), (255, 255, 255)
STAGES = [
    (242, 177, 50),
    (230, 140, 40),
    (184, 67, 26),
    (140, 60, 90),
    (70, 80, 140),
    (11, 93, 91),
    (47, 125, 79),
]


@cache
def font(size: int) -> ImageFont.FreeTypeFont:
    path = Path(fontpkg_rubik.__file__).parent / "files" / "Rubik[wght].ttf"
    return ImageFont.truetype(str(path), size, layout_engine=ImageFont.Layout.RAQM)


def folded(text: str, size: int, width: int) -> list[str]:
    """Lines of a paragraph, none wider than the page."""
    lines, line = [], ""
    for word in text.split():
        longer = f"{line} {word}".strip()
        if line and font(size).getlength(longer) > width:
            lines.append(line)
            line = word
        else:
            line = longer
    return [*lines, line]


def page(title: str, paragraphs: Sequence[str], language: str) -> Image.Image:
    """One page with the ribbon of the continuum, a title and text in the direction of its language."""
    image = Image.new("RGB", SIZE, PAPER)
    draw = ImageDraw.Draw(image)
    is_rtl = language in {"he", "ar"}
    for place, colour in enumerate(reversed(STAGES) if is_rtl else STAGES):
        start = place * SIZE[0] // 7
        draw.rectangle((start, 0, start + SIZE[0] // 7 + 1, 14), fill=colour)
    width, y = SIZE[0] - 2 * MARGIN, MARGIN
    options = {"direction": "rtl" if is_rtl else "ltr", "anchor": "ra" if is_rtl else "la"}
    x = SIZE[0] - MARGIN if is_rtl else MARGIN
    for line in folded(title, 34, width):
        draw.text((x, y), line, font=font(34), fill=TEAL, **options)
        y += 48
    y += 24
    for paragraph in paragraphs:
        for line in folded(paragraph, 20, width):
            draw.text((x, y), line, font=font(20), fill=INK, **options)
            y += LINE - 6
        y += 16
    return image


def as_pdf(image: Image.Image) -> bytes:
    out = io.BytesIO()
    image.save(out, "PDF", resolution=96, quality=80)
    return out.getvalue()


def as_preview(image: Image.Image) -> bytes:
    out = io.BytesIO()
    image.resize((480, 679)).save(out, "WEBP", quality=80)
    return out.getvalue()
