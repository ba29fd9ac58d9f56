"""The files beside a page: tables as CSV, Parquet, Markdown and LaTeX."""

import gzip
import io
import math
from collections.abc import Sequence

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet

from keras_rectifiers.printable import printable

_LATEX = {
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    **{character: f"\\{character}" for character in "&%$#_{}"},
    "−": "$-$",
    "±": r"$\pm$",
    "×": r"$\times$",
    "∞": r"$\infty$",
    "“": "``",
    "”": "''",
    "’": "'",
    "–": "--",
}


def csv(frame: pd.DataFrame) -> bytes:
    """A frame as CSV, numbers with six digits."""
    floats = frame.select_dtypes("floating")
    short = frame.assign(**{name: _rounded(floats[name]) for name in floats})
    if "dataset" in short:
        names = {name: printable(name) for name in short["dataset"].unique()}
        short["dataset"] = short["dataset"].map(names)
    # pandas takes six times as long for the millions of numbers of layers.
    file = io.BytesIO()
    pyarrow.csv.write_csv(pa.Table.from_pandas(short, preserve_index=False), file)
    return file.getvalue()


def csv_gz(frame: pd.DataFrame) -> bytes:
    """A frame as CSV in gzip, which pandas and R read as they read CSV."""
    return gzip.compress(csv(frame), mtime=0)


def rounded(frame: pd.DataFrame) -> pd.DataFrame:
    """A frame whose numbers are rounded to 13 binary digits, an error below 0.013%.

    As Parquet it is a third smaller. Counts to 8,192 and their shares of a power of two
    up to that stay exact.
    """
    floats = frame.select_dtypes("floating")
    mantissas, exponents = np.frexp(floats.to_numpy(float))
    values = np.ldexp(np.rint(mantissas * 2**13) / 2**13, exponents)
    return frame.assign(**dict(zip(floats, values.T, strict=True)))


def parquet(frame: pd.DataFrame) -> bytes:
    """A frame as Parquet, numbers as they are: in single precision if that holds them."""
    floats = frame.select_dtypes("floating")
    with np.errstate(over="ignore"):
        single = floats.astype("float32")
    exact = [
        n for n in floats if single[n].astype(float).equals(floats[n].astype(float))
    ]
    table = pa.Table.from_pandas(frame.assign(**single[exact]), preserve_index=False)
    file = io.BytesIO()
    pyarrow.parquet.write_table(
        table,
        file,
        compression="zstd",
        compression_level=15,
        use_dictionary=[name for name in frame if name not in floats],
        use_byte_stream_split=list(floats),
    )
    return file.getvalue()


def markdown(header: Sequence[str], rows: Sequence[Sequence[str]]) -> bytes:
    """A table as Markdown.

    >>> print(markdown(["a", "b"], [["1", "x|y"]]).decode())
    | a | b |
    | --- | --- |
    | 1 | x\\|y |
    <BLANKLINE>
    """
    lines = [header, ["---"] * len(header), *rows]
    text = "".join(f"| {' | '.join(map(_markdown_cell, line))} |\n" for line in lines)
    return text.encode()


def latex(header: Sequence[str], rows: Sequence[Sequence[str]]) -> bytes:
    """A table as LaTeX, for the package booktabs.

    >>> print(latex(["a", "b"], [["1", "x_y"]]).decode())
    \\begin{tabular}{ll}
    \\toprule
    a & b \\\\
    \\midrule
    1 & x\\_y \\\\
    \\bottomrule
    \\end{tabular}
    <BLANKLINE>
    """
    lines = [" & ".join(map(_latex_cell, row)) + r" \\" for row in (header, *rows)]
    text = "\n".join(
        [
            rf"\begin{{tabular}}{{{'l' * len(header)}}}",
            *(r"\toprule", lines[0], r"\midrule", *lines[1:], r"\bottomrule"),
            r"\end{tabular}",
            "",
        ]
    )
    return text.encode()


def size_in_words(num_bytes: int) -> str:
    """A size, such as "3 kB" or "1.2 MB"."""
    if num_bytes <= 999e3:
        return f"{math.ceil(num_bytes / 1e3)} kB"
    return f"{num_bytes / 1e6:.1f} MB"


def _markdown_cell(text: str) -> str:
    return printable(str(text)).replace("|", r"\|").replace("<", "&lt;")


def _latex_cell(text: str) -> str:
    return "".join(_LATEX.get(character, character) for character in printable(text))


def _rounded(values: pd.Series) -> np.ndarray:
    """The nearest numbers of six decimal digits."""
    numbers = values.to_numpy(float)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        digits = 5 - np.floor(np.log10(np.abs(numbers)))
        power = 10.0 ** np.abs(digits)
        rounded = np.where(
            digits >= 0,
            np.rint(numbers * power) / power,
            np.rint(numbers / power) * power,
        )
    # A float holds powers of ten up to here exactly, so that the above rounds once.
    is_other = ~(np.abs(digits) <= 22)
    rounded[is_other] = [float(f"{number:.6g}") for number in numbers[is_other]]
    return rounded
