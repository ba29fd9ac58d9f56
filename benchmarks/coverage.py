"""How often the statistics of the studies are right, where the truth is known.

Simulates studies by the library's own functions: coverage of the intervals, false
verdicts of the claims' rules, and a made-up study whose labels are permuted. The exit
status is 1 if a figure lies outside the range that is asked for.
"""

import argparse
import sys
import time

import numpy as np
import pandas as pd
import scipy.stats

from keras_rectifiers.comparison.statistics import (
    hodges_lehmann,
    wilson,
)
from keras_rectifiers.comparison.trials.store import Tables
from keras_rectifiers.comparison.trials.study import Study
from keras_rectifiers.comparison.verdicts.claims import Claim
from keras_rectifiers.comparison.verdicts.criteria import (
    CONTRADICTED,
    INCONCLUSIVE,
    SUPPORTED,
    VERDICTS,
    Difference,
    Equivalence,
)
from keras_rectifiers.comparison.verdicts.judging import judge, judge_claim

SEEDS = (10, 20)
NUM_CASES = 8
NUM_PERMUTATIONS = 200
NUM_CHECKED = 20

# Name -> draws, their pseudomedian (the median of the mean of two), and whether they
# are continuous. Differences of paired runs are often in steps: of one test example, or
# of whole epochs.
DISTRIBUTIONS = {
    "normal": (lambda rng, size: rng.normal(size=size), 0, True),
    "skewed (exponential)": (
        lambda rng, size: rng.exponential(size=size),
        scipy.stats.gamma.median(2) / 2,
        True,
    ),
    "skewed (gamma of shape 4)": (
        lambda rng, size: rng.gamma(4, size=size),
        scipy.stats.gamma.median(8) / 2,
        True,
    ),
    "heavy tails (t, 3 df)": (lambda rng, size: rng.standard_t(3, size), 0, True),
    "heavy tails (t, 1 df)": (lambda rng, size: rng.standard_t(1, size), 0, True),
    "steps of 1 sd": (lambda rng, size: np.rint(rng.normal(size=size)), 0, False),
    "steps of 1/3 sd": (lambda rng, size: np.rint(rng.normal(0, 3, size)), 0, False),
    "-1, 0, 1": (lambda rng, size: rng.integers(-1, 2, size) * 1.0, 0, False),
    "Poisson of mean 2": (
        lambda rng, size: rng.poisson(2, size) * 1.0,
        scipy.stats.poisson.median(4) / 2,
        False,
    ),
}

failures = []


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--studies", type=int, default=5000, help="of each kind; default: 5000"
    )
    num_studies = parser.parse_args().studies
    started = time.perf_counter()
    rng = np.random.default_rng(2024)
    print(f"{num_studies} simulated studies of each kind\n")
    centre_coverage(rng, num_studies)
    wilson_coverage()
    verdicts_of_one_case(rng, num_studies)
    family_wise_errors(rng, num_studies)
    permuted_labels(rng)
    print(f"\n{time.perf_counter() - started:.0f} s")
    for failure in failures:
        print(f"OUTSIDE: {failure}")
    sys.exit(bool(failures))


def centre_coverage(rng, num_studies):
    print("Coverage of the pseudomedian by the 95% Hodges-Lehmann interval, %")
    print(f"{'':26}{'truth':>8}" + "".join(f"{f'n = {n}':>9}" for n in SEEDS))
    for name, (draw, truth, is_continuous) in DISTRIBUTIONS.items():
        least, most = (0.93, 0.97) if is_continuous else (0.94, 1)
        shares = []
        for n in SEEDS:
            intervals = [hodges_lehmann(row) for row in draw(rng, (num_studies, n))]
            share = np.mean([i.low <= truth <= i.high for i in intervals])
            shares.append(check(name, n, share, least, most))
        print(f"{name:26}{truth:8.3f}" + "".join(f"{share:9.1%}" for share in shares))


def wilson_coverage():
    """Exact: a sum over the binomial distribution at each share."""
    print("\nCoverage of a share by the 95% Wilson interval, %")
    print(f"{'':8}{'mean':>8}{'least, .1 to .9':>18}{'least, .01 to .99':>20}")
    for n in SEEDS:
        shares = np.linspace(0.001, 0.999, 999)
        counts = np.arange(n + 1)
        intervals = [wilson(int(k), n) for k in counts]
        lows = np.array([i.low for i in intervals])
        highs = np.array([i.high for i in intervals])
        holds = (lows <= shares[:, None]) & (shares[:, None] <= highs)
        coverage = (scipy.stats.binom.pmf(counts, n, shares[:, None]) * holds).sum(1)
        inner = coverage[(shares >= 0.0999) & (shares <= 0.9001)].min()
        wide = coverage[(shares >= 0.0099) & (shares <= 0.9901)].min()
        check("Wilson, mean", n, coverage.mean(), 0.94, 0.97)
        check("Wilson, least from .1 to .9", n, inner, 0.91, 1)
        print(f"n = {n:<4}{coverage.mean():8.1%}{inner:18.1%}{wide:20.1%}")


def verdicts_of_one_case(rng, num_studies):
    """A verdict is false if it supports no effect or contradicts one that matters."""
    print("\nVerdicts on a single case, false ones in brackets; sd is that of a seed")
    print(f"{'':42}" + "".join(f"{verdict:>14}" for verdict in VERDICTS))
    for size in (0.5, 1.0):
        for rule in (Difference(smallest_effect=size), Equivalence(margin=size)):
            for n in SEEDS:
                for share in (0.0, 0.5, 1.0, 2.0):
                    effect = share * size
                    cases = effect + rng.normal(size=(num_studies, 1, n))
                    found = verdicts_of(rule, cases)
                    name = f"{type(rule).__name__}, d = {size} sd, n = {n}"
                    cells = []
                    for verdict in VERDICTS:
                        rate = np.mean(found == verdict)
                        is_wrong = is_false(rule, effect, verdict)
                        cells.append(f"[{rate:.1%}]" if is_wrong else f"{rate:.1%} ")
                        if is_wrong:
                            check(f"{name}, effect {share} d", n, rate, 0, 0.06)
                    row = f"{name:32}{share:4} d   "
                    print(f"{row:42}" + "".join(f"{cell:>14}" for cell in cells))


def is_false(rule, effect, verdict):
    if isinstance(rule, Difference):
        return (verdict == SUPPORTED and effect <= 0) or (
            verdict == CONTRADICTED and effect >= rule.smallest_effect
        )
    return (verdict == SUPPORTED and effect > rule.margin) or (
        verdict == CONTRADICTED and effect <= rule.margin
    )


def family_wise_errors(rng, num_studies):
    """Cases that share their seeds, as they do where all are compared with ReLU."""
    size = 0.5
    print(
        f"\nClaims of {NUM_CASES} cases with at least one false verdict, %: effects of d = {size} sd"
    )
    print(f"{'':40}{'independent':>14}{'correlated .5':>15}{'correlated .9':>15}")
    mixed = np.tile([0.0, 0.0, size, size], NUM_CASES // 4)
    for rule, label, effects in (
        (Difference(smallest_effect=size), "no effect", np.zeros(NUM_CASES)),
        (
            Difference(smallest_effect=1e-9),
            "no effect, of which any matters",
            np.zeros(NUM_CASES),
        ),
        (Difference(smallest_effect=size), "no effect in half, d in half", mixed),
        (
            Equivalence(margin=size),
            "effect just above the margin",
            np.full(NUM_CASES, size * (1 + 1e-9)),
        ),
    ):
        for n in SEEDS:
            rates = []
            for correlation in (0.0, 0.5, 0.9):
                own = rng.normal(size=(num_studies, NUM_CASES, n))
                shared = rng.normal(size=(num_studies, 1, n))
                noise = np.sqrt(1 - correlation) * own + np.sqrt(correlation) * shared
                found = verdicts_of(rule, noise + effects[:, None])
                wrong = np.zeros(num_studies, dtype=bool)
                for case, effect in enumerate(effects):
                    for verdict in VERDICTS:
                        if is_false(rule, effect, verdict):
                            wrong |= found[:, case] == verdict
                rates.append(check(f"family, {label}", n, np.mean(wrong), 0, 0.06))
            name = f"{label}, n = {n}"
            print(f"{name:40}" + "".join(f"{rate:14.1%} " for rate in rates))


def verdicts_of(rule, studies):
    """The verdicts on (studies, cases, seeds), as `judge_claim` gives them, but at once.

    The first studies are judged by `judge_claim` itself, too: both have to agree.
    """
    num_studies, num_cases, n = studies.shape
    rows, columns = np.triu_indices(n)
    walsh = (studies[..., rows] + studies[..., columns]) / 2
    if isinstance(rule, Difference):
        outside = (walsh <= 0).sum(-1)
        reaches = np.median(walsh, axis=-1) >= rule.smallest_effect
        p_supported = np.where(reaches, signed_rank_p(outside, n), 1)
        p_contradicted = signed_rank_p((walsh >= rule.smallest_effect).sum(-1), n)
    else:
        below, above = (walsh < -rule.margin).sum(-1), (walsh > rule.margin).sum(-1)
        p_supported = signed_rank_p(np.maximum(below, above), n) / 2
        inside = len(rows) - np.maximum(below, above)
        p_contradicted = signed_rank_p(inside, n)
    found = np.full((num_studies, num_cases), INCONCLUSIVE, dtype=object)
    for verdict, p in ((SUPPORTED, p_supported), (CONTRADICTED, p_contradicted)):
        order = np.argsort(p, axis=1)
        stepped = np.take_along_axis(p, order, 1) * np.arange(num_cases, 0, -1)
        is_rejected = np.maximum.accumulate(stepped, axis=1) <= 0.05
        back = np.argsort(order, axis=1)
        found[np.take_along_axis(is_rejected, back, 1)] = verdict
    for study in range(min(num_studies, NUM_CHECKED)):
        cases = {str(i): pd.Series(case) for i, case in enumerate(studies[study])}
        judged = [
            one.verdict for one in judge_claim(claim(rule), cases, resampling=False)
        ]
        if judged != found[study].tolist():
            sys.exit(f"judge_claim gives {judged}, the simulation {found[study]}")
    return found


def signed_rank_p(statistic, n):
    """The two-sided p of the exact test; the null counts subsets of ranks by sum."""
    null = np.zeros(n * (n + 1) // 2 + 1)
    null[0] = 1
    for rank in range(1, n + 1):
        null = (null + np.concatenate([np.zeros(rank), null[:-rank]])) / 2
    return np.minimum(1, 2 * np.cumsum(null))[statistic]


def claim(rule, effects=None):
    return Claim(
        id="simulated",
        statement="There is an effect.",
        sources=(),
        criterion="",
        rule=rule,
        effects=effects or (lambda tables: {}),
        quantity="effect",
    )


def permuted_labels(rng):
    """Labels that say nothing must not be found to say something."""
    activations = ["relu", "elu", "gelu", "silu", "sigmoid", "tanh"]
    levels = dict(zip(activations, [0.0, 0.4, 0.3, 0.1, -1.0, -0.5], strict=True))
    frame = pd.DataFrame(
        [
            {"activation": name, "seed": seed, "accuracy": level + 0.3 * rng.normal()}
            for seed in range(20)
            for name, level in levels.items()
        ]
    )

    def against(baseline, sign):
        def effects(tables):
            wide = tables.trials.pivot(
                index="seed", columns="activation", values="accuracy"
            )
            return {
                name: sign * (wide[name] - wide[baseline])
                for name in activations
                if name != baseline
            }

        return effects

    # So small that any difference that is found counts.
    rule = Difference(smallest_effect=1e-6)
    study = Study(
        name="made_up",
        title="",
        question="",
        method="",
        trials={},
        claims=(claim(rule, against("relu", 1)), claim(rule, against("relu", -1))),
        figures=(),
    )

    def num_supported(trials):
        none = pd.DataFrame()
        tables = Tables(trials=trials, measurements=none, outputs=none)
        return int(
            (judge(study, tables, resampling=False)["verdict"] == SUPPORTED).sum()
        )

    found = 0
    for _ in range(NUM_PERMUTATIONS):
        permuted = frame.assign(
            activation=frame.groupby("seed")["activation"].transform(
                lambda labels: rng.permutation(labels.to_numpy())
            )
        )
        found += num_supported(permuted) > 0
    print(
        f"\nA made-up study of 6 activations and 20 seeds, 2 claims of 5 cases each: "
        f"{num_supported(frame)} of 10 cases supported.\nWith labels permuted within "
        f"each seed, {found} of {NUM_PERMUTATIONS} studies support any (at most 18 asked)."
    )
    check("permuted labels", 20, found, 0, 18)


def check(name, n, value, least, most):
    if not least <= value <= most:
        failures.append(f"{name}, n = {n}: {value:.4g} is not in {least} to {most}")
    return value


if __name__ == "__main__":
    main()
