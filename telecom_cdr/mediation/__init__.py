"""Mediation: raw records become valid, normalised, unique usage events, or go to quarantine or duplicates.

`normalise` judges every record once; the others take their rows from what it gave, once that is stored.
"""

from telecom_cdr.mediation.outputs import data, duplicates, quarantine, sms, voice
from telecom_cdr.mediation.staging import normalise

__all__ = ["data", "duplicates", "normalise", "quarantine", "sms", "voice"]
