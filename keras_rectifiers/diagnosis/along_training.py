"""The rules on layers and on the loss, applied again and again during a training."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from keras_rectifiers.diagnosis.checks import layers
from keras_rectifiers.diagnosis.findings import Finding, number
from keras_rectifiers.inspection.hidden_activations import Site

# The rules on layers look at these.
NEEDED = ("signal_gradient", "activation_std")
# Kinds that can be found along a training.
KINDS = (
    "not finite",
    "diverging",
    "stuck",
    "dead",
    "exploding",
    "vanishing",
    "saturated",
)
# A healthy training falls by more than this share in the first epochs.
NUM_EPOCHS = 5
SMALLEST_FALL = 0.01
# The loss of an epoch, as a multiple of the smallest before. Small losses leap by
# themselves, so it has to come back to half of the first one too.
LEAP = 2.0
LARGE = 0.5


class FindingsAlong:
    """Collects what is found first at each step, in the order in which it appears.

    Args:
        sites: the hidden activations that are measured.
        num_examples: the size of the probe batch.
        goes_on: whether the model has been trained before, so that its loss may stay.

    Attributes:
        found: the findings so far. Each says at which step it appeared.
    """

    def __init__(
        self, sites: Sequence[Site], num_examples: int, *, goes_on: bool = False
    ):
        self._sites, self._num_examples = sites, num_examples
        self._goes_on = goes_on
        self._start: dict[str, np.ndarray] = {}
        self._losses: list[float] = []
        self.found: list[Finding] = []

    def add_measures(self, epoch: int, step: int, rows: Sequence[Mapping]) -> list:
        """Applies the rules on layers.

        Args:
            epoch, step: when it was measured.
            rows: the measures of each site by name.

        Returns:
            The new findings.
        """
        names = dict.fromkeys(name for row in rows for name in row)
        values = {
            name: np.array([row.get(name, np.nan) for row in rows], float)
            for name in names
        }
        if not all(name in values for name in NEEDED):
            return []
        self._start = self._start or values
        seen = layers.Measured(
            layers=[site.name for site in self._sites],
            depths=np.array([site.depth for site in self._sites]),
            num_units=[_num_units(site) for site in self._sites],
            num_examples=self._num_examples,
            values=values,
            # As of a fresh copy: what training has changed is what counts.
            fresh=self._start,
            kernel_scales=np.full(len(self._sites), np.nan),
            input_scales={},
            lost=[],
            unseen={},
        )
        return self._new(layers.check(seen), f"epoch {epoch}, step {step}")

    def add_loss(self, epoch: int, loss: float) -> list:
        """Applies the rules on the loss of each epoch; returns the new findings."""
        before, self._losses = self._losses, [*self._losses, loss]
        when = f"epoch {epoch}"
        if not math.isfinite(loss):
            return self._new(
                [_of_loss("not finite", "the loss is NaN or infinite")], when
            )
        if before and loss > max(LEAP * min(before), LARGE * before[0]) > 0:
            rise = f"the loss leaps from {number(min(before))} to {number(loss)}"
            return self._new([_of_loss("diverging", rise)], when)
        first = self._losses[:NUM_EPOCHS]
        if (
            len(self._losses) == NUM_EPOCHS
            and not self._goes_on
            and min(first) > (1 - SMALLEST_FALL) * first[0]
        ):
            stays = f"the loss has stayed at {number(first[0])} for {NUM_EPOCHS} epochs"
            return self._new([_of_loss("stuck", stays)], when)
        return []

    def _new(self, findings, when) -> list:
        known = {(finding.kind, finding.layer) for finding in self.found}
        new = [
            replace(finding, observation=f"{finding.observation}, first at {when}")
            for finding in findings
            if (finding.kind, finding.layer) not in known
        ]
        self.found += new
        return new


def _num_units(site) -> int:
    if site.kernels:
        return site.kernels[-1].shape[-1]
    return getattr(site.weighted, "units", 1)  # of a recurrent layer


def _of_loss(kind, observation) -> Finding:
    advice = {
        "not finite": "Restart with a lower learning rate, and check all examples: "
        "np.isfinite(x).all().",
        "diverging": "Lower the learning rate, or clip the gradients (clipnorm=1.0).",
        "stuck": "Look for the cause with diagnose(model, x, y).",
    }
    meaning = {
        "not finite": "Nothing more is learned.",
        "diverging": "The steps are too large.",
        "stuck": "Nothing is learned.",
    }
    return Finding(
        kind=kind,
        where="training",
        observation=observation,
        meaning=meaning[kind],
        advice=advice[kind],
    )
