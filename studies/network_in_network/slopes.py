"""The slopes that PReLU learns, by layer."""

import pandas as pd

from keras_rectifiers.comparison import figures
from keras_rectifiers.comparison.figures import StudyFigure
from keras_rectifiers.comparison.statistics import unless_diverged, where, with_trials
from keras_rectifiers.comparison.trials.store import Tables
from keras_rectifiers.comparison.verdicts.claims import Claim
from keras_rectifiers.comparison.verdicts.criteria import Difference
from keras_rectifiers.comparison.verdicts.preconditions import Precondition
from studies import sources
from studies.learned_slopes import LARGER
from studies.learning import NET_HAS_LEARNED, learned_by_seed
from studies.network_in_network.nets import best_trials

# The claims ---------------------------------------------------------------------------


def _slopes(tables: Tables) -> pd.DataFrame:
    """The mean slope of each layer of PReLU's nets at their best rates."""
    rows = where(tables.outputs, name="negative_slope")
    best = where(best_trials(tables), activation="prelu")
    means = rows.groupby(["key", "layer"], observed=True)["value"].mean().reset_index()
    frame = with_trials(means[means["key"].isin(best["key"])], tables)
    return frame.assign(value=unless_diverged(frame, "value"))


def _first_over_rest(tables: Tables) -> dict[str, pd.Series]:
    slopes = _slopes(tables)
    first = where(slopes, layer=0).set_index("seed")["value"]
    rest = slopes[slopes["layer"] > 0].groupby("seed")["value"]
    rest = rest.mean(skipna=False) if len(slopes) else first
    return {"PReLU": (first - rest).sort_index()}


def _prelu_learned(tables: Tables) -> dict[str, pd.Series]:
    return {"PReLU": learned_by_seed(where(best_trials(tables), activation="prelu"))}


CLAIMS = (
    Claim(
        id="prelu-slopes",
        statement="The slopes that PReLU learns are larger in the first layer than "
        "deeper in the net.",
        sources=(sources.HE.at("table 1"),),
        nets="networks in networks",
        precondition=Precondition(text=NET_HAS_LEARNED, holds=_prelu_learned),
        criterion="After training with initial slopes of 0.25, at the best learning rate "
        "(by validation error): the mean slope of the first layer is larger than that of "
        f"the others by at least {LARGER:g}.",
        rule=Difference(smallest_effect=LARGER),
        effects=_first_over_rest,
        quantity="slope of the first layer minus that of the others",
        published="He 2015, on ImageNet: 0.681 (shared) and 0.596 (channel-wise) in the "
        "first convolution, 0.1 to 0.5 in the second, 0.03 to 0.07 in the dense layers.",
    ),
)


# The table and the figures ------------------------------------------------------------


def _by_layer(tables: Tables):
    return figures.points_by_layer(
        _slopes(tables).assign(panel="Network in network"),
        ylabel="learned slope",
        column="panel",
    )


FIGURES = (
    StudyFigure(
        name="slopes",
        title="Slopes that PReLU learned, by layer",
        caption="Each point is the mean slope of one layer of one net, over its "
        "channels. All slopes started at 0.25. The line connects the medians.",
        claims=("prelu-slopes",),
        draw=_by_layer,
    ),
)
