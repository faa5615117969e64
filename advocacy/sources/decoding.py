"""From bytes to text: what the bytes are matters more than what is said of them; pure.

A byte order mark wins; then UTF-8 where the bytes are UTF-8; then what is declared;
then windows-1252, which is what most undeclared text in Western Europe is.
"""

from __future__ import annotations

import codecs
import re

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16, which begins alike
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_UNMARKED = ((b"<\x00", "utf-16-le"), (b"\x00<", "utf-16-be"))
_DECLARED = re.compile(rb"""<\?xml[^>]{0,200}?encoding\s*=\s*["']([\w.:-]{1,40})["']""")
_IN_HEADER = re.compile(r"""charset\s*=\s*["']?([\w.:-]{1,40})""", re.IGNORECASE)

# Looks like ASCII, so that the bytes alone do not tell.
_SEVEN_BIT = {"iso2022_jp", "hz"}
# Says how to hide "<" in plain letters, and nobody needs it (RFC 2152).
_NEVER = {"utf_7", "unicode_escape", "raw_unicode_escape", "idna", "punycode"}
# What people mean by these labels (WHATWG Encoding, section 4.2).
_MEANT = {"iso8859-1": "cp1252", "ascii": "cp1252", "latin_1": "cp1252"}


def decode(body: bytes, content_type: str = "") -> str:
    """Turn an answer into text; never fails, since a wrong letter beats no news."""
    for mark, encoding in _MARKS:
        if body.startswith(mark):
            return body[len(mark) :].decode(encoding, "replace")
    for start, encoding in _UNMARKED:
        if body.startswith(start):
            return body.decode(encoding, "replace")
    labels = _labels(body, content_type)
    for label in labels:
        if label in _SEVEN_BIT:
            return body.decode(label, "replace")
    for encoding in ("utf-8", *labels):
        try:
            return body.decode(encoding)
        except (UnicodeDecodeError, LookupError):
            continue
    return _least_bad(body)


def _labels(body: bytes, content_type: str) -> list[str]:
    """List the encodings that the header and the declaration name, if we know them."""
    named = [match[1] for match in [_IN_HEADER.search(content_type)] if match]
    declared = _DECLARED.search(body[:1024])
    if declared:
        named.append(declared[1].decode("ascii", "replace"))
    known = []
    for label in named:
        try:
            name = codecs.lookup(label).name
            b"".decode(name)  # a LookupError for codecs that make no text
        except LookupError:
            continue
        folded = name.replace("-", "_")
        if folded not in _NEVER and not folded.startswith(("utf_16", "utf_32")):
            known.append(_MEANT.get(name, _MEANT.get(folded, name)))
    return known


def _least_bad(body: bytes) -> str:
    """Choose between damaged UTF-8 and windows-1252 by what makes more sense."""
    as_utf8 = body.decode("utf-8", "replace")
    # Two or three bytes that fit each other are seldom an accident.
    whole = sum(
        len(letter.encode())
        for letter in as_utf8
        if letter > "\x7f" and letter != "\ufffd"
    )
    if whole >= as_utf8.count("\ufffd"):
        return as_utf8
    return body.decode("cp1252", "replace")
