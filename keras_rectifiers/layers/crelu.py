import keras

from keras_rectifiers import arguments, functions, keras_internals
from keras_rectifiers.layers import channels

# Keywords of other libraries -> what to write here.
_KEYWORDS = {
    "dim": "the axis of the channels is `channel_axis`",
}


@keras.saving.register_keras_serializable(package="keras_rectifiers")
class CReLU(keras.layers.Layer):
    """Concatenated rectifier: the positive and the negative part, side by side.

    Formula:

    ```
    f(x) = [max(x, 0), max(-x, 0)]
    ```

    concatenated along `channel_axis`, which doubles in size: first all positive parts,
    then all negative parts. Both derivatives are 0 at 0.

    Use it in the first convolutions of a network, whose filters tend to come in pairs
    of opposite sign: half as many filters suffice, and no information is lost. Because
    it changes the number of channels, it cannot be the `activation=` of another layer.

    Args:
        channel_axis: Integer, the axis of the channels; never the batch axis 0. Use 1 for
            channels-first inputs. Defaults to `-1`.
        **kwargs: Base layer arguments, such as `name` and `dtype`.

    Input shape:
        At least two axes.

    Output shape:
        The shape of the input, with twice as many channels.

    Example:

    >>> import numpy as np
    >>> layer = CReLU()
    >>> y = layer(np.array([[-2.0, 3.0]], dtype="float32"))
    >>> keras.ops.convert_to_numpy(y).tolist()
    [[0.0, 3.0, 2.0, 0.0]]

    References:

    - [Shang et al., 2016, Understanding and Improving Convolutional Neural Networks
      via Concatenated Rectified Linear Units](https://arxiv.org/abs/1603.05201)
    """

    def __init__(self, channel_axis=-1, **kwargs):
        arguments.check_keywords(kwargs, layer="CReLU", advice=_KEYWORDS)
        channel_axis = arguments.check_channel_axis(channel_axis, kwargs, layer="CReLU")
        super().__init__(**kwargs)
        self.channel_axis = channel_axis
        self.supports_masking = True
        keras_internals.build_at_init(self)

    def call(self, inputs):
        arguments.check_tensor(inputs, layer="CReLU")
        return functions.crelu(inputs, channel_axis=self.channel_axis)

    def compute_mask(self, inputs, previous_mask):
        return channels.check_mask(
            previous_mask, self.channel_axis, inputs, layer="CReLU"
        )

    def compute_output_shape(self, input_shape):
        axis = arguments.resolve_axis(
            "channel_axis", self.channel_axis, len(input_shape), layer="CReLU"
        )
        num_channels = input_shape[axis]
        doubled = None if num_channels is None else 2 * num_channels
        return (*input_shape[:axis], doubled, *input_shape[axis + 1 :])

    def get_config(self):
        return {**super().get_config(), "channel_axis": self.channel_axis}
