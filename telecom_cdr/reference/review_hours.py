"""Rates over the hours of a week: hours that no rate is for, and bands that never win.

A week is cut at every edge of a band into moments. What a band does depends on the weekday, on whether that day is a
holiday, and, past midnight, on whether the day before was one.
"""

from typing import Final

from telecom_cdr.reference.review_question import Question, named

_LISTED: Final = "coalesce(contains(weekdays, CAST(of_day AS varchar)), true)"
_COUNTS: Final = f"""CASE on_holidays WHEN true THEN {_LISTED} OR on_holiday
    WHEN false THEN {_LISTED} AND NOT on_holiday ELSE {_LISTED} END"""

HOURS: Final = (
    """CREATE TEMP TABLE whole_bands AS SELECT DISTINCT time_band FROM time_bands
        WHERE start_time = '00:00' AND end_time = '24:00'
            AND len(list_distinct(string_split(coalesce(weekdays, '1234567'), ''))) = 7
            AND coalesce(on_holidays, true)""",
    """CREATE TEMP TABLE days AS
        SELECT row_number() OVER (ORDER BY of_day, on_holiday, after_holiday) AS day, of_day, on_holiday, after_holiday
        FROM range(1, 8) AS weekdays(of_day), (VALUES (false), (true)) AS today(on_holiday),
            (VALUES (false), (true)) AS yesterday(after_holiday)
        WHERE EXISTS (SELECT 1 FROM holidays) OR NOT (on_holiday OR after_holiday)""",
    """CREATE TEMP TABLE hours AS SELECT time_band, weekdays, on_holidays, priority,
            CAST(left(start_time, 2) AS int) * 60 + CAST(right(start_time, 2) AS int) AS begins,
            CAST(left(end_time, 2) AS int) * 60 + CAST(right(end_time, 2) AS int) AS ends
        FROM time_bands""",
    f"""CREATE TEMP TABLE pieces AS
        SELECT day, time_band, priority, begins, CASE WHEN ends > begins THEN ends ELSE 1440 END AS ends
        FROM hours, days WHERE {_COUNTS}
        UNION ALL
        SELECT day, time_band, priority, 0, ends
        FROM hours, (SELECT day, (of_day + 5) % 7 + 1 AS of_day, after_holiday AS on_holiday FROM days) AS before
        WHERE ends <= begins AND ends > 0 AND {_COUNTS}""",
    """CREATE TEMP TABLE moments AS
        WITH edges AS (SELECT day, 0 AS minute FROM days UNION SELECT day, begins FROM pieces
            UNION SELECT day, ends FROM pieces WHERE ends < 1440)
        SELECT row_number() OVER (ORDER BY day, minute) AS moment, day, minute FROM edges""",
    """CREATE TEMP TABLE active AS SELECT moment, time_band, min(priority) AS priority
        FROM moments JOIN pieces ON pieces.day = moments.day AND begins <= minute AND ends > minute
        GROUP BY moment, time_band""",
    # Two rates at whose usage the same bands compete.
    """CREATE TEMP TABLE rivals AS SELECT rate.line, rate.time_band, other.time_band AS other_band
        FROM ranges AS rate JOIN ranges AS other ON other.plan_code = rate.plan_code
            AND other.product_code = rate.product_code AND other.zone IS NOT DISTINCT FROM rate.zone
            AND other.time_band IS DISTINCT FROM rate.time_band AND other.time_band IS NOT NULL
            AND other.begins <= rate.begins AND other.ends >= rate.ends""",
)

_OUTRANKED: Final = Question(
    "shadowed rate",
    "rates.csv",
    f"""WITH lost AS (
            SELECT DISTINCT line, own.moment FROM rivals JOIN active AS own USING (time_band)
            JOIN active AS other ON other.moment = own.moment AND other.time_band = other_band
                AND (other.priority, other.time_band) < (own.priority, own.time_band)),
        won AS (
            SELECT line FROM ranges JOIN active USING (time_band)
            WHERE NOT EXISTS (SELECT 1 FROM lost WHERE lost.line = ranges.line AND lost.moment = active.moment))
        SELECT line, {named("ranges")} || ' is never chosen: at all its hours another band comes first' AS problem
        FROM ranges WHERE time_band IS NOT NULL AND line NOT IN (SELECT line FROM won)""",
    "mend the hours or the priority in time_bands.csv, or take the rate out",
)
_NO_HOURS_LEFT: Final = Question(
    "shadowed rate",
    "rates.csv",
    f"""WITH taken AS (
            SELECT line, count(DISTINCT moment) AS moments FROM rivals JOIN active ON active.time_band = other_band
            WHERE rivals.time_band IS NULL GROUP BY line)
        SELECT line, {named("ranges")} || ' is never chosen: at every hour a rate of a band comes first' AS problem
        FROM ranges JOIN taken USING (line) WHERE moments = (SELECT count(*) FROM moments)""",
    "take it out, or keep it for bands to come",
)
_WEEKDAYS: Final = "['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'][of_day]"
_UNPRICED_HOURS: Final = Question(
    "hours without a rate",
    "rates.csv",
    f"""WITH candidates AS (
            SELECT rate.line, other.time_band FROM ranges AS rate JOIN ranges AS other
                ON other.plan_code = rate.plan_code AND other.product_code = rate.product_code
                AND coalesce(other.zone = rate.zone, other.zone IS NULL)
                AND other.begins <= rate.begins AND other.ends > rate.begins
            WHERE rate.time_band IS NOT NULL),
        covered AS (
            SELECT DISTINCT line, moment FROM candidates JOIN active USING (time_band)
            UNION
            SELECT line, moment FROM candidates, moments WHERE time_band IS NULL),
        bare AS (
            SELECT ranges.*, moment, minute, of_day, on_holiday, after_holiday
            FROM ranges, moments JOIN days USING (day)
            WHERE time_band IS NOT NULL AND NOT EXISTS (
                SELECT 1 FROM covered WHERE covered.line = ranges.line AND covered.moment = moments.moment)),
        first_bare AS (
            SELECT *, min(line) OVER (PARTITION BY plan_code, product_code, zone, begins) AS first_line FROM bare
            QUALIFY row_number() OVER (
                PARTITION BY plan_code, product_code, zone, begins
                ORDER BY on_holiday, after_holiday, moment, line) = 1)
        SELECT first_line AS line, plan_code || ' ' || product_code || coalesce(', zone ' || zone, '')
            || ' has rates of bands and none for other hours: the first is ' || {_WEEKDAYS} || ' '
            || lpad(CAST(minute // 60 AS varchar), 2, '0') || ':' || lpad(CAST(minute % 60 AS varchar), 2, '0')
            || CASE WHEN on_holiday THEN ', a holiday' WHEN after_holiday THEN ', after a holiday' ELSE '' END
            AS problem
        FROM first_bare""",
    "usage then is unrated (NO_RATE); add a rate without a band, or a band for those hours",
)
_UNUSED_BAND: Final = Question(
    "unused time band",
    "time_bands.csv",
    """SELECT min(line) AS line, time_band || ' stands in no rate' AS problem FROM time_bands
        WHERE time_band NOT IN (SELECT time_band FROM rates WHERE time_band IS NOT NULL) GROUP BY time_band""",
    "use it in rates.csv, or take it out",
)

HOURS_QUESTIONS: Final = (_OUTRANKED, _NO_HOURS_LEFT, _UNPRICED_HOURS, _UNUSED_BAND)
