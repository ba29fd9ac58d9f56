from typing import Any

import keras

from keras_rectifiers import arguments, functions
from keras_rectifiers.layers import channels, rematerialization

# Keywords of other libraries -> what to write here.
_KEYWORDS = {
    "alpha": "the factor of x is `beta`",
    "axis": "the axis of the channels is `channel_axis`",
    "beta_initializer": "the initial value is `beta`, a number",
    "shared_axes": "a learned beta is shared by all channels; with shared=False there is "
    "one per channel along `channel_axis`",
    "sharpness": "the factor of x is `beta`",
}


@keras.saving.register_keras_serializable(package="keras_rectifiers")
class Swish(keras.layers.Layer):
    """Swish: the input times a logistic gate of itself, with a learned sharpness.

    Formula:

    ```
    f(x) = x / (1 + exp(-beta * x))
    ```

    The derivative at 0 is 1/2. The function is `keras.activations.silu` for `beta=1`
    and `x / 2` for `beta=0`, and tends to `max(x, 0)` as `beta` grows. Negative inputs
    are not cut off: the function falls to `-0.278 / beta` and returns to 0.

    Use it in deep networks in place of the plain rectifier if the best sharpness is not
    known in advance: learning it costs a single weight per layer. Keras has only
    `beta=1`.

    Args:
        beta: Float from -1e30 to 1e30: the sharpness of the gate, or its initial value
            if `learnable`. In units of 1 / x. Defaults to `1.0`.
        learnable: Boolean, whether `beta` is learned. Defaults to `True`.
        shared: Boolean, whether all channels share one learned `beta`; used only if
            `learnable`. Defaults to `True`.
        channel_axis: Integer, the axis of the channels if `beta` is not shared; never
            the batch axis 0. Defaults to `-1`.
        **kwargs: Base layer arguments, such as `name` and `dtype`.

    Input shape:
        Any. With a `beta` per channel, it has at least two axes and a known number of
        channels.

    Output shape:
        The shape of the input.

    Example:

    >>> import numpy as np
    >>> layer = Swish(2.0)
    >>> y = layer(np.array([[-1.0, 0.0, 1.0, 100.0]], dtype="float32"))
    >>> [f"{number:.4f}" for number in keras.ops.convert_to_numpy(y)[0]]
    ['-0.1192', '0.0000', '0.8808', '100.0000']

    References:

    - [Ramachandran et al., 2017, Searching for Activation Functions](
      https://arxiv.org/abs/1710.05941)
    """

    def __init__(
        self, beta=1.0, *, learnable=True, shared=True, channel_axis=-1, **kwargs
    ):
        arguments.check_keywords(kwargs, layer="Swish", advice=_KEYWORDS)
        super().__init__(**kwargs)
        self._initial_beta = arguments.check_number("beta", beta, layer="Swish")
        self.learnable = arguments.check_flag("learnable", learnable, layer="Swish")
        self.shared = arguments.check_flag("shared", shared, layer="Swish")
        self.channel_axis = arguments.check_axis(
            "channel_axis", channel_axis, layer="Swish"
        )
        # A number, or the weight if it is learned and the layer is built.
        self.beta: Any = self._initial_beta
        self.supports_masking = True

    def build(self, input_shape):
        if not self.learnable:
            return
        shape = (1,)
        if not self.shared:
            shape = channels.channel_shape(
                input_shape, self.channel_axis, layer="Swish"
            )
        self.beta = self.add_weight(
            shape=shape,
            # Normalisations have weights named beta, with another weight decay.
            name="swish_beta",
            initializer=channels.ExactConstant(self._initial_beta),
            # The function is computed in float32 at least.
            autocast=False,
        )

    def __call__(self, inputs, **kwargs):
        has_channels = self.learnable and not self.shared
        channels.prepare_call(
            self,
            inputs,
            axis=self.channel_axis if has_channels else None,
            num_channels=self.beta.shape[0] if has_channels and self.built else None,
        )
        return super().__call__(inputs, **kwargs)

    def call(self, inputs, training=False):
        beta = self.beta
        if self.learnable:
            beta = channels.align_channels(beta, inputs, self.channel_axis)
        return functions.swish(inputs, beta, training=training)

    def rematerialized_call(self, layer_call, *args, **kwargs):
        make = super().rematerialized_call
        return rematerialization.without_training(make, layer_call)

    def compute_output_shape(self, input_shape):
        return input_shape

    def get_config(self):
        return {
            **super().get_config(),
            "beta": self._initial_beta,
            "learnable": self.learnable,
            "shared": self.shared,
            "channel_axis": self.channel_axis,
        }
