import re

import keras
import numpy as np
import pytest
from keras import layers, ops

from keras_rectifiers import PReLU, RReLU, ShiftedReLU, SmoothReLU, replace_activations


def classifier(**arguments):
    return keras.Sequential(
        [
            keras.Input((4,), name="input"),
            layers.Dense(6, activation="relu", name="first"),
            layers.Dense(5, name="second"),
            layers.LeakyReLU(0.1, name="leaky"),
            layers.Dense(3, activation="softmax", name="output"),
        ],
        **arguments,
    )


def functional(make):
    """A functional model from a function from tensor to tensor."""
    inputs = keras.Input((4,), name="input")
    return keras.Model(inputs, make(inputs))


def branches():
    """Two inputs through shared layers, two outputs, a skip connection."""
    left, right = keras.Input((4,), name="left"), keras.Input((4,), name="right")
    shared = layers.Dense(4, activation="relu", name="shared")
    shared_activation = layers.ReLU(name="shared_activation")
    x, y = shared(left), shared(right)
    x = shared_activation(layers.Dense(4, name="one")(x))
    y = shared_activation(layers.Dense(4, name="two")(y))
    joined = layers.Concatenate(name="joined")([layers.Add(name="skip")([x, left]), y])
    return keras.Model(
        {"left": left, "right": right},
        {
            "class": layers.Dense(3, activation="softmax", name="class")(joined),
            "value": layers.Dense(1, activation="relu", name="value")(joined),
        },
    )


def nested(share=False):
    """Functional in functional in Sequential; the inmost one stands there twice."""
    inner_input = keras.Input((4,), name="inner_input")
    dense = layers.Dense(4, activation="relu", name="dense")
    inner = keras.Model(inner_input, dense(inner_input), name="inner")
    middle_input = keras.Input((4,), name="middle_input")
    x = inner(inner(middle_input))
    if share:
        x = dense(x)
    x = layers.Activation("relu", name="middle_relu")(layers.Dense(4, name="one")(x))
    middle = keras.Model(middle_input, x, name="middle")
    return keras.Sequential(
        [
            keras.Input((4,), name="input"),
            middle,
            layers.Dense(3, activation="sigmoid", name="output"),
        ]
    )


def wrapped():
    """Activations in layers that other layers wrap."""
    video = keras.Sequential(
        [
            keras.Input((4,), name="frame"),
            layers.Dense(4, name="frame_dense"),
            layers.ReLU(name="frame_relu"),
        ],
        name="frames",
    )
    inputs = keras.Input((2, 4), name="input")
    x = layers.TimeDistributed(video, name="each_frame")(inputs)
    x = layers.TimeDistributed(
        layers.Dense(4, activation="relu", name="dense"), name="each_step"
    )(x)
    x = layers.Bidirectional(
        layers.LSTM(4, activation="relu", name="lstm", return_sequences=True),
        name="both_ways",
    )(x)
    cells = [layers.GRUCell(4, activation="relu", name=name) for name in ("a", "b")]
    x = layers.RNN(layers.StackedRNNCells(cells, name="cells"), name="recurrent")(x)
    return keras.Model(inputs, layers.Dense(2, name="output")(x))


def convolutional():
    """Batch normalisation, separable convolutions, attention, preprocessing."""
    inputs = keras.Input((6, 6, 3), name="input")
    normalization = layers.Normalization(name="normalization")
    normalization.adapt(np.linspace(-1, 2, 24).reshape(2, 2, 2, 3))
    x = layers.Conv2D(4, 3, use_bias=False, name="conv")(normalization(inputs))
    x = layers.BatchNormalization(name="norm")(x)
    x = layers.Activation("relu", name="relu")(x)
    x = layers.SeparableConv2D(4, 3, activation="relu", name="separable")(x)
    x = layers.Reshape((4, 4), name="tokens")(x)
    x = layers.MultiHeadAttention(2, 3, name="attention")(x, x)
    # Without a seed PyTorch draws from its global state.
    x = layers.Dropout(0.5, seed=1, name="dropout")(x)
    return keras.Model(inputs, layers.Dense(2, name="output")(x))


def functions():
    """Functions and operations in the graph, without layers."""
    inputs = keras.Input((4,), name="input")
    x = ops.relu(layers.Dense(4, name="a")(inputs))
    x = keras.activations.relu(layers.Dense(4, name="b")(x))
    x = layers.Dense(4, activation=lambda x: ops.relu(x), name="c")(x)
    x = layers.Lambda(lambda x: x * 2, name="double")(x)
    return keras.Model(inputs, layers.Dense(2, name="output")(x))


MODELS = [classifier, branches, nested, wrapped, convolutional, functions]


def array(tensor):
    return ops.convert_to_numpy(tensor)


def randomise(model, rng):
    """Gives every weight a value of its own, and keeps variances positive."""
    for weight in model.weights:
        weight.assign(array(weight) + rng.uniform(0, 0.1, weight.shape))
    for layer in getattr(model, "layers", []):
        if isinstance(layer, layers.Normalization):
            layer.finalize_state()
    return model


def batch(model, rng, size=3):
    return keras.tree.map_structure(
        lambda x: rng.normal(size=(size, *x.shape[1:])).astype("float32"),
        model.inputs[0] if isinstance(model, keras.Sequential) else model.input,
    )


def outputs(model, x, **arguments):
    return [array(y) for y in keras.tree.flatten(model(x, **arguments))]


def report(model, *arguments, **keywords):
    """What is reported of a replacement."""
    lines = []
    replace_activations(
        model,
        *arguments,
        **keywords,
        report=lambda change: lines.append(str(change)),
    )
    return lines


def places(lines):
    return [line.partition(":")[0] for line in lines]


def numbered(model, names):
    """The names that operations have here: Keras counts them, as in relu_7."""
    operations = getattr(model, "operations", [])
    full = {re.sub(r"_\d+$", "", one.name): one.name for one in operations}
    return [full.get(name, name) for name in names]


def assert_equal(first, second):
    assert len(first) == len(second)
    for one, other in zip(first, second, strict=True):
        np.testing.assert_array_equal(one, other)


def test_the_new_model_computes_the_new_activation_with_the_old_weights(rng, tolerance):
    model = randomise(classifier(), rng)
    x = batch(model, rng)
    new = replace_activations(model, "elu")
    kernels = [array(weight).astype("float64") for weight in model.weights]
    z = x
    for kernel, bias in zip(kernels[:4:2], kernels[1:4:2], strict=True):
        z = z @ kernel + bias
        z = np.where(z > 0, z, np.expm1(np.minimum(z, 0)))
    expected = np.exp(z @ kernels[4] + kernels[5])
    expected /= expected.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(array(new(x)), expected, atol=tolerance)


@pytest.mark.parametrize("make", MODELS)
def test_a_rectifier_replaced_by_the_same_gives_the_same_outputs(make, rng):
    model = randomise(make(), rng)
    x = batch(model, rng)
    new = replace_activations(model, "relu", "relu")
    assert type(new) is type(model)
    assert np.ptp(outputs(model, x)[0], axis=0).min() > 0  # the model is alive
    assert_equal(outputs(new, x), outputs(model, x))
    assert_equal(outputs(new, x, training=True), outputs(model, x, training=True))


@pytest.mark.parametrize("make", MODELS)
def test_the_old_model_stays_as_it_was(make, rng):
    model = randomise(make(), rng)
    x = batch(model, rng)
    before = outputs(model, x)
    weights = [array(variable) for variable in model.variables]
    summary = []
    model.summary(print_fn=summary.append, expand_nested=True)
    new = replace_activations(model, "prelu")
    for variable in new.variables:
        variable.assign(variable * 0)
    after = []
    model.summary(print_fn=after.append, expand_nested=True)
    assert after == summary
    assert_equal([array(variable) for variable in model.variables], weights)
    assert_equal(outputs(model, x), before)


@pytest.mark.parametrize(
    ("make", "expected"),
    [
        (classifier, ["first.activation", "leaky"]),
        (branches, ["shared.activation", "shared_activation"]),
        (nested, ["middle/inner/dense.activation", "middle/middle_relu"]),
        (
            wrapped,
            [
                "each_frame/frames/frame_relu",
                "each_step/dense.activation",
                "both_ways/forward_lstm.activation",
                "both_ways/backward_lstm.activation",
                "recurrent/cells/a.activation",
                "recurrent/cells/b.activation",
            ],
        ),
        (convolutional, ["relu", "separable.activation"]),
        (functions, ["relu", "re_lu", "c.activation"]),
    ],
)
def test_each_activation_is_replaced_once_and_told(make, expected, rng):
    model = randomise(make(), rng)
    changes = []
    new = replace_activations(model, ShiftedReLU(-0.5), report=changes.append)
    found = [change.place for change in changes]
    assert sorted(found) == sorted(numbered(model, expected))
    assert {change.new for change in changes} == {"ShiftedReLU(threshold=-0.5)"}
    assert places(report(new, "relu", ShiftedReLU)) == found
    x = batch(model, rng)
    assert not np.array_equal(outputs(new, x)[0], outputs(model, x)[0])


@pytest.mark.parametrize("make", MODELS)
def test_the_new_model_has_its_slopes_trains_and_loads_in_safe_mode(
    make, rng, tmp_path
):
    model = randomise(make(), rng)
    if make is functions:  # a lambda stays otherwise, and does not load
        model = functional(lambda x: layers.Dense(2)(ops.relu(layers.Dense(3)(x))))
    new = replace_activations(model, "prelu")
    num_slopes = len(new.trainable_weights) - len(model.trainable_weights)
    assert num_slopes == len(report(model, "prelu"))
    slopes = [weight for weight in new.weights if weight.name == "negative_slope"]
    assert len(slopes) == num_slopes
    x = batch(model, rng)
    y = keras.tree.map_structure(ops.zeros_like, new(x))
    losses = keras.tree.map_structure(lambda _: "mse", y)
    new.compile("sgd", losses, run_eagerly=True)  # takes less time than compilation
    new.train_on_batch(x, y)
    assert any(np.any(array(slope) != 0.25) for slope in slopes)
    new.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras", safe_mode=True)
    assert_equal(outputs(loaded, x), outputs(new, x))


def test_a_shared_layer_stays_shared_between_models_of_a_model(rng):
    model = randomise(nested(share=True), rng)
    new = replace_activations(model, "relu")
    assert places(report(model, "elu")) == [
        "middle/inner/dense.activation",
        "middle/middle_relu",
    ]
    middle = new.get_layer("middle")
    assert middle.get_layer("dense") is middle.get_layer("inner").get_layer("dense")
    x = batch(model, rng)
    assert_equal(outputs(new, x), outputs(model, x))


def test_what_layers_learned_from_data_without_weights_is_carried_over(rng):
    ids = layers.IntegerLookup(output_mode="one_hot")
    ids.adapt(np.array([1, 5, 7]))
    bins = layers.Discretization(num_bins=3, output_mode="one_hot")
    bins.adapt(np.arange(10.0))
    number = keras.Input((1,), dtype="int32")
    inputs, features = [number], [ids(number), bins(ops.cast(number, "float32"))]
    x = [ops.convert_to_tensor([[1], [7]], "int32")]
    if keras.backend.backend() == "tensorflow":  # the only one with text
        words = layers.TextVectorization(output_mode="multi_hot")
        words.adapt(["a rectifier", "a sigmoid"])
        text = keras.Input((), dtype="string")
        inputs, features = [text, *inputs], [words(text), *features]
        x = [ops.convert_to_tensor(["a sigmoid", "rectifier"]), *x]
    features = layers.Dense(4, activation="relu")(layers.Concatenate()(features))
    model = keras.Model(inputs, layers.Dense(2)(features))
    new = replace_activations(model, "relu")
    assert_equal(outputs(new, x), outputs(model, x))


def test_quantized_and_low_rank_layers_are_copied(rng):
    quantized = randomise(classifier(), rng)
    for name in ("first", "output"):
        quantized.get_layer(name).quantize("int8")
    low_rank = classifier()
    low_rank.get_layer("second").enable_lora(2)
    for model in (quantized, randomise(low_rank, rng)):
        x = batch(model, rng)
        new = replace_activations(model, "relu", "relu")
        assert_equal(outputs(new, x), outputs(model, x))


def test_places_do_not_share_their_slopes():
    instance = PReLU(keras.initializers.Constant(0.1))
    new = replace_activations(classifier(), instance)
    slopes = [new.get_layer("first").activation, new.get_layer("leaky")]
    assert slopes[0].negative_slope is not slopes[1].negative_slope
    assert [slope.negative_slope.shape for slope in slopes] == [(6,), (5,)]
    assert_equal([array(slopes[1].negative_slope)], [np.full(5, 0.1, "float32")])
    assert not instance.built


def test_each_place_has_a_seed_of_its_own(rng):
    new = replace_activations(classifier(), RReLU(seed=2**31 - 1))
    assert new.get_layer("first").activation.seed == 2**31 - 1
    assert new.get_layer("leaky").seed == 0


def test_the_state_of_a_random_layer_is_carried_over(rng):
    def make(x):
        x = layers.Dropout(0.5, seed=3)(layers.Dense(50, activation="relu")(x))
        return layers.Dense(2)(x)

    model = functional(make)
    x = batch(model, rng)
    model(x, training=True)
    new = replace_activations(model, "relu")
    assert_equal(outputs(new, x, training=True), outputs(model, x, training=True))


@pytest.mark.parametrize(
    ("replacement", "text"),
    [
        ("leaky_relu", "LeakyReLU(negative_slope=0.01)"),
        ("silu", "silu"),
        ("mish", "mish"),
        ("swish", "silu"),
        (layers.ELU(0.5), "ELU(alpha=0.5)"),
        (SmoothReLU, "SmoothReLU"),
        (lambda: SmoothReLU(2.0), "SmoothReLU(sharpness=2.0)"),
        (keras.activations.softplus, "softplus"),
        (lambda x: ops.maximum(x, -1.0), "<lambda>"),
        (layers.Activation("tanh"), "tanh"),
    ],
)
def test_a_replacement_is_a_name_a_layer_what_makes_one_or_a_function(
    replacement, text
):
    assert report(classifier(), replacement) == [
        f"first.activation: relu -> {text}",
        f"leaky: LeakyReLU(negative_slope=0.1) -> {text}",
    ]


def test_a_function_becomes_an_argument_or_an_activation_layer(rng):
    model = randomise(classifier(), rng)
    new = replace_activations(model, keras.activations.tanh)
    assert new.get_layer("first").get_config()["activation"] == "tanh"
    assert type(new.get_layer("leaky")) is layers.Activation
    x = batch(model, rng)
    as_layer = replace_activations(model, layers.Activation("tanh"))
    assert as_layer.get_layer("first").get_config()["activation"] == "tanh"
    assert_equal(outputs(as_layer, x), outputs(new, x))


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ("relu", ["first.activation"]),
        ("leaky_relu", ["leaky"]),
        ("LeakyReLU", ["leaky"]),
        (keras.activations.relu, ["first.activation"]),
        ("first", ["first.activation"]),
        ("first.activation", ["first.activation"]),
        ("leaky", ["leaky"]),
        ("output", ["output.activation"]),
        (layers.LeakyReLU, ["leaky"]),
        (layers.Dense, ["first.activation"]),
        (lambda layer: True, ["first.activation", "leaky"]),
        (lambda layer: getattr(layer, "units", 0) == 6, ["first.activation"]),
        (["first", layers.LeakyReLU], ["first.activation", "leaky"]),
        (("leaky", "output"), ["leaky", "output.activation"]),
    ],
)
def test_where_is_a_name_a_type_a_predicate_or_a_list(where, expected):
    assert places(report(classifier(), "elu", where)) == expected


def test_where_is_the_name_of_a_nested_model_or_of_a_wrapper():
    assert places(report(nested(), "elu", "inner")) == ["middle/inner/dense.activation"]
    assert places(report(wrapped(), "elu", "both_ways")) == [
        "both_ways/forward_lstm.activation",
        "both_ways/backward_lstm.activation",
    ]
    assert places(report(wrapped(), "elu", layers.GRUCell)) == [
        "recurrent/cells/a.activation",
        "recurrent/cells/b.activation",
    ]


def test_names_of_one_function_are_the_same_to_where():
    model = functional(
        lambda x: layers.Dense(2)(layers.Dense(3, activation="swish", name="d")(x))
    )
    assert report(model, "relu", "swish") == ["d.activation: silu -> ReLU"]
    assert report(model, "relu", "silu") == ["d.activation: silu -> ReLU"]


def test_an_output_layer_is_kept_behind_reshaping_unless_it_is_named():
    def make(x):
        x = layers.Dense(4, activation="relu", name="hidden")(x)
        x = layers.Dense(4, activation="sigmoid", name="last")(x)
        x = layers.Activation("linear", dtype="float32")(layers.Reshape((2, 2))(x))
        return ops.squeeze(ops.reshape(x, (-1, 4, 1)), -1)

    model = functional(make)
    assert places(report(model, "elu")) == ["hidden.activation"]
    assert places(report(model, "elu", ["relu", "sigmoid"])) == ["hidden.activation"]
    assert places(report(model, "elu", "last")) == ["last.activation"]


def test_a_nested_model_at_the_end_has_the_output_layer():
    inputs = keras.Input((4,))
    head = keras.Sequential(
        [keras.Input((3,)), layers.Dense(3, activation="relu", name="end")], name="head"
    )
    x = layers.Dense(3, activation="relu", name="start")(inputs)
    model = keras.Model(inputs, head(x))
    assert places(report(model, "elu", "relu")) == ["start.activation"]
    assert places(report(model, "elu", "end")) == ["head/end.activation"]


def test_a_mask_that_only_softmax_takes_is_no_obstacle(rng):
    model = randomise(
        functional(
            lambda x: layers.Dense(1)(layers.Softmax()(layers.Dense(4)(x), mask=x > 0))
        ),
        rng,
    )
    x = batch(model, rng)
    new = replace_activations(model, "tanh", layers.Softmax)
    kernel, bias, *last = map(array, model.weights)
    expected = np.tanh(x @ kernel + bias) @ last[0] + last[1]
    np.testing.assert_allclose(outputs(new, x)[0], expected, atol=1e-6)


def test_softmax_is_kept_unless_it_is_named():
    def make(x):
        x = layers.Dense(4, activation="softmax", name="weights")(x)
        x = layers.Softmax(name="softmax_layer")(x)
        x = layers.Dense(4, activation="relu", name="hidden")(x)
        return layers.Dense(1, activation="softmax", name="last")(x)

    model = functional(make)
    assert places(report(model, "elu")) == ["hidden.activation"]
    assert places(report(model, "elu", layers.Dense)) == ["hidden.activation"]
    assert places(report(model, "elu", layers.Softmax)) == ["softmax_layer"]
    named = ["weights.activation", "softmax_layer"]
    assert places(report(model, "elu", "softmax")) == named


def test_gates_are_kept_unless_they_are_named():
    def make(x):
        squeezed = layers.Dense(2, activation="relu", name="squeeze")(x)
        gate = layers.Dense(4, activation="sigmoid", name="gate")(squeezed)
        x = layers.Multiply()([x, layers.Reshape((4,))(gate)])
        x = layers.Dense(4, name="after")(x)
        # A hard sigmoid, and the sigmoid of a swish.
        x = x * (layers.ReLU(6.0, name="hard")(x + 3.0) * (1 / 6))
        x = x * ops.sigmoid(x)
        x = layers.Dense(4, activation="sigmoid", name="no_gate")(x)
        x = layers.ReLU(6.0, name="capped")(layers.Dense(4, name="before")(x))
        x = layers.ReLU(name="scaled")(layers.Dense(4, name="again")(x)) * 1.7
        x = layers.Activation("sigmoid", name="scaled_too")(x) * 4
        return layers.Dense(1, name="last")(x)

    model = functional(make)
    hidden = ["squeeze.activation", "no_gate.activation"]
    hidden += ["capped", "scaled", "scaled_too"]
    assert places(report(model, "elu")) == hidden
    assert places(report(model, "elu", lambda layer: True)) == hidden
    assert places(report(model, "elu", "gate")) == ["gate.activation"]
    named = ["gate.activation", "sigmoid", "no_gate.activation", "scaled_too"]
    assert places(report(model, "elu", "sigmoid")) == numbered(model, named)


def test_the_gates_of_a_recurrent_layer_are_kept_unless_they_are_named():
    inputs = keras.Input((3, 4))
    x = layers.LSTM(4, name="lstm")(inputs)
    model = keras.Model(inputs, layers.Dense(1)(x))
    assert report(model, "relu") == ["lstm.activation: tanh -> ReLU"]
    for where in ("lstm", layers.LSTM):
        assert places(report(model, "relu", where)) == ["lstm.activation"]
    for where in ("sigmoid", "recurrent_activation", "lstm.recurrent_activation"):
        gates = ["lstm.recurrent_activation"]
        assert places(report(model, "hard_sigmoid", where)) == gates


def test_layers_keep_their_names_policies_and_trainable_flags():
    policy = "mixed_float16"
    backbone = keras.Sequential(
        [
            keras.Input((4,)),
            layers.Dense(4, activation="relu", dtype=policy, name="dense"),
            layers.ReLU(dtype=policy, name="relu", trainable=False),
            layers.Dense(4, dtype=policy, name="thawed"),
        ],
        name="backbone",
    )
    backbone.trainable = False
    backbone.get_layer("thawed").trainable = True
    inputs = keras.Input((4,))
    x = layers.Dense(4, activation="relu", name="inside")(inputs)
    frozen = keras.Model(inputs, x, name="frozen")
    frozen.trainable = False
    frozen.get_layer("inside").trainable = True
    model = keras.Sequential([backbone, frozen, layers.Dense(2)])
    new = replace_activations(model, PReLU)

    def flags(model):
        return [
            (part.name, layer.name, part.trainable, layer.trainable)
            for part in model.layers[:2]
            for layer in part.layers
            if not isinstance(layer, layers.InputLayer)
        ]

    assert flags(new) == flags(model)
    assert flags(new)[-1] == ("frozen", "inside", False, True)
    # The slopes of "inside" are the only new weights that are not frozen.
    assert len(new.trainable_weights) == len(model.trainable_weights) + 1
    relu = new.get_layer("backbone").get_layer("relu")
    assert isinstance(relu, PReLU)
    dense = new.get_layer("backbone").get_layer("dense")
    assert relu.dtype_policy.name == dense.activation.dtype_policy.name == policy
    assert dense.output.dtype == "float16"


def test_the_new_model_is_not_compiled_and_a_custom_loss_does_no_harm():
    model = classifier()
    model.compile("adam", loss=lambda y, prediction: ops.mean(y - prediction))
    assert not replace_activations(model, "elu").compiled
    model = branches()
    model.compile("adam", loss=lambda y, prediction: ops.mean(y - prediction))
    assert not replace_activations(model, "elu").compiled


def test_a_model_class_without_own_constructor_is_kept():
    class Custom(keras.Model):
        pass

    class CustomSequential(keras.Sequential):
        pass

    class Own(keras.Model):
        def __init__(self):
            inputs = keras.Input((4,))
            x = layers.Dense(3, activation="relu")(inputs)
            super().__init__(inputs, layers.Dense(1)(x))

    own = Own()
    sequential = CustomSequential(classifier().layers)
    sequential.build((None, 4))
    for model in (Custom(own.inputs, own.outputs), sequential):
        assert type(replace_activations(model, "elu")) is type(model)
    assert isinstance(replace_activations(own, "elu"), keras.Function)


def test_a_layer_in_an_argument_is_replaced_or_keeps_its_slopes(rng):
    def make(x, first="relu"):
        x = layers.Dense(3, activation=first, name="one")(x)
        x = layers.Dense(3, activation=PReLU(), name="two")(x)
        return layers.Dense(1)(x)

    model = functional(lambda x: make(x, PReLU()))
    x = batch(model, rng)
    model(x)
    model = randomise(model, rng)
    assert len(model.weights) == 8
    new = replace_activations(model, "relu", "one")
    assert len(new.weights) == 7
    fresh = replace_activations(model, PReLU, "one")
    slopes = fresh.get_layer("one").activation.negative_slope
    assert_equal([array(slopes)], [np.full(3, 0.25, "float32")])
    for copy in (new, fresh):
        slopes, expected = (
            array(one.get_layer("two").activation.negative_slope)
            for one in (copy, model)
        )
        assert_equal([slopes], [expected])
    slopes = model.get_layer("one").activation.negative_slope
    expected = functional(make)
    expected(x)  # builds the slopes
    expected.set_weights([array(w) for w in model.weights if w is not slopes])
    assert_equal(outputs(new, x), outputs(expected, x))


class Block(layers.Layer):
    """Its activation is an argument, which another layer uses."""

    def __init__(self, activation="relu", **arguments):
        super().__init__(**arguments)
        self.activation = activation
        self.dense = layers.Dense(3, activation=activation)

    def call(self, x):
        return self.dense(x)

    def get_config(self):
        return {**super().get_config(), "activation": self.activation}


class Stubborn(layers.Layer):
    """Its activation is no argument."""

    def __init__(self, **arguments):
        super().__init__(**arguments)
        self.dense = layers.Dense(3, activation="relu", name="inside")

    def call(self, x):
        return self.dense(x)


def test_a_custom_layer_with_an_argument_for_the_activation_takes_part(rng):
    model = randomise(functional(lambda x: layers.Dense(1)(Block(name="b")(x))), rng)
    assert report(model, "elu") == ["b.activation: relu -> ELU"]
    x = batch(model, rng)
    new = replace_activations(model, PReLU("ones"))
    as_name = replace_activations(model, keras.activations.tanh).get_layer("b")
    assert as_name.get_config()["activation"] == "tanh"
    truth = model.get_layer("b")
    truth.dense.activation = keras.activations.linear
    assert_equal(outputs(new, x), outputs(model, x))


def test_an_activation_that_no_argument_holds_is_told_and_kept(rng):
    def make(x):
        x = layers.Dense(3, activation="relu", name="hidden")(x)
        return layers.Dense(1)(Stubborn(name="stubborn")(x))

    model = randomise(functional(make), rng)
    message = (
        "These activations are not replaced: relu at 'stubborn/inside.activation'. "
        "Their layers have no argument for the activation in their constructor and "
        "get_config, so a saved model would lose the change. Add such an argument, "
        "for example `activation`."
    )
    with pytest.warns(UserWarning, match=f"^{re.escape(message)}$"):
        lines = report(model, "elu")
    assert lines == ["hidden.activation: relu -> ELU"]
    assert places(report(model, "elu", "hidden")) == ["hidden.activation"]


def test_a_gated_linear_unit_is_no_activation_to_replace():
    model = functional(
        lambda x: layers.Dense(1)(
            ops.glu(layers.Dense(4, activation="relu", name="hidden")(x))
        )
    )
    assert places(report(model, "elu")) == ["hidden.activation"]


class Forgetful(layers.Layer):
    """Its config lacks an argument."""

    def __init__(self, depth=1, **arguments):
        super().__init__(**arguments)
        self.stack = [layers.Dense(4) for _ in range(depth)]

    def call(self, x):
        for layer in self.stack:
            x = layer(x)
        return x

    def get_config(self):
        return super().get_config()


def test_a_layer_whose_copy_has_other_weights_is_an_error():
    model = functional(
        lambda x: layers.Dense(1)(layers.ReLU()(Forgetful(2, name="forgetful")(x)))
    )
    message = (
        "The weights of layer 'forgetful' cannot be copied: it has 4 weights, but a "
        "new Forgetful with the same config has 2. The get_config of the layer must "
        "return every argument of its constructor."
    )
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        replace_activations(model, "elu")


def test_a_subclassed_model_is_an_error_that_says_what_works():
    class Subclassed(keras.Model):
        def call(self, x):
            return x

    message = (
        "replace_activations expects a Sequential or functional model. Build the "
        "model with keras.Sequential or keras.Model(inputs, outputs), replace the "
        "activations of its Sequential and functional parts before they are combined, "
        "or give its class an argument for the activation. Received: 'mine' of the "
        "subclassed type Subclassed, whose call() cannot be rewritten."
    )
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        replace_activations(Subclassed(name="mine"), "elu")


def test_a_sequential_model_works_once_it_is_built(rng):
    model = keras.Sequential(
        [layers.Dense(3, activation="relu"), layers.Dense(1)], name="mine"
    )
    message = (
        "replace_activations expects a built model. Start it with keras.Input(shape), "
        "or call model.build(input_shape). Received: 'mine', which has no input shape "
        "yet."
    )
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        replace_activations(model, "elu")
    x = rng.normal(size=(2, 4)).astype("float32")
    model(x)
    assert_equal(outputs(replace_activations(model, "relu"), x), outputs(model, x))


def test_where_that_matches_nothing_is_an_error_that_lists_the_activations():
    message = (
        "replace_activations found no activation to replace for where='gelu'. The "
        "model has: relu at 'first.activation'; LeakyReLU(negative_slope=0.1) at "
        "'leaky'; softmax (output layer) at 'output.activation'. Output layers, gates "
        "and softmax are replaced only if `where` is the name of their layer; gates "
        "and softmax also if it is the name of the activation."
    )
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        replace_activations(classifier(), "elu", "gelu")
    model = functional(layers.Dense(1))
    message = message.partition("for")[0].strip() + ". The model has: no activation."
    with pytest.raises(ValueError, match=f"^{re.escape(message)}"):
        replace_activations(model, "elu")


def test_old_and_new_weights_are_not_one_and_the_same():
    # On JAX `fit` deletes the arrays that it has trained from.
    old = keras.Sequential(
        [keras.Input((4,)), layers.Dense(4, "relu"), layers.Dense(1)]
    )
    x = np.ones((8, 4), "float32")
    expected = array(old(x))
    new = replace_activations(old, "elu")
    new.compile("sgd", "mse")
    new.fit(x, np.zeros((8, 1)), verbose=0)
    np.testing.assert_array_equal(array(old(x)), expected)
    assert not np.array_equal(array(old.weights[0]), array(new.weights[0]))


def test_lambda_layers_keep_the_names_that_they_use():
    factor = 3.0
    model = keras.Sequential(
        [
            keras.Input((4,)),
            layers.Lambda(lambda x: ops.relu(x) * factor),
            layers.Dense(3, "tanh"),
            layers.Dense(1),
        ]
    )
    new = replace_activations(model, "tanh", where="tanh")
    x = np.linspace(-1, 1, 8, dtype="float32").reshape(2, 4)
    np.testing.assert_array_equal(array(new(x)), array(model(x)))


def test_report_must_be_a_function():
    model = keras.Sequential(
        [keras.Input((4,)), layers.Dense(4, "relu"), layers.Dense(1)]
    )
    message = (
        "replace_activations expects `report` to be a function, such as print. "
        "Received: 'print' of type str"
    )
    with pytest.raises(TypeError, match=f"^{re.escape(message)}$"):
        replace_activations(model, "elu", report="print")


def test_maxout_cannot_replace_by_its_name():
    model = keras.Sequential([keras.Input((4,)), layers.Dense(4, "relu")])
    message = (
        "replace_activations expects a replacement that keeps the shape of its input. "
        "Received: 'maxout', which returns fewer units than it receives"
    )
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        replace_activations(model, "maxout")


@pytest.mark.parametrize(
    ("replacement", "name"),
    [
        (lambda x, y: x, "<lambda>"),
        (lambda x: None, "<lambda>"),
        (len, "len"),
        (layers.MaxPooling2D(), "MaxPooling2D(data_format='channels_last')"),
    ],
)
def test_a_replacement_that_fails_is_an_error(replacement, name):
    model = functional(
        lambda x: layers.Dense(1)(layers.Dense(6, activation="relu", name="wide")(x))
    )
    message = (
        "replace_activations expects a replacement that takes one tensor, computes "
        f"with keras.ops or its backend, and returns one tensor. {name} failed at "
        "'wide.activation', on an input of shape (None, 6)."
    )
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        replace_activations(model, replacement)


@pytest.mark.parametrize("replacement", [lambda x: ops.concatenate([x, -x]), "glu"])
def test_a_replacement_that_changes_the_shape_is_an_error(replacement):
    model = functional(
        lambda x: layers.Dense(1)(layers.Dense(6, activation="relu", name="wide")(x))
    )
    if callable(replacement):
        name, shape = "<lambda>", (None, 12)

        def replacement(x):
            return ops.concatenate([x, -x], axis=-1)

        name = "replacement"
    else:
        name, shape = "glu", (None, 3)
    message = (
        "replace_activations expects a replacement that keeps the shape of its input. "
        f"Received: {name}, which at 'wide.activation' changes (None, 6) to {shape}."
    )
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        replace_activations(model, replacement)


@pytest.mark.parametrize(
    ("model", "replacement", "where", "error", "message"),
    [
        (
            3,
            "elu",
            None,
            TypeError,
            "replace_activations expects `model` to be a keras.Model. Received: 3 of "
            "type int",
        ),
        (
            None,
            3,
            None,
            TypeError,
            "replace_activations expects `replacement` to be a name, a layer, a class "
            "or function that makes a layer, or an activation function. Received: 3 of "
            "type int",
        ),
        (
            None,
            lambda: "relu",
            None,
            TypeError,
            "replace_activations expects a `replacement` without arguments to return "
            "a layer. Received: one that returned 'relu'",
        ),
        (
            None,
            "rrelo",
            None,
            ValueError,
            "Neither the catalogue nor keras.activations has 'rrelo'. Nearest: rrelu, "
            "relu, relu6.",
        ),
        (
            None,
            "elu",
            3,
            TypeError,
            "replace_activations expects `where` to be a name, a type, a predicate or "
            "a list of these. Received: 3 of type int",
        ),
    ],
)
def test_arguments_of_another_type_are_errors(
    model, replacement, where, error, message
):
    with pytest.raises(error, match=f"^{re.escape(message)}$"):
        replace_activations(model or classifier(), replacement, where)


def edit_activations(model, old, new):
    """Changes the activations of a model in place: the truth to compare with."""
    for layer in model.layers[:-1]:
        if getattr(layer, "activation", None) is old:
            layer.activation = new
    return model


def uncap(model):
    """Makes leaky rectifiers of capped ones, in place."""
    for layer in model.layers:
        if isinstance(layer, layers.ReLU):
            layer.max_value, layer.negative_slope = None, 0.1
    return model


SMALL = {"weights": None, "input_shape": (32, 32, 3)}


@pytest.mark.parametrize(
    ("make", "replacement", "number", "edit"),
    [
        pytest.param(
            lambda: keras.applications.MobileNetV2(**SMALL, alpha=0.35, classes=10),
            "leaky_relu_0.1",
            35,
            uncap,
            marks=pytest.mark.slow,
        ),
        pytest.param(
            lambda: keras.applications.ResNet50(**SMALL, classes=10),
            "silu",
            49,
            lambda model: edit_activations(
                model, keras.activations.relu, keras.activations.silu
            ),
            marks=pytest.mark.slow,
        ),
        pytest.param(
            lambda: keras.applications.EfficientNetB0(**SMALL, classes=10),
            "relu",
            49,
            lambda model: edit_activations(
                model, keras.activations.silu, keras.activations.relu
            ),
            marks=pytest.mark.slow,
        ),
        (
            lambda: keras.applications.VGG16(**SMALL, include_top=False, pooling="max"),
            "elu",
            13,
            lambda model: edit_activations(
                model, keras.activations.relu, keras.activations.elu
            ),
        ),
        (
            lambda: keras.applications.MobileNetV3Small(**SMALL, classes=10),
            "relu",
            33,
            lambda model: edit_activations(
                model, keras.activations.hard_silu, keras.activations.relu
            ),
        ),
    ],
    ids=["MobileNetV2", "ResNet50", "EfficientNetB0", "VGG16", "MobileNetV3Small"],
)
def test_stock_models_change_their_hidden_activations(
    make, replacement, number, edit, rng
):
    model = make()
    for layer in model.layers:
        if isinstance(layer, layers.BatchNormalization):
            randomise(layer, rng)
    x = batch(model, rng, size=1)
    before = outputs(model, x)
    changes = []
    new = replace_activations(model, replacement, report=changes.append)
    assert len(changes) == number
    assert not np.array_equal(outputs(new, x)[0], before[0])
    assert_equal(outputs(new, x), outputs(edit(model), x))


@pytest.mark.parametrize("mode", ["int8", "int4", "float8"])
@pytest.mark.parametrize("lora", [False, True])
@pytest.mark.filterwarnings("ignore:Layer .* does not have a `quantize`")
def test_quantized_layers_keep_every_variable(mode, lora, rng):
    model = keras.Sequential(
        [
            keras.Input((4,)),
            layers.Dense(8, activation="relu"),
            layers.EinsumDense("ab,bc->ac", 8, bias_axes="c"),
            layers.ReLU(),
            layers.Dense(2),
        ]
    )
    if lora:
        model.layers[0].enable_lora(2)
    model.quantize(mode)
    for weight in model.trainable_weights:
        weight.assign(rng.normal(size=weight.shape))
    new = replace_activations(model, "elu")
    old_values = {weight.path.partition("/")[2]: weight for weight in model.variables}
    new_values = {weight.path.partition("/")[2]: weight for weight in new.variables}
    assert old_values.keys() == new_values.keys()
    for path, weight in old_values.items():
        np.testing.assert_array_equal(
            keras.ops.convert_to_numpy(new_values[path]),
            keras.ops.convert_to_numpy(weight),
        )


class Unnamed(keras.layers.Layer):
    """Adds its weights without names, and in another order once it has been called."""

    def __init__(self, swapped=False, **keywords):
        super().__init__(**keywords)
        self.swapped = swapped

    def build(self, input_shape):
        for index in (1, 0) if self.swapped else (0, 1):
            self.add_weight(shape=(index + 1,))

    def call(self, x):
        return x

    def get_config(self):
        return {**super().get_config(), "swapped": not self.swapped}


def test_weights_without_names_are_carried_by_position_and_misfits_are_named():
    class Plain(Unnamed):
        def get_config(self):
            return {**keras.layers.Layer.get_config(self), "swapped": self.swapped}

    def make(kind):
        parts = [kind(name="odd"), layers.ReLU(), layers.Dense(1)]
        return keras.Sequential([keras.Input((4,)), *parts])

    model = make(Plain)
    new = replace_activations(model, "elu", "relu")
    for old, carried in zip(model.get_weights(), new.get_weights(), strict=True):
        np.testing.assert_array_equal(carried, old)
    with pytest.raises(ValueError, match="The weights of layer 'odd' cannot be copied"):
        replace_activations(make(Unnamed), "elu", "relu")


def shared_activation(shared, sizes=(8, 8)):
    inputs = x = keras.Input((4,))
    for size in sizes:
        x = layers.Dense(size, activation=shared)(x)
    model = keras.Model(inputs, layers.Dense(2)(layers.ReLU()(x)))
    model(np.ones((1, 4), "float32"))  # makes the slopes
    return model


def test_an_activation_shared_by_layers_stays_shared(rng):
    slopes = PReLU(name="shared")
    model = shared_activation(slopes)
    slopes.negative_slope.assign(rng.uniform(0.1, 0.9, size=(8,)))
    new = replace_activations(model, "elu", layers.ReLU)
    first, second = new.layers[1].activation, new.layers[2].activation
    assert first is second
    assert first is not slopes
    np.testing.assert_array_equal(first.get_weights()[0], slopes.get_weights()[0])
    assert len(new.weights) == len(model.weights)
    x = rng.normal(size=(3, 4)).astype("float32")
    expected = keras.Model(model.input, model.layers[2].output)(x)
    y = keras.Model(new.input, new.layers[2].output)(x)
    np.testing.assert_allclose(
        keras.ops.convert_to_numpy(y), keras.ops.convert_to_numpy(expected), rtol=1e-6
    )


def test_what_replaces_a_shared_activation_is_shared():
    changes = []
    model = shared_activation(RReLU(seed=1))
    new = replace_activations(model, PReLU(), report=changes.append)
    assert len(changes) == 3
    assert new.layers[1].activation is new.layers[2].activation
    assert len(new.weights) == 6 + 2  # its slopes, and those in place of the ReLU
    assert new.layers[3].negative_slope is not new.layers[1].activation.negative_slope


def test_only_one_of_two_places_may_be_replaced():
    model = shared_activation(PReLU())
    name = model.layers[1].name
    new = replace_activations(model, "elu", name)
    assert isinstance(new.layers[1].activation, layers.ELU)
    assert isinstance(new.layers[2].activation, PReLU)
    np.testing.assert_array_equal(
        new.layers[2].activation.get_weights()[0],
        model.layers[2].activation.get_weights()[0],
    )


def test_a_shared_activation_inside_a_wrapper_stays_shared():
    shared = PReLU(name="shared")
    inputs = keras.Input((3, 4))
    x = layers.TimeDistributed(layers.Dense(8, activation=shared))(inputs)
    x = layers.Dense(8, activation=shared)(x)
    model = keras.Model(inputs, layers.Dense(2)(layers.ReLU()(x)))
    model(np.ones((1, 3, 4), "float32"))
    new = replace_activations(model, "elu", layers.ReLU)
    assert new.layers[1].layer.activation is new.layers[2].activation


class TakesNothing(layers.Layer):
    """Its constructor refuses what the config of every layer has."""

    def __init__(self):
        super().__init__(name="own")

    def call(self, x):
        return 2 * x


class HoldsOthers(layers.Layer):
    """Keras cannot guess its config."""

    def __init__(self, inner):
        super().__init__(name="own")
        self.inner = inner

    def call(self, x):
        return self.inner(x)


@pytest.mark.parametrize("make", [TakesNothing, lambda: HoldsOthers(layers.Dense(4))])
def test_a_layer_that_its_config_does_not_make_again_is_named(make):
    own = make()
    model = functional(lambda x: layers.Dense(1)(layers.ReLU()(own(x))))
    message = (
        f"The layer 'own' of type {type(own).__name__} cannot be copied, because it "
        "cannot be created again from its config."
    )
    with pytest.raises(ValueError, match=f"^{re.escape(message)}"):
        replace_activations(model, "elu")


def in_graph_and_argument(activation):
    inputs = keras.Input((4,))
    x = layers.Dense(8, activation=activation)(inputs)
    x = layers.Dense(8)(activation(layers.Dense(8)(x)))
    model = keras.Model(inputs, layers.Dense(2)(layers.ReLU(name="other")(x)))
    model(np.ones((1, 4), "float32"))  # makes the slopes
    return model


def test_an_activation_of_a_layer_that_stands_in_the_graph_too_stays_shared(rng):
    slopes = PReLU(name="shared")
    model = in_graph_and_argument(slopes)
    slopes.negative_slope.assign(rng.uniform(0.1, 0.9, size=(8,)))
    new = replace_activations(model, layers.ReLU(), layers.ReLU)
    assert new.layers[1].activation is new.get_layer("shared")
    assert len(new.weights) == len(model.weights)
    x = rng.normal(size=(3, 4)).astype("float32")
    np.testing.assert_allclose(
        keras.ops.convert_to_numpy(new(x)),
        keras.ops.convert_to_numpy(model(x)),
        rtol=1e-6,
    )


@pytest.mark.parametrize("name", [None, "shared"])
def test_what_replaces_it_in_both_places_is_shared(name):
    model = in_graph_and_argument(RReLU(seed=1, name="shared"))
    where = name and [name, model.layers[1].name]
    new = replace_activations(model, PReLU(), where)
    assert isinstance(new.get_layer("shared"), PReLU)
    assert new.layers[1].activation is new.get_layer("shared")
    assert new.layers[1].activation.negative_slope.shape == (8,)


def test_a_function_in_place_of_both_is_an_argument_and_a_layer():
    new = replace_activations(in_graph_and_argument(RReLU(name="shared")), "gelu")
    assert new.layers[1].activation is keras.activations.gelu
    assert isinstance(new.get_layer("shared"), layers.Activation)


def test_a_layer_is_chosen_by_its_name():
    model = functional(lambda x: layers.Dense(1)(layers.ReLU(name="chosen")(x)))
    layer = model.get_layer("chosen")
    message = (
        "replace_activations expects `where` to be a name, a type, a predicate or a list "
        f"of these; for this layer 'chosen'. Received: {layer!r} of type ReLU"
    )
    for where in (layer, [layer]):
        with pytest.raises(TypeError, match=f"^{re.escape(message)}$"):
            replace_activations(model, "elu", where)
