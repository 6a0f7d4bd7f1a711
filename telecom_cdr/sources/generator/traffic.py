"""The events of a batch as arrays: who, when, where, how much.

Not here: their text (`rendering.py`) and what is wrong with some (`faults.py`).
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from telecom_cdr.facts.profiles import DATA_BY_HOUR, MESSAGING_BY_HOUR, TECHNOLOGY_SHARES
from telecom_cdr.sources.generator.calendar import DAY_SECONDS, Calendar, Flags, Floats, Ints
from telecom_cdr.sources.generator.called import Directory
from telecom_cdr.sources.generator.mix import CALL_MU, CALL_SIGMA, LONGEST_CALL_SECONDS, TrafficMix
from telecom_cdr.sources.generator.numbers import Numbers, shares
from telecom_cdr.sources.generator.places import draw_cells
from telecom_cdr.sources.generator.plan import BatchPlan
from telecom_cdr.sources.generator.sessions import Sessions, draw_sessions
from telecom_cdr.sources.generator.subscribers import Population
from telecom_cdr.vocabulary import RecordType, Technology

# Raw name of the technology -> its share of the generation.
RAW_TECHNOLOGIES: Final[dict[str, tuple[Technology, float]]] = {
    "2G": (Technology.G2, 0.4),
    "GSM": (Technology.G2, 0.4),
    "EDGE": (Technology.G2, 0.2),
    "3G": (Technology.G3, 0.4),
    "UMTS": (Technology.G3, 0.4),
    "HSPA": (Technology.G3, 0.2),
    "4G": (Technology.G4, 0.5),
    "LTE": (Technology.G4, 0.48),
    "lte": (Technology.G4, 0.02),
    "5G": (Technology.G5, 0.6),
    "NR": (Technology.G5, 0.4),
}
_TECHNOLOGY_WEIGHTS: Final = tuple(TECHNOLOGY_SHARES[each] * part for each, part in RAW_TECHNOLOGIES.values())

HOME_PLMN: Final = "60401"
ROAMING_PLMNS: Final = ("20801", "21407", "22201", "20601", "310260", "60301")
# Index of the serving network: 0 not given, 1 home, then ROAMING_PLMNS.
_NOT_GIVEN, _AT_HOME, _FIRST_ABROAD = range(3)
_HOME_GIVEN_SHARE: Final = 0.1


@dataclass(frozen=True)
class Events:
    """The events of a batch, voice first, then sms, then data; arrays of one value a record."""

    served: Numbers
    called: Numbers  # of voice and sms
    start: Ints  # local seconds of the month
    seconds: Ints  # 0 for sms and unanswered calls
    cell: Ints  # index into CELL_IDS
    technology: Ints  # index into RAW_TECHNOLOGIES
    serving: Ints  # index of the serving network
    is_terminating: Flags
    product: Ints  # of data: index into the population's products
    sessions: Sessions

    @property
    def is_abroad(self) -> Flags:
        """Served by a foreign network."""
        return self.serving >= _FIRST_ABROAD


@dataclass(frozen=True)
class _Origins:
    """The calls, messages and whole sessions that records come from."""

    spell: Ints
    start: Ints
    position: Floats  # on the line of all usage


def draw_events(
    rng: np.random.Generator,
    plan: BatchPlan,
    days: tuple[int, int],
    calendar: Calendar,
    population: Population,
    directory: Directory,
    strangers: Numbers,
    mix: TrafficMix,
) -> Events:
    """Draw the events of the plan within the days [first, last) of the month."""
    voice, sms, data = (plan.counts[each] for each in RecordType)
    total = plan.record_count
    sessions = draw_sessions(rng, data)
    origins = _draw_origins(rng, (voice + sms, len(sessions.session_seconds)), days, calendar, population)
    origin = np.concatenate([np.arange(voice + sms), voice + sms + sessions.session])
    spell = origins.spell[origin]
    start = origins.start[origin]
    part_seconds = _part_seconds(sessions, origins, voice + sms, population)
    start[voice + sms :] += sessions.part * part_seconds
    seconds = np.concatenate(
        [_draw_calls(rng, voice, mix, plan.is_kept_billable), np.zeros(sms, np.int64), part_seconds]
    )

    served = population.numbers.take(spell)
    is_unknown = (rng.random(total) < mix.unknown_subscriber) & ~_of_cut_sessions(sessions, voice + sms)
    served = served.replaced(is_unknown, strangers.take(rng.integers(0, len(strangers.head), int(is_unknown.sum()))))
    serving = np.where(rng.random(total) < _HOME_GIVEN_SHARE, _AT_HOME, _NOT_GIVEN)
    is_abroad = (rng.random(total) < mix.roaming) & ~plan.is_kept_billable
    serving[is_abroad] = rng.integers(_FIRST_ABROAD, _FIRST_ABROAD + len(ROAMING_PLMNS), int(is_abroad.sum()))

    is_call = np.arange(total) < voice + sms
    is_terminating = is_call & ~is_abroad & ~plan.is_kept_billable & (rng.random(total) < mix.terminating)
    called = _draw_called(rng, voice, sms, directory, is_terminating[: voice + sms])
    offered = population.product_count[spell[voice + sms :]]
    return Events(
        served=served,
        called=called,
        start=start,
        seconds=seconds,
        cell=draw_cells(rng, origins.position[origin], spell),
        technology=shares(rng, _TECHNOLOGY_WEIGHTS, total),
        serving=serving,
        is_terminating=is_terminating,
        product=population.product_first[spell[voice + sms :]] + (offered * rng.random(data)).astype(np.int64),
        sessions=sessions,
    )


def _draw_origins(
    rng: np.random.Generator,
    counts: tuple[int, int],
    days: tuple[int, int],
    calendar: Calendar,
    population: Population,
) -> _Origins:
    """Who starts something, and when; only on days on which the subscription is active."""
    calls, sessions = counts
    first, last = days
    weight = population.day_weight(first, last)
    edges = np.cumsum(weight)
    drawn = rng.random(calls + sessions) * edges[-1]
    spell = np.minimum(np.searchsorted(edges, drawn, side="right"), population.size - 1).astype(np.int64)
    within = np.clip((drawn - edges[spell] + weight[spell]) / weight[spell], 0, 1)

    from_day = np.maximum(population.from_day[spell], first)
    day_count = np.minimum(population.to_day[spell], last) - from_day
    day = from_day + (day_count * rng.random(calls + sessions)).astype(np.int64)
    hour = np.concatenate([shares(rng, MESSAGING_BY_HOUR, calls), shares(rng, DATA_BY_HOUR, sessions)])
    start = day * DAY_SECONDS + hour * 3600 + rng.integers(0, 3600, calls + sessions)

    month_weight = population.day_weight(0, calendar.day_count)
    month_edges = np.cumsum(month_weight)
    position = (month_edges[spell] - month_weight[spell] * (1 - within)) / month_edges[-1]
    return _Origins(spell, start, position)


def _part_seconds(sessions: Sessions, origins: _Origins, first: int, population: Population) -> Ints:
    """Length of each partial record; a session ends before its subscription, and its month, do."""
    end_of_service = population.to_day[origins.spell[first:]] * DAY_SECONDS
    longest = end_of_service - origins.start[first:] - 1
    whole: Ints = np.minimum(sessions.session_seconds, longest)
    return np.floor_divide(whole[sessions.session], sessions.part_count)


def _draw_calls(rng: np.random.Generator, count: int, mix: TrafficMix, is_kept_billable: Flags) -> Ints:
    """Seconds of calls; 0 when nobody answered."""
    answered = np.clip(np.rint(rng.lognormal(CALL_MU, CALL_SIGMA, count)), 1, LONGEST_CALL_SECONDS).astype(np.int64)
    is_unanswered = (rng.random(count) < mix.unanswered) & ~is_kept_billable[:count]
    return np.where(is_unanswered, 0, answered)


def _draw_called(
    rng: np.random.Generator, voice: int, sms: int, directory: Directory, is_terminating: Flags
) -> Numbers:
    calls = directory.called(rng, RecordType.VOICE, voice)
    messages = directory.called(rng, RecordType.SMS, sms)
    both = Numbers(np.concatenate([calls.head, messages.head]), np.concatenate([calls.tail, messages.tail]))
    # The far end of a terminating leg is one of our subscribers.
    return both.replaced(is_terminating, directory.subscribers(rng, int(is_terminating.sum())))


def _of_cut_sessions(sessions: Sessions, first: int) -> Flags:
    return np.concatenate([np.zeros(first, np.bool_), sessions.is_partial])
