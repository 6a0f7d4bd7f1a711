"""Rules about what is charged: products, rates, tiers, time bands, allowances."""

from typing import Final

from telecom_cdr.reference.rules import Rule
from telecom_cdr.vocabulary import UNIT_OF_SERVICE, AllowanceKind, RateModel, RecordType, TierScope

_TIERED: Final = f"model IN ('{RateModel.GRADUATED}', '{RateModel.VOLUME}')"
# A flat rate has no tiers, whatever they would count over.
_MONTHLY: Final = f"(model <> '{RateModel.FLAT}' AND tier_scope = '{TierScope.MONTH}')"
# Charges of one event are added up exactly over this: units of 10^12 at most fit beside it.
_LARGEST_MULTIPLE: Final = 10**12
_RATE_KEY: Final = ("plan_code", "product_code", "zone", "time_band", "valid_from")


def _same_rate(left: str, right: str) -> str:
    return " AND ".join(f"{left}.{name} IS NOT DISTINCT FROM {right}.{name}" for name in _RATE_KEY)


_UNIT_CASES: Final = " ".join(f"WHEN '{service}' THEN '{unit}'" for service, unit in UNIT_OF_SERVICE.items())

_PRODUCTS: Final = (
    Rule(
        "products",
        f"""
        SELECT line, 'unit' AS column_name, unit AS value,
            'does not count ' || service_type || ': write ' || CASE service_type {_UNIT_CASES} END AS problem
        FROM products WHERE unit <> CASE service_type {_UNIT_CASES} END
        """,
    ),
    Rule(
        "products",
        f"""
        SELECT line, 'traffic_class' AS column_name, coalesce(traffic_class, '') AS value,
            'is ambiguous: line ' || min(line) OVER same || ' is the product of the same ' || service_type
                || ' calls or messages' AS problem
        FROM products WHERE service_type <> '{RecordType.DATA}'
        WINDOW same AS (PARTITION BY service_type, traffic_class)
        QUALIFY line > min(line) OVER same
        """,
    ),
)
_RATES: Final = (
    Rule(
        "rates",
        f"""
        SELECT line, 'price' AS column_name, coalesce(CAST(price AS varchar), '') AS value,
            CASE WHEN price IS NULL THEN 'is empty: a ' || model || ' rate needs a price, 0 if it is free'
                ELSE 'is not taken: the prices of a ' || model || ' rate stand in rate_tiers.csv; leave it empty'
                END AS problem
        FROM rates WHERE CASE WHEN {_TIERED} THEN price > 0 ELSE price IS NULL END
        """,
    ),
    Rule(
        "rates",
        f"""
        SELECT line, 'model' AS column_name, model AS value,
            'has no tiers: add them to rate_tiers.csv with the same {", ".join(_RATE_KEY)}' AS problem
        FROM rates WHERE {_TIERED} AND NOT EXISTS (SELECT 1 FROM rate_tiers AS tier WHERE {_same_rate("tier", "rates")})
        """,
    ),
    Rule(
        "rates",
        f"""
        SELECT line, column_name, CAST(value AS varchar) AS value,
            'cannot limit a rate whose tier_scope is month: leave it empty' AS problem
        FROM (UNPIVOT (SELECT line, minimum_charge, maximum_charge FROM rates WHERE {_MONTHLY})
            ON minimum_charge, maximum_charge INTO NAME column_name VALUE value)
        """,
    ),
    Rule(
        "rates",
        f"""
        WITH monthly AS (
            SELECT plan_code, product_code, min(line) AS month_line FROM rates WHERE {_MONTHLY} GROUP BY ALL
        ),
        banded AS (SELECT DISTINCT plan_code, product_code FROM rates WHERE time_band IS NOT NULL),
        limited AS (
            SELECT line, month_line, minimum_charge, maximum_charge
            FROM rates JOIN monthly USING (plan_code, product_code) JOIN banded USING (plan_code, product_code)
            WHERE NOT coalesce({_MONTHLY}, false)
        )
        SELECT line, column_name, CAST(value AS varchar) AS value,
            'cannot limit an event of which time bands may charge a part by line ' || month_line
                || ', whose tier_scope is month: leave it empty' AS problem
        FROM (UNPIVOT limited ON minimum_charge, maximum_charge INTO NAME column_name VALUE value)
        """,
    ),
    Rule(
        "rates",
        f"""
        WITH sizes AS (
            SELECT plan_code, product_code, line, unit_size FROM rates WHERE NOT {_TIERED}
            UNION ALL
            SELECT plan_code, product_code, NULL AS line, unit_size FROM rate_tiers
        ),
        multiples AS (
            SELECT plan_code, product_code, list_reduce(
                list(DISTINCT CAST(coalesce(unit_size, 1) AS hugeint)),
                lambda one, other: CASE WHEN one > {_LARGEST_MULTIPLE} THEN one ELSE lcm(one, other) END) AS multiple
            FROM sizes GROUP BY plan_code, product_code
        )
        SELECT min(line) AS line, 'unit_size' AS column_name, CAST(NULL AS varchar) AS value,
            'has no common multiple up to 10^12 with the other unit sizes of ' || plan_code || ' and ' || product_code
                || ', tiers included: choose sizes that divide each other' AS problem
        FROM rates JOIN multiples USING (plan_code, product_code) WHERE multiple > {_LARGEST_MULTIPLE}
        GROUP BY plan_code, product_code
        """,
    ),
    Rule(
        "rates",
        """
        SELECT line, 'minimum_charge' AS column_name, CAST(minimum_charge AS varchar) AS value,
            'is above maximum_charge ' || maximum_charge || ': lower one or raise the other' AS problem
        FROM rates WHERE minimum_charge > maximum_charge
        """,
    ),
)
_TIERS: Final = (
    Rule(
        "rate_tiers",
        f"""
        SELECT line, 'product_code' AS column_name, product_code AS value,
            'belongs to no graduated or volume rate: the same {", ".join(_RATE_KEY)} must stand in rates.csv' AS problem
        FROM rate_tiers WHERE NOT EXISTS (SELECT 1 FROM rates WHERE {_TIERED} AND {_same_rate("rates", "rate_tiers")})
        """,
    ),
    Rule(
        "rate_tiers",
        f"""
        SELECT max(line) AS line, 'up_to' AS column_name, CAST(max(up_to) AS varchar) AS value,
            'is the last tier and ends there: add one with an empty up_to' AS problem
        FROM rate_tiers GROUP BY {", ".join(_RATE_KEY)} HAVING count(*) = count(up_to)
        """,
    ),
    Rule(
        "rate_tiers",
        """
        SELECT line, 'price' AS column_name, '' AS value, 'is empty and so is flat_fee: give at least one' AS problem
        FROM rate_tiers WHERE price IS NULL AND flat_fee IS NULL
        """,
    ),
)
# Every kind of day on which a range of hours starts, a weekday that is a holiday or none; past midnight it goes on into
# the next weekday of either kind.
_ON_DAYS: Final = """
    hours AS (
        SELECT line, time_band, priority, day, is_holiday,
            CAST(left(start_time, 2) AS int) * 60 + CAST(right(start_time, 2) AS int) AS begins,
            CAST(left(end_time, 2) AS int) * 60 + CAST(right(end_time, 2) AS int) AS ends
        FROM time_bands, range(1, 8) AS days(day), (VALUES (true), (false)) AS kinds(is_holiday)
        WHERE CASE WHEN is_holiday AND on_holidays IS NOT NULL AND NOT on_holidays THEN false
            WHEN is_holiday AND on_holidays THEN true
            ELSE coalesce(contains(weekdays, CAST(day AS varchar)), true) END
    ),
    pieces AS (
        SELECT line, time_band, priority, day, is_holiday, begins,
            CASE WHEN ends > begins THEN ends ELSE 1440 END AS ends
        FROM hours
        UNION ALL
        SELECT line, time_band, priority, day % 7 + 1, kinds.is_holiday, 0, ends
        FROM hours, (VALUES (true), (false)) AS kinds(is_holiday) WHERE ends < begins
    )"""
_BANDS: Final = (
    Rule(
        "time_bands",
        """
        SELECT line, 'end_time' AS column_name, end_time AS value,
            'equals start_time: write 00:00 to 24:00 for a whole day' AS problem
        FROM time_bands WHERE end_time = start_time
        """,
    ),
    Rule(
        "time_bands",
        """
        SELECT line, 'weekdays' AS column_name, weekdays AS value, 'names a day twice: name it once' AS problem
        FROM time_bands WHERE len(list_distinct(string_split(weekdays, ''))) < length(weekdays)
        """,
    ),
    Rule(
        "time_bands",
        f"""
        WITH {_ON_DAYS}, used AS (
            SELECT plan_code, product_code, zone, time_band, coalesce(valid_from, DATE '-infinity') AS since,
                coalesce(valid_to, DATE 'infinity') AS until
            FROM rates WHERE time_band IS NOT NULL
        )
        SELECT greatest(one.line, other.line) AS line, 'priority' AS column_name,
            CAST(one.priority AS varchar) AS value,
            'is that of line ' || least(one.line, other.line) || ' at the same hours'
                || CASE WHEN bool_and(one.is_holiday) THEN ' of holidays' ELSE '' END || ', and ' || used.plan_code
                || ' prices ' || used.product_code || ' in both: give them different priorities' AS problem
        FROM pieces AS one JOIN pieces AS other
            ON one.day = other.day AND one.is_holiday = other.is_holiday AND one.priority = other.priority
            AND one.time_band < other.time_band AND one.begins < other.ends AND other.begins < one.ends
        JOIN used ON used.time_band = one.time_band
        JOIN used AS also ON also.time_band = other.time_band AND also.plan_code = used.plan_code
            AND also.product_code = used.product_code AND also.zone IS NOT DISTINCT FROM used.zone
            AND also.since < used.until AND used.since < also.until
        GROUP BY one.line, other.line, one.priority, used.plan_code, used.product_code
        """,
    ),
)
_ALLOWANCES: Final = (
    *(
        Rule(
            "allowances",
            f"""
            SELECT line, '{name}' AS column_name, CAST({name} AS varchar) AS value,
                'differs from line ' || first_value(line) OVER same
                    || ': rows of one plan_code and allowance_code are one allowance' AS problem
            FROM allowances
            WINDOW same AS (PARTITION BY plan_code, allowance_code ORDER BY line)
            QUALIFY {name} <> first_value({name}) OVER same
            """,
        )
        for name in ("kind", "quantity", "period", "scope", "priority")
    ),
    Rule(
        "allowances",
        f"""
        SELECT line, 'quantity' AS column_name, CAST(quantity AS varchar) AS value,
            'is no whole number: units are seconds, messages or bytes' AS problem
        FROM allowances WHERE kind = '{AllowanceKind.UNITS}' AND quantity <> trunc(quantity)
        """,
    ),
    Rule(
        "allowances",
        f"""
        WITH covered AS (
            SELECT DISTINCT given.line, given.plan_code, given.allowance_code, products.unit
            FROM allowances AS given
            JOIN rates ON rates.plan_code = given.plan_code
                AND rates.product_code = coalesce(given.product_code, rates.product_code)
            JOIN products ON products.product_code = rates.product_code
            WHERE given.kind = '{AllowanceKind.UNITS}'
        )
        SELECT min(line) AS line, 'product_code' AS column_name, CAST(NULL AS varchar) AS value,
            allowance_code || ' covers products that count ' || string_agg(DISTINCT unit, ' and ' ORDER BY unit)
                || ': make one allowance for each unit' AS problem
        FROM covered GROUP BY plan_code, allowance_code HAVING count(DISTINCT unit) > 1
        """,
    ),
)

TARIFF_RULES: Final = (*_PRODUCTS, *_RATES, *_TIERS, *_BANDS, *_ALLOWANCES)
