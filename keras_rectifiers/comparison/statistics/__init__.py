"""The statistics of the studies: estimates with exact intervals, tests, pairs, decay.

Pure functions of arrays and frames. None of them drops a value silently: a NaN raises
an error, or is counted and treated as the worst case.
"""

from keras_rectifiers.comparison.statistics.flattening import falls_at_the_end
from keras_rectifiers.comparison.statistics.intervals import (
    Interval,
    bounded_hodges_lehmann,
    hodges_lehmann,
    nested_intervals,
    pseudomedian,
    wilson,
)
from keras_rectifiers.comparison.statistics.measurements import (
    after_training,
    by_seed,
    decay,
    measured,
    where,
    with_trials,
)
from keras_rectifiers.comparison.statistics.pairs import (
    minus,
    paired_differences,
    paired_outcomes,
    unless_diverged,
)
from keras_rectifiers.comparison.statistics.power import (
    detectable,
    found_difference,
    seeds_needed,
    signed_rank_p,
)
from keras_rectifiers.comparison.statistics.shares import (
    bounded_wilson,
    nested_wilson,
)
from keras_rectifiers.comparison.statistics.shorter import (
    CURVES,
    ended_after,
)
from keras_rectifiers.comparison.statistics.significance import (
    differences_needed,
    holm,
)
from keras_rectifiers.comparison.statistics.steps import (
    log2_ratio_of_steps,
    steps_to_threshold,
)

__all__ = [
    "CURVES",
    "Interval",
    "after_training",
    "bounded_hodges_lehmann",
    "bounded_wilson",
    "by_seed",
    "decay",
    "detectable",
    "differences_needed",
    "ended_after",
    "falls_at_the_end",
    "found_difference",
    "hodges_lehmann",
    "holm",
    "log2_ratio_of_steps",
    "measured",
    "minus",
    "nested_intervals",
    "nested_wilson",
    "paired_differences",
    "paired_outcomes",
    "pseudomedian",
    "seeds_needed",
    "signed_rank_p",
    "steps_to_threshold",
    "unless_diverged",
    "where",
    "wilson",
    "with_trials",
]
