"""The private mongod: found, started as a single-node replica set, awaited, watched, stopped.

:func:`~app.embedded.instances.open_database` is the front door of the command line.
"""
