"""Trained layers that are read by later versions and converted to Keras's own layers."""

from pathlib import Path

import keras
import numpy as np
import pytest

from keras_rectifiers import layers

# Keras 3.15 converts its TensorFlow variables in a way that numpy 2 deprecates.
pytestmark = pytest.mark.filterwarnings(
    "ignore:__array__ implementation doesn't accept a copy:DeprecationWarning"
)

SAVED = Path(__file__).parent / "saved_by_0_1"
NAMES = sorted(path.stem for path in SAVED.glob("*.keras"))
OUTPUTS = dict(np.load(SAVED / "outputs.npz"))


def output(model, x, training=False):
    return keras.ops.convert_to_numpy(model(x, training=training))


@pytest.mark.parametrize("training", [False, True])
@pytest.mark.parametrize("name", NAMES)
def test_a_model_that_version_0_1_saved_loads_and_computes_the_same(
    name, training, tolerance
):
    model = keras.saving.load_model(SAVED / f"{name}.keras")
    expected = OUTPUTS[f"{name}_training" if training else name]
    y = output(model, OUTPUTS["x"], training)
    np.testing.assert_allclose(y, expected, rtol=tolerance, atol=tolerance)


def test_version_0_1_saved_every_layer_and_every_output():
    loaded = [keras.saving.load_model(SAVED / f"{name}.keras") for name in NAMES]
    assert {type(model.layers[1]) for model in loaded} == {
        *(layers.PReLU, layers.RReLU, layers.SmoothReLU, layers.ShiftedReLU),
        *(layers.Maxout, layers.CReLU),
    }
    of_training = [f"{name}_training" for name in NAMES]
    assert sorted(OUTPUTS) == sorted(["x", *NAMES, *of_training])
