-- Regional distribution: rated usage of the month of the variable `month`, by the region of the cell (`CITY_NN`).
WITH regions (city, region) AS (
    VALUES
    ('AGADIR', 'Souss-Massa'),
    ('ALHOCEIMA', 'Tanger-Tétouan-Al Hoceïma'),
    ('CASABLANCA', 'Casablanca-Settat'),
    ('DAKHLA', 'Dakhla-Oued Ed-Dahab'),
    ('ELJADIDA', 'Casablanca-Settat'),
    ('ERRACHIDIA', 'Drâa-Tafilalet'),
    ('FES', 'Fès-Meknès'),
    ('GUELMIM', 'Guelmim-Oued Noun'),
    ('KENITRA', 'Rabat-Salé-Kénitra'),
    ('KHOURIBGA', 'Béni Mellal-Khénifra'),
    ('LAAYOUNE', 'Laâyoune-Sakia El Hamra'),
    ('MARRAKECH', 'Marrakech-Safi'),
    ('MEKNES', 'Fès-Meknès'),
    ('NADOR', 'Oriental'),
    ('OUARZAZATE', 'Drâa-Tafilalet'),
    ('OUJDA', 'Oriental'),
    ('RABAT', 'Rabat-Salé-Kénitra'),
    ('SAFI', 'Marrakech-Safi'),
    ('TANGER', 'Tanger-Tétouan-Al Hoceïma'),
    ('TAZA', 'Fès-Meknès'),
    ('TETOUAN', 'Tanger-Tétouan-Al Hoceïma')
)

SELECT
    coalesce(regions.region, 'UNKNOWN') AS region,
    events.service_type,
    count(DISTINCT events.served_msisdn) AS subscriber_count,
    count(*) AS event_count,
    sum(events.usage_units) AS usage_units,
    sum(events.charge_amount) AS charge_amount,
    events.currency,
    events.billing_month
FROM rated_usage AS events
LEFT JOIN regions
    ON contains(events.cell_id, '_') AND split_part(events.cell_id, '_', 1) = regions.city
WHERE events.billing_month = getvariable('month') AND events.status = 'rated'
GROUP BY coalesce(regions.region, 'UNKNOWN'), events.service_type, events.currency, events.billing_month
ORDER BY region, events.service_type, events.currency;
