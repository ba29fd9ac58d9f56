"""Initializers that preserve the variance of the signal, for any activation."""

from typing import Any

import keras

from keras_rectifiers.theory.gain import gain


class _RectifierInitializer(keras.initializers.VarianceScaling):
    """Variance scaling by the gain of an activation."""

    _distribution: str

    def __init__(self, activation: Any = "relu", *, mode="fan_in", seed=None):
        super().__init__(
            scale=gain(activation) ** 2,
            mode=mode,
            distribution=self._distribution,
            seed=seed,
        )
        self.activation = activation

    def get_config(self):
        config = super().get_config()
        return {
            "activation": keras.saving.serialize_keras_object(self.activation),
            "mode": config["mode"],
            "seed": config["seed"],
        }

    @classmethod
    def from_config(cls, config):
        activation = config.get("activation", "relu")
        if isinstance(activation, dict):
            activation = keras.saving.deserialize_keras_object(activation)
        return cls(**{**config, "activation": activation})


@keras.saving.register_keras_serializable(package="keras_rectifiers")
class RectifierNormal(_RectifierInitializer):
    """Normal initializer for the activation before the layer.

    Formula, `n` being the fan of `mode`:

    ```
    weights ~ N(0, gain(activation)^2 / n), truncated at two standard deviations
    ```

    The truncation is compensated, so that the variance is that of the formula. For ReLU
    it equals `keras.initializers.HeNormal`, which it extends to every activation that
    acts on each element separately; for `"linear"` it equals `LecunNormal`.

    Use it for the layer that *reads* the outputs of `activation`, not for the layer
    before the activation. Use `"linear"` for a layer that reads standardised inputs or
    follows a normalisation. The docstring of `keras_rectifiers.gain` describes what it
    preserves.

    Args:
        activation: The activation that feeds the layer: a name for `get`, a layer, a
            function, or a number, the negative slope of a leaky rectifier. A function
            can be saved only if it is one of Keras or registered. Defaults to `"relu"`.
        mode: `"fan_in"` preserves the variance of the signal; `"fan_out"` preserves
            that of the gradient, for the leaky family; `"fan_avg"` is a compromise.
            Defaults to `"fan_in"`.
        seed: Integer, or `keras.random.SeedGenerator`. As in all initializers of Keras,
            an integer gives the same values at each call and a generator gives new
            ones. Defaults to `None`, a random seed that stays the same.

    The fans are those of Keras's initializers, which are correct for the kernels of
    dense and convolution layers. In transposed and depthwise convolutions the axes of
    the kernel have a different meaning, which Keras cannot know from the shape: use
    `mode="fan_out"` to get the fan-in (for a depthwise convolution with
    `depth_multiplier=1`, or a transposed one with strides of 1).

    Example:

    >>> layers = [
    ...     keras.layers.Dense(
    ...         64, "gelu", kernel_initializer=RectifierNormal("linear")
    ...     ),
    ...     keras.layers.Dense(64, "gelu", kernel_initializer=RectifierNormal("gelu")),
    ... ]
    >>> weights = RectifierNormal("gelu", seed=1)((1000, 1000))
    >>> round(float(keras.ops.var(weights)) * 1000, 2)  # the gain is 1.5335
    2.35

    References:

    - [He et al., 2015, Delving Deep into Rectifiers](
      https://arxiv.org/abs/1502.01852)
    """

    _distribution = "truncated_normal"


@keras.saving.register_keras_serializable(package="keras_rectifiers")
class RectifierUniform(_RectifierInitializer):
    """Uniform initializer for the activation before the layer.

    Formula, `n` being the fan of `mode`:

    ```
    weights ~ U(-limit, limit),   limit = gain(activation) * sqrt(3 / n)
    ```

    For ReLU it equals `keras.initializers.HeUniform`. Its variance, use and arguments
    are those of `RectifierNormal`.

    Args:
        activation: The activation that feeds the layer. Defaults to `"relu"`.
        mode: `"fan_in"`, `"fan_out"` or `"fan_avg"`. Defaults to `"fan_in"`.
        seed: Integer, or `keras.random.SeedGenerator`. Defaults to `None`.

    Example:

    >>> weights = RectifierUniform(0.1, seed=1)((1000, 1000))
    >>> round(float(keras.ops.max(weights)) / (3 / 1000) ** 0.5, 2)
    1.41

    References:

    - [He et al., 2015, Delving Deep into Rectifiers](
      https://arxiv.org/abs/1502.01852)
    """

    _distribution = "uniform"
