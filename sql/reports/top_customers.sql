-- Top customers: the hundred highest invoices of the month of the variable `month`. Phone numbers are masked.
WITH days AS (
    SELECT
        cast(getvariable('month') || '-01' AS DATE) AS first_day,
        cast(cast(getvariable('month') || '-01' AS DATE) + INTERVAL 1 MONTH AS DATE) AS day_after
),

ranked AS (
    SELECT
        *,
        row_number() OVER (ORDER BY total_amount DESC, customer_id ASC) AS rank_by_total
    FROM invoices_invoices
    WHERE billing_month = getvariable('month')
),

numbers AS (
    SELECT
        customer_id,
        msisdn
    FROM invoices_lines
    WHERE billing_month = getvariable('month')
    UNION ALL
    SELECT
        customer_id,
        served_msisdn AS msisdn
    FROM rated_usage
    WHERE billing_month = getvariable('month') AND status = 'rated'
),

used AS (
    SELECT
        customer_id,
        count(DISTINCT msisdn) AS subscription_count,
        min(msisdn) AS first_msisdn
    FROM numbers
    WHERE msisdn IS NOT NULL
    GROUP BY customer_id
),

active AS (
    SELECT
        subscriptions.customer_id,
        min(subscriptions.msisdn) AS first_msisdn
    FROM reference_subscriptions AS subscriptions
    CROSS JOIN days
    WHERE
        subscriptions.status = 'active'
        AND (subscriptions.valid_from IS NULL OR subscriptions.valid_from < days.day_after)
        AND (subscriptions.valid_to IS NULL OR subscriptions.valid_to > days.first_day)
    GROUP BY subscriptions.customer_id
)

SELECT
    ranked.rank_by_total AS rank,
    ranked.customer_id,
    customers.segment,
    customers.region,
    CASE
        WHEN length(coalesce(active.first_msisdn, used.first_msisdn)) > 6
            THEN
                left(coalesce(active.first_msisdn, used.first_msisdn), 4)
                || '*****'
                || right(coalesce(active.first_msisdn, used.first_msisdn), 2)
        WHEN coalesce(active.first_msisdn, used.first_msisdn) IS NOT NULL THEN '*****'
    END AS masked_msisdn,
    coalesce(used.subscription_count, 0) AS subscription_count,
    ranked.net_amount,
    ranked.tax_amount,
    ranked.total_amount,
    ranked.currency,
    ranked.billing_month
FROM ranked
LEFT JOIN reference_customers AS customers ON ranked.customer_id = customers.customer_id
LEFT JOIN used ON ranked.customer_id = used.customer_id
LEFT JOIN active ON ranked.customer_id = active.customer_id
WHERE ranked.rank_by_total <= 100
ORDER BY ranked.rank_by_total;
