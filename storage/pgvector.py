"""The vectors as PostgreSQL's extension pgvector has them (https://github.com/pgvector/pgvector).

A row of `halfvec` a paper, beside the bytes in `vectors`: these are what moves from one kind of database to
the other, and all that a server without the extension has. The rows are scanned whole, so that the nearest
are exactly the nearest (docs/decisions/meaning.md says what an HNSW index would give and cost).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import Float, Integer, Select, any_, column, func, literal, select, table, text, union
from sqlalchemy.dialects.postgresql import ARRAY, insert
from sqlalchemy.exc import DBAPIError
from sqlalchemy.types import UserDefinedType
from sqlmodel import Session, col

from bot.vectors import Floats
from storage.float16 import WIDTH, unpack_vector
from storage.locks import lock_papers
from storage.tables import VectorRow

ADVICE = (
    "PostgreSQL has no pgvector here, so that every machine keeps a copy of the vectors: "
    "install it, and run CREATE EXTENSION vector (docs/postgresql.md)"
)


class _HalfVec(UserDefinedType[str]):
    """Numbers of 16 bits, given as text."""

    cache_ok = True

    def get_col_spec(self, **_: object) -> str:
        """As SQL names it."""
        return f"halfvec({WIDTH})"


_VECTORS = table("paper_vectors", column("paper_id", Integer), column("model"), column("vector", _HalfVec))
_CHUNK = 1000
_NOT_LET = "42501"
"""https://www.postgresql.org/docs/current/errcodes-appendix.html"""
_NUMBERS = f"[{','.join(['%.5g'] * WIDTH)}]"
"""Five digits say a number of 16 bits exactly, since 11 bits of it count."""
_MAKE = f"""
    CREATE TABLE paper_vectors (
        paper_id integer PRIMARY KEY REFERENCES papers (id) ON DELETE CASCADE,
        model varchar NOT NULL,
        vector halfvec({WIDTH}) NOT NULL
    )"""


def in_use(session: Session) -> bool:
    """Whether the database has them."""
    if session.get_bind().dialect.name != "postgresql":
        return False
    return session.scalar(select(func.to_regclass(_VECTORS.name).is_not(None))) or False


def is_missing(session: Session) -> bool:
    """Whether the server has the extension, and the database does not have them yet."""
    if session.get_bind().dialect.name != "postgresql" or in_use(session):
        return False
    known = text("SELECT count(*) > 0 FROM pg_available_extensions WHERE name = 'vector'")
    return session.scalar(known) or False


def refresh(session: Session) -> None:
    """Have them from now on, where the server has the extension and lets this user make it."""
    if not is_missing(session) or not _has_extension(session):
        return
    lock_papers(session)
    # Whoever stores vectors meanwhile has to be done, and sees the table afterwards.
    session.execute(text("LOCK TABLE vectors IN SHARE MODE"))
    session.execute(text(_MAKE))
    rebuild(session)


def rebuild(session: Session) -> None:
    """Copy the bytes of all papers anew."""
    if not in_use(session):
        return
    session.execute(_VECTORS.delete())
    last, key = 0, col(VectorRow.id)
    following = select(key, col(VectorRow.paper_id), col(VectorRow.model), col(VectorRow.vector)).order_by(
        key
    )
    while rows := session.execute(following.where(key > last).limit(_CHUNK)).all():
        write(session, [row._asdict() for row in rows])
        last = rows[-1].id


def write(session: Session, rows: Sequence[Mapping[str, Any]]) -> None:
    """Put the vectors of papers, given as rows of `vectors`, in place of what they had."""
    if not rows:
        return
    new = insert(_VECTORS)
    replaced = {name: new.excluded[name] for name in ("model", "vector")}
    values = [
        {"paper_id": row["paper_id"], "model": row["model"], "vector": _text(unpack_vector(row["vector"]))}
        for row in rows
    ]
    session.execute(new.on_conflict_do_update(index_elements=[_VECTORS.c.paper_id], set_=replaced), values)


def nearest(
    session: Session,
    model: str,
    vector: Floats,
    limit: int,
    among: Collection[int] | None,
    also: Collection[int],
) -> Sequence[tuple[int, float]]:
    """The papers of the highest cosines with `vector`, and those of `also`: as `search.ports.Vectors`."""
    # A plan that was made without the numbers of `among` would look through all of them for every paper.
    session.execute(text("SET LOCAL plan_cache_mode = force_custom_plan"))
    # The operator is the negative inner product, and vectors are of unit length.
    distance = _VECTORS.c.vector.op("<#>", return_type=Float)(literal(_text(vector), _HalfVec)).label(
        "distance"
    )
    asked = select(_VECTORS.c.paper_id, distance).where(_VECTORS.c.model == model)
    chosen = asked if among is None else asked.where(_one_of(among))
    best: Select[Any] = chosen.order_by(distance, _VECTORS.c.paper_id.desc()).limit(limit)
    found = session.execute(union(select(best.subquery()), asked.where(_one_of(also))) if also else best)
    return sorted(((key, -distance) for key, distance in found), key=lambda hit: (-hit[1], -hit[0]))


def _one_of(keys: Collection[int]) -> Any:
    return _VECTORS.c.paper_id == any_(literal(list(keys), ARRAY(Integer)))


def _has_extension(session: Session) -> bool:
    """Have the extension; False where it is an old one, or the server does not let us."""
    try:
        with session.begin_nested():
            session.execute(text("CREATE EXTENSION IF NOT EXISTS vector"))
    except DBAPIError as error:
        if getattr(error.orig, "sqlstate", None) == _NOT_LET:
            return False
        raise
    return session.scalar(text("SELECT to_regtype('halfvec') IS NOT NULL")) or False


def _text(vector: Floats) -> str:
    return _NUMBERS % tuple(vector.tolist())
