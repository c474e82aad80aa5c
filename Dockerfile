# The portal's image: web server and job worker are the same image with another command (compose.yaml).
# Two stages, so that pip and what it downloads stay behind.

FROM python:3.13-slim AS packages
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
RUN python -m venv /opt/portal
COPY munistem/requirements/production.txt /tmp/
# Every package is locked by hash and comes as a wheel: no compiler is needed.
RUN /opt/portal/bin/pip install --require-hashes --no-deps --only-binary :all: -r /tmp/production.txt

FROM python:3.13-slim
ENV PATH=/opt/portal/bin:$PATH \
    PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 PYTHONUTF8=1 LANG=C.UTF-8 \
    STATIC_ROOT=/srv/static DATA_DIR=/srv/data BIND=0.0.0.0:8000
RUN useradd --system --uid 10001 --home-dir /srv --shell /usr/sbin/nologin portal \
    && mkdir -p /srv/static /srv/data/files /srv/backup \
    && chown -R portal:portal /srv/data /srv/backup
COPY --from=packages /opt/portal /opt/portal
WORKDIR /srv/portal
COPY . .
# Code, words and static files belong to root; the portal can read them and write only its data.
# The variables of this one step are no secrets: nothing is served and no database is asked.
RUN python -m munistem.catalogs compile \
    && SECRET_KEY=of-the-build ALLOWED_HOSTS=localhost DATABASE_URL=postgresql:///none EMAIL_URL=console: \
       python manage.py collectstatic --no-input --verbosity 0 \
    && python -m compileall -q munistem members communities knowledge policy \
    && rm -rf /srv/data/bundle
USER portal
VOLUME /srv/data
EXPOSE 8000
HEALTHCHECK --interval=15s --timeout=5s --start-period=30s \
    CMD ["python", "-c", "from urllib.request import urlopen; urlopen('http://127.0.0.1:8000/healthz', timeout=4)"]
CMD ["gunicorn", "--config", "munistem/gunicorn.py"]
