import keras

from keras_rectifiers import arguments, functions
from keras_rectifiers.layers import channels, rematerialization

# Keywords of other libraries -> what to write here.
_KEYWORDS = {
    "num_units": "the number of output channels is `units`",
    "out_features": "the number of output channels is `units`",
    "num_pieces": "pass the number of output channels as `units`; the pieces follow "
    "from the input",
    "pool_size": "pass the number of output channels as `units`; the pieces follow "
    "from the input",
    "dim": "the axis of the channels is `channel_axis`",
}


@keras.saving.register_keras_serializable(package="keras_rectifiers")
class Maxout(keras.layers.Layer):
    """The largest channel of each group: a learned convex function of its input.

    Formula, for unit `j` of `units`, with `pieces` channels in each group:

    ```
    f(x)[j] = max over i of x[i * units + j]    if grouping="strided"
    f(x)[j] = max over i of x[j * pieces + i]   if grouping="contiguous"
    ```

    The gradient goes to the largest channel; if several are equally large, it is
    divided equally among them.

    Use it after a dense or convolution layer with `pieces` times as many channels,
    together with dropout, for which it was designed. A rectifier is a maxout of two
    pieces, one of which is 0; maxout takes the maximum of several learned functions, at
    the cost of more weights. Because it changes the number of channels, it cannot be
    the `activation=` of another layer.

    Args:
        units: Integer, at least 1: the number of output channels, which divides the
            number of input channels.
        channel_axis: Integer, the axis of the channels; never the batch axis 0. Use 1 for
            channels-first inputs. Defaults to `-1`.
        grouping: `"strided"`, groups of every `units`-th channel, as in TensorFlow
            Addons, or `"contiguous"`, groups of neighbours, as in Chainer. Defaults
            to `"strided"`.
        **kwargs: Base layer arguments, such as `name` and `dtype`.

    Input shape:
        At least two axes, with a known number of channels that is a multiple of
        `units`.

    Output shape:
        The shape of the input, with `units` channels.

    Example:

    >>> import numpy as np
    >>> layer = Maxout(2)
    >>> y = layer(np.array([[1.0, -2.0, 0.5, -1.0]], dtype="float32"))
    >>> keras.ops.convert_to_numpy(y).tolist()
    [[1.0, -1.0]]

    References:

    - [Goodfellow et al., 2013, Maxout Networks](https://arxiv.org/abs/1302.4389)
    """

    # `units` is required; without it here, Python would refuse `num_units` first.
    def __init__(self, units=None, *, channel_axis=-1, grouping="strided", **kwargs):
        arguments.check_keywords(kwargs, layer="Maxout", advice=_KEYWORDS)
        units = arguments.check_integer("units", units, layer="Maxout", least=1)
        channel_axis = arguments.check_channel_axis(
            channel_axis, kwargs, layer="Maxout"
        )
        super().__init__(**kwargs)
        self.units = units
        self.channel_axis = channel_axis
        self.grouping = functions.check_grouping(grouping)
        self._num_channels = None  # until it is built
        self.supports_masking = True

    def build(self, input_shape):
        self.compute_output_shape(input_shape)
        self._num_channels = input_shape[self.channel_axis]

    def __call__(self, inputs, **kwargs):
        channels.prepare_call(
            self,
            inputs,
            axis=self.channel_axis,
            num_channels=self._num_channels,
        )
        return super().__call__(inputs, **kwargs)

    def call(self, inputs, training=False):
        return functions.maxout(
            inputs,
            self.units,
            channel_axis=self.channel_axis,
            grouping=self.grouping,
            training=training,
        )

    def rematerialized_call(self, layer_call, *args, **kwargs):
        make = super().rematerialized_call
        return rematerialization.without_training(make, layer_call)

    def compute_mask(self, inputs, previous_mask):
        return channels.check_mask(
            previous_mask, self.channel_axis, inputs, layer="Maxout"
        )

    def compute_output_shape(self, input_shape):
        axis = arguments.resolve_axis(
            "channel_axis", self.channel_axis, len(input_shape), layer="Maxout"
        )
        arguments.check_pieces(
            input_shape[axis], self.units, axis=axis, input_shape=input_shape
        )
        return (*input_shape[:axis], self.units, *input_shape[axis + 1 :])

    def get_config(self):
        return {
            **super().get_config(),
            "units": self.units,
            "channel_axis": self.channel_axis,
            "grouping": self.grouping,
        }
