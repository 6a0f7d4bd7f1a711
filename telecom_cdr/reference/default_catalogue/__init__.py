"""The default catalogue: writes the larger files of `sql/reference/`, the same for every run.

`python -m telecom_cdr.reference.default_catalogue [DIRECTORY]` writes customers, subscriptions, rates, destinations and
holidays. The small files (plans, products, allowances, discounts, fees, taxes, bands) are kept by hand beside them.
Prices are of the order of the Moroccan market; names, addresses and numbers are made up.
"""
