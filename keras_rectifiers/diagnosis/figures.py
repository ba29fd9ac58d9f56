"""Figures of the measures by layer, and during training."""

import numpy as np

BLUE, ORANGE, RED, GREY = "#1f77b4", "#d95f02", "#d62728", "#7f7f7f"

# An axis has no room for the names of more layers.
MAX_NAMES = 24

# Measure -> title of its heatmap, and whether its logarithm is shown.
HEATMAPS = {
    "signal_gradient": ("Signal gradient, log10", True),
    "weight_gradient": ("Weight gradient, log10", True),
    "activation_std": ("Standard deviation of activations, log10", True),
    "dead_units": ("Dead units", False),
    "saturation": ("Saturated", False),
    "negative_slope": ("Negative slope", False),
    "sharpness": ("Sharpness", False),
}


def diagnosis_figure(diagnosis):
    """Draws a row for each layer, the input at the top, and a panel for each question.

    Layers with a finding are red; freshly initialised copies are grey.

    Args:
        diagnosis: a `Diagnosis`.

    Returns:
        A matplotlib figure.
    """
    import seaborn as sns
    from matplotlib import pyplot as plt

    layers = _in_order(diagnosis.frame)
    table, fresh = _wide(diagnosis.frame, layers), _wide(diagnosis.fresh, layers)
    found = [f for c in diagnosis.findings for f in (c, *c.consequences)]
    bad = {name for f in found for name in (f.layer, *f.others)}
    num_shown = min(len(layers), MAX_NAMES)
    with sns.axes_style("whitegrid"):
        figure = plt.figure(figsize=(9, 2.2 + 0.25 * num_shown), layout="constrained")
        gradient, spread, shares = figure.subplots(1, 3, sharey=True)
    rows = np.arange(len(layers))
    for axis, title, lines in (
        (
            gradient,
            "Gradient",
            [
                (table, "signal_gradient", "of the signal", BLUE, "o-"),
                (table, "weight_gradient", "of the weights", ORANGE, "s-"),
            ],
        ),
        (
            spread,
            "Standard deviation of activations",
            [
                (fresh, "activation_std", "fresh copy", GREY, ".:"),
                (table, "activation_std", "now", BLUE, "o-"),
            ],
        ),
        (
            shares,
            "Share of units",
            [
                (fresh, "dead_units", "dead, fresh copy", GREY, ".:"),
                (table, "dead_units", "dead", RED, "o-"),
                (table, "saturation", "saturated", ORANGE, "s-"),
            ]
            # Of rectifiers the silent units are the dead ones.
            + [(table, "silent_units", "silent", BLUE, "^:")]
            * ("dead_units" not in table),
        ),
    ):
        _draw_lines(axis, lines, is_logarithmic=axis is not shares)
        axis.set_title(title, fontsize="medium")
        for row in (row for row, name in enumerate(layers) if name in bad):
            axis.axhspan(row - 0.5, row + 0.5, color=RED, alpha=0.1, linewidth=0)
        if axis.lines:
            _put_legend_below(axis)
        sns.despine(ax=axis, left=True)
    for axis in (gradient, spread):
        _make_logarithmic(axis)
    shares.set_xlim(0, 1)
    shares.xaxis.set_major_formatter("{x:.0%}")
    step = max(1, -(-len(layers) // MAX_NAMES))
    gradient.set_yticks(rows[::step], [_plain(name) for name in layers[::step]])
    for text in gradient.get_yticklabels():
        text.set_color(RED if text.get_text() in map(_plain, bad) else "black")
    gradient.set_ylim(max(1, len(layers)) - 0.5, -0.5)
    figure.suptitle(_plain(_headline(diagnosis)), x=0.01, ha="left", fontsize="medium")
    return _shown_once(figure)


def monitor_figure(frame):
    """Draws a heatmap over layers and time for each measure.

    Args:
        frame: the frame of a `LayerMonitor`.

    Returns:
        A matplotlib figure.
    """
    import seaborn as sns
    from matplotlib import pyplot as plt

    layers = _in_order(frame)
    measured = [name for name in HEATMAPS if (frame.measure == name).any()]
    measured = measured or sorted(frame.measure.unique())
    num_columns = min(2, len(measured))
    num_rows = -(-len(measured) // num_columns)
    height = 1.1 + 0.2 * min(len(layers), MAX_NAMES)
    figure = plt.figure(
        figsize=(1.5 + 4.2 * num_columns, height * num_rows), layout="constrained"
    )
    grid = figure.subplots(num_rows, num_columns, squeeze=False)
    for axis, measure in zip(grid.flat, measured, strict=False):
        title, logarithmic = HEATMAPS.get(measure, (measure, False))
        table = frame[frame.measure == measure].pivot_table(
            index="layer", columns="step", values="value", dropna=False
        )
        table = table.reindex(layers).rename(index=_plain)
        if logarithmic:
            table = np.log10(table.where(table > 0))
        table = table.replace([np.inf, -np.inf], np.nan).astype(float)
        is_share = measure in ("dead_units", "saturation")
        # Of a dead net every gradient is 0, and no colour has a value.
        from_0_to_1 = is_share or table.isna().to_numpy().all()
        sns.heatmap(
            table,
            ax=axis,
            cmap="rocket_r" if is_share else "viridis",
            vmin=0 if from_0_to_1 else None,
            vmax=1 if from_0_to_1 else None,
            xticklabels=max(1, table.shape[1] // 6),
            yticklabels=-(-len(layers) // MAX_NAMES),
            rasterized=True,
        )
        axis.set(xlabel="step", ylabel="")
        axis.set_title(title, fontsize="medium")
        axis.tick_params(axis="x", rotation=0)
        axis.tick_params(axis="y", rotation=0)
        # What was not measured, or is 0 under a logarithm.
        axis.set_facecolor("0.85")
    for axis in grid.flat[len(measured) :]:
        axis.remove()
    return _shown_once(figure)


def _draw_lines(axis, lines, *, is_logarithmic: bool) -> None:
    """Draws a measure of each layer for each line, if it was taken."""
    for values, measure, label, colour, style in lines:
        if measure not in values or values[measure].isna().all():
            continue
        column, rows = values[measure], np.arange(len(values))
        # A logarithmic axis has no place for 0; it is written there.
        axis.plot(
            column.where(column > 0) if is_logarithmic else column,
            rows,
            style,
            color=colour,
            label=label,
            markersize=4,
        )
        for row in rows[(column == 0) & is_logarithmic]:
            axis.annotate(
                "0",
                (0.02, row),
                xycoords=("axes fraction", "data"),
                color=colour,
                va="center",
            )


def _put_legend_below(axis) -> None:
    from matplotlib.transforms import ScaledTranslation

    axis.legend(
        loc="upper left",
        bbox_to_anchor=(0, 0),
        # In inches: of one row a share of the axes is too little to tell.
        bbox_transform=axis.transAxes
        + ScaledTranslation(0, -0.35, axis.figure.dpi_scale_trans),
        ncols=2,
        frameon=False,
        fontsize="small",
        borderaxespad=0,
        columnspacing=1,
    )


def _shown_once(figure):
    """A notebook shows the figures that are open, and the result of a cell."""
    from matplotlib import pyplot as plt

    if "inline" in plt.get_backend():
        plt.close(figure)
    return figure


def _plain(text: str) -> str:
    """Without it matplotlib takes what stands between two dollars for a formula."""
    return text.replace("$", r"\$")


def _in_order(frame) -> list[str]:
    order = frame[["layer", "depth"]].drop_duplicates()
    return order.sort_values("depth", kind="stable").layer.tolist()


def _wide(frame, layers):
    table = frame.pivot_table(
        index="layer", columns="measure", values="value", dropna=False
    )
    return table.reindex(layers)


def _make_logarithmic(axis) -> None:
    # Of a net whose weights are NaN there is no line.
    values = np.concatenate([[], *(line.get_xdata() for line in axis.get_lines())])
    values = values[np.isfinite(values) & (values > 0)]
    if not len(values):
        return
    axis.set_xscale("log")
    # A level line should look level, so at least two decades are shown.
    middle = np.sqrt(values.min() * values.max())
    axis.set_xlim(
        min(values.min() / 1.5, middle / 10), max(values.max() * 1.5, middle * 10)
    )


def _headline(diagnosis) -> str:
    if not diagnosis.findings:
        return f"{diagnosis.model}: no findings"
    first = diagnosis.findings[0]
    others = len(diagnosis.findings) - 1
    more = f" ({others} more finding{'s' * (others > 1)})" if others else ""
    text = f"{first.place}: {first.observation}{more}"
    return text if len(text) < 110 else f"{text[:107]}..."
