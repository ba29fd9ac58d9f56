"""What converters get to see: the graph of each layer in inference, by TensorFlow."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from keras_rectifiers import layers

LAYERS = {
    "prelu": lambda: layers.PReLU(),
    "rrelu": lambda: layers.RReLU(),
    "smooth_relu": lambda: layers.SmoothReLU(5.0),
    "smooth_relu_learned": lambda: layers.SmoothReLU(learnable=True),
    "shifted_relu": lambda: layers.ShiftedReLU(),
    "maxout": lambda: layers.Maxout(2),
    "crelu": lambda: layers.CReLU(),
    "squared_relu": lambda: layers.SquaredReLU(),
    "swish": lambda: layers.Swish(),
    "s_shaped_relu": lambda: layers.SShapedReLU(),
    "gated_linear_unit": lambda: layers.GatedLinearUnit(),
}

# Operators that the converters of test_converters.py know. Log1p and Erf are not among
# them, and where there is a SelectV2, LiteRT loses more of its accuracy in int8.
CONVERTIBLE = {
    *("AddV2", "ConcatV2", "Const", "Exp", "Identity", "LeakyRelu", "Max", "Maximum"),
    *(
        "Sigmoid",
        "Split",
        "Square",
        "Minimum",
        "Mul",
        "Neg",
        "NoOp",
        "Pack",
        "Placeholder",
        "ReadVariableOp",
    ),
    *("RealDiv", "Relu", "Reshape", "Shape", "Softplus", "StridedSlice"),
}
# Layers whose pieces or limits at infinity need comparisons.
BY_COMPARISON = {
    *("Abs", "Greater", "GreaterEqual", "Less", "LessEqual", "SelectV2", "Sub"),
    "ZerosLike",
}


def operators(layer):
    @tf.function(autograph=False)
    def inference(x):
        return layer(x, training=False)

    layer.build((None, 3, 4))
    graph = inference.get_concrete_function(tf.TensorSpec((None, 3, 4))).graph
    return {operation.type for operation in graph.get_operations()}


@pytest.mark.parametrize("name", LAYERS)
def test_graph_of_inference_holds_operators_that_converters_know(name):
    known = CONVERTIBLE
    if name in ("swish", "s_shaped_relu"):
        known = CONVERTIBLE | BY_COMPARISON
    assert operators(LAYERS[name]()) <= known


def test_rrelu_is_exported_as_one_leaky_relu():
    assert operators(layers.RReLU()) <= {
        *("Placeholder", "LeakyRelu", "Identity", "Const", "NoOp")
    }


@pytest.mark.parametrize("name", LAYERS)
def test_exported_model_infers(name, rng, tmp_path, tolerance):
    model = keras.Sequential([keras.Input((4,)), LAYERS[name]()])
    x = rng.normal(size=(3, 4)).astype("float32")
    model(x, training=True)  # an exported model must not have stayed in this mode
    model.export(tmp_path / "model", verbose=False)
    exported = tf.saved_model.load(tmp_path / "model")
    # Eager and compiled exponentials round differently.
    np.testing.assert_allclose(exported.serve(x), model(x), rtol=tolerance)
    np.testing.assert_array_equal(exported.serve(x), exported.serve(x))
