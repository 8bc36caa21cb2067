"""docs/glossary.md has each term once, by a name that the code has, and the code uses none of the others."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path

import pytest

from tests.environment import ROOT

PAGE = ROOT / "docs" / "glossary.md"
_ROW = re.compile(
    r"^\| (?P<term>[^|*-][^|]*) \| (?P<meaning>[^|]+\.) \| `(?P<place>[^`]+)` \|(?P<wrong>[^|]*)\|$"
)
_PART_OF_NAME = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")


@cache
def rows() -> Sequence[dict[str, str]]:
    found = [
        match.groupdict() for line in PAGE.read_text("utf-8").splitlines() if (match := _ROW.match(line))
    ]
    return [{name: value.strip() for name, value in row.items()} for row in found if row["term"] != "Term"]


@cache
def wrong_words() -> frozenset[str]:
    return frozenset(word for row in rows() for word in row["wrong"].split(", ") if word)


def modules() -> Iterator[Path]:
    for package in ("bot", "adapters", "storage"):
        yield from (file for file in (ROOT / package).rglob("*.py") if "versions" not in file.parts)


def words_of(name: str) -> set[str]:
    return {part.lower() for part in _PART_OF_NAME.findall(name)}


def has_symbol(body: Sequence[ast.stmt], name: str) -> bool:
    first, _, rest = name.partition(".")
    for node in body:
        match node:
            case ast.ClassDef(name=found, body=inner) if found == first:
                return not rest or has_symbol(inner, rest)
            case ast.FunctionDef(name=found) | ast.AsyncFunctionDef(name=found) if found == first:
                return not rest
            case ast.AnnAssign(target=ast.Name(id=found)) if found == first:
                return not rest
            case ast.Assign(targets=[ast.Name(id=found)]) if found == first:
                return not rest
    return False


def test_every_row_of_the_page_is_read() -> None:
    lines = [line for line in PAGE.read_text("utf-8").splitlines() if line.startswith("| ")]

    assert len(rows()) == len(lines) - 1, "a row without a sentence, or without a place in the code"
    assert wrong_words()


def test_terms_are_sorted_and_stand_once() -> None:
    terms = [row["term"] for row in rows()]

    assert terms == sorted(set(terms))


@pytest.mark.parametrize("place", [row["place"] for row in rows()])
def test_the_code_has_the_name(place: str) -> None:
    module, _, symbol = place.partition(":")
    assert (ROOT / module).is_file()

    tree = ast.parse((ROOT / module).read_text("utf-8"))
    assert not symbol or has_symbol(tree.body, symbol)


def test_a_symbol_that_is_missing_is_noticed() -> None:
    body = ast.parse("class Digest:\n    slot: int = 0\n    def plan(self): ...\n").body

    assert has_symbol(body, "Digest.slot")
    assert has_symbol(body, "Digest.plan")
    assert not has_symbol(body, "Digest.day")
    assert not has_symbol(body, "Receipt")


def test_no_file_is_called_by_an_unused_word() -> None:
    found = {
        file.relative_to(ROOT).as_posix()
        for file in modules()
        if words_of(file.stem) & wrong_words() or words_of(file.parent.name) & wrong_words()
    }

    assert not found


def test_no_function_or_class_is_called_by_an_unused_word() -> None:
    named: dict[str, str] = {}
    for file in modules():
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                for word in words_of(node.name) & wrong_words():
                    named[word] = f"{file.relative_to(ROOT)}:{node.lineno} {node.name}"

    assert not named
