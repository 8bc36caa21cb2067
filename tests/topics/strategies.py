"""Queries and papers for Hypothesis."""

from __future__ import annotations

from hypothesis import strategies as st

from bot.papers.analyser import split_words
from bot.papers.identity import PaperId
from bot.papers.paper import Paper, Signals
from bot.topics.fields import SIGNS
from bot.topics.query import (
    About,
    And,
    Author,
    Category,
    Comparison,
    Field,
    IdIs,
    Like,
    Near,
    Not,
    Or,
    Phrase,
    Prefix,
    Query,
    Signal,
    SignalIs,
    SourceIs,
    Trending,
    Word,
    join_parts,
)
from bot.topics.window import Window

# A few words that often meet: some share a stem, some a beginning, some are operators in lower case.
VOCABULARY = (
    "learn",
    "learning",
    "learned",
    "lean",
    "model",
    "models",
    "mode",
    "or",
    "not",
    "in",
    "语言",
    "x2",
)
CATEGORIES = ("cs.CL", "cs.LG", "cs", "hep-th", "a.b.cd", "cancer biology")
PATTERNS = ("cs.CL", "cs.*", "hep-th", "hep-th.*", "a.b.cd", "a.*", "a.b.*", "cancer biology")

_arxiv_ids = st.sampled_from(("2502.17424", "2301.00001", "hep-th/9901001"))
_dois = st.sampled_from(("10.1234/ab(c)5", "10.1101/2024.01.01.573800"))
_ids = st.builds(PaperId, st.just("arxiv"), _arxiv_ids) | st.builds(PaperId, st.just("doi"), _dois)
_fields = st.sampled_from(Field)
_numbers = st.integers(min_value=0, max_value=3)
_sentences = (
    st.text(st.characters(exclude_characters='"“”„‟«»'))
    .map(lambda text: " ".join(text.translate(SIGNS).split()))
    .filter(lambda text: '"' not in text and bool(split_words(text)))
)
_likes: st.SearchStrategy[Query] = st.builds(Like, _ids) | st.builds(About, _sentences)

_near: st.SearchStrategy[Query] = st.builds(
    Near, st.just(About("models")), st.just("models"), st.frozensets(_ids, max_size=2)
)


def leaves(word: st.SearchStrategy[str]) -> st.SearchStrategy[Query]:
    """Every kind of leaf that needs no meaning index, over these words."""
    some = st.lists(word, min_size=1, max_size=4).map(tuple)
    return st.one_of(
        st.builds(Word, word, _fields),
        st.builds(Word, word),
        st.builds(Phrase, some, _fields),
        st.builds(Prefix, word.filter(lambda text: len(text) > 1), _fields),
        st.builds(Author, some),
        st.builds(Category, st.sampled_from(PATTERNS)),
        st.builds(SourceIs, st.sampled_from(("arxiv", "my-papers.2"))),
        st.builds(IdIs, _ids),
        st.builds(SignalIs, st.sampled_from(Signal), st.sampled_from(Comparison), _numbers),
    )


def queries(leaf: st.SearchStrategy[Query]) -> st.SearchStrategy[Query]:
    """Queries over these leaves, as `parse_query` would build them."""

    def negated(query: Query) -> Query:
        return query.part if isinstance(query, Not) else Not(query)

    return st.recursive(
        leaf,
        lambda inner: st.one_of(
            inner.map(negated),
            st.lists(inner, min_size=2, max_size=4).map(lambda parts: join_parts(And, parts)),
            st.lists(inner, min_size=2, max_size=4).map(lambda parts: join_parts(Or, parts)),
        ),
        max_leaves=8,
    )


any_word = st.text(min_size=1, max_size=8).flatmap(lambda text: st.sampled_from(split_words(text) or ["x"]))
common_word = st.sampled_from(VOCABULARY)
_others = queries(leaves(any_word) | _likes)
_ranked = st.builds(Trending, st.sampled_from(Window))
any_query = _others | st.builds(lambda one, rest: join_parts(And, [one, rest]), _ranked, _others) | _ranked
common_query = queries(leaves(common_word))
answered_query = queries(leaves(common_word) | _near)
"""As common ones, some leaves by meaning among them, answered."""

_text = st.lists(common_word, max_size=8).map(" ".join)
papers = st.builds(
    Paper,
    _ids,
    _text,
    _text,
    st.lists(st.lists(common_word, min_size=1, max_size=3).map(" ".join), max_size=3).map(tuple),
    st.lists(st.sampled_from(CATEGORIES), max_size=2).map(tuple),
    aliases=st.lists(_ids, max_size=1).map(tuple),
    signals=st.builds(
        Signals,
        st.none() | st.integers(min_value=0, max_value=3),
        st.none() | st.integers(min_value=0, max_value=3),
    ),
)
