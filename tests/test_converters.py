"""Every layer exported by `model.export`, and run by the runtime of each format.

They need what requirements-converters.txt pins, which `make test-slow` installs.
"""

import numpy as np
import pytest

from tests.exported_models import (
    CASES,
    alone,
    exported,
    in_a_net,
    inputs_for,
    not_finite_for,
    quantized,
    relative_error,
)

pytestmark = [
    pytest.mark.slow,
    # Of LiteRT, which goes on under another name, and of tf2onnx.
    pytest.mark.filterwarnings("ignore:.*tf.lite.Interpreter is deprecated"),
    pytest.mark.filterwarnings("ignore:.*np.object:FutureWarning"),
]

FORMATS = ("tf_saved_model", "onnx", "litert", "openvino")
PRELUS = [name for name in CASES if name.startswith("PReLU")]
S_SHAPED = "SShapedReLU()"
MAXOUTS = [name for name in CASES if name.startswith("Maxout")]
# Sums of products in another order than that of TensorFlow.
TOLERANCE = 1e-5
# OpenVINO's softplus, with which Keras's own layer differs as much.
TOLERANCE_OF_OPENVINO_SOFTPLUS = 1e-3


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("name", CASES)
def test_the_exported_model_computes_the_same_for_every_batch_size(
    name, format, tmp_path
):
    model = in_a_net(CASES[name])
    run, operators = exported(model, format, tmp_path)
    tolerance = TOLERANCE
    if format == "openvino" and name.startswith("SmoothReLU"):
        tolerance = TOLERANCE_OF_OPENVINO_SOFTPLUS
    x = inputs_for(model, 7)
    y = model.predict(x, verbose=0)
    # Squares and products make large numbers, which cancel each other.
    tolerances = {"rtol": tolerance, "atol": tolerance * max(1, y.std())}
    np.testing.assert_allclose(run(x), y, **tolerances)
    np.testing.assert_allclose(run(x[:1]), y[:1], **tolerances)
    if format == "litert":
        assert operators.count("PRELU") == (3 if name in PRELUS else 0)
    unwanted = [o for o in operators if o.startswith(("SELECT", "Select", "Where"))]
    assert unwanted == []


@pytest.mark.parametrize("name", [name for name in CASES if name not in MAXOUTS])
def test_onnx_computes_infinities_and_nan_as_predict_does(name, tmp_path):
    model = alone(CASES[name])
    x = not_finite_for(model)
    run, _ = exported(model, "onnx", tmp_path)
    np.testing.assert_allclose(run(x), model.predict(x, verbose=0), rtol=TOLERANCE)


@pytest.fixture(scope="module", params=MAXOUTS)
def exported_maxout(request, tmp_path_factory):
    """A layer alone, and the function that it was exported as."""
    model = alone(CASES[request.param])
    run, _ = exported(model, "onnx", tmp_path_factory.mktemp("maxout"))
    return model, run


def test_onnx_computes_maxout_of_infinities_as_predict_does(exported_maxout):
    model, run = exported_maxout
    x = np.nan_to_num(not_finite_for(model), nan=1.0, posinf=np.inf, neginf=-np.inf)
    y = model.predict(x, verbose=0)
    np.testing.assert_array_equal(run(x), y)


@pytest.mark.xfail(
    raises=AssertionError,
    reason="Beside numbers, the ReduceMax of onnxruntime loses NaN.",
)
def test_onnx_computes_maxout_of_nan_as_predict_does(exported_maxout):
    model, run = exported_maxout
    x = not_finite_for(model)
    np.testing.assert_array_equal(
        np.isnan(run(x)), np.isnan(model.predict(x, verbose=0))
    )


@pytest.mark.parametrize("name", CASES)
def test_float16_weights_cost_no_more_than_their_rounding(name, tmp_path):
    import tensorflow as tf

    model = in_a_net(CASES[name])
    run, _ = exported(
        model,
        "litert",
        tmp_path,
        optimizations=[tf.lite.Optimize.DEFAULT],
        target_spec={"supported_types": [tf.float16]},
    )
    # A weight of float16 is wrong by at most 2**-11 of itself.
    assert 0 < relative_error(run, model, inputs_for(model, 16)) < 2**-9


@pytest.mark.parametrize("name", [name for name in CASES if name != S_SHAPED])
def test_int8_loses_little_more_than_with_the_layer_of_keras(name, tmp_path):
    case, errors = CASES[name], {}
    for by_keras in (False, True):
        model = in_a_net(case, by_keras=by_keras)
        x = inputs_for(model, 64)
        run, _ = quantized(model, x, tmp_path)
        errors[by_keras] = relative_error(run, model, x)
    print(f"{name}: {errors[False]:.4f}, with Keras's layer {errors[True]:.4f}")
    assert 0.001 < errors[False] <= 1.5 * errors[True]


@pytest.mark.xfail(
    raises=AssertionError,
    reason="LiteRT scales a minimum as the thresholds of the channels.",
)
def test_int8_loses_little_more_with_s_shaped_relu_than_with_leaky_relu(tmp_path):
    test_int8_loses_little_more_than_with_the_layer_of_keras(S_SHAPED, tmp_path)


@pytest.mark.parametrize(
    "name", [name for name, case in CASES.items() if case.is_equal]
)
def test_what_int8_is_compared_with_computes_the_same(name):
    model, of_keras = (in_a_net(CASES[name], by_keras=k) for k in (False, True))
    x = inputs_for(model, 4)
    np.testing.assert_allclose(
        model.predict(x, verbose=0),
        of_keras.predict(x, verbose=0),
        rtol=TOLERANCE,
        atol=TOLERANCE,
    )


@pytest.mark.parametrize("format", FORMATS)
def test_rrelu_that_was_trained_draws_nothing_when_exported(format, tmp_path):
    model = in_a_net(CASES["RReLU()"])
    x = inputs_for(model, 8)
    model.compile("sgd", "mse")
    model.fit(x, np.ones((8, 10)), epochs=1, verbose=0)
    run, operators = exported(model, format, tmp_path)
    np.testing.assert_array_equal(run(x), run(x))
    np.testing.assert_allclose(
        run(x), model.predict(x, verbose=0), rtol=TOLERANCE, atol=TOLERANCE
    )
    assert [operator for operator in operators if "random" in operator.lower()] == []
