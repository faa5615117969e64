"""Draw the demo company's pictures again: each SVG becomes the PNG beside it.

Needs the test extra, whose Pillow keeps the files small.
"""  # noqa: INP001 - a script, not a package

from __future__ import annotations

import io
import sys
from pathlib import Path

import vl_convert
from PIL import Image

FOLDER = Path(__file__).parent.parent / "advocacy" / "demo" / "content" / "images"
COLOURS = 96  # flat drawings: more adds bytes and nothing to see


def draw(svg: Path) -> Path:
    """Rasterise one drawing."""
    png = svg.with_suffix(".png")
    drawn = Image.open(io.BytesIO(vl_convert.svg_to_png(svg.read_text(), scale=1.0)))
    drawn.convert("RGB").quantize(
        colors=COLOURS,
        method=Image.Quantize.MEDIANCUT,
        dither=Image.Dither.NONE,
    ).save(png, optimize=True)
    return png


if __name__ == "__main__":
    for source in sorted(FOLDER.glob("*.svg")):
        made = draw(source)
        sys.stdout.write(f"{made.name}: {made.stat().st_size:,} bytes\n")
