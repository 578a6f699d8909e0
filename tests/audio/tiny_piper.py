"""A Piper voice small enough to make for each test: a real one's inputs and output, a steady hum for a voice."""

import json
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper

RATE = 22_050
HERTZ = 140.0
SAMPLES_AN_ID = 400
"""At a length scale of 1."""
_SYMBOLS = "_^$ .,;:!?ˈˌːabcdefghijklmnopqrstuvwxyz0123456789ɜəɲŋɔɛɗɓɤɯɹʃɣɐɪʊæθðχʔ\u0303\u032a"


def make(
    file: Path,
    *,
    inputs: tuple[str, ...] = ("input", "input_lengths", "scales"),
    speakers: int = 1,
    symbols: str = _SYMBOLS,
) -> Path:
    """Write `file` and the `.onnx.json` beside it."""
    onnx.save(_model(inputs if speakers == 1 else (*inputs, "sid")), str(file))
    file.with_name(file.name + ".json").write_text(json.dumps(config(speakers, symbols)), encoding="utf-8")
    return file


def config(speakers: int = 1, symbols: str = _SYMBOLS) -> dict[str, object]:
    return {
        "audio": {"sample_rate": RATE, "quality": "tiny"},
        "espeak": {"voice": "vi"},
        "phoneme_type": "espeak",
        "dataset": "hum",
        "language": {"code": "vi_VN"},
        "inference": {"noise_scale": 0.0, "length_scale": 1.0, "noise_w": 0.0},
        "num_speakers": speakers,
        "speaker_id_map": {f"người {number}": number for number in range(speakers)} if speakers > 1 else {},
        "phoneme_id_map": {symbol: [number] for number, symbol in enumerate(symbols)},
    }


def _model(inputs: tuple[str, ...]) -> onnx.ModelProto:
    """Each id hums for SAMPLES_AN_ID times the length scale, the louder the higher it is."""
    shapes = {
        "input": helper.make_tensor_value_info("input", TensorProto.INT64, [1, "ids"]),
        "input_lengths": helper.make_tensor_value_info("input_lengths", TensorProto.INT64, [1]),
        "scales": helper.make_tensor_value_info("scales", TensorProto.FLOAT, [3]),
        "sid": helper.make_tensor_value_info("sid", TensorProto.INT64, [1]),
    }
    known: dict[str, np.ndarray] = {
        "one": np.array([1], np.int64),
        "samples": np.array([SAMPLES_AN_ID], np.float32),
        "step": np.array([2 * np.pi * HERTZ / RATE], np.float32),
        "share": np.array([0.5 / len(_SYMBOLS)], np.float32),
        "least": np.array([0.3], np.float32),
        "column": np.array([-1, 1], np.int64),
        "flat": np.array([-1], np.int64),
        "shape": np.array([1, 1, -1], np.int64),
        "axis": np.array(0, np.int64),
    }
    filled = helper.make_tensor("v", TensorProto.FLOAT, [1], [1])
    nodes = [
        helper.make_node("Cast", ["input"], ["ids"], to=TensorProto.FLOAT),
        helper.make_node("Mul", ["ids", "share"], ["louder"]),
        helper.make_node("Add", ["louder", "least"], ["levels"]),
        helper.make_node("Reshape", ["levels", "column"], ["levels_column"]),
        helper.make_node("Gather", ["scales", "one"], ["length"]),
        helper.make_node("Mul", ["length", "samples"], ["long"]),
        helper.make_node("Cast", ["long"], ["count"], to=TensorProto.INT64),
        helper.make_node("Concat", ["one", "count"], ["row"], axis=0),
        helper.make_node("ConstantOfShape", ["row"], ["ones"], value=filled),
        helper.make_node("MatMul", ["levels_column", "ones"], ["spread"]),
        helper.make_node("Reshape", ["spread", "flat"], ["level"]),
        helper.make_node("Mul", ["level", "axis_zero"], ["zeros"]),
        helper.make_node("Add", ["zeros", "step"], ["steps"]),
        helper.make_node("CumSum", ["steps", "axis"], ["phase"]),
        helper.make_node("Sin", ["phase"], ["wave"]),
        helper.make_node("Mul", ["wave", "level"], ["voice"]),
        helper.make_node("Reshape", ["voice", "shape"], ["output"]),
    ]  # fmt: skip
    known["axis_zero"] = np.array([0], np.float32)
    graph = helper.make_graph(
        nodes,
        "hum",
        [shapes[name] for name in inputs],
        [helper.make_tensor_value_info("output", TensorProto.FLOAT, [1, 1, "time"])],
        [onnx.numpy_helper.from_array(value, name) for name, value in known.items()],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
