"""What can meet what: zones that a product reaches, plans that price it; and what is in the files for nothing.

A product's traffic class says which numbers it is for, and so which zones its calls can be in.
"""

from typing import Final

from telecom_cdr.reference.review_question import SOME, Question
from telecom_cdr.vocabulary import (
    HOME_COUNTRY_CODE,
    HOME_MCC,
    SHORT_CODE_COUNTRY,
    RecordType,
    SubscriptionStatus,
    TrafficClass,
)

_PLMN: Final = "PLMN"
_OTHERS: Final = [digit for digit in "0123456789" if digit not in "567"]
# Beginnings of the numbers of each class at home.
_HOME: Final = [
    *((TrafficClass.ONNET, f"{HOME_COUNTRY_CODE}{digit}") for digit in "67"),
    *((TrafficClass.OFFNET, f"{HOME_COUNTRY_CODE}{digit}") for digit in "67"),
    (TrafficClass.FIXED, f"{HOME_COUNTRY_CODE}5"),
    *((TrafficClass.SPECIAL, f"{HOME_COUNTRY_CODE}{digit}") for digit in _OTHERS),
]
_HOME_VALUES: Final = ", ".join(f"('{kind}', '{digits}')" for kind, digits in _HOME)
_CLASSES: Final = ", ".join(f"('{kind}')" for kind in TrafficClass)
_SERVICES: Final = ", ".join(f"('{kind}')" for kind in RecordType if kind is not RecordType.DATA)
_COUNTRY: Final = "coalesce(country_code, '')"

SCOPE: Final = (
    """CREATE TEMP TABLE ranges AS SELECT *, coalesce(valid_from, DATE '-infinity') AS begins,
        coalesce(valid_to, DATE 'infinity') AS ends FROM rates""",
    f"CREATE TEMP TABLE classes AS SELECT * FROM (VALUES {_CLASSES}) AS listed(class)",
    f"""CREATE TEMP TABLE serves AS
        SELECT service_type, class, product_code FROM products JOIN classes
            ON traffic_class = class OR (traffic_class IS NULL AND class <> '{TrafficClass.ROAMING}' AND NOT EXISTS (
                SELECT 1 FROM products AS other
                WHERE other.service_type = products.service_type AND other.traffic_class = class))
        WHERE service_type <> '{RecordType.DATA}'""",
    f"""CREATE TEMP TABLE class_zones AS
        SELECT DISTINCT zone, CASE {_COUNTRY} WHEN '{SHORT_CODE_COUNTRY}' THEN '{TrafficClass.SPECIAL}'
            ELSE '{TrafficClass.ROAMING}' END AS class FROM destinations
        UNION
        SELECT zone, class FROM destinations, (VALUES {_HOME_VALUES}) AS home(class, digits)
        WHERE {_COUNTRY} NOT IN ('{SHORT_CODE_COUNTRY}', '{_PLMN}')
            AND (starts_with(prefix, digits) OR starts_with(digits, prefix))
        UNION
        SELECT zone, '{TrafficClass.INTERNATIONAL}' FROM destinations
        WHERE {_COUNTRY} NOT IN ('{SHORT_CODE_COUNTRY}', '{_PLMN}')
            AND NOT starts_with(prefix, '{HOME_COUNTRY_CODE}')""",
    f"""CREATE TEMP TABLE reaches AS
        SELECT DISTINCT product_code, zone FROM serves JOIN class_zones USING (class)
        UNION
        SELECT product_code, zone FROM products, class_zones
        WHERE service_type = '{RecordType.DATA}' AND class = '{TrafficClass.ROAMING}'""",
    # Data abroad is priced by a rate of any zone only where the product is one for roaming.
    f"""CREATE TEMP TABLE prices AS
        SELECT DISTINCT plan_code, product_code, reaches.zone
        FROM reaches JOIN products USING (product_code) JOIN rates USING (product_code)
        WHERE rates.zone = reaches.zone OR (rates.zone IS NULL
            AND (service_type <> '{RecordType.DATA}' OR coalesce(traffic_class = '{TrafficClass.ROAMING}', false)))""",
)

_DATA_PRODUCTS: Final = f"SELECT product_code FROM products WHERE service_type = '{RecordType.DATA}'"
_NEVER_PRICED: Final = Question(
    "unpriced product",
    "products.csv",
    """SELECT line, product_code || ' is priced in no plan' AS problem FROM products
        WHERE product_code NOT IN (SELECT product_code FROM rates)""",
    "add a rate to each plan that sells it, or take the product out",
    is_error=True,
)
_UNPRICED: Final = Question(
    "unpriced product",
    "rate_plans.csv",
    f"""WITH missing AS (
            SELECT rate_plans.line, plan_code, products.line AS place, product_code FROM rate_plans, products
            WHERE product_code IN (SELECT product_code FROM rates)
                AND plan_code IN (SELECT plan_code FROM rates)
                AND NOT EXISTS (SELECT 1 FROM rates
                    WHERE rates.plan_code = rate_plans.plan_code AND rates.product_code = products.product_code)
                AND (service_type <> '{RecordType.DATA}' OR plan_code IN (
                    SELECT plan_code FROM rates WHERE product_code IN ({_DATA_PRODUCTS}))))
        SELECT line, plan_code || ' has no rate for ' || string_agg(product_code, ', ' ORDER BY place) AS problem
        FROM missing GROUP BY line, plan_code""",
    "such usage is unrated (NO_RATE); add rates, at 0 where it is free",
)
_NO_RATES: Final = Question(
    "plan without rates",
    "rate_plans.csv",
    """SELECT line, plan_code || ' has no rate at all' AS problem FROM rate_plans
        WHERE plan_code NOT IN (SELECT plan_code FROM rates)""",
    "all its usage is unrated; add rates, or take the plan out",
)
_NO_DATA: Final = Question(
    "plan without data rates",
    "rate_plans.csv",
    f"""SELECT line, plan_code || ' has rates, and none for a data product' AS problem FROM rate_plans
        WHERE plan_code IN (SELECT plan_code FROM rates) AND EXISTS ({_DATA_PRODUCTS}) AND plan_code NOT IN (
            SELECT plan_code FROM rates WHERE product_code IN ({_DATA_PRODUCTS}))""",
    "its data sessions are unrated (NO_RATE); add rates, at 0 where they are free",
)
_NO_SUBSCRIPTIONS: Final = Question(
    "plan without subscriptions",
    "rate_plans.csv",
    f"""SELECT line, plan_code || ' has no active subscription' AS problem FROM rate_plans
        WHERE plan_code NOT IN (SELECT plan_code FROM subscriptions WHERE status = '{SubscriptionStatus.ACTIVE}')""",
    "sell it, or take the plan out",
)
_NO_PRODUCT: Final = Question(
    "traffic without a product",
    "products.csv",
    f"""SELECT 0 AS line, service || ' of class ' || class || ' has no product' AS problem
        FROM (VALUES {_SERVICES}) AS services(service), classes
        WHERE NOT EXISTS (SELECT 1 FROM serves WHERE serves.service_type = service AND serves.class = classes.class)""",
    "such usage is unrated (UNKNOWN_PRODUCT); add a product of this class; one without a class serves all but roaming",
)
_UNUSED_ZONE: Final = Question(
    "unused destination",
    "destinations.csv",
    f"""WITH unpriced AS (
            SELECT zone, min(line) AS line, count(*) AS prefixes,
                array_to_string(list_slice(list(prefix ORDER BY line), 1, {SOME}), ', ') AS shown
            FROM destinations WHERE zone NOT IN (SELECT zone FROM prices) GROUP BY zone)
        SELECT line, 'zone ' || zone || ' has no rate in any plan; its prefixes: ' || shown
            || CASE WHEN prefixes > {SOME} THEN ' and ' || (prefixes - {SOME}) || ' more' ELSE '' END AS problem
        FROM unpriced""",
    "usage there is unrated (NO_RATE); add a rate for the zone or for any zone, or take the rows out",
)
_HOME_PLMN: Final = Question(
    "unused destination",
    "destinations.csv",
    f"""SELECT line, 'prefix ' || prefix || ' is a network at home, and only usage abroad asks for {_PLMN} rows'
            AS problem
        FROM destinations WHERE country_code = '{_PLMN}' AND starts_with(prefix, '{HOME_MCC}')""",
    "take the row out",
)
_USELESS_ALLOWANCE: Final = Question(
    "allowance for nothing",
    "allowances.csv",
    """SELECT line, plan_code || ' ' || allowance_code || ' covers '
            || coalesce(product_code || ', zone ' || zone, product_code, 'zone ' || zone, 'any product')
            || ', which the plan never prices' AS problem
        FROM allowances WHERE NOT EXISTS (
            SELECT 1 FROM (SELECT plan_code, product_code, NULL AS zone FROM rates UNION SELECT * FROM prices) AS priced
            WHERE priced.plan_code = allowances.plan_code
                AND priced.product_code = coalesce(allowances.product_code, priced.product_code)
                AND priced.zone IS NOT DISTINCT FROM allowances.zone)""",
    "add the rates, or take the row out",
)

SCOPE_QUESTIONS: Final = (
    _NEVER_PRICED,
    _UNPRICED,
    _NO_RATES,
    _NO_DATA,
    _NO_SUBSCRIPTIONS,
    _NO_PRODUCT,
    _UNUSED_ZONE,
    _HOME_PLMN,
    _USELESS_ALLOWANCE,
)
