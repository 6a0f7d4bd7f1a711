"""The report of sessions whose parts do not follow each other. Not here: the other reports."""

from typing import Final

_SESSION: Final = "service_type, served_msisdn, session_id, usage_month, what, network"
_LARGEST: Final = 2**63 - 1
# Of the first part.
_FIRST: Final = {
    "first_cdr_id": "cdr_id",
    "first_record_id": "record_id",
    "first_start_utc": "event_start_utc",
    "customer_id": "customer_id",
    "product_code": "product_code",
}


def incomplete_sessions() -> str:
    """One row for each session of `of_usage` that lacks parts, or has too many."""
    firsts = ", ".join(f"max({column}) FILTER (place = 1) AS {name}" for name, column in _FIRST.items())
    overlap = "epoch_us(end_before) - epoch_us(event_start_utc)"
    return f"""
        WITH parts AS (
            SELECT *, CASE service_type WHEN 'data' THEN product_code ELSE called_number END AS what,
                CASE WHEN is_roaming THEN serving_plmn END AS network,
                event_start_utc + to_seconds(coalesce(
                    CASE service_type WHEN 'data' THEN session_duration_seconds ELSE usage_units END, 0)) AS ends
            FROM of_usage WHERE session_id IS NOT NULL AND sequence_number IS NOT NULL
        ), placed AS (
            SELECT *, lag(ends) OVER in_order AS end_before, row_number() OVER in_order AS place
            FROM parts
            WINDOW in_order AS (PARTITION BY {_SESSION} ORDER BY sequence_number, event_start_utc, cdr_id)
        ), sessions AS (
            SELECT {_SESSION}, {firsts}, count(*) AS part_count, count(DISTINCT sequence_number) AS number_count,
                min(sequence_number) AS first_sequence_number, max(sequence_number) AS last_sequence_number,
                coalesce(bool_or(is_final), false) AS has_final,
                sum(greatest(coalesce({overlap}, 0), 0) // 1000000) AS overlap_seconds,
                sum(usage_units) AS usage_units, count(*) FILTER (status = 'unrated') AS unrated_count,
                coalesce(sum(charge_amount::DECIMAL(28, 6)), 0) AS charge_amount,
                coalesce(min(currency), 'XXX') AS currency
            FROM placed GROUP BY ALL
        )
        SELECT *, first_sequence_number <= 1 AS has_first, part_count - number_count AS repeated_count,
            least({_LARGEST}, last_sequence_number::HUGEINT - least(first_sequence_number, 1) + 1 - number_count)
                AS missing_count,
            network AS serving_plmn, CASE WHEN len(served_msisdn) > 6
                THEN served_msisdn[1:4] || '*****' || served_msisdn[-2:] ELSE '*****' END AS masked_msisdn
        FROM sessions
        WHERE missing_count > 0 OR repeated_count > 0 OR NOT has_final OR overlap_seconds > 0
    """
