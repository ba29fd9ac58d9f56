"""What is timed computes what a user's model would, in every mode of the backend."""

import keras
import numpy as np
import pytest
from keras import ops

from keras_rectifiers.comparison.timing import steps
from keras_rectifiers.comparison.trials.timing_plan import BACKWARD, FORWARD
from keras_rectifiers.comparison.trials.trial import Trial

MODES = steps.MODES.get(keras.backend.backend(), ())


@pytest.mark.parametrize("mode", MODES)
def test_the_forward_pass_gives_the_activation_in_inference(mode, rng):
    x = rng.normal(size=(3, 4)).astype("float32")
    y = steps.activation_step("rrelu", x, work=FORWARD, mode=mode)()
    np.testing.assert_allclose(y, np.where(x > 0, x, x / 5.5), rtol=1e-6)


@pytest.mark.parametrize("mode", MODES)
def test_the_backward_pass_gives_the_gradients_of_inputs_and_slopes(mode, rng):
    x = rng.normal(size=(3, 4)).astype("float32")
    y, found = steps.activation_step("prelu", x, work=BACKWARD, mode=mode)()
    np.testing.assert_allclose(y, np.where(x > 0, x, x / 4), rtol=1e-6)
    of_x, of_slopes = map(ops.convert_to_numpy, found)
    np.testing.assert_allclose(of_x, np.where(x > 0, 1, 0.25), rtol=1e-6)
    np.testing.assert_allclose(of_slopes, np.minimum(x, 0).sum(axis=0), rtol=1e-5)


@pytest.mark.parametrize("mode", MODES)
def test_noise_is_drawn_anew_in_each_step_of_training(mode, rng):
    step = steps.activation_step(
        "rrelu", -np.ones((50, 4), "f"), work=BACKWARD, mode=mode
    )
    first, second = (ops.convert_to_numpy(step()[0]) for _ in range(2))
    assert (first != second).mean() > 0.9


@pytest.mark.parametrize("mode", MODES)
def test_a_training_step_moves_the_weights_so_that_the_loss_falls(mode):
    net = Trial(depth=1, width=8, batch_size=64, learning_rate=0.01)
    step = steps.net_step(net, mode=mode)
    losses = [float(step()) for _ in range(8)]
    assert losses[0] > 2
    assert losses[-1] < losses[0] - 0.5
