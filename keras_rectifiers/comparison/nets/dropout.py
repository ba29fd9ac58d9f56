"""Dropout for training the members of a population at the same time."""

import keras
from keras import ops

from keras_rectifiers.noise import noise_integers


@keras.saving.register_keras_serializable(package="keras_rectifiers")
class Dropout(keras.layers.Dropout):
    """Keras's dropout, for training the members of a population at the same time.

    TensorFlow cannot vectorise the draws of `keras.random`, so this uses `noise`.
    """

    def call(self, inputs, training=False):
        if not training or self.rate == 0:
            return inputs
        integers = noise_integers(ops.shape(inputs), self.seed_generator.next())
        # Uniform over the 2^32 numbers from -2^31 on.
        is_kept = integers >= min(round(self.rate * 2**32), 2**32 - 1) - 2**31
        return ops.where(is_kept, inputs / (1 - self.rate), ops.zeros_like(inputs))
