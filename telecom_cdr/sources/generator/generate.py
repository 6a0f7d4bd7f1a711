"""Generate a month, batch after batch, into files or as a stream.

A batch covers whole days, so memory is bounded however many records a month has.
"""

import hashlib
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from faker import Generator

from telecom_cdr.errors import InputError
from telecom_cdr.facts.people import MoroccoProvider
from telecom_cdr.sources import Records
from telecom_cdr.sources.generator.batch import Batch, Month, make_batch
from telecom_cdr.sources.generator.calendar import Calendar
from telecom_cdr.sources.generator.called import Directory
from telecom_cdr.sources.generator.fault_rates import FaultRates
from telecom_cdr.sources.generator.faults import Spoiler
from telecom_cdr.sources.generator.mix import TrafficMix
from telecom_cdr.sources.generator.numbers import NumberBook
from telecom_cdr.sources.generator.subscribers import populate
from telecom_cdr.sources.generator.writer import MonthWriter

_RECORDS_A_BATCH: Final = 250_000


@dataclass(frozen=True)
class GenerationResult:
    """What was made."""

    month: str
    directory: Path
    files: tuple[str, ...]
    record_count: int
    byte_count: int
    table_counts: dict[str, int]
    reason_counts: dict[str, int]
    fault_counts: dict[str, int]
    seconds: float

    @property
    def records_per_second(self) -> float:
        """Speed, files included."""
        return self.record_count / self.seconds if self.seconds else 0.0


def generate(
    *,
    subscriptions: pa.Table,
    products: pa.Table,
    month: str,
    count: int,
    out_dir: Path,
    seed: int = 1,
    rates: pa.Table | None = None,
    fault_rates: FaultRates | None = None,
    mix: TrafficMix | None = None,
    timezone: str = "Africa/Casablanca",
    first_month: str = "2024-01",
    home_operator: str = "Maroc Telecom",
    records_per_file: int = 50_000,
    on_progress: Callable[[int], None] | None = None,
) -> GenerationResult:
    """Write exactly `count` records of a local month into `out_dir`, and the truth about each.

    `subscriptions`, `products` and `rates` are the tables of that name in `tables/reference.py`. With `rates`, data
    events have the products that the subscriber's plan prices. The same arguments give the same bytes.
    A directory may hold several months; a month that is there already is replaced.
    The truth counts on an ingest after the month's last day has begun: earlier, its last records would be future ones.
    `on_progress` is called with the number of records written so far.
    Raises InputError for a wrong month or count, and when no subscription is active in the month.
    """
    started = time.perf_counter()
    if count < 0 or records_per_file < 1:
        raise InputError(
            f"{count} records in files of {records_per_file} cannot be made; give numbers from 0 and from 1"
        )
    shared = _prepare(
        (subscriptions, products, rates), (month, timezone, first_month, home_operator), (seed, count), fault_rates, mix
    )
    with MonthWriter(out_dir, month, count, records_per_file) as writer:
        for batch in _made(shared, seed, count):
            writer.write(batch)
            if on_progress:
                on_progress(writer.position)
        summary = writer.finish(_describe(shared, seed, count))
    return GenerationResult(
        month=month,
        directory=out_dir,
        files=tuple(writer.files),
        record_count=count,
        byte_count=writer.byte_count,
        table_counts=dict(summary.tables),
        reason_counts=dict(summary.reasons),
        fault_counts=dict(summary.faults),
        seconds=time.perf_counter() - started,
    )


def stream(
    *,
    subscriptions: pa.Table,
    products: pa.Table,
    rates: pa.Table,
    month: str,
    count: int,
    seed: int,
    timezone: str,
    first_month: str,
    home_operator: str,
) -> Iterator[list[Records]]:
    """The records that `generate` would write with the same arguments, in the same order, from memory.

    `source_id` is the month; offsets count the records.
    """
    shared = _prepare(
        (subscriptions, products, rates), (month, timezone, first_month, home_operator), (seed, count), None, None
    )
    first = 0
    for batch in _made(shared, seed, count):
        lines = batch.lines.take(pa.array(batch.order))
        following = first + len(lines)
        offsets = pa.array(np.arange(first, following))
        yield [Records(month, 0, month, first, following, offsets, pc.binary_slice(lines, 0, -1))]
        first = following


def _made(shared: Month, seed: int, count: int) -> Iterator[Batch]:
    """The batches of a month, each from random numbers of its own."""
    first_id = 0
    for number, (days, size) in enumerate(_batches(shared, count)):
        rng = np.random.default_rng([seed, int(shared.calendar.month.replace("-", "")), number])
        batch = make_batch(rng, shared, days, size, first_id)
        yield batch
        first_id += len(batch.order)


def _prepare(
    tables: tuple[pa.Table, pa.Table, pa.Table | None],
    setting: tuple[str, str, str, str],
    size: tuple[int, int],
    fault_rates: FaultRates | None,
    mix: TrafficMix | None,
) -> Month:
    month, timezone, first_month, home_operator = setting
    seed, _ = size
    subscriptions, products, rates = tables
    faults, mix = fault_rates or FaultRates(), mix or TrafficMix()
    if month == first_month:
        # Nothing can be late before the first month: such records are too old.
        faults = replace(faults, late=0.0, too_old=faults.too_old + faults.late)
    calendar = Calendar.of(month, timezone, first_month)
    book = NumberBook()
    population = populate(subscriptions, products, rates, calendar, seed, book)
    directory = Directory(population, home_operator, book)
    source = Generator()
    source.seed_instance(seed)
    identity = repr((setting, size, faults, mix, sorted(population.known), population.products))
    return Month(
        calendar=calendar,
        population=population,
        directory=directory,
        strangers=directory.strangers(MoroccoProvider(source)),
        book=book,
        mix=mix,
        rates=faults,
        spoiler=Spoiler(month, first_month),
        id_prefix=f"{month.replace('-', '')}-{hashlib.sha256(identity.encode()).hexdigest()[:8]}",
    )


def _describe(shared: Month, seed: int, count: int) -> dict[str, object]:
    return {
        "seed": seed,
        "count": count,
        "timezone": shared.calendar.timezone,
        "first_month": shared.spoiler.first_month,
        "fault_rates": asdict(shared.rates),
        "mix": asdict(shared.mix),
    }


def _batches(shared: Month, count: int) -> list[tuple[tuple[int, int], int]]:
    """Ranges of days and how many records each has, by the subscriptions active in them."""
    day_count = shared.calendar.day_count
    batch_count = min(day_count, -(-count // _RECORDS_A_BATCH))
    if batch_count == 0:
        return []
    edges = [day_count * number // batch_count for number in range(batch_count + 1)]
    ranges = list(pairwise(edges))
    usage = np.cumsum([shared.population.day_weight(*days).sum() for days in ranges])
    ends = np.rint(usage / usage[-1] * count).astype(np.int64)
    sizes = np.diff(ends, prepend=0).tolist()
    return [(days, size) for days, size in zip(ranges, sizes, strict=True) if size]
