from __future__ import annotations

import io
from pathlib import Path

import pytest
import vl_convert
from PIL import Image, ImageChops, ImageStat

from advocacy.demo.news import CONTENT, IMAGE_SIZE, LANGUAGES, articles

DRAWINGS = sorted((CONTENT / "images").glob("*.svg"))


def test_every_article_has_its_picture_and_every_picture_an_article() -> None:
    """A card without a picture looks broken; a picture without one is dead weight."""
    used = {one.image for language in LANGUAGES for one in articles(language)}

    assert used == {file.stem for file in DRAWINGS}


@pytest.mark.parametrize("drawing", DRAWINGS, ids=lambda file: file.stem)
def test_a_picture_is_small_and_shows_its_drawing(drawing: Path) -> None:
    """When a drawing changes, script/draw_demo_pictures.py makes the picture again."""
    file = drawing.with_suffix(".png")
    again = vl_convert.svg_to_png(drawing.read_text(), scale=1.0)

    with Image.open(file) as picture, Image.open(io.BytesIO(again)) as drawn:
        difference = ImageChops.difference(picture.convert("RGB"), drawn.convert("RGB"))
        assert picture.size == IMAGE_SIZE
        assert max(ImageStat.Stat(difference).mean) < 3
    assert file.stat().st_size < 60_000
