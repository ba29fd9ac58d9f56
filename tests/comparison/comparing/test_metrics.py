"""The metric by which activations are compared."""

import keras
import numpy as np
import pytest

from keras_rectifiers.comparison.comparing.metrics import choose_metric

Y = np.array([0.0, 10.0, 20.0, 30.0])


def choose(names=("loss", "accuracy"), y=Y, loss="mse", **settings):
    return choose_metric(names, y, loss=loss, **settings)


def test_the_first_metric_of_the_model_is_taken_and_without_one_the_loss():
    assert choose(["accuracy", "auc", "loss"]).name == "accuracy"
    assert choose(["loss", "mae"]).name == "mae"
    assert choose(["loss"]).name == "loss"
    assert choose(["loss", "a_loss", "b_loss"], smallest_effect=1).name == "loss"
    assert choose(["loss", "mae", "mse"], metric="mse").name == "mse"


@pytest.mark.parametrize(
    ("name", "higher_is_better"),
    [
        ("accuracy", True),
        ("sparse_top_k_categorical_accuracy", True),
        ("acc", True),
        ("auc_2", True),
        ("f1_score", True),
        ("r2_score", True),
        ("true_positives", True),
        ("false_positives", False),
        ("mae", False),
        ("root_mean_squared_error", False),
        ("binary_crossentropy", False),
        ("loss", False),
        ("out_loss", False),
    ],
)
def test_whether_more_is_better_is_told_by_the_name(name, higher_is_better):
    metric = choose([name], metric=name, smallest_effect=0.1)
    assert metric.higher_is_better == higher_is_better


def test_of_other_metrics_the_user_says_it():
    with pytest.raises(
        ValueError, match=r"'mine' is better. Say higher_is_better=True"
    ):
        choose(["mine"], metric="mine", smallest_effect=0.1)
    metric = choose(["mine"], metric="mine", higher_is_better=True, smallest_effect=0.1)
    assert metric.higher_is_better and not metric.is_share


def test_accuracy_is_refused_for_targets_that_are_no_classes():
    message = "'accuracy' counts outputs that equal .* such as 0.5"
    with pytest.raises(ValueError, match=message):
        choose(["loss", "accuracy"], y=np.array([0.0, 1.0, 0.5]))
    assert choose(["loss", "accuracy"], y=np.array([0.0, 1.0, 1.0])).is_share
    # Shares of classes have a largest one.
    assert choose(["loss", "accuracy"], y=np.array([[0.3, 0.7], [0.6, 0.4]])).is_share


def test_an_unknown_metric_is_refused_with_those_that_there_are():
    message = "the loss or a metric of the model, loss, accuracy. .* metric='acuracy'"
    with pytest.raises(ValueError, match=message):
        choose(metric="acuracy")


def test_of_shares_one_percentage_point_matters():
    metric = choose()
    assert metric.is_share and metric.smallest_effect == 0.01


@pytest.mark.parametrize(
    ("name", "loss", "guessing"),
    [
        ("loss", "mse", 125.0),
        ("loss", keras.losses.MeanSquaredError(), 125.0),
        ("root_mean_squared_error", "mse", 125**0.5),
        ("mae", "mse", 10.0),
    ],
)
def test_of_errors_a_share_of_what_the_best_constant_guess_gets_matters(
    name, loss, guessing
):
    metric = choose([name], metric=name, loss=loss)
    assert metric.smallest_effect == pytest.approx(0.02 * guessing)


@pytest.mark.parametrize(
    ("loss", "y", "guessing"),
    [
        ("sparse_categorical_crossentropy", np.arange(40) % 4, np.log(4)),
        ("categorical_crossentropy", np.eye(4)[np.arange(40) % 4], np.log(4)),
        ("binary_crossentropy", np.arange(40) % 2, np.log(2)),
    ],
)
def test_of_cross_entropies_guessing_gets_the_entropy_of_the_classes(loss, y, guessing):
    metric = choose(["loss"], y, loss)
    assert metric.smallest_effect == pytest.approx(0.02 * guessing)


def test_where_it_cannot_be_derived_the_user_says_what_matters():
    message = "Expected `smallest_effect`.*'loss' that matters to you"
    for loss in ("poisson", lambda y, p: y - p):
        with pytest.raises(ValueError, match=message):
            choose(["loss"], Y, loss)
    assert choose(["loss"], Y, "poisson", smallest_effect=3).smallest_effect == 3.0


@pytest.mark.parametrize(
    ("smallest", "error"),
    [(0, ValueError), (-1.0, ValueError), (np.inf, ValueError), ("1", TypeError), (True, TypeError)],
)  # fmt: skip
def test_what_matters_is_a_number_above_0(smallest, error):
    with pytest.raises(error, match="Expected `smallest_effect`"):
        choose(smallest_effect=smallest)
