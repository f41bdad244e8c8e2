# The voice agent in one image. The models are not in it: the first start pulls them into the
# volume /var/lib/voice-agent, checked against their pinned hashes, and later starts find them.
FROM python:3.11-slim AS build
WORKDIR /src
COPY requirements.txt requirements-build.txt pyproject.toml README.md LICENSE ./
RUN python -m venv /opt/voice-agent \
    && /opt/voice-agent/bin/pip install --no-cache-dir --require-hashes -r requirements.txt \
    && pip install --no-cache-dir --require-hashes -r requirements-build.txt
COPY voice_agent voice_agent
COPY consent consent
COPY prompts prompts
COPY config config
RUN python -m hatchling build -t wheel -d /wheel \
    && /opt/voice-agent/bin/pip install --no-cache-dir --no-deps --no-index /wheel/*.whl

FROM python:3.11-slim
# espeak-ng speaks where a language has no Piper voice; libgomp1 is what the inference engines use.
RUN apt-get update \
    && apt-get install --yes --no-install-recommends espeak-ng libgomp1 \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --home-dir /var/lib/voice-agent --create-home voice-agent
COPY --from=build /opt/voice-agent /opt/voice-agent
ENV PATH=/opt/voice-agent/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    ENVIRONMENT=production \
    HOST=0.0.0.0 \
    PORT=8080 \
    DATA_DIR=/var/lib/voice-agent/data \
    MODELS_DIR=/var/lib/voice-agent/models
USER voice-agent
WORKDIR /var/lib/voice-agent
VOLUME /var/lib/voice-agent
EXPOSE 8080
# The first start pulls about 210 MB before it answers.
HEALTHCHECK --interval=10s --timeout=3s --start-period=300s --retries=3 \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8080/healthz', timeout=2)"]
# exec: the server itself gets the signal that stops the container.
CMD ["sh", "-c", "voice-agent models pull && voice-agent db upgrade && exec voice-agent serve"]
