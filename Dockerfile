# One image for Driftline's own services: setup, worker, retrain. See docker-compose.yml.
FROM python:3.11-slim-trixie AS build
ENV UV_LINK_MODE=copy UV_PYTHON_DOWNLOADS=never
RUN pip install --no-cache-dir uv==0.13.9 && python -m venv /opt/driftline
WORKDIR /src
COPY pyproject.toml requirements.lock ./
COPY schemas schemas
COPY producers producers
COPY detectors detectors
COPY stream_processors stream_processors
COPY registry registry
COPY retrain_service retrain_service
COPY alerting alerting
COPY dashboard dashboard
COPY cli cli
# The lock is a constraint, not a list: the image gets what the services need, in the locked versions, each download
# checked against its hash, and none of the tools for development.
RUN VIRTUAL_ENV=/opt/driftline uv pip install --no-cache --no-sources --constraint requirements.lock \
    "./schemas[clickhouse]" ./producers ./detectors ./stream_processors "./registry[mlflow,onnx]" ./retrain_service \
    ./alerting ./dashboard ./cli

FROM python:3.11-slim-trixie
COPY --from=build /opt/driftline /opt/driftline
# The folder belongs to the user, and so does a volume that is first mounted on it.
RUN useradd --system --uid 10001 --create-home driftline && \
    install --directory --owner=driftline --group=driftline /var/lib/driftline/registry
ENV PATH=/opt/driftline/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    NUMBA_CACHE_DIR=/home/driftline/.cache/numba
WORKDIR /home/driftline
USER 10001
# Detection is compiled here, for the processor at hand; on one of another kind the first start does it again.
RUN python -c "from driftline_detectors.warm_up import warm_up; warm_up()"
ENTRYPOINT ["driftline"]
