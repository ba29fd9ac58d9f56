import re

import keras
import numpy as np
import pytest

from keras_rectifiers import (
    PReLU,
    SmoothReLU,
    SShapedReLU,
    Swish,
    exclude_slopes_from_weight_decay,
)
from tests.compiling import QUICKEST


def make_model():
    inner = keras.Sequential(
        [keras.Input((4,)), keras.layers.Dense(4, activation=PReLU("ones"))]
    )
    model = keras.Sequential(
        [
            keras.Input((4,)),
            inner,
            keras.layers.PReLU("ones"),
            SmoothReLU(3.0, learnable=True),
            keras.layers.Dense(1, kernel_initializer="ones", bias_initializer="ones"),
        ]
    )
    return model


def after_decay_alone(model, optimizer, *, run_eagerly=True):
    """Trains on inputs of weight 0: only decay moves the weights. Path -> change."""
    model.compile(optimizer, "mse", run_eagerly=run_eagerly, jit_compile=False)
    model(np.ones((1, 4)))  # builds the activation that was given to a dense layer
    before = {w.path: keras.ops.convert_to_numpy(w).copy() for w in model.weights}
    model.fit(np.ones((4, 4)), np.ones((4, 1)), sample_weight=np.zeros(4), verbose=0)
    return {
        w.path: np.abs(keras.ops.convert_to_numpy(w) - before[w.path]).max()
        for w in model.weights
    }


@pytest.mark.parametrize("optimizer", [keras.optimizers.AdamW, keras.optimizers.SGD])
def test_slopes_are_not_decayed_and_kernels_are(optimizer):
    model = make_model()
    optimizer = optimizer(0.1, weight_decay=0.1)
    assert exclude_slopes_from_weight_decay(optimizer, model) == 3
    # A compiled step decides what is decayed once, when it is traced.
    changes = after_decay_alone(model, optimizer, run_eagerly=False)
    kept = ("negative_slope", "alpha", "log_sharpness")
    for path, change in changes.items():
        if path.endswith(kept):
            assert change == 0, path
        elif path.endswith("kernel"):
            assert change > 0.001, path
    assert sum(path.endswith(kept) for path in changes) == 3


@pytest.mark.parametrize(
    ("layer", "names"),
    [
        (Swish, ["swish_beta"]),
        (
            lambda: SShapedReLU(shared=True),
            ["lower_threshold", "lower_slope", "upper_threshold", "upper_slope"],
        ),
    ],
)
def test_weights_of_swish_and_s_shaped_rectifiers_are_not_decayed(layer, names):
    model = keras.Sequential(
        [
            keras.Input((4,)),
            keras.layers.Dense(4, activation=layer()),
            keras.layers.BatchNormalization(beta_initializer="ones"),
            layer(),
            keras.layers.Dense(1),
        ]
    )
    optimizer = keras.optimizers.AdamW(0.1, weight_decay=0.1)
    assert exclude_slopes_from_weight_decay(optimizer, model) == 2
    changes = after_decay_alone(model, optimizer)
    kept = [path for path, change in changes.items() if path.split("/")[-1] in names]
    assert len(kept) == 2 * len(names)
    assert {changes[path] for path in kept} == {0}
    # The offset of a normalisation is decayed, although it is called beta too.
    assert [c > 0.001 for p, c in changes.items() if p.endswith("/beta")] == [True]


def test_without_it_the_slopes_are_decayed():
    changes = after_decay_alone(make_model(), keras.optimizers.AdamW(0.1))
    assert min(c for path, c in changes.items() if path.endswith("slope")) > 0


def test_earlier_exclusions_stay():
    model = make_model()
    optimizer = keras.optimizers.AdamW(0.1, weight_decay=0.1)
    output = model.layers[-1]
    optimizer.exclude_from_weight_decay(var_list=[output.kernel], var_names=["bias"])
    exclude_slopes_from_weight_decay(optimizer, model)
    changes = after_decay_alone(model, optimizer)
    assert changes[output.kernel.path] == changes[output.bias.path] == 0
    assert changes[model.layers[0].layers[0].kernel.path] > 0.001


def test_optimizer_of_mixed_precision_is_looked_into():
    model = make_model()
    inner = keras.optimizers.AdamW(0.1, weight_decay=0.1)
    optimizer = keras.optimizers.LossScaleOptimizer(inner)
    exclude_slopes_from_weight_decay(optimizer, model)
    slope = model.layers[1].alpha
    assert not inner._use_weight_decay(slope)
    assert inner._use_weight_decay(model.layers[-1].kernel)


def test_optimizer_of_a_loaded_model_takes_it_again(tmp_path):
    model = make_model()
    optimizer = keras.optimizers.AdamW(0.1, weight_decay=0.1)
    model.compile(optimizer, "mse", **QUICKEST)
    model.fit(np.ones((4, 4)), np.ones((4, 1)), verbose=0)
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    kernel, alpha = loaded.layers[-1].kernel, loaded.layers[1].alpha
    assert loaded.optimizer._use_weight_decay(alpha)  # Keras does not save it
    assert exclude_slopes_from_weight_decay(loaded.optimizer, loaded) == 3
    assert not loaded.optimizer._use_weight_decay(alpha)
    assert loaded.optimizer._use_weight_decay(kernel)
    assert int(loaded.optimizer.iterations) > 0


def trained_model():
    model = make_model()
    model.name = "trained"
    model.compile("adamw", "mse", **QUICKEST)
    model.fit(np.ones((4, 4)), np.ones((4, 1)), verbose=0)
    return model


@pytest.mark.parametrize(
    ("optimizer", "model", "error", "message"),
    [
        (
            lambda: "adamw",
            make_model,
            TypeError,
            "exclude_slopes_from_weight_decay expects a Keras optimizer first. "
            "Received: 'adamw' of type str",
        ),
        (
            keras.optimizers.AdamW,
            lambda: 3,
            TypeError,
            "exclude_slopes_from_weight_decay expects a Keras model or layer second. "
            "Received: 3 of type int",
        ),
        (
            keras.optimizers.AdamW,
            lambda: keras.Sequential([PReLU()], name="new"),
            ValueError,
            "exclude_slopes_from_weight_decay expects a built model. Received: 'new', "
            "which has no weights yet; start it with keras.Input or call "
            "model.build(input_shape)",
        ),
        (
            keras.optimizers.AdamW,
            trained_model,
            ValueError,
            "exclude_slopes_from_weight_decay expects a model that has not been "
            "trained in this process, because the decayed variables are fixed when "
            "training starts. Call it before `fit`, or call `compile` again first. "
            "Received: 'trained'",
        ),
    ],
)
def test_wrong_arguments_are_refused(optimizer, model, error, message):
    with pytest.raises(error, match=f"^{re.escape(message)}$"):
        exclude_slopes_from_weight_decay(optimizer(), model())
