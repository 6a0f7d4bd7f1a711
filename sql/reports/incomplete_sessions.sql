-- Incomplete sessions: sessions in parts, of the month of the variable `month`, that lack parts or have too many.
WITH parts AS (
    SELECT
        *,
        CASE WHEN service_type = 'data' THEN product_code ELSE called_number END AS what,
        CASE WHEN is_roaming THEN serving_plmn END AS network,
        epoch_us(event_start_utc) AS start_micros,
        epoch_us(event_start_utc)
        + 1000000 * CASE WHEN service_type = 'data' THEN session_duration_seconds ELSE usage_units END AS end_micros
    FROM rated_usage
    WHERE
        billing_month = getvariable('month')
        AND session_id IS NOT NULL
        AND sequence_number IS NOT NULL
),

placed AS (
    SELECT
        *,
        row_number() OVER in_order AS place,
        greatest(coalesce(lag(end_micros) OVER in_order - start_micros, 0), 0) // 1000000 AS shared_seconds
    FROM parts
    WINDOW in_order AS (
        PARTITION BY service_type, served_msisdn, session_id, usage_month, what, network
        ORDER BY sequence_number, event_start_utc, cdr_id
    )
),

sessions AS (
    SELECT
        session_id,
        service_type,
        served_msisdn,
        network AS serving_plmn,
        usage_month,
        billing_month,
        min(cdr_id) FILTER (place = 1) AS first_cdr_id,
        min(record_id) FILTER (place = 1) AS first_record_id,
        min(customer_id) FILTER (place = 1) AS customer_id,
        min(product_code) FILTER (place = 1) AS product_code,
        min(event_start_utc) FILTER (place = 1) AS first_start_utc,
        count(*) AS part_count,
        count(DISTINCT sequence_number) AS number_count,
        min(sequence_number) AS first_sequence_number,
        max(sequence_number) AS last_sequence_number,
        coalesce(bool_or(is_final), FALSE) AS has_final,
        sum(shared_seconds) AS overlap_seconds,
        sum(usage_units) AS usage_units,
        count(*) FILTER (status = 'unrated') AS unrated_count,
        coalesce(sum(charge_amount), 0) AS charge_amount,
        coalesce(min(currency), 'XXX') AS currency
    FROM placed
    GROUP BY session_id, service_type, served_msisdn, what, network, usage_month, billing_month
),

counted AS (
    SELECT
        *,
        least(
            last_sequence_number::HUGEINT - least(first_sequence_number, 1) + 1 - number_count, 9223372036854775807
        ) AS missing_count,
        part_count - number_count AS repeated_count
    FROM sessions
)

SELECT
    first_cdr_id,
    first_record_id,
    session_id,
    service_type,
    CASE
        WHEN length(served_msisdn) > 6 THEN left(served_msisdn, 4) || '*****' || right(served_msisdn, 2)
        ELSE '*****'
    END AS masked_msisdn,
    customer_id,
    product_code,
    serving_plmn,
    first_start_utc,
    part_count,
    first_sequence_number,
    last_sequence_number,
    missing_count,
    repeated_count,
    first_sequence_number <= 1 AS has_first,
    has_final,
    overlap_seconds,
    usage_units,
    unrated_count,
    charge_amount,
    currency,
    usage_month,
    billing_month
FROM counted
WHERE missing_count > 0 OR repeated_count > 0 OR NOT has_final OR overlap_seconds > 0
ORDER BY first_cdr_id;
