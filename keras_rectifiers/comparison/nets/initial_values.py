"""The initial values of the variables of a trial's net.

The effect of a trial's seed must not depend on its activation, because trials are
paired by seed. So no initial value comes from a random stream that layers share: each
variable is drawn from its own initializer with a seed derived from the trial's seed,
the index of its layer among those that are not activations, and its name.
"""

import functools
import hashlib
import math

import keras
import numpy as np

from keras_rectifiers import catalogue
from keras_rectifiers.comparison.nets.recurrent import RECURRENT
from keras_rectifiers.comparison.trials.recipes import RECIPES
from keras_rectifiers.comparison.trials.trial import Trial
from keras_rectifiers.theory.gain import gain

# Of Keras's `RandomNormal` the standard deviation is 0.05, of Le 2015 it is 0.001.
_SMALL = 0.001 / 0.05


def initial_values(model: keras.Model, trial: Trial) -> list[np.ndarray]:
    """Draws the initial value of each variable of a trial's net.

    In `"resmlp"` the kernels of the blocks are scaled by 1 / sqrt(depth); otherwise
    each block would double the mean square of its input. With this scale, if the
    initializer preserves the mean square in a plain net, it grows only by (1 + 1 /
    depth)^depth < e over all blocks (Hayou 2021, "Stable ResNet").

    Args:
        model: the net of any trial of the same population; it is not changed.
        trial: the settings; `seed`, `initializer`, `weight_scale`, `bias` and `recipe`
            are used.

    Returns:
        One array for each of `model.variables`, in that order.
    """
    weighted = [layer for layer in model.layers if hasattr(layer, "kernel")]
    is_residual = trial.architecture == "resmlp"
    values = {}
    for index, layer in enumerate(weighted):
        if trial.recipe != "standard":
            values |= _within_range(layer, index, trial)
            continue
        is_output = index == len(weighted) - 1
        if trial.is_recurrent and not is_output:
            values |= _of_recurrent(trial, layer, index)
            continue
        bias = 0.0 if is_output else trial.bias
        # What feeds them is no activation: the inputs, the sum of all blocks.
        is_fed_plain = index == 0 or (is_residual and is_output)
        fed_by = "linear" if is_fed_plain else trial.activation
        kernel = draw_kernel(
            "glorot" if trial.is_recurrent else trial.initializer,
            fed_by,
            tuple(layer.kernel.shape),
            derive_seed(trial.seed, index, "kernel"),
        )
        scale = 1.0 if is_output else trial.weight_scale
        if is_residual and index > 0 and not is_output:
            scale /= np.sqrt(trial.depth)
        values[id(layer.kernel)] = kernel * np.float32(scale)
        if layer.bias is not None:
            values[id(layer.bias)] = np.full(layer.bias.shape, bias, np.float32)
    num_seen = 0
    for layer in model.layers:
        num_seen += layer in weighted
        for variable in layer.variables:
            if id(variable) in values:
                continue
            if variable.name == "seed_generator_state":
                is_dropout = isinstance(layer, keras.layers.Dropout)
                noise = "dropout" if is_dropout else "noise"
                seed = derive_seed(trial.seed, num_seen, noise)
                values[id(variable)] = np.array([seed, 0], variable.dtype)
            elif isinstance(layer, keras.layers.BatchNormalization) and (
                variable is layer.beta
            ):
                values[id(variable)] = np.full(variable.shape, trial.bias, np.float32)
            else:  # of an activation or normalisation: the same for every seed
                values[id(variable)] = keras.ops.convert_to_numpy(variable)
    return [values[id(variable)] for variable in model.variables]


def _of_recurrent(trial: Trial, layer, index: int) -> dict[int, np.ndarray]:
    """The weights of the inputs, or of the states, of a recurrent net, by their id."""
    shape = tuple(layer.kernel.shape)
    seed = derive_seed(trial.seed, index, "kernel")
    is_identity = trial.initializer == "identity"
    if layer.name == RECURRENT:
        identity = np.eye(*shape, dtype=np.float32)
        kernel = identity if is_identity else _draw("Orthogonal", shape, seed)
        return {id(layer.kernel): kernel}
    kernel = _draw("GlorotUniform", shape, seed)
    if is_identity:
        kernel = np.float32(_SMALL) * _draw("RandomNormal", shape, seed)
    bias = np.full(layer.bias.shape, trial.bias, np.float32)
    if trial.architecture == "lstm":
        bias[trial.width : 2 * trial.width] += 1  # of the forget gate
    return {id(layer.kernel): kernel, id(layer.bias): bias}


def _within_range(layer, index: int, trial: Trial) -> dict[int, np.ndarray]:
    """The weights of a layer, uniform within the range of a recipe, by their ids."""
    most = RECIPES[trial.recipe].weight_range
    values = {}
    for variable in (layer.kernel, layer.bias):
        rng = np.random.default_rng(derive_seed(trial.seed, index, variable.name))
        drawn = most * (2 * rng.random(tuple(variable.shape)) - 1)
        values[id(variable)] = drawn.astype(np.float32)
    return values


def draw_kernel(
    name: str, fed_by: str, shape: tuple[int, ...], seed: int
) -> np.ndarray:
    """Draws the initial weights of a kernel.

    Args:
        name: `"gain"`, `"he"`, `"glorot"` or `"uniform"`, as in `Trial.initializer`.
        fed_by: the activation whose outputs the layer reads; `"linear"` for the
            standardised inputs. It affects only the scale: the random numbers are the
            same for all activations.
        shape: the shape of the kernel.
        seed: the seed of the initializer.

    Returns:
        float32 of that shape.
    """
    if name == "gain":
        return np.float32(_gain(fed_by)) * _draw("LecunNormal", shape, seed)
    if name == "uniform":  # within +-sqrt(3 / fan_in), LeCun's, over sqrt(3)
        return _draw("LecunUniform", shape, seed) / np.float32(np.sqrt(3))
    class_name = {"he": "HeNormal", "glorot": "GlorotUniform"}[name]
    return _draw(class_name, shape, seed)


def derive_seed(*parts: int | str) -> int:
    """Derives a seed below 2^31 from integers and names, the same on every machine."""
    digest = hashlib.sha256(repr(parts).encode()).digest()
    return int.from_bytes(digest[:4], "little") >> 1


@functools.cache
def _gain(fed_by: str) -> float:
    # The larger and the smaller of two independent values of a symmetric distribution
    # have equal mean squares, and both values together as much: maxout of two keeps it.
    if fed_by == "maxout":
        return 1.0
    # One half of a gated unit is independent of the other and has a mean square of 1, so
    # the mean square of their product is that of the gate.
    return gain(catalogue.entry(fed_by).gate or fed_by)


def _draw(class_name: str, shape: tuple[int, ...], seed: int) -> np.ndarray:
    draw = _drawn if math.prod(shape) <= _KEPT_SIZE else _drawn.__wrapped__
    return draw(class_name, shape, seed)


# Deep and shallow nets, and those of all activations, share their draws. Together those
# that are kept take at most 256 MB.
_KEPT_SIZE = 2**14


@functools.lru_cache(maxsize=4096)
def _drawn(class_name: str, shape: tuple[int, ...], seed: int) -> np.ndarray:
    initializer = getattr(keras.initializers, class_name)(seed=seed)
    value = np.array(keras.ops.convert_to_numpy(initializer(shape)))
    value.flags.writeable = False
    return value
