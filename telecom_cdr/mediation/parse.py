"""Parse: from the text columns of raw records to the fields that apply to each, read as their types.

Which field is the served number or the duration depends on the record's type and leg; that is decided here, once.
Not here: whether the values are acceptable (`quality/`). Nothing that ingest worked out is worked out again.
"""

from collections.abc import Mapping
from typing import Final

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from telecom_cdr.expressions import is_true, present, text, trimmed
from telecom_cdr.mediation.networks import is_abroad, network
from telecom_cdr.mediation.numerals import rounded_number, whole_number, with_numbers
from telecom_cdr.tables.raw import FIELDS, ORIGINATING, TERMINATING
from telecom_cdr.vocabulary import RecordType, Technology

FieldOfType = Mapping[RecordType, str]

_DURATION: Final = {RecordType.VOICE: "duration_sec", RecordType.DATA: "session_duration_sec"}
_VOLUME: Final = {RecordType.DATA: "data_volume_mb"}
_PRODUCT: Final = {RecordType.DATA: "product_code"}
_OF_ONE_TYPE: Final = (ORIGINATING, TERMINATING, _DURATION, _VOLUME, _PRODUCT)
_COMMON: Final = tuple(name for name in FIELDS if not any(name in fields.values() for fields in _OF_ONE_TYPE))
_GENERATIONS: Final = {
    Technology.G2: ("2G", "GSM", "EDGE"),
    Technology.G3: ("3G", "UMTS", "HSPA"),
    Technology.G4: ("4G", "LTE"),
    Technology.G5: ("5G", "NR"),
}
_BYTE_PLACES: Final = 6


def parse(raw: DataFrame) -> DataFrame:
    """Read rows of `raw/cdrs`: the columns of `quality.fields.Fields`, but for the numbers of people, still text.

    One row each. What cannot be read is null; its text stays beside it.
    """
    rows = _with_applicable_texts(_with_common_fields(raw))
    rows = with_numbers(rows, {"duration": 0, "sequence": 0, "volume": _BYTE_PLACES})
    return rows.withColumns(
        {
            "duration_seconds": whole_number("duration"),
            "sequence_number": whole_number("sequence"),
            "volume_bytes": rounded_number("volume", places=_BYTE_PLACES),
            "is_volume_negative": is_true(F.col("volume_negative")),
        }
    )


def _with_common_fields(raw: DataFrame) -> DataFrame:
    """What every record has, the service it reports, and its leg."""
    is_known_type = F.col("record_type").isin(*(kind.value for kind in RecordType))
    rows = raw.withColumns(
        {name: present(F.col(name)) for name in ("session_id", "imsi", "imei", "cause", "source_node")}
        | {
            "service_type": F.when(is_known_type, F.col("record_type")).otherwise(text(None)).cast("string"),
            "mistyped": F.concat(text(","), F.col("mistyped_fields"), text(",")).cast("string"),
            "timestamp_text": present(F.col("timestamp_text")),
            "cell_text": present(F.col("cell_id")),
            "serving_plmn": network(present(F.col("serving_plmn"))),
            "sequence_text": present(F.col("sequence_number")),
            "is_final_text": present(F.col("is_final")),
            "direction": F.lower(present(F.col("direction"))).cast("string"),
            "technology": _generation(F.col("technology")),
        }
    )
    is_final = F.when(F.col("is_final_text") == "true", F.lit(True)).when(
        F.col("is_final_text") == "false", F.lit(False)
    )
    return rows.withColumns(
        {
            "is_final": is_final.cast("boolean"),
            "is_roaming": is_abroad(F.col("serving_plmn")),
            "is_record_type_mistyped": _is_mistyped("record_type"),
            "is_record_id_given": present(F.col("record_id")).isNotNull() | _is_mistyped("record_ID"),
            "is_timestamp_given": F.col("timestamp_text").isNotNull() | _is_mistyped("timestamp"),
        }
    )


def _with_applicable_texts(rows: DataFrame) -> DataFrame:
    """The text of what was used and by whom, whichever field of the record's type holds it.

    A terminating leg abroad serves the number reached, which is charged for it.
    """
    is_reversed = is_true(F.col("direction").isin("mt") & F.col("is_roaming") & _is_one_of(TERMINATING))
    reaching, reached = _text_of(ORIGINATING), _text_of(TERMINATING)
    is_reaching_mistyped, is_reached_mistyped = _is_mistyped_of(ORIGINATING), _is_mistyped_of(TERMINATING)
    rows = rows.withColumns(
        {
            "served_text": present(F.when(is_reversed, reached).otherwise(reaching)),
            "called_text": present(F.when(is_reversed, reaching).otherwise(reached)),
            "duration_text": present(_text_of(_DURATION)),
            "volume_text": present(_text_of(_VOLUME)),
            "product_code": present(_text_of(_PRODUCT)),
            "is_served_mistyped": F.when(is_reversed, is_reached_mistyped).otherwise(is_reaching_mistyped),
            "is_called_mistyped": F.when(is_reversed, is_reaching_mistyped).otherwise(is_reached_mistyped),
            "has_mistyped_field": _has_mistyped_field(),
        }
    )
    return rows.withColumns(
        {
            "is_served_given": F.col("served_text").isNotNull() | F.col("is_served_mistyped"),
            "is_called_given": F.col("called_text").isNotNull() | F.col("is_called_mistyped"),
            "is_duration_given": F.col("duration_text").isNotNull() | _is_mistyped_of(_DURATION),
            "is_volume_given": F.col("volume_text").isNotNull() | _is_mistyped_of(_VOLUME),
        }
    )


def _generation(received: Column) -> Column:
    name = F.upper(trimmed(received))
    generation = F.when(name.isNull(), text(Technology.UNKNOWN.value))
    for technology, names in _GENERATIONS.items():
        generation = generation.when(name.isin(*names), text(technology.value))
    return generation.otherwise(text(Technology.UNKNOWN.value)).cast("string")


def _is_one_of(fields: FieldOfType) -> Column:
    return F.col("service_type").isin(*(kind.value for kind in fields))


def _text_of(fields: FieldOfType) -> Column:
    """The text of the field that the record's type has for this."""
    return _by_type({kind: F.col(name) for kind, name in fields.items()}, text(None)).cast("string")


def _is_mistyped_of(fields: FieldOfType) -> Column:
    return _by_type({kind: _is_mistyped(name) for kind, name in fields.items()}, F.lit(False)).cast("boolean")


def _by_type(columns: Mapping[RecordType, Column], otherwise: Column) -> Column:
    (first, column), *others = columns.items()
    chosen = F.when(F.col("service_type") == first.value, column)
    for kind, other in others:
        chosen = chosen.when(F.col("service_type") == kind.value, other)
    return chosen.otherwise(otherwise)


def _is_mistyped(name: str) -> Column:
    return is_true(F.col("mistyped").contains(f",{name},"))


def _has_mistyped_field() -> Column:
    """Whether a field that every record has, or that this type has, holds an object, array or boolean."""
    of_type = {kind: [fields[kind] for fields in _OF_ONE_TYPE if kind in fields] for kind in RecordType}
    by_type = {kind: F.col("mistyped").rlike(_any_of((*_COMMON, *own))) for kind, own in of_type.items()}
    return is_true(_by_type(by_type, F.col("mistyped").rlike(_any_of(_COMMON))))


def _any_of(names: tuple[str, ...]) -> str:
    return f",({'|'.join(names)}),"
