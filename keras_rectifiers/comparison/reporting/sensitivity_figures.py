"""The figures of what verdicts depend on: the learning rate and the number of epochs."""

from collections.abc import Sequence

import pandas as pd

from keras_rectifiers.comparison import figures
from keras_rectifiers.comparison.figures import StudyFigure
from keras_rectifiers.comparison.reporting.claim_report import JudgedClaim
from keras_rectifiers.comparison.reporting.wording import said
from keras_rectifiers.comparison.trials.study import Study
from keras_rectifiers.comparison.verdicts.claims import Claim


def along_epochs_figures(
    claims: Sequence[JudgedClaim], along: pd.DataFrame
) -> list[StudyFigure]:
    """A figure for each claim that was judged along the epochs.

    Args:
        claims: the claims with their verdicts.
        along: as `judge_along_epochs` returns them.
    """
    return [
        StudyFigure(
            name=f"along-epochs-{judged.claim.id}",
            title=judged.claim.statement,
            caption=f"Effect: {judged.claim.quantity}.",
            draw=lambda _, rows=rows, judged=judged: figures.effects_along_epochs(
                _said(rows),
                _said(pd.DataFrame(judged.cases)),
                bounds=judged.claim.rule.bounds,
                ylabel=judged.claim.unit or "effect",
            ),
        )
        for judged in claims
        if len(rows := along[along["claim"] == judged.claim.id])
    ]


def common_rate_figures(
    study: Study, verdicts: pd.DataFrame, at_rates: pd.DataFrame
) -> list[StudyFigure]:
    """A figure for each claim that was judged at common rates; opposite ones have one.

    Args:
        study: the study.
        verdicts: as `judge` returns them.
        at_rates: as `judge_at_common_rates` returns them.
    """
    names = {claim.id for claim in study.claims}
    return [
        _figure(claim, verdicts, at_rates[at_rates["claim"] == claim.id])
        for claim in study.claims
        if claim.id in set(at_rates["claim"]) and claim.opposite_of not in names
    ]


def _figure(claim: Claim, verdicts: pd.DataFrame, rows: pd.DataFrame) -> StudyFigure:
    own = verdicts[verdicts["claim"] == claim.id]
    unit = f", {claim.unit}" if claim.unit else ""
    return StudyFigure(
        name=f"common-rates-{claim.id}",
        title=f"“{claim.statement}” at common learning rates",
        caption=f"The {claim.quantity}, if all nets and seeds have the same learning "
        "rate: estimates over seeds and their intervals. The horizontal line and the "
        "band are the estimate and the interval at the best rates, by which the claim "
        "is judged. If effects at common rates are much larger, the scale is "
        "logarithmic for these. A hollow dot marks a rate at which the nets are not "
        "comparable, because a condition holds for half of the seeds or fewer: "
        f"{claim.comparable_if.text if claim.comparable_if else ''}.",
        draw=lambda _: figures.effects_at_common_rates(
            _said(rows), _said(own), ylabel=f"effect{unit}"
        ),
    )


def _said(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows with their cases as people say them."""
    return rows.assign(case=rows["case"].map(said))
