"""Reporting: invoices and charges to business reports, one module a report."""
