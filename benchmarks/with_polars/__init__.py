"""The work written by hand in Polars: expressions, Parquet by Polars' streaming engine, commits by `deltalake`."""
