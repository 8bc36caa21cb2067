"""How much better the first ten papers of a digest are after some 👍: `python -m benchmarks.feedback`.

Every topic of a judged collection is subscribed by all of its words. A reader likes some relevant papers
among those of 2020 to 2022 that it matches; then its new papers, those of 2023 and 2024, are ranked as a
digest ranks them. Topics with more than ten new papers count, of which some are relevant and some not. The
judgements are incomplete, so that the figures compare, and say little by themselves.

Beside it, in the same run: the order without feedback, and a linear support vector machine on TF-IDF words
alone, as arxiv-sanity has it. "Shared" are channels of four topics that have nothing in common, each with its
own 👍; "elsewhere" is a topic for which all 👍 were given in the channel's three others.
"""

from __future__ import annotations

import argparse
import random
import statistics
import sys
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from benchmarks.judged import Judged, model, ndcg, needed, stored
from bot.channels.channel import Subscription
from bot.digests.compose import build_sections
from bot.digests.digest import Candidate, Match
from bot.digests.paper_cache import PaperCache
from bot.feedback.preferences import RECENT_NUMBER, Preferences, RecentPapers, stem_frequencies
from bot.feedback.rating import Rating, Thumb
from bot.feedback.sparse import Scores
from bot.papers.analyser import split_words
from bot.papers.identity import PaperId
from bot.papers.paper import Paper
from bot.topics.evaluate import fits_paper, view_paper
from bot.topics.query import And, Query, Word, join_parts
from bot.vectors import Floats

COLLECTION = "ijcai"
SPLIT = 2023
"""Papers of this year and later are new."""
LIKES = (1, 5)
SHARED = 4
"""Topics of a shared channel."""
SEEDS = 2
"""So often the 👍 are drawn for each topic."""
DEPTH = 10
AIM = 1.15
"""nDCG@10 after five 👍, as a multiple of that without any."""
PENALTY, NEGATIVES = 0.02, 400
"""Of the support vector machine: C, and the papers drawn as its negatives."""
_DAY = datetime(2025, 1, 1, tzinfo=UTC)
Ranked = Sequence[PaperId]


@dataclass(frozen=True, slots=True)
class Topic:
    """A topic and what it matches: all of the old papers, the new ones, and what is relevant of them."""

    query: Query
    old: Sequence[Paper]
    new: Sequence[Paper]
    relevant: frozenset[PaperId]


@dataclass(frozen=True, slots=True)
class World:
    """The collection: its topics, and all old papers."""

    topics: Sequence[Topic]
    old: Sequence[Paper]
    recent: RecentPapers
    vectors: Mapping[PaperId, Floats]


def main() -> None:
    """Measure and print; the exit code is 1 where the aim is missed."""
    parser = argparse.ArgumentParser(description="How much feedback improves a digest.")
    parser.add_argument("--folder", type=Path, help="Keep the database here, for the next run.")
    asked = parser.parse_args()
    needed()
    with TemporaryDirectory() as temporary:
        world = _world(Judged(COLLECTION), asked.folder or Path(temporary))
    gains = [_report(world, likes) for likes in LIKES]
    _shared(world)
    sys.exit(gains[-1] < AIM)


def _world(judged: Judged, folder: Path) -> World:
    meaning = model()
    database, _ = stored(judged, folder, meaning)
    ids = {PaperId(judged.name, row["id"]): row for row in judged.papers}
    with database.begin() as tx:
        papers = {paper_id: hit.paper for paper_id in ids if (hit := tx.papers.get(paper_id))}
        vectors = tx.vectors.vectors_of(meaning.model, papers)
    database.close()
    old = [paper for name, paper in papers.items() if ids[name]["year"] < SPLIT]
    seen = {name: view_paper(paper) for name, paper in papers.items()}
    topics = []
    for name, text in judged.questions.items():
        query = join_parts(And, [Word(word) for word in split_words(text)])
        matched = [papers[one] for one in papers if fits_paper(query, seen[one])]
        relevant = frozenset(one for one in papers if one.value in judged.grades[name])
        new = [paper for paper in matched if ids[paper.id]["year"] >= SPLIT]
        topics.append(Topic(query, [one for one in matched if one not in new], new, relevant))
    return World(topics, old, RecentPapers(old[:: -(-len(old) // RECENT_NUMBER)], vectors), vectors)


def _report(world: World, likes: int) -> float:
    """Print the measures after so many 👍, and return the gain in nDCG@10."""
    rows: dict[str, list[tuple[float, float]]] = defaultdict(list)
    milliseconds = []
    for topic in filter(_telling, world.topics):
        for seed in range(SEEDS):
            liked = _drawn(topic, likes, seed, relevant=True)
            if not liked:
                continue
            disliked = _drawn(topic, likes, seed, relevant=False)
            rows["without feedback"].append(_measures(topic, _digest(topic, None)))
            started = time.perf_counter()
            ranked = _digest(topic, _taste(world, liked))
            milliseconds.append(1000 * (time.perf_counter() - started))
            rows["Paperboy"].append(_measures(topic, ranked))
            blind = Preferences([_rating(one, Thumb.UP) for one in liked], world.recent)
            rows["Paperboy, words alone"].append(_measures(topic, _digest(topic, blind)))
            both = _taste(world, liked, disliked)
            rows[f"Paperboy, and {likes} 👎"].append(_measures(topic, _digest(topic, both)))
            rows["words alone by SVM"].append(_measures(topic, _svm(world, topic, liked)))
    print(
        f"{likes} 👍 on a topic ({len(milliseconds)} digests, {statistics.median(milliseconds):.0f} ms each)"
    )
    return _print(rows)["Paperboy"]


def _shared(world: World) -> None:
    """Print what the 👍 of a channel with several topics are worth for each of them."""
    order = [topic for topic in world.topics if _telling(topic)]
    random.Random(SHARED).shuffle(order)
    rows: dict[str, list[tuple[float, float]]] = defaultdict(list)
    for start in range(0, len(order) - SHARED + 1, SHARED):
        channel = order[start : start + SHARED]
        liked = {topic.query: _drawn(topic, 3, 0, relevant=True) for topic in channel}
        for topic in channel:
            elsewhere = [one for query, found in liked.items() if query != topic.query for one in found]
            if not liked[topic.query] or not elsewhere:
                continue
            rows["without feedback"].append(_measures(topic, _digest(topic, None)))
            every = _taste(world, [*liked[topic.query], *elsewhere])
            rows["shared"].append(_measures(topic, _digest(topic, every)))
            rows["elsewhere"].append(_measures(topic, _digest(topic, _taste(world, elsewhere))))
    print(f"3 👍 on each of {SHARED} topics of a channel ({len(rows['shared'])} digests)")
    _print(rows)


def _print(rows: Mapping[str, Sequence[tuple[float, float]]]) -> Mapping[str, float]:
    """Print the means of each way, and return its gain in nDCG over the first."""
    means = {
        name: [statistics.mean(column) for column in zip(*row, strict=True)] for name, row in rows.items()
    }
    base = means["without feedback"][0]
    for name, (gain, precision) in means.items():
        print(f"  {name:24} nDCG@10 {gain:.3f} ({gain / base:.2f} times)  P@10 {precision:.3f}")
    return {name: gain / base for name, (gain, _) in means.items()}


def _telling(topic: Topic) -> bool:
    relevant = sum(paper.id in topic.relevant for paper in topic.new)
    return len(topic.new) > DEPTH and 0 < relevant < len(topic.new)


def _drawn(topic: Topic, number: int, seed: int, *, relevant: bool) -> list[Paper]:
    """Some old papers of the topic; none where there are too few."""
    found = [paper for paper in topic.old if (paper.id in topic.relevant) is relevant]
    rng = random.Random(f"{topic.query} {seed}")
    return rng.sample(found, number) if len(found) >= number else []


def _rating(paper: Paper, thumb: Thumb) -> Rating:
    return Rating(paper, "reader", thumb, _DAY)


def _taste(world: World, liked: Sequence[Paper], disliked: Sequence[Paper] = ()) -> Preferences:
    ratings = [_rating(one, Thumb.UP) for one in liked] + [_rating(one, Thumb.DOWN) for one in disliked]
    return Preferences(ratings, world.recent, world.vectors)


def _digest(topic: Topic, taste: Preferences | None) -> Ranked:
    """The new papers in the order of a digest."""
    subscription = Subscription(1, 1, topic.query)
    matched = [Candidate(one, (Match(one.id, 1, COLLECTION, _DAY.date(), ()),)) for one in topic.new]
    [section] = build_sections([subscription], matched, len(matched), PaperCache(), taste)
    return [candidate.paper.id for candidate in section.shown]


def _measures(topic: Topic, ranked: Ranked) -> tuple[float, float]:
    grades = {str(paper.id): 1.0 for paper in topic.new if paper.id in topic.relevant}
    first = [str(name) for name in ranked]
    return ndcg(first, grades, DEPTH), sum(name in grades for name in first[:DEPTH]) / DEPTH


def _svm(world: World, topic: Topic, liked: Sequence[Paper]) -> Ranked:
    """The new papers by a balanced linear SVM on TF-IDF: dual coordinate descent, as in LIBLINEAR.

    https://doi.org/10.1145/1390156.1390208
    """
    among = [paper for paper in world.old if paper not in liked]
    negatives = random.Random(len(liked)).sample(among, NEGATIVES)
    trained = [*liked, *negatives]
    table = _table(world.recent, [*trained, *topic.new])
    rows, asked = table[: len(trained)], table[len(trained) :]
    signs = np.array([1.0] * len(liked) + [-1.0] * NEGATIVES)
    share = np.where(signs > 0, len(liked), NEGATIVES)
    most = PENALTY * len(trained) / (2 * share)
    gram, alphas = rows @ rows.T, np.zeros(len(trained))
    rng = np.random.default_rng(0)
    for _ in range(40):
        for at in rng.permutation(len(trained)):
            slope = signs[at] * (gram[at] @ (alphas * signs)) - 1
            alphas[at] = np.clip(alphas[at] - slope / max(gram[at, at], 1e-9), 0, most[at])
    scores = asked @ (rows.T @ (alphas * signs))
    return [topic.new[at].id for at in np.argsort(-scores, kind="stable")]


def _table(recent: RecentPapers, papers: Sequence[Paper]) -> Scores:
    told = dict.fromkeys(word for paper in papers for word in stem_frequencies(paper))
    table = recent.tf_idf_table(papers, {word: at for at, word in enumerate(told)})
    return np.stack([table.dense_row(at, len(told)) for at in range(table.height)])


if __name__ == "__main__":
    main()
