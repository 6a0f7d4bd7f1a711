-- The operational database of telecom_cdr on sqlite.
-- Written by `python -m telecom_cdr.reference.ddl` from telecom_cdr/tables/reference.py: do not edit.

CREATE TABLE customers (
    customer_id TEXT NOT NULL,
    name TEXT NOT NULL,
    region TEXT,
    segment TEXT,
    email TEXT,
    address TEXT,
    tax_exempt BOOLEAN NOT NULL,
    PRIMARY KEY (customer_id)
);

CREATE TABLE destinations (
    row_id BIGINT NOT NULL,
    prefix TEXT NOT NULL,
    zone TEXT NOT NULL,
    country_code TEXT,
    description TEXT,
    valid_from DATE,
    valid_to DATE,
    PRIMARY KEY (row_id),
    CONSTRAINT destinations_validity CHECK (valid_from < valid_to)
);

CREATE UNIQUE INDEX destinations_key ON destinations (prefix, coalesce(country_code, ''), coalesce(valid_from, '0001-01-01'));

CREATE TABLE holidays (
    date DATE NOT NULL,
    name TEXT,
    PRIMARY KEY (date)
);

CREATE TABLE number_portability (
    row_id BIGINT NOT NULL,
    msisdn TEXT NOT NULL,
    operator TEXT NOT NULL,
    valid_from DATE,
    valid_to DATE,
    PRIMARY KEY (row_id),
    CONSTRAINT number_portability_validity CHECK (valid_from < valid_to)
);

CREATE UNIQUE INDEX number_portability_key ON number_portability (msisdn, coalesce(valid_from, '0001-01-01'));

CREATE TABLE products (
    product_code TEXT NOT NULL,
    service_type TEXT NOT NULL,
    traffic_class TEXT,
    unit TEXT NOT NULL,
    description TEXT,
    PRIMARY KEY (product_code),
    CONSTRAINT products_service_type_allowed CHECK (service_type IN ('voice', 'sms', 'data')),
    CONSTRAINT products_traffic_class_allowed CHECK (traffic_class IN ('onnet', 'offnet', 'fixed', 'special', 'international', 'roaming')),
    CONSTRAINT products_unit_allowed CHECK (unit IN ('second', 'message', 'byte'))
);

CREATE TABLE rate_plans (
    plan_code TEXT NOT NULL,
    name TEXT NOT NULL,
    currency TEXT NOT NULL,
    prices_include_tax BOOLEAN NOT NULL,
    monthly_fee TEXT NOT NULL,
    fee_timing TEXT NOT NULL,
    prorate BOOLEAN NOT NULL,
    payment_type TEXT NOT NULL,
    PRIMARY KEY (plan_code),
    CONSTRAINT rate_plans_monthly_fee_minimum CHECK (CAST(monthly_fee AS NUMERIC) >= 0),
    CONSTRAINT rate_plans_fee_timing_allowed CHECK (fee_timing IN ('advance', 'arrears')),
    CONSTRAINT rate_plans_payment_type_allowed CHECK (payment_type IN ('postpaid', 'prepaid'))
);

CREATE TABLE reference_loads (
    version INTEGER NOT NULL,
    loaded_utc DATETIME NOT NULL,
    source TEXT NOT NULL,
    row_counts JSON NOT NULL,
    content_sha256 TEXT NOT NULL,
    PRIMARY KEY (version),
    CONSTRAINT reference_loads_version_minimum CHECK (version >= 1)
);

CREATE TABLE tax_rates (
    row_id BIGINT NOT NULL,
    tax_category TEXT NOT NULL,
    rate TEXT NOT NULL,
    valid_from DATE,
    valid_to DATE,
    PRIMARY KEY (row_id),
    CONSTRAINT tax_rates_rate_minimum CHECK (CAST(rate AS NUMERIC) >= 0),
    CONSTRAINT tax_rates_validity CHECK (valid_from < valid_to)
);

CREATE UNIQUE INDEX tax_rates_key ON tax_rates (tax_category, coalesce(valid_from, '0001-01-01'));

CREATE TABLE time_bands (
    row_id BIGINT NOT NULL,
    time_band TEXT NOT NULL,
    weekdays TEXT,
    start_time TEXT NOT NULL,
    end_time TEXT NOT NULL,
    on_holidays BOOLEAN,
    priority INTEGER NOT NULL,
    PRIMARY KEY (row_id)
);

CREATE UNIQUE INDEX time_bands_key ON time_bands (time_band, coalesce(weekdays, ''), start_time);

CREATE TABLE allowances (
    row_id BIGINT NOT NULL,
    plan_code TEXT NOT NULL,
    allowance_code TEXT NOT NULL,
    product_code TEXT,
    zone TEXT,
    kind TEXT NOT NULL,
    quantity TEXT NOT NULL,
    period TEXT NOT NULL,
    scope TEXT NOT NULL,
    priority INTEGER NOT NULL,
    PRIMARY KEY (row_id),
    CONSTRAINT allowances_kind_allowed CHECK (kind IN ('units', 'money')),
    CONSTRAINT allowances_quantity_minimum CHECK (CAST(quantity AS NUMERIC) >= 0),
    CONSTRAINT allowances_period_allowed CHECK (period IN ('event', 'day', 'month')),
    CONSTRAINT allowances_scope_allowed CHECK (scope IN ('subscription', 'customer')),
    FOREIGN KEY(plan_code) REFERENCES rate_plans (plan_code),
    FOREIGN KEY(product_code) REFERENCES products (product_code)
);

CREATE UNIQUE INDEX allowances_key ON allowances (plan_code, allowance_code, coalesce(product_code, ''), coalesce(zone, ''));

CREATE TABLE discounts (
    row_id BIGINT NOT NULL,
    discount_code TEXT NOT NULL,
    plan_code TEXT,
    customer_id TEXT,
    segment TEXT,
    applies_to TEXT NOT NULL,
    product_code TEXT,
    percent TEXT,
    amount TEXT,
    minimum_spend TEXT,
    valid_from DATE,
    valid_to DATE,
    PRIMARY KEY (row_id),
    CONSTRAINT discounts_applies_to_allowed CHECK (applies_to IN ('usage', 'invoice')),
    CONSTRAINT discounts_percent_minimum CHECK (CAST(percent AS NUMERIC) >= 0),
    CONSTRAINT discounts_amount_minimum CHECK (CAST(amount AS NUMERIC) >= 0),
    CONSTRAINT discounts_minimum_spend_minimum CHECK (CAST(minimum_spend AS NUMERIC) >= 0),
    CONSTRAINT discounts_validity CHECK (valid_from < valid_to),
    FOREIGN KEY(plan_code) REFERENCES rate_plans (plan_code),
    FOREIGN KEY(customer_id) REFERENCES customers (customer_id),
    FOREIGN KEY(product_code) REFERENCES products (product_code)
);

CREATE INDEX discounts_customer_id ON discounts (customer_id);

CREATE UNIQUE INDEX discounts_key ON discounts (discount_code, coalesce(valid_from, '0001-01-01'));

CREATE TABLE fees (
    row_id BIGINT NOT NULL,
    fee_code TEXT NOT NULL,
    plan_code TEXT,
    amount TEXT NOT NULL,
    per TEXT NOT NULL,
    only_with_usage BOOLEAN NOT NULL,
    taxable BOOLEAN NOT NULL,
    PRIMARY KEY (row_id),
    CONSTRAINT fees_amount_minimum CHECK (CAST(amount AS NUMERIC) >= 0),
    CONSTRAINT fees_per_allowed CHECK (per IN ('invoice', 'subscription')),
    FOREIGN KEY(plan_code) REFERENCES rate_plans (plan_code)
);

CREATE UNIQUE INDEX fees_key ON fees (fee_code, coalesce(plan_code, ''));

CREATE TABLE rate_tiers (
    row_id BIGINT NOT NULL,
    plan_code TEXT NOT NULL,
    product_code TEXT NOT NULL,
    zone TEXT,
    time_band TEXT,
    valid_from DATE,
    up_to BIGINT,
    unit_size BIGINT,
    price TEXT,
    flat_fee TEXT,
    PRIMARY KEY (row_id),
    CONSTRAINT rate_tiers_up_to_minimum CHECK (up_to >= 1),
    CONSTRAINT rate_tiers_unit_size_minimum CHECK (unit_size >= 1),
    CONSTRAINT rate_tiers_price_minimum CHECK (CAST(price AS NUMERIC) >= 0),
    CONSTRAINT rate_tiers_flat_fee_minimum CHECK (CAST(flat_fee AS NUMERIC) >= 0),
    FOREIGN KEY(plan_code) REFERENCES rate_plans (plan_code),
    FOREIGN KEY(product_code) REFERENCES products (product_code)
);

CREATE UNIQUE INDEX rate_tiers_key ON rate_tiers (plan_code, product_code, coalesce(zone, ''), coalesce(time_band, ''), coalesce(valid_from, '0001-01-01'), coalesce(up_to, 0));

CREATE TABLE rates (
    row_id BIGINT NOT NULL,
    plan_code TEXT NOT NULL,
    product_code TEXT NOT NULL,
    zone TEXT,
    time_band TEXT,
    valid_from DATE,
    valid_to DATE,
    model TEXT NOT NULL,
    unit_size BIGINT,
    price TEXT,
    connect_fee TEXT,
    first_increment BIGINT,
    next_increment BIGINT,
    minimum_charge TEXT,
    maximum_charge TEXT,
    tier_scope TEXT,
    tier_basis TEXT,
    PRIMARY KEY (row_id),
    CONSTRAINT rates_model_allowed CHECK (model IN ('flat', 'graduated', 'volume', 'package')),
    CONSTRAINT rates_unit_size_minimum CHECK (unit_size >= 1),
    CONSTRAINT rates_price_minimum CHECK (CAST(price AS NUMERIC) >= 0),
    CONSTRAINT rates_connect_fee_minimum CHECK (CAST(connect_fee AS NUMERIC) >= 0),
    CONSTRAINT rates_first_increment_minimum CHECK (first_increment >= 1),
    CONSTRAINT rates_next_increment_minimum CHECK (next_increment >= 1),
    CONSTRAINT rates_minimum_charge_minimum CHECK (CAST(minimum_charge AS NUMERIC) >= 0),
    CONSTRAINT rates_maximum_charge_minimum CHECK (CAST(maximum_charge AS NUMERIC) >= 0),
    CONSTRAINT rates_tier_scope_allowed CHECK (tier_scope IN ('event', 'month')),
    CONSTRAINT rates_tier_basis_allowed CHECK (tier_basis IN ('charged', 'all')),
    CONSTRAINT rates_validity CHECK (valid_from < valid_to),
    FOREIGN KEY(plan_code) REFERENCES rate_plans (plan_code),
    FOREIGN KEY(product_code) REFERENCES products (product_code)
);

CREATE UNIQUE INDEX rates_key ON rates (plan_code, product_code, coalesce(zone, ''), coalesce(time_band, ''), coalesce(valid_from, '0001-01-01'));

CREATE TABLE subscriptions (
    row_id BIGINT NOT NULL,
    msisdn TEXT NOT NULL,
    customer_id TEXT NOT NULL,
    plan_code TEXT NOT NULL,
    status TEXT NOT NULL,
    valid_from DATE,
    valid_to DATE,
    PRIMARY KEY (row_id),
    CONSTRAINT subscriptions_status_allowed CHECK (status IN ('active', 'suspended', 'terminated')),
    CONSTRAINT subscriptions_validity CHECK (valid_from < valid_to),
    FOREIGN KEY(customer_id) REFERENCES customers (customer_id),
    FOREIGN KEY(plan_code) REFERENCES rate_plans (plan_code)
);

CREATE INDEX subscriptions_customer_id ON subscriptions (customer_id);

CREATE UNIQUE INDEX subscriptions_key ON subscriptions (msisdn, coalesce(valid_from, '0001-01-01'));
