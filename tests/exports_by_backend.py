"""Every layer exported from JAX and PyTorch, to what Keras exports there.

Not collected by `make test`; `make test-backends` names this file. From PyTorch, Keras
fixes the batch of `format="torch"` at 1, and exports no `activation=` that has weights
to ONNX and OpenVINO; with its own layers too.
"""

import keras
import numpy as np
import pytest

from tests.exported_models import (
    CASES,
    alone,
    exported,
    in_a_net,
    inputs_for,
    not_finite_for,
)

# JAX and PyTorch warn, also from within C++, of what Keras and the converters call.
pytestmark = pytest.mark.filterwarnings("ignore")

FORMATS = {
    "tensorflow": (),  # in test_converters.py
    "jax": ("tf_saved_model",),
    "torch": ("torch", "onnx", "openvino"),
}[keras.backend.backend()]
# Sums of products in another order, and OpenVINO's softplus, which is as far from
# `predict` in Keras's own layer.
TOLERANCE = 1e-5
TOLERANCE_OF_OPENVINO_SOFTPLUS = 1e-3


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("name", CASES)
def test_the_exported_model_computes_the_same(name, format, tmp_path):
    model = in_a_net(CASES[name])
    run, _ = exported(model, format, tmp_path)
    tolerance = TOLERANCE
    if format == "openvino" and name.startswith("SmoothReLU"):
        tolerance = TOLERANCE_OF_OPENVINO_SOFTPLUS
    x = inputs_for(model, 7)
    y = model.predict(x, verbose=0)
    np.testing.assert_allclose(run(x[:1]), y[:1], rtol=tolerance, atol=tolerance)
    if format != "torch":
        np.testing.assert_allclose(run(x), y, rtol=tolerance, atol=tolerance)


@pytest.mark.parametrize("format", [f for f in FORMATS if f != "openvino"])
@pytest.mark.parametrize("name", CASES)
def test_infinities_and_nan_are_as_predict_gives_them(name, format, tmp_path, request):
    lost = ""
    if format == "onnx" and name.startswith("Maxout, 4"):
        lost = "Beside numbers, the ReduceMax of onnxruntime loses NaN."
    if format == "tf_saved_model" and name.startswith("Maxout"):
        lost = "Beside numbers, the maximum of TensorFlow's XLA loses NaN."
    if lost:
        request.applymarker(pytest.mark.xfail(reason=lost))
    model = alone(CASES[name])
    x = not_finite_for(model)
    run, _ = exported(model, format, tmp_path)
    batches = x[:, None] if format == "torch" else [x]
    np.testing.assert_allclose(
        np.concatenate([run(batch) for batch in batches]),
        model.predict(x, verbose=0),
        rtol=TOLERANCE,
    )


@pytest.mark.parametrize("format", FORMATS)
def test_rrelu_that_was_trained_draws_nothing_when_exported(format, tmp_path):
    model = in_a_net(CASES["RReLU()"])
    x = inputs_for(model, 8)
    model.compile("sgd", "mse")
    model.fit(x, np.ones((8, 10)), epochs=1, verbose=0)
    run, _ = exported(model, format, tmp_path)
    y = model.predict(x, verbose=0)[:1]
    np.testing.assert_array_equal(run(x[:1]), run(x[:1]))
    np.testing.assert_allclose(run(x[:1]), y, rtol=TOLERANCE, atol=TOLERANCE)
