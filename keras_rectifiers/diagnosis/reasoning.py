"""From what the checks found to what is told: causes first, what follows under them."""

from collections.abc import Sequence
from dataclasses import replace

from keras_rectifiers.diagnosis.findings import Finding

# What shows in the numbers, whatever the cause is.
SYMPTOMS = (
    *("not finite", "exploding", "saturated", "dead", "vanishing", "lost signal"),
    *("no gradient", "constant predictions", "diverging", "stuck", "imbalance"),
    "unfinished",
    "fit",
)
RATES = ("rate too high", "rate too low")
# What a model that learns from fresh weights shows not to be so.
REFUTED = ("unrelated", "contradictions", "rate too low")
# Kind -> the kinds that it may cause. Causes stand before what follows from them; of
# two that explain the same symptom, the first is told as its cause.
CAUSES: dict[str, tuple[str, ...]] = {
    "not finite data": ("not finite", "diverging", "stuck", "unfinished"),
    "overflow": ("not finite", "diverging", "stuck"),
    "constant inputs": (*SYMPTOMS, "contradictions", "unrelated"),
    "tokens": (*SYMPTOMS, *RATES, "contradictions", "unrelated"),
    "constant targets": ("no gradient", "stuck"),
    "targets": (*SYMPTOMS, *RATES, "unscaled targets", "loss", "order"),
    "output": (*SYMPTOMS, *RATES, "unscaled targets", "loss", "order"),
    "loss": (*SYMPTOMS, *RATES, "order"),
    "negative rate": (*SYMPTOMS, *RATES, "order"),
    "frozen": ("no gradient", "stuck", "unfinished"),
    "equal units": (*SYMPTOMS, *RATES),
    "codes": (*SYMPTOMS, *RATES, "unscaled inputs", "contradictions", "unrelated"),
    "equal columns": (*SYMPTOMS, *RATES, "contradictions", "unrelated"),
    "unscaled inputs": (*SYMPTOMS, *RATES, "overflow", "order"),
    "unscaled targets": (*SYMPTOMS, *RATES),
    "hidden softmax": (
        *("vanishing", "lost signal", "constant predictions", "stuck"),
        *("rate too low", "unfinished"),
    ),
    "narrow": (
        *("stuck", "dead", "no gradient", "constant predictions", "lost signal"),
        "unfinished",
    ),
    "penalty": (*SYMPTOMS, *RATES),
    "dropout": (*SYMPTOMS, *RATES, "modes disagree"),
    "modes disagree": (
        *("stuck", "constant predictions", "unfinished", "order", "fit"),
        *RATES,
    ),
    "rate too high": (*SYMPTOMS, "order", "fit"),
    "fit": (
        *("dead", "vanishing", "saturated", "lost signal", "no gradient"),
        *("constant predictions", "stuck"),
    ),
    "dead": (
        *("no gradient", "constant predictions", "vanishing", "stuck", "lost signal"),
        *("unfinished", *RATES),
    ),
    "unbounded state": ("exploding", "not finite", "diverging", "stuck"),
    "exploding": (
        *("not finite", "diverging", "saturated", "stuck", "no gradient"),
        *("constant predictions", "unfinished", *RATES),
    ),
    "saturated": (
        *("vanishing", "no gradient", "stuck", "unfinished", "lost signal"),
        *RATES,
    ),
    "vanishing": (
        *("lost signal", "no gradient", "stuck", "constant predictions"),
        *("rate too low", "unfinished"),
    ),
    "lost signal": (
        *("no gradient", "stuck", "constant predictions", "rate too low"),
        "unfinished",
    ),
    "no activation": ("stuck", "unfinished"),
    "rate too low": ("stuck", "unfinished"),
    "not finite": ("stuck", "diverging", "fit"),
    "no gradient": ("stuck", "constant predictions", "rate too low"),
    "constant predictions": ("stuck",),
    "contradictions": ("stuck", "unrelated"),
    "unrelated": ("stuck",),
    "order": ("unfinished", "constant predictions", "fit"),
    "imbalance": ("stuck", "unfinished", "fit"),
    "unfinished": (),
    "diverging": (),
    "stuck": (),
    "metric": (),
    "unseen": (),
}
KINDS = tuple(CAUSES)


def reason(
    found: Sequence[Finding],
    *,
    learns: bool | None,
    has_learned: bool = False,
    has_failed: bool = False,
) -> list[Finding]:
    """Orders findings, and puts what follows from another one under it.

    Args:
        found: the findings of all checks.
        learns: whether the model learns from the examples as it is; None if this was
            not tried. What only possibly harms is told of a model that does not.
        has_learned: whether a training has taught it well, so that what may harm did not.
        has_failed: whether a training has taught it nothing.

    Returns:
        The causes, the first cause first, with their consequences.
    """
    told = [
        f
        for f in found
        if f.certainty != "possible"
        or learns is False
        or (has_failed and f.kind not in REFUTED)
    ]
    if has_learned:
        data = ("unscaled inputs", "unscaled targets", "equal columns", "tokens")
        harmless = (*SYMPTOMS, *data, "penalty", "dropout", "rate too low")
        told = [f for f in told if f.certainty == "certain" or f.kind not in harmless]
    told = sorted(told, key=_rank)
    causes: list[Finding] = []
    for finding in told:
        explained = False
        for number, cause in enumerate(causes):
            if finding.kind in CAUSES[cause.kind] and not _is_own(finding, cause):
                causes[number] = replace(
                    cause, consequences=(*cause.consequences, finding)
                )
                explained = True
                break
        if not explained:
            causes.append(finding)
    return causes


def _rank(finding) -> int:
    # What the initial weights do comes before the rate, which may suit better ones.
    is_start = finding.kind in ("dead", "exploding") and finding.where == "model"
    return KINDS.index("penalty" if is_start else finding.kind)


def _is_own(finding, cause) -> bool:
    """Whether initial weights cause it, which no training, loss or target can do."""
    from_start = finding.kind in ("dead", "exploding") and finding.where == "model"
    of_inputs = cause.kind in ("constant inputs", "unscaled inputs")
    return from_start and cause.where != "model" and not of_inputs
