"""Answering a search: filters from the store, words from the lexical index, fused with meaning."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

import structlog

from bot.errors import IndexFolderError
from bot.papers.analyser import split_words, stem_word
from bot.papers.stop_words import STOP_WORDS
from bot.ports.papers import Papers
from bot.ports.search import Ranker
from bot.ports.store import Store, Transaction
from bot.search.fusion import FUSION_DEPTH, SHORT_QUERY_WORDS, fuse_scores
from bot.search.plan import Hits, Order, SearchPlan, stems_of
from bot.search.snippet import find_snippet
from bot.search.typo_correction import correct_word
from bot.services.semantic import Meaning, answer_query
from bot.services.sync_index import follows, keep_up
from bot.topics.query import Near, Prefix, Text, Word, leaves_of

COMPLETIONS = 50
"""A prefix is scored by so many of the words that start this way, the most frequent ones."""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Searcher:
    """Answers search plans; without `meaning`, by words alone."""

    ranker: Ranker
    meaning: Meaning | None = None

    def prepare_search(self, store: Store, plan: SearchPlan) -> None:
        """Do what takes time and no transaction waits for: keep the index up, and read the model.

        An index that cannot be kept up stays as it is. Raises StorageError.
        """
        try:
            keep_up(store, self.ranker)
        except IndexFolderError as error:
            log.warning("search index left behind", problem=str(error))
        if self.meaning:
            if plan.required:
                self.meaning.prepare_query(plan.required)
            if plan.text:
                self.meaning.vector_of(plan.text)

    def knows_word(self, text: str) -> bool:
        """Whether some paper has one of the words. Raises StorageError where the index cannot be used."""
        return bool(self.ranker.count([stem_word(word) for word in split_words(text)]))

    def search(self, tx: Transaction, plan: SearchPlan, limit: int, offset: int = 0) -> Hits:
        """A page of hits; the newest of those that the store finds where the index does not follow it.

        Raises StorageError where the index cannot be read, and UsageError where a filter by meaning cannot
        be answered.
        """
        indexed = follows(self.ranker.mark(), tx.papers.store_mark())
        plan, corrected = self._correct_typos(plan) if indexed else (plan, ())
        if plan.required:
            plan = _as_page(
                replace(plan, required=answer_query(self.meaning, tx, plan.required, since=plan.since))
            )
        if plan.order is Order.RELEVANCE and plan.scored and indexed:
            found = self._rank_by_words(tx, plan, limit, offset)
        else:
            found = tx.papers.find(plan, limit, offset)
        stems = self._known_stems(plan.scored)
        shown = tuple(replace(hit, snippet=find_snippet(hit.paper.abstract, stems)) for hit in found.hits)
        return replace(found, hits=shown, corrected=corrected, plan=plan)

    def _rank_by_words(self, tx: Transaction, plan: SearchPlan, limit: int, offset: int) -> Hits:
        among = tx.papers.matching_keys(plan) if plan.required or plan.since else None
        stems, end = self._known_stems(plan.scored), offset + limit
        by_words = self.ranker.rank(stems, max(FUSION_DEPTH, end), among)
        with_all = self._with_all(plan, among)
        scores = {**dict(by_words[:FUSION_DEPTH]), **with_all}
        near = self._rank_by_meaning(tx, plan, among, scores)
        # What is near only by meaning may hold some of the words too.
        scores |= dict(self.ranker.rank(stems, FUSION_DEPTH, near.keys() - scores.keys())) if near else {}
        placed: dict[int, float | None] = dict(fuse_scores(scores, near, with_all))
        # The order of what was placed must not depend on the page that is asked for.
        placed |= {key: None for key, _ in by_words[FUSION_DEPTH:] if key not in placed}
        if not plan.ranked and len(placed) < end:
            placed |= dict.fromkeys(_the_rest(tx.papers, plan, end, placed))
        total = len(among) if among is not None and not plan.ranked else self._count_hits(stems, near, among)
        return _page_of(tx.papers, placed, list(placed)[offset:end], total)

    def _with_all(self, plan: SearchPlan, among: Collection[int] | None) -> Mapping[int, float]:
        """The papers with all words of a short query, which come first."""
        stems = self._known_stems(plan.ranked)
        if not 1 < len(stems) <= SHORT_QUERY_WORDS:
            return {}
        return dict(self.ranker.rank(stems, FUSION_DEPTH, among, every=True))

    def _rank_by_meaning(
        self, tx: Transaction, plan: SearchPlan, among: Collection[int] | None, also: Collection[int]
    ) -> Mapping[int, float]:
        if not self.meaning or not plan.text:
            return {}
        vector = self.meaning.vector_of(plan.text)
        return dict(tx.vectors.nearest(self.meaning.model, vector, FUSION_DEPTH, among, also))

    def _count_hits(
        self, stems: Collection[str], near: Collection[int], among: Collection[int] | None
    ) -> int:
        """How many papers hold one of the words, or are similar in meaning."""
        without = len(near) - (self.ranker.count(stems, near) if near else 0)
        return self.ranker.count(stems, among) + without

    def _known_stems(self, leaves: Sequence[Text]) -> Counter[str]:
        stems: Counter[str] = Counter()
        for leaf in leaves:
            if isinstance(leaf, Prefix):
                known = sorted(self.ranker.words(leaf.text), key=lambda item: -item[1])[:COMPLETIONS]
                stems.update({stem_word(word) for word, _ in known})
            else:
                stems.update(stems_of(leaf))
        return stems

    def _correct_typos(self, plan: SearchPlan) -> tuple[SearchPlan, tuple[tuple[str, str], ...]]:
        """The plan with words that some paper has, and what was changed for it."""
        unknown = [word for word in plan.ranked if not self.ranker.count(stems_of(word))]
        known = self.ranker.words() if unknown else ()
        pairs = {word.text: other for word in unknown if (other := correct_word(word.text, known))}
        if not pairs:
            return plan, ()

        def right(leaf: Text) -> Text:
            if not isinstance(leaf, Word) or leaf not in unknown:
                return leaf
            return Word(pairs.get(leaf.text, leaf.text))

        ranked = tuple(dict.fromkeys(Word(pairs.get(word.text, word.text)) for word in plan.ranked))
        scored = tuple(map(right, plan.scored))
        text = " ".join(pairs.get(part.lower(), part) for part in plan.text.split())
        return replace(plan, ranked=ranked, scored=scored, text=text), tuple(pairs.items())


def _as_page(plan: SearchPlan) -> SearchPlan:
    """The plan ranking also by what its leaves by meaning say."""
    found = leaves_of(plan.required, positive=True) if plan.required else ()
    said = [leaf.what for leaf in found if isinstance(leaf, Near)]
    if not said:
        return plan
    telling = [word for word in split_words(" ".join(said)) if word not in STOP_WORDS]
    text = " ".join(filter(None, (plan.text, *said)))
    return replace(plan, text=text, scored=(*plan.scored, *map(Word, telling)))


def _page_of(papers: Papers, placed: Mapping[int, float | None], page: Sequence[int], total: int) -> Hits:
    hits = papers.hits_of(page)
    return Hits(tuple(replace(hit, score=placed[hit.key]) for hit in hits), total)


def _the_rest(papers: Papers, plan: SearchPlan, number: int, placed: Collection[int]) -> list[int]:
    """What the filters let through besides, the newest first."""
    newest = papers.find(replace(plan, order=Order.DATE), number).hits
    return [hit.key for hit in newest if hit.key not in placed]
