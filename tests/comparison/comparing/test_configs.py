"""What models are made of, as text."""

import keras

from keras_rectifiers.comparison.comparing.configs import (
    compile_config_of,
    config_of,
)
from keras_rectifiers.comparison.comparing.contenders import GivenActivation
from tests.comparison.comparing.made_up_work import build_model, compiled, contenders


def text(build=None, name="tanh"):
    model = (build or compiled())(GivenActivation(contenders(name)[1]))
    return f"{config_of(model)} {compile_config_of(model)}"


def test_the_config_has_all_that_changes_what_is_trained_and_no_names():
    assert text() == text()
    texts = {
        text(build)
        for build in (
            compiled(),
            compiled(optimizer="adam"),
            compiled(optimizer=keras.optimizers.SGD(0.2)),
            compiled(keras.losses.SparseCategoricalCrossentropy()),
            compiled(units=4),
            compiled(metrics=["accuracy"]),
        )
    }
    assert len(texts) == 6
    assert text(name="tanh") != text(name="elu")
    assert config_of(build_model(keras.layers.ReLU)) != config_of(
        build_model(keras.layers.ELU)
    )
