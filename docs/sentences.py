"""Every sentence that Paperboy says to people, as one table: `python -m docs.sentences`.

So that whoever writes English can read it all at once. Found in the code: texts with a space in them, except
what only the log, the database or a regular expression gets; and docstrings that are help.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SPEAKERS = ("bot", "adapters", "storage")
HELP = ("bot/commands/model.py", "bot/cli/")
"""Where the first line of a docstring is help."""
_SENTENCE = re.compile(r"[A-Za-z”`}][,.:;!?]? +[A-Za-z“`(]")
_NOT_SAID = re.compile(
    r"\b(SELECT|INSERT|UPDATE|DELETE|CREATE|FROM|WHERE|PRAGMA|VACUUM|ALTER)\b|\(\?[P:!<=]|\\[swbd]"
)
_UNHEARD = {
    "debug",
    "info",
    "warning",
    "error",
    "exception",
    "compile",
    "execute",
    "exec_driver_sql",
    "TypeVar",
}
"""Calls whose texts nobody reads in chat: those of the log, of expressions and of the database."""


@dataclass(frozen=True, slots=True, order=True)
class Sentence:
    """One text, with {…} where something is put in."""

    path: str
    line: int
    text: str


def sentences(root: Path = ROOT) -> Iterator[Sentence]:
    """All of them, by file and line."""
    for speaker in SPEAKERS:
        for path in sorted((root / speaker).rglob("*.py")):
            name = path.relative_to(root).as_posix()
            if "/migrations/" not in name:
                yield from sorted(_in_module(name, ast.parse(path.read_text("utf-8"))))


def _in_module(name: str, module: ast.Module) -> Iterator[Sentence]:
    docstrings = set()
    for node in ast.walk(module):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            first = node.body[0] if node.body else None
            is_help = name.startswith(HELP) and not isinstance(node, ast.Module)
            if is_help and isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
                yield Sentence(name, first.lineno, str(first.value.value).splitlines()[0])
    for node in ast.walk(module):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            docstrings.add(node.value)
    yield from _said(name, module, docstrings)


def _said(name: str, node: ast.AST, unheard: set[ast.Constant]) -> Iterator[Sentence]:
    if isinstance(node, ast.Call) and _called(node.func) in _UNHEARD:
        return
    text = _text(node)
    if text is not None:
        if node not in unheard and _SENTENCE.search(text) and not _NOT_SAID.search(text):
            yield Sentence(name, getattr(node, "lineno", 0), " ".join(text.split()))
        return
    for child in ast.iter_child_nodes(node):
        yield from _said(name, child, unheard)


def _called(function: ast.expr) -> str:
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def _text(node: ast.AST) -> str | None:
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else None
    if isinstance(node, ast.JoinedStr):
        return "".join(str(part.value) if isinstance(part, ast.Constant) else "{…}" for part in node.values)
    return None


def main() -> None:
    """Print the table; words on the command line choose the files whose path begins so."""
    chosen = tuple(sys.argv[1:]) or ("",)
    for one in sentences():
        if one.path.startswith(chosen):
            print(f"{one.path}:{one.line}\t{one.text}")


if __name__ == "__main__":
    main()
