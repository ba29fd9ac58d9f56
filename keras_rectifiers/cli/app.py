"""The options of `rectifiers`; what the commands do is in `commands`."""

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from keras_rectifiers.printable import printable

app = typer.Typer(
    name="rectifiers",
    help="Compares activations, and finds out why a Keras model does not train.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)

_DEFAULT = "relu,leaky_relu,elu,gelu,silu"
_DATA = typer.Option(
    "--data",
    metavar="FILE.npz",
    help="Arrays as numpy.savez writes them: x and y, and sample_weight if you like; or "
    "x_train, y_train, x_test and y_test, and x_validation and y_validation.",
)


@app.command("list")
def list_activations() -> None:
    """List the activations by name, with their formulas."""
    from keras_rectifiers.cli import commands

    commands.list_activations()


@app.command("compare")
def compare(
    build_model: Annotated[
        str,
        typer.Argument(
            metavar="MODULE:FUNCTION",
            help="The function that takes an activation and returns a Keras model, such "
            "as my_net:build_model or my_net.py:build_model.",
        ),
    ],
    data: Annotated[Path, _DATA],
    out: Annotated[
        Path,
        typer.Option(
            metavar="DIR",
            help="The folder for the results and report.html. The same command goes on "
            "with what is missing there.",
        ),
    ],
    activations: Annotated[
        str, typer.Option(metavar="NAMES", help="Names, separated by commas.")
    ] = _DEFAULT,
    reference: Annotated[
        str, typer.Option(metavar="NAME", help="With what the others are compared.")
    ] = "relu",
    seeds: Annotated[int, typer.Option(help="The number of seeds.")] = 10,
    epochs: Annotated[int, typer.Option(help="The number of epochs.")] = 20,
    learning_rates: Annotated[
        str,
        typer.Option(
            metavar="RATES",
            help="Rates, separated by commas; auto: those around the optimizer's own.",
        ),
    ] = "auto",
    batch_size: Annotated[
        int | None, typer.Option(help="Examples in a step.", show_default="32")
    ] = None,
    metric: Annotated[
        str | None,
        typer.Option(help="A metric of the model.", show_default="its first, or loss"),
    ] = None,
    smallest_effect: Annotated[
        float | None,
        typer.Option(
            help="The smallest effect of interest, as a difference in the metric.",
            show_default="1 percentage point, or 2% of guessing",
        ),
    ] = None,
    budget: Annotated[
        str | None, typer.Option(metavar="TIME", help='Such as "20 min".')
    ] = None,
    workers: Annotated[
        str,
        typer.Option(
            metavar="N", help="The number of processes, or a Dask scheduler's address."
        ),
    ] = "1",
) -> None:
    """Find out which activations are better in your model."""
    from keras_rectifiers.cli import commands

    commands.compare(
        build_model,
        data,
        out=out,
        activations=_listed(activations),
        reference=reference,
        seeds=seeds,
        epochs=epochs,
        learning_rates=_rates(learning_rates),
        batch_size=batch_size,
        metric=metric,
        smallest_effect=smallest_effect,
        budget=budget,
        workers=int(workers) if workers.isdecimal() else workers,
    )


@app.command("diagnose")
def diagnose(
    model: Annotated[
        Path, typer.Argument(metavar="MODEL.keras", help="A saved model.")
    ],
    data: Annotated[Path, _DATA],
    loss: Annotated[
        str | None,
        typer.Option(help="The name of a loss.", show_default="that of the model"),
    ] = None,
    examples: Annotated[int, typer.Option(help="The number of examples.")] = 256,
    try_fixes: Annotated[
        bool, typer.Option("--try-fixes", help="Try the cures of what is found.")
    ] = False,
) -> None:
    """Find out why a model does not train: its data, output, loss, rate and layers."""
    from keras_rectifiers.cli import commands

    commands.diagnose(
        model, data, loss=loss, num_examples=examples, try_fixes=try_fixes
    )


def run(arguments: Sequence[str]) -> None:
    """Runs the command; ends with status 2 for wrong usage, 1 for failed work.

    Args:
        arguments: those after the name of the command.

    Raises:
        SystemExit: always.
    """
    # What TensorFlow logs as it starts tells the user nothing.
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    try:
        app(list(arguments), standalone_mode=True)
    except KeyboardInterrupt:
        _end("Interrupted. The same command goes on with what is left.", 130)
    except (TypeError, ValueError, ImportError) as error:
        _end(str(error), 2)
    except Exception as error:
        last = str(error).strip().splitlines()[-1:] or [type(error).__name__]
        _end(last[0], 1)


def _rates(text: str) -> str | list[float]:
    if text == "auto":
        return text
    try:
        return [float(rate) for rate in _listed(text)]
    except ValueError:
        raise ValueError(
            "Expected --learning-rates to be numbers separated by commas, such as "
            f"0.001,0.01,0.1, or auto. Received: {text!r}."
        ) from None


def _listed(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def _end(text: str, status: int) -> None:
    print(f"rectifiers: {printable(' '.join(text.split()))}", file=sys.stderr)
    sys.exit(status)
