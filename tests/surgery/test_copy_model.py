"""What a copy of a model keeps: weights, states, names, policies, its class, its old self."""

import re

import keras
import numpy as np
import pytest
from keras import layers, ops

from keras_rectifiers import PReLU, replace_activations
from keras_rectifiers.surgery.copy_model import copy_layer, copy_model
from tests.surgery.made_up_models import (
    MODELS,
    array,
    assert_equal,
    batch,
    branches,
    classifier,
    functional,
    nested,
    outputs,
    places,
    randomise,
    report,
)


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


def test_the_state_of_a_random_layer_is_carried_over(rng):
    def make(x):
        x = layers.Dropout(0.5, seed=3)(layers.Dense(50, activation="relu")(x))
        return layers.Dense(2)(x)

    model = functional(make)
    x = batch(model, rng)
    model(x, training=True)
    new = replace_activations(model, "relu")
    assert_equal(outputs(new, x, training=True), outputs(model, x, training=True))


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


@pytest.mark.parametrize("make", MODELS)
def test_a_copy_without_new_activations_computes_the_same_with_its_own_weights(
    make, rng
):
    model = randomise(make(), rng)
    copy = copy_model(model, {})
    x = batch(model, rng)
    assert_equal(outputs(copy, x), outputs(model, x))
    assert [v.name for v in copy.weights] == [v.name for v in model.weights]
    assert not {*map(id, copy.variables)} & {*map(id, model.variables)}


def test_only_the_places_that_are_told_get_another_activation():
    model = classifier()
    places = {
        (id(model.get_layer("first")), "activation"): keras.activations.elu,
        (id(model.get_layer("leaky")), ""): layers.ReLU(name="elsewhere"),
    }
    copy = copy_model(model, places)
    assert copy.get_layer("first").activation is keras.activations.elu
    assert type(copy.get_layer("leaky")) is layers.ReLU
    assert copy.get_layer("output").activation is keras.activations.softmax
    assert [layer.name for layer in copy.layers] == [
        layer.name for layer in model.layers
    ]


def test_a_layer_is_made_again_from_the_config_that_is_given():
    old = layers.Dense(3, activation="relu", name="old")
    new = copy_layer(old, {**old.get_config(), "units": 5, "name": "new"})
    assert (type(new), new.units, new.name) == (layers.Dense, 5, "new")
    assert not new.built
