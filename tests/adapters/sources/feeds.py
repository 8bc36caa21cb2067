"""Feeds of arXiv's, written by a test or recorded."""

from __future__ import annotations

import json
from pathlib import Path

from adapters.sources.arxiv_feed import read_feed
from bot.papers.paper import AnnouncementKind, Paper
from tests.recorded import DATA

RSS = (
    '<rss version="2.0" xmlns:arxiv="http://arxiv.org/schemas/atom" xmlns:dc="http://purl.org/dc/elements/1.1/">'
    "<channel><title>cs.CL updates on arXiv.org</title>{date}{items}</channel></rss>"
)
DATED = "<pubDate>Mon, 27 Apr 2026 00:00:00 -0400</pubDate>"
ATOM = (
    '<feed xmlns="http://www.w3.org/2005/Atom" xmlns:arxiv="http://arxiv.org/schemas/atom" '
    'xmlns:dc="http://purl.org/dc/elements/1.1/"><title>t</title>'
    "<updated>2026-04-27T05:12:00+00:00</updated>{items}</feed>"
)


def item(inner: str = "", *, guid: str = "oai:arXiv.org:2604.00001v2", title: str = "On kites") -> str:
    return f"<item><title>{title}</title><guid>{guid}</guid>{inner}</item>"


def rss(*items: str, date: str = DATED) -> bytes:
    return RSS.format(date=date, items="".join(items)).encode()


def only(body: bytes) -> tuple[Paper, AnnouncementKind]:
    feed = read_feed(body, "host")
    assert not feed.bad
    (announcement,) = feed.announcements
    return announcement.paper, announcement.kind


def recorded(folder: str) -> list[Path]:
    return sorted((DATA / folder).glob("*"))


def body_of(path: Path) -> bytes:
    """The `.json` recordings wrap the body."""
    raw = path.read_bytes()
    return json.loads(raw)["body"].encode() if path.suffix == ".json" else raw


def api(name: str) -> bytes:
    (path,) = (DATA / "arxiv_api").glob(f"*{name}*")
    return body_of(path)
