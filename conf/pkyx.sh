#!/bin/sh
# manage.py as the site runs it, its user and its settings: for root, on a server that is set up as
# docs/operations.md says. Copy to /usr/local/bin/pkyx; then `pkyx check`, `pkyx users create …`. Folders that are
# named to it begin with a slash.
# cron knows of fewer places.
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
cd /srv/pkyx || exit 1
exec runuser -u pkyx -- /bin/sh -c '
  umask 077
  set -a
  . /etc/pkyx/environment
  exec .venv/bin/python manage.py "$@"
' pkyx "$@"
