"""The loss and the metric that are chosen for models that are not compiled."""

import keras
import numpy as np
import pytest

from keras_rectifiers.comparison.comparing.compiling import ModelBuilder, choose_recipe
from tests.comparison.comparing.made_up_work import build_model, compiled, contenders

CLASSES = np.arange(30) % 3
PROBABILITIES = np.full((4, 3), 1 / 3)
LOGITS = np.array([[-1.0, 2.0, 0.5]] * 4)


@pytest.mark.parametrize(
    ("outputs", "y", "last", "loss", "from_logits", "metric"),
    [
        (LOGITS, CLASSES, None, "SparseCategoricalCrossentropy", True, "accuracy"),
        (PROBABILITIES, CLASSES, None, "SparseCategoricalCrossentropy", False, "accuracy"),
        (LOGITS, np.eye(3)[CLASSES], None, "CategoricalCrossentropy", True, "accuracy"),
        (LOGITS[:, :1], CLASSES % 2, None, "BinaryCrossentropy", True, "accuracy"),
        (LOGITS, np.tile([[0, 1, 1], [1, 1, 0]], (9, 1)), None, "BinaryCrossentropy", True, "accuracy"),
        (LOGITS[:, :1], CLASSES / 7, None, "MeanSquaredError", None, "root_mean_squared_error"),
        (LOGITS, np.tile(LOGITS, (9, 1)), None, "MeanSquaredError", None, "root_mean_squared_error"),
        # The layer decides, where there is one, and not what it happens to return.
        (PROBABILITIES, CLASSES, keras.layers.Dense(3), "SparseCategoricalCrossentropy", True, "accuracy"),
        (PROBABILITIES, CLASSES, keras.layers.Softmax(), "SparseCategoricalCrossentropy", False, "accuracy"),
        (PROBABILITIES[:, :1], CLASSES % 2, keras.layers.Dense(1, "sigmoid"), "BinaryCrossentropy", False, "accuracy"),
    ],
)  # fmt: skip
def test_the_loss_suits_the_outputs_and_the_targets(
    outputs, y, last, loss, from_logits, metric
):
    recipe = choose_recipe(outputs, y, last, None)
    assert recipe.loss.__name__ == loss
    assert recipe.from_logits is from_logits
    assert f"and the metric {metric}" in str(recipe)


def test_a_metric_of_the_users_is_taken():
    recipe = choose_recipe(LOGITS[:, :1], CLASSES / 7, None, "mae")
    model = build_model(contenders()[0].make)
    recipe.compile(model)
    assert str(recipe).endswith("the metric mae")


def test_the_loss_as_the_metric_leaves_the_metric_that_suits():
    recipe = choose_recipe(LOGITS[:, :1], CLASSES / 7, None, "loss")
    assert str(recipe).endswith("the metric root_mean_squared_error")


@pytest.mark.parametrize("metric", ["rootmse", 3])
def test_an_unknown_metric_is_refused_with_what_was_received(metric):
    with pytest.raises(ValueError, match=f"metric of Keras.* metric={metric!r}"):
        choose_recipe(LOGITS[:, :1], CLASSES / 7, None, metric)


def test_accuracy_of_two_classes_from_logits_has_its_threshold_at_0():
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    choose_recipe(LOGITS[:, :1], CLASSES % 2, None, None).compile(model)
    model.layers[0].set_weights([np.ones((1, 1)), np.zeros(1)])
    x = np.array([[0.2], [-0.2]])
    assert (
        model.evaluate(x, np.array([1, 0]), verbose=0, return_dict=True)["accuracy"]
        == 1
    )


@pytest.mark.parametrize(
    ("outputs", "y", "message"),
    [
        (LOGITS, CLASSES + 5, "the targets must be 0 to 2.* Received: 5 to 7"),
        (
            LOGITS[:, :1],
            2 * (CLASSES % 2) - 1,
            "targets must be 0 and 1. Number .* Received: targets -1 and 1",
        ),
        (LOGITS, CLASSES / 7, r"outputs of shape \(None, 3\) and targets of shape"),
        ([LOGITS, LOGITS], CLASSES, "several outputs.* 2 outputs and 1 targets"),
    ],
)
def test_where_no_loss_fits_the_user_is_asked_to_compile(outputs, y, message):
    with pytest.raises(ValueError, match=message):
        choose_recipe(outputs, y, None, None)


def test_a_builder_compiles_what_is_not_compiled_and_leaves_the_rest():
    recipe = choose_recipe(LOGITS, CLASSES, None, None)
    (first, *_) = contenders()
    plain = ModelBuilder(build_model=build_model, contender=first, recipe=recipe)()
    assert isinstance(plain.optimizer, keras.optimizers.Adam)
    own = ModelBuilder(build_model=compiled(), contender=first, recipe=recipe)()
    assert isinstance(own.optimizer, keras.optimizers.SGD)


def test_what_is_no_model_is_refused():
    builder = ModelBuilder(build_model=lambda _: 5, contender=contenders()[0])
    with pytest.raises(
        TypeError, match=r"a keras.Model. Received: 5, of type int, for"
    ):
        builder()
