"""Exact forms that all steps use, and Parquet files for a table. Not here: any step.

Polars divides decimals exactly only where the quotient has few places: money is whole millionths or cents until the
end.
"""

from pathlib import Path
from typing import Any, Final, Literal

import polars as pl
import pyarrow as pa
from polars.expr.whenthen import ChainedThen, Then

from benchmarks.common.delta import WrittenFile, commit, month_folder, table_folder
from telecom_cdr.tables.model import Table

# What Unicode calls whitespace.
_BLANKS: Final = (
    "\t\n\x0b\x0c\r\x1c\x1d\x1e\x1f \x85\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009"
    "\u200a\u2028\u2029\u202f\u205f\u3000"
)


Choice = Then | ChainedThen
Codec = Literal["snappy", "zstd"]


def frame_of(rows: pa.Table) -> pl.DataFrame:
    """An Arrow table as a frame."""
    return pl.DataFrame(rows)


def tables_of(rows: dict[str, pa.Table]) -> dict[str, pl.DataFrame]:
    """Arrow tables as frames."""
    return {name: frame_of(table) for name, table in rows.items()}


def greatest(values: pl.Series) -> int:
    """The greatest of whole numbers; 0 of none."""
    found: Any = values.max()
    return int(found or 0)


def text(value: str | None) -> pl.Expr:
    """A string literal, or a typed null."""
    return pl.lit(value, pl.String)


def trimmed(value: pl.Expr) -> pl.Expr:
    """A text without blanks at both ends."""
    return value.str.strip_chars(_BLANKS)


def present(value: pl.Expr) -> pl.Expr:
    """A text as it is, null when it is empty or blank. Most begin with a visible ASCII character."""
    return pl.when((value >= "!") & (value < "\x7f") | (trimmed(value) != "")).then(value)


def half_up(numerator: pl.Expr, denominator: pl.Expr | int) -> pl.Expr:
    """A quotient to the nearest whole, halves away from zero; the denominator is above 0."""
    size = numerator.abs().cast(pl.Int128)
    nearest: pl.Expr = ((size * 2 + denominator) // (pl.lit(2, pl.Int128) * denominator)) * numerator.sign().cast(
        pl.Int128
    )
    return nearest


def money(whole: pl.Expr, precision: int, scale: int) -> pl.Expr:
    """A whole number of last places as a decimal."""
    amount: pl.Expr = whole.cast(pl.Decimal(38, scale)) / 10**scale
    return amount.cast(pl.Decimal(precision, scale))


def whole(value: pl.Expr, scale: int) -> pl.Expr:
    """A decimal as a whole number of its last place."""
    places: pl.Expr = value.cast(pl.Decimal(38, scale)) * 10**scale
    return places.cast(pl.Int64)


def joined(values: dict[str, pl.Expr]) -> pl.Expr:
    """Names of the conditions that hold, comma-separated; null when none does."""
    words = [pl.when(condition).then(text(name)) for name, condition in values.items()]
    together = pl.concat_str(words, separator=",", ignore_nulls=True)
    return pl.when(together != "").then(together)


class Writer:
    """Writes frames as Parquet files by the streaming engine, and commits the files of each table once."""

    def __init__(self, lake: Path) -> None:
        self._lake = lake
        self._files: dict[Table, list[WrittenFile]] = {}

    def add(self, table: Table, month: str | None, rows: pl.LazyFrame, *, codec: Codec = "snappy") -> int:
        """Write rows that have the columns of the table; gives how many. Not committed yet."""
        files = self._files.setdefault(table, [])
        folder = month_folder(self._lake, table, month)
        path = folder / f"part-{len(files):05d}.parquet"
        columns = [
            pl.col(column.name).cast(_TYPES[column.type.sql])
            if column.type.sql in _TYPES
            else pl.col(column.name).cast(pl.Decimal(*_decimal(column.type.sql)))
            for column in table.columns
            if column.name not in table.partition_by
        ]
        level = 1 if codec == "zstd" else None
        rows.select(columns).sink_parquet(
            path, compression=codec, compression_level=level, row_group_size=2**16 if level else 2**17
        )
        count = pl.scan_parquet(path).select(pl.len()).collect().item()
        files.append(WrittenFile(path.relative_to(table_folder(self._lake, table)).as_posix(), month, count))
        return int(count)

    def commit(self, *tables: Table) -> None:
        """Commit what was written to each table."""
        for table in tables:
            commit(self._lake, table, self._files.pop(table, []))

    def rows_of(self, table: Table, month: str) -> pl.LazyFrame:
        """A month of a table."""
        return pl.scan_parquet(month_folder(self._lake, table, month) / "*.parquet", hive_partitioning=False)


_TYPES: Final[dict[str, pl.DataType]] = {
    "string": pl.String(),
    "bigint": pl.Int64(),
    "int": pl.Int32(),
    "boolean": pl.Boolean(),
    "date": pl.Date(),
    "timestamp": pl.Datetime("us", "UTC"),
    "binary": pl.Binary(),
}


def _decimal(declared: str) -> tuple[int, int]:
    precision, scale = declared.removeprefix("decimal(").removesuffix(")").split(",")
    return int(precision), int(scale)
