import keras

from keras_rectifiers import functions
from keras_rectifiers.layers import arguments


@keras.saving.register_keras_serializable(package="keras_rectifiers")
class PReLU(keras.layers.Layer):
    """Parametric rectifier with one learned slope per channel.

    Formula:

    ```
    f(x) = x                    for x > 0
    f(x) = negative_slope * x   for x <= 0
    ```

    where `negative_slope`, the weight of this layer, has one entry per channel, or
    a single one if `shared`. The derivative at 0 is the slope.

    Use it where a fixed slope is a guess and a parameter per channel costs nothing.
    It differs from `keras.layers.PReLU`, which learns a slope for every single
    element and starts from 0; this one follows the paper, and takes any spatial
    size, also an unknown one. Leave the slopes out of weight decay: decay pulls
    them to 0, which is the plain rectifier.

    Args:
        initializer: Initializer of the slopes. Defaults to the constant 0.25.
        channel_axis: Integer, the axis of the channels; never the batch axis 0.
            Use 1 for channels-first inputs. Defaults to `-1`.
        shared: Boolean, whether all channels share one slope. Defaults to `False`.
        regularizer: Regularizer of the slopes. Defaults to `None`.
        constraint: Constraint on the slopes. Defaults to `None`.
        **kwargs: Base layer arguments, such as `name` and `dtype`.

    Input shape:
        Any. Unless `shared`, it has at least two axes and a known number of
        channels.

    Output shape:
        The shape of the input.

    Example:

    >>> import numpy as np
    >>> layer = PReLU()
    >>> y = layer(np.array([[-4.0, 0.0, 3.0]], dtype="float32"))
    >>> keras.ops.convert_to_numpy(y).tolist()
    [[-1.0, 0.0, 3.0]]
    >>> tuple(layer.negative_slope.shape)
    (3,)

    References:

    - [He et al., 2015, Delving Deep into Rectifiers](
      https://arxiv.org/abs/1502.01852)
    """

    def __init__(
        self,
        initializer=keras.initializers.Constant(0.25),  # noqa: B008 (holds no state)
        *,
        channel_axis=-1,
        shared=False,
        regularizer=None,
        constraint=None,
        **kwargs,
    ):
        super().__init__(**kwargs)
        self.initializer = keras.initializers.get(initializer)
        self.channel_axis = arguments.check_channel_axis(channel_axis, layer="PReLU")
        self.shared = arguments.check_flag("shared", shared, layer="PReLU")
        self.regularizer = keras.regularizers.get(regularizer)
        self.constraint = keras.constraints.get(constraint)
        self.supports_masking = True

    def build(self, input_shape):
        shape = (1,)
        if not self.shared:
            shape = arguments.channel_shape(
                input_shape, self.channel_axis, layer="PReLU"
            )
            self.input_spec = keras.layers.InputSpec(axes={self.channel_axis: shape[0]})
        self.negative_slope = self.add_weight(
            shape=shape,
            name="negative_slope",
            initializer=self.initializer,
            regularizer=self.regularizer,
            constraint=self.constraint,
        )

    def call(self, inputs):
        negative_slope = arguments.align_channels(
            self.negative_slope, inputs, self.channel_axis
        )
        return functions.prelu(inputs, negative_slope)

    def compute_output_shape(self, input_shape):
        return input_shape

    def get_config(self):
        return {
            **super().get_config(),
            "initializer": keras.initializers.serialize(self.initializer),
            "channel_axis": self.channel_axis,
            "shared": self.shared,
            "regularizer": keras.regularizers.serialize(self.regularizer),
            "constraint": keras.constraints.serialize(self.constraint),
        }
