from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.meaning.model import LocalModel, installed_model
from adapters.meaning.wordpiece import WordPiece
from bot.errors import StorageError

FOUND = installed_model()
assert FOUND, "the development environment has the model"
MODEL = FOUND

VOCABULARY = WordPiece(
    ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "mis", "##align", "##ment", "in", "-", "a", "語", "e"]
)


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("", [2, 3]),
        ("Misalignment", [2, 4, 5, 6, 3]),
        ("mísalign-a", [2, 4, 5, 8, 9, 3]),
        ("aligned in", [2, 1, 7, 3]),
        ("in\tin\u00a0in\u0000\u200b a", [2, 7, 7, 7, 9, 3]),
        ("a語語", [2, 9, 10, 10, 3]),
        ("é — e", [2, 11, 1, 11, 3]),
        ("a" * 101, [2, 1, 3]),
        ("in in in in in in", [2, 7, 7, 7, 7, 7, 3]),
    ],
)
def test_text_becomes_the_numbers_of_the_vocabulary(text: str, numbers: list[int]) -> None:
    assert VOCABULARY.token_ids(text, 7) == numbers


@settings(max_examples=200)
@given(st.text(), st.integers(min_value=2, max_value=40))
def test_any_text_becomes_so_many_numbers_at_the_most(text: str, most: int) -> None:
    numbers = VOCABULARY.token_ids(text, most)

    assert (numbers[0], numbers[-1]) == (2, 3)
    assert len(numbers) <= most
    assert set(numbers[1:-1]) <= {1, *range(4, 12)}


# The first numbers of the vectors of another implementation, ONNX Runtime over the weights in int8. Their
# cosine with ours is 0.999, so that the numbers agree within a hundredth.
GOLDEN = json.loads((Path(__file__).with_name("golden_vectors.json")).read_text("utf-8"))


@pytest.mark.parametrize("text", list(GOLDEN))
def test_a_vector_is_the_one_of_another_implementation(text: str) -> None:
    (vector,) = MODEL.embed([text])

    assert vector.shape == (384,)
    assert np.linalg.norm(vector) == pytest.approx(1, abs=1e-5)
    assert vector[: len(GOLDEN[text])] == pytest.approx(GOLDEN[text], abs=0.01)


def test_what_means_alike_is_near() -> None:
    asked, *told = MODEL.embed(
        [
            "fine-tuning makes a language model deceptive",
            "Narrow training data can turn a chat model malicious",
            "A survey of image segmentation",
            "Flow over a flat plate at high speed",
        ]
    )
    nearness = [float(asked @ one) for one in told]

    assert nearness[0] > 0.4
    assert max(nearness[1:]) < 0.1


def test_a_vector_does_not_depend_on_its_neighbours() -> None:
    texts = [f"{'model ' * length}learns {length}" for length in range(20)]
    together = MODEL.embed(texts)

    assert together.shape == (20, 384)
    for text, vector in zip(texts, together, strict=True):
        assert MODEL.embed([text])[0] == pytest.approx(vector, abs=1e-5)


def test_no_text_has_no_vector_and_an_empty_one_has() -> None:
    assert MODEL.embed([]).shape == (0, 384)
    assert np.linalg.norm(MODEL.embed([""])) == pytest.approx(1, abs=1e-5)


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (None, "The model's vocab.txt cannot be read: No such file"),
        (b"other", "The model's vocab.txt is damaged."),
    ],
)
def test_a_file_that_is_not_the_model_is_refused(tmp_path: Path, content: bytes | None, problem: str) -> None:
    if content is not None:
        (tmp_path / "vocab.txt").write_bytes(content)

    with pytest.raises(StorageError, match=problem) as caught:
        LocalModel(tmp_path).embed(["owls"])
    assert "Reinstall Paperboy" in caught.value.hint
