"""What is wrong with a candle file, where, and what to do about it."""

from functools import partial
from pathlib import Path


class CandleFileError(Exception):
    """A candle file cannot be used.

    Attributes:
        path: the file.
        line: counted from 1, header included; ``None`` where the whole file is meant.
        column: ``None`` where no single column is meant.
        problem: what is wrong.
        remedy: what to do about it.
    """

    def __init__(
        self,
        path: Path,
        *,
        problem: str,
        remedy: str,
        line: int | None = None,
        column: str | None = None,
    ) -> None:
        place = str(path)
        if line is not None:
            place += f", line {line}"
        if column is not None:
            place += f", column {column}"
        super().__init__(f"{place}: {problem}. Cure: {remedy}.")
        self.path = path
        self.line = line
        self.column = column
        self.problem = problem
        self.remedy = remedy

    def __reduce__(self) -> tuple[object, ...]:
        """From one process to another; the standard way hands over the text alone."""
        made = partial(
            CandleFileError,
            self.path,
            problem=self.problem,
            remedy=self.remedy,
            line=self.line,
            column=self.column,
        )
        return made, ()
