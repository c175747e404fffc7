"""Configuration: the classes of :mod:`conf.settings`, and files for gunicorn, nginx and supervisor."""
