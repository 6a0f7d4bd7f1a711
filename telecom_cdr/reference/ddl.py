"""The DDL of the operational database, written from `models`: `python -m telecom_cdr.reference.ddl [DIRECTORY]`."""

import sys
from pathlib import Path
from typing import Final

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql.base import PGDialect
from sqlalchemy.dialects.sqlite.base import SQLiteDialect
from sqlalchemy.schema import CreateIndex, CreateTable

from telecom_cdr.reference.models import METADATA

DIALECTS: Final[dict[str, type[sa.Dialect]]] = {"postgresql": PGDialect, "sqlite": SQLiteDialect}
_HEADER: Final = (
    "-- The operational database of telecom_cdr on {name}.\n"
    "-- Written by `python -m telecom_cdr.reference.ddl` from telecom_cdr/tables/reference.py: do not edit.\n"
)


def ddl(name: str) -> str:
    """CREATE statements for one dialect, in an order in which they can run."""
    dialect = DIALECTS[name]()
    statements = []
    for table in METADATA.sorted_tables:
        statements.append(str(CreateTable(table).compile(dialect=dialect)))
        indexes = sorted(table.indexes, key=lambda index: str(index.name))
        statements.extend(str(CreateIndex(index).compile(dialect=dialect)) for index in indexes)
    tidy = ("\n".join(line.rstrip() for line in text.strip().replace("\t", "    ").splitlines()) for text in statements)
    return _HEADER.format(name=name) + "".join(f"\n{statement};\n" for statement in tidy)


def write(directory: Path) -> list[Path]:
    """Write `<dialect>.sql` for every dialect; gives the paths."""
    directory.mkdir(parents=True, exist_ok=True)
    paths = []
    for name in DIALECTS:
        path = directory / f"{name}.sql"
        path.write_text(ddl(name), encoding="utf-8")
        paths.append(path)
    return paths


if __name__ == "__main__":
    for written in write(Path(sys.argv[1] if len(sys.argv) > 1 else "sql/ddl")):
        print(f"wrote {written}")
