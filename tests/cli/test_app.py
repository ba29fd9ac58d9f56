"""The command `rectifiers`: its options, its errors in one line and its exit status."""

import re
import subprocess
import sys

import pytest

from keras_rectifiers import cli
from keras_rectifiers.cli import commands
from keras_rectifiers.cli.app import run


def ended(*arguments) -> int:
    with pytest.raises(SystemExit) as stopped:
        run([str(argument) for argument in arguments])
    return stopped.value.code or 0


def test_help_tells_the_commands(capsys):
    assert ended("--help") == 0
    shown = capsys.readouterr().out
    assert all(name in shown for name in ("list", "compare", "diagnose"))
    assert ended("compare", "--help") == 0
    assert "--activations NAMES" in capsys.readouterr().out


def test_the_list_is_printed(capsys):
    assert ended("list") == 0
    assert capsys.readouterr().out.startswith("relu ")


def test_options_are_passed_on(monkeypatch, tmp_path):
    given = {}
    monkeypatch.setattr(
        commands, "compare", lambda *names, **settings: given.update(settings)
    )
    arguments = ["compare", "a:b", "--data", "d.npz", "--out", tmp_path]
    assert ended(*arguments, "--activations", "relu,, gelu,", "--budget", "2 min") == 0
    assert given["activations"] == ["relu", "gelu"]
    assert given["budget"] == "2 min" and given["seeds"] == 10
    assert given["learning_rates"] == "auto"
    assert ended(*arguments, "--learning-rates", "0.1, 0.01") == 0
    assert given["learning_rates"] == [0.1, 0.01]


def test_learning_rates_that_are_no_numbers_are_refused(capsys):
    arguments = ["compare", "a:b", "--data", "d.npz", "--out", "o"]
    assert ended(*arguments, "--learning-rates", "0.1;0.01") == 2
    assert "such as 0.001,0.01,0.1, or auto. Received: '0.1;0.01'" in (
        capsys.readouterr().err
    )


@pytest.mark.parametrize(
    ("error", "status", "line"),
    [
        (ValueError("one\ntwo"), 2, "rectifiers: one two"),
        (TypeError("no"), 2, "rectifiers: no"),
        (
            ModuleNotFoundError("No module named 'x'"),
            2,
            "rectifiers: No module named 'x'",
        ),
        (RuntimeError("All failed\nLast: no"), 1, "rectifiers: Last: no"),
        (OSError(), 1, "rectifiers: OSError"),
        (KeyboardInterrupt(), 130, None),
    ],
)
def test_errors_are_one_line_with_the_status_of_their_kind(
    monkeypatch, capsys, error, status, line
):
    def failing():
        raise error

    monkeypatch.setattr(commands, "list_activations", failing)
    assert ended("list") == status
    shown = capsys.readouterr()
    assert "Traceback" not in shown.err
    if line is not None:
        assert shown.err.splitlines() == [line]


@pytest.mark.parametrize(
    "arguments",
    [
        ["compare"],
        ["compare", "a:b", "--data", "d.npz"],
        ["compare", "a:b", "--data", "none.npz", "--out", "o"],
        ["list", "--all"],
        ["train"],
        ["diagnose", "none.keras", "--data", "none.npz"],
    ],
)
def test_wrong_usage_ends_with_status_2(arguments, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert ended(*arguments) == 2
    shown = capsys.readouterr()
    assert shown.err and "Traceback" not in shown.err


def test_the_program_runs_with_the_arguments_of_the_process(monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["rectifiers", "list"])
    with pytest.raises(SystemExit) as stopped:
        cli.main()
    assert not stopped.value.code
    assert "gelu" in capsys.readouterr().out


def test_without_its_packages_it_says_how_to_install_them(monkeypatch):
    monkeypatch.setitem(sys.modules, "typer", None)
    with pytest.raises(SystemExit, match=re.escape("pip install 'keras-rectifiers[")):
        cli.main()


def test_the_list_loads_neither_keras_nor_a_backend():
    code = (
        "import sys; from keras_rectifiers.cli.app import run\n"
        "try:\n    run(['list'])\nexcept SystemExit:\n"
        "    print(*[m for m in ('keras', 'tensorflow') if m in sys.modules])"
    )
    shown = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60
    )
    assert shown.stdout.splitlines()[-1] == "", shown.stderr
