-- Run once, when the data volume is new. The reference data has a database of its own: POSTGRES_DB.
CREATE DATABASE dagster;
