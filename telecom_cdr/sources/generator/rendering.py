"""Events as JSON lines: text put together column by column, from small tables of ready pieces."""

import json
from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from telecom_cdr.sources.generator.calendar import DAY_SECONDS, Calendar, Flags, Ints
from telecom_cdr.sources.generator.mix import LONGEST_CALL_SECONDS, LONGEST_SESSION_SECONDS
from telecom_cdr.sources.generator.numbers import GROUPS, NumberBook, shares
from telecom_cdr.sources.generator.places import CELL_IDS
from telecom_cdr.sources.generator.plan import BatchPlan, type_ranges
from telecom_cdr.sources.generator.traffic import HOME_PLMN, RAW_TECHNOLOGIES, ROAMING_PLMNS, Events
from telecom_cdr.sources.local_time import SECOND
from telecom_cdr.vocabulary import RecordType

Text: TypeAlias = pa.StringArray

# How clocks write: local time, with a blank, with milliseconds; instants in UTC and with an offset.
_LOCAL, _BLANK, _MILLISECONDS, _UTC, _OFFSET = range(5)
_CLOCK_SHARES: Final = (0.60, 0.06, 0.04, 0.18, 0.12)
_SECONDS_OF_DAY: Final = [f"{s // 3600:02d}:{s // 60 % 60:02d}:{s % 60:02d}" for s in range(DAY_SECONDS)]
_TIMES: Final = pa.array([f"T{time}" for time in _SECONDS_OF_DAY] + [f" {time}" for time in _SECONDS_OF_DAY])
_MOST_SECONDS: Final = max(LONGEST_CALL_SECONDS, LONGEST_SESSION_SECONDS) + 1
# An integer as most nodes write it, as text, and with a decimal point.
_INTEGERS: Final = pa.array(
    [form.format(value) for form in ("{}", '"{}"', "{}.0") for value in range(_MOST_SECONDS)], pa.string()
)
_INTEGER_SHARES: Final = (0.99, 0.006, 0.004)
_CELLS: Final = pa.array([*(f'"cell_id": "{cell}", ' for cell in CELL_IDS), ""])
_TECHNOLOGIES: Final = pa.array([f'"technology": "{name}", ' for name in RAW_TECHNOLOGIES])
_SERVING: Final = pa.array(["", *(f', "serving_plmn": "{plmn}"' for plmn in (HOME_PLMN, *ROAMING_PLMNS))])
_DIRECTIONS: Final = pa.array(["", ', "direction": "mo"', ', "direction": "mt"'])
_CAUSES: Final = pa.array([', "cause": "normal"', ', "cause": "no_answer"', ', "cause": "busy"'])
_NODES: Final = pa.array(["", *(f', "source_node": "MSC{node:02d}"' for node in range(1, 9))])
_KILO: Final = 1000


@dataclass(frozen=True)
class Rendered:
    """Lines with their line ends, and the record IDs in them; in the order of the events."""

    lines: Text
    record_ids: Text


def render(
    rng: np.random.Generator,
    events: Events,
    plan: BatchPlan,
    calendar: Calendar,
    book: NumberBook,
    products: tuple[str, ...],
    id_prefix: str,
    first_id: int,
) -> Rendered:
    """The events as JSON lines. IDs number the events of the month in order of their start, from `first_id`."""
    record_ids = _join(pa.scalar(f"{id_prefix}-"), *_digits(_ranks(events.start) + first_id))
    start = _timestamps(rng, events.start, calendar)
    cells = _CELLS.take(pa.array(np.where(events.is_abroad, len(CELL_IDS), events.cell)))
    technologies = _TECHNOLOGIES.take(pa.array(events.technology))
    served = book.spell(rng, events.served)
    called = book.spell(rng, events.called)
    seconds = _INTEGERS.take(pa.array(events.seconds + shares(rng, _INTEGER_SHARES, plan.record_count) * _MOST_SECONDS))
    direction = np.where(events.is_terminating, 2, rng.random(plan.record_count) < 0.25)
    tail = _join(
        _DIRECTIONS.take(pa.array(direction)),
        _SERVING.take(pa.array(events.serving)),
        _NODES.take(pa.array(_nodes(events.cell))),
        pa.scalar("}\n"),
    )
    ranges = type_ranges(plan.counts)
    voice, sms, data = (ranges[each] for each in RecordType)
    lines = [
        _join(
            *_head(RecordType.VOICE, record_ids[voice], start[voice], cells[voice], technologies[voice]),
            *('"caller_id": "', served[voice], '", "callee_id": "', called[voice], '", "duration_sec": '),
            *(seconds[voice], _CAUSES.take(pa.array(_causes(rng, events.seconds[voice]))), tail[voice]),
        ),
        _join(
            *_head(RecordType.SMS, record_ids[sms], start[sms], cells[sms], technologies[sms]),
            *('"sender_id": "', served[sms], '", "receiver_id": "', called[sms], '"', tail[sms]),
        ),
        _join(
            *_head(RecordType.DATA, record_ids[data], start[data], cells[data], technologies[data]),
            *('"user_id": "', served[data], '", "data_volume_mb": ', *_megabytes(rng, events.sessions.volume_bytes)),
            *(', "session_duration_sec": ', seconds[data], _products(products, events.product)),
            *(_parts(events, f"{id_prefix}-S{first_id}"), tail[data]),
        ),
    ]
    return Rendered(pa.concat_arrays(lines), record_ids)


def _join(*pieces: Text | pa.Scalar | str) -> Text:
    return pc.binary_join_element_wise(*pieces, "")


def _head(
    record_type: RecordType, record_ids: Text, start: Text, cells: Text, technologies: Text
) -> tuple[Text | str, ...]:
    return (
        *('{"record_ID": "', record_ids, f'", "record_type": "{record_type.value}", "timestamp": "', start, '", '),
        *(cells, technologies),
    )


def _digits(numbers: Ints) -> tuple[Text, ...]:
    """Nine digits, in three groups."""
    groups = (numbers // 1_000_000, numbers // _KILO % _KILO, numbers % _KILO)
    return tuple(GROUPS.take(pa.array(group)) for group in groups)


def _ranks(values: Ints) -> Ints:
    ranks = np.empty(len(values), np.int64)
    ranks[np.argsort(values, kind="stable")] = np.arange(len(values))
    return ranks


def _timestamps(rng: np.random.Generator, local: Ints, calendar: Calendar) -> Text:
    form = shares(rng, _CLOCK_SHARES, len(local))
    resolved = calendar.resolve(local + calendar.first_second)
    instant = resolved.instant // SECOND
    # A missing local time is written as it is; the same instant with an offset has its real local time.
    written = np.select(
        [form == _UTC, form == _OFFSET], [instant, instant + resolved.offset], local + calendar.first_second
    )
    days, day_index = np.unique(written // DAY_SECONDS, return_inverse=True)
    offsets, offset_index = np.unique(resolved.offset, return_inverse=True)
    endings = pa.array(["", "", ".250", "Z", *(_offset_text(int(each)) for each in offsets)], pa.string())
    ending = np.where(form == _OFFSET, _OFFSET + offset_index, form)
    return _join(
        pa.array([str(day) for day in days.astype("datetime64[D]")], pa.string()).take(pa.array(day_index)),
        _TIMES.take(pa.array(written % DAY_SECONDS + (form == _BLANK) * DAY_SECONDS)),
        endings.take(pa.array(ending)),
    )


def _offset_text(seconds: int) -> str:
    minutes = abs(seconds) // 60
    return f"{'-' if seconds < 0 else '+'}{minutes // 60:02d}:{minutes % 60:02d}"


def _nodes(cell: Ints) -> Ints:
    """The node of a cell; one in nine writes no name."""
    return cell // 5 % len(_NODES)


def _causes(rng: np.random.Generator, seconds: Ints) -> Ints:
    return np.where(seconds > 0, 0, 1 + (rng.random(len(seconds)) < 0.3))


def _megabytes(rng: np.random.Generator, volume_bytes: Ints) -> tuple[Text | str, ...]:
    """Six decimals, or three from nodes that count whole kilobytes."""
    is_coarse: Flags = rng.random(len(volume_bytes)) < 0.3
    whole, part = volume_bytes // 1_000_000, volume_bytes % 1_000_000
    return (
        _INTEGERS.take(pa.array(whole)),
        ".",
        GROUPS.take(pa.array(part // _KILO)),
        GROUPS.take(pa.array(np.where(is_coarse, _KILO, part % _KILO))),
    )


def _products(products: tuple[str, ...], index: Ints) -> Text:
    if not products:
        return pa.array([""] * len(index), pa.string())
    return pa.array([f', "product_code": {json.dumps(code)}' for code in products], pa.string()).take(pa.array(index))


def _parts(events: Events, id_prefix: str) -> Text:
    """What only partial records carry."""
    sessions = events.sessions
    cut = np.flatnonzero(sessions.is_partial)
    final = np.where(sessions.is_final[cut], "true", "false")
    pieces = [""] + [
        f', "session_id": "{id_prefix}-{session}", "sequence_number": {part + 1}, "is_final": {is_final}'
        for session, part, is_final in zip(
            sessions.session[cut].tolist(), sessions.part[cut].tolist(), final.tolist(), strict=True
        )
    ]
    index = np.zeros(len(sessions.session), np.int64)
    index[cut] = np.arange(1, len(cut) + 1)
    return pa.array(pieces, pa.string()).take(pa.array(index))
