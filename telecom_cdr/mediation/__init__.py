"""Mediation: raw records become valid, normalised, unique usage events, or go to quarantine or duplicates.

`normalise` judges every record once, `copies` finds those that repeat another in what it gave; the others take their
rows from both, once they are stored.
"""

from telecom_cdr.mediation.deduplicate import copies
from telecom_cdr.mediation.outputs import data, duplicates, quarantine, sms, voice
from telecom_cdr.mediation.staging import normalise

__all__ = ["copies", "data", "duplicates", "normalise", "quarantine", "sms", "voice"]
