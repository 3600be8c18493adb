"""Workers read without TensorFlow, and every process gives the same answer."""

import json
import os
import subprocess
import sys
from pathlib import Path

TEXTS = "hola perdí mi pasaporte\nوين الدكتور\nmy boss keeps my passport and hits us\n٢\nnaweza kupata chakula wapi\n"


def _understand(**env: str) -> list[dict[str, object]]:
    done = subprocess.run(
        [sys.executable, "-m", "service", "understand"],
        input=TEXTS, capture_output=True, text=True, check=True, env={**os.environ, **env},
    )  # fmt: skip
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_the_same_text_gives_the_same_answer_in_every_process(model: Path) -> None:
    from bot.understanding import load

    here = load(model)  # with TensorFlow, in this process
    expected = [here.describe(text) for text in TEXTS.splitlines()]
    assert _understand(PYTHONHASHSEED="2", OMP_NUM_THREADS="2") == expected


def test_tensorflow_is_not_loaded_and_says_so_when_it_is_called(model: Path) -> None:
    script = (
        "from bot.lean import lean; lean()\n"
        "from bot import model; from bot.understanding import load; load(model.path()).describe('food')\n"
        "import sys, tensorflow as tf\n"
        "assert getattr(tf, '__version__', None) is None\n"
        "try: tf.constant(1)\n"
        "except RuntimeError as error: print('absent:', error)\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert "absent: tensorflow" in done.stdout
