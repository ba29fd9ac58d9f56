import math
from typing import Any

import keras

from keras_rectifiers import arguments, functions
from keras_rectifiers.layers import channels, rematerialization

# Keywords of other libraries -> what to write here.
_KEYWORDS = {
    "alpha": "the factor of x is `sharpness`",
    "axis": "the axis of the channels is `channel_axis`",
    "beta": "the factor of x is `sharpness`",
    "shared_axes": "a learnable sharpness is shared by all channels; with shared=False there is "
    "one per channel along `channel_axis`",
    "threshold": "leave it out, because no x overflows",
}


@keras.saving.register_keras_serializable(package="keras_rectifiers")
class SmoothReLU(keras.layers.Layer):
    """Smooth rectifier: softplus with an optionally learned sharpness.

    Formula:

    ```
    f(x) = log(1 + exp(sharpness * x)) / sharpness
    ```

    The derivative is the logistic function of `sharpness * x`; at 0 it is 1/2. The
    function tends to `max(x, 0)` as `sharpness` grows, and is `keras.ops.softplus`
    for `sharpness=1`.

    Use it if the second derivative matters, or to vary between softplus and the
    rectifier with a single number. Its value at 0 is `log(2) / sharpness`: a small
    sharpness shifts the activations away from 0.

    Args:
        sharpness: Float from 1e-30 to 1e30: the sharpness, or its initial value if
            `learnable`. In units of 1 / x. Defaults to `1.0`.
        learnable: Boolean, whether the sharpness is learned. The weight is its
            logarithm, so that it stays positive. Defaults to `False`.
        shared: Boolean, whether all channels share one learned sharpness; used only if
            `learnable`. Defaults to `True`.
        channel_axis: Integer, the axis of the channels if the sharpness is not
            shared; never the batch axis 0. Defaults to `-1`.
        **kwargs: Base layer arguments, such as `name` and `dtype`.

    Input shape:
        Any. With a sharpness per channel, it has at least two axes and a known
        number of channels.

    Output shape:
        The shape of the input.

    Example:

    >>> import numpy as np
    >>> layer = SmoothReLU(5.0)
    >>> y = layer(np.array([[-1.0, 0.0, 1.0, 100.0]], dtype="float32"))
    >>> keras.ops.convert_to_numpy(y).round(4).tolist() == np.array(
    ...     [[0.0013, 0.1386, 1.0013, 100.0]], dtype="float32"
    ... ).tolist()
    True

    References:

    - [Dugas et al., 2000, Incorporating Second-Order Functional Knowledge for
      Better Option Pricing](https://proceedings.neurips.cc/paper/2000/hash/44968aece94f667e4095002d140b5896-Abstract.html)
    - [Glorot et al., 2011, Deep Sparse Rectifier Neural Networks](
      https://proceedings.mlr.press/v15/glorot11a.html)
    """

    def __init__(
        self,
        sharpness=1.0,
        *,
        learnable=False,
        shared=True,
        channel_axis=-1,
        **kwargs,
    ):
        arguments.check_keywords(kwargs, layer="SmoothReLU", advice=_KEYWORDS)
        super().__init__(**kwargs)
        self._initial_sharpness = arguments.check_number(
            "sharpness", sharpness, layer="SmoothReLU", least=arguments.SMALLEST
        )
        self.learnable = arguments.check_flag(
            "learnable", learnable, layer="SmoothReLU"
        )
        self.shared = arguments.check_flag("shared", shared, layer="SmoothReLU")
        self.channel_axis = arguments.check_axis(
            "channel_axis", channel_axis, layer="SmoothReLU"
        )
        self.log_sharpness: Any = None
        self.supports_masking = True

    def build(self, input_shape):
        if not self.learnable:
            return
        shape = (1,)
        if not self.shared:
            shape = channels.channel_shape(
                input_shape, self.channel_axis, layer="SmoothReLU"
            )
        self.log_sharpness = self.add_weight(
            shape=shape,
            name="log_sharpness",
            initializer=channels.ExactConstant(math.log(self._initial_sharpness)),
            # In half precision the exponential would lose most of its digits.
            autocast=False,
        )

    @property
    def sharpness(self):
        """The current sharpness: a float, or a tensor of one value or one per channel."""
        if self.log_sharpness is None:
            return self._initial_sharpness
        return keras.ops.exp(self.log_sharpness)

    def __call__(self, inputs, **kwargs):
        has_channels = self.learnable and not self.shared
        channels.prepare_call(
            self,
            inputs,
            axis=self.channel_axis if has_channels else None,
            num_channels=self.log_sharpness.shape[0]
            if has_channels and self.built
            else None,
        )
        return super().__call__(inputs, **kwargs)

    def call(self, inputs, training=False):
        sharpness = self.sharpness
        if self.learnable:
            sharpness = channels.align_channels(sharpness, inputs, self.channel_axis)
        return functions.smooth_relu(inputs, sharpness, training=training)

    def rematerialized_call(self, layer_call, *args, **kwargs):
        make = super().rematerialized_call
        return rematerialization.without_training(make, layer_call)

    def compute_output_shape(self, input_shape):
        return input_shape

    def get_config(self):
        return {
            **super().get_config(),
            "sharpness": self._initial_sharpness,
            "learnable": self.learnable,
            "shared": self.shared,
            "channel_axis": self.channel_axis,
        }
