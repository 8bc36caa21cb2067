"""The leaves of standing topics over a batch of papers: each becomes a bit set, a Python integer whose bit n
is paper n of the batch.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial, reduce
from itertools import chain, repeat
from operator import or_
from typing import Any, TypeAlias, assert_never

from bot.papers.analyser import stem, stemmed
from bot.topics.evaluate import View, near_fits, signal_fits, untold
from bot.topics.query import (
    About,
    Author,
    Category,
    Field,
    IdIs,
    Leaf,
    Like,
    Near,
    Phrase,
    Prefix,
    SignalIs,
    SourceIs,
    Text,
    Trending,
    Word,
)

Key: TypeAlias = Any
"""What is looked for, hashable: an item of a stream, or a tuple of items in a row."""
Stream: TypeAlias = Callable[[View], Sequence[Any]]
"""What a paper has in one place, in order."""


@dataclass(frozen=True, slots=True)
class Exact:
    """Keys that occur as they are in one of these streams."""

    streams: tuple[Stream, ...]


@dataclass(frozen=True, slots=True)
class Beginning:
    """Keys with which a word of one of these streams begins."""

    streams: tuple[Stream, ...]


@dataclass(frozen=True, slots=True)
class Tested:
    """Keys that are leaves, each of which is held against every paper: few topics have such."""

    streams: tuple[Stream, ...] = ()


Place: TypeAlias = Exact | Beginning | Tested


def atom(leaf: Leaf) -> tuple[Place, Key]:
    """Where to look, and for what. Leaves that mean the same give the same.

    Raises UsageError for a leaf that no paper tells by itself.
    """
    match leaf:
        case Word() | Phrase() | Prefix():
            return _text_atom(leaf)
        case Author(name):
            return _NAMES, _run(name)
        case Category():
            return _CATEGORIES, leaf.pattern.lower()
        case SourceIs(source):
            return _SOURCES, source
        case IdIs(paper_id):
            return _IDS, paper_id
        case SignalIs() | Near():
            return _TESTED, leaf
        case About() | Like() | Trending():
            raise untold(leaf)
    assert_never(leaf)


class Leaves:
    """The distinct leaves of standing topics, ready to be looked for in one batch after another."""

    def __init__(self, keys: Mapping[Place, Sequence[Key]]) -> None:
        self._keys = keys
        self._wanted: dict[Stream, dict[int, set[Key]]] = defaultdict(lambda: defaultdict(set))
        for place, found in keys.items():
            for stream in place.streams if isinstance(place, Exact) else ():
                for key in found:
                    self._wanted[stream][len(key) if isinstance(key, tuple) else 1].add(key)

    def bits(self, views: Sequence[View]) -> list[int]:
        """A bit set for every key of every place, in their order."""
        # One pass over the papers for all topics together, so that a topic more costs nothing as long as its
        # words are asked for already.
        known = {stream: _occurrences(map(stream, views), keys) for stream, keys in self._wanted.items()}
        begun = self._begun(views)
        bits: list[int] = []
        for place, keys in self._keys.items():
            match place:
                case Exact(streams):
                    bits += _anywhere([known[stream] for stream in streams], keys)
                case Beginning():
                    bits += begun[place]
                case Tested():
                    bits += [_where(_fits(key, seen) for seen in views) for key in keys]
        return bits

    def _begun(self, views: Sequence[View]) -> dict[Place, list[int]]:
        """A bit set for every key of the places where words begin with keys."""
        places = [place for place in self._keys if isinstance(place, Beginning)]
        streams = set(chain.from_iterable(place.streams for place in places))
        # Prefixes are looked up in the batch's own sorted words, whatever the number of topics.
        texts = {stream: list(map(stream, views)) for stream in streams}
        words = sorted(set[str]().union(*chain.from_iterable(texts.values())))
        spans = {place: [_beginning_with(key, words) for key in self._keys[place]] for place in places}
        wanted = set(chain.from_iterable(chain.from_iterable(spans.values())))
        known = {stream: _occurrences(text, {1: wanted}) for stream, text in texts.items()}
        begun: dict[Place, list[int]] = {}
        for place in places:
            sets = _anywhere([known[stream] for stream in place.streams], wanted)
            found = dict(zip(wanted, sets, strict=True))
            begun[place] = [reduce(or_, map(found.__getitem__, span), 0) for span in spans[place]]
        return begun


def _text_atom(leaf: Text) -> tuple[Place, Key]:
    match leaf:
        case Word(word):
            return _STEMS[leaf.field], stem(word)
        case Phrase(phrase):
            return _STEMS[leaf.field], _run(stemmed(list(phrase)))
        case Prefix(beginning):
            return _FORMS[leaf.field], beginning
    assert_never(leaf)


def _run(items: Sequence[str]) -> Key:
    return items[0] if len(items) == 1 else tuple(items)


def _occurrences(sequences: Iterable[Sequence[Any]], wanted: Mapping[int, set[Key]]) -> dict[Key, int]:
    """The wanted keys, given by their length, that occur in the sequences; each with the bit set of where."""
    found: dict[Key, int] = defaultdict(int)
    for number, sequence in enumerate(sequences):
        bit = 1 << number
        # Each length of phrase is a pass of its own, about 0.02 s for a thousand papers.
        for length, keys in wanted.items():
            runs = sequence if length == 1 else zip(*(sequence[at:] for at in range(length)), strict=False)
            for key in keys.intersection(runs):
                found[key] |= bit
    return found


def _anywhere(known: Sequence[Mapping[Key, int]], keys: Iterable[Key]) -> Iterable[int]:
    """A bit set for each key, of where it is known from any of the streams."""
    return reduce(partial(map, or_), (map(found.get, keys, repeat(0)) for found in known))


def _beginning_with(beginning: str, words: list[str]) -> list[str]:
    """Those of the sorted words that begin so."""
    # The last code point is part of no word, so it sorts after all words that begin so.
    return words[bisect_left(words, beginning) : bisect_left(words, f"{beginning}\U0010ffff")]


def _fits(leaf: SignalIs | Near, seen: View) -> bool:
    return signal_fits(leaf, seen.paper) if isinstance(leaf, SignalIs) else near_fits(leaf, seen)


def _where(flags: Iterable[bool]) -> int:
    return sum(1 << number for number, flag in enumerate(flags) if flag)


def _title(seen: View) -> list[str]:
    return seen.title.stems


def _abstract(seen: View) -> list[str]:
    return seen.abstract.stems


def _title_words(seen: View) -> list[str]:
    return seen.title.forms


def _abstract_words(seen: View) -> list[str]:
    return seen.abstract.forms


def _names(seen: View) -> list[str]:
    # The empty word, which nobody can ask for, keeps a run from going on into the next name.
    return [word for name in seen.authors for word in (*name, "")]


def _categories(seen: View) -> list[str]:
    """Every category, and every archive that it is in: `cs.CL` is in `cs.*`."""
    found = list(seen.categories)
    for name in seen.categories:
        parts = name.split(".")
        found += [f"{'.'.join(parts[:length])}.*" for length in range(1, len(parts) + 1)]
    return found


_STEMS = {
    Field.ANY: Exact((_title, _abstract)),
    Field.TITLE: Exact((_title,)),
    Field.ABSTRACT: Exact((_abstract,)),
}
_FORMS = {
    Field.ANY: Beginning((_title_words, _abstract_words)),
    Field.TITLE: Beginning((_title_words,)),
    Field.ABSTRACT: Beginning((_abstract_words,)),
}
_NAMES = Exact((_names,))
_CATEGORIES = Exact((_categories,))
_SOURCES = Exact((lambda seen: tuple(seen.sources),))
_IDS = Exact((lambda seen: tuple(seen.ids),))
_TESTED = Tested()
