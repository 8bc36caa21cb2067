"""Standing topics against a batch of papers, many at once (docs/decisions/matching.md).

The batch is indexed, not the topics. Topics are compiled into one graph in which every distinct
sub-expression of all of them is one node. A batch gives each node a bit set over its papers: a leaf's comes
from an index of the batch, any other's is one `&`, `|` or `^` of its parts'.
"""

from __future__ import annotations

from array import array
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from functools import partial, reduce
from itertools import chain, compress, count
from operator import and_, or_, xor

from bot.papers.identity import PaperId
from bot.papers.paper import Paper
from bot.topics.atoms import Key, LeafIndex, Place, locate_leaf
from bot.topics.evaluate import PaperView, view_paper
from bot.topics.query import And, Not, Or, Query


class _Kind(IntEnum):
    NOT = 0
    AND = 1
    OR = 2


_FLAGS = bytes.maketrans(b"01", b"\0\1")
_MANY_BITS = 80
"""From so many bits on, reading off all of a bit set is quicker than taking its bits one by one."""
_OPERATORS = {_Kind.NOT: xor, _Kind.AND: and_, _Kind.OR: or_}


@dataclass(frozen=True, slots=True)
class _Step:
    """Nodes of one kind whose parts earlier steps have made: node n is the operator on `left[n]`, `right[n]`.

    Node 0 is the bit set of all papers, so that a Not is the exclusive or of it and its part.
    """

    kind: _Kind
    left: array[int]
    right: array[int]


# Python's integers as bit sets: `&` and `|` over a thousand papers are one call in C, and need no dependency.
# Measured against tantivy and FTS5 in docs/decisions/matching.md: 4 and 8 times as fast, a tenth of the
# memory.
class TopicSet:
    """Standing topics, compiled once for any number of batches.

    Raises UsageError where a topic needs the meaning index (see `bot.topics.query.needs_meaning`).
    """

    def __init__(self, topics: Iterable[Query]) -> None:
        graph = _Graph()
        roots = [graph.add_query(topic) for topic in topics]
        numbers, self._steps = graph.lay_out_nodes()
        self._leaves = graph.leaf_index()
        self._roots = array("I", map(numbers.__getitem__, roots))

    def __len__(self) -> int:
        return len(self._roots)

    def match_papers(self, views: Sequence[PaperView]) -> list[tuple[int, ...]]:
        """For each topic, in order, the ascending positions in `views` of the papers that it fits."""
        bits = [(1 << len(views)) - 1, *self._leaves.bit_sets(views)]
        # A level at a time through `map`: a call for each node in Python would cost more than the operations.
        for step in self._steps:
            left, right = map(bits.__getitem__, step.left), map(bits.__getitem__, step.right)
            bits += list(map(_OPERATORS[step.kind], left, right))
        # Many topics share a result; reading the papers off a bit set costs more than making it.
        decoded = _Positions(len(views))
        return [decoded[bits[root]] for root in self._roots]


def match_batch(
    topics: Mapping[int, Query],
    papers: Iterable[Paper],
    sources: Mapping[PaperId, Collection[str]] | None = None,
) -> Iterator[tuple[int, PaperView]]:
    """The key of a topic and the view of a paper that it fits, for every such pair, topic by topic.

    `sources` says which sources have announced a paper. Raises UsageError where a topic needs the meaning
    index.
    """
    announced = sources or {}
    views = [view_paper(paper, announced.get(paper.id, ())) for paper in papers]
    for key, found in zip(topics, TopicSet(topics.values()).match_papers(views), strict=True):
        for number in found:
            yield key, views[number]


class _Positions(dict[int, tuple[int, ...]]):
    """Bit sets to the ascending numbers of their bits, each worked out once."""

    def __init__(self, size: int) -> None:
        self._numbers = tuple(range(size))

    def __missing__(self, bits: int) -> tuple[int, ...]:
        numbers = self._read_few_bits(bits) if bits.bit_count() < _MANY_BITS else self._read_many_bits(bits)
        return self.setdefault(bits, numbers)

    @staticmethod
    def _read_few_bits(bits: int) -> tuple[int, ...]:
        # From the top, so that the integer gets shorter with each bit that is taken.
        found = []
        while bits:
            top = bits.bit_length() - 1
            found.append(top)
            bits ^= 1 << top
        return tuple(reversed(found))

    def _read_many_bits(self, bits: int) -> tuple[int, ...]:
        # The binary digits are made and picked in C; the loop above takes longer from `_MANY_BITS` bits on.
        return tuple(compress(self._numbers, f"{bits:b}"[::-1].encode().translate(_FLAGS)))


class _Graph:
    """The distinct sub-expressions of topics, numbered as they are met; 0 is the set of all papers."""

    def __init__(self) -> None:
        self._levels = [0]
        self._leaves: dict[Place, dict[Key, int]] = defaultdict(dict)
        self._inner: dict[tuple[_Kind, int, int], int] = {}

    def add_query(self, query: Query) -> int:
        """The number of `query`'s node, new or known."""
        match query:
            case Not(part):
                # XOR with the set of all papers: Python's `~` would give a negative number, of endless ones.
                return self._add_inner(_Kind.NOT, 0, self.add_query(part))
            case And(parts) | Or(parts):
                kind = _Kind.AND if isinstance(query, And) else _Kind.OR
                # In one order, so that topics share what they have in common.
                return reduce(partial(self._add_inner, kind), sorted(map(self.add_query, parts)))
            case _:
                place, key = locate_leaf(query)
                # `or` is safe here: number 0 is the set of all papers, and never a leaf's.
                return self._leaves[place].get(key) or self._add_leaf(place, key)

    def leaf_index(self) -> LeafIndex:
        """The leaves, in the order of `lay_out_nodes`."""
        return LeafIndex({place: tuple(numbers) for place, numbers in self._leaves.items()})

    def lay_out_nodes(self) -> tuple[array[int], list[_Step]]:
        """Final numbers by the present ones, and the steps that make the inner nodes in that order."""
        final = array("I", [0]) * len(self._levels)
        ordered = count(1)
        for number in chain.from_iterable(numbers.values() for numbers in self._leaves.values()):
            final[number] = next(ordered)
        by_step: dict[tuple[int, _Kind], list[tuple[int, int, int]]] = defaultdict(list)
        for (kind, left, right), number in self._inner.items():
            by_step[self._levels[number], kind].append((number, left, right))
        steps = []
        # By level: every part of a node has its final number, and its bits, before the node is reached.
        for (_, kind), nodes in sorted(by_step.items()):
            for number, _, _ in nodes:
                final[number] = next(ordered)
            # Arrays have 4 bytes a node; lists of Python integers take several times that.
            parts = (array("I", (final[node[side]] for node in nodes)) for side in (1, 2))
            steps.append(_Step(kind, *parts))
        return final, steps

    def _add_leaf(self, place: Place, key: Key) -> int:
        number = self._leaves[place][key] = len(self._levels)
        self._levels.append(0)
        return number

    def _add_inner(self, kind: _Kind, left: int, right: int) -> int:
        number = self._inner.setdefault((kind, left, right), len(self._levels))
        if number == len(self._levels):
            self._levels.append(1 + max(self._levels[left], self._levels[right]))
        return number
