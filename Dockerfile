# syntax=docker/dockerfile:1
FROM python:3.13-slim AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
RUN python -m venv /opt/paperboy
WORKDIR /src
# The dependencies first, so that a change of the code does not install them anew.
COPY requirements.lock ./
RUN /opt/paperboy/bin/pip install --no-deps --require-hashes -r requirements.lock
COPY pyproject.toml README.md LICENSE NOTICE ./
COPY bot bot
COPY adapters adapters
COPY storage storage
RUN /opt/paperboy/bin/pip install --no-deps --no-build-isolation . \
 && /opt/paperboy/bin/pip uninstall --yes hatchling editables pip

FROM python:3.13-slim
RUN groupadd --gid 10001 paperboy \
 && useradd --uid 10001 --gid paperboy --no-create-home --home-dir /data --shell /usr/sbin/nologin paperboy \
 && install --directory --owner paperboy --group paperboy /data
COPY --from=build /opt/paperboy /opt/paperboy
# Two shares of memory for all threads (MALLOC_ARENA_MAX): glibc keeps up to eight for each core.
ENV PATH=/opt/paperboy/bin:$PATH \
    MALLOC_ARENA_MAX=2 \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    PAPERBOY_DATABASE_URL=sqlite:////data/paperboy.db \
    PAPERBOY_HEALTH_HOST=0.0.0.0 \
    PAPERBOY_HEALTH_PORT=8080
USER 10001:10001
# The only place that is written to; all else may be mounted read-only.
VOLUME /data
WORKDIR /data
EXPOSE 8080
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request; urllib.request.urlopen('http://127.0.0.1:' + os.environ['PAPERBOY_HEALTH_PORT'] + '/readyz', timeout=4)"]
STOPSIGNAL SIGTERM
ENTRYPOINT ["paperboy"]
CMD ["run"]
