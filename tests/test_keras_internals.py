"""What is expected of Keras's private parts, which a new Keras may change.

A part that is gone is named, with the function that uses it. What the parts mean is
tested by what the functions of `keras_internals` return for small models.
"""

import ast
import inspect
import re
import sys
from pathlib import Path

import keras
import numpy as np
import pytest
from keras import layers, ops

from keras_rectifiers import LayerMonitor, Maxout, RectifierNormal, keras_internals
from keras_rectifiers.comparison.training.stacked_optimizer import RatePerMember
from keras_rectifiers.surgery import nesting

ON_TENSORFLOW = pytest.mark.skipif(
    keras.backend.backend() != "tensorflow", reason="it is about TensorFlow's alone"
)


class Block(layers.Layer):
    """A layer with a weight of its own and a layer in it."""

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.dense = layers.Dense(2, name="dense")

    def build(self, input_shape):
        self.counter = self.add_weight(
            shape=(), initializer="zeros", trainable=False, name="counter"
        )
        self.scale = self.add_weight(shape=(), initializer="ones", name="scale")
        self.dense.build(input_shape)

    def call(self, x):
        return self.scale * self.dense(x)


def nested() -> keras.Sequential:
    inner = [layers.Dense(4, name="first"), Block(name="block")]
    return keras.Sequential(
        [
            keras.Input((3,)),
            keras.Sequential(inner, name="inner"),
            layers.Dense(1, name="last"),
        ],
        name="outer",
    )


def compiled() -> keras.Sequential:
    model = nested()
    model.compile("sgd", loss="mse", loss_weights=[0.5], metrics=["mae"])
    return model


def excluding() -> keras.Optimizer:
    optimizer = keras.optimizers.SGD(weight_decay=0.1)
    optimizer.exclude_from_weight_decay(var_names=["bias"])
    return optimizer


# What has it, how it is made, the part with the parameters that are used, and the
# function of keras_internals that uses it.
PARTS = [
    ("layer", nested, "_build_at_init()", "build_at_init"),
    ("layer", nested, "_flatten_layers(include_self, recursive)", "layers_within"),
    ("layer", nested, "_trainable_variables", "own_trainable_variables"),
    ("layer", nested, "_non_trainable_variables", "own_weights"),
    ("layer", nested, "_trainable", "set_own_trainable"),
    ("layer", nested, "_dtype_policy", "with_dtype_policy"),
    ("Lambda", lambda: layers.Lambda(abs), "_output_shape", "share_functions"),
    ("symbolic tensor", lambda: keras.Input((3,)), "_keras_history", "origin"),
    (
        "softmax",
        lambda: keras.activations.softmax(keras.Input((3,))),
        "_keras_logits",
        "has_remembered_logits",
    ),
    ("operation", nested, "_inbound_nodes", "inputs_of_call"),
    ("operation", nested, "_outbound_nodes", "calls_that_read"),
    ("layer", nested, "_seed_generators", "seed_generator_states"),
    ("model", nested, "_compile_loss", "compiled_loss"),
    (
        "compiled loss",
        lambda: keras_internals.compiled_loss(compiled()),
        "_user_loss_weights",
        "loss_weights",
    ),
    ("model", compiled, "_compile_metrics", "compiled_metrics"),
    (
        "compiled metrics",
        lambda: keras_internals.compiled_metrics(compiled()),
        "_user_metrics",
        "given_metrics",
    ),
    *(
        ("optimizer", excluding, part, "exclude_from_weight_decay")
        for part in (
            "_exclude_from_weight_decay",
            "_exclude_from_weight_decay_pattern",
            "_exclude_from_weight_decay_cache",
            "_var_key(variable)",
        )
    ),
    ("optimizer", excluding, "_use_weight_decay(variable)", "is_decayed"),
    ("optimizer", excluding, "_learning_rate", "learning_rate"),
]


@pytest.mark.parametrize(
    ("kind", "make", "part", "function"), PARTS, ids=[row[2] for row in PARTS]
)
def test_keras_has_the_part(kind, make, part, function):
    assert lacking(kind, make(), part, function) == ""


@pytest.mark.parametrize(
    "part", ["_sublayers(recursive)", "_flatten_layers(depth)", "_layer_count"]
)
def test_a_part_that_is_gone_or_takes_other_arguments_is_named(part):
    assert lacking("layer", nested(), part, "layers_within") == (
        f"Keras's layer has no `{part}` any more: see keras_internals.layers_within"
    )


def test_every_part_that_is_used_is_in_the_table():
    tree = ast.parse(Path(inspect.getsourcefile(keras_internals)).read_text("utf-8"))
    used = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    used |= {
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    private = {name for name in used if re.fullmatch(r"_[a-z]\w*", name)}
    assert private == {part.partition("(")[0] for _, _, part, _ in PARTS}
    assert {function for *_, function in PARTS} <= set(vars(keras_internals))


def test_a_layer_is_built_at_once_and_remembers_no_input_shape():
    layer = layers.Layer()
    assert not layer.built
    keras_internals.build_at_init(layer)
    assert layer.built
    assert layer.get_build_config() is None


def test_layers_within_stand_behind_the_layer_that_holds_them():
    model = nested()
    inner = model.layers[0]
    found = names(keras_internals.layers_within(model))
    assert sorted(found) == ["block", "dense", "first", "inner", "last", "outer"]
    held = ["outer", "inner", "block", "dense"]
    assert [name for name in found if name in held] == held
    within = names(keras_internals.layers_within(inner, include_self=False))
    assert sorted(within) == ["block", "dense", "first"]
    alone = keras_internals.layers_within(model, include_self=False, recursive=False)
    assert names(alone) == ["inner", "last"]


def test_own_weights_are_those_of_no_layer_within_and_the_trainable_ones_first():
    block = nested().layers[0].layers[1]
    assert keras_internals.own_weights(block) == [block.scale, block.counter]
    assert keras_internals.own_weights(nested()) == []
    block.trainable = False
    assert keras_internals.own_trainable_variables(block) == [block.scale]


def test_a_layer_alone_is_frozen():
    model = nested()
    keras_internals.set_own_trainable(model, False)
    assert not model.trainable
    assert [layer.trainable for layer in model.layers] == [True, True]
    assert model.trainable_variables == []


def test_a_layer_computes_in_another_precision_for_a_while():
    policies = keras.dtype_policies.DTypePolicyMap(default_policy="mixed_bfloat16")
    with_map = layers.Dense(2, dtype=policies, name="mapped")
    for layer in (layers.Dense(2, dtype="mixed_bfloat16"), with_map):
        layer.build((None, 3))
        before = layer.dtype_policy
        with keras_internals.with_dtype_policy(layer, keras.DTypePolicy("float32")):
            assert layer.compute_dtype == "float32"
            assert layer(np.ones((1, 3), "float32")).dtype == ops.ones(()).dtype
        assert layer.dtype_policy is before
        assert layer.compute_dtype == "bfloat16"
    assert len(policies) == 0


def test_the_policy_comes_back_after_an_error():
    layer = layers.Dense(2, dtype="mixed_bfloat16")
    policy = keras.DTypePolicy("float32")
    with pytest.raises(KeyError), keras_internals.with_dtype_policy(layer, policy):
        raise KeyError
    assert layer.compute_dtype == "bfloat16"


def test_a_lambda_gets_the_functions_of_another():
    source = layers.Lambda(lambda x: x[:, :1], output_shape=(1,), mask=7)
    target = layers.Lambda(lambda x: x)
    keras_internals.share_functions(source, target)
    assert target.compute_output_shape((None, 5)) == (None, 1)
    assert target.function is source.function
    assert target.compute_mask(None) == 7


def test_a_symbolic_tensor_is_followed_to_the_call_that_made_it_and_what_that_read():
    x, z = keras.Input((3,), name="x"), keras.Input((3,), name="z")
    dense = layers.Dense(3)
    first, second = dense(x), dense(z)
    halves = ops.split(ops.add(first, second), 3, axis=1)
    assert keras_internals.origin(second) == (dense, 1, 0)
    assert keras_internals.inputs_of_call(dense, 0) == [x]
    assert keras_internals.inputs_of_call(dense, 1) == [z]
    split, call, output = keras_internals.origin(halves[2])
    assert (call, output) == (0, 2)
    (total,) = keras_internals.inputs_of_call(split, call)
    add = keras_internals.origin(total)[0]
    assert keras_internals.inputs_of_call(add, 0) == [first, second]
    ((reader, inputs),) = keras_internals.calls_that_read(add)
    assert reader is split and inputs == [total]
    assert [reader for reader, _ in keras_internals.calls_that_read(dense)] == [add] * 2
    assert keras_internals.origin(x)[0].output is x


@pytest.mark.parametrize(
    ("make", "name"),
    [
        (lambda x: x * x, "Multiply"),
        (ops.multiply, "Multiply"),
        (lambda x: x / x, "TrueDivide"),
        (ops.true_divide, "TrueDivide"),
        (ops.divide, "Divide"),
        (lambda x: ops.cast(x, "float16"), "Cast"),
        (lambda x: ops.reshape(x, (3, 1)), "Reshape"),
        (lambda x: ops.squeeze(ops.expand_dims(x, 1), 1), "Squeeze"),
    ],
)
def test_operations_of_a_graph_have_the_names_by_which_surgery_knows_them(make, name):
    x = keras.Input((3,))
    takes_two = make in (ops.multiply, ops.true_divide, ops.divide)
    operation, *_ = keras_internals.origin(make(x, x) if takes_two else make(x))
    assert type(operation).__name__ == name, "see surgery.selection"


@pytest.mark.parametrize("name", ["relu", "relu6", "leaky_relu", "silu", "softmax"])
def test_an_activation_that_is_an_operation_is_known_by_its_name(name):
    function = getattr(keras.activations, name)
    tensor = getattr(ops, name)(keras.Input((3,)))
    assert nesting.function_of(keras_internals.origin(tensor)[0]) is function, (
        "see surgery.nesting.function_of"
    )


@pytest.mark.parametrize(
    "what",
    [
        layers.Dense,
        keras.losses.MeanSquaredError,
        keras.losses.binary_focal_crossentropy,
    ],
)
def test_what_is_of_keras_is_known_by_its_module(what):
    assert what.__module__.startswith("keras."), (
        "see call_trace.is_composite, hidden_activations and example_losses"
    )


def test_each_compile_makes_another_loss():
    model = nested()
    assert keras_internals.compiled_loss(model) is None
    model.compile("sgd", loss="mse")
    first = keras_internals.compiled_loss(model)
    assert first is not None
    assert keras_internals.compiled_loss(model) is first
    model.compile("sgd", loss="mse")
    assert keras_internals.compiled_loss(model) is not first


@pytest.mark.parametrize("name", ["sigmoid", "softmax"])
def test_crossentropies_remember_the_logits_on_tensorflow_alone(name):
    remembered = keras_internals.has_remembered_logits
    on_tensorflow = keras.backend.backend() == "tensorflow"
    x = keras.ops.ones((2, 3))
    assert remembered(layers.Dense(2, name)(x)) == on_tensorflow
    assert not remembered(layers.Dense(2, "tanh")(x))
    assert not remembered(keras.ops.reshape(layers.Dense(2, name)(x), (4,)))


def test_loss_weights_are_those_of_the_last_compile():
    model = compiled()
    assert keras_internals.loss_weights(model) == [0.5]
    model.compile("sgd", loss="mse")
    assert keras_internals.loss_weights(model) is None
    assert keras_internals.loss_weights(nested()) is None


def test_metrics_are_those_that_were_given():
    assert keras_internals.given_metrics(compiled()) == ["mae"]
    assert keras_internals.given_metrics(nested()) is None


def test_a_rate_is_a_variable_unless_there_is_a_schedule():
    optimizer = keras.optimizers.SGD(0.25)
    rate = keras_internals.rate_variable(optimizer)
    assert any(variable is rate for variable in optimizer.variables)
    assert float(rate.value) == 0.25
    schedule = keras.optimizers.schedules.ExponentialDecay(0.1, 10, 0.9)
    assert keras_internals.rate_variable(keras.optimizers.SGD(schedule)) is None


@pytest.mark.parametrize("is_built", [False, True])
def test_weights_are_left_out_of_weight_decay_beside_those_before(is_built):
    model = nested()
    inner, last = model.layers
    first, block = inner.layers
    optimizer = keras.optimizers.SGD(0.1, weight_decay=0.1)
    optimizer.exclude_from_weight_decay(var_list=[first.kernel], var_names=["bias"])
    if is_built:
        optimizer.build(model.trainable_variables)
    keras_internals.exclude_from_weight_decay(optimizer, [last.kernel], [])
    keras_internals.exclude_from_weight_decay(optimizer, [], ["^never$", r"\bscale\b"])
    for variable in model.trainable_variables:
        variable.assign(ops.ones(variable.shape))
    zeros = [ops.zeros(v.shape) for v in model.trainable_variables]
    optimizer.apply(zeros, model.trainable_variables)
    decayed = [
        v.path
        for v in model.trainable_variables
        if not np.all(ops.convert_to_numpy(v) == 1)
    ]
    assert decayed == [block.dense.kernel.path]


@ON_TENSORFLOW
def test_tensorflows_optimizers_get_what_those_of_other_backends_have():
    kind = keras.optimizers.Adam
    having = [c for c in kind.__mro__ if "stateless_apply" in vars(c)]
    assert len(having) == 2, (
        "TensorFlow's optimizers no longer replace the `stateless_apply` of all "
        "backends: see keras_internals.stateless_optimizers"
    )
    value, gradient = (
        ops.convert_to_tensor([1.0, 2.0]),
        ops.convert_to_tensor([3.0, -1]),
    )
    variable = keras.Variable(value)
    optimizer = kind(0.1)
    optimizer.build([variable])
    optimizer.apply([gradient], [variable])
    functional, other = kind(0.1), keras.Variable(value)
    with keras_internals.stateless_optimizers():
        functional.build([other])
        (stepped,), state = functional.stateless_apply(
            functional.variables, [gradient], [other.value]
        )
    with pytest.raises(ValueError, match="stateless_apply is not supported"):
        functional.stateless_apply(functional.variables, [gradient], [other.value])
    np.testing.assert_allclose(stepped, variable)
    np.testing.assert_array_equal(other, value)
    assert int(state[0]) == 1


def test_no_class_of_ours_gives_its_object_a_name_that_keras_uses():
    # Keras would read what a class of ours has put there, or the other way round.
    kinds = [
        kind
        for base in (
            layers.Layer,
            keras.initializers.Initializer,
            keras.callbacks.Callback,
            keras.optimizers.schedules.LearningRateSchedule,
        )
        for kind in subclasses(base)
        if getattr(sys.modules[kind.__module__], kind.__name__, None) is kind
    ]
    assert {Maxout, RectifierNormal, LayerMonitor} <= set(kinds)
    assert RatePerMember in kinds
    shared = {
        f"{kind.__name__}: {name}"
        for kind in kinds
        for name in private_names(kind, ours=True) & private_names(kind, ours=False)
    }
    assert shared == set()


@pytest.mark.parametrize("name", ["dropout", "normal", "randint", "uniform"])
def test_what_keras_draws_can_be_replaced_and_is_put_back(name):
    arguments = {"dropout": (ops.ones(3), 0.5), "randint": ((3,), 0, 9)}
    draw = getattr(keras.random, name)
    with keras_internals.drawing_with(**{name: lambda *_, **__: 7}):
        assert draw(*arguments.get(name, ((3,),)), seed=0) == 7
    drawn = draw(*arguments.get(name, ((3,),)), seed=0)
    assert tuple(drawn.shape) == (3,)


def test_a_seed_is_drawn_by_what_replaces_it():
    def same(_):
        return keras_internals.seed_tensor([1, 2])

    generator = keras.random.SeedGenerator(5)
    with keras_internals.drawing_with(draw_seed=same):
        first, second = (keras.random.normal((3,), seed=generator) for _ in range(2))
    np.testing.assert_array_equal(*map(ops.convert_to_numpy, (first, second)))
    assert int(ops.convert_to_numpy(generator.state.value)[1]) == 0


@pytest.mark.parametrize(
    ("given", "expected"),
    [(0.5, 0.5), (keras.optimizers.schedules.CosineDecay(0.5, 4), "CosineDecay")],
)
def test_the_learning_rate_is_the_number_or_the_schedule(given, expected):
    rate = keras_internals.learning_rate(keras.optimizers.SGD(given))
    assert expected in (rate, type(rate).__name__)


class Unnamed(keras.optimizers.schedules.LearningRateSchedule):
    """It has no configuration."""

    def __call__(self, step):
        return 0.1


def test_the_settings_of_an_optimizer_do_not_need_those_of_its_schedule():
    schedule = Unnamed()
    optimizer = keras.optimizers.SGD(schedule, momentum=0.9)
    settings = keras_internals.settings(optimizer)
    assert settings["momentum"] == 0.9
    assert isinstance(settings["learning_rate"], float)
    assert keras_internals.learning_rate(optimizer) is schedule


def test_the_weights_that_are_decayed_are_told():
    optimizer, model = excluding(), nested()
    kernel, bias = model.layers[-1].kernel, model.layers[-1].bias
    assert keras_internals.is_decayed(optimizer, kernel)
    assert not keras_internals.is_decayed(optimizer, bias)


def test_own_variables_are_those_of_the_layer_and_its_random_states():
    class Noisy(Block):
        def __init__(self, **kwargs):
            super().__init__(**kwargs)
            self.seed_generator = keras.random.SeedGenerator(0)

    noisy = Noisy()
    noisy.build((None, 3))
    state = noisy.seed_generator.state
    found = keras_internals.own_variables(noisy)
    assert [id(v) for v in found] == list(map(id, (noisy.scale, noisy.counter, state)))
    model = keras.Sequential([keras.Input((3,)), noisy])
    assert keras_internals.seed_generator_states(model) == {id(state)}


def test_an_attribute_is_put_back_where_it_was():
    class Base:
        size = 1

    class Child(Base):
        pass

    with keras_internals.replaced(Child, "size", 2):
        assert (Child.size, Base.size) == (2, 1)
    assert "size" not in vars(Child)


def names(found: list) -> list[str]:
    """The names of layers, without those that stand for inputs."""
    return [f.name for f in found if not isinstance(f, layers.InputLayer)]


def lacking(kind: str, owner, part: str, function: str) -> str:
    """What to say of a part that its owner has not, with these parameters; or nothing."""
    name, _, rest = part.partition("(")
    parameters = set(filter(None, rest.rstrip(")").split(", ")))
    found = hasattr(owner, name)
    if found and "(" in part:
        found = parameters <= set(inspect.signature(getattr(owner, name)).parameters)
    if found:
        return ""
    return f"Keras's {kind} has no `{part}` any more: see keras_internals.{function}"


def subclasses(base: type) -> set[type]:
    """The classes of the package that have this base."""
    below = {
        kind for child in base.__subclasses__() for kind in {child, *subclasses(child)}
    }
    return {kind for kind in below if kind.__module__.startswith("keras_rectifiers.")}


def private_names(kind: type, *, ours: bool) -> set[str]:
    """The private names of `self` in the sources of a class, of ours or of its bases."""
    return {
        name
        for base in kind.__mro__
        if base.__module__ != "builtins"
        and base.__module__.startswith("keras_rectifiers.") == ours
        for name in re.findall(r"\bself\.(_[a-z]\w*)", inspect.getsource(base))
    }
