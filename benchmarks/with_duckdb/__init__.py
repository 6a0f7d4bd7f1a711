"""The work written by hand in DuckDB: SQL over Arrow in memory, Parquet by DuckDB, Delta commits by `deltalake`."""
