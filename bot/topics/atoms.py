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

from bot.papers.analyser import stem_word, stem_words
from bot.topics.evaluate import PaperView, near_fits, signal_fits, undecidable_error
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
Stream: TypeAlias = Callable[[PaperView], Sequence[Any]]
"""What a paper has in one place, in order."""


@dataclass(frozen=True, slots=True)
class ExactPlace:
    """Keys that occur as they are in one of these streams."""

    streams: tuple[Stream, ...]


@dataclass(frozen=True, slots=True)
class PrefixPlace:
    """Keys with which a word of one of these streams begins."""

    streams: tuple[Stream, ...]


@dataclass(frozen=True, slots=True)
class TestedPlace:
    """Keys that are leaves, each of which is held against every paper: few topics have such."""

    streams: tuple[Stream, ...] = ()


Place: TypeAlias = ExactPlace | PrefixPlace | TestedPlace


def locate_leaf(leaf: Leaf) -> tuple[Place, Key]:
    """Where to look, and for what. Leaves that mean the same give the same.

    Raises UsageError for a leaf that no paper tells by itself.
    """
    match leaf:
        case Word() | Phrase() | Prefix():
            return _locate_text(leaf)
        case Author(name):
            return _AUTHOR_PLACE, _sequence_key(name)
        case Category():
            return _CATEGORY_PLACE, leaf.pattern.lower()
        case SourceIs(source):
            return _SOURCE_PLACE, source
        case IdIs(paper_id):
            return _ID_PLACE, paper_id
        case SignalIs() | Near():
            return _TESTED_PLACE, leaf
        case About() | Like() | Trending():
            raise undecidable_error(leaf)
    assert_never(leaf)


class LeafIndex:
    """The distinct leaves of standing topics, ready to be looked for in one batch after another."""

    def __init__(self, keys: Mapping[Place, Sequence[Key]]) -> None:
        self._keys = keys
        self._wanted: dict[Stream, dict[int, set[Key]]] = defaultdict(lambda: defaultdict(set))
        for place, found in keys.items():
            for stream in place.streams if isinstance(place, ExactPlace) else ():
                for key in found:
                    self._wanted[stream][len(key) if isinstance(key, tuple) else 1].add(key)

    def bit_sets(self, views: Sequence[PaperView]) -> list[int]:
        """A bit set for every key of every place, in their order."""
        # One pass over the papers for all topics together, so that a topic more costs nothing as long as its
        # words are asked for already.
        known = {stream: _find_occurrences(map(stream, views), keys) for stream, keys in self._wanted.items()}
        begun = self._prefix_bit_sets(views)
        bits: list[int] = []
        for place, keys in self._keys.items():
            match place:
                case ExactPlace(streams):
                    bits += _union_streams([known[stream] for stream in streams], keys)
                case PrefixPlace():
                    bits += begun[place]
                case TestedPlace():
                    bits += [_to_bit_set(_leaf_fits(key, seen) for seen in views) for key in keys]
        return bits

    def _prefix_bit_sets(self, views: Sequence[PaperView]) -> dict[Place, list[int]]:
        """A bit set for every key of the places where words begin with keys."""
        places = [place for place in self._keys if isinstance(place, PrefixPlace)]
        streams = set(chain.from_iterable(place.streams for place in places))
        # Prefixes are looked up in the batch's own sorted words, whatever the number of topics.
        texts = {stream: list(map(stream, views)) for stream in streams}
        words = sorted(set[str]().union(*chain.from_iterable(texts.values())))
        spans = {place: [_words_beginning_with(key, words) for key in self._keys[place]] for place in places}
        wanted = set(chain.from_iterable(chain.from_iterable(spans.values())))
        known = {stream: _find_occurrences(text, {1: wanted}) for stream, text in texts.items()}
        begun: dict[Place, list[int]] = {}
        for place in places:
            sets = _union_streams([known[stream] for stream in place.streams], wanted)
            found = dict(zip(wanted, sets, strict=True))
            begun[place] = [reduce(or_, map(found.__getitem__, span), 0) for span in spans[place]]
        return begun


def _locate_text(leaf: Text) -> tuple[Place, Key]:
    match leaf:
        case Word(word):
            return _STEM_PLACES[leaf.field], stem_word(word)
        case Phrase(phrase):
            return _STEM_PLACES[leaf.field], _sequence_key(stem_words(list(phrase)))
        case Prefix(beginning):
            return _PREFIX_PLACES[leaf.field], beginning
    assert_never(leaf)


def _sequence_key(items: Sequence[str]) -> Key:
    return items[0] if len(items) == 1 else tuple(items)


def _find_occurrences(sequences: Iterable[Sequence[Any]], wanted: Mapping[int, set[Key]]) -> dict[Key, int]:
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


def _union_streams(known: Sequence[Mapping[Key, int]], keys: Iterable[Key]) -> Iterable[int]:
    """A bit set for each key, of where it is known from any of the streams."""
    return reduce(partial(map, or_), (map(found.get, keys, repeat(0)) for found in known))


def _words_beginning_with(beginning: str, words: list[str]) -> list[str]:
    """Those of the sorted words that start this way."""
    # The last code point is part of no word, so it sorts after all words that start this way.
    return words[bisect_left(words, beginning) : bisect_left(words, f"{beginning}\U0010ffff")]


def _leaf_fits(leaf: SignalIs | Near, seen: PaperView) -> bool:
    return signal_fits(leaf, seen.paper) if isinstance(leaf, SignalIs) else near_fits(leaf, seen)


def _to_bit_set(flags: Iterable[bool]) -> int:
    return sum(1 << number for number, flag in enumerate(flags) if flag)


def _title_stems(seen: PaperView) -> list[str]:
    return seen.title.stems


def _abstract_stems(seen: PaperView) -> list[str]:
    return seen.abstract.stems


def _title_words(seen: PaperView) -> list[str]:
    return seen.title.forms


def _abstract_words(seen: PaperView) -> list[str]:
    return seen.abstract.forms


def _author_words(seen: PaperView) -> list[str]:
    # The empty word, which nobody can ask for, keeps a run from going on into the next name.
    return [word for name in seen.authors for word in (*name, "")]


def _categories_and_archives(seen: PaperView) -> list[str]:
    """Every category, and every archive that it is in: `cs.CL` is in `cs.*`."""
    found = list(seen.categories)
    for name in seen.categories:
        parts = name.split(".")
        found += [f"{'.'.join(parts[:length])}.*" for length in range(1, len(parts) + 1)]
    return found


_STEM_PLACES = {
    Field.ANY: ExactPlace((_title_stems, _abstract_stems)),
    Field.TITLE: ExactPlace((_title_stems,)),
    Field.ABSTRACT: ExactPlace((_abstract_stems,)),
}
_PREFIX_PLACES = {
    Field.ANY: PrefixPlace((_title_words, _abstract_words)),
    Field.TITLE: PrefixPlace((_title_words,)),
    Field.ABSTRACT: PrefixPlace((_abstract_words,)),
}
_AUTHOR_PLACE = ExactPlace((_author_words,))
_CATEGORY_PLACE = ExactPlace((_categories_and_archives,))
_SOURCE_PLACE = ExactPlace((lambda seen: tuple(seen.sources),))
_ID_PLACE = ExactPlace((lambda seen: tuple(seen.ids),))
_TESTED_PLACE = TestedPlace()
