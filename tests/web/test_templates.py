"""What every template promises, whatever page it becomes."""

from __future__ import annotations

import re
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from jinja2 import nodes

from advocacy.web.rendering import FOLDER, STATIC, environment

TEMPLATES = sorted(
    str(path.relative_to(FOLDER / "templates"))
    for path in (FOLDER / "templates").rglob("*.html")
)
WITHOUT_TOKEN = {"leave.html"}  # the address itself is the proof (RFC 8058)
HOME = ZoneInfo("Europe/Amsterdam")


def _source(name: str) -> str:
    return Path(FOLDER / "templates" / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("name", TEMPLATES)
def test_a_template_compiles(name: str) -> None:
    """A slip in a page that is seldom seen is found here, not by its reader."""
    environment("en", HOME).get_template(name)


@pytest.mark.parametrize("name", TEMPLATES)
def test_a_template_says_what_it_needs(name: str) -> None:
    """Whoever renders it reads one comment, not the whole page."""
    comment = re.match(r"\{#(.*?)#\}", _source(name), re.DOTALL)

    assert comment is not None
    assert "Needs" in comment[1]


@pytest.mark.parametrize("name", TEMPLATES)
def test_a_template_carries_no_style_script_or_handler(name: str) -> None:
    """The content security policy would refuse them without a word."""
    source = _source(name)

    assert not re.search(r"<style|\sstyle=|\son[a-z]+=", source)
    assert not re.search(r"<script(?![^>]*\ssrc=)", source)


@pytest.mark.parametrize("name", TEMPLATES)
def test_a_form_that_acts_carries_its_token(name: str) -> None:
    """Every page in which a token is forgotten is a button that never works."""
    forms = re.findall(r'<form[^>]*method="post".*?</form>', _source(name), re.DOTALL)

    for form in forms:
        assert "csrf_field()" in form or name in WITHOUT_TOKEN


@pytest.mark.parametrize("name", TEMPLATES)
def test_a_link_to_a_new_tab_gives_nothing_away(name: str) -> None:
    """A page that we open must not be able to steer ours."""
    for link in re.findall(r'<a [^>]*target="_blank"[^>]*>', _source(name)):
        assert 'rel="noopener"' in link


def test_every_static_file_that_a_template_names_is_there() -> None:
    """Addresses carry the file's hash, so a missing one breaks the whole page."""
    named = {
        call.args[0].value
        for name in TEMPLATES
        for call in environment("en", HOME).parse(_source(name)).find_all(nodes.Call)
        if isinstance(call.node, nodes.Name)
        and call.node.name == "static"
        and isinstance(call.args[0], nodes.Const)
    }

    assert named
    assert {name for name in named if not (STATIC / name).is_file()} == set()
