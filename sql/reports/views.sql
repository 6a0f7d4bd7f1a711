-- The lake's tables as views for the reports beside this file. From the directory that holds the lake:
--
--     duckdb -cmd ".read sql/reports/views.sql" -cmd "SET VARIABLE month = '2026-01'" \
--         -cmd ".read sql/reports/daily_revenue.sql"
--
-- DuckDB fetches its Delta extension once.
INSTALL delta;
LOAD delta;

CREATE OR REPLACE TEMP VIEW rated_usage AS
SELECT * FROM delta_scan('lake/rated/usage');

CREATE OR REPLACE TEMP VIEW invoices_lines AS
SELECT * FROM delta_scan('lake/invoices/lines');

CREATE OR REPLACE TEMP VIEW invoices_invoices AS
SELECT * FROM delta_scan('lake/invoices/invoices');

CREATE OR REPLACE TEMP VIEW reference_rate_plans AS
SELECT * FROM delta_scan('lake/reference/rate_plans');

CREATE OR REPLACE TEMP VIEW reference_customers AS
SELECT * FROM delta_scan('lake/reference/customers');

CREATE OR REPLACE TEMP VIEW reference_subscriptions AS
SELECT * FROM delta_scan('lake/reference/subscriptions');
