"""Feeds of arXiv's that are damaged, hostile, or any bytes at all."""

from __future__ import annotations

import contextlib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.sources.arxiv_feed import read_feed
from bot.errors import SourceError
from tests.adapters.sources.feeds import item, only, rss


def test_a_bad_record_costs_that_record_alone() -> None:
    feed = read_feed(
        rss(item(), item(guid="", title="No id"), item(guid="oai:arXiv.org:2604.00002v1", title=" ")), "host"
    )
    assert [str(one.paper.id) for one in feed.announcements] == ["arxiv:2604.00001"]
    assert [(bad.where, bad.problem) for bad in feed.bad] == [
        ("record 2", "It has no arXiv id."),
        ("oai:arXiv.org:2604.00002v1", "It has no title."),
    ]
    assert feed.listed == 3


def test_a_control_character_in_one_item_loses_no_other() -> None:
    feed = read_feed(rss(item(title="Broken \x02 kite"), item(guid="oai:arXiv.org:2604.00002v1")), "host")
    assert [str(one.paper.id) for one in feed.announcements] == ["arxiv:2604.00001", "arxiv:2604.00002"]
    assert feed.announcements[0].paper.title == "Broken \ufffd kite"
    assert feed.intact


def test_a_feed_that_ends_too_early_is_not_intact() -> None:
    whole = rss(item(), item(guid="oai:arXiv.org:2604.00002v1"))
    feed = read_feed(whole[: whole.index(b"2604.00002") - 20], "host")
    assert [str(one.paper.id) for one in feed.announcements][:1] == ["arxiv:2604.00001"]
    assert not feed.intact


def test_the_feed_servers_error() -> None:
    told = b"<title>Feed error for query: x/cs.XX</title><description>Bad archive</description>"
    body = b"<rss><channel>" + told + b"</channel></rss>"
    assert read_feed(body, "host").problem == "Bad archive"


@pytest.mark.parametrize(
    "body",
    [b"", b"broken xml", b"<html><body>Busy</body></html>", b'{"error": 1}', b"\x1f\x8b\x00", b"<rss/>"],
)
def test_what_is_no_feed_is_a_source_error(body: bytes) -> None:
    with pytest.raises(SourceError, match=r"^rss\.example did not answer with"):
        read_feed(body, "rss.example")


def test_entities_are_not_expanded_and_files_not_read(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("s3cret")
    entities = '<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">' + f'<!ENTITY f SYSTEM "file://{secret}">'
    body = f"<!DOCTYPE rss [{entities}]>".encode() + rss(item(title="Kite &b; &f;"))
    title = only(body)[0].title
    assert "haha" not in title
    assert "s3cret" not in title


def test_bytes_are_read_in_their_own_encoding() -> None:
    text = '<?xml version="1.0" encoding="iso-8859-1"?>' + rss(item(title="Café kites")).decode()
    assert only(text.encode("iso-8859-1"))[0].title == "Café kites"


def test_deep_nesting_is_refused() -> None:
    with pytest.raises(SourceError):
        read_feed(b"<a>" * 100_000, "host")


@given(st.binary(max_size=300))
@settings(max_examples=100, deadline=None)
def test_any_bytes_are_a_feed_or_a_source_error(body: bytes) -> None:
    with contextlib.suppress(SourceError):
        assert read_feed(body, "host").listed >= 0


_FRAGMENT = st.sampled_from(
    [
        *"<>&]\x00\n",
        "item",
        "guid",
        "</item>",
        "<item>",
        "<title>x</title>",
        "<link/>",
        "2604.00001v1",
        "<![CDATA[",
    ]
)


@given(st.lists(_FRAGMENT, max_size=12))
@settings(max_examples=150, deadline=None)
def test_any_items_are_counted_or_bad(parts: list[str]) -> None:
    feed = read_feed(rss("".join(parts)), "host")
    assert len(feed.announcements) <= feed.listed
