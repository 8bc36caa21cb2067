"""A judged collection is found under the ids that its file has, however odd these are."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bot.bootstrap import file_source
from bot.papers.identity import PaperId
from bot.search.export import hit_json
from bot.search.plan import plan_search
from bot.search.typed import parse_search
from bot.services.ingest import ingest_sources
from bot.services.search import Searcher
from tests.apps import SetClock, an_app

IDS = (
    *("MED-10", "med:10", "pub:10", "A1", "a1", "0017", "c67-2019-04-18T13:32:05Z-00"),
    *("2501.12345v2", "arXiv:2501.12346", "https://arxiv.org/abs/2501.12347", "math.CO/9901016"),
    *("10.1101/ABC.DEF", "https://doi.org/10.1101/xyz", "doi:10.1000/Q"),
    *("doc 1", "doc_1", "doc%201", " lead", "lead", "a\u200bb", "ab", "tab\tbed", "new\nline"),
    *("<dbpedia:Animalia_(book)>", "dbpedia:Animalia", 'q"uote', "100%", "a*", "end.", "end"),
    *("\u00e91", "e\u03011", "\u096a\u0939\u093f", "\uff21", "\u2013dash", "\ud800", "x" * 290),
)


@pytest.mark.parametrize("name", ["corpus", "doi"])
async def test_every_document_is_found_under_its_id(tmp_path: Path, name: str) -> None:
    rows = [{"id": one, "title": "The same title", "text": f"wombat {at}"} for at, one in enumerate(IDS)]
    (tmp_path / "file.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    app = an_app(tmp_path, SetClock("2026-11-09T15:00"))
    done = [
        one
        async for one in ingest_sources(file_source(tmp_path / "file.jsonl", name), app.database, app.clock)
    ]
    assert (sum(one.new for one in done), [one.bad for one in done]) == (len(IDS), [()])

    plan, searcher = plan_search(parse_search("wombat")), Searcher(app.ranker)
    searcher.prepare_search(app.database, plan)
    with app.database.begin() as tx:
        hits = searcher.search(tx, plan, 100).hits
        asked = [plan_search(parse_search(f'id:"{hit.paper.id}"')) for hit in hits]
        again = [searcher.search(tx, one, 2).hits for one in asked]
    app.database.close()

    assert sorted(str(hit_json(1, hit)["id"]) for hit in hits) == sorted(IDS)
    assert all(PaperId.from_text(str(hit.paper.id)) == hit.paper.id for hit in hits)
    assert [[one.paper.id for one in found] for found in again] == [[hit.paper.id] for hit in hits]
