import keras

from keras_rectifiers import arguments, functions, keras_internals

# Keywords of other libraries -> what to write here.
_KEYWORDS = {
    "alpha": "the smallest value is `threshold`, as alpha=1 of ELU is threshold=-1",
    "max_value": "it has no upper bound; keras.layers.ReLU has `max_value`",
    "negative_slope": "it is flat below `threshold`; keras.layers.ReLU has `negative_slope`",
    "theta": "the kink is `threshold`",
    "value": "the value below `threshold` is `threshold` itself",
}


@keras.saving.register_keras_serializable(package="keras_rectifiers")
class ShiftedReLU(keras.layers.Layer):
    """Rectifier with its kink at a threshold instead of 0.

    Formula:

    ```
    f(x) = max(threshold, x)
    ```

    The derivative at the threshold is 0.

    Use it to separate the effect of a negative lower bound from that of smoothness: ELU
    is a smooth version of this function with the default threshold. Its mean
    activations are nearer to 0 than those of the plain rectifier. It is often called
    SReLU, a name also given to S-shaped functions with four parameters.

    Args:
        threshold: Float from -1e30 to 1e30: the kink and the smallest value of the output, in
            units of x. Defaults to `-1.0`.
        **kwargs: Base layer arguments, such as `name` and `dtype`.

    Input shape:
        Any.

    Output shape:
        The shape of the input.

    Example:

    >>> import numpy as np
    >>> layer = ShiftedReLU()
    >>> y = layer(np.array([[-2.0, -0.5, 3.0]], dtype="float32"))
    >>> keras.ops.convert_to_numpy(y).tolist()
    [[-1.0, -0.5, 3.0]]

    References:

    - [Clevert et al., 2016, Fast and Accurate Deep Network Learning by Exponential
      Linear Units](https://arxiv.org/abs/1511.07289)
    """

    def __init__(self, threshold=-1.0, **kwargs):
        arguments.check_keywords(kwargs, layer="ShiftedReLU", advice=_KEYWORDS)
        threshold = arguments.check_number("threshold", threshold, layer="ShiftedReLU")
        super().__init__(**kwargs)
        self.threshold = threshold
        self.supports_masking = True
        keras_internals.build_at_init(self)

    def call(self, inputs):
        arguments.check_tensor(inputs, layer="ShiftedReLU")
        return functions.shifted_relu(inputs, self.threshold)

    def compute_output_shape(self, input_shape):
        return input_shape

    def get_config(self):
        return {**super().get_config(), "threshold": self.threshold}
