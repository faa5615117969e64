# syntax=docker/dockerfile:1

# The wheel is built apart, so that no build tool reaches the image that runs.
FROM python:3.13-slim AS build
WORKDIR /src
COPY pyproject.toml README.md LICENSE ./
COPY alembic alembic
COPY advocacy advocacy
COPY workers workers
RUN python -m venv /opt/advocacy \
    && /opt/advocacy/bin/pip install --no-cache-dir .

FROM python:3.13-slim
RUN groupadd --system --gid 10001 advocacy \
    && useradd --system --uid 10001 --gid advocacy --home-dir /var/lib/advocacy advocacy \
    && install -d -o advocacy -g advocacy -m 0700 /var/lib/advocacy /var/lib/advocacy/var
COPY --from=build /opt/advocacy /opt/advocacy
ENV PATH=/opt/advocacy/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    ADVOCACY_VAR_DIR=/var/lib/advocacy/var
USER 10001:10001
WORKDIR /var/lib/advocacy
EXPOSE 8000
# Of the web process; docker-compose.yml gives the others checks of their own.
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s --retries=3 \
    CMD ["python", "-c", "import urllib.request as r; r.urlopen('http://127.0.0.1:8000/healthz', timeout=4)"]
ENTRYPOINT ["advocacy"]
CMD ["web", "--host", "0.0.0.0"]
