from typing import Any

import keras

from keras_rectifiers import arguments, functions
from keras_rectifiers.layers import channels, rematerialization

# Keywords of other libraries -> what to write here.
_KEYWORDS = {
    "alpha": "the initial slope is initializer=keras.initializers.Constant(...)",
    "alpha_initializer": "it is `initializer` here",
    "alpha_regularizer": "it is `regularizer` here",
    "alpha_constraint": "it is `constraint` here",
    "axis": "the axis of the channels is `channel_axis`",
    "init": "the initial slope is initializer=keras.initializers.Constant(...)",
    "negative_slope": "the initial slope is "
    "initializer=keras.initializers.Constant(...)",
    "num_parameters": "there is one slope per channel of the input, or a single one with shared=True",
    "shared_axes": "the slopes are shared over all axes except `channel_axis`, and with "
    "shared=True also over that",
}


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

    Use it if a good slope is not known in advance and one more parameter per channel is
    acceptable. It differs from `keras.layers.PReLU`, which learns a slope for every
    single element and starts from 0. This layer follows the paper and accepts any
    spatial size, also an unknown one; `from_keras` and `to_keras` convert between the
    two. Exclude the slopes from weight decay (`exclude_slopes_from_weight_decay`),
    which pulls them towards 0, the plain rectifier.

    The slopes of PyTorch's `nn.PReLU` are in the same order: assign its `weight` to
    `negative_slope`, with `shared=True` if it has a single slope. As the `activation=`
    of another layer, it has its slopes only after that layer has been called on data,
    like any layer used in this way.

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
        arguments.check_keywords(kwargs, layer="PReLU", advice=_KEYWORDS)
        _check_initializer(initializer)
        super().__init__(**kwargs)
        self.initializer = keras.initializers.get(initializer)
        self.channel_axis = arguments.check_axis(
            "channel_axis", channel_axis, layer="PReLU"
        )
        self.shared = arguments.check_flag("shared", shared, layer="PReLU")
        self.regularizer = keras.regularizers.get(regularizer)
        self.constraint = keras.constraints.get(constraint)
        self.negative_slope: Any = None  # until it is built
        self.supports_masking = True

    def build(self, input_shape):
        shape = (1,)
        if not self.shared:
            shape = channels.channel_shape(
                input_shape, self.channel_axis, layer="PReLU"
            )
        initializer = self.initializer
        if type(initializer) is keras.initializers.Constant:
            initializer = channels.ExactConstant(initializer.value)
        self.negative_slope = self.add_weight(
            shape=shape,
            name="negative_slope",
            initializer=initializer,
            regularizer=self.regularizer,
            constraint=self.constraint,
        )

    def __call__(self, inputs, **kwargs):
        channels.prepare_call(
            self,
            inputs,
            axis=None if self.shared else self.channel_axis,
            num_channels=self.negative_slope.shape[0] if self.built else None,
        )
        return super().__call__(inputs, **kwargs)

    def call(self, inputs, training=False):
        negative_slope = channels.align_channels(
            self.negative_slope, inputs, self.channel_axis
        )
        return functions.prelu(inputs, negative_slope, training=training)

    def rematerialized_call(self, layer_call, *args, **kwargs):
        make = super().rematerialized_call
        return rematerialization.without_training(make, layer_call)

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

    @classmethod
    def from_keras(cls, layer):
        """Creates a layer that computes the same as a `keras.layers.PReLU`.

        Args:
            layer: A built `keras.layers.PReLU` that shares its slopes over all axes
                except one, or over all axes.

        Returns:
            A built `PReLU` with the same name, dtype and slopes.

        Raises:
            TypeError: If `layer` is not a `keras.layers.PReLU`.
            ValueError: If it is not built, or has a slope per element.

        Example: a whole model, whose other layers are shared with the original.

        >>> theirs = keras.Sequential([keras.Input((4,)), keras.layers.PReLU()])
        >>> ours = keras.models.clone_model(
        ...     theirs,
        ...     clone_function=lambda layer: (
        ...         PReLU.from_keras(layer)
        ...         if isinstance(layer, keras.layers.PReLU)
        ...         else layer
        ...     ),
        ... )
        >>> type(ours.layers[0]) is PReLU
        True
        """
        if not isinstance(layer, keras.layers.PReLU):
            raise TypeError(
                "PReLU.from_keras expects a keras.layers.PReLU. "
                f"Received: {layer!r} of type {type(layer).__name__}"
            )
        if not layer.built:
            raise ValueError(
                f"PReLU.from_keras expects a built layer. Received: {layer.name!r}, "
                "which has no slopes yet; first build it or call its model"
            )
        rank = 1 + len(layer.alpha.shape)
        shared_axes = layer.shared_axes or ()
        channel_axes = [axis for axis in range(1, rank) if axis not in shared_axes]
        if len(channel_axes) > 1:
            raise ValueError(
                "PReLU.from_keras expects slopes that are shared over all axes except "
                f"one, or over all axes. Received: {layer.name!r} with "
                f"shared_axes={layer.shared_axes}, whose slopes have the shape "
                f"{tuple(layer.alpha.shape)}"
            )
        converted = cls(
            layer.alpha_initializer,
            channel_axis=channel_axes[0] if channel_axes else -1,
            shared=not channel_axes,
            regularizer=layer.alpha_regularizer,
            constraint=layer.alpha_constraint,
            activity_regularizer=layer.activity_regularizer,
            name=layer.name,
            dtype=layer.dtype_policy,
            trainable=layer.trainable,
        )
        converted.build((None, *layer.alpha.shape))
        _hand_over(layer.alpha, converted.negative_slope)
        return converted

    def to_keras(self, rank):
        """Creates a `keras.layers.PReLU` that computes the same as this layer.

        Args:
            rank: Integer, number of axes of the input, including the batch axis:
                Keras's layer accepts a single rank only.

        Returns:
            A built `keras.layers.PReLU` with the same name, dtype and slopes.

        Raises:
            TypeError: If `rank` is not an integer.
            ValueError: If this layer is not built, or `rank` does not fit its
                channel axis.

        Example: a whole model, to be loaded without this package. Its other layers are
        shared with the original. A layer that has a `PReLU` as its `activation=` is
        made again, with `activation=layer.activation.to_keras(rank)`, and gets the
        weights of the old one.

        >>> ours = keras.Sequential([keras.Input((4,)), PReLU()])
        >>> theirs = keras.models.clone_model(
        ...     ours,
        ...     clone_function=lambda layer: (
        ...         layer.to_keras(rank=len(layer.output.shape))
        ...         if isinstance(layer, PReLU)
        ...         else layer
        ...     ),
        ... )
        >>> type(theirs.layers[0]) is keras.layers.PReLU
        True
        """
        rank = arguments.check_integer("rank", rank, layer="PReLU", least=2)
        if self.negative_slope is None:
            raise ValueError(
                f"PReLU.to_keras expects a built layer. Received: {self.name!r}, "
                "which has no slopes yet; first build it or call its model"
            )
        axes, shape = range(1, rank), [1] * (rank - 1)
        channel_axis = None
        if not self.shared:
            channel_axis = arguments.resolve_axis(
                "channel_axis", self.channel_axis, rank, layer="PReLU"
            )
            shape[channel_axis - 1] = self.negative_slope.shape[0]
        converted = keras.layers.PReLU(
            self.initializer,
            self.regularizer,
            self.constraint,
            shared_axes=[axis for axis in axes if axis != channel_axis],
            activity_regularizer=self.activity_regularizer,
            name=self.name,
            dtype=self.dtype_policy,
            trainable=self.trainable,
        )
        converted.build((None, *shape))
        _hand_over(self.negative_slope, converted.alpha)
        return converted


def _hand_over(source, target):
    # A copy: on JAX, `fit` deletes the arrays that it has trained from, and a reshape
    # to the shape that an array has already gives that array.
    target.assign(keras.ops.reshape(keras.ops.copy(source), target.shape))


def _check_initializer(initializer):
    if isinstance(initializer, (str, dict)) or callable(initializer):
        return
    raise TypeError(
        "PReLU expects `initializer` to be an initializer, such as "
        "keras.initializers.Constant(0.25). "
        f"{arguments.received('initializer', initializer, layer='PReLU')}"
    )
