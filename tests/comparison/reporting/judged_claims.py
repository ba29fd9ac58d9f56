"""Made-up claims with verdicts on their cases."""

import numpy as np
import pandas as pd

from keras_rectifiers.comparison.reporting.claim_report import JudgedClaim
from keras_rectifiers.comparison.reporting.study_report import read_study
from keras_rectifiers.comparison.verdicts.criteria import AtLeast
from tests.comparison.made_up_claims import made_up_claim
from tests.comparison.reporting.made_up_reports import made_up_study, made_up_tables


def judged_claim(values: dict, rule=None, **fields) -> JudgedClaim:
    """A claim whose cases have these values, each with a little scatter over 12 seeds.

    A value of None is of a case that was not measured.
    """
    scatter = 0.01 * np.linspace(-1, 1, 12)
    effects = {
        case: pd.Series(dtype=float) if value is None else pd.Series(value + scatter)
        for case, value in values.items()
    }
    claim = made_up_claim(
        rule or AtLeast(threshold=0.5), effects=lambda _: effects, **fields
    )
    study = made_up_study(claims=(claim,), figures=(), trials={"quick": list})
    (judged,) = read_study(study, made_up_tables(), "quick").claims
    return judged
