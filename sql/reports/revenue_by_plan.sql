-- Revenue by plan: one row for each plan with rated events or invoice lines in the month of the variable `month`.
WITH used AS (
    SELECT
        coalesce(plan_code, 'NONE') AS plan_code,
        count(DISTINCT served_msisdn) AS subscriber_count,
        count(*) AS event_count,
        sum(charge_amount) AS charge_amount,
        min(currency) AS currency
    FROM rated_usage
    WHERE billing_month = getvariable('month') AND status = 'rated'
    GROUP BY coalesce(plan_code, 'NONE')
),

invoiced AS (
    SELECT
        coalesce(plan_code, 'NONE') AS plan_code,
        sum(net_amount) FILTER (line_type = 'recurring') AS recurring_net_amount,
        sum(net_amount) FILTER (line_type = 'usage') AS usage_net_amount,
        sum(net_amount) FILTER (line_type = 'discount') AS discount_net_amount,
        sum(net_amount) FILTER (line_type = 'fee') AS fee_net_amount,
        sum(net_amount) AS net_amount,
        min(currency) AS currency
    FROM invoices_lines
    WHERE billing_month = getvariable('month')
    GROUP BY coalesce(plan_code, 'NONE')
)

SELECT
    coalesce(used.plan_code, invoiced.plan_code) AS plan_code,
    coalesce(rate_plans.name, used.plan_code, invoiced.plan_code) AS plan_name,
    coalesce(rate_plans.payment_type, 'postpaid') AS payment_type,
    coalesce(used.subscriber_count, 0) AS subscriber_count,
    coalesce(used.event_count, 0) AS event_count,
    coalesce(used.charge_amount, 0) AS charge_amount,
    coalesce(invoiced.recurring_net_amount, 0) AS recurring_net_amount,
    coalesce(invoiced.usage_net_amount, 0) AS usage_net_amount,
    coalesce(invoiced.discount_net_amount, 0) AS discount_net_amount,
    coalesce(invoiced.fee_net_amount, 0) AS fee_net_amount,
    coalesce(invoiced.net_amount, 0) AS net_amount,
    coalesce(rate_plans.currency, used.currency, invoiced.currency, 'XXX') AS currency,
    getvariable('month') AS billing_month
FROM used
FULL OUTER JOIN invoiced ON used.plan_code = invoiced.plan_code
LEFT JOIN reference_rate_plans AS rate_plans
    ON coalesce(used.plan_code, invoiced.plan_code) = rate_plans.plan_code
ORDER BY plan_code;
