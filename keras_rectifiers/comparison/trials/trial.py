"""Trial, the frozen settings of one training."""

import dataclasses
import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, cast

from keras_rectifiers.arguments import shown
from keras_rectifiers.comparison.trials import trial_fields
from keras_rectifiers.comparison.trials.trial_fields import (
    CONVOLUTIONAL,
    above_zero,
    at_least,
    one_of,
)

# Part of every trial's key: raise it when the same settings give other tables.
SCHEMA = 8

# The fields in which the trials of one population may differ: values, not the graph.
VALUE_FIELDS = (
    "initializer",
    "weight_scale",
    "bias",
    "pretraining",
    "learning_rate",
    "seed",
)


@dataclass(frozen=True, kw_only=True)
class Trial:
    """The settings of one training. Trials with equal settings give equal results.

    Args:
        dataset: name of a data set, or the path of an .npz file, `~` for one's home;
            see `keras_rectifiers.comparison.data.datasets.load`.
        train_size: number of training examples, stratified by class; 0 takes all. There
            are no more for validation either.
        subset_seed: which of them, if `train_size` leaves a choice: a seed of its own,
            so that trials that differ in `seed` have the same data.
        inputs: how they are scaled: `"standardised"`, `"unit"` (from 0 to 1) or
            `"raw"`; see `keras_rectifiers.comparison.data.datasets.Dataset`.
        architecture: `"mlp"`; `"resmlp"`, an MLP of residual blocks; `"cnn"` without
            pooling in its body; or `"cnn_pooled"` with it. Their files in
            `keras_rectifiers.comparison.nets` describe them.
        activation: a name of the catalogue: an element-wise activation, or `"maxout"`.
        derivative_at_zero: what is taken for the derivative at 0 of `"relu"`, from 0,
            as Keras does, to 1.
        depth: number of hidden activations; of `"resmlp"` the number of blocks.
        width: units (channels) of each hidden layer. With `"maxout"`, which takes the
            larger of two, there are twice as many before it.
        initializer: `"gain"`: kernels have variance gain(f)^2 / fan_in, f being what
            feeds the layer (the standardised inputs and maxout have gain 1); `"he"`:
            He normal in every layer; `"glorot"`: Glorot uniform, Keras's default, in
            every layer; `"uniform"`: uniform within +-1 / sqrt(fan_in), in every layer.
        weight_scale: what the initial kernels, but for the last one, are multiplied by;
            > 0.
        bias: initial value of every hidden bias; under batch normalisation that is its
            offset, in place of the bias before it.
        pretraining: epochs for which each hidden layer of an `"mlp"` is pre-trained before
            training, one layer after the other from the first on, without labels: as
            the encoder of an auto-encoder of its input, with a linear decoder of its
            own weights and the mean squared error (Bengio 2007, "Greedy layer-wise
            training of deep networks"). By Adam at 0.001 whatever `optimizer` and
            `learning_rate`, in batches of `batch_size`; the activation is in inference
            mode and does not learn, and nothing is dropped. The last layer stays as it
            was drawn. What is measured at epoch 0 is measured after it.
        optimizer: `"adam"`, `"adamw"`, `"rmsprop"` or `"sgd"`, with Keras's defaults for
            all that has no field here.
        momentum: of `"sgd"` and `"rmsprop"`, from 0 to below 1.
        nesterov: whether the momentum of `"sgd"` is Nesterov's.
        learning_rate: > 0; the first one, if a schedule lowers it.
        schedule: `"constant"`, or how the learning rate falls to 0 over all steps of
            all epochs: `"cosine"` (half a cosine) or `"linear"`.
        weight_decay: share by which the learning rate times it shrinks each weight in a
            step, apart from the gradient; of every optimizer but `"adam"`. As in Keras
            it takes all weights, biases too; slopes and sharpnesses of activations are
            left out. `"adamw"` needs it (Keras's default is 0.004).
        clipnorm: largest L2 norm of the gradient of each variable; 0 does not clip.
        global_clipnorm: largest L2 norm of all gradients together; 0 does not clip.
        weight_l1: weight of the L1 penalty on every kernel, the last one too.
        weight_l2: weight of the L2 penalty, the sum of squares, on every kernel.
        batch_size: examples per step; what is left over sits out until the next epoch.
        epochs: passes over the training split; with 0 the net is measured only.
        patience: epochs in a row without a new lowest validation loss after which a
            training stops and keeps the weights it has; 0: it never stops early.
        seed: sets the initial weights and the order of the data.
        activity_l1: weight of the L1 penalty on the hidden activations, summed over
            layers and units, averaged over positions and examples: the size of the images
            does not matter.
        batch_normalization: whether each hidden layer's pre-activations are normalised
            over the batch, in inference by their moving averages.
        dropout: share of the hidden activations that are set to 0 at random in
            training, from 0 to below 1.
        probe_size: number of training examples in the fixed probe batch.

    Raises:
        TypeError: if a field has the wrong type.
        ValueError: if a field is out of range, or a number that float32, in which trials
            are trained, takes for 0 or infinity; or if there is no such data set or
            activation.
    """

    # The tables hold seeds in 64 bits, epochs in 32, and the number of a layer in 16.
    dataset: str = "digits"
    train_size: int = at_least(0, default=0, below=2**31)
    subset_seed: int = at_least(0, default=0, below=2**63)
    inputs: str = one_of("standardised", "unit", "raw")
    architecture: str = one_of("mlp", "resmlp", *CONVOLUTIONAL)
    activation: str = "relu"
    derivative_at_zero: float = at_least(0, default=0.0)
    depth: int = at_least(1, default=10, below=2**15)
    width: int = at_least(1, default=32, below=2**31)
    initializer: str = one_of("gain", "he", "glorot", "uniform")
    weight_scale: float = above_zero(default=1.0)
    bias: float = 0.0
    pretraining: int = at_least(0, default=0, below=2**31)
    optimizer: str = one_of("adam", "adamw", "rmsprop", "sgd")
    momentum: float = at_least(0, default=0.0, below=1)
    nesterov: bool = False
    learning_rate: float = above_zero(default=1e-3)
    schedule: str = one_of("constant", "cosine", "linear")
    weight_decay: float = at_least(0, default=0.0)
    clipnorm: float = at_least(0, default=0.0)
    global_clipnorm: float = at_least(0, default=0.0)
    weight_l1: float = at_least(0, default=0.0)
    weight_l2: float = at_least(0, default=0.0)
    batch_size: int = at_least(1, default=32, below=2**31)
    epochs: int = at_least(0, default=10, below=2**31)
    patience: int = at_least(0, default=0, below=2**31)
    seed: int = at_least(0, default=0, below=2**63)
    activity_l1: float = at_least(0, default=0.0)
    batch_normalization: bool = False
    dropout: float = at_least(0, default=0.0, below=1)
    probe_size: int = at_least(1, default=256, below=2**31)

    def __post_init__(self):
        for name, kind in _KINDS.items():
            given = getattr(self, name)
            value = trial_fields.converted(name, given, kind)
            if value is not given:
                object.__setattr__(self, name, value)
        for name, check in _CHECKS.items():
            check(name, getattr(self, name))
        trial_fields.check_together(self.settings())

    def settings(self) -> dict[str, Any]:
        """Returns the fields by name, in their order."""
        return {name: getattr(self, name) for name in _KINDS}

    @property
    def is_convolutional(self) -> bool:
        """Whether it takes images, and trains convolutions on them."""
        return self.architecture in CONVOLUTIONAL

    def key(self, data_checksum: str, *, backend: str) -> str:
        """Returns the trial's identity in the store: a hash of all it depends on.

        Args:
            data_checksum: the checksum of the data set's arrays.
            backend: Keras's backend, as each draws other initial weights.
        """
        identity = {
            **self.settings(),
            "data": data_checksum,
            "backend": backend,
            "schema": SCHEMA,
        }
        return hashlib.sha256(_ENCODER.encode(identity).encode()).hexdigest()[:24]

    def population(self) -> tuple:
        """Returns what trials must share to be trained at once: their graph."""
        return tuple(
            item for item in self.settings().items() if item[0] not in VALUE_FIELDS
        )


# Field -> its type, in their order.
_KINDS = {field.name: cast(type, field.type) for field in dataclasses.fields(Trial)}
# Field -> what refuses it.
_CHECKS = {
    field.name: field.metadata["check"]
    for field in dataclasses.fields(Trial)
    if field.metadata
}
_ENCODER = json.JSONEncoder(sort_keys=True)


def distinct(trials: Iterable[Trial], *, argument: str = "trials") -> list[Trial]:
    """Returns trials, each of them once, in the order in which they first come.

    Args:
        trials: any iterable of them.
        argument: what the caller calls it, for the messages.

    Raises:
        TypeError: if it is none, or holds anything else.
    """
    if isinstance(trials, Trial):
        raise TypeError(
            f"{argument} must be an iterable of Trials. Received: a single Trial: write [trial]."
        )
    if not isinstance(trials, Iterable):
        raise TypeError(
            f"{argument} must be an iterable of Trials. Received: {shown(trials)}, of type "
            f"{type(trials).__name__}."
        )
    found = {}
    for index, trial in enumerate(trials):
        if not isinstance(trial, Trial):
            raise TypeError(
                f"{argument} must hold nothing but Trials. Received: {shown(trial)}, of type "
                f"{type(trial).__name__}, at index {index}."
            )
        found[trial] = None
    return list(found)
