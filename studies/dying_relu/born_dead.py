"""The share of deep narrow ReLU nets that are dead at initialisation."""

import pandas as pd

from keras_rectifiers.comparison.statistics import measured
from keras_rectifiers.comparison.trials.store import Tables
from keras_rectifiers.comparison.trials.trial import Trial
from keras_rectifiers.comparison.verdicts.claims import Claim, Kind
from keras_rectifiers.comparison.verdicts.criteria import AtMost, Within
from studies import sources

# Nets of 10 layers, the last of which has no ReLU, of 2 units each, as they are born.
BORN = {"architecture": "mlp", "depth": 9, "width": 2, "initializer": "he", "epochs": 0}
BORN_DEAD = 1 - (1 - 2**-2) ** 9
ONE, MANY = 1, 256
NUM_BORN = 1000
# Born dead: the share may differ by so much from the formula.
MARGIN = 0.03


# The trials ---------------------------------------------------------------------------


def trials() -> list[Trial]:
    return [
        Trial(**BORN, probe_size=size, seed=seed)
        for size in (ONE, MANY)
        for seed in range(NUM_BORN)
    ]


# The claims ---------------------------------------------------------------------------


def _born_dead(tables: Tables, probe_size: int) -> pd.Series:
    """1 for each net with a silent layer, which makes it dead, else 0."""
    rows = measured(tables, "silent_units", **BORN, probe_size=probe_size)
    most = rows.groupby("seed")["value"].max(skipna=False)
    return (most == 1).astype(float).where(most.notna())


def _as_predicted(tables: Tables) -> dict[str, pd.Series]:
    return {"one example": _born_dead(tables, ONE)}


def _bounded(tables: Tables) -> dict[str, pd.Series]:
    return {f"{MANY} examples": _born_dead(tables, MANY)}


_SHARE_BORN_DEAD = {
    "quantity": "share of nets born dead",
    "in_words": lambda share: (
        f"{share:.1%} of the nets have a layer in which no unit is active"
    ),
    "is_share": True,
}

CLAIMS = (
    Claim(
        id="born-dead",
        statement="A deep narrow ReLU net is born dead with probability 1 − (1 − "
        "2^−N)^(L−1).",
        sources=(sources.LU,),
        nets="untrained nets of 10 layers of 2 units",
        kind=Kind.THEORY,
        kind_reason="It is a theorem for weights and inputs at random (Lu 2019).",
        criterion="Nets of L = 10 layers of N = 2 units, zero bias, one fixed "
        f"example: the whole (Wilson) interval of the share of {NUM_BORN:,} nets with "
        f"a silent layer is within ±{MARGIN:g} of the value of the formula, "
        f"{BORN_DEAD:.3f}.",
        rule=Within(lower=BORN_DEAD - MARGIN, upper=BORN_DEAD + MARGIN),
        effects=_as_predicted,
        **_SHARE_BORN_DEAD,
        published="Lu 2019: more than 90% of 1,000 nets of 10 layers of 2 units.",
    ),
    Claim(
        id="born-dead-bound",
        statement="For inputs of both signs the formula is an upper bound.",
        sources=(sources.LU,),
        nets="untrained nets of 10 layers of 2 units",
        kind=Kind.THEORY,
        kind_reason="It is a theorem for weights and inputs at random (Lu 2019).",
        criterion=f"The same nets on {MANY} examples: the whole interval of the share "
        "of nets with a layer that is silent for all of them is at or below "
        f"{BORN_DEAD:.3f}.",
        rule=AtMost(threshold=BORN_DEAD),
        effects=_bounded,
        **_SHARE_BORN_DEAD,
    ),
)
