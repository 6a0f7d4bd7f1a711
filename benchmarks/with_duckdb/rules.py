"""The rules as one query: each raw row with its fields read as their types, its reasons, and its identity."""

from collections.abc import Iterable
from typing import Final

from benchmarks.common.work import FIRST_MONTH, HOME_OPERATOR
from benchmarks.with_duckdb.numbers import LARGEST, MEGABYTES, WHOLE, unless_usual
from telecom_cdr.facts.numbering_plan import COUNTRY_CODES, MOBILE_RANGES, VALID_MOROCCAN_NATIONAL

# Full-width digits and plus, then separators.
_WRITTEN: Final = "".join(chr(0xFF10 + digit) for digit in range(10)) + "\uff0b \t\u00a0.-()"
# Of networks: full-width digits, then separators.
_NETWORK: Final = "".join(chr(0xFF10 + digit) for digit in range(10)) + " \t\u00a0.-/()"
_COMMON: Final = (
    "record_ID|record_type|timestamp|cell_id|technology|session_id|sequence_number|is_final|imsi|imei|serving_plmn"
    "|direction|cause|source_node"
)
_OWN: Final = {
    "voice": "caller_id|callee_id|duration_sec",
    "sms": "sender_id|receiver_id",
    "data": "user_id|data_volume_mb|session_duration_sec|product_code",
}
_GENERATIONS: Final = {
    "2G": "2G GSM EDGE",
    "3G": "3G UMTS HSPA",
    "4G": "4G LTE",
    "5G": "5G NR",
}
_BAD_TYPE: Final = (
    "has_mistyped OR (duration_text IS NOT NULL AND duration_seconds IS NULL)"
    " OR (volume_text IS NOT NULL AND volume_bytes IS NULL)"
    f" OR (sequence_text IS NOT NULL AND sequence_number IS NULL) OR abs(sequence_number::HUGEINT) = {LARGEST}"
    " OR (is_final_text IS NOT NULL AND is_final IS NULL) OR direction NOT IN ('mo', 'mt')"
)
# In the order in which reasons are listed.
_REASONS: Final = {
    "UNKNOWN_RECORD_TYPE": "service IS NULL AND NOT is_type_mistyped",
    "MISSING_RECORD_ID": "NOT is_id_given",
    "MISSING_TIMESTAMP": "timestamp_given IS NULL AND NOT is_timestamp_mistyped",
    "INVALID_TIMESTAMP": "timestamp_given IS NOT NULL AND event_start_utc IS NULL",
    "FUTURE_TIMESTAMP": "event_start_utc > ingested_utc + INTERVAL 24 HOUR",
    "TOO_OLD": f"usage_month < '{FIRST_MONTH}'",
    "MISSING_SERVED_NUMBER": "service IS NOT NULL AND served_text IS NULL AND NOT is_served_mistyped",
    "INVALID_SERVED_NUMBER": "served_text IS NOT NULL AND served_msisdn IS NULL",
    "MISSING_CALLED_NUMBER": "service IN ('voice', 'sms') AND called_text IS NULL AND NOT is_called_mistyped",
    "INVALID_CALLED_NUMBER": "called_text IS NOT NULL AND called_number IS NULL",
    "MISSING_DURATION": "service IN ('voice', 'data') AND duration_text IS NULL AND NOT is_duration_mistyped",
    "NEGATIVE_DURATION": "duration_seconds < 0",
    "EXCESSIVE_DURATION": "duration_seconds > 86400",
    "MISSING_VOLUME": "service = 'data' AND volume_text IS NULL AND NOT is_volume_mistyped",
    "NEGATIVE_VOLUME": "is_volume_negative",
    "EXCESSIVE_VOLUME": "volume_bytes > 1000000000000",
    "INVALID_FIELD_TYPE": _BAD_TYPE,
    "UNANSWERED": "service = 'voice' AND duration_seconds = 0",
    "TERMINATING_LEG": "service IS NOT NULL AND direction = 'mt' AND NOT is_roaming",
}
_WARNINGS: Final = {
    "UNKNOWN_TECHNOLOGY": "technology = 'UNKNOWN'",
    "MISSING_CELL": "cell_text IS NULL",
    "UNREADABLE_SERVING_PLMN": "NOT regexp_full_match(serving_plmn, '[0-9]{3,6}')",
}
_KEPT: Final = (
    *("file_no", "line_no", "ingested_utc", "record_id", "source_node", "record_type", "event_start_utc"),
    *("utc_offset_seconds", "usage_date", "is_ambiguous_time", "is_shifted_time", "served_msisdn", "called_number"),
    *("is_short_code", "traffic_class", "number_range", "duration_seconds", "volume_bytes", "product_code"),
    *("technology", "coalesce(cell_text, 'UNKNOWN') AS cell_id", "session_id", "sequence_number", "is_final", "imsi"),
    *("imei", "serving_plmn", "is_roaming", "cause", "warnings", "reasons", "usage_month", "billing_month"),
)


def judged_query(raw: str) -> str:
    """The judged rows of raw ones: `payload` only where there are reasons, `cdr_id` only where there are none."""
    return f"""
        WITH common AS ({_common(raw)}),
        applicable AS ({_applicable()}),
        numbers AS ({_numbers()}),
        read AS ({_read()}),
        classified AS ({_classified()}),
        judged AS (SELECT *, {_joined(_REASONS)} AS other_reasons FROM classified),
        warned AS (
            SELECT *, CASE WHEN is_well_formed THEN other_reasons ELSE 'MALFORMED_JSON' END AS reasons,
                {_joined(_WARNINGS)} AS warnings
            FROM judged
        )
        SELECT {", ".join(_KEPT)},
            CASE WHEN reasons IS NULL THEN NULL
                WHEN regexp_full_match(reasons, '(UNANSWERED|TERMINATING_LEG)(,(UNANSWERED|TERMINATING_LEG))*')
                THEN 'not_billable' ELSE 'refused' END AS disposition,
            CASE WHEN reasons IS NOT NULL THEN payload END AS payload,
            CASE WHEN reasons IS NULL THEN
                sha256(coalesce(source_node, '') || chr(31) || record_id || chr(31) || usage_month) END AS cdr_id
        FROM warned
    """


def _joined(reasons: dict[str, str]) -> str:
    named = ", ".join(f"CASE WHEN {condition} THEN '{reason}' END" for reason, condition in reasons.items())
    return f"nullif(concat_ws(',', {named}), '')"


def _common(raw: str) -> str:
    """What every record has. `mistyped` is nearly always null."""
    kept = ("session_id", "imsi", "imei", "cause", "source_node")
    network = f"translate(serving_plmn, '{_NETWORK}', '0123456789')"
    generation = " ".join(
        f"WHEN upper(technology) IN ({_listed(names.split())}) THEN '{name}'" for name, names in _GENERATIONS.items()
    )
    trimmed = " ".join(
        f"WHEN upper(blankless(technology)) IN ({_listed(names.split())}) THEN '{name}'"
        for name, names in _GENERATIONS.items()
    )
    return f"""
        SELECT * REPLACE ({", ".join(f"present({name}) AS {name}" for name in kept)},
                CASE {generation} {trimmed} ELSE 'UNKNOWN' END AS technology, lower(present(direction)) AS direction,
                CASE WHEN regexp_full_match({network}, '[0-9]{{3,6}}') THEN {network} ELSE present(serving_plmn) END
                    AS serving_plmn),
            CASE WHEN record_type IN ('voice', 'sms', 'data') THEN record_type END AS service,
            ',' || mistyped_fields || ',' AS mistyped,
            present(timestamp_text) AS timestamp_given,
            present(cell_id) AS cell_text,
            present(sequence_number) AS sequence_text,
            present(is_final) AS is_final_text
        FROM {raw}
    """


def _applicable() -> str:
    """The text of what was used and by whom; a terminating leg abroad serves the number reached."""

    def is_mistyped(names: dict[str, str]) -> str:
        tests = " ".join(f"WHEN service = '{kind}' THEN contains(mistyped, ',{name},')" for kind, name in names.items())
        return f"CASE WHEN mistyped IS NULL THEN false {tests} ELSE false END"

    reaching, reached = (
        {"voice": "caller_id", "sms": "sender_id", "data": "user_id"},
        {
            "voice": "callee_id",
            "sms": "receiver_id",
        },
    )
    durations = {"voice": "duration_sec", "data": "session_duration_sec"}
    own = " ".join(
        f"WHEN service = '{kind}' THEN regexp_matches(mistyped, ',({_COMMON}|{names}),')"
        for kind, names in _OWN.items()
    )
    return f"""
        SELECT * EXCLUDE (product_code),
            present(CASE WHEN is_reversed THEN {_by_type(reached)} ELSE {_by_type(reaching)} END) AS served_text,
            present(CASE WHEN is_reversed THEN {_by_type(reaching)} ELSE {_by_type(reached)} END) AS called_text,
            present({_by_type(durations)}) AS duration_text,
            present(CASE WHEN service = 'data' THEN data_volume_mb END) AS volume_text,
            present(CASE WHEN service = 'data' THEN product_code END) AS product_code,
            CASE WHEN is_reversed THEN {is_mistyped(reached)} ELSE {is_mistyped(reaching)} END AS is_served_mistyped,
            CASE WHEN is_reversed THEN {is_mistyped(reaching)} ELSE {is_mistyped(reached)} END AS is_called_mistyped,
            {is_mistyped(durations)} AS is_duration_mistyped,
            {is_mistyped({"data": "data_volume_mb"})} AS is_volume_mistyped,
            coalesce(contains(mistyped, ',record_type,'), false) AS is_type_mistyped,
            present(record_id) IS NOT NULL OR coalesce(contains(mistyped, ',record_ID,'), false) AS is_id_given,
            coalesce(contains(mistyped, ',timestamp,'), false) AS is_timestamp_mistyped,
            CASE WHEN mistyped IS NULL THEN false {own} ELSE regexp_matches(mistyped, ',({_COMMON}),') END
                AS has_mistyped
        FROM (
            SELECT *, coalesce(is_roaming AND direction = 'mt' AND service IN ('voice', 'sms'), false) AS is_reversed
            FROM (
                SELECT *, coalesce(NOT regexp_full_match(serving_plmn, '604[0-9]{{0,3}}'), false) AS is_roaming
                FROM common
            )
        )
    """


def _numbers() -> str:
    """Numbers of people in ASCII without separators, and other numbers as whole ones."""
    compact = ", ".join(
        f"CASE WHEN regexp_full_match({name}_text, '[0-9]*') THEN {name}_text"
        f" ELSE translate({name}_text, '{_WRITTEN}', '0123456789+') END AS {name}_compact"
        for name in ("served", "called")
    )
    return f"""
        SELECT * EXCLUDE (sequence_number, is_final), {compact},
            CASE WHEN d.written IS NULL THEN duration_text::BIGINT ELSE d.whole END AS duration_seconds,
            CASE WHEN v.written IS NULL THEN (volume_text::DECIMAL(11, 6) * 1000000)::BIGINT ELSE v.millionths END
                AS volume_bytes,
            coalesce(v.is_negative, false) AS is_volume_negative,
            CASE WHEN s.written IS NULL THEN sequence_text::BIGINT ELSE s.whole END AS sequence_number,
            CASE is_final_text WHEN 'true' THEN true WHEN 'false' THEN false END AS is_final
        FROM applicable
        LEFT JOIN unusual AS d ON d.written = {unless_usual("duration_text", WHOLE)}
        LEFT JOIN unusual AS v ON v.written = {unless_usual("volume_text", MEGABYTES)}
        LEFT JOIN unusual AS s ON s.written = {unless_usual("sequence_text", WHOLE)}
    """


def _read() -> str:
    """Numbers of people as E.164 digits, or a short code."""
    digits = ", ".join(
        f"""CASE WHEN starts_with({name}_compact, '+') THEN {name}_compact[2:21]
            WHEN starts_with({name}_compact, '00') THEN {name}_compact[3:22]
            WHEN starts_with({name}_compact, '0') THEN '212' || {name}_compact[2:21]
            WHEN len({name}_compact) = 9 AND {name}_compact[1] IN ('5', '6', '7', '8') THEN '212' || {name}_compact
            WHEN len({name}_compact) BETWEEN 10 AND 15 THEN {name}_compact END AS {name}_digits"""
        for name in ("served", "called")
    )
    codes = " ".join(
        f"WHEN called_digits[1:{size}] IN ({_listed(sorted(code for code in COUNTRY_CODES if len(code) == size))})"
        f" THEN called_digits[1:{size}]"
        for size in (1, 2, 3)
    )
    return f"""
        SELECT *,
            CASE WHEN regexp_full_match(served_digits, '212{VALID_MOROCCAN_NATIONAL}') THEN served_digits END
                AS served_msisdn,
            CASE WHEN is_short_code THEN called_compact
                WHEN country_code IS NOT NULL AND regexp_full_match(called_digits, '[0-9]{{7,15}}') THEN called_digits
                END AS called_number
        FROM (
            SELECT *, CASE WHEN starts_with(called_digits, '212') THEN '212' {codes} END AS country_code,
                coalesce(len(called_compact) <= 5 AND regexp_full_match(called_compact, '[1-9][0-9]{{2,4}}'), false)
                    AS is_short_code
            FROM (SELECT *, {digits} FROM numbers)
        )
    """


def _classified() -> str:
    ranges = _listed(MOBILE_RANGES[HOME_OPERATOR])
    return f"""
        SELECT *,
            CASE WHEN called_number IS NULL THEN NULL WHEN is_roaming THEN 'roaming' WHEN is_short_code THEN 'special'
                WHEN country_code != '212' THEN 'international'
                WHEN called_number[4] IN ('6', '7') THEN
                    CASE WHEN called_number[1:6] IN ({ranges}) THEN 'onnet' ELSE 'offnet' END
                WHEN called_number[4] = '5' THEN 'fixed' ELSE 'special' END AS traffic_class,
            CASE WHEN called_number IS NULL OR is_short_code THEN called_number
                WHEN country_code != '212' THEN country_code
                WHEN called_number[4] IN ('6', '7') THEN called_number[1:6] ELSE called_number[1:4] END AS number_range
        FROM read
    """


def _by_type(fields: dict[str, str]) -> str:
    choices = " ".join(f"WHEN '{kind}' THEN {name}" for kind, name in fields.items())
    return f"CASE service {choices} END"


def _listed(values: Iterable[str]) -> str:
    return ", ".join(f"'{value}'" for value in values)
