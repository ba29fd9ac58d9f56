"""What is checked before anything is trained: each model is built and run once."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np

from keras_rectifiers import keras_internals
from keras_rectifiers.arguments import shown
from keras_rectifiers.comparison.comparing.compiling import (
    ModelBuilder,
    Recipe,
    choose_recipe,
)
from keras_rectifiers.comparison.comparing.configs import (
    compile_config_of,
    config_of,
)
from keras_rectifiers.comparison.comparing.contenders import Contender, GivenActivation
from keras_rectifiers.comparison.comparing.errors import brief
from keras_rectifiers.comparison.comparing.losses import check_loss
from keras_rectifiers.comparison.comparing.outputs import last_layer
from keras_rectifiers.comparison.comparing.remarks import remarks_on
from keras_rectifiers.comparison.training.recorded_draws import RecordedModel
from keras_rectifiers.comparison.training.task import Data
from keras_rectifiers.inspection.probe import probe

_NUM_EXAMPLES = 32


@dataclass(frozen=True, kw_only=True)
class Layer:
    """A hidden activation of a model, as measures are told by.

    Args:
        name: the name of the layer.
        depth: 0 is nearest to the input.
        num_units: the number of its units.
    """

    name: str
    depth: int
    num_units: int


@dataclass(frozen=True, kw_only=True)
class Checked:
    """What is known of the models before they are trained.

    Args:
        builders: name of an activation -> what makes its model.
        configs: name of an activation -> all that its model is made of, as text.
        recipe: how models are compiled that are not; None if `build_model` does it.
        loss: the loss of the models.
        metrics: the loss and the metrics, as `evaluate` names them.
        learning_rate: the optimizer's own; None if it has a schedule.
        layers: name of an activation -> its layers; none if they cannot be measured.
        remarks: what a user should know of the models, in sentences.
    """

    builders: Mapping[str, ModelBuilder]
    configs: Mapping[str, str]
    recipe: Recipe | None
    loss: Any
    metrics: Sequence[str]
    learning_rate: float | None
    layers: Mapping[str, Sequence[Layer]]
    remarks: Sequence[str] = ()


def check_models(
    build_model: Callable,
    contenders: Sequence[Contender],
    data: Data,
    *,
    metric: str | None = None,
) -> Checked:
    """Builds the model of each activation, and runs it on some examples.

    Args:
        build_model: the function that the user gives.
        contenders: the activations.
        data: all examples.
        metric: the metric that the user asks for.

    Raises:
        TypeError: if `build_model` is not a function or returns no model.
        ValueError: if it raises an error, does not use its argument, returns models
            whose outputs have different shapes or which cannot be run on the data, or
            if no loss fits.
    """
    if not callable(build_model) or isinstance(build_model, keras.layers.Layer):
        raise TypeError(
            "Expected `build_model` to be a function that takes an activation, calls "
            "activation() wherever a layer of it goes, and returns a Keras model. "
            f"Received: {shown(build_model)}"
        )
    chosen = _typical(data)
    models: dict[str, keras.Model] = {}
    made: dict[str, list] = {}
    for contender in contenders:
        model, layers = _built(build_model, contender, chosen.x, list(models))
        models[contender.name], made[contender.name] = model, layers
    configs = {name: config_of(model) for name, model in models.items()}
    _check_argument_used(models, made, configs)
    _check_places(made)
    outputs: dict[str, Any] = {}
    for name, model in models.items():
        outputs[name] = _run(model, chosen.x, name, list(outputs))
    _check_shapes(outputs)
    _check_trainable(models)
    first = contenders[0].name
    recipe = None
    if not models[first].compiled:
        recipe = choose_recipe(
            outputs[first], data.y, last_layer(models[first]), metric
        )
    for name, model in models.items():
        if recipe is not None and not model.compiled:
            recipe.compile(model)
        check_loss(model, chosen, outputs[name], name)
    return Checked(
        builders={
            c.name: ModelBuilder(build_model=build_model, contender=c, recipe=recipe)
            for c in contenders
        },
        configs={n: f"{c} {compile_config_of(models[n])}" for n, c in configs.items()},
        recipe=recipe,
        loss=models[first].loss,
        metrics=_evaluated(models[first], chosen),
        learning_rate=_common_rate(models),
        layers={name: _layers(model, chosen) for name, model in models.items()},
        remarks=remarks_on(models[first], made[first], data.y),
    )


def _typical(data: Data) -> Data:
    """The first examples, and some with the smallest and the largest targets."""
    indices = [*range(min(_NUM_EXAMPLES, data.num_examples))]
    for array in keras.tree.flatten(data.y):
        by_example = array.reshape(len(array), -1)
        indices += [int(by_example.max(1).argmax()), int(by_example.min(1).argmin())]

    def take(nest):
        if nest is None:
            return None
        return keras.tree.map_structure(lambda array: array[indices], nest)

    return Data(x=take(data.x), y=take(data.y), sample_weight=take(data.sample_weight))


def _built(build_model, contender: Contender, x: Any, passed: Sequence[str]):
    activation = GivenActivation(contender)
    builder = ModelBuilder(build_model=build_model, contender=contender)
    try:
        recorded = RecordedModel(lambda: builder.with_activation(activation), x)
    except Exception as error:
        if isinstance(error, TypeError) and "to return a keras.Model" in str(error):
            raise
        worked = f" For {', '.join(passed)} it works." if passed else ""
        raise ValueError(
            "Expected build_model(activation) to return a model for every activation. "
            f"For {contender.name!r} it raises {brief(error)}.{worked}"
        ) from error
    return recorded.model, activation.made


def _check_argument_used(
    models: Mapping[str, keras.Model],
    made: Mapping[str, list],
    configs: Mapping[str, str],
) -> None:
    for name, model in models.items():
        if not made[name]:
            raise ValueError(
                "Expected build_model(activation) to call activation() wherever a layer "
                "of it goes, such as keras.layers.Dense(64, activation=activation()). "
                f"Received: a function that does not call it, for {name!r}."
            )
        within = {id(layer) for layer in keras_internals.layers_within(model)}
        is_there = any(id(layer) in within for layer in made[name])
        same = [n for n in configs if n != name and configs[n] == configs[name]]
        if not is_there and same:
            raise ValueError(
                "Expected build_model(activation) to use the layers that activation() "
                f"returns. Received: the same model for {name!r} and {same[0]!r}."
            )


def _check_places(made: Mapping[str, list]) -> None:
    first = next(iter(made))
    for name, layers in made.items():
        if len(layers) != len(made[first]):
            raise ValueError(
                "Expected build_model(activation) to put every activation in the same "
                "places, so that nothing else differs. Call activation() as often for "
                f"each. Received: {len(made[first])} calls for {first!r} and "
                f"{len(layers)} for {name!r}."
            )


def _run(model: keras.Model, x: Any, name: str, passed: Sequence[str]) -> Any:
    try:
        outputs = model(x, training=False)
    except Exception as error:
        shapes = keras.tree.map_structure(lambda a: (None, *a.shape[1:]), x)
        hint = (
            f" That of {', '.join(passed)} can. An activation that changes the number of "
            "channels goes into a layer of its own, not into activation=."
            if passed
            else ""
        )
        raise ValueError(
            f"The model of {name!r} cannot run on the data: {brief(error)}.{hint} "
            f"Received: inputs of shape {shapes}."
        ) from error
    return keras.tree.map_structure(keras.ops.convert_to_numpy, outputs)


def _check_shapes(outputs: Mapping[str, Any]) -> None:
    shapes = {
        name: keras.tree.map_structure(lambda a: (None, *a.shape[1:]), output)
        for name, output in outputs.items()
    }
    first = next(iter(shapes))
    for name, shape in shapes.items():
        if shape != shapes[first]:
            raise ValueError(
                "Expected build_model(activation) to return models whose outputs have "
                f"the same shape for every activation. Received: {shapes[first]} for "
                f"{first!r} and {shape} for {name!r}."
            )


def _check_trainable(models: Mapping[str, keras.Model]) -> None:
    for name, model in models.items():
        if not model.trainable_variables:
            raise ValueError(
                "Expected build_model(activation) to return a model with trainable "
                f"weights. Leave trainable=True. Received: a model for {name!r} that "
                "has none."
            )


def _evaluated(model: keras.Model, data: Data) -> list[str]:
    values = model.evaluate(
        data.x,
        data.y,
        sample_weight=data.sample_weight,
        batch_size=data.num_examples,
        verbose=0,
        return_dict=True,
    )
    return list(values)


def _common_rate(models: Mapping[str, keras.Model]) -> float | None:
    """The learning rate of the optimizers; None if they have schedules."""
    rates = {}
    for name, model in models.items():
        config = model.optimizer.get_config()
        inner = config.get("inner_optimizer")  # of a loss scale optimizer
        config = inner["config"] if inner else config
        rate = config.get("learning_rate")
        rates[name] = None if isinstance(rate, dict) or callable(rate) else float(rate)
    first = next(iter(rates))
    for name, rate in rates.items():
        if rate != rates[first]:
            raise ValueError(
                "Expected build_model(activation) to compile all models with the same "
                f"learning rate. Received: {rates[first]} for {first!r} and {rate} for "
                f"{name!r}."
            )
    return rates[first]


def _layers(model: keras.Model, data: Data) -> list[Layer]:
    try:
        arrays = probe(model, data.x, data.y)
    except Exception:  # a model without hidden layers, a loss of several arrays
        return []
    return [
        Layer(name=a.layer, depth=a.depth, num_units=int(np.shape(a.activation)[-1]))
        for a in arrays
    ]
