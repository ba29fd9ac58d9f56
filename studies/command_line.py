"""The command line of the studies: its commands and their options."""

import sys
from collections.abc import Sequence
from typing import Annotated

import typer

from keras_rectifiers.comparison.running.dask_workers import MOST_WORKERS
from studies import commands, options, reporting
from studies.profiles import PROFILES

app = typer.Typer(
    add_completion=False,
    rich_markup_mode=None,
    help="Run the studies of keras_rectifiers and report the results.",
)

Names = Annotated[
    list[str] | None,
    typer.Argument(metavar="NAME", help="Names of the studies; see `list`."),
]
All = Annotated[bool, typer.Option("--all", help="Select all studies.")]
Profile = Annotated[
    str,
    typer.Option(
        help="How much to train: `quick` takes minutes on data included with "
        "scikit-learn, `standard` takes some hours on subsets of MNIST, "
        "Fashion-MNIST and CIFAR-10, `full` uses CIFAR-10 and CIFAR-100 and needs a "
        "GPU or a cluster.",
        metavar="|".join(PROFILES),
    ),
]
Datasets = Annotated[
    list[str] | None,
    typer.Option(
        "--dataset",
        help="Data set to use instead of those of the profile: digits, mnist, "
        "fashion_mnist, cifar10, cifar100, or the path of an .npz file. Can be given "
        "several times.",
        metavar="NAME",
        show_default=False,
    ),
]
DataDir = Annotated[
    str | None,
    typer.Option(
        help="Folder with data sets as .npz files, such as mnist.npz.",
        metavar="DIR",
        show_default=False,
    ),
]
Out = Annotated[
    str,
    typer.Option(help="Folder for the finished trials.", metavar="DIR"),
]
Seeds = Annotated[
    str | None,
    typer.Option(
        help="Use the seeds 0 to N - 1 for each net instead of the seeds of the "
        "profile. Learning rates are chosen as in the profile.",
        metavar="N",
        show_default=False,
    ),
]
Activations = Annotated[
    list[str] | None,
    typer.Option(
        help="Use only the nets with these activations. Claims about other "
        "activations are then not measured.",
        metavar="NAME...",
        show_default=False,
    ),
]


@app.command("list")
def list_studies() -> None:
    """List the studies, their questions and their numbers of trials."""
    commands.list_studies(options.named(None, every=True))


@app.command()
def run(
    names: Names = None,
    every: All = False,
    profile: Profile = "quick",
    dataset: Datasets = None,
    seeds: Seeds = None,
    activations: Activations = None,
    workers: Annotated[
        str,
        typer.Option(
            help="Number of populations to train at the same time. If it is more than "
            "1, each is trained in a separate process.",
            metavar="N",
        ),
    ] = "1",
    scheduler: Annotated[
        str | None,
        typer.Option(
            help="Train with the workers of a Dask scheduler; see docs/scale-out.md.",
            metavar="ADDRESS",
            show_default=False,
        ),
    ] = None,
    out: Out = "results",
    data_dir: DataDir = None,
    retry_failed: Annotated[
        bool,
        typer.Option(
            "--retry-failed", help="Also run the trials again that failed before."
        ),
    ] = False,
    deterministic: Annotated[
        bool,
        typer.Option(
            "--deterministic",
            help="Use only operations that give the same bits in every run. This is "
            "slower.",
        ),
    ] = False,
    even_if_busy: Annotated[
        bool,
        typer.Option(
            "--even-if-busy",
            help="Time activations although other programs keep the machine busy.",
        ),
    ] = False,
    quiet: Annotated[
        bool, typer.Option("--quiet", help="Print only failures and damaged files.")
    ] = False,
) -> None:
    """Train the missing trials of the given studies.

    Finished trials are kept in the folder of --out: an interrupted run continues where
    it stopped, and a run with more seeds trains only the new seeds.
    """
    chosen = options.named(names, every)
    options.check_profile(profile)
    num_workers = options.whole_number("--workers", workers, most=MOST_WORKERS)
    address = options.scheduler(scheduler, num_workers)
    results = options.results(out)
    options.check_keras()
    options.set_data_dir(data_dir)
    chosen = options.on_data(chosen, profile, dataset)
    commands.run(
        options.part(chosen, profile, seeds, activations),
        profile,
        results,
        workers=num_workers,
        scheduler=address,
        deterministic=deterministic,
        retry_failed=retry_failed,
        even_if_busy=even_if_busy,
        quiet=quiet,
    )


@app.command()
def status(
    names: Names = None,
    profile: Profile = "quick",
    dataset: Datasets = None,
    seeds: Seeds = None,
    activations: Activations = None,
    out: Out = "results",
    data_dir: DataDir = None,
) -> None:
    """Show which trials are done, missing, failed or damaged.

    Uses all studies if none is named.
    """
    chosen = options.named(names, every=not names)
    options.check_profile(profile)
    results = options.results(out)
    options.set_data_dir(data_dir)
    chosen = options.on_data(chosen, profile, dataset)
    chosen = options.part(chosen, profile, seeds, activations)
    commands.status(chosen, profile, results)


@app.command()
def report(
    names: Names = None,
    profile: Profile = "quick",
    dataset: Datasets = None,
    seeds: Seeds = None,
    activations: Activations = None,
    out: Out = "results",
    reports: Annotated[
        str, typer.Option(help="Folder for the pages of the report.", metavar="DIR")
    ] = "reports",
    data_dir: DataDir = None,
    no_data: Annotated[
        bool,
        typer.Option(
            "--no-data",
            help="Leave out the large tables, and the figures as files: a small report.",
        ),
    ] = False,
    workers: Annotated[
        str,
        typer.Option(
            help="Number of processes that judge and draw the studies.", metavar="N"
        ),
    ] = "1",
    show: Annotated[
        bool, typer.Option("--open", help="Open the report in the browser.")
    ] = False,
) -> None:
    """Write the report of the finished trials.

    Uses all studies if none is named, and can be called while trials are still being
    trained. With several data sets, there is one report for each, in a folder with its
    name.
    """
    chosen = options.named(names, every=not names)
    options.check_profile(profile)
    results = options.results(out)
    pages = options.folder("--reports", reports)
    options.set_data_dir(data_dir)
    chosen = options.on_data(chosen, profile, dataset)
    chosen = options.part(chosen, profile, seeds, activations)
    reporting.report(
        chosen,
        profile,
        results,
        pages,
        data=not no_data,
        workers=options.whole_number("--workers", workers, most=MOST_WORKERS),
        show=show,
    )


def main(args: Sequence[str] | None = None) -> int:
    """Runs the command line and returns the exit status, as described in `__main__`."""
    args = options.one_by_one("--activations", sys.argv[1:] if args is None else args)
    try:
        status = app(args=args, prog_name="python -m studies", standalone_mode=False)
    except options.WrongUsage as error:
        commands.note(f"studies: {error}")
        return 2
    except typer.TyperException as error:
        text = str(error).rstrip(".")
        commands.note(f"studies: {text}. See python -m studies --help.")
        return 2
    except OSError as error:
        commands.note(f"studies: {error}")
        return 1
    except MemoryError as error:
        commands.note(f"studies: Not enough memory. {error}".rstrip())
        return 1
    except commands.Interrupted as end:
        return end.status
    except (KeyboardInterrupt, typer.Abort):
        status = 130
    if status == 130:  # Typer may have made it of a KeyboardInterrupt
        commands.note("Interrupted.")
    return status if isinstance(status, int) else 0
