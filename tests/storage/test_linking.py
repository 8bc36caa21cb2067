from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from storage.linking import link_records


@pytest.mark.parametrize(
    ("records", "rows", "expected"),
    [
        ([], {}, []),
        (["a", "b"], {}, [([0], []), ([1], [])]),
        (["a", "a"], {}, [([0, 1], [])]),
        (["ax", "b", "cx"], {}, [([0, 2], []), ([1], [])]),
        (["a", "b", "ab"], {}, [([0, 1, 2], [])]),
        (["a"], {"a": 3}, [([0], [3])]),
        (["ab"], {"a": 3, "b": 2}, [([0], [2, 3])]),
        (["a", "b"], {"a": 3, "b": 3}, [([0, 1], [3])]),
        (["az", "zx"], {"a": 1, "x": 2}, [([0, 1], [1, 2])]),
    ],
)
def test_records_that_share_an_id_or_a_row_are_one_work(
    records: list[str], rows: dict[str, int], expected: list[tuple[list[int], list[int]]]
) -> None:
    assert [(work.records, work.rows) for work in link_records(records, rows)] == expected


@settings(max_examples=200)
@given(
    st.lists(st.lists(st.sampled_from("abcdefgh"), min_size=1, max_size=3), max_size=8),
    st.dictionaries(st.sampled_from("abcdefgh"), st.integers(1, 4)),
)
def test_works_are_the_connected_parts(records: Sequence[Sequence[str]], rows: dict[str, int]) -> None:
    works = [({*work.records}, {*work.rows}) for work in link_records(records, rows)]

    assert works == connected(records, rows)


def connected(records: Sequence[Sequence[str]], rows: dict[str, int]) -> list[tuple[set[int], set[int]]]:
    """The same, by joining pairs until nothing changes."""
    parts = [
        ({position}, {*ids} | {rows[name] for name in ids if name in rows})
        for position, ids in enumerate(records)
    ]
    for _ in records:
        for one in parts:
            for other in parts:
                if one is not other and one[1] & other[1]:
                    one[0].update(other[0])
                    one[1].update(other[1])
    unique = {min(positions): (positions, names) for positions, names in parts}
    return [
        (positions, {name for name in names if isinstance(name, int)})
        for _, (positions, names) in sorted(unique.items())
    ]
