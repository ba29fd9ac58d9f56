"""What Keras's layers draw at random in training, by `keras_rectifiers.noise`.

TensorFlow cannot vectorise the draws of `keras.random`, and on a CPU they take a large
share of the time of a small net. So while a model is traced, Keras's functions are
replaced by functions of `noise_integers`, which is vectorised, and the same in a graph,
under XLA and on each backend. Gamma, beta and binomial numbers and shuffles stay
Keras's own.
"""

import contextlib
from collections.abc import Iterator

import keras
from keras import ops

from keras_rectifiers import keras_internals
from keras_rectifiers.noise import noise_integers

# Of a uniform number: with more, float32 would round the largest to 1.
_NUM_VALUES = 2**23


@contextlib.contextmanager
def drawing_by_integers(unseeded: keras.random.SeedGenerator) -> Iterator[None]:
    """Replaces Keras's random functions while the block runs or traces a model.

    Args:
        unseeded: the generator for draws without a seed, which otherwise take it from
            the stream of the process.
    """

    def next_seed(seed):
        if seed is None:
            seed = unseeded
        if isinstance(seed, keras.random.SeedGenerator):
            return seed.next()
        if isinstance(seed, int):
            return keras_internals.seed_tensor([seed % 2**31, 0])
        return seed

    def unit(shape, seed):
        """Uniform numbers strictly between 0 and 1, of float32."""
        integers = noise_integers(shape, next_seed(seed))
        # The highest bits are the most random.
        highest = ops.cast(ops.right_shift(integers, 9), "float32")
        return (highest + (_NUM_VALUES // 2 + 0.5)) / _NUM_VALUES

    def uniform(shape, minval=0.0, maxval=1.0, dtype=None, seed=None):
        dtype = dtype or keras.config.floatx()
        minval, maxval = ops.cast(minval, dtype), ops.cast(maxval, dtype)
        return minval + (maxval - minval) * ops.cast(unit(shape, seed), dtype)

    def normal(shape, mean=0.0, stddev=1.0, dtype=None, seed=None):
        numbers = _quantile(unit(shape, seed))
        return mean + stddev * ops.cast(numbers, dtype or keras.config.floatx())

    def truncated_normal(shape, mean=0.0, stddev=1.0, dtype=None, seed=None):
        inner = _BELOW_MINUS_2 + (1 - 2 * _BELOW_MINUS_2) * unit(shape, seed)
        numbers = ops.cast(_quantile(inner), dtype or keras.config.floatx())
        return mean + stddev * numbers

    def randint(shape, minval, maxval, dtype="int32", seed=None):
        # Of more numbers than float32 resolves, only every second or fourth is drawn.
        steps = unit(shape, seed) * (maxval - minval)
        return minval + ops.cast(ops.floor(steps), dtype)

    def dropout(inputs, rate, noise_shape=None, seed=None):
        if rate == 0:
            return inputs
        shape = ops.shape(inputs)
        if noise_shape is not None:
            shape = [
                own if size is None else size
                for size, own in zip(noise_shape, shape, strict=True)
            ]
        if rate >= 1:
            return ops.zeros_like(inputs)
        integers = noise_integers(list(shape), next_seed(seed))
        # Uniform over the 2^32 numbers from -2^31 on.
        is_kept = integers >= min(round(rate * 2**32), 2**32 - 1) - 2**31
        return ops.where(is_kept, inputs / (1 - rate), ops.zeros_like(inputs))

    def categorical(logits, num_samples, dtype="int64", seed=None):
        rows, classes = ops.shape(logits)
        numbers = unit([rows, num_samples, classes], seed)
        gumbel = -ops.log(-ops.log(numbers))
        return ops.cast(ops.argmax(logits[:, None] + gumbel, axis=-1), dtype)

    with keras_internals.drawing_with(
        uniform=uniform,
        normal=normal,
        truncated_normal=truncated_normal,
        dropout=dropout,
        categorical=categorical,
        randint=randint,
        draw_seed=next_seed,
    ):
        yield


def _quantile(shares):
    """The number below which a standard normal one is with this probability."""
    return 2**0.5 * ops.erfinv(2 * shares - 1)


_BELOW_MINUS_2 = 0.022750131948179212  # the probability of a normal number below -2
