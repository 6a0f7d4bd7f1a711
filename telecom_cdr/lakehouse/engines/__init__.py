"""What stands behind a session: channels to an engine, what each engine can do, and the Spark server of this machine.

Here: `connection`, `capabilities`; of the local server: `configuration`, `java`, `state`, `keeper`, `server`.
Not here: which engine is opened (`lakehouse.engine`), what is computed on it.
"""
