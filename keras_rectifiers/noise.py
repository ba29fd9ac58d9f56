"""Random numbers of RReLU and dropout: a hash of the seed and of each position."""

import math

from keras import ops


def noise_integers(shape, seed):
    """Integers drawn uniformly from all of int32.

    Multiply-shift hashing: row i (an example) has a random odd multiplier k and a
    random offset s, column j (a position within the example) has a random number c, and
    the element is `k c + s` modulo 2**32, of which the highest bits matter. Over the
    draw of k, s and c each element is uniform, and the highest bits of any two elements
    are almost independent. This needs two integer operations per element instead of
    about forty in `keras.random`: on a CPU, XLA recomputes a stateless generator at 300
    times the cost of a leaky rectifier.

    k, s and c are hashes of the index under two keys, each of which depends on both
    words of the seed. int32 wraps around in the same way on every backend.

    Args:
        shape: Sizes as integers or scalar tensors, or one integer tensor of all sizes;
            the first is the number of examples. Without sizes, there is one number.
        seed: Integer tensor of shape `(2,)`.

    Returns:
        int32 tensor of that shape.

    Reference: Dietzfelbinger, 1996, "Universal hashing and k-wise independent random
    variables via integer arithmetic without primes",
    https://doi.org/10.1007/3-540-60922-9_46.
    """
    seed = ops.cast(seed, "int32")
    row_key = _finalise(_finalise(seed[0] + _GOLDEN) ^ seed[1])
    column_key = _finalise(_finalise(seed[1] + _SQUARE_ROOT) ^ seed[0])
    product = math.prod if isinstance(shape, (list, tuple)) else ops.prod
    num_rows, num_columns = product(shape[:1]), product(shape[1:])
    rows = _finalise(ops.arange(2 * num_rows, dtype="int32") + row_key)
    rows = ops.reshape(rows, (num_rows, 2, 1))
    columns = _finalise(ops.arange(num_columns, dtype="int32") + column_key)
    return ops.reshape((rows[:, 0] | 1) * columns + rows[:, 1], shape)


def _finalise(h):
    """The 32-bit finaliser "lowbias32": a bijection with an avalanche bias of 0.17.

    Reference: Chris Wellons, "Prospecting for Hash Functions" (2018),
    https://nullprogram.com/blog/2018/07/31/.
    """
    h = (h ^ _logical_right_shift(h, 16)) * 0x7FEB352D
    # 0x846CA68B as a signed number.
    h = (h ^ _logical_right_shift(h, 15)) * (0x846CA68B - 2**32)
    return h ^ _logical_right_shift(h, 16)


def _logical_right_shift(h, num_bits):
    # The shift of a signed integer copies the sign bit; the mask clears the copies.
    return ops.bitwise_and(ops.right_shift(h, num_bits), 2 ** (32 - num_bits) - 1)


# Fractional bits of the golden ratio and of the square root of 2, as signed
# numbers: they keep a seed of zeros, a fixed point of the finaliser, away from it.
_GOLDEN = 0x9E3779B9 - 2**32
_SQUARE_ROOT = 0x6A09E667
