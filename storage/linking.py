"""Which records of a batch tell of the same work, and of which stored ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(slots=True)
class Linked:
    """One work: the positions of its records in the batch, and its rows, the oldest first."""

    records: list[int] = field(default_factory=list)
    rows: list[int] = field(default_factory=list)


def link_records(records: Sequence[Sequence[str]], rows: Mapping[str, int]) -> list[Linked]:
    """The works of a batch in its order, when `records` are the ids of each record, one or more.

    `rows` says in which row an id is stored. Records that share an id or a row are one work, and so are
    those that only a third one links.
    """
    roots = _Roots()
    for ids in records:
        for name in ids:
            roots.join(ids[0], name)
            if name in rows:
                roots.join(ids[0], rows[name])
    works: dict[str | int, Linked] = {}
    for position, ids in enumerate(records):
        work = works.setdefault(roots.of(ids[0]), Linked())
        work.records.append(position)
        work.rows = sorted({*work.rows, *(rows[name] for name in ids if name in rows)})
    return list(works.values())


class _Roots:
    """A union-find over ids and row numbers."""

    def __init__(self) -> None:
        self._above: dict[str | int, str | int] = {}

    def of(self, item: str | int) -> str | int:
        above = self._above
        while (parent := above.get(item, item)) != item:
            above[item] = item = above.get(parent, parent)
        return item

    def join(self, first: str | int, second: str | int) -> None:
        self._above[self.of(second)] = self.of(first)
