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
    for form in sorted(set(PICTURES.values())):
        try:
            picture = opened_picture(path, form)
            break
        except Refused as refusal:
            if refusal.args[0] != "mismatch":
                raise
    else:
        raise Refused("mismatch")
    with picture:
        picture.draft("RGB", (2 * side, 2 * side))
        picture.thumbnail((4 * side, 4 * side))
        square = ImageOps.fit(ImageOps.exif_transpose(picture).convert("RGB"), (side, side))
        square.info.clear()
        square.save(target, "WEBP", quality=82, method=6)
    return {}
