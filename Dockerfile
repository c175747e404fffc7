# pkyx for production, by itself (conf/compose.yaml has a whole site):
#   docker build -t pkyx .
#   docker run -p 127.0.0.1:5000:5000 -e SECRET_KEY=… -e PKYX_URL=… -v pkyx:/data --read-only --tmpfs /tmp pkyx
# With MONGO_URI it uses that database, without one it keeps its own in /data. It writes nowhere else but
# to /tmp and /dev/shm.

# The version is for people; what is taken is what the digest names, the index of all architectures. How both are
# renewed together: docs/decisions/images.md
ARG PYTHON=python:3.11.17-slim-bookworm@sha256:0a310eeecf4e1f5a0743f9a6520c90c88d089c903ca5fd283f501e3a805f5f89

FROM ${PYTHON} AS build
WORKDIR /srv/pkyx
RUN python -m venv .venv
COPY requirements.txt ./
RUN .venv/bin/python -m pip install --no-cache-dir --no-compile --require-hashes -r requirements.txt
COPY manage.py LICENSE ./
COPY conf conf
COPY app app
RUN for catalogue in app/translations/*/LC_MESSAGES/messages.po; do \
      .venv/bin/pybabel --quiet compile --input-file "$catalogue" --output-file "${catalogue%.po}.mo" || exit 1; \
    done
# Nothing can be compiled later, when the file system is read-only; and whoever runs it must be able to read.
RUN .venv/bin/python -m compileall -q .venv/lib app conf manage.py \
 && .venv/bin/python -m pip uninstall --yes --quiet setuptools pip \
 && find .venv -path '*/db/bin/mongod' -exec chmod a+rx {} + \
 && chmod -R a+rX .

FROM ${PYTHON}
# What the embedded mongod is linked with. Debian drops old versions, so that none can be named here.
# hadolint ignore=DL3008
RUN apt-get update \
 && apt-get install --yes --no-install-recommends libcurl4 libssl3 liblzma5 \
 && rm -rf /var/lib/apt/lists/* \
 && groupadd --gid 10001 pkyx \
 && useradd --uid 10001 --gid pkyx --home-dir /data --no-create-home --no-log-init --shell /usr/sbin/nologin pkyx \
 && install -d -o pkyx -g pkyx -m 700 /data
WORKDIR /srv/pkyx
COPY --from=build /srv/pkyx ./
USER 10001:10001
ENV PATH=/srv/pkyx/.venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    PKYX_ENV=production \
    PKYX_DATA=/data \
    HOST=0.0.0.0 \
    PORT=5000
VOLUME /data
EXPOSE 5000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request as u; u.urlopen('http://127.0.0.1:' + os.environ['PORT'] + '/healthz', timeout=3)"]
ENTRYPOINT ["python", "manage.py"]
CMD ["serve"]
