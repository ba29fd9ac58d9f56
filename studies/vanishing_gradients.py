"""Does the gradient vanish on its way to the input, and do rectifiers keep it?"""

from collections.abc import Callable, Mapping

import pandas as pd

from keras_rectifiers.comparison import figures
from keras_rectifiers.comparison.claims import Claim
from keras_rectifiers.comparison.figures import StudyFigure
from keras_rectifiers.comparison.rules import AtLeast, AtMost, Difference, Within
from keras_rectifiers.comparison.statistics import (
    decay,
    measured,
    paired_outcomes,
    where,
    with_trials,
)
from keras_rectifiers.comparison.store import Tables
from keras_rectifiers.comparison.trial import Study, Trial
from keras_rectifiers.comparison.tuning import Tuning, at_best_rate

RECTIFIERS = (
    "relu",
    "leaky_relu",
    "leaky_relu_0.1",
    "very_leaky_relu",
    "prelu",
    "rrelu",
    "smooth_relu",
    "elu",
    "shifted_relu",
    "gelu",
    "silu",
)
SIGMOIDS = ("sigmoid", "tanh")
ACTIVATIONS = RECTIFIERS + SIGMOIDS

WIDTH = 128
DEEPEST = 30
MEASURED_DEPTHS = (2, 10, 20, DEEPEST)
MLP = {"architecture": "mlp", "width": WIDTH}
CNN = {"architecture": "cnn", "depth": 8, "width": 16}
# They are not trained: optimizer and rate only name the graph, which other studies share.
COMMON = {"optimizer": "sgd", "learning_rate": 0.02, "probe_size": 64}

# Deep nets that are trained at tuned rates, each from the start that is usual for it.
# On images of 8 x 8, eight convolutions are deep, and as many as can be had in minutes.
DEEP = {"architecture": "mlp", "depth": 20, "width": 32}
TRAINED = {
    "MLP, Adam": {**DEEP, "optimizer": "adam"},
    "MLP, SGD": {**DEEP, "optimizer": "sgd"},
    "CNN, Adam": {"architecture": "cnn", "depth": 8, "width": 4, "optimizer": "adam"},
}
STARTS = {"relu": "he", "sigmoid": "glorot", "tanh": "glorot"}
RATES = {
    "MLP, Adam": (1e-4, 3e-4, 1e-3, 3e-3, 1e-2),
    "MLP, SGD": (1e-2, 3e-2, 0.1, 0.3, 1.0),
    "CNN, Adam": (3e-3, 1e-2, 3e-2),
}
OPTIMIZERS = {"adam": "Adam", "sgd": "SGD"}

# By so much accuracy a net has to fall behind before we call that clear.
BEHIND = 0.10
# Up to twice what guessing gets right among ten classes, a net has learned nothing.
AT_CHANCE = 0.20
MOST = 0.5

# From here on we say that a gradient vanishes: a fifth is lost at each layer, and nine
# tenths at ten layers.
VANISHES = -0.10
# Within these bounds we say that it is kept: thirty layers change it fourfold at most.
KEPT = (-0.02, 0.02)


# The trials ---------------------------------------------------------------------------


def quick_trials() -> list[Trial]:
    return _trials(seeds=range(20))


def more_trials() -> list[Trial]:
    return _trials(seeds=range(50))


def _trials(*, seeds: range) -> list[Trial]:
    trials = []
    for activation in ACTIVATIONS:
        initializers = ("gain", "glorot")
        if activation in SIGMOIDS:
            initializers += ("he",)
        for initializer in initializers:
            for seed in seeds:
                common = {
                    **COMMON,
                    "activation": activation,
                    "initializer": initializer,
                    "seed": seed,
                }
                # He's start is judged for the sigmoids only, in the deepest net.
                depths = (DEEPEST,) if initializer == "he" else MEASURED_DEPTHS
                for depth in depths:
                    trials.append(Trial(**common, **MLP, depth=depth, epochs=0))
                if initializer != "he":
                    trials.append(Trial(**common, **CNN, epochs=0))
    return trials


def _tunings(*, seeds: range, epochs: Mapping[str, int]) -> list[Tuning]:
    return [
        Tuning(
            title=label.replace(",", f" of {net['depth']} layers,"),
            nets=[
                Trial(
                    **net,
                    activation=activation,
                    initializer=start,
                    epochs=epochs[net["architecture"]],
                    probe_size=64,
                )
                for activation, start in STARTS.items()
            ],
            rates=RATES[label],
            common_rate=RATES[label][len(RATES[label]) // 2],
            seeds=seeds,
            num_rounds=1,
        )
        for label, net in TRAINED.items()
    ]


# The claims ---------------------------------------------------------------------------


def _decays(tables: Tables) -> pd.DataFrame:
    decays = decay(tables)
    # The slope of the layers that still have a gradient says nothing of the others.
    is_whole = decays["num_layers_left_out"] == 0
    whole = decays.assign(gradient_decay=decays["gradient_decay"].where(is_whole))
    return with_trials(whole, tables)


def _initial(decays: pd.DataFrame, **settings) -> pd.Series:
    rows = where(decays, epoch=0, **settings).set_index("seed").sort_index()
    return rows["gradient_decay"]


def _vanishing(activation: str) -> Callable[[Tables], Mapping[str, pd.Series]]:
    def effects(tables: Tables) -> dict[str, pd.Series]:
        decays = _decays(tables)
        chosen = {"activation": activation, **MLP, "depth": DEEPEST}
        return {
            f"{activation}, {label} initialisation": _initial(
                decays, **chosen, initializer=initializer
            )
            for initializer, label in (("he", "He"), ("glorot", "Glorot"))
        }

    return effects


def _flow(tables: Tables) -> dict[str, pd.Series]:
    decays = _decays(tables)
    nets = {"MLP": {**MLP, "depth": DEEPEST}, "CNN": CNN}
    return {
        f"{activation}, {label}": _initial(
            decays, activation=activation, initializer="gain", **net
        )
        for label, net in nets.items()
        for activation in RECTIFIERS
    }


def _behind_relu(activation: str) -> Callable[[Tables], Mapping[str, pd.Series]]:
    def effects(tables: Tables) -> dict[str, pd.Series]:
        trials = at_best_rate(tables)
        return {
            f"relu ahead of {activation}, {label}": paired_outcomes(
                where(trials, **net), "test_accuracy", "relu", activation
            )
            for label, net in TRAINED.items()
        }

    return effects


def _learned_or_not(tables: Tables) -> dict[str, pd.Series]:
    trials = at_best_rate(tables)
    shares = {}
    for label, net in TRAINED.items():
        rows = where(trials, **net).set_index("seed").sort_index()
        at_chance = (rows["test_accuracy"] <= AT_CHANCE).astype(float)
        at_chance = at_chance.mask(rows["diverged"].astype(bool))
        for name in STARTS:
            own = at_chance[(rows["activation"] == name).to_numpy()]
            case = (
                f"relu learns, {label}"
                if name == "relu"
                else f"{name} does not, {label}"
            )
            shares[case] = 1 - own if name == "relu" else own
    return shares


def _ahead(difference: float) -> str:
    where_it_is = "ahead" if difference > 0 else "behind"
    return f"ReLU is {abs(difference) * 100:.1f} points of test accuracy {where_it_is}"


def _per_layer(slope: float) -> str:
    change = 10**slope - 1
    if abs(change) < 0.005:
        return "each layer hands the gradient on unchanged, to within 0.5%"
    shown = f"{abs(change):.0%}" if abs(change) >= 0.1 else f"{abs(change):.1%}"
    verb = "takes {} from" if change < 0 else "adds {} to"
    return f"each layer {verb.format(shown)} the gradient on its way to the input"


_DEEP_NETS = (
    "MLPs of 20 layers of 32 units, by Adam and by SGD, and CNNs of 8 layers of 4 "
    "channels, by Adam; ReLU from He's, sigmoid and tanh from Glorot's start, trained "
    "for equally many epochs, each at its own best learning rate (by validation error)"
)


def _stuck(activation: str, source: str) -> Claim:
    return Claim(
        id=f"deep-{activation}-stuck",
        statement=f"Deep {activation} nets reach clearly less than deep ReLU nets.",
        source=source,
        criterion=f"{_DEEP_NETS}: ReLU is ahead of {activation} in test accuracy, by "
        f"{BEHIND:.2f} at least. Paired by seed.",
        rule=Difference(smallest_effect=BEHIND),
        effects=_behind_relu(activation),
        quantity="difference in test accuracy",
        in_words=_ahead,
    )


_GRADIENT_DECAY = {
    "quantity": "gradient decay",
    "unit": "decades per layer",
    "digits": 3,
    "in_words": _per_layer,
}

CLAIMS = (
    Claim(
        id="sigmoid-vanishes",
        statement="The gradient of a deep sigmoid net vanishes towards the input.",
        source="the rectification chapter, the encyclopaedia article, the overview and "
        "both tutorials",
        criterion="MLP of 30 layers of 128 units before training: the whole interval of "
        "gradient_decay at or below −0.10 decades per layer, with He's and with Glorot's start.",
        rule=AtMost(threshold=VANISHES),
        effects=_vanishing("sigmoid"),
        **_GRADIENT_DECAY,
    ),
    Claim(
        id="tanh-vanishes",
        statement="The gradient of a deep tanh net vanishes towards the input.",
        source="the encyclopaedia article and both tutorials",
        criterion="MLP of 30 layers of 128 units before training: the whole interval of "
        "gradient_decay at or below −0.10 decades per layer, with He's and with Glorot's start.",
        rule=AtMost(threshold=VANISHES),
        effects=_vanishing("tanh"),
        **_GRADIENT_DECAY,
    ),
    Claim(
        id="rectifier-flows",
        statement="Rectifiers keep the gradient on its way to the input.",
        source="the rectification chapter, the encyclopaedia article, the overview and "
        "both tutorials",
        criterion="For each rectifier, initialised with its own gain, before training: "
        "the whole interval of gradient_decay within ±0.02 decades per layer. MLP of 30 "
        "layers of 128 units; CNN of 8 layers of 16 channels.",
        rule=Within(lower=KEPT[0], upper=KEPT[1]),
        effects=_flow,
        **_GRADIENT_DECAY,
    ),
    _stuck("sigmoid", "the rectification chapter and the gentle introduction"),
    _stuck("tanh", "the gentle introduction"),
    Claim(
        id="deep-at-chance",
        statement="Deep sigmoid and tanh nets do not train at all; deep ReLU nets do.",
        source="the rectification chapter and the gentle introduction",
        criterion=f"{_DEEP_NETS}: the whole interval of the share of the seeds that do "
        f"as claimed at or above {MOST:g}. A net has learned with a test accuracy above "
        f"{AT_CHANCE:.2f}, twice what guessing gets right.",
        rule=AtLeast(threshold=MOST),
        effects=_learned_or_not,
        quantity="share of the seeds that do as claimed",
        digits=2,
        is_share=True,
    ),
)


# The figures --------------------------------------------------------------------------

INITIALIZERS = {"gain": "own gain", "glorot": "Glorot (Keras's default)", "he": "He"}
_DECAY_LABEL = "gradient decay, decades per layer"


def _labelled(frame: pd.DataFrame) -> pd.DataFrame:
    """Adds the labels of panels and marks, in their order."""
    return frame.assign(
        start=pd.Categorical(
            frame["initializer"].map(INITIALIZERS),
            categories=list(INITIALIZERS.values()),
            ordered=True,
        ),
        layers=frame["depth"].map("{} layers".format),
        when=pd.Categorical(
            (frame["epoch"] > 0).map(
                {False: "before training", True: "after training"}
            ),
            categories=["before training", "after training"],
            ordered=True,
        ),
    )


def _first_and_last(frame: pd.DataFrame, tables: Tables) -> pd.DataFrame:
    """The nets of 20 layers at their best rates, before and after training."""
    trained = where(frame, key=list(where(at_best_rate(tables), **DEEP)["key"]))
    return trained[(trained["epoch"] == 0) | (trained["epoch"] == trained["epochs"])]


def _labelled_decays(tables: Tables) -> pd.DataFrame:
    return _labelled(_decays(tables).rename(columns={"gradient_decay": "value"}))


def _by_layer(tables: Tables, **settings):
    rows = where(measured(tables, "signal_gradient"), epoch=0, **settings)
    rows = where(rows, initializer=["gain", "glorot"])
    return figures.lines_by_layer(
        _labelled(rows),
        ylabel="signal_gradient",
        column="start",
        log=True,
        panel_height=3.5,
    )


def _decay_dots(tables: Tables, **settings):
    rows = where(_labelled_decays(tables), epoch=0, **settings)
    rows = where(rows, initializer=["gain", "glorot"])
    return figures.dots(
        rows,
        xlabel=_DECAY_LABEL,
        column="start",
        band=KEPT,
        linear_within=KEPT[1],
    )


def _signal_gradient_by_layer(tables: Tables):
    return _by_layer(tables, **MLP, depth=DEEPEST)


def _decay_by_activation(tables: Tables):
    return _decay_dots(tables, **MLP, depth=DEEPEST)


def _decay_by_depth(tables: Tables):
    rows = where(_labelled_decays(tables), epoch=0, **MLP)
    return figures.lines_against(
        where(rows, initializer=["gain", "glorot"]),
        "depth",
        xlabel="hidden layers",
        ylabel=_DECAY_LABEL,
        column="start",
        band=KEPT,
        linear_within=KEPT[1],
    )


def _decay_through_training(tables: Tables):
    rows = _first_and_last(_labelled_decays(tables), tables)
    return figures.dots(
        rows.assign(trained="trained by " + rows["optimizer"].map(OPTIMIZERS)),
        xlabel=_DECAY_LABEL,
        column="trained",
        mark="when",
        band=KEPT,
        linear_within=KEPT[1],
        sort=False,
    )


def _saturation(tables: Tables):
    rows = _first_and_last(_labelled(measured(tables, "saturation")), tables)
    return figures.lines_by_layer(
        rows.assign(trained="trained by " + rows["optimizer"].map(OPTIMIZERS)),
        ylabel="saturation",
        column="trained",
        row="when",
        panel_height=1.9,
    )


def _cnn_by_layer(tables: Tables):
    return _by_layer(tables, **CNN)


def _cnn_by_activation(tables: Tables):
    return _decay_dots(tables, **CNN)


_SCALE = (
    "The scale is linear within the shaded band of ±0.02, in which we say that the "
    "gradient is kept, and logarithmic beyond it."
)

FIGURES = (
    StudyFigure(
        name="signal-gradient",
        title="The gradient along 30 layers before training",
        caption="Read it from right to left, as the gradient travels: from the last "
        "hidden layer to the first. A level line keeps its gradient; a line that falls "
        "to the left vanishes. The scale is logarithmic: a straight line loses the same "
        "share at each layer. Lines are medians over seeds, bands their middle 80%.",
        draw=_signal_gradient_by_layer,
    ),
    StudyFigure(
        name="decay",
        title="Gradient decay of each activation at 30 layers before training",
        caption="Left of the line the gradient shrinks towards the input, right of it "
        "the gradient grows. Dots are estimates, strokes their 95% intervals over "
        f"seeds, often narrower than the dot. {_SCALE}",
        draw=_decay_by_activation,
    ),
    StudyFigure(
        name="depth",
        title="Gradient decay against depth before training",
        caption="If a layer took the same share of the gradient in a shallow net as in "
        "a deep one, the lines would be level. In nets of few layers the decay is "
        f"measured from few points and scatters. Vertical strokes are 95% intervals. {_SCALE}",
        draw=_decay_by_depth,
    ),
    StudyFigure(
        name="training",
        title="Gradient decay before and after training",
        caption="Hollow: before training. Filled: after it. A pair far apart means that "
        "training changed how the gradient flows; a pair at one place, that the net "
        f"kept what it started with. {_SCALE}",
        draw=_decay_through_training,
    ),
    StudyFigure(
        name="saturation",
        title="Saturation of sigmoid and tanh along 20 layers",
        caption="The share of units, over all examples, at which the function is nearly "
        "flat: its slope is under 5% of its largest. A saturated unit passes hardly any gradient "
        "on. A gradient that vanishes at low saturation does so for another reason: the "
        "slope of the sigmoid is 0.25 at most. Lines are medians over seeds, bands "
        "their middle 80%.",
        draw=_saturation,
    ),
    StudyFigure(
        name="cnn-signal-gradient",
        title="The gradient along 8 convolutions before training",
        caption="As in the first figure, in a convolutional net of 8 layers of 16 "
        "channels without pooling between them.",
        draw=_cnn_by_layer,
    ),
    StudyFigure(
        name="cnn-decay",
        title="Gradient decay of each activation in the convolutional net",
        caption="As in the second figure. Padding with zeros at the images' borders "
        "takes some of the signal at each layer, whatever the activation. " + _SCALE,
        draw=_cnn_by_activation,
    ),
)


STUDY = Study(
    name="vanishing_gradients",
    title="Vanishing gradients",
    question="Does the gradient vanish on its way from the loss to the first layer, and "
    "do rectifiers keep it?",
    method="Nets of up to 30 layers, fully connected and convolutional, are initialised "
    "with each activation, once with the activation's own gain and once with Keras's "
    "default (sigmoid and tanh at 30 layers with He's too), and the gradient is "
    "measured at every hidden layer on a fixed batch of "
    "digits. Its decay is the slope of the gradient's logarithm along the layers, in "
    "decades per layer: negative where it vanishes towards the input. Nets of 20 "
    "layers of 32 units, of ReLU, sigmoid and tanh, are also trained, by Adam and by SGD "
    "with batches of 32 (6 epochs in the quick profile, 20 and 60 in the others), each "
    "at its own best learning rate, and measured again; and so, by Adam, are "
    "convolutional nets of 8 layers of 4 channels (4 epochs, 20 and 60).",
    trials={"quick": quick_trials, "standard": more_trials, "full": more_trials},
    claims=CLAIMS,
    figures=FIGURES,
    tunings={
        "quick": _tunings(seeds=range(20), epochs={"mlp": 6, "cnn": 4}),
        "standard": _tunings(seeds=range(50), epochs={"mlp": 20, "cnn": 20}),
        "full": _tunings(seeds=range(50), epochs={"mlp": 60, "cnn": 60}),
    },
)
