"""Trial, the frozen settings of one training."""

import dataclasses
import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, cast

from keras_rectifiers.arguments import shown
from keras_rectifiers.comparison.trials import trial_fields
from keras_rectifiers.comparison.trials.recipes import RECIPES
from keras_rectifiers.comparison.trials.trial_fields import (
    CONVOLUTIONAL,
    RECURRENT,
    above_zero,
    at_least,
    one_of,
)

# Part of every trial's key: raise it when the same settings give other tables.
SCHEMA = 9

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
        dataset: name of a data set, or the path of an .npz file, with `~` for the home
            directory; see `keras_rectifiers.comparison.data.datasets.load`.
        train_size: number of training examples, stratified by class; 0 for all. The
            validation split is not larger either.
        subset_seed: seed for the selection of the training examples; separate from
            `seed`, so that trials with different seeds have the same data. Only with
            the fixed split.
        split: `"fixed"`: the training, validation and test examples are the same for
            all trials; or `"by_seed"`: `seed` draws the training and validation
            examples anew from the published training examples, and of the digits,
            which have no published splits, the test examples too.
        inputs: the scaling of the inputs: `"standardised"`, `"unit"` (from 0 to 1) or
            `"raw"`; see `keras_rectifiers.comparison.data.datasets.Dataset`.
        architecture: `"mlp"`; `"resmlp"`, an MLP of residual blocks; `"cnn"`, without
            pooling between layers; `"cnn_pooled"`, with it; `"nin"`, a network in
            network; `"nin_lin"`, that of Lin 2013; `"rnn"`, a recurrent net; or
            `"lstm"`. Their files in `keras_rectifiers.comparison.nets` describe them.
        activation: a name of the catalogue: an element-wise activation, `"maxout"`, or
            a gated one, such as `"swiglu"`.
        derivative_at_zero: the value used for the derivative of `"relu"` at 0, from 0,
            as in Keras, to 1.
        depth: number of hidden activations; for `"resmlp"` the number of blocks, for
            recurrent nets the number of time steps, which is that of the data. Even for
            `"nin"`, 8 for `"nin_lin"`, whose ninth gives the logits.
        width: units (channels) of each hidden layer. With `"maxout"`, which takes the
            maximum of two, and with gated activations there are twice as many before
            it. 192 for `"nin_lin"`, whose layers have the widths of the paper.
        initializer: `"gain"`: kernels have variance gain(f)^2 / fan_in, where f is the
            activation that feeds the layer (the standardised inputs and maxout have
            gain 1, gated activations that of their gate); `"he"`: He normal in every
            layer; `"glorot"`: Glorot uniform, Keras's default, in every layer;
            `"uniform"`: uniform within +-1 / sqrt(fan_in), in every layer. Of recurrent
            nets `"glorot"` is Keras's default too: the weights from state to state are
            orthogonal, and the forget gate of an LSTM has a bias of 1; and with
            `"identity"` they are the identity, and those of the inputs normal with a
            standard deviation of 0.001 (Le 2015, "A simple way to initialize recurrent
            networks of rectified linear units").
        weight_scale: factor of the initial kernels except the last one; > 0.
        bias: initial value of every hidden bias; with batch normalisation, of its
            offset, which replaces the bias before it.
        pretraining: epochs for which each hidden layer of an `"mlp"` is pre-trained
            before training, one layer after the other starting with the first, without
            labels: as the encoder of an auto-encoder of its input, with a linear
            decoder with its own weights and the mean squared error (Bengio 2007,
            "Greedy layer-wise training of deep networks"). It uses Adam at 0.001
            whatever `optimizer` and `learning_rate` are, and batches of `batch_size`;
            the activation is in inference mode and does not learn, and there is no
            dropout. The last layer keeps its initial weights. Measures at epoch 0 are
            taken after pre-training.
        optimizer: `"adam"`, `"adamw"`, `"rmsprop"` or `"sgd"`, with Keras's defaults
            for everything without a field here.
        momentum: the momentum of `"sgd"` and `"rmsprop"`, from 0 to below 1.
        nesterov: whether the momentum of `"sgd"` is Nesterov's.
        learning_rate: > 0; with a schedule, the first learning rate.
        schedule: `"constant"`, or how the learning rate falls to 0 over all steps of
            all epochs: `"cosine"` (half a cosine) or `"linear"`.
        weight_decay: decoupled weight decay: in each step every weight is reduced by
            the learning rate times this share of itself; for every optimizer except
            `"adam"`. As in Keras it applies to all weights including biases; slopes and
            sharpnesses of activations are excluded. `"adamw"` needs it (Keras's default
            is 0.004).
        clipnorm: largest L2 norm of the gradient of each variable; 0 for no clipping.
        global_clipnorm: largest L2 norm of all gradients together; 0 for no clipping.
        weight_l1: weight of the L1 penalty on every kernel, including the last one.
        weight_l2: weight of the L2 penalty, the sum of squares, on every kernel.
        batch_size: examples per step; the remainder of an epoch is not used in it.
        epochs: passes over the training split; with 0 the net is only measured.
        patience: number of consecutive epochs without a new lowest validation loss
            after which the training stops and keeps its current weights; 0: no early
            stopping.
        seed: sets the initial weights and the order of the data, and their split if
            `split` says so.
        activity_l1: weight of the L1 penalty on the hidden activations, summed over
            layers and units, averaged over positions and examples, so that it does not
            depend on the size of the images.
        batch_normalization: whether the pre-activations of each hidden layer are
            normalised over the batch, and by moving averages in inference.
        dropout: share of the hidden activations that are set to 0 at random in
            training, from 0 to below 1. In `"nin"` and `"nin_lin"` only those after
            each pooling.
        probe_size: number of training examples in the fixed probe batch.
        recipe: `"standard"`, as the other fields say; or the name of a recipe in
            `keras_rectifiers.comparison.trials.recipes`, which sets the initial weights
            and the order of the examples, lets `learning_rate` fall from round to
            round, and takes several rounds for an epoch. It needs `batch_size` 1.

    Raises:
        TypeError: if a field has the wrong type.
        ValueError: if a field is out of range, or a number is 0 or infinite in float32,
            in which trials are trained, or if the data set or activation is unknown.
    """

    # The tables hold seeds in 64 bits, epochs in 32, and the number of a layer in 16.
    dataset: str = "digits"
    train_size: int = at_least(0, default=0, below=2**31)
    subset_seed: int = at_least(0, default=0, below=2**63)
    split: str = one_of("fixed", "by_seed")
    inputs: str = one_of("standardised", "unit", "raw")
    architecture: str = one_of("mlp", "resmlp", *CONVOLUTIONAL, *RECURRENT)
    activation: str = "relu"
    derivative_at_zero: float = at_least(0, default=0.0)
    depth: int = at_least(1, default=10, below=2**15)
    width: int = at_least(1, default=32, below=2**31)
    initializer: str = one_of("gain", "he", "glorot", "uniform", "identity")
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
    recipe: str = one_of("standard", *RECIPES)

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
        """Whether the net is convolutional and needs images."""
        return self.architecture in CONVOLUTIONAL

    @property
    def is_recurrent(self) -> bool:
        """Whether the net is recurrent and reads sequences, or images row by row."""
        return self.architecture in RECURRENT

    def key(self, data_checksum: str, *, backend: str) -> str:
        """Returns the trial's identity in the store: a hash of all it depends on.

        Args:
            data_checksum: the checksum of the data set's arrays.
            backend: Keras's backend, because each draws different initial weights.
        """
        settings = self.settings()
        # Results were stored before there was the field.
        if self.recipe == "standard":
            del settings["recipe"]
        identity = {
            **settings,
            "data": data_checksum,
            "backend": backend,
            "schema": SCHEMA,
        }
        return hashlib.sha256(_ENCODER.encode(identity).encode()).hexdigest()[:24]

    def population(self) -> tuple:
        """Returns what trials must share to be trained together: their graph."""
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
    """Returns the distinct trials in the order of their first occurrence.

    Args:
        trials: any iterable of trials.
        argument: the name of the caller's argument, for the messages.

    Raises:
        TypeError: if it is not an iterable of trials.
    """
    if isinstance(trials, Trial):
        raise TypeError(
            f"{argument} must be an iterable of Trials. For a single Trial, write "
            "[trial]. Received: a single Trial."
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
                f"{argument} must contain only Trials. Received: {shown(trial)}, of "
                f"type {type(trial).__name__}, at index {index}."
            )
        found[trial] = None
    return list(found)
