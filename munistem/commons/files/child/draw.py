"""Pages of a PDF as pictures, some at a time."""

from pathlib import Path

WIDTH = 1000  # pixels
TALLEST = 3 * WIDTH


def draw(path: Path, folder: Path, first: int, last: int) -> dict:
    """Write the pages from first to last (from 1) as ``<number>.webp`` into the folder; answers their measures."""
    import pypdfium2

    document = pypdfium2.PdfDocument(path)
    drawn = []
    for number in range(first, min(last, len(document)) + 1):
        page = document[number - 1]
        width, height = max(page.get_width(), 1), max(page.get_height(), 1)
        picture = page.render(scale=min(WIDTH / width, TALLEST / height, 8)).to_pil().convert("RGB")
        picture.save(folder / f"{number}.webp", "WEBP", quality=74, method=3)
        drawn.append({"number": number, "width": picture.width, "height": picture.height})
        page.close()
    return {"drawn": drawn}
