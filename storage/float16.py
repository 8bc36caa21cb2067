"""Vectors as bytes: numbers of 16 bits."""

from __future__ import annotations

import numpy as np

from bot.vectors import Floats

WIDTH = 384
"""Numbers of a vector."""


def pack_vector(vector: Floats) -> bytes:
    """A vector as it is stored: half the bytes, and cosines change by less than a thousandth."""
    return vector.astype("<f2").tobytes()


def unpack_vector(data: bytes) -> Floats:
    """What `packed` wrote."""
    return np.frombuffer(data, "<f2").astype(np.float32)
