"""Made-up claims, values of a known centre, and the verdict on one case."""

import numpy as np
import pandas as pd

from keras_rectifiers.comparison.verdicts.claims import Claim
from keras_rectifiers.comparison.verdicts.judging import Verdict, judge_claim
from tests.comparison.made_up_claims import made_up_claim

# Twelve values around 0, from -0.055 to 0.055; their interval is within +-0.04.
SPREAD = np.linspace(-0.055, 0.055, 12)


def claim(rule, **fields) -> Claim:
    return made_up_claim(rule, **{"unit": "points", "digits": 2, **fields})


def judge_case(claim, case, values, *, resampling=False) -> Verdict:
    [verdict] = judge_claim(claim, {case: values}, resampling=resampling)
    return verdict


def around(centre: float) -> pd.Series:
    return pd.Series(centre + SPREAD)
