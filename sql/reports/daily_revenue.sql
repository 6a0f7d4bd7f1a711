-- Daily revenue: one row for each local day, service and currency of the month of the variable `month`.
-- An unrated event without a plan has no currency: it counts in the first one of its day and service.
WITH by_currency AS (
    SELECT
        usage_date,
        service_type,
        currency,
        billing_month,
        count(*) FILTER (status = 'rated') AS event_count,
        count(*) FILTER (status = 'unrated') AS unrated_count,
        coalesce(sum(charge_amount), 0) AS charge_amount
    FROM rated_usage
    WHERE billing_month = getvariable('month')
    GROUP BY usage_date, service_type, currency, billing_month
),

of_known_currency AS (
    SELECT
        usage_date,
        service_type,
        billing_month,
        event_count,
        unrated_count,
        charge_amount,
        coalesce(currency, min(currency) OVER (PARTITION BY usage_date, service_type), 'XXX') AS currency
    FROM by_currency
)

SELECT
    usage_date,
    service_type,
    sum(event_count) AS event_count,
    sum(unrated_count) AS unrated_count,
    sum(charge_amount) AS charge_amount,
    currency,
    billing_month
FROM of_known_currency
GROUP BY usage_date, service_type, currency, billing_month
ORDER BY usage_date, service_type, currency;
