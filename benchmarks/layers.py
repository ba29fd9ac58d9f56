"""What a layer costs beside its peers and beside one pass over memory.

Times inference and the forward and backward pass of one layer, interleaved in one run,
in each mode of each backend that is installed. The floor is a pass that reads and writes
the same bytes, `x + 1`, once for the values and once for the gradients. With
--memory also the peak memory of the first step, in a process for each layer and mode,
beyond what the process had before; compiling is part of it.
"""

import argparse
import itertools
import json
import os
import subprocess
import sys
from functools import partial
from pathlib import Path

# This folder is no installed package.
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import pandas as pd

from benchmarks.layer_steps import (
    FLOOR,
    MODES,
    PASSES,
    make_step,
    peak_memory,
    timed,
)

SHAPES = {"images": (128, 28, 28, 64), "dense": (4096, 1024), "small": (32, 64)}
DTYPES = ("float32", "bfloat16", "float16")
SETTINGS = ["backend", "mode", "shape", "dtype", "pass"]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=15, help="default: 15")
    parser.add_argument("--shape", choices=SHAPES, help="default: all")
    parser.add_argument("--dtype", choices=DTYPES, help="default: all")
    parser.add_argument("--backend", choices=MODES, help="default: all")
    parser.add_argument("--layer", metavar="NAME", help="default: all")
    parser.add_argument("--table", type=Path, metavar="FILE", help="write it as CSV")
    parser.add_argument("--figure", type=Path, metavar="FILE", help="draw it")
    parser.add_argument("--memory", action="store_true", help="peak memory too, slow")
    parser.add_argument("--measure", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--only", type=int, metavar="CASE", help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.measure:
        print(json.dumps(measure(chosen)))
        return
    load = os.getloadavg()[0]
    tables = []
    for backend in [chosen.backend] if chosen.backend else MODES:
        rows = measured_apart("--backend", backend)
        if chosen.memory:
            for case, row in enumerate(rows):
                row |= measured_apart("--backend", backend, "--only", str(case))[0]
        tables.append(pd.DataFrame(rows))
    tables = [table for table in tables if not table.empty]
    if not tables:
        sys.exit("Nothing was measured.")
    loads = f"load {load:.1f} at the start and {os.getloadavg()[0]:.1f} at the end"
    print(f"{os.cpu_count()} cores, {loads}; medians in milliseconds")
    report(pd.concat(tables), chosen)


def measured_apart(*arguments):
    """The rows of a process of its own; none if its backend is not there."""
    command = [sys.executable, __file__, *sys.argv[1:], *arguments, "--measure"]
    backend = arguments[arguments.index("--backend") + 1]
    environment = {"KERAS_BACKEND": backend, "TF_CPP_MIN_LOG_LEVEL": "3"}
    finished = subprocess.run(
        command, env=os.environ | environment, capture_output=True, text=True
    )
    if finished.returncode:
        reason = (finished.stderr.strip() or "no message").splitlines()[-1]
        print(f"{backend}: left out ({reason})")
        return []
    return json.loads(finished.stdout.splitlines()[-1])


def report(table, chosen):
    for setting, part in table.groupby(SETTINGS, sort=False):
        print(f"\n{', '.join(setting)}")
        floor = part.loc[part["name"] == FLOOR, "median"].iloc[0]
        for _, row in part.iterrows():
            own = part[(part["layer"] == row["layer"]) & (part["name"] != "ours")]
            best = own["median"].min()
            ratio = f"{row['median'] / best:7.2f} of its best peer"
            print(
                f"  {row['layer']:22}{row['name']:26}{row['median']:9.3f}"
                f"{row['median'] / floor:8.2f} passes"
                + (f"{row['peak_mb']:8.0f} MB" if chosen.memory else "")
                + (ratio if row["name"] == "ours" else "")
            )
    if chosen.table:
        table.to_csv(chosen.table, index=False)
    if chosen.figure:
        draw(table, chosen.figure)


def draw(table, path):
    """A panel for each mode: each layer and its peers, in passes over memory."""
    import matplotlib

    matplotlib.use("Agg")
    import seaborn as sns

    shape, dtype = table["shape"].iloc[0], table["dtype"].iloc[0]
    rows = table[(table["shape"] == shape) & (table["dtype"] == dtype)]
    rows = rows[rows["layer"] != ""].assign(
        whose=lambda t: ["ours" if name == "ours" else "others" for name in t["name"]],
        mode=lambda t: t["backend"] + ", " + t["mode"],
    )
    rows = rows.sort_values("whose", kind="stable")  # ours over the others
    height = 1 + 0.25 * rows["layer"].nunique()
    grid = sns.relplot(
        rows,
        x="passes",
        y="layer",
        hue="whose",
        style="whose",
        row="mode",
        col="pass",
        palette={"ours": "#d62728", "others": "#7f7f7f"},
        height=height,
        aspect=5 / height,
        s=60,
    )
    grid.set_axis_labels("time, in passes over memory", "")
    grid.set_titles("{row_name}: {col_name}")
    sns.move_legend(grid, "upper center", ncols=2, title=None, bbox_to_anchor=(0.5, 0))
    for axes in grid.axes.flat:
        axes.axvline(1, color="#999999", zorder=0)
        axes.grid(axis="y", color="#eeeeee")
        axes.set_axisbelow(True)
        axes.set_xscale("log")
        axes.xaxis.set_major_locator(matplotlib.ticker.LogLocator(subs=(1, 2, 5)))
        axes.xaxis.set_major_formatter("{x:g}")
        axes.xaxis.set_minor_formatter("")
    grid.figure.suptitle(f"{shape} {SHAPES[shape]}, {dtype}", y=1.02)
    grid.savefig(path, dpi=120)
    print(f"\nDrawn in {path}")


def measure(chosen):
    """A row for each layer, peer, mode, shape, dtype and pass."""
    # Keras reads its backend when it is imported, which is in a process for each.
    import keras
    import numpy as np

    from benchmarks.layer_cases import cases

    rng = np.random.default_rng(0)
    rows = []
    shapes = [chosen.shape] if chosen.shape else SHAPES
    dtypes = [chosen.dtype] if chosen.dtype else DTYPES
    modes = MODES[chosen.backend]
    for shape, dtype, mode, kind in itertools.product(shapes, dtypes, modes, PASSES):
        size = SHAPES[shape]
        x = keras.ops.cast(rng.normal(size=size), dtype)
        found = {
            case: layer
            for case, layer in cases(chosen.backend, kind, dtype, size).items()
            if chosen.layer in (None, case[0]) or case[1] == FLOOR
        }
        step_of = partial(make_step, backend=chosen.backend, x=x, mode=mode, kind=kind)
        if chosen.only is not None:
            made = list(found.values())
            if chosen.only < len(made):
                return [{"peak_mb": peak_memory(step_of(made[chosen.only]))}]
            chosen.only -= len(made)
            continue
        steps = {case: step_of(layer) for case, layer in found.items()}
        measured = timed(steps, chosen.repeats)
        setting = (chosen.backend, mode, shape, dtype, kind)
        for (layer, name), values in measured.items():
            case = {"layer": layer, "name": name}
            rows.append(dict(zip(SETTINGS, setting, strict=True)) | case | values)
    return rows


if __name__ == "__main__":
    main()
