"""How sparse are the activations of a rectifier net, at random and after training?"""

from functools import partial

import pandas as pd

from keras_rectifiers.comparison import figures
from keras_rectifiers.comparison.claims import Claim
from keras_rectifiers.comparison.figures import StudyFigure
from keras_rectifiers.comparison.rules import AtLeast, AtMost, Within
from keras_rectifiers.comparison.statistics import measured, where
from keras_rectifiers.comparison.store import Tables
from keras_rectifiers.comparison.trial import Study, Trial

WITHOUT_FLAT_ZERO = ("sigmoid", "tanh", "smooth_relu")
ACTIVATIONS = ("relu", *WITHOUT_FLAT_ZERO)

# Nets that are measured before training. They are nets of the study of vanishing
# gradients as well, with equal settings, so that they are measured only once.
DEPTHS = (2, 10, 30)
MLP = {"architecture": "mlp", "width": 128}
CNN = {"architecture": "cnn", "depth": 8, "width": 16}
AT_RANDOM = {
    "initializer": "gain",
    "epochs": 0,
    "optimizer": "sgd",
    "learning_rate": 0.02,
    "probe_size": 64,
}
# Nets that are trained as well.
TRAINED_MLP = {"architecture": "mlp", "depth": 4, "width": 128}
TRAINED_CNN = {"architecture": "cnn", "depth": 3, "width": 8}
TRAINED = {"initializer": "gain", "optimizer": "adam", "learning_rate": 3e-3}
# The penalty sums over positions: a convolution's is shared among its 8x8.
L1 = {"mlp": 1e-3, "cnn": 1e-3 / 64}

# A net that a penalty has silenced is sparse, but of no use. Guessing gets 0.10.
LEARNED = 0.5

HALF = (0.47, 0.53)


# The trials ---------------------------------------------------------------------------


def _trials(*, seeds: range, epochs: int) -> list[Trial]:
    at_random = [
        Trial(**net, **AT_RANDOM, activation=activation, seed=seed)
        for activation in ACTIVATIONS
        for net in (*({**MLP, "depth": depth} for depth in DEPTHS), CNN)
        for seed in seeds
    ]
    trained = [
        Trial(**net, **TRAINED, epochs=epochs, activity_l1=penalty, seed=seed)
        for net in (TRAINED_MLP, TRAINED_CNN)
        for penalty in (0.0, L1[net["architecture"]])
        for seed in seeds
    ]
    return at_random + trained


TRIALS = {
    "quick": partial(_trials, seeds=range(20), epochs=5),
    "standard": partial(_trials, seeds=range(50), epochs=20),
    "full": partial(_trials, seeds=range(50), epochs=60),
}


# The claims ---------------------------------------------------------------------------


def _zeros(tables: Tables) -> pd.DataFrame:
    """Share of exact zeros, whatever the activation: by its flat zero or underflow."""
    shares = ("sparsity", "exact_zeros_by_underflow")
    return pd.concat([measured(tables, share) for share in shares], ignore_index=True)


def _mean_over_layers(rows: pd.DataFrame) -> pd.Series:
    """One value for each seed; NaN if it is missing in any layer."""
    return rows.groupby("seed")["value"].mean(skipna=False)


def _half_active(tables: Tables) -> dict[str, pd.Series]:
    zeros = where(_zeros(tables), activation="relu", initializer="gain", epochs=0)
    nets = {f"MLP, {depth} layers": {**MLP, "depth": depth} for depth in DEPTHS}
    nets["CNN, 8 layers"] = CNN
    return {
        label: _mean_over_layers(where(zeros, **net)) for label, net in nets.items()
    }


def _exact_zeros(tables: Tables) -> dict[str, pd.Series]:
    return _zeros_of(tables, ("relu",))


def _no_exact_zeros(tables: Tables) -> dict[str, pd.Series]:
    return _zeros_of(tables, WITHOUT_FLAT_ZERO)


def _zeros_of(tables: Tables, activations: tuple[str, ...]) -> dict[str, pd.Series]:
    zeros = where(_zeros(tables), initializer="gain", epochs=0)
    nets = {"MLP": {**MLP, "depth": 10}, "CNN": CNN}
    return {
        f"{activation}, {label}": _mean_over_layers(
            where(zeros, activation=activation, **net)
        )
        for activation in activations
        for label, net in nets.items()
    }


def _sparse_trained(tables: Tables) -> dict[str, pd.Series]:
    zeros = _after_training(_zeros(tables))
    has_learned = zeros["test_accuracy"] >= LEARNED
    zeros = zeros.assign(value=zeros["value"].where(has_learned))
    nets = {"MLP": TRAINED_MLP, "CNN": TRAINED_CNN}
    return {
        f"{net_label}, {label}": _mean_over_layers(
            where(zeros, **net, activity_l1=penalty)
        )
        for net_label, net in nets.items()
        for label, penalty in (
            ("without L1", 0.0),
            ("with L1", L1[net["architecture"]]),
        )
    }


def _after_training(rows: pd.DataFrame) -> pd.DataFrame:
    return rows[(rows["epochs"] > 0) & (rows["epoch"] == rows["epochs"])]


def _of_all(share: float) -> str:
    shown = f"{share:.1%}" if share else "none"
    return f"{shown} of all activations are exactly 0"


CLAIMS = (
    Claim(
        id="half-active",
        statement="At random initialisation about half of the hidden ReLU units are "
        "active.",
        source="the encyclopaedia article, the gentle introduction, Glorot 2011",
        criterion="Initialised with ReLU's gain (He), zero bias, standardised inputs: "
        "the whole interval of the sparsity, averaged over layers, within 0.50 ± 0.03. "
        "MLPs of 128 units; CNN of 16 channels.",
        rule=Within(lower=HALF[0], upper=HALF[1]),
        effects=_half_active,
        quantity="mean sparsity",
        in_words=_of_all,
    ),
    Claim(
        id="exact-zeros",
        statement="ReLU gives true zeros.",
        source="the gentle introduction",
        criterion="Before training: the whole interval of the share of exact zeros, "
        "averaged over layers, at or above 0.25. MLP of 10 layers of 128 units; CNN of "
        "8 layers of 16 channels.",
        rule=AtLeast(threshold=0.25),
        effects=_exact_zeros,
        quantity="share of exact zeros",
        in_words=_of_all,
    ),
    Claim(
        id="no-exact-zeros",
        statement="Sigmoid and tanh only approach zero, and softplus (smooth_relu) too.",
        source="the gentle introduction; for softplus its formula",
        criterion="Before training: the whole interval of the share of exact zeros, "
        "averaged over layers, at or below 0.001. The same nets.",
        rule=AtMost(threshold=0.001),
        effects=_no_exact_zeros,
        quantity="share of exact zeros",
        digits=4,
        in_words=_of_all,
    ),
    Claim(
        id="sparse-trained",
        statement="Trained rectifier nets are sparse: sparser than the half of a random "
        "net.",
        source="Glorot 2011",
        criterion="ReLU nets after training, without and with an L1 penalty on the "
        "activations: the whole interval of the sparsity, averaged over layers, at or "
        "above 0.50. A net that has not learned (test accuracy under 0.50) counts as "
        "without a value.",
        rule=AtLeast(threshold=0.5),
        effects=_sparse_trained,
        quantity="mean sparsity",
        in_words=_of_all,
        published="Glorot 2011, with an L1 penalty and after pre-training or long "
        "training of other nets: sparsity 83.4% on MNIST, 72.0% on CIFAR-10, 68.0% on "
        "NISTP and 73.8% on NORB.",
    ),
)


# The figures --------------------------------------------------------------------------


def _labelled(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.assign(
        net=frame["architecture"].map({"mlp": "MLP", "cnn": "CNN"})
        # Of no rows, map would give numbers.
        + frame["depth"].map(", {} layers".format).astype(str),
        penalty=pd.Categorical(
            (frame["activity_l1"] > 0).map({False: "without L1", True: "with L1"}),
            categories=["without L1", "with L1"],
            ordered=True,
        ),
    )


def _mean_of_nets(rows: pd.DataFrame) -> pd.DataFrame:
    """One row for each trial and epoch: the mean over layers, NaN if one has none."""
    means = rows.groupby(["key", "epoch"], sort=False)["value"].mean(skipna=False)
    first = rows.drop_duplicates(["key", "epoch"]).drop(columns=["value", "layer"])
    return first.merge(means.reset_index(), on=["key", "epoch"], validate="one_to_one")


def _zeros_by_activation(tables: Tables):
    zeros = _zeros(tables).assign(what="activations")
    before = measured(tables, "zero_pre_activations").assign(what="pre-activations")
    rows = where(pd.concat([before, zeros], ignore_index=True), epochs=0)
    nets = pd.concat([where(rows, **MLP, depth=10), where(rows, **CNN)])
    parts = [
        _mean_of_nets(part) for _, part in _labelled(nets).groupby("what", sort=False)
    ]
    kinds = ["pre-activations", "activations"]
    frame = pd.concat(parts, ignore_index=True) if parts else nets
    return figures.dots(
        frame.assign(what=pd.Categorical(frame["what"], kinds, ordered=True)),
        xlabel="share of exact zeros, mean over layers",
        column="net",
        mark="what",
        sort=False,
    )


def _sparsity_by_layer(tables: Tables):
    rows = where(measured(tables, "sparsity"), activation="relu", epochs=0)
    rows = pd.concat([where(rows, **MLP), where(rows, **CNN)])
    rows = rows.sort_values(["architecture", "depth"], ascending=[False, True])
    return figures.points_by_layer(
        _labelled(rows),
        ylabel="sparsity",
        column="net",
        band=HALF,
        ylim=(0.2, 0.8),
    )


def _sparsity_through_training(tables: Tables):
    rows = measured(tables, "sparsity")
    rows = rows[rows["epochs"] > 0].sort_values("architecture", ascending=False)
    trials = tables.trials[tables.trials["epochs"] > 0]
    return figures.course_and_outcome(
        _labelled(_mean_of_nets(rows)),
        _labelled(trials.assign(value=trials["test_accuracy"])),
        row="net",
        group="penalty",
        ylabel="mean sparsity",
        outcome_label="test accuracy",
    )


FIGURES = (
    StudyFigure(
        name="exact-zeros",
        title="Share of exact zeros before training",
        caption="Filled: the share of activations that are exactly 0. Hollow: the share "
        "of pre-activations that are, which no activation function has brought about. "
        "Dots are estimates, strokes their 95% intervals over seeds, often narrower "
        "than the dot.",
        draw=_zeros_by_activation,
    ),
    StudyFigure(
        name="by-layer",
        title="Sparsity of each layer of random ReLU nets",
        caption="Each point is a layer of one net. The band is the range of 0.50 ± 0.03 "
        "in which the claim puts the mean of all layers. Medians stay near one half, "
        "but the layers of single nets scatter, more so behind the first few: deep "
        "layers see nearly the same input for every example, so their units are either "
        "on or off for most of them.",
        draw=_sparsity_by_layer,
    ),
    StudyFigure(
        name="training",
        title="Sparsity through training, and what it costs in accuracy",
        caption="Left: sparsity after each epoch, median over seeds with the middle 80% "
        "as a band. Right: accuracy on the test split after the last epoch, a point for "
        "each seed and a stroke at their median. The scales of the two rows differ.",
        draw=_sparsity_through_training,
    ),
)


STUDY = Study(
    name="sparsity",
    title="Sparsity",
    question="How many activations of a rectifier net are exactly zero, at random "
    "initialisation and after training?",
    method="Nets of 2 to 30 layers are initialised at random and the share of exact "
    "zeros is counted at every hidden layer on a fixed batch of digits, for ReLU and "
    "for three functions without a flat zero. ReLU nets, fully connected and "
    "convolutional, are then trained with and without an L1 penalty on their "
    "activations, by Adam at a rate of 0.003 with batches of 32 (5 epochs in the quick "
    "profile, 20 and 60 in the others), and counted again after every epoch. Each net "
    "is one seed; the shares are averaged over its layers.",
    trials=TRIALS,
    claims=CLAIMS,
    figures=FIGURES,
)
