"""Where ingest is in a topic, by the tables: positions, gaps, and topics that were there before.

Here: what raw/cdrs, raw/files and raw/gaps say of a topic, and rows of raw/gaps. Not here: taking records
(`ingest_topic`, `raw_writer`).
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

import pyarrow.compute as pc

from telecom_cdr.lakehouse.catalog import Catalog
from telecom_cdr.lakehouse.raw_writer import RangeRow, RawWriter
from telecom_cdr.lakehouse.taken_ranges import range_in_raw
from telecom_cdr.sources import topic_of
from telecom_cdr.sources.kafka.source import Lost
from telecom_cdr.sources.kafka.stream import Identity, position_key
from telecom_cdr.sources.starts import microseconds_of
from telecom_cdr.tables.raw import CDRS, FILES, GAPS
from telecom_cdr.vocabulary import GapReason


def positions_of(catalog: Catalog, identity: Identity, partitions: Iterable[int]) -> dict[int, int]:
    """Offset that ingest takes next of each partition: after what raw/cdrs holds, and after accepted gaps."""
    handles = [catalog.delta(table) for table in (CDRS, GAPS)]
    return {
        partition: max(handle.transaction_version(identity.position_key(partition)) or 0 for handle in handles)
        for partition in partitions
    }


def complete_ranges(
    catalog: Catalog, writer: RawWriter, identity: Identity, partitions: Iterable[int], now: datetime
) -> None:
    """Write the rows of raw/files that a process was killed before; what they say is read from raw/cdrs."""
    cdrs, files, gaps = (catalog.delta(table) for table in (CDRS, FILES, GAPS))
    rows = []
    for partition in partitions:
        key = identity.position_key(partition)
        taken, told = cdrs.transaction_version(key) or 0, files.transaction_version(key) or 0
        first = max(told, gaps.transaction_version(key) or 0)
        if first < taken:
            name = identity.label(partition)
            values = range_in_raw(catalog, identity.source_id, partition, range(first, taken), name, now)
            rows.append(RangeRow(key, taken, values))
    if rows:
        writer.record_taken(rows)


def record_lost(writer: RawWriter, identity: Identity, lost: Sequence[Lost], now: datetime) -> list[Lost]:
    """Record ranges that are gone in raw/gaps, so that ingest goes on after them; gives those not recorded before."""
    rows = [
        RangeRow(
            identity.position_key(each.partition),
            each.last + 1,
            {
                "source_id": identity.source_id,
                "source_partition": each.partition,
                "first_offset": each.first,
                "last_offset": each.last,
                "name": identity.label(each.partition),
                "reason": GapReason.DELETED_BEFORE_READ.value,
                "recorded_utc": microseconds_of(now),
            },
        )
        for each in lost
    ]
    recorded = writer.record_gaps(rows)
    return [each for each, row in zip(lost, rows, strict=True) if row in recorded]


def record_replaced(catalog: Catalog, writer: RawWriter, identity: Identity, now: datetime) -> list[str]:
    """Record that a topic of the same name and cluster was there before: what was not read of it is gone.

    Gives a line for each partition that is recorded for the first time.
    """
    rows = [
        RangeRow(
            f"{position_key(source_id, partition)}#{GapReason.TOPIC_REPLACED.value}",
            1,
            {
                "source_id": source_id,
                "source_partition": partition,
                "first_offset": position,
                "last_offset": None,
                "name": identity.label(partition),
                "reason": GapReason.TOPIC_REPLACED.value,
                "recorded_utc": microseconds_of(now),
            },
        )
        for (source_id, partition), position in _ends(catalog, identity.family).items()
        if source_id != identity.source_id
    ]
    recorded = writer.record_gaps(rows) if rows else []
    return [f"{row.values['name']} from offset {row.values['first_offset']} on" for row in recorded]


def other_clusters(catalog: Catalog, identity: Identity) -> list[str]:
    """Clusters that records of a topic of this name were taken from before, while none were of this cluster's."""
    known = {topic_of(source_id) for source_id, _ in _ends(catalog)}
    of_name = {topic[0] for topic in known if topic and topic[1] == identity.name}
    return [] if identity.cluster_id in of_name else sorted(of_name)


def _ends(catalog: Catalog, prefix: str = "") -> Mapping[tuple[str, int], int]:
    """Offset after the last one that raw/files tells of, by source and partition."""
    rows = catalog.read(FILES, columns=("source_id", "source_partition", "next_offset"))
    found = rows.filter(pc.starts_with(rows["source_id"], prefix)).group_by(["source_id", "source_partition"])
    ends = found.aggregate([("next_offset", "max")]).to_pylist()
    return {(row["source_id"], row["source_partition"]): row["next_offset_max"] for row in ends}
