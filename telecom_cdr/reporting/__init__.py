"""Reporting: charges and invoices to business reports, one module a report.

Every report is a pure function of the month's tables; files are written elsewhere (`lakehouse.exports`).
"""

from telecom_cdr.reporting.customers import top_customers
from telecom_cdr.reporting.days import daily_revenue
from telecom_cdr.reporting.plans import revenue_by_plan
from telecom_cdr.reporting.products import product_costs
from telecom_cdr.reporting.regions import regional_distribution
from telecom_cdr.reporting.sessions import incomplete_sessions

__all__ = [
    "daily_revenue",
    "incomplete_sessions",
    "product_costs",
    "regional_distribution",
    "revenue_by_plan",
    "top_customers",
]
