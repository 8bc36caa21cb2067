"""Papers in, out of files and sources; searches, digests and the demo out."""

from __future__ import annotations

import json
from datetime import date

from tests.cli.command import Paperboy, one_line, write_papers
from tests.environment import ROOT
from tests.recorded import needs_recordings
from tests.standins.sources import SourcesStandin, standin_in_thread


def test_a_file_is_ingested_searched_and_the_same_again_changes_nothing(stocked: Paperboy) -> None:
    again = stocked("ingest", "--file", "papers.jsonl", "--source", "club", "--json")
    assert json.loads(again.stdout) == {
        "source": "club", "day": "2025-10-09", "announced": 3, "new": 0, "matched": 0, "unreadable": [],
        "complete": True,
    }  # fmt: skip

    found = json.loads(stocked("search", "emergent", "misalignment", "--json").stdout)
    assert [hit["id"] for hit in found] == ["2502.17424", "2510.00001"]
    assert found[0] == {
        "rank": 1, "score": found[0]["score"], "id": "2502.17424", "paper": "arxiv:2502.17424",
        "title": "Emergent misalignment",
        "authors": ["Ann Author"], "categories": ["cs.CL"], "published": "2025-02-24",
        "announced": "2025-10-09", "sources": ["club"], "upvotes": 7, "stars": None,
        "url": "https://arxiv.org/abs/2502.17424", "snippet": None, "marks": [],
    }  # fmt: skip
    assert 1 >= found[0]["score"] > found[1]["score"] > 0
    assert json.loads(stocked("search", "slipstream", "--json").stdout)[0]["id"] == "7"
    assert json.loads(stocked("search", "zebra", "--json").stdout) == []
    assert "2 papers for emergent" in stocked("search", "emergent", "--limit", "1").stdout


def test_two_files_of_one_name_are_no_collection_by_accident(paperboy: Paperboy) -> None:
    for folder in ("one", "two"):
        (paperboy.folder / folder).mkdir()
        write_papers(paperboy.folder / folder / "corpus.jsonl")
    both = ("ingest", "--file", "one/corpus.jsonl", "--file", "two/corpus.jsonl")

    assert "Several files are named corpus" in one_line(paperboy(*both), 2)
    assert paperboy(*both, "--source", "club").returncode == 0


def test_a_bad_line_costs_that_line_alone_and_is_named(paperboy: Paperboy) -> None:
    write_papers(paperboy.folder / "papers.jsonl")
    with (paperboy.folder / "papers.jsonl").open("a", encoding="utf-8") as file:
        file.write('{"id": "8"}\nnot json\n')

    done = paperboy("ingest", "--file", "papers.jsonl")

    assert done.returncode == 0
    assert "3 papers announced, 3 new, 0 matched" in done.stdout
    assert "line 4" in done.stdout
    assert "line 5" in done.stdout


def test_a_digest_is_made_once_a_day(stocked: Paperboy) -> None:
    assert "has nothing subscribed" in one_line(stocked("digest"), 2)
    stocked("chat", "-c", "subscribe emergent")
    write_papers(stocked.folder / "more.jsonl")
    more = {"id": "2510.00009", "title": "Emergent things", "announced": "2025-10-10"}
    (stocked.folder / "more.jsonl").write_text(json.dumps(more), encoding="utf-8")
    stocked("ingest", "--file", "more.jsonl")

    assert "Emergent things" in stocked("digest", "--dry-run").stdout
    assert "1 paper for" in stocked("digest").stdout
    assert "Nothing new" in stocked("digest", "--channel", "terminal:local").stdout


def test_unreadable_files_are_named(paperboy: Paperboy) -> None:
    (paperboy.folder / "binary.jsonl").write_bytes(bytes(range(256)) * 100)
    for name in ("absent.jsonl", ".", "binary.jsonl"):
        said = one_line(paperboy("ingest", "--file", name), 1)
        assert "Use JSON Lines" in said


@needs_recordings
def test_the_sources_are_asked_and_a_broken_one_is_said(paperboy: Paperboy) -> None:
    with standin_in_thread() as server:
        server.set_day(date(2025, 10, 10))
        paperboy.env |= source_settings(server)
        done = paperboy("ingest", "--source", "arxiv")
        assert done.returncode == 0, done.stderr
        assert "arxiv 2025-10-10: " in done.stdout
        again = paperboy("ingest", "--source", "arxiv")
        twice = paperboy("ingest", "--source", "arxiv", "--source", "arxiv")
        assert twice.stdout == again.stdout

        for _ in range(20):
            server.fail("/rss/", "garbage")
        said = one_line(paperboy("ingest", "--source", "arxiv"), 1)
        assert said == "127.0.0.1 did not answer with XML. It will be retried in the next round."

        looked = paperboy("doctor")
        assert looked.returncode == 1
        assert "✓ database" in looked.stdout
        assert "✗ arxiv" in looked.stdout
        assert paperboy("doctor", "--offline").returncode == 0


def source_settings(server: SourcesStandin) -> dict[str, str]:
    return {
        "PAPERBOY_SOURCES": "arxiv,huggingface",
        "PAPERBOY_ARXIV_RSS_URL": server.url,
        "PAPERBOY_ARXIV_API_URL": f"{server.url}/api/query",
        "PAPERBOY_ARXIV_OAI_URL": f"{server.url}/oai",
        "PAPERBOY_HUGGINGFACE_URL": server.url,
        "PAPERBOY_ARXIV_PACE_SECONDS": "0",
    }


def test_the_demo_plays_to_its_end(paperboy: Paperboy) -> None:
    done = paperboy.anew("demo")

    assert (done.returncode, done.stderr) == (0, "")
    assert "for Friday 10 October 2025" in done.stdout
    assert "announced" in done.stdout
    after = done.stdout[done.stdout.rindex("/papers emergent misalignment") :]
    first = next(line for line in after.splitlines() if "  1 " in line)
    assert "Emergent Misalignment" in first
    assert not any(paperboy.folder.iterdir()), "the demo leaves nothing behind"
    picture = (ROOT / "README.md").read_text(encoding="utf-8").partition("<!-- digest -->\n```text\n")[2]
    assert picture.partition("```")[0] in done.stdout, "README shows another digest than the demo"
