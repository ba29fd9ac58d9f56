import keras

from keras_rectifiers import arguments, by_name, functions
from keras_rectifiers.layers import channels

# Keywords of other libraries -> what to write here.
_KEYWORDS = {
    "axis": "the axis of the channels is `channel_axis`",
    "dim": "the axis of the channels is `channel_axis`",
    "units": "there are half as many output channels as input channels; give the layer "
    "before it twice as many",
}


@keras.saving.register_keras_serializable(package="keras_rectifiers")
class GatedLinearUnit(keras.layers.Layer):
    """Gated linear unit: one half of the channels times a gate, from the other half.

    Formula, for the halves `a` and `b` of `x` along `channel_axis`:

    ```
    f(x) = a * activation(b)
    ```

    The gradient of `a` is the gate, so it does not vanish where the gate is open. With
    the activation `"sigmoid"` it is the GLU of `torch.nn` and `keras.ops`, with
    `"relu"` ReGLU, with `"gelu"` GEGLU, with `"silu"` SwiGLU.

    Use it in the feed-forward blocks of transformers, after a dense layer with twice as
    many channels; for equally many weights as without a gate, take two thirds of the
    width. Because it changes the number of channels, it cannot be the `activation=` of
    another layer.

    Args:
        activation: The activation of the gate: a name for `keras_rectifiers.get`, a
            function or a layer; it keeps the shape of its input. Defaults to
            `"sigmoid"`.
        channel_axis: Integer, the axis of the channels; never the batch axis 0. Use 1
            for channels-first inputs. Defaults to `-1`.
        **kwargs: Base layer arguments, such as `name` and `dtype`.

    Input shape:
        At least two axes, with a known and even number of channels.

    Output shape:
        The shape of the input, with half as many channels.

    Example:

    >>> import numpy as np
    >>> layer = GatedLinearUnit("relu")
    >>> y = layer(np.array([[3.0, 5.0, 2.0, -1.0]], dtype="float32"))
    >>> keras.ops.convert_to_numpy(y).tolist()
    [[6.0, 0.0]]

    References:

    - [Dauphin et al., 2016, Language Modeling with Gated Convolutional Networks](
      https://arxiv.org/abs/1612.08083)
    - [Shazeer, 2020, GLU Variants Improve Transformer](
      https://arxiv.org/abs/2002.05202)
    """

    def __init__(self, activation="sigmoid", *, channel_axis=-1, **kwargs):
        arguments.check_keywords(kwargs, layer="GatedLinearUnit", advice=_KEYWORDS)
        super().__init__(**kwargs)
        self._name_of_activation = activation if isinstance(activation, str) else None
        self.activation = _activation(activation, self.dtype_policy)
        self.channel_axis = arguments.check_axis(
            "channel_axis", channel_axis, layer="GatedLinearUnit"
        )
        self._num_channels = None  # until it is built
        self.supports_masking = True

    def build(self, input_shape):
        half = self.compute_output_shape(input_shape)
        self._num_channels = input_shape[self.channel_axis]
        is_layer = isinstance(self.activation, keras.layers.Layer)
        if is_layer and not self.activation.built:
            self.activation.build(half)

    def __call__(self, inputs, **kwargs):
        channels.prepare_call(
            self, inputs, axis=self.channel_axis, num_channels=self._num_channels
        )
        return super().__call__(inputs, **kwargs)

    def call(self, inputs):
        return functions.gated_linear_unit(
            inputs, self.activation, channel_axis=self.channel_axis
        )

    def compute_mask(self, inputs, previous_mask):
        return channels.check_mask(
            previous_mask, self.channel_axis, inputs, layer="GatedLinearUnit"
        )

    def compute_output_shape(self, input_shape):
        axis = arguments.resolve_axis(
            "channel_axis", self.channel_axis, len(input_shape), layer="GatedLinearUnit"
        )
        half = arguments.check_halves(
            input_shape[axis], axis=axis, input_shape=input_shape
        )
        return (*input_shape[:axis], half, *input_shape[axis + 1 :])

    def get_config(self):
        activation = self._name_of_activation
        if activation is None:
            activation = keras.saving.serialize_keras_object(self.activation)
        return {
            **super().get_config(),
            "activation": activation,
            "channel_axis": self.channel_axis,
        }


def _activation(activation, dtype):
    """The function or layer of a name, or of what `get_config` returns."""
    if isinstance(activation, str):
        layer = by_name.get(activation, dtype=dtype)
        is_function = type(layer) is keras.layers.Activation
        return layer.activation if is_function else layer
    if isinstance(activation, dict):
        activation = keras.saving.deserialize_keras_object(activation)
    if not callable(activation) or isinstance(activation, type):
        raise TypeError(
            "GatedLinearUnit expects `activation` to be a name for "
            "keras_rectifiers.get, a function or a layer. "
            f"{arguments.received('activation', activation, layer='GatedLinearUnit')}"
        )
    return activation
