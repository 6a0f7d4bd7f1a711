"""Small files of a raw month made into few large ones, without changing a row.

Here: when and how. Not here: the commits that make the files (`raw_writer`).
"""

from typing import Final

import pyarrow as pa
import pyarrow.compute as pc
from deltalake.exceptions import CommitFailedError, DeltaError

from telecom_cdr.lakehouse.catalog import Catalog
from telecom_cdr.lakehouse.raw_writer import RAW_FILE_FORMAT
from telecom_cdr.tables.raw import CDRS

SMALL_FILE_BYTES: Final = 16 * 2**20
MANY_FILES: Final = 64
_TARGET_BYTES: Final = 128 * 2**20


def compact_month(catalog: Catalog, month: str) -> bool:
    """Compact a month of raw/cdrs that has more than 64 small files; says whether it did.

    Gives way to a commit that came between: the month is compacted after a later ingest.
    """
    handle = catalog.delta(CDRS)
    files = pa.table(handle.get_add_actions(flatten=True))
    if not files.num_rows:
        return False
    is_small = pc.and_(
        pc.equal(files["partition.billing_month"], month), pc.less(files["size_bytes"], SMALL_FILE_BYTES)
    )
    if (pc.sum(is_small).as_py() or 0) <= MANY_FILES:
        return False
    try:
        handle.optimize.compact(
            partition_filters=[("billing_month", "=", month)],
            target_size=_TARGET_BYTES,
            max_concurrent_tasks=1,
            writer_properties=RAW_FILE_FORMAT,
        )
    except (CommitFailedError, DeltaError) as error:
        if not _is_overtaken(error):
            raise
        return False
    return True


def _is_overtaken(error: DeltaError) -> bool:
    text = str(error).lower()
    return isinstance(error, CommitFailedError) or "conflict" in text or "concurrent" in text
