-- Product costs: one row for each plan and product with rated events in the month of the variable `month`.
WITH sums AS (
    SELECT
        plan_code,
        product_code,
        service_type,
        currency,
        billing_month,
        count(*) AS event_count,
        sum(usage_units) AS usage_units,
        sum(billed_units) AS billed_units,
        sum(allowance_units) AS allowance_units,
        sum(charged_units) AS charged_units,
        sum(charge_amount) AS charge_amount
    FROM rated_usage
    WHERE billing_month = getvariable('month') AND status = 'rated'
    GROUP BY plan_code, product_code, service_type, currency, billing_month
),

-- Whole millionths of the charge: DuckDB divides decimals as doubles, and whole numbers exactly.
millionths AS (
    SELECT
        *,
        cast(charge_amount * 1000000 AS HUGEINT) AS charge_millionths
    FROM sums
)

SELECT
    plan_code,
    product_code,
    service_type,
    event_count,
    usage_units,
    billed_units,
    allowance_units,
    charged_units,
    charge_amount,
    -- Half up, symmetrical: halves go away from zero.
    cast(
        sign(charge_millionths) * ((2 * abs(charge_millionths) + event_count) // (2 * event_count)) AS DECIMAL(28, 0)
    ) * 0.000001 AS average_charge,
    currency,
    billing_month
FROM millionths
ORDER BY plan_code, product_code;
