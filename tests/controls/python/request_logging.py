"""Logging middleware: one line a request, and what went wrong."""

import logging
import os
import time
import uuid

import requests
from django.http import HttpRequest, HttpResponse

logger = logging.getLogger("shop.requests")


class RequestLog:
    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.id = request.headers.get("X-Request-Id", str(uuid.uuid4()))
        started = time.monotonic()
        response = self.get_response(request)
        took = time.monotonic() - started
        logger.info("%s %s %s %.3f", request.method, request.path, response.status_code, took)
        response["X-Request-Id"] = request.id
        return response

    def process_exception(self, request: HttpRequest, exception: Exception) -> None:
%% flawed AC-02
        logger.exception("failed: %s %s", request.path, request.META)
%% controlled
        logger.exception("failed: %s %s", request.path, request.META.get("HTTP_USER_AGENT"))
%% end


def log_start() -> None:
%% flawed AC-02
    print("starting with", os.environ)
%% controlled
    print("starting on port", os.environ["PORT"])
%% end


def exchange(code: str) -> str:
    answer = requests.post(
        os.environ["TOKEN_URL"],
        data={"grant_type": "authorization_code", "code": code},
        auth=(os.environ["CLIENT_ID"], os.environ["CLIENT_SECRET"]),
        timeout=10,
    )
    answer.raise_for_status()
    access_token = answer.json()["access_token"]
%% flawed AC-01
    logger.debug(f"exchanged {code[:4]} for {access_token}")
%% controlled
    logger.debug(f"exchanged {code[:4]} for a token of {len(access_token)} characters")
%% end
    return access_token


def refresh(refresh_token: str) -> dict:
    answer = requests.post(
        os.environ["TOKEN_URL"],
        data={"grant_type": "refresh_token", "refresh_token": refresh_token},
        timeout=10,
    )
    logger.info("refreshed, token count: %d", len(answer.json()))
    return answer.json()
