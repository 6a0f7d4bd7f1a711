"""How many records of each type a batch has, and which of them get which fault."""

from dataclasses import dataclass

import numpy as np

from telecom_cdr.sources.generator.calendar import Flags, Ints
from telecom_cdr.sources.generator.fault_rates import DUPLICATE_FAULTS, Fault, FaultRates, types_of
from telecom_cdr.sources.generator.mix import TrafficMix
from telecom_cdr.vocabulary import RecordType


@dataclass(frozen=True)
class Victim:
    """A record that gets a fault, or is the original of a duplicate."""

    record: int
    fault: Fault


@dataclass(frozen=True)
class BatchPlan:
    """Records first to last: voice, then sms, then data; `duplicates` come on top of them."""

    counts: dict[RecordType, int]
    spoilt: tuple[Victim, ...]
    duplicates: tuple[Victim, ...]
    is_kept_billable: Flags  # Records that must be billable as they are: victims and originals.

    @property
    def record_count(self) -> int:
        """Records without duplicates."""
        return sum(self.counts.values())

    def type_of(self, record: int) -> RecordType:
        """The type of a record, by its position."""
        voice, sms = self.counts[RecordType.VOICE], self.counts[RecordType.SMS]
        if record < voice:
            return RecordType.VOICE
        return RecordType.SMS if record < voice + sms else RecordType.DATA


def plan_batch(rng: np.random.Generator, count: int, rates: FaultRates, mix: TrafficMix) -> BatchPlan:
    """Plan `count` records, duplicates included."""
    spoiling, duplicating = _draw_faults(rng, count, rates)
    weights = {RecordType.VOICE: mix.voice, RecordType.SMS: mix.sms, RecordType.DATA: mix.data}
    victim_types = [_draw_type(rng, fault, weights) for fault in spoiling]
    sound_count = count - len(spoiling) - len(duplicating)
    probabilities = np.array(list(weights.values()), np.float64)
    sound = rng.multinomial(sound_count, probabilities / probabilities.sum())
    counts = {each: int(size) + victim_types.count(each) for each, size in zip(weights, sound, strict=True)}
    shuffled = {each: rng.permutation(size) + type_ranges(counts)[each].start for each, size in counts.items()}
    next_victim = {each: iter(positions.tolist()) for each, positions in shuffled.items()}
    spoilt = tuple(Victim(next(next_victim[each]), fault) for fault, each in zip(spoiling, victim_types, strict=True))
    sound_records = np.concatenate([shuffled[each][victim_types.count(each) :] for each in counts])
    duplicates = _draw_originals(rng, sound_records, duplicating)
    is_kept_billable = np.zeros(sum(counts.values()), np.bool_)
    is_kept_billable[[victim.record for victim in (*spoilt, *duplicates)]] = True
    return BatchPlan(counts, spoilt, duplicates, is_kept_billable)


def _draw_faults(rng: np.random.Generator, count: int, rates: FaultRates) -> tuple[list[Fault], list[Fault]]:
    """The faults of a batch: spoiling ones, and repeating ones as far as there is room."""
    drawn: list[Fault] = []
    for fault, rate in rates.by_fault().items():
        drawn += [fault] * int(rate * count + rng.random())
    order = rng.permutation(len(drawn))
    spoiling = [drawn[index] for index in order if drawn[index] not in DUPLICATE_FAULTS][:count]
    room = max(0, count - len(spoiling) - 1)
    return spoiling, [drawn[index] for index in order if drawn[index] in DUPLICATE_FAULTS][:room]


def _draw_type(rng: np.random.Generator, fault: Fault, weights: dict[RecordType, float]) -> RecordType:
    """A type that the fault can happen to, by the mix; the mix may leave none, then any of them."""
    possible = types_of(fault)
    edges = np.cumsum([weights[each] for each in possible])
    if edges[-1] == 0:
        return possible[0]
    return possible[int(np.searchsorted(edges, rng.random() * edges[-1], side="right"))]


def _draw_originals(rng: np.random.Generator, records: Ints, faults: list[Fault]) -> tuple[Victim, ...]:
    """The records that are repeated; some several times when there are more repetitions than records."""
    if not faults:
        return ()
    drawn = rng.choice(records, len(faults), replace=len(faults) > len(records)).tolist()
    return tuple(Victim(record, fault) for record, fault in zip(drawn, faults, strict=True))


def type_ranges(counts: dict[RecordType, int]) -> dict[RecordType, slice]:
    """Where the records of each type stand."""
    edges: Ints = np.cumsum([0, *counts.values()])
    return {each: slice(int(edges[rank]), int(edges[rank + 1])) for rank, each in enumerate(counts)}
