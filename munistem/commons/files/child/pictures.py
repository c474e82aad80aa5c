"""Pictures: opened within limits, drawn anew as previews and portraits. Pillow is loaded only when one is met."""

from pathlib import Path

from .limits import Refused

MOST_PIXELS = 40_000_000
PREVIEW = 640  # pixels of the longer side
PICTURES = {"jpg": "JPEG", "jpeg": "JPEG", "png": "PNG", "webp": "WEBP", "gif": "GIF"}


def opened_picture(path: Path, form: str):
    from PIL import Image, UnidentifiedImageError

    Image.MAX_IMAGE_PIXELS = MOST_PIXELS // 2  # Pillow warns at this number and refuses twice as many
    try:
        picture = Image.open(path, formats=[form])
    except UnidentifiedImageError as error:
        raise Refused("mismatch") from error
    except Image.DecompressionBombError as error:
        raise Refused("pixels") from error
    if picture.width * picture.height > MOST_PIXELS or getattr(picture, "n_frames", 1) > 600:
        raise Refused("pixels")
    return picture


def save_preview(picture, preview: Path) -> None:
    """Write a picture as WebP on white, without metadata."""
    from PIL import Image

    picture = picture.convert("RGBA")
    picture.thumbnail((PREVIEW, round(1.5 * PREVIEW)))
    paper = Image.new("RGB", picture.size, "white")
    paper.paste(picture, mask=picture.getchannel("A"))
    paper.save(preview, "WEBP", quality=78, method=4)


def portrait(path: Path, size: str, target: Path) -> dict:
    """Write a square WebP of the middle of a picture, upright, without metadata."""
    from PIL import ImageOps

    side = int(size)
    with opened_any(path) as picture:
        picture.draft("RGB", (2 * side, 2 * side))
        picture.thumbnail((4 * side, 4 * side))
        square = ImageOps.fit(ImageOps.exif_transpose(picture).convert("RGB"), (side, side))
        square.info.clear()
        square.save(target, "WEBP", quality=82, method=6)
    return {}


def redraw(path: Path, width: str, target: Path) -> dict:
    """Write a WebP of a whole picture, upright, at most ``width`` on its longer side, without metadata."""
    from PIL import Image, ImageOps

    side = int(width)
    with opened_any(path) as picture:
        picture.draft("RGB", (2 * side, 2 * side))
        picture.thumbnail((side, side))
        drawn = ImageOps.exif_transpose(picture).convert("RGBA")
        paper = Image.new("RGB", drawn.size, "white")
        paper.paste(drawn, mask=drawn.getchannel("A"))
        paper.save(target, "WEBP", quality=78, method=4)
    return {}


def opened_any(path: Path):
    """A picture of any of the forms that are taken."""
    for form in sorted(set(PICTURES.values())):
        try:
            return opened_picture(path, form)
        except Refused as refusal:
            if refusal.args[0] != "mismatch":
                raise
    raise Refused("mismatch")
