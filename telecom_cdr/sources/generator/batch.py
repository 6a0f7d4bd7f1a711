"""One batch: plan, draw, render, spoil, repeat, and put in order of arrival."""

import random
from dataclasses import dataclass
from typing import Final

import numpy as np
import pyarrow as pa

from telecom_cdr.sources.generator.calendar import DAY_SECONDS, Calendar, Ints
from telecom_cdr.sources.generator.called import Directory
from telecom_cdr.sources.generator.fault_rates import FaultRates
from telecom_cdr.sources.generator.faults import Spoiler, repeat
from telecom_cdr.sources.generator.mix import TrafficMix
from telecom_cdr.sources.generator.numbers import NumberBook, Numbers
from telecom_cdr.sources.generator.plan import BatchPlan, plan_batch
from telecom_cdr.sources.generator.rendering import render
from telecom_cdr.sources.generator.subscribers import Population
from telecom_cdr.sources.generator.traffic import Events, draw_events
from telecom_cdr.sources.generator.truth import BatchTruth, Repetition
from telecom_cdr.vocabulary import RecordType

_USUAL_DELAY_SECONDS: Final = 120
_STRAGGLERS: Final = 0.01  # Share of the records that arrive up to a day later.


@dataclass(frozen=True)
class Month:
    """Everything that the batches of a month share."""

    calendar: Calendar
    population: Population
    directory: Directory
    strangers: Numbers
    book: NumberBook
    mix: TrafficMix
    rates: FaultRates
    spoiler: Spoiler
    id_prefix: str


@dataclass(frozen=True)
class Batch:
    """Lines with their line ends in order of making, the truth in the same order, and the order of arrival."""

    lines: pa.BinaryArray
    truth: BatchTruth
    order: Ints


def make_batch(rng: np.random.Generator, month: Month, days: tuple[int, int], size: int, first_id: int) -> Batch:
    """Make `size` records of the days [first, last); their IDs start at `first_id`."""
    plan = plan_batch(rng, size, month.rates, month.mix)
    events = draw_events(rng, plan, days, month.calendar, month.population, month.directory, month.strangers, month.mix)
    rendered = render(
        rng, events, plan, month.calendar, month.book, month.population.products, month.id_prefix, first_id
    )
    truth = _truth_of(plan, events, rendered.record_ids, month.calendar.month)
    lines = _with_faults(rng, plan, rendered.lines, truth, month.spoiler)
    return Batch(lines, truth, _arrival_order(rng, plan, events))


def _truth_of(plan: BatchPlan, events: Events, record_ids: pa.StringArray, month: str) -> BatchTruth:
    """The truth before faults; duplicates repeat type and ID of their originals."""
    record_type = np.repeat(np.arange(len(RecordType)), list(plan.counts.values()))
    made = np.concatenate([np.arange(plan.record_count), [each.record for each in plan.duplicates]]).astype(np.int64)
    is_unanswered = (record_type == list(RecordType).index(RecordType.VOICE)) & (events.seconds == 0)
    return BatchTruth(
        month=month,
        record_type=record_type[made],
        record_id=record_ids.take(pa.array(made)),
        is_unanswered=is_unanswered[made],
        is_terminating=events.is_terminating[made],
    )


def _with_faults(
    rng: np.random.Generator, plan: BatchPlan, lines: pa.StringArray, truth: BatchTruth, spoiler: Spoiler
) -> pa.BinaryArray:
    """All lines, spoilt ones and duplicates included, in order of making; what was done is entered in the truth."""
    draw = random.Random(int(rng.integers(0, 2**63)))
    content = lines.cast(pa.binary())
    source = np.arange(plan.record_count + len(plan.duplicates))
    made: list[bytes] = []
    for victim in plan.spoilt:
        line = content[victim.record].as_py()[:-1]
        spoilt = spoiler.spoil(line, plan.type_of(victim.record), victim.fault, draw)
        truth.spoilt[victim.record] = (victim.fault, spoilt)
        source[victim.record] = plan.record_count + len(made)
        made.append(spoilt.line + b"\n")
    for number, victim in enumerate(plan.duplicates):
        line = content[victim.record].as_py()[:-1]
        truth.repeated[plan.record_count + number] = Repetition(victim.fault, victim.record)
        source[plan.record_count + number] = plan.record_count + len(made)
        made.append(repeat(line, plan.type_of(victim.record), victim.fault, draw) + b"\n")
    return pa.concat_arrays([content, pa.array(made, pa.binary())]).take(pa.array(source))


def _arrival_order(rng: np.random.Generator, plan: BatchPlan, events: Events) -> Ints:
    """Positions in order of arrival: after the end of the event, some much later, duplicates after their originals."""
    delay = rng.exponential(_USUAL_DELAY_SECONDS, plan.record_count)
    delay += (rng.random(plan.record_count) < _STRAGGLERS) * rng.random(plan.record_count) * DAY_SECONDS
    arrival = events.start + events.seconds + delay
    originals = np.array([each.record for each in plan.duplicates], np.int64)
    again = arrival[originals] + rng.exponential(3600, len(originals))
    return np.argsort(np.concatenate([arrival, again]), kind="stable").astype(np.int64)
