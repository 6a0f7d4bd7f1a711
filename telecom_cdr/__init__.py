"""telecom_cdr: from call detail records to invoices, and the proof of every cent."""

__version__ = "0.1.0"
