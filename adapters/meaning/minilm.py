"""The forward pass of all-MiniLM-L6-v2 in NumPy: a BERT of six layers whose mean over the tokens is a text's
vector (https://arxiv.org/abs/2002.10957, https://arxiv.org/abs/1908.10084).

The tokens of several texts stand one below the other without padding, so that no product is spent on nothing
and no text's vector depends on its neighbours; only attention goes text by text.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from bot.vectors import Floats

LAYERS = 6
HEADS = 12
WIDTH = 384
_HEAD = WIDTH // HEADS
_EPSILON = np.float32(1e-12)


@dataclass(frozen=True, slots=True)
class _Dense:
    weight: Floats
    bias: Floats

    def __call__(self, rows: Floats) -> Floats:
        out: Floats = rows @ self.weight
        out += self.bias
        return out


@dataclass(frozen=True, slots=True)
class _Norm:
    weight: Floats
    bias: Floats

    def __call__(self, rows: Floats) -> Floats:
        """Layer normalisation, in place."""
        rows -= rows.mean(axis=1, keepdims=True)
        rows *= self.weight / np.sqrt(np.einsum("ij,ij->i", rows, rows) / WIDTH + _EPSILON)[:, None]
        rows += self.bias
        return rows


@dataclass(frozen=True, slots=True)
class _Layer:
    attended: _Dense
    """Queries, keys and values side by side; the queries are divided by the root of a head's width."""
    mixed: _Dense
    mixed_norm: _Norm
    wide: _Dense
    narrow: _Dense
    norm: _Norm

    def __call__(self, rows: Floats, bounds: Sequence[int]) -> Floats:
        rows = self.mixed_norm(self.mixed(_attend(self.attended(rows), bounds)) + rows)
        return self.norm(self.narrow(_gelu(self.wide(rows))) + rows)


class MiniLM:
    """The network, from the bytes of a `safetensors` file (https://huggingface.co/docs/safetensors)."""

    def __init__(self, data: bytes) -> None:
        weights = _read_weights(data)
        self._words = weights["embeddings.word_embeddings.weight"]
        # There is one kind of segment, so that its vector belongs to every position's.
        self._places = (
            weights["embeddings.position_embeddings.weight"]
            + weights["embeddings.token_type_embeddings.weight"][0]
        )
        self._norm = _layer_norm(weights, "embeddings.")
        self._layers = [_read_layer(weights, f"encoder.layer.{number}.") for number in range(LAYERS)]

    def embed_tokens(self, texts: Sequence[Sequence[int]]) -> Floats:
        """A row of unit length for each text, given by the numbers of its tokens, one or more."""
        bounds = np.cumsum([0, *map(len, texts)]).tolist()
        rows = self._words[np.concatenate([np.asarray(text) for text in texts])]
        rows += np.concatenate([self._places[: len(text)] for text in texts])
        rows = self._norm(rows)
        for layer in self._layers:
            rows = layer(rows, bounds)
        means: Floats = np.stack([rows[start:end].mean(axis=0) for start, end in pairwise(bounds)])
        means /= np.linalg.norm(means, axis=1, keepdims=True)
        return means


def _attend(rows: Floats, bounds: Sequence[int]) -> Floats:
    out = np.empty((len(rows), WIDTH), np.float32)
    for start, end in pairwise(bounds):
        queries, keys, values = rows[start:end].reshape(-1, 3, HEADS, _HEAD).transpose(1, 2, 0, 3)
        scores = queries @ keys.transpose(0, 2, 1)
        scores -= scores.max(axis=2, keepdims=True)
        np.exp(scores, out=scores)
        scores /= scores.sum(axis=2, keepdims=True)
        out[start:end] = (scores @ values).transpose(1, 0, 2).reshape(-1, WIDTH)
    return out


def _gelu(rows: Floats) -> Floats:
    """x·Φ(x) by its approximation with tanh (https://arxiv.org/abs/1606.08415), in place."""
    inner = rows * rows
    inner *= np.float32(0.044715 * (2 / np.pi) ** 0.5)
    inner += np.float32((2 / np.pi) ** 0.5)
    inner *= rows
    np.tanh(inner, out=inner)
    inner += np.float32(1)
    rows *= inner
    rows *= np.float32(0.5)
    return rows


def _read_weights(data: bytes) -> Mapping[str, Floats]:
    """The tensors of a file by name: 8 bytes of a header's length, the header in JSON, the numbers."""
    (length,) = struct.unpack_from("<Q", data)
    start = 8 + length
    header = json.loads(data[8:start])
    return {
        name: np.frombuffer(
            data,
            "<f4",
            (facts["data_offsets"][1] - facts["data_offsets"][0]) // 4,
            start + facts["data_offsets"][0],
        ).reshape(facts["shape"])
        for name, facts in header.items()
        if facts.get("dtype") == "F32"
    }


def _read_layer(weights: Mapping[str, Floats], name: str) -> _Layer:
    own = [_dense_layer(weights, f"{name}attention.self.{part}") for part in ("query", "key", "value")]
    scale = np.repeat(np.asarray([_HEAD**-0.5, 1, 1], np.float32), WIDTH)
    attended = _Dense(
        np.concatenate([part.weight for part in own], axis=1) * scale,
        np.concatenate([part.bias for part in own]) * scale,
    )
    return _Layer(
        attended,
        _dense_layer(weights, f"{name}attention.output.dense"),
        _layer_norm(weights, f"{name}attention.output."),
        _dense_layer(weights, f"{name}intermediate.dense"),
        _dense_layer(weights, f"{name}output.dense"),
        _layer_norm(weights, f"{name}output."),
    )


def _dense_layer(weights: Mapping[str, Floats], name: str) -> _Dense:
    return _Dense(weights[f"{name}.weight"].T, weights[f"{name}.bias"])


def _layer_norm(weights: Mapping[str, Floats], name: str) -> _Norm:
    return _Norm(weights[f"{name}LayerNorm.weight"], weights[f"{name}LayerNorm.bias"])
