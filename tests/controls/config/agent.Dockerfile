%% path Dockerfile
FROM python:3.12-slim AS build
ARG VERSION=1.4.2
WORKDIR /app
COPY pyproject.toml uv.lock ./
RUN pip install --no-cache-dir uv && uv sync --frozen

FROM python:3.12-slim
WORKDIR /app
COPY --from=build /app/.venv .venv
COPY agent agent
ENV PATH="/app/.venv/bin:$PATH" \
    PYTHONUNBUFFERED=1
%% flawed AC-44
ENV OPENAI_API_KEY=%{base62:24}
%% controlled
ENV OPENAI_API_KEY_FILE=/run/secrets/openai
%% end
ENV MODEL_NAME=gpt-4o-mini
USER 1000
%% flawed AC-43
CMD ["sh", "-c", "claude -p \"$(cat task.md)\" --dangerously-skip-permissions"]
%% controlled
CMD ["python", "-m", "agent"]
%% end
