"""What is told of rehearsed steps: made-up rehearsals on both sides of each rule."""

import dataclasses
import math

import keras
import numpy as np
import pytest

from keras_rectifiers.diagnosis.checks.training import check
from keras_rectifiers.diagnosis.program import Output
from tests.diagnosis.made_up_rehearsals import rehearsals, steps


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
        # Not even a constant is reached, which larger ones do.
        (steps(3.0, 2.9, update=1e-6), {1000.0: 0.95}, ["rate too low"]),
        (steps(3.0, 2.9, update=1e-6), {1000.0: 1.2}, []),
        (steps(1.0, 0.99, update=1e-6), {}, []),
        # Steps of a healthy size may be slow.
        (steps(1.0, 0.95, update=1e-3), {10.0: 0.2}, []),
    ],
)
def test_a_rate_is_judged_by_what_others_do(own, others, expected):
    assert kinds(check(rehearsals(own, others), [])) == expected


def test_nothing_is_said_of_steps_that_had_no_time():
    own = dataclasses.replace(steps(1.0, 1.0), is_cut=True)
    seen = rehearsals(own, {0.1: 0.5})
    assert seen.learns is None and check(seen, []) == []


def test_random_weights_that_beat_a_constant_have_not_learned():
    own = steps(0.6, 0.58, update=1e-6)
    found = check(rehearsals(own, {1000.0: 0.1}, now=0.6), [])
    assert kinds(found) == ["rate too low"]


@pytest.mark.parametrize(
    ("now", "end", "expected"),
    [(0.8, 0.2, ["unfinished"]), (0.8, 0.6, []), (0.3, 0.01, [])],
)
def test_a_training_that_ended_early_goes_on_at_once(now, end, expected):
    seen = rehearsals(steps(now, end), is_trained=True, now=now)
    assert kinds(check(seen, [])) == expected


@pytest.mark.parametrize(
    ("num_taken", "end", "expected"),
    [(80, 0.6, 1), (80, 0.75, 0), (5000, 0.6, 0), (5000, 0.3, 1)],
)
def test_after_a_few_steps_it_is_enough_that_the_loss_goes_on_falling(
    num_taken, end, expected
):
    seen = rehearsals(steps(0.8, end), is_trained=True, now=0.8)
    found = check(dataclasses.replace(seen, num_taken=num_taken), [])
    assert kinds(found) == ["unfinished"] * expected
    told = [f for f in found if "after 80 steps" in f.meaning and "mode" in f.advice]
    assert len(told) == (expected and num_taken == 80)


@pytest.mark.parametrize(("num_taken", "expected"), [(80, ["unfinished"]), (5000, [])])
def test_a_training_that_learned_no_more_than_its_rehearsal_had_hardly_begun(
    num_taken, expected
):
    # On other examples the rehearsal is not as good, because it is as short.
    own = steps(1.0, 0.83, unseen=0.87)
    seen = rehearsals(own, is_trained=True, now=0.9, restarted=True)
    assert kinds(check(dataclasses.replace(seen, num_taken=num_taken), [])) == expected


@pytest.mark.parametrize("unseen", [0.79, np.nan])
def test_what_is_only_learned_by_heart_is_no_unfinished_training(unseen):
    seen = rehearsals(steps(0.8, 0.1, unseen=unseen), is_trained=True, now=0.8)
    assert check(seen, []) == []


@pytest.mark.parametrize(
    ("now", "unseen", "expected"),
    [(0.4, 0.1, ["rate too low"]), (0.4, 0.4, []), (0.1, 0.01, [])],
)
def test_a_training_may_have_been_slow(now, unseen, expected):
    own = steps(now, now, update=1e-6)
    seen = rehearsals(own, {1000.0: 0.1 * now}, is_trained=True, now=now, unseen=unseen)
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
    seen = rehearsals(steps(1.5, 0.3), is_trained=True, now=1.5)
    (finding,) = check(seen, [classes_predicted(shares)])
    assert finding.kind == expected
    assert ("shuffle" in finding.advice) == (expected == "order")


@pytest.mark.parametrize(("loss", "expected"), [(0.3, 1), (0.7, 0)])
def test_a_model_that_is_good_in_training_mode_only_has_two_modes(loss, expected):
    seen = rehearsals(steps(1.0, 0.1), is_trained=True, now=3.0, restarted=True)
    seen = dataclasses.replace(seen, in_training_mode=loss)
    assert kinds(check(seen, [])) == ["modes disagree" if expected else "fit"]


@pytest.mark.parametrize(
    ("now", "loss", "expected"),
    [(0.6, 0.1, ["modes disagree"]), (0.6, 0.3, []), (0.15, 0.01, [])],
)
def test_a_model_that_has_learned_is_good_in_both_modes(now, loss, expected):
    seen = rehearsals(steps(now, now), is_trained=True, now=now)
    seen = dataclasses.replace(seen, in_training_mode=loss)
    assert kinds(check(seen, [])) == expected


@pytest.mark.parametrize(
    ("now", "loss", "expected"),
    [(0.8, 0.3, "modes disagree"), (0.8, 0.45, "unfinished"), (0.4, 0.2, None)],
)
def test_a_model_that_has_learned_something_may_have_two_modes(now, loss, expected):
    own = dataclasses.replace(steps(now, 0.05), losses=np.full(60, loss))
    seen = rehearsals(own, is_trained=True, now=now)
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
    seen = rehearsals(steps(1.0, 1.0), is_trained=True, now=now, restarted=True)
    assert kinds(check(seen, [])) == expected


def test_averages_that_catch_up_are_no_further_training():
    own = steps(0.8, 0.2)
    for losses, expected in ([0.25] * 60, []), ([0.8, *[0.25] * 59], ["unfinished"]):
        own = dataclasses.replace(own, losses=np.array(losses))
        assert kinds(check(rehearsals(own, is_trained=True, now=0.8), [])) == expected


@pytest.mark.parametrize(
    ("num_taken", "unseen", "expected"),
    [
        (40, 0.3, ["unfinished"]),
        (5000, 0.3, ["stuck"]),
        (5000, 1.0, []),
        # Too few examples to leave some out, which more steps than those taken learn.
        (5000, math.nan, []),
        (10, math.nan, ["unfinished"]),
    ],
)
def test_what_learns_from_fresh_weights_was_trained_in_another_way(
    num_taken, unseen, expected
):
    own = steps(1.0, 0.3, unseen=unseen)
    seen = rehearsals(own, is_trained=True, now=0.99, restarted=True)
    found = check(dataclasses.replace(seen, num_taken=num_taken), [])
    assert kinds(found) == expected
    if expected == ["stuck"]:
        assert "after 5,000 steps" in found[0].observation
        assert "sample_weight" in found[0].advice
    if expected == ["unfinished"]:
        assert f"took only {num_taken} steps" in found[0].observation


@pytest.mark.parametrize(
    ("num_taken", "end", "unseen", "expected"),
    [
        (40, 0.97, 0.97, ["unfinished"]),
        (5000, 0.97, 0.97, ["stuck"]),
        (40, 1.01, 1.01, ["stuck"]),
        # By heart, as of targets that nothing can be known of.
        (40, 0.97, 1.0, ["stuck"]),
        (10, 0.97, math.nan, ["unfinished"]),
        (100, 0.97, math.nan, ["stuck"]),
    ],
)
def test_a_few_steps_of_a_slow_fall_are_a_beginning(num_taken, end, unseen, expected):
    own = steps(1.0, end, unseen=unseen)
    seen = rehearsals(own, is_trained=True, now=0.99, restarted=True)
    found = check(dataclasses.replace(seen, num_taken=num_taken), [])
    assert kinds(found) == expected


@pytest.mark.parametrize(("num_taken", "are_few"), [(300, True), (301, False)])
def test_of_few_steps_that_taught_nothing_more_are_the_first_advice(num_taken, are_few):
    seen = rehearsals(steps(1.0, 1.0), is_trained=True, restarted=True)
    (finding,) = check(dataclasses.replace(seen, num_taken=num_taken), [])
    assert finding.kind == "stuck"
    assert ("after only 300 steps of training" in finding.observation) == are_few
    assert finding.advice.startswith("Train for more epochs") == are_few


@pytest.mark.parametrize("clipping", ["", "clipnorm=0.001"])
def test_small_steps_may_be_those_of_clipped_gradients(clipping):
    seen = rehearsals(steps(1.0, 0.99, update=1e-6), {1000.0: 0.2})
    (finding,) = check(dataclasses.replace(seen, clipping=clipping), [])
    assert ("limit than clipnorm=0.001" in finding.advice) == bool(clipping)


def test_a_model_trained_with_weights_has_learned_at_any_loss():
    seen = rehearsals(steps(1.0, 0.3), is_trained=True, now=1.2, restarted=True)
    seen = dataclasses.replace(seen, num_taken=5000)
    labels = np.arange(40) % 2
    told_apart = dataclasses.replace(
        classes_predicted([0.5, 0.5]), prediction=0.1 + 0.8 * np.eye(2)[labels]
    )
    assert check(seen, [told_apart]) == []
    assert kinds(check(seen, [classes_predicted([0.5, 0.5])])) == ["stuck"]


def test_a_few_examples_that_are_learned_well_are_no_chance():
    own = steps(1.0, 0.1, unseen=math.nan)
    seen = rehearsals(own, is_trained=True, now=0.99, restarted=True)
    assert kinds(check(dataclasses.replace(seen, num_taken=5000), [])) == ["fit"]


@pytest.mark.parametrize(
    ("now", "end", "expected"),
    [(1.1, 0.1, "fit"), (1.1, 0.4, "stuck"), (math.nan, 0.1, "stuck")],
)
def test_where_the_steps_are_right_fit_was_given_something_else(now, end, expected):
    seen = rehearsals(steps(1.0, end), is_trained=True, now=now, restarted=True)
    (finding,) = check(dataclasses.replace(seen, num_taken=5000), [])
    assert finding.kind == expected
    assert "sorted by class" in finding.advice


@pytest.mark.skipif(
    keras.backend.backend() != "tensorflow", reason="the advice is on TensorFlow alone"
)
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
