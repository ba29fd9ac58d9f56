import keras

from keras_rectifiers import arguments, functions, keras_internals

# Keywords of other libraries -> what to write here.
_KEYWORDS = {
    "alpha": "the slope is drawn from `lower` to `upper`, with form='slope'",
    "axis": "the axis of the channels is `channel_axis`",
    "l": "it is `lower` here",
    "negative_slope": "the slope is drawn from `lower` to `upper`, with form='slope'",
    "rng": "the random numbers are determined by `seed`, an integer",
    "u": "it is `upper` here",
}


@keras.saving.register_keras_serializable(package="keras_rectifiers")
class RReLU(keras.layers.Layer):
    """Randomised leaky rectifier: negative inputs are scaled down by a random factor.

    Formula, where `b` is drawn uniformly from `lower` to `upper` in training and is
    their mean in inference:

    ```
    f(x) = x       for x > 0
    f(x) = x / b   for x <= 0, if form="divisor"
    f(x) = b * x   for x <= 0, if form="slope"
    ```

    The gradient of a negative input is the slope drawn in the same call.

    Use it instead of a leaky rectifier if a network overfits: the noise regularises,
    and in inference the layer is a plain leaky rectifier at no extra cost.

    The two forms have different distributions. `"divisor"` is the form of the paper and
    its authors' code: slopes from 1/8 to 1/3 with a mean of 0.196 in training, and 2/11
    = 0.182 in inference. `"slope"` is the form of PyTorch, TensorFlow Addons, Chainer
    and MXNet: slopes uniform from 1/8 to 1/3, with a mean of 0.229 in training and in
    inference.

    Args:
        lower: Float, the smallest divisor (at least 1) or slope (from 0 to 1).
            Defaults to `None`: 3 for the divisor form, 1/8 for the slope form.
        upper: Float, the largest divisor or slope, at least `lower`. Defaults to
            `None`: 8 for the divisor form, 1/3 for the slope form. Equal bounds give a
            leaky rectifier.
        form: `"divisor"` or `"slope"`. Defaults to `"divisor"`.
        noise: `"element"`, one draw for each element, as in the frameworks, or
            `"channel"`, one draw for each example and channel, shared by all positions,
            as in the paper. Defaults to `"element"`.
        channel_axis: Integer, the axis of the channels for `noise="channel"`; never
            the batch axis 0. Defaults to `-1`.
        seed: Integer from 0 to 2**31 - 1. Layers with the same seed draw the same
            numbers; successive calls of one layer draw new ones. The state of the
            generator is saved with the weights, so a loaded layer continues with the
            saved noise whatever its seed;
            `layer.seed_generator.state.assign([seed, 0])` starts a new sequence.
            Defaults to `None`, a random seed.
        **kwargs: Base layer arguments, such as `name` and `dtype`.

    The layer shares some limits with `keras.layers.Dropout`. Under `tf.distribute` all
    replicas draw the same numbers in a step, as do all examples under `jax.vmap` and
    `tf.vectorized_map`. A frozen layer (`trainable=False`) still draws in training. A
    whole model made in `keras.RematScope("full")` fails on TensorFlow and JAX, and on
    PyTorch draws again for the gradient; a scope of the layer alone does neither. On
    JAX, RReLU cannot be the activation of a recurrent layer.

    Input shape:
        Any, with the batch as the first axis.

    Output shape:
        The shape of the input.

    Example:

    >>> import numpy as np
    >>> layer = RReLU(seed=1)
    >>> x = np.array([[-11.0, -11.0, 2.0]], dtype="float32")
    >>> keras.ops.convert_to_numpy(layer(x)).round(4).tolist()
    [[-2.0, -2.0, 2.0]]
    >>> y = keras.ops.convert_to_numpy(layer(x, training=True))
    >>> bool(-11 / 3 <= y[0, 0] <= -11 / 8), bool(y[0, 0] != y[0, 1])
    (True, True)

    References:

    - [Xu et al., 2015, Empirical Evaluation of Rectified Activations in
      Convolutional Network](https://arxiv.org/abs/1505.00853)
    """

    def __init__(
        self,
        lower=None,
        upper=None,
        *,
        form="divisor",
        noise="element",
        channel_axis=-1,
        seed=None,
        **kwargs,
    ):
        arguments.check_keywords(kwargs, layer="RReLU", advice=_KEYWORDS)
        # Before anything else: a tensor given as `lower` must not reach Keras.
        lower, upper = functions.check_rrelu(lower, upper, form=form, noise=noise)
        super().__init__(**kwargs)
        self.lower = lower
        self.upper = upper
        self.form = form
        self.noise = noise
        self.channel_axis = arguments.check_axis(
            "channel_axis", channel_axis, layer="RReLU"
        )
        # The state of a seed generator has another dtype on each backend; this is the
        # range that all of them hold.
        self.seed = (
            None
            if seed is None
            else arguments.check_integer(
                "seed", seed, layer="RReLU", least=0, largest=2**31 - 1
            )
        )
        self.seed_generator = keras.random.SeedGenerator(self.seed)
        self.supports_masking = True
        keras_internals.build_at_init(self)

    def call(self, inputs, training=False):
        return self._rectify(inputs, self._next_seed(training))

    def rematerialized_call(self, layer_call, *args, **kwargs):
        make = super().rematerialized_call

        def call(inputs, training=False):
            # Drawn once, so that the gradient is that of the value.
            seed = self._next_seed(training)
            return make(lambda x: self._rectify(x, seed), inputs)(inputs)

        return call

    def _next_seed(self, training):
        return self.seed_generator.next() if training else None

    def _rectify(self, inputs, seed):
        arguments.check_tensor(inputs, layer="RReLU")
        return functions.rrelu(
            inputs,
            lower=self.lower,
            upper=self.upper,
            form=self.form,
            noise=self.noise,
            channel_axis=self.channel_axis,
            seed=seed,
        )

    def compute_output_shape(self, input_shape):
        return input_shape

    def save_own_variables(self, store):
        # Keras saves no state of seed generators: training resumed from a file would
        # repeat the draws of the first steps, or draw others.
        store["random_state"] = keras.ops.convert_to_numpy(
            self.seed_generator.state.value
        )

    def load_own_variables(self, store):
        # Weights of a network with another rectifier in this place have no state.
        if "random_state" in store.keys():  # noqa: SIM118 (the store is no dict)
            self.seed_generator.state.assign(store["random_state"])

    def get_config(self):
        return {
            **super().get_config(),
            "lower": self.lower,
            "upper": self.upper,
            "form": self.form,
            "noise": self.noise,
            "channel_axis": self.channel_axis,
            "seed": self.seed,
        }
