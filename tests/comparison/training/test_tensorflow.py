"""Populations on TensorFlow, with XLA and without."""

import functools

import pytest
import tensorflow as tf

from keras_rectifiers.comparison import training
from keras_rectifiers.comparison.training import tensorflow
from keras_rectifiers.comparison.trials.trial import Trial
from tests.comparison.training.trained_alone import (
    assert_equal_tables,
    keep,
    train_alone,
)

SMALL = {"depth": 2, "width": 8, "epochs": 2, "batch_size": 256, "probe_size": 64}
# Float32 rounding, grown by some steps of training; see the worst case in each test.
GROWN = 1e-4


def test_xla_changes_no_number_beyond_rounding():
    settings = {"optimizer": "adamw", "weight_decay": 0.3, "global_clipnorm": 0.1}
    trials = [Trial(activation="prelu", seed=s, **SMALL | settings) for s in range(2)]
    together = training.train(trials, jit_compile=True)
    assert list(together.trials["mode"]) == ["tensorflow-xla"] * 2
    alone = train_alone(trials[-1:], jit_compile=True)
    assert_equal_tables(keep(together, trials[-1:]), alone, GROWN)


@pytest.mark.parametrize(
    "message",
    [
        "Required handle data not set for <tf.Tensor 'loop_body/net/cond/pfor/If:1'>",
        'Input 0 of op "name: "loop_body/net/cond" expected to be loop invariant',
    ],
)
def test_an_operation_that_is_not_vectorised_is_named(monkeypatch, message):
    def refuse(*_, **__):
        raise ValueError(message)

    monkeypatch.setattr(tf, "vectorized_map", refuse)
    with pytest.raises(
        tensorflow.NotVectorisable, match=r"^TensorFlow cannot vectorise net/cond$"
    ):
        tensorflow.vectorised(tf.identity, tf.ones(2))


def test_an_error_of_the_function_itself_stays_what_it_is():
    def wrong(_):
        raise ValueError("It is wrong.")

    with pytest.raises(ValueError, match=r"It is wrong\."):
        tensorflow.vectorised(wrong, tf.ones(2))


def test_a_temporary_variable_that_another_call_has_counts_as_too_large():
    """Two in one program, as two calls at the same time have them."""
    variable = {"var_name": "sum"}

    @tf.function
    def summed():
        new = functools.partial(tf.raw_ops.TemporaryVariable, shape=[2], **variable)
        first = new(dtype=tf.float32)
        with tf.control_dependencies([first]):
            second = new(dtype=tf.float32)
        return [
            tf.raw_ops.DestroyTemporaryVariable(ref=ref, **variable)
            for ref in (first, second)
        ]

    with pytest.raises(tf.errors.AlreadyExistsError) as caught:
        summed()
    assert tensorflow.is_out_of_memory(caught.value)
    other = tf.errors.AlreadyExistsError(None, None, "The folder is there.")
    assert not tensorflow.is_out_of_memory(other)
