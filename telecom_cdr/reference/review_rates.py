"""Rates over time and zone: days that none covers, and rates that are never chosen for their zone.

Here: validity and zones. Not here: hours (`review_hours`).
"""

from typing import Final

from telecom_cdr.reference.review_question import Question, named
from telecom_cdr.vocabulary import RecordType, SubscriptionStatus, TrafficClass

_KEY: Final = "plan_code, product_code, zone, time_band"


def _is_at_its_hours(other: str, rate: str) -> str:
    """SQL: whether one rate is for all hours that another is for."""
    return f"""({other}.time_band IS NULL OR {other}.time_band IS NOT DISTINCT FROM {rate}.time_band
        OR {other}.time_band IN (SELECT time_band FROM whole_bands))"""


def _is_fallback(other: str, rate: str) -> str:
    """SQL: whether usage that a rate is for may be priced by another one, at all hours that it is for."""
    return f"""{other}.plan_code = {rate}.plan_code AND {other}.product_code = {rate}.product_code
        AND coalesce({other}.zone = {rate}.zone, {other}.zone IS NULL)
        AND {_is_at_its_hours(other, rate)}"""


_GAP: Final = Question(
    "gap",
    "rates.csv",
    f"""WITH following AS (
            SELECT *, lead(line) OVER later AS next_line, lead(begins) OVER later AS next_begins FROM ranges
            WINDOW later AS (PARTITION BY {_KEY} ORDER BY begins)),
        gaps AS (SELECT * FROM following WHERE next_begins > ends),
        days AS (
            SELECT *, ends AS day FROM gaps
            UNION ALL
            SELECT gaps.*, other.ends AS day FROM gaps JOIN ranges AS other
                ON {_is_fallback("other", "gaps")} AND other.ends > gaps.ends AND other.ends < gaps.next_begins)
        SELECT next_line AS line, {named("days")} || ' has no rate from ' || min(day) || ' until ' || next_begins
            || ': line ' || line || ' ends, and no other rate takes its place' AS problem
        FROM days WHERE NOT EXISTS (
            SELECT 1 FROM ranges AS other
            WHERE {_is_fallback("other", "days")} AND other.begins <= day AND other.ends > day)
        GROUP BY line, next_line, next_begins, {_KEY}""",
    "let one begin on the day the other ends (valid_to is the day after the last)",
    is_error=True,
)
_ENDING: Final = Question(
    "rate that ends",
    "rates.csv",
    f"""SELECT line, {named("ranges")} || ' ends on ' || ends || ', and its plan is subscribed to beyond' AS problem
        FROM ranges WHERE ends < DATE 'infinity'
            AND NOT EXISTS (SELECT 1 FROM ranges AS other
                WHERE {_is_fallback("other", "ranges")} AND other.ends > ranges.ends)
            AND EXISTS (SELECT 1 FROM subscriptions WHERE subscriptions.plan_code = ranges.plan_code
                AND status = '{SubscriptionStatus.ACTIVE}'
                AND coalesce(subscriptions.valid_to, DATE 'infinity') > ranges.ends)""",
    "usage from that day on is unrated (NO_RATE); add the rate that follows",
)
_UNREACHABLE: Final = Question(
    "shadowed rate",
    "rates.csv",
    f"""SELECT line, {named("ranges")} || ' is never chosen: no usage of the product is in that zone' AS problem
        FROM ranges WHERE zone IS NOT NULL AND NOT EXISTS (
            SELECT 1 FROM reaches WHERE reaches.product_code = ranges.product_code AND reaches.zone = ranges.zone)""",
    "mend zone or product_code, or take the rate out",
)
_OVERSHADOWED: Final = Question(
    "shadowed rate",
    "rates.csv",
    f"""WITH general AS (
            SELECT * FROM ranges WHERE zone IS NULL AND product_code IN (
                SELECT product_code FROM products WHERE service_type <> '{RecordType.DATA}'
                    AND coalesce(traffic_class, '') <> '{TrafficClass.ROAMING}')),
        days AS (
            SELECT line, begins AS day FROM general
            UNION
            SELECT general.line, other.ends FROM general JOIN ranges AS other USING (plan_code, product_code)
            WHERE other.zone IS NOT NULL AND other.ends > general.begins AND other.ends < general.ends),
        wanted AS (SELECT general.*, day, reaches.zone AS place
            FROM general JOIN days USING (line) JOIN reaches USING (product_code)),
        needed AS (
            SELECT line FROM wanted WHERE NOT EXISTS (
                SELECT 1 FROM ranges AS other
                WHERE other.plan_code = wanted.plan_code AND other.product_code = wanted.product_code
                    AND other.zone = wanted.place AND other.begins <= day AND other.ends > day
                    AND {_is_at_its_hours("other", "wanted")}))
        SELECT line, {named("wanted")} || ' is never chosen: every zone that the product reaches has a rate of its own'
            AS problem
        FROM wanted WHERE line NOT IN (SELECT line FROM needed) GROUP BY line, {_KEY}""",
    "take it out, or keep it for zones to come",
)

RATES_QUESTIONS: Final = (_GAP, _ENDING, _UNREACHABLE, _OVERSHADOWED)
