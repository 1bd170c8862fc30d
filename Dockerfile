# Aftershock in a container: `docker build -t aftershock .`, or `docker compose up`.
FROM python:3.11-slim-bookworm AS build
WORKDIR /source
RUN python -m venv /opt/aftershock
# Every package is held to its hash; nothing else is installed.
COPY requirements.lock ./
RUN /opt/aftershock/bin/pip install --no-cache-dir --require-hashes -r requirements.lock
COPY pyproject.toml README.md LICENSE config.example.toml ./
COPY bot ./bot
COPY cogs ./cogs
COPY storage ./storage
RUN /opt/aftershock/bin/pip install --no-cache-dir --no-build-isolation --no-deps .

FROM python:3.11-slim-bookworm
COPY --from=build /opt/aftershock /opt/aftershock
RUN useradd --uid 10001 --no-create-home --shell /usr/sbin/nologin aftershock \
    && install --directory --owner aftershock --group aftershock --mode 0700 /data
ENV PATH=/opt/aftershock/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    AFTERSHOCK_DATA=/data \
    MPLCONFIGDIR=/tmp/matplotlib
USER 10001
WORKDIR /data
VOLUME /data
STOPSIGNAL SIGTERM
# What /healthz answers while something is stuck is an error to urlopen, and so to Docker.
HEALTHCHECK --interval=60s --timeout=10s --start-period=120s --retries=3 \
    CMD ["python", "-c", "from urllib.request import urlopen; urlopen('http://127.0.0.1:9464/healthz', timeout=8)"]
ENTRYPOINT ["aftershock"]
CMD ["run"]
