"""Initializers against Keras's own, and through layers and files."""

import keras
import numpy as np
import pytest
from keras import ops

import keras_rectifiers as rectifiers
from keras_rectifiers import RectifierNormal, RectifierUniform, gain

BOTH = [RectifierNormal, RectifierUniform]


@keras.saving.register_keras_serializable(package="tests")
def halved(x):
    return x / 2


ACTIVATIONS = [
    "gelu",
    0.1,
    keras.activations.tanh,
    halved,
    keras.layers.ELU(alpha=2.0),
    keras.layers.LeakyReLU(0.3),
    rectifiers.RReLU(form="slope"),
    rectifiers.ShiftedReLU(-0.5),
    rectifiers.PReLU(),
]


def values(initializer, shape=(300, 200), **kwargs):
    return ops.convert_to_numpy(initializer(shape, **kwargs))


@pytest.mark.parametrize("shape", [(300, 20), (3, 3, 16, 24), (7,)])
@pytest.mark.parametrize(
    ("ours", "keras_class"),
    [
        (RectifierNormal("relu", seed=3), keras.initializers.HeNormal),
        (RectifierNormal(seed=3), keras.initializers.HeNormal),
        (RectifierUniform("relu", seed=3), keras.initializers.HeUniform),
        (RectifierNormal("linear", seed=3), keras.initializers.LecunNormal),
        (RectifierUniform(1, seed=3), keras.initializers.LecunUniform),
        (RectifierNormal(1, mode="fan_avg", seed=3), keras.initializers.GlorotNormal),
        (RectifierUniform(1, mode="fan_avg", seed=3), keras.initializers.GlorotUniform),
    ],
)
def test_known_initializers_are_special_cases(ours, keras_class, shape):
    expected = values(keras_class(seed=3), shape)
    assert values(ours, shape) == pytest.approx(expected, rel=1e-6, abs=0)


@pytest.mark.parametrize("initializer_class", BOTH)
@pytest.mark.parametrize(
    ("mode", "fan"), [("fan_in", 300), ("fan_out", 900), ("fan_avg", 600)]
)
def test_the_variance_is_the_squared_gain_over_the_fan(initializer_class, mode, fan):
    drawn = values(initializer_class("silu", mode=mode, seed=0), (300, 900))
    # 270,000 draws: the variance errs by 0.3%.
    assert drawn.var() * fan == pytest.approx(gain("silu") ** 2, rel=0.01)


@pytest.mark.parametrize("initializer_class", BOTH)
def test_a_layer_keeps_the_variance_of_what_feeds_it(initializer_class, rng):
    z = rng.normal(size=(2000, 400)).astype(np.float32)
    dense = keras.layers.Dense(
        400, kernel_initializer=initializer_class("tanh", seed=1)
    )
    passed_on = ops.convert_to_numpy(dense(ops.tanh(z)))
    assert passed_on.var() == pytest.approx(1.0, rel=0.03)


def test_a_convolution_keeps_the_variance_of_what_feeds_it(rng):
    z = rng.normal(size=(20, 12, 12, 64)).astype(np.float32)
    layer = keras.layers.Conv2D(128, 3, kernel_initializer=RectifierNormal(0.1, seed=1))
    passed_on = ops.convert_to_numpy(layer(ops.leaky_relu(z, 0.1)))
    # What the inputs' mean contributes is one draw per channel: 128 draws.
    assert passed_on.var() + passed_on.mean() ** 2 == pytest.approx(1.0, rel=0.15)


def test_the_fan_out_is_the_fan_in_of_depthwise_and_transposed_kernels(rng):
    z = rng.normal(size=(20, 12, 12, 64)).astype(np.float32)
    initializer = RectifierNormal(mode="fan_out", seed=1)
    for layer in (
        keras.layers.DepthwiseConv2D(3, depthwise_initializer=initializer),
        keras.layers.Conv2DTranspose(96, 3, kernel_initializer=initializer),
    ):
        inside = ops.convert_to_numpy(layer(ops.relu(z)))[:, 2:-2, 2:-2]
        assert inside.var() + inside.mean() ** 2 == pytest.approx(1.0, rel=0.15)


@pytest.mark.parametrize("initializer_class", BOTH)
def test_seeds_mean_what_they_mean_in_keras(initializer_class):
    fixed = initializer_class("elu", seed=5)
    assert np.array_equal(values(fixed), values(fixed))
    assert np.array_equal(values(fixed), values(initializer_class("elu", seed=5)))
    assert not np.array_equal(values(fixed), values(initializer_class("elu", seed=6)))
    advancing = initializer_class("elu", seed=keras.random.SeedGenerator(5))
    assert not np.array_equal(values(advancing), values(advancing))
    unseeded = initializer_class("elu")
    assert np.array_equal(values(unseeded), values(unseeded))


def test_the_dtype_is_the_one_asked_for():
    assert values(RectifierNormal("elu", seed=1), dtype="float16").dtype == np.float16


@pytest.mark.parametrize("initializer_class", BOTH)
@pytest.mark.parametrize(
    "activation", ACTIVATIONS, ids=lambda a: getattr(a, "__name__", str(a))
)
def test_a_round_trip_through_the_configuration_changes_nothing(
    initializer_class, activation
):
    initializer = initializer_class(activation, mode="fan_avg", seed=2)
    config = keras.initializers.serialize(initializer)
    assert set(config["config"]) == {"activation", "mode", "seed"}
    twin = keras.initializers.deserialize(config)
    assert type(twin) is initializer_class
    assert twin.get_config() == initializer.get_config()
    assert np.array_equal(values(twin), values(initializer))


def test_a_model_with_it_is_saved_and_loaded_in_safe_mode(tmp_path):
    model = keras.Sequential(
        [
            keras.Input((8, 8, 3)),
            keras.layers.Conv2D(4, 3, kernel_initializer=RectifierUniform("linear")),
            rectifiers.PReLU(),
            keras.layers.Flatten(),
            keras.layers.Dense(
                5, kernel_initializer=RectifierNormal(rectifiers.PReLU(), seed=1)
            ),
        ]
    )
    path = tmp_path / "model.keras"
    model.save(path)
    loaded = keras.models.load_model(path, safe_mode=True)
    initializer = loaded.layers[-1].kernel_initializer
    assert isinstance(initializer, RectifierNormal)
    assert isinstance(initializer.activation, rectifiers.PReLU)
    assert np.array_equal(
        values(initializer, (144, 5)), ops.convert_to_numpy(model.layers[-1].kernel)
    )


def test_it_is_found_by_its_registered_name():
    found = keras.initializers.get(
        {
            "class_name": "keras_rectifiers>RectifierNormal",
            "config": {"activation": "gelu", "seed": 1},
        }
    )
    assert np.array_equal(values(found), values(RectifierNormal("gelu", seed=1)))


@pytest.mark.parametrize("initializer_class", BOTH)
def test_wrong_arguments_are_refused_at_construction(initializer_class):
    with pytest.raises(ValueError, match=r"Neither the catalogue nor .* 'relo'"):
        initializer_class("relo")
    with pytest.raises(ValueError, match="`mode` argument: fan"):
        initializer_class("relu", mode="fan")
    with pytest.raises(ValueError, match="`seed` argument should be"):
        initializer_class("relu", seed="1")
    with pytest.raises(ValueError, match="acts on each element separately"):
        initializer_class(lambda x: ops.flip(x, axis=-1))
