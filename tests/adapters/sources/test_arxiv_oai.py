"""arXiv's OAI-PMH: the recordings and their quirks."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from adapters.sources.arxiv_oai import first_question, next_question, read_page, set_of
from bot.errors import SourceError
from bot.papers.paper import Announcement, AnnouncementKind
from tests.recorded import DATA, needs_recordings

FOLLOWED = ("hep-th", "cs")


def recorded() -> list[Path]:
    """The recordings with arXiv's own metadata format."""
    return sorted((DATA / "arxiv_oai").glob("inspirehep*"))


def page(*records: str, token: str = "") -> bytes:
    return (
        '<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"><ListRecords>'
        f"{''.join(records)}<resumptionToken>{token}</resumptionToken></ListRecords></OAI-PMH>"
    ).encode()


def record(number: str = "2604.00001", day: str = "2026-04-27", more: str = "<title>On kites</title>") -> str:
    return (
        f"<record><header><identifier>oai:arXiv.org:{number}</identifier><datestamp>{day}</datestamp></header>"
        f'<metadata><arXiv xmlns="http://arxiv.org/OAI/arXiv/"><id>{number}</id>{more}</arXiv></metadata></record>'
    )


def one(name: str) -> tuple[date, Announcement]:
    (path,) = (DATA / "arxiv_oai").glob(f"*{name}*")
    return read_page(path.read_bytes(), "host", FOLLOWED).announcements[0]


@needs_recordings
@pytest.mark.parametrize("path", recorded(), ids=lambda path: path.name)
def test_every_recorded_answer_parses(path: Path) -> None:
    body = path.read_bytes()
    read = read_page(body, "host", FOLLOWED)
    assert (read.bad, read.token) == ((), "")
    assert len(read.announcements) == body.count(b"<record>") > 0
    for day, announcement in read.announcements:
        paper = announcement.paper
        assert day.year >= 2015
        assert all((paper.title, paper.abstract, paper.authors, paper.categories))


@needs_recordings
def test_quirk_created_is_not_the_date_of_version_1() -> None:
    day, announcement = one("2511.23462")
    assert (day, announcement.paper.published, announcement.paper.version) == (date(2026, 2, 11), None, None)


@needs_recordings
def test_quirk_sets_of_three_levels_and_text_without_charset() -> None:
    _, announcement = one("2511.23462")
    assert announcement.paper.categories == ("physics.atom-ph", "quant-ph")
    _, announcement = one("EXCERPT")
    assert announcement.paper.aliases[0].value == "10.1016/j.physletb.2025.139665"


@needs_recordings
def test_quirk_a_collaboration_has_no_forenames() -> None:
    assert one("record1.xml")[1].paper.authors == ("Teresa Maria Montaruli for the IceCube Collaboration",)
    assert one("record0.xml")[1].paper.authors[0] == "Planck Collaboration"


@pytest.mark.parametrize(
    ("number", "day", "categories", "kind"),
    [
        ("2604.00001", "2026-04-27", "hep-th gr-qc", AnnouncementKind.NEW),
        ("2604.00001", "2026-05-08", "cs.CL", AnnouncementKind.NEW),
        ("2604.00001", "2026-05-11", "cs.CL", AnnouncementKind.REPLACE),
        ("2604.00001", "2026-04-27", "gr-qc hep-th", AnnouncementKind.CROSS),
        ("2503.00001", "2026-04-27", "gr-qc hep-th", AnnouncementKind.REPLACE_CROSS),
        ("hep-th/9912001", "1999-12-31", "hep-th", AnnouncementKind.NEW),
        ("hep-th/9912001", "2026-04-27", "hep-th", AnnouncementKind.REPLACE),
    ],
)
def test_the_kind_is_guessed_from_the_id(
    number: str, day: str, categories: str, kind: AnnouncementKind
) -> None:
    more = f"<title>On kites</title><categories>{categories}</categories>"
    ((_, announcement),) = read_page(page(record(number, day, more)), "host", FOLLOWED).announcements
    assert announcement.kind is kind


def test_deleted_records_are_left_out() -> None:
    gone = (
        '<record><header status="deleted"><identifier>oai:arXiv.org:2604.00002</identifier></header></record>'
    )
    read = read_page(page(gone, record()), "host", FOLLOWED)
    assert [str(announcement.paper.id) for _, announcement in read.announcements] == ["arxiv:2604.00001"]
    assert read.bad == ()


def test_a_bad_record_costs_that_record_alone() -> None:
    bare = "<record><header><datestamp>2026-04-27</datestamp></header></record>"
    read = read_page(
        page(bare, record(day="soon"), record("x"), record(more="<title/>"), record()), "host", FOLLOWED
    )
    assert len(read.announcements) == 1
    assert [(day, bad.where, bad.problem) for day, bad in read.bad] == [
        (date(2026, 4, 27), "record 1", "It has no metadata in arXiv's format."),
        (None, "oai:arXiv.org:2604.00001", "It has no datestamp."),
        (date(2026, 4, 27), "oai:arXiv.org:x", "It has no arXiv id."),
        (date(2026, 4, 27), "oai:arXiv.org:2604.00001", "It has no title."),
    ]


def test_the_token_leads_to_the_next_page() -> None:
    further = "abc|1001"
    assert read_page(page(record(), token=further), "host", FOLLOWED).token == further
    assert next_question(further) == {"verb": "ListRecords", "resumptionToken": further}


@needs_recordings
@pytest.mark.parametrize(
    ("name", "reason"), [("badResumptionToken", "invalid"), ("badArgument", "badArgument")]
)
def test_reported_errors(name: str, reason: str) -> None:
    body = (DATA / "oai_generic" / f"sickle__{name}.xml").read_bytes()
    with pytest.raises(SourceError, match=reason):
        read_page(body, "host", FOLLOWED)


@needs_recordings
def test_no_records_is_an_empty_page() -> None:
    body = (DATA / "oai_generic" / "sickle__noRecordsMatch.xml").read_bytes()
    read = read_page(body, "host", FOLLOWED)
    assert (read.announcements, read.bad, read.token) == ((), (), "")


@pytest.mark.parametrize("body", [b"broken xml", b"<html/>", page(record())[:-30]])
def test_what_is_no_oai_is_a_source_error(body: bytes) -> None:
    with pytest.raises(SourceError, match=r"^host did not answer with"):
        read_page(body, "host", FOLLOWED)


@pytest.mark.parametrize(
    ("category", "name"),
    [
        ("cs.AI", "cs:cs:AI"),
        ("cs", "cs"),
        ("math.AG", "math:math:AG"),
        ("hep-th", "physics:hep-th"),
        ("physics.atom-ph", "physics:physics:atom-ph"),
        ("physics", "physics:physics"),
        ("cond-mat.mes-hall", "physics:cond-mat:mes-hall"),
        ("q-bio.QM", "q-bio:q-bio:QM"),
    ],
)
def test_sets(category: str, name: str) -> None:
    assert set_of(category) == name
    assert first_question(category, date(2026, 4, 1))["set"] == name
