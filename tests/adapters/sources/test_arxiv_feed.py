"""arXiv's feeds: the recordings, and the quirks seen in them."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from adapters.sources.arxiv_feed import read_feed
from bot.papers.identity import PaperId
from bot.papers.paper import AnnouncementKind, Paper
from tests.adapters.sources.feeds import ATOM, api, body_of, item, only, recorded, rss
from tests.recorded import DATA, needs_recordings


@needs_recordings
@pytest.mark.parametrize("path", recorded("arxiv_rss"), ids=lambda path: path.name)
def test_every_recorded_announcement_parses(path: Path) -> None:
    body = body_of(path)
    feed = read_feed(body, "host")
    assert (feed.bad, feed.problem, feed.intact) == ((), "", True)
    assert len(feed.announcements) == feed.listed == body.count(b"<item>")
    assert feed.day
    for announcement in feed.announcements:
        paper = announcement.paper
        assert all((paper.version, paper.title, paper.abstract, paper.authors, paper.categories))
        assert not paper.abstract.startswith("arXiv:")


@needs_recordings
@pytest.mark.parametrize("path", recorded("arxiv_api"), ids=lambda path: path.name)
def test_every_recorded_api_answer_parses(path: Path) -> None:
    body = body_of(path)
    feed = read_feed(body, "host")
    if "id_abc" in path.name:
        assert feed.problem == "incorrect id format for abc"
        return
    assert (feed.bad, feed.problem) == ((), "")
    assert len(feed.announcements) == body.count(b"<entry>")
    for announcement in feed.announcements:
        paper = announcement.paper
        assert all(
            (paper.version, paper.title, paper.abstract, paper.authors, paper.categories, paper.published)
        )


@needs_recordings
def test_api_quirk_old_layout_wraps_titles() -> None:
    first = read_feed(api("james-akl"), "host").announcements[0].paper
    assert first.title.endswith("Alignment in Long-Horizon Tasks")
    assert first.categories == ("cs.RO", "cs.AI", "cs.CV", "cs.LG", "cs.SY", "eess.SY")
    assert (first.published, first.version) == (date(2025, 10, 16), 1)


@needs_recordings
def test_api_quirk_new_layout_has_a_primary_category_without_scheme_and_a_doi() -> None:
    first = read_feed(api("malkreide"), "host").announcements[0].paper
    assert first.categories == ("physics.ins-det",)
    assert first.aliases == (PaperId("doi", "10.1088/1742-6596/309/1/012012"),)


@needs_recordings
def test_api_quirk_unknown_ids_have_no_entry() -> None:
    assert read_feed(api("id_0000.0000"), "host").listed == 0


@needs_recordings
def test_api_quirk_old_ids_and_authors_with_affiliations() -> None:
    paper = read_feed(api("astro-ph_0601001"), "host").announcements[0].paper
    assert (str(paper.id), paper.version) == ("arxiv:astro-ph/0601001", 1)
    assert paper.authors == ("Andrew Gould", "Susan Dorsher", "B. Scott Gaudi", "Andrzej Udalski")


@needs_recordings
def test_api_quirk_mojibake_stays_but_its_control_signs_go() -> None:
    titles = [
        announcement.paper.title for announcement in read_feed(api("s0_m100_cfe"), "host").announcements
    ]
    (odd,) = [
        title for title in titles if title.endswith("WebView-Oriented Testing for Android Applications")
    ]
    assert odd.isprintable()


@needs_recordings
def test_rss_quirk_cdata_holds_html_and_the_link_has_the_version() -> None:
    first = read_feed((DATA / "arxiv_rss" / "synthetic_a-F1_sample.xml").read_bytes(), "host").announcements[
        0
    ]
    assert (str(first.paper.id), first.paper.version, first.kind) == (
        "arxiv:2608.04321",
        1,
        AnnouncementKind.NEW,
    )
    assert "robot policy that" in first.paper.abstract
    assert "<" not in first.paper.abstract


@needs_recordings
def test_rss_quirk_a_weekend_is_valid_and_empty() -> None:
    feed = read_feed((DATA / "arxiv_rss" / "rss_cs.CL_2026-08-01_weekend_empty.xml").read_bytes(), "host")
    assert (feed.day, feed.listed, feed.announcements) == (date(2026, 8, 1), 0, ())


@pytest.mark.parametrize(
    ("announced", "kind"),
    [
        ("new", AnnouncementKind.NEW),
        ("cross", AnnouncementKind.CROSS),
        ("replace", AnnouncementKind.REPLACE),
        ("replace-cross", AnnouncementKind.REPLACE_CROSS),
        ("absonly", AnnouncementKind.REPLACE),
        ("unheard-of", AnnouncementKind.REPLACE),  # at version 2
    ],
)
def test_rss_quirk_announce_types(announced: str, kind: AnnouncementKind) -> None:
    element = f"<arxiv:announce_type>{announced}</arxiv:announce_type>"
    heading = f"<description>arXiv:2604.00001v2 Announce Type: {announced} \nAbstract: Kites.</description>"
    for inner in (element, heading, element + heading):
        assert only(rss(item(inner)))[1] is kind
    assert only(rss(item(heading)))[0].abstract == "Kites."


@pytest.mark.parametrize(
    ("announced", "kind"),
    [("unheard-of", AnnouncementKind.NEW), ("", AnnouncementKind.NEW), ("absonly", AnnouncementKind.REPLACE)],
)
def test_an_unknown_type_of_a_first_version_is_new(announced: str, kind: AnnouncementKind) -> None:
    odd = f"<arxiv:announce_type>{announced}</arxiv:announce_type>"
    assert only(rss(item(odd, guid="oai:arXiv.org:2604.00001v1")))[1] is kind


def test_rss_quirk_one_creator_joins_all_authors() -> None:
    names = r"Ana Rodr\'iguez (Lab A, Town (North), Land), {\L}ukasz Kowalski (1 and 2), CERN Team"
    creator = f"<dc:creator>{names}</dc:creator>"
    assert only(rss(item(creator)))[0].authors == ("Ana Rodríguez", "Łukasz Kowalski", "CERN Team")


@pytest.mark.parametrize(
    ("inner", "guid", "version"),
    [
        ("<link>https://arxiv.org/abs/2604.00001</link>", "oai:arXiv.org:2604.00001v3", 3),
        ("<link>https://arxiv.org/abs/2604.00001v4</link>", "", 4),
        ("<description>arXiv:2604.00001v5 Announce Type: new Abstract: x</description>", "", 5),
        ("<link>https://arxiv.org/abs/2604.00001</link>", "https://example.org/elsewhere", None),
    ],
)
def test_rss_quirk_the_version_may_stand_in_the_guid_alone(
    inner: str, guid: str, version: int | None
) -> None:
    paper, _ = only(rss(item(inner, guid=guid)))
    assert (str(paper.id), paper.version) == ("arxiv:2604.00001", version)


def test_rss_quirk_items_without_a_date() -> None:
    assert read_feed(rss(item()), "host").day == date(2026, 4, 27)


@pytest.mark.parametrize(
    ("stamp", "day"),
    [
        ("<lastBuildDate>Mon, 27 Apr 2026 03:59:00 +0000</lastBuildDate>", date(2026, 4, 26)),
        ("<lastBuildDate>Mon, 27 Apr 2026 04:00:00 +0000</lastBuildDate>", date(2026, 4, 27)),
        ("<pubDate>Mon, 27 Apr 2026 12:00:00 -0000</pubDate>", date(2026, 4, 27)),
        ("<pubDate>tomorrow</pubDate>", None),
        ("<pubDate>Mon, 27 Apr 99999999999 00:00:00 -0400</pubDate>", None),
        ("<pubDate>Mon, 27 Apr 2026 00:00:00 +99999999999999</pubDate>", None),
        ("<pubDate>0001-01-01T00:00:00+00:00</pubDate>", None),
        ("", None),
    ],
)
def test_the_day_is_new_yorks(stamp: str, day: date | None) -> None:
    assert read_feed(rss(item(), date=stamp), "host").day == day


def test_rss_quirk_the_first_category_may_belong_to_another_archive() -> None:
    inner = "<category>math.ST</category><category>stat.ML</category>"
    inner += "<arxiv:announce_type>new</arxiv:announce_type>"
    paper, kind = only(rss(item(inner)))
    assert (paper.categories, kind) == (("math.ST", "stat.ML"), AnnouncementKind.NEW)


def test_acm_and_msc_classes_are_no_categories() -> None:
    terms = (
        "cs.CL",
        "I.2.7",
        "68T50",
        "F.2.2; I.2.7",
        "68T07, 68U10",
        "cond-mat.mes-hall",
        "hep-th",
        "cs.CL",
        "",
    )
    inner = "".join(f"<category>{term}</category>" for term in terms)
    assert only(rss(item(inner)))[0].categories == ("cs.CL", "cond-mat.mes-hall", "hep-th")


def test_the_atom_announcement() -> None:
    entry = (
        "<entry><id>oai:arXiv.org:hep-th/9901001v2</id><title>On kites</title>"
        '<link href="https://arxiv.org/abs/hep-th/9901001" rel="alternate"/>'
        "<summary>arXiv:hep-th/9901001v2 Announce Type: replace \nAbstract: Kites fly.</summary>"
        '<category term="hep-th"/><published>2026-04-27T00:00:00-04:00</published>'
        "<arxiv:announce_type>replace</arxiv:announce_type><arxiv:DOI>10.1000/a 10.1000/B</arxiv:DOI>"
        "<dc:creator>A. Kite, B. Wind</dc:creator></entry>"
    )
    body = ATOM.format(items=entry).encode()
    paper, kind = only(body)
    assert read_feed(body, "host").day == date(2026, 4, 27)
    assert paper == Paper(
        id=PaperId("arxiv", "hep-th/9901001"),
        title="On kites",
        abstract="Kites fly.",
        authors=("A. Kite", "B. Wind"),
        categories=("hep-th",),
        version=2,
        aliases=(PaperId("doi", "10.1000/a"), PaperId("doi", "10.1000/b")),
    )
    assert kind is AnnouncementKind.REPLACE


def test_a_paper_listed_twice_stands_once_and_as_the_freshest_kind() -> None:
    twice = [item(f"<arxiv:announce_type>{kind}</arxiv:announce_type>") for kind in ("replace", "cross")]
    feed = read_feed(rss(*twice), "host")
    assert [one.kind for one in feed.announcements] == [AnnouncementKind.CROSS]
    assert feed.listed == 2
