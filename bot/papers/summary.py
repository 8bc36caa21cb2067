"""A paper in a sentence and in key words, taken from its own text: no model, no other papers, no network.

How well that works is measured in docs/decisions/summaries.md.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator
from itertools import chain

from bot.papers.analyser import fold_text, is_word_char, split_words, stem_text, stem_word
from bot.papers.paper import Paper
from bot.papers.stop_words import STOP_WORDS
from bot.papers.text import clean_text

SENTENCE_LIMIT = 240
"""Characters of a sentence."""
ANSWER_LIMIT = 400
"""Characters of what a model may say of a paper: two sentences."""
TITLE_WEIGHT = 3
"""A word in the title tells what a paper is about as much as so many in the abstract."""
# The weights were chosen on 800 of the recorded papers and checked on the others:
# docs/decisions/summaries.md.
OWN_WORK = 0.2
"""What a sentence that tells of the paper's own work has ahead, where 1 is to say all of the paper."""
MOST_SENTENCES = 60
"""Longer texts are no abstracts, and a card must not wait for them."""
MOST_TERM_WORDS = 3
"""Words of a key word."""
LENGTH_WEIGHT = 1.5
"""A term of two words tells as much as one that is said 2 to the power of this as often."""

_SENTENCE_END = re.compile(
    r"(?<=[.!?])(?<!\be\.g\.)(?<!\bi\.e\.)(?<!\bal\.)(?<!\bvs\.)(?<!\bcf\.)(?<!\b[Ff]ig\.)(?<!\b[Ee]q\.)"
    r"\s+(?=[^a-z\s])"
)
_OWN_WORK = re.compile(
    r"\b(?:we (?:introduce|propose|present|show|develop|find|demonstrate|study|argue)"
    r"|this (?:paper|work|study|report))\b"
)
"""In small letters, which is quicker than to ignore case."""
_NOT_PLAIN = re.compile(r"://|\bwww\.|@\S|\]\(|</?[a-z!]|\*\*|__|`|^\s*(?:[#>*-]|\d+\.)\s|<\|", re.IGNORECASE)
"""Links, people's addresses and mentions, markup, and the signs that models are steered with."""
_FEWEST_WORDS = 4
_CLAUSE = re.compile(r"\n|\s-\s")
_WORDS_OF_ANY_PAPER = frozenset(
    """
    ability able accuracy achieve achieved achieves achieving across address addresses analysis
    application applications approach approaches art available average based baseline baselines best
    better beyond capabilities capability challenge challenges challenging code com compared
    comprehensive consistently contribution contributions core critical current demonstrate demonstrates
    despite develop different diverse due effective effectively effectiveness efficient enable enables
    enabling evaluate evaluated evaluation evaluations existing experiment experimental experiments
    extensive final finally find finding findings first framework fundamental furthermore future gains
    gap general github high however https idea identify improve improved improvement improvements
    improves improving include including information introduce introduces io key lack large leading
    leverage leverages leveraging limitation limitations limited low main method methods model models
    moreover multiple new novel number open outperform outperforming outperforms paper papers
    performance potential practical present presents prior problem problems progress propose proposed
    proposes provide provides providing question questions real recent recently rely remain remains
    require requires research result results robust scenarios second set show shows significant
    significantly simple single specific specifically state strong studies study substantial
    substantially success superior system systems task tasks technique techniques third three time two
    typically unified unlike various way widely work works
    """.split()  # noqa: SIM905 - one word a line would be two hundred lines
)
"""Words of any paper, which say nothing of what this one is about."""
_STOP_STEMS = frozenset(map(stem_word, STOP_WORDS))


class _ClauseBreaks(dict[int, str]):
    """For `str.translate`: a sign at which a clause ends to a line end. It fills itself."""

    def __missing__(self, code: int) -> str:
        char = chr(code)
        folded = fold_text(char)
        stays = not folded or any(map(is_word_char, folded)) or char in "'\u2019-"
        return self.setdefault(code, char if stays else " " if char.isspace() else "\n")


_clause_breaks = _ClauseBreaks()


def split_sentences(text: str) -> list[str]:
    """The sentences of `text`, in order."""
    return _SENTENCE_END.split(text)


def pick_sentence(title: str, abstract: str) -> str:
    """The sentence of the abstract that says most of the paper, the first of equals.

    That is the cosine of its stems and those of the whole, and a little more where it tells of the paper's
    own work. What is longer than `SENTENCE_LIMIT` characters is cut.
    """
    found = split_sentences(abstract)[:MOST_SENTENCES]
    told = [_telling_stems(sentence[:SENTENCE_LIMIT]) for sentence in found]
    whole = Counter(chain(*[_telling_stems(title)] * TITLE_WEIGHT, *told))
    length = _vector_length(whole)
    # No rarity of words over the store: it gave 0.007 more, and a card would say something else each day.
    scores = [
        _cosine_similarity(some, whole, length) + _own_work_bonus(sentence)
        for some, sentence in zip(told, found, strict=True)
    ]
    return _cut_sentence(found[scores.index(max(scores))])


def signed_summary(paper: Paper) -> str:
    """What a card says of the paper, and who says it where that is a model which was asked here."""
    if paper.summary_by:
        return f"{paper.summary} (summary by {paper.summary_by})"
    return paper.summary or pick_sentence(paper.title, paper.abstract)


def accept_answer(answer: str) -> str:
    """What a model answered, where it is a sentence or two of plain text, as a card can show it; else "".

    It has read an abstract, which may tell it to say something else. So what has a link, an address, markup
    or several lines is not what was asked for.
    """
    plain = clean_text(answer.strip().strip('"“”'))
    if not len(split_words(plain)) >= _FEWEST_WORDS or len(plain) > ANSWER_LIMIT:
        return ""
    # Links and markup are how an abstract that was written for the model would reach the reader.
    if len(answer.strip().splitlines()) > 1 or _NOT_PLAIN.search(answer) or len(split_sentences(plain)) > 2:
        return ""
    return plain


def key_words(title: str, abstract: str, limit: int = 6) -> tuple[str, ...]:
    """Terms of one to three words that tell what the paper is about, folded, the most telling first.

    A term counts as often as it is said, `TITLE_WEIGHT` times in the title, and the more the longer it is.
    What is part of a better one is left out.
    """
    counts: Counter[tuple[str, ...]] = Counter()
    for text, weight in ((title, TITLE_WEIGHT), (abstract[: MOST_SENTENCES * SENTENCE_LIMIT], 1)):
        for term in _find_terms(text):
            counts[term] += weight
    ranked = sorted(counts, key=lambda term: (-_term_weight(term, counts[term]), term))
    chosen: list[tuple[str, ...]] = []
    for term in ranked:
        if len(chosen) == limit:
            break
        if not any(_overlap_terms(term, other) for other in chosen):
            chosen.append(term)
    return tuple(map(" ".join, chosen))


def _telling_stems(text: str) -> list[str]:
    return [told for told in stem_text(text) if told not in _STOP_STEMS]


def _cosine_similarity(told: list[str], whole: Counter[str], whole_length: float) -> float:
    if not told:
        return 0.0
    return sum(map(whole.__getitem__, told)) / (_vector_length(Counter(told)) * whole_length)


def _vector_length(count: Counter[str]) -> float:
    return math.hypot(*count.values())


def _own_work_bonus(sentence: str) -> float:
    return OWN_WORK if _OWN_WORK.search(sentence.lower()) else 0.0


def _cut_sentence(sentence: str) -> str:
    return (
        sentence
        if len(sentence) <= SENTENCE_LIMIT
        else sentence[: SENTENCE_LIMIT - 1].rsplit(" ", 1)[0] + "…"
    )


def _find_terms(text: str) -> Iterator[tuple[str, ...]]:
    """Every run of up to `MOST_TERM_WORDS` telling words that stand side by side."""
    for clause in _CLAUSE.split(text.translate(_clause_breaks)):
        run: list[str] = []
        for word in split_words(clause):
            if word in STOP_WORDS or word in _WORDS_OF_ANY_PAPER or len(word) < 2 or word.isdigit():
                run = []
                continue
            run = [*run, word][-MOST_TERM_WORDS:]
            yield from (tuple(run[start:]) for start in range(len(run)))


def _term_weight(term: tuple[str, ...], count: int) -> float:
    return count * math.pow(len(term), LENGTH_WEIGHT)


def _overlap_terms(term: tuple[str, ...], other: tuple[str, ...]) -> bool:
    """Whether one stands in the other, whatever the endings."""
    short, long = sorted((list(map(stem_word, term)), list(map(stem_word, other))), key=len)
    return any(long[at : at + len(short)] == short for at in range(len(long) - len(short) + 1))
