"""What is told of rehearsed steps: made-up rehearsals on both sides of each rule."""

import dataclasses

import keras
import numpy as np
import pytest

from keras_rectifiers.diagnosis.checks.training import Trial, check, check_optimizer
from keras_rectifiers.diagnosis.loss_bounds import LossBounds
from keras_rectifiers.diagnosis.program import Output
from keras_rectifiers.diagnosis.rehearsal import Rehearsal


def steps(before, after, *, update=1e-3, lost_at=None, num=60, unseen=None):
    losses = np.full(lost_at or num, before, float)
    if lost_at:
        losses[-1] = np.nan
    return Rehearsal(
        losses=losses,
        before=before,
        after=after,
        update=update,
        unseen_before=before,
        unseen_after=after if unseen is None else unseen,
    )


def trial(own, others=None, *, is_trained=False, now=1.0, restarted=False, unseen=None):
    """Other rates do as the own one does, but for `others`: factor -> loss at the end."""
    others = others or {}

    def again(factor):
        return steps(own.before, others.get(factor, own.end), unseen=unseen)

    return Trial(
        bounds=LossBounds(constant=1.0),
        is_trained=is_trained,
        now=now,
        own=own,
        again=again,
        restarted=restarted,
    )


def kinds(found):
    return [finding.kind for finding in found]


@pytest.mark.parametrize(
    ("own", "others", "expected"),
    [
        # It learns, whatever other rates do.
        (steps(1.0, 0.5), {0.1: 0.01, 10.0: 0.01}, []),
        # It leaps, stays where it was, or is lost.
        (steps(1.0, 3.0), {0.1: 0.5}, ["rate too high"]),
        (steps(1.0, 1.0), {0.01: 0.5}, ["rate too high"]),
        (steps(1.0, np.nan, lost_at=3), {0.1: 0.5}, ["rate too high"]),
        (steps(1.0, np.nan, lost_at=3), {0.001: 0.5}, ["rate too high"]),
        (steps(1.0, np.nan, lost_at=3), {}, ["diverging"]),
        # No rate helps: not for want of steps of an untrained model.
        (steps(1.0, 1.0), {}, []),
        # Tiny steps, of which larger ones help.
        (steps(1.0, 0.99, update=1e-6), {1000.0: 0.2}, ["rate too low"]),
        (steps(1.0, 0.99, update=1e-6), {1e4: 0.2}, ["rate too low"]),
        (steps(1.0, 0.99, update=0.0), {1000.0: 0.2}, []),
        (steps(1.0, 0.99, update=1e-6), {}, []),
        # Steps of a healthy size may be slow.
        (steps(1.0, 0.95, update=1e-3), {10.0: 0.2}, []),
    ],
)
def test_a_rate_is_judged_by_what_others_do(own, others, expected):
    assert kinds(check(trial(own, others), [])) == expected


def test_nothing_is_said_of_steps_that_had_no_time():
    own = dataclasses.replace(steps(1.0, 1.0), is_cut=True)
    seen = trial(own, {0.1: 0.5})
    assert seen.learns is None and check(seen, []) == []


def test_random_weights_that_beat_a_constant_have_not_learned():
    own = steps(0.6, 0.58, update=1e-6)
    found = check(trial(own, {1000.0: 0.1}, now=0.6), [])
    assert kinds(found) == ["rate too low"]


@pytest.mark.parametrize(
    ("now", "end", "expected"),
    [(0.8, 0.2, ["unfinished"]), (0.8, 0.6, []), (0.3, 0.01, [])],
)
def test_a_training_that_ended_early_goes_on_at_once(now, end, expected):
    seen = trial(steps(now, end), is_trained=True, now=now)
    assert kinds(check(seen, [])) == expected


@pytest.mark.parametrize("unseen", [0.79, np.nan])
def test_what_is_only_learned_by_heart_is_no_unfinished_training(unseen):
    seen = trial(steps(0.8, 0.1, unseen=unseen), is_trained=True, now=0.8)
    assert check(seen, []) == []


@pytest.mark.parametrize(
    ("now", "unseen", "expected"),
    [(0.4, 0.1, ["rate too low"]), (0.4, 0.4, []), (0.1, 0.01, [])],
)
def test_a_training_may_have_been_slow(now, unseen, expected):
    own = steps(now, now, update=1e-6)
    seen = trial(own, {1000.0: 0.1 * now}, is_trained=True, now=now, unseen=unseen)
    assert kinds(check(seen, [])) == expected


def classes_predicted(shares):
    labels = np.arange(40) % 2.0
    rng = np.random.default_rng(0)
    prediction = np.clip(shares + 0.01 * rng.normal(size=(40, 2)), 0, 1)
    return Output(
        name="out",
        layer="last",
        activation="softmax",
        prediction=prediction,
        loss="sparse_categorical_crossentropy",
        from_logits=False,
        targets=labels,
    )


@pytest.mark.parametrize(
    ("shares", "expected"), [([0.1, 0.9], "order"), ([0.45, 0.55], "unfinished")]
)
def test_the_last_classes_are_remembered_best_without_shuffling(shares, expected):
    seen = trial(steps(1.5, 0.3), is_trained=True, now=1.5)
    (finding,) = check(seen, [classes_predicted(shares)])
    assert finding.kind == expected
    assert ("shuffle" in finding.advice) == (expected == "order")


@pytest.mark.parametrize(("loss", "expected"), [(0.3, 1), (0.7, 0)])
def test_a_model_that_is_good_in_training_mode_only_has_two_modes(loss, expected):
    seen = trial(steps(1.0, 0.1), is_trained=True, now=3.0, restarted=True)
    seen = dataclasses.replace(seen, in_training_mode=loss)
    assert kinds(check(seen, [])) == ["modes disagree"] * expected


@pytest.mark.parametrize(
    ("now", "loss", "expected"),
    [(0.8, 0.3, "modes disagree"), (0.8, 0.45, "unfinished"), (0.4, 0.1, None)],
)
def test_a_model_that_has_learned_something_may_have_two_modes(now, loss, expected):
    own = dataclasses.replace(steps(now, 0.05), losses=np.full(60, loss))
    seen = trial(own, is_trained=True, now=now)
    seen = dataclasses.replace(seen, in_training_mode=loss)
    found = check(seen, [])
    assert kinds(found) == [expected] * (expected is not None)
    # Of its batches a net without normalisation knows nothing.
    told = [finding.advice for finding in found if "tf.data" in finding.advice]
    assert len(told) == (expected == "unfinished")
    without = dataclasses.replace(seen, in_training_mode=np.nan)
    assert not any("tf.data" in finding.advice for finding in check(without, []))


@pytest.mark.parametrize(("now", "expected"), [(1.0, ["stuck"]), (0.95, [])])
def test_a_trained_model_that_nothing_helps_is_stuck_unless_it_moves(now, expected):
    seen = trial(steps(1.0, 1.0), is_trained=True, now=now, restarted=True)
    assert kinds(check(seen, [])) == expected


def test_averages_that_catch_up_are_no_further_training():
    own = steps(0.8, 0.2)
    for losses, expected in ([0.25] * 60, []), ([0.8, *[0.25] * 59], ["unfinished"]):
        own = dataclasses.replace(own, losses=np.array(losses))
        assert kinds(check(trial(own, is_trained=True, now=0.8), [])) == expected


@pytest.mark.parametrize(("rate", "expected"), [(1e-3, 0), (-1.0, 1), (0.0, 1)])
def test_a_learning_rate_is_positive(rate, expected):
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    assert check_optimizer(model) == []
    sgd = keras.optimizers.SGD(rate)
    for optimizer in (sgd, keras.optimizers.LossScaleOptimizer(sgd)):
        model.compile(optimizer, "mse")
        assert kinds(check_optimizer(model)) == ["negative rate"] * expected


@pytest.mark.skipif(keras.backend.backend() != "tensorflow", reason="told of it only")
def test_fit_repeats_its_batches_once_a_seed_is_set_as_the_advice_says():
    keras.utils.set_random_seed(0)
    seen = []

    class Noting(keras.layers.Layer):
        def call(self, x):
            seen.append(np.ravel(x).tolist())
            return x

    model = keras.Sequential([keras.Input((1,)), Noting(), keras.layers.Dense(1)])
    model.compile("sgd", "mse", run_eagerly=True)
    x = np.arange(64.0)[:, None]
    seen.clear()
    model.fit(x, x, epochs=2, batch_size=32, verbose=0)
    assert seen[-4:-2] == seen[-2:] and seen[-1] != sorted(seen[-1])
