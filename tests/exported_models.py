"""Models of every layer, their exports, and what is computed by what was exported."""

import dataclasses
import sys
from collections.abc import Callable
from pathlib import Path

import keras
import numpy as np

import keras_rectifiers as ours

# With this package, OpenVINO sends statistics of its use when it is imported.
sys.modules["openvino_telemetry"] = None

ENDINGS = {
    "tf_saved_model": "",
    "onnx": ".onnx",
    "litert": ".tflite",
    "openvino": ".xml",
    "torch": ".pt2",
}
NUM_CHANNELS = 8
# What carries values and types around, and computes nothing.
BOOKKEEPING = {
    *("Parameter", "Result", "Constant", "Const", "Convert", "Cast", "Identity"),
    *("NoOp", "ReadVariableOp", "DELEGATE", "getitem", "lift_fresh_copy"),
    *("_assert_tensor_metadata", "to.dtype", "to.dtype_layout"),
}


@dataclasses.dataclass(frozen=True)
class Case:
    """A layer of ours, and what Keras has in its place.

    Attributes:
        make: Makes the layer.
        keras: The function of a tensor of Keras's layers.
        keeps_shape: Whether the layer can be the `activation=` of another one.
        is_equal: Whether both compute the same.
    """

    make: Callable
    keras: Callable
    keeps_shape: bool = True
    is_equal: bool = True


def _prelu(channel_axis):
    def prelu(x):
        rank = len(x.shape)
        own = None if channel_axis is None else channel_axis % rank
        shared_axes = [axis for axis in range(1, rank) if axis != own]
        return keras.layers.PReLU(shared_axes=shared_axes)(x)

    return prelu


def _softplus(x):
    return keras.layers.Activation("softplus")(x)


def _leaky_relu(x):
    return keras.layers.LeakyReLU(negative_slope=1 / 5.5)(x)


def _maximum_of(num_pieces, *, is_strided):
    units = NUM_CHANNELS // num_pieces

    def maximum(x):
        if is_strided:
            pieces = [x[..., i * units : (i + 1) * units] for i in range(num_pieces)]
        else:
            pieces = [x[..., i::num_pieces] for i in range(num_pieces)]
        return keras.layers.Maximum()(pieces)

    return maximum


def _both_parts(x):
    parts = [keras.layers.ReLU()(x), keras.layers.ReLU()(-x)]
    return keras.layers.Concatenate()(parts)


def _maxout(num_pieces, grouping):
    return Case(
        lambda: ours.Maxout(NUM_CHANNELS // num_pieces, grouping=grouping),
        _maximum_of(num_pieces, is_strided=grouping == "strided"),
        keeps_shape=False,
    )


def _gated(activation):
    def gated(x):
        first, second = x[..., : NUM_CHANNELS // 2], x[..., NUM_CHANNELS // 2 :]
        gate = keras.layers.Activation(activation)(second)
        return keras.layers.Multiply()([first, gate])

    return Case(lambda: ours.GatedLinearUnit(activation), gated, keeps_shape=False)


def _silu(x):
    return keras.layers.Activation("silu")(x)


def _smooth_relu(**settings):
    return Case(lambda: ours.SmoothReLU(**settings), _softplus, is_equal=False)


CASES = {
    "PReLU()": Case(lambda: ours.PReLU(), _prelu(-1)),
    "PReLU(shared=True)": Case(lambda: ours.PReLU(shared=True), _prelu(None)),
    "PReLU(channel_axis=1)": Case(lambda: ours.PReLU(channel_axis=1), _prelu(1)),
    "RReLU()": Case(lambda: ours.RReLU(), _leaky_relu),
    "SmoothReLU()": Case(lambda: ours.SmoothReLU(), _softplus),
    "SmoothReLU(5.0)": _smooth_relu(sharpness=5.0),
    "SmoothReLU(learnable=True)": _smooth_relu(learnable=True),
    "SmoothReLU(learnable=True, shared=False)": _smooth_relu(
        learnable=True, shared=False
    ),
    "ShiftedReLU()": Case(
        lambda: ours.ShiftedReLU(), lambda x: keras.layers.ReLU()(x), is_equal=False
    ),
    "Maxout, 2 pieces, strided": _maxout(2, "strided"),
    "Maxout, 2 pieces, contiguous": _maxout(2, "contiguous"),
    "Maxout, 4 pieces, strided": _maxout(4, "strided"),
    "Maxout, 4 pieces, contiguous": _maxout(4, "contiguous"),
    "CReLU()": Case(lambda: ours.CReLU(), _both_parts, keeps_shape=False),
    "SShapedReLU()": Case(lambda: ours.SShapedReLU(), _leaky_relu, is_equal=False),
    "Swish()": Case(lambda: ours.Swish(), _silu, is_equal=False),
    "SquaredReLU()": Case(
        lambda: ours.SquaredReLU(),
        lambda x: keras.layers.Activation("relu")(x) ** 2,
    ),
    "GatedLinearUnit()": _gated("sigmoid"),
    "GatedLinearUnit('relu')": _gated("relu"),
    "GatedLinearUnit('silu')": _gated("silu"),
}


def alone(case: Case, *, by_keras: bool = False) -> keras.Model:
    inputs = keras.Input((5, 6, NUM_CHANNELS))
    outputs = case.keras(inputs) if by_keras else case.make()(inputs)
    return _with_unequal_slopes(keras.Model(inputs, outputs), seed=0)


def in_a_net(case: Case, *, by_keras: bool = False, seed: int = 0) -> keras.Model:
    """A CNN with the layer behind a convolution, and within another and a dense layer.

    One that changes the shape is behind them all, as is every one of Keras. Equal seeds
    give equal weights and slopes.
    """
    # From PyTorch, Keras exports no `activation=` that has weights.
    is_never_within = by_keras or not case.keeps_shape
    is_never_within |= keras.backend.backend() == "torch"
    seeds = iter(range(100 * seed, 100 * seed + 100))

    def block(layer, x, *, within, **settings):
        settings |= {
            "kernel_initializer": keras.initializers.HeNormal(next(seeds)),
            "bias_initializer": keras.initializers.RandomNormal(
                stddev=0.1, seed=next(seeds)
            ),
        }
        if within and not is_never_within:
            return layer(NUM_CHANNELS, activation=case.make(), **settings)(x)
        x = layer(NUM_CHANNELS, **settings)(x)
        return case.keras(x) if by_keras else case.make()(x)

    x = inputs = keras.Input((8, 8, 3))
    x = block(keras.layers.Conv2D, x, within=False, kernel_size=3)
    x = block(keras.layers.Conv2D, x, within=True, kernel_size=3)
    x = block(keras.layers.Dense, keras.layers.Flatten()(x), within=True)
    kernel = keras.initializers.GlorotUniform(next(seeds))
    outputs = keras.layers.Dense(10, kernel_initializer=kernel)(x)
    return _with_unequal_slopes(keras.Model(inputs, outputs), seed)


def _with_unequal_slopes(model, seed):
    # Keras builds an `activation=` in the first call, and needs one for ONNX.
    model(inputs_for(model, 1))
    rng = np.random.default_rng(seed)
    for weight in model.trainable_weights:
        if weight.name in ("negative_slope", "alpha"):
            weight.assign(rng.uniform(0.05, 0.5, weight.shape))
        elif weight.name == "log_sharpness":
            weight.assign(rng.uniform(0.0, 1.5, weight.shape))
        elif weight.name == "swish_beta":
            weight.assign(rng.uniform(0.5, 2.0, weight.shape))
        elif weight.name in ("lower_slope", "upper_slope"):
            weight.assign(rng.uniform(0.05, 1.5, weight.shape))
        elif weight.name == "lower_threshold":
            weight.assign(rng.uniform(-0.8, 0.2, weight.shape))
        elif weight.name == "upper_threshold":
            weight.assign(rng.uniform(0.4, 1.4, weight.shape))
    return model


def inputs_for(model: keras.Model, num_examples: int, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return rng.normal(size=(num_examples, *model.input_shape[1:])).astype("float32")


def not_finite_for(model: keras.Model) -> np.ndarray:
    """Infinities, NaN and large numbers, each in every channel and beside others."""
    values = np.array([np.inf, -np.inf, np.nan, 0.0, 1e38, -1e38], "float32")
    x = inputs_for(model, 4)
    for i, value in enumerate(values):
        x[0, :, i, :] = value
        x[1, i % 5, i, i] = value
    rng = np.random.default_rng(0)
    x[2:] = rng.choice(values, size=x[2:].shape)
    return x


def exported(
    model: keras.Model, format: str, folder: Path, **settings
) -> tuple[Callable, list[str]]:
    """Exports by `model.export`, and loads by the runtime of that format.

    Returns:
        The function from a batch to the outputs, and the names of the operators that
        compute.
    """
    path = str(folder / f"model{ENDINGS[format]}")
    model.export(path, format=format, verbose=False, **settings)
    run, operators = _LOADERS[format](path)
    return run, [name for name in operators if name not in BOOKKEEPING]


def quantized(
    model: keras.Model, x: np.ndarray, folder: Path
) -> tuple[Callable, list[str]]:
    """The same for LiteRT with all operators in int8, scaled by the examples `x`."""
    import tensorflow as tf

    return exported(
        model,
        "litert",
        folder,
        optimizations=[tf.lite.Optimize.DEFAULT],
        representative_dataset=lambda: ([example[None]] for example in x),
        target_spec={"supported_ops": [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]},
    )


def relative_error(run: Callable, model: keras.Model, x: np.ndarray) -> float:
    """Root mean square of the errors, divided by the deviation of the outputs."""
    y = model.predict(x, verbose=0)
    return float(np.sqrt(np.mean((run(x) - y) ** 2)) / y.std())


def _load_saved_model(path):
    import tensorflow as tf

    loaded = tf.saved_model.load(path)
    # The endpoint that runs is a function within the one that is stored.
    graph = loaded.signatures["serving_default"].graph.as_graph_def()
    operators = [node.op for f in graph.library.function for node in f.node_def]
    return lambda x: loaded.serve(x).numpy(), operators


def _load_onnx(path):
    import onnx
    import onnxruntime

    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    (name,) = (given.name for given in session.get_inputs())
    operators = [node.op_type for node in onnx.load(path).graph.node]
    return lambda x: session.run(None, {name: x})[0], operators


def _load_litert(path):
    import tensorflow as tf

    interpreter = tf.lite.Interpreter(path)
    given = interpreter.get_input_details()[0]["index"]
    found = interpreter.get_output_details()[0]["index"]

    def run(x):
        interpreter.resize_tensor_input(given, x.shape)
        interpreter.allocate_tensors()
        interpreter.set_tensor(given, x)
        interpreter.invoke()
        return interpreter.get_tensor(found)

    interpreter.allocate_tensors()
    operators = [operator["op_name"] for operator in interpreter._get_ops_details()]
    return run, operators


def _load_openvino(path):
    import openvino

    core = openvino.Core()
    # On some processors it would compute in bfloat16.
    compiled = core.compile_model(path, "CPU", {"INFERENCE_PRECISION_HINT": "f32"})
    operators = [node.get_type_name() for node in core.read_model(path).get_ops()]
    return lambda x: compiled(x)[0], operators


def _load_torch(path):
    import torch

    program = torch.export.load(path)
    module = program.module()
    operators = [
        getattr(node.target, "__name__", str(node.target)).removesuffix(".default")
        for node in program.graph.nodes
        if node.op == "call_function"
    ]
    return lambda x: module(torch.as_tensor(x)).detach().numpy(), operators


_LOADERS = {
    "tf_saved_model": _load_saved_model,
    "onnx": _load_onnx,
    "litert": _load_litert,
    "openvino": _load_openvino,
    "torch": _load_torch,
}
