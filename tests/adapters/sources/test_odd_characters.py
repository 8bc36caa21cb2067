"""Characters that no writer should send: they cost themselves, and neither their record nor another."""

from __future__ import annotations

import json
from datetime import date

import pytest

from adapters.sources.arxiv_feed import read_feed
from adapters.sources.huggingface import batches_of
from adapters.sources.jsonl_record import read_line
from adapters.sources.markup import read_xml, salvage_xml, text_of
from bot.errors import SourceError
from tests.adapters.sources.feeds import item, rss

FIRST = "arxiv:2604.00001"
REFERENCES = {
    "&#55357;": "\ufffd",
    "&#xD83D;": "\ufffd",
    "&#xDE00;": "\ufffd",
    "&#55357;&#56832;": "\U0001f600",
    "&#xD83D;&#xDE00;": "\U0001f600",
    "&#56832;&#55357;": "\ufffd\ufffd",
    "&#0;": "\ufffd",
    "&#x1F;": "\ufffd",
    "&#65534;": "\ufffd",
    "&#xFFFF;": "\ufffd",
    "&#x110000;": "\ufffd",
    "&#999999999;": "\ufffd",
    "&#233;": "\u00e9",
    "&#x1F600;": "\U0001f600",
}
RAW = {
    "a control": b"\x02",
    "a NUL": b"\x00",
    "a surrogate": b"\xed\xa0\xbd",
    "a noncharacter": b"\xef\xbf\xbf",
    "half a character": b"\xc3",
    "Latin-1": b"\xe9 t",
}
CODE_POINTS = [0, 1, 0x1F, 0x7F, 0x85, 0xAD, 0x300, 0x202E, 0x2066, 0xD800, 0xDFFF, 0xE000, 0xFDD0, 0xFEFF]
CODE_POINTS += [0xFFFE, 0xFFFF, 0x1F600, 0xE0001, 0x10FFFF]
"""One of each class: controls, format, combining, surrogates, private, noncharacters, tags."""


@pytest.mark.parametrize("reference", REFERENCES)
@pytest.mark.parametrize("field", ["title", "description", "creator"])
def test_a_reference_that_xml_forbids_costs_itself(reference: str, field: str) -> None:
    tag = {"creator": "dc:creator"}.get(field, field)
    written = f"Kite {reference} Two"
    odd = item(title=written) if field == "title" else item(f"<{tag}>{written}</{tag}>")
    feed = read_feed(rss(odd, item(guid="oai:arXiv.org:2604.00002v1")), "host")

    assert [str(one.paper.id) for one in feed.announcements] == [FIRST, "arxiv:2604.00002"]
    assert feed.intact
    assert not feed.bad
    paper = feed.announcements[0].paper
    shown = {"title": paper.title, "description": paper.abstract, "creator": " ".join(paper.authors)}[field]
    assert shown == f"Kite {REFERENCES[reference]} Two"


@pytest.mark.parametrize("raw", RAW)
def test_bytes_that_are_no_text_cost_themselves(raw: str) -> None:
    body = rss(item(title="Kite HERE Two"), item(guid="oai:arXiv.org:2604.00002v1")).replace(
        b"HERE", RAW[raw]
    )
    feed = read_feed(body, "host")

    assert len(feed.announcements) == 2
    feed.announcements[0].paper.title.encode()


@pytest.mark.parametrize("point", CODE_POINTS)
def test_every_class_of_code_point_goes_through_json(point: int) -> None:
    """JSON may hold any of them, escaped, in any field."""
    odd = f"Kite {chr(point)} Two"
    line = json.dumps(
        {"id": f"a{chr(point)}b", "title": odd, "abstract": odd, "authors": [odd], "categories": [odd]}
    )
    paper, _ = read_line(line.encode(), "papers", date(2026, 1, 1))
    for text in (str(paper.id), paper.title, paper.abstract, *paper.authors, *paper.categories):
        text.encode()

    inner = {"id": "2604.00001", "title": odd, "summary": odd, "authors": [{"name": odd}], "githubRepo": odd}
    [batch] = batches_of([{"paper": inner}], date(2026, 1, 1), date(2026, 1, 1))
    [told] = batch.announcements
    for text in (told.paper.title, told.paper.abstract, *told.paper.authors, told.paper.code_url):
        text.encode()


@pytest.mark.parametrize("before", [b"\n", b"\r\n \n", b"\xef\xbb\xbf", b"\xef\xbb\xbf\n"])
def test_what_stands_before_the_declaration_costs_nothing(before: bytes) -> None:
    feed = read_feed(before + rss(item()), "host")
    assert feed.intact
    assert len(feed.announcements) == 1


@pytest.mark.parametrize("encoding", ["us-ascii", "ASCII", "utf-8", "no-such-encoding"])
def test_utf_8_under_another_declaration_is_read(encoding: str) -> None:
    body = f'<?xml version="1.0" encoding="{encoding}"?><a>Zo\u00eb \u2014 \u65e5\u672c</a>'.encode()
    assert text_of(read_xml(body, "host")) == "Zo\u00eb \u2014 \u65e5\u672c"


@pytest.mark.parametrize("encoding", ["iso-8859-1", "windows-1252", "utf-16"])
def test_another_encoding_keeps_its_letters_through_a_repair(encoding: str) -> None:
    body = f'<?xml version="1.0" encoding="{encoding}"?><a>Zo\u00eb &#55357;</a>'.encode(encoding)
    assert salvage_xml(body, "host")[1] == ""
    assert text_of(read_xml(body, "host")) == "Zo\u00eb \ufffd"


def test_markup_that_is_broken_is_still_said() -> None:
    with pytest.raises(SourceError, match="did not answer with XML"):
        read_xml(b"<a><b>&#55357;</a>", "host")
    assert salvage_xml(b"<a>\n<b>&#55357;</a>", "host")[1] == "line 2"
