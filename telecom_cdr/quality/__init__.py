"""Rules: functions that judge the fields of one record and return a Column, null for pass, a reason for fail.

Here: what a rule is, the fields that it may ask for, and the rules themselves. Not here: how fields are read
(`mediation/`), and checks of whole tables (`assurance/`).
"""
