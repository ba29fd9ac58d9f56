import keras

from keras_rectifiers import arguments, functions, keras_internals

# Keywords of other libraries -> what to write here.
_KEYWORDS = {
    "max_value": "it has no upper bound; keras.layers.ReLU has `max_value`",
    "negative_slope": "it is 0 below 0; keras.layers.ReLU has `negative_slope`",
}


@keras.saving.register_keras_serializable(package="keras_rectifiers")
class SquaredReLU(keras.layers.Layer):
    """Squared rectifier: the square of the positive part.

    Formula:

    ```
    f(x) = max(x, 0)^2
    ```

    The derivative is `2 * max(x, 0)`: it is 0 at 0, and has no jump there.

    Use it in the feed-forward blocks of transformers, where a search for better
    architectures found it. Its outputs are as sparse as those of the plain rectifier.
    Outputs and gradients grow with the input, so it needs normalised inputs, and in
    float16 it overflows above 255.9.

    Args:
        **kwargs: Base layer arguments, such as `name` and `dtype`.

    Input shape:
        Any.

    Output shape:
        The shape of the input.

    Example:

    >>> import numpy as np
    >>> layer = SquaredReLU()
    >>> y = layer(np.array([[-2.0, 0.5, 3.0]], dtype="float32"))
    >>> keras.ops.convert_to_numpy(y).tolist()
    [[0.0, 0.25, 9.0]]

    References:

    - [So et al., 2021, Primer: Searching for Efficient Transformers for Language
      Modeling](https://arxiv.org/abs/2109.08668)
    """

    def __init__(self, **kwargs):
        arguments.check_keywords(kwargs, layer="SquaredReLU", advice=_KEYWORDS)
        super().__init__(**kwargs)
        self.supports_masking = True
        keras_internals.build_at_init(self)

    def call(self, inputs):
        arguments.check_tensor(inputs, layer="SquaredReLU")
        return functions.squared_relu(inputs)

    def compute_output_shape(self, input_shape):
        return input_shape
