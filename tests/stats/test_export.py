"""Figures for a spreadsheet."""

from __future__ import annotations

import csv

import pytest
from hypothesis import given
from hypothesis import strategies as st

from advocacy.stats.export import csv_lines, safe_cell


def test_rows_are_written_one_at_a_time() -> None:
    """However many there are."""
    lines = csv_lines(["title", "clicks"], iter([['Sluis "Noord", nieuw', 3]]))

    assert next(lines) == "title,clicks\r\n"
    assert next(lines) == '"Sluis ""Noord"", nieuw",3\r\n'


@pytest.mark.parametrize(
    "text",
    ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", '=HYPERLINK("x")', " =1"],
)
def test_no_text_is_a_formula(text: str) -> None:
    """A title comes from a feed."""
    assert safe_cell(text) == f"'{text}"


def test_numbers_stay_numbers() -> None:
    """Below zero too."""
    assert [safe_cell(-3), safe_cell(0), safe_cell("3"), safe_cell(None)] == [
        -3,
        0,
        "3",
        None,
    ]


@given(st.lists(st.text(alphabet=st.characters(codec="utf-8"), max_size=8), min_size=1))
def test_what_is_written_can_be_read_again(cells: list[str]) -> None:
    """Whatever a title holds."""
    [_, line] = csv_lines(["a"], [cells])

    read = next(csv.reader([line], strict=True)) if "\n" not in line[:-2] else None
    assert line.endswith("\r\n")
    if read is not None and "\r" not in line[:-2]:
        assert read == [safe_cell(cell) for cell in cells]
