"""A small model and small data, and experiments with them."""

import keras
import numpy as np

from keras_rectifiers.comparison.comparing.contenders import read_contenders
from keras_rectifiers.comparison.comparing.examples import read_examples
from keras_rectifiers.comparison.comparing.experiment import Experiment
from keras_rectifiers.comparison.comparing.preflight import check_models


def data(num=60, classes=3):
    """Classes that a net learns in an epoch or two."""
    rng = np.random.default_rng(0)
    y = np.arange(num) % classes
    x = rng.normal(size=(num, 4)) + 2 * np.eye(classes, 4)[y]
    return x.astype("float32"), y


def build_model(activation):
    layers = keras.layers
    return keras.Sequential(
        [
            keras.Input((4,)),
            layers.Dense(6),
            activation(),
            layers.Dense(3),
        ]
    )


def compiled(
    loss="sparse_categorical_crossentropy", *, units=3, last="softmax", **more
):
    """A function that builds a compiled model."""

    def build(activation):
        layers = keras.layers
        model = keras.Sequential(
            [
                keras.Input((4,)),
                layers.Dense(6),
                activation(),
                layers.Dense(units, activation=last),
            ]
        )
        model.compile(**{"optimizer": "sgd", "loss": loss, **more})
        return model

    return build


def contenders(*names, reference="relu"):
    return read_contenders(names or ["tanh"], reference)[0]


def checked(build=build_model, *names, given=None, **settings):
    examples = read_examples(data() if given is None else given)
    return check_models(build, contenders(*names), examples.data, **settings)


def experiment(build=build_model, *names, given=None, **settings) -> Experiment:
    given = data() if given is None else given
    found = checked(build, *names, given=given)
    return Experiment(
        **{
            "builders": found.builders,
            "configs": found.configs,
            "examples": read_examples(given),
            "seeds": [0, 1],
            "rates": [0.01, 0.1],
            "own_rate": 0.001,
            "epochs": 1,
            "batch_size": 12,
            "measures": dict.fromkeys(found.builders, False),
            **settings,
        }
    )
