"""The command line: click commands, each a thin call of a service. ``manage.py`` lists them."""
