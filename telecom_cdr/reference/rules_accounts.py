"""Rules about who is charged, and whom they reach: currencies, numbers and networks, discounts."""

from typing import Final

from telecom_cdr.reference.rules import Rule
from telecom_cdr.vocabulary import NETWORK_COUNTRY, SHORT_CODE_COUNTRY, DiscountTarget

ACCOUNT_RULES: Final = (
    Rule(
        "subscriptions",
        """
        WITH charged AS (
            SELECT line, customer_id, plan_code, currency,
                first_value(currency) OVER of_customer AS first_currency,
                first_value(line) OVER of_customer AS first_line
            FROM subscriptions JOIN (SELECT plan_code, currency FROM rate_plans) USING (plan_code)
            WINDOW of_customer AS (PARTITION BY customer_id ORDER BY line)
        )
        SELECT line, 'plan_code' AS column_name, plan_code AS value,
            'charges in ' || currency || ', line ' || first_line || ' in ' || first_currency
                || ': a customer has one currency' AS problem
        FROM charged WHERE currency <> first_currency
        """,
    ),
    *(
        Rule(
            "destinations",
            f"""
            SELECT line, 'country_code' AS column_name, country_code AS value,
                'is nearly {word}: write {word} for {meaning}' AS problem
            FROM destinations WHERE upper(country_code) = '{word}' AND country_code <> '{word}'
            """,
        )
        for word, meaning in ((SHORT_CODE_COUNTRY, "short codes"), (NETWORK_COUNTRY, "networks abroad"))
    ),
    Rule(
        "destinations",
        f"""
        SELECT line, 'prefix' AS column_name, prefix AS value,
            'is no short code: write 3 to 5 digits, the whole number' AS problem
        FROM destinations WHERE country_code = '{SHORT_CODE_COUNTRY}' AND NOT regexp_full_match(prefix, '[0-9]{{3,5}}')
        """,
    ),
    Rule(
        "destinations",
        f"""
        SELECT line, 'prefix' AS column_name, prefix AS value,
            'is no network: write an MCC, 3 digits, or MCC and MNC, 5 or 6 digits' AS problem
        FROM destinations
        WHERE country_code = '{NETWORK_COUNTRY}' AND NOT regexp_full_match(prefix, '[0-9]{{3}}([0-9]{{2,3}})?')
        """,
    ),
    Rule(
        "discounts",
        """
        SELECT line, 'percent' AS column_name, coalesce(CAST(percent AS varchar), '') AS value,
            CASE WHEN percent IS NULL THEN 'neither percent nor amount is given: fill in one'
                ELSE 'percent and amount are both given: leave one empty' END AS problem
        FROM discounts WHERE (percent IS NULL) = (amount IS NULL)
        """,
    ),
    Rule(
        "discounts",
        f"""
        SELECT line, 'product_code' AS column_name, product_code AS value,
            'cannot restrict a discount on the invoice: leave it empty, or write usage in applies_to' AS problem
        FROM discounts WHERE applies_to = '{DiscountTarget.INVOICE}' AND product_code IS NOT NULL
        """,
    ),
)
