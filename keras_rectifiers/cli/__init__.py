"""The command `rectifiers`, for those who write no code.

Needs the extra `comparison`: `pip install keras-rectifiers[comparison]`.
"""

import sys


def main() -> None:
    """Runs the command, with the arguments of the process."""
    try:
        import typer  # noqa: F401
    except ModuleNotFoundError:
        sys.exit(
            "rectifiers: The command needs further packages. Install them with: pip "
            "install 'keras-rectifiers[comparison]'"
        )
    from keras_rectifiers.cli.app import run

    run(sys.argv[1:])
