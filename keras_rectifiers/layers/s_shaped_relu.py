from typing import Any

import keras

from keras_rectifiers import arguments, functions
from keras_rectifiers.layers import channels, rematerialization

# Keywords of other libraries -> what to write here.
_KEYWORDS = {
    "a_left_initializer": "the initial value is `lower_slope`, a number",
    "a_right_initializer": "the initial value is `upper_slope`, a number",
    "axis": "the axis of the channels is `channel_axis`",
    "shared_axes": "the parameters are shared over all axes except `channel_axis`, and "
    "with shared=True also over that",
    "t_left_initializer": "the initial value is `lower_threshold`, a number",
    "t_right_initializer": "the initial value is `upper_threshold`, a number; it is the "
    "threshold itself, not its distance from the other",
}


@keras.saving.register_keras_serializable(package="keras_rectifiers")
class SShapedReLU(keras.layers.Layer):
    """S-shaped rectifier: three linear pieces with learned kinks and outer slopes.

    Formula:

    ```
    f(x) = lower_threshold + lower_slope * (x - lower_threshold)   for x <= lower_threshold
    f(x) = x                                                       between them
    f(x) = upper_threshold + upper_slope * (x - upper_threshold)   for x >= upper_threshold
    ```

    where each of the four, the weights of this layer, has one entry per channel, or a
    single one if `shared`. The derivative at a threshold is the slope beyond it.

    If training moves the upper threshold below the lower one, it counts as equal to it:
    the function keeps two pieces, with the kink at `lower_threshold`, and the upper
    threshold has no gradient until the lower one is below it again.

    Use it if the network should learn whether large inputs are damped or amplified: the
    function can become convex, concave or S-shaped. It is called SReLU in the paper, a
    name also given to `ShiftedReLU`.

    The default start is a leaky rectifier, in which the upper threshold has no effect
    before its slope is learned, as in the paper. There the upper threshold is set once
    to a quantile of the inputs after some epochs; here it starts from a number, in
    keras-contrib from a random one. Exclude the weights from weight decay
    (`exclude_slopes_from_weight_decay`), which pulls the slopes towards 0.

    Args:
        lower_threshold: Float, the initial lower threshold, in units of x. Defaults to
            `0.0`.
        lower_slope: Float, the initial slope below it. Defaults to `0.2`.
        upper_threshold: Float, the initial upper threshold, at least
            `lower_threshold`. Defaults to `1.0`.
        upper_slope: Float, the initial slope above it. Defaults to `1.0`.
        channel_axis: Integer, the axis of the channels; never the batch axis 0.
            Use 1 for channels-first inputs. Defaults to `-1`.
        shared: Boolean, whether all channels share the four numbers. Defaults to
            `False`.
        **kwargs: Base layer arguments, such as `name` and `dtype`.

    All numbers are from -1e30 to 1e30.

    Input shape:
        Any. Unless `shared`, it has at least two axes and a known number of
        channels.

    Output shape:
        The shape of the input.

    Example:

    >>> import numpy as np
    >>> layer = SShapedReLU(-1.0, 0.5, 1.0, 0.25)
    >>> y = layer(np.array([[-3.0, 0.5, 5.0]], dtype="float32"))
    >>> keras.ops.convert_to_numpy(y).tolist()
    [[-2.0, 0.5, 2.0]]
    >>> tuple(layer.upper_slope.shape)
    (3,)

    References:

    - [Jin et al., 2016, Deep Learning with S-shaped Rectified Linear Activation
      Units](https://arxiv.org/abs/1512.07030)
    """

    def __init__(
        self,
        lower_threshold=0.0,
        lower_slope=0.2,
        upper_threshold=1.0,
        upper_slope=1.0,
        *,
        channel_axis=-1,
        shared=False,
        **kwargs,
    ):
        arguments.check_keywords(kwargs, layer="SShapedReLU", advice=_KEYWORDS)
        super().__init__(**kwargs)
        given = {
            "lower_threshold": lower_threshold,
            "lower_slope": lower_slope,
            "upper_threshold": upper_threshold,
            "upper_slope": upper_slope,
        }
        self._initial_values = {
            name: arguments.check_number(name, value, layer="SShapedReLU")
            for name, value in given.items()
        }
        if lower_threshold > upper_threshold:
            raise ValueError(
                "SShapedReLU expects `lower_threshold` to be at most "
                "`upper_threshold`; swap them. Received: "
                f"lower_threshold={lower_threshold!r}, "
                f"upper_threshold={upper_threshold!r}"
            )
        self.channel_axis = arguments.check_axis(
            "channel_axis", channel_axis, layer="SShapedReLU"
        )
        self.shared = arguments.check_flag("shared", shared, layer="SShapedReLU")
        # None until it is built.
        self.lower_threshold: Any = None
        self.lower_slope: Any = None
        self.upper_threshold: Any = None
        self.upper_slope: Any = None
        self.supports_masking = True

    def build(self, input_shape):
        shape = (1,)
        if not self.shared:
            shape = channels.channel_shape(
                input_shape, self.channel_axis, layer="SShapedReLU"
            )
        for name, value in self._initial_values.items():
            weight = self.add_weight(
                shape=shape,
                name=name,
                initializer=channels.ExactConstant(value),
                # The function is computed in float32 at least.
                autocast=False,
            )
            setattr(self, name, weight)

    def __call__(self, inputs, **kwargs):
        channels.prepare_call(
            self,
            inputs,
            axis=None if self.shared else self.channel_axis,
            num_channels=self.lower_slope.shape[0] if self.built else None,
        )
        return super().__call__(inputs, **kwargs)

    def call(self, inputs, training=False):
        values = {
            name: channels.align_channels(
                getattr(self, name), inputs, self.channel_axis
            )
            for name in self._initial_values
        }
        return functions.s_shaped_relu(inputs, **values, training=training)

    def rematerialized_call(self, layer_call, *args, **kwargs):
        make = super().rematerialized_call
        return rematerialization.without_training(make, layer_call)

    def compute_output_shape(self, input_shape):
        return input_shape

    def get_config(self):
        return {
            **super().get_config(),
            **self._initial_values,
            "channel_axis": self.channel_axis,
            "shared": self.shared,
        }
