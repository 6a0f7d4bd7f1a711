"""The product measured against the same work written by hand, in DuckDB and in Polars.

Run by `python -m benchmarks` from a checkout; no part of the installed package, and nothing in `telecom_cdr` knows it.
The hand-written pipelines use declarations of tables and facts (zone rules, numbering plan) as data, and no domain
function.
"""
