"""Receives the webhooks of the payment provider and of the code host."""

import hashlib
import hmac
import os

import stripe
from fastapi import APIRouter, FastAPI, Header, HTTPException, Request

from .builds import start_build
from .orders import mark_paid, mark_refunded

router = APIRouter()
app = FastAPI()

STRIPE_ENDPOINT_KEY = os.environ["STRIPE_ENDPOINT_KEY"]


def handle(event) -> None:
    kind = event["type"]
    if kind == "checkout.session.completed":
        mark_paid(event["data"]["object"]["client_reference_id"])
    elif kind == "charge.refunded":
        mark_refunded(event["data"]["object"]["id"])


%% flawed AC-45
@app.post("/webhooks/payments")
async def payments(request: Request):
    event = await request.json()
    handle(event)
    return {"received": True}
%% controlled
@app.post("/webhooks/payments")
async def payments(request: Request, stripe_signature: str = Header()):
    body = await request.body()
    try:
        event = stripe.Webhook.construct_event(body, stripe_signature, STRIPE_ENDPOINT_KEY)
    except (ValueError, stripe.error.SignatureVerificationError):
        raise HTTPException(status_code=400)
    handle(event)
    return {"received": True}
%% end


@app.get("/health")
async def health():
    return {"status": "ok"}


def mac_of(body: bytes) -> str:
    key = os.environ["GIT_WEBHOOK_KEY"].encode()
    return "sha256=" + hmac.new(key, body, hashlib.sha256).hexdigest()


async def pushed(request: Request) -> dict:
    """The code host tells of a push."""
    body = await request.body()
    signature = request.headers.get("x-hub-signature-256", "")
    expected = mac_of(body)
%% flawed AC-28
    if signature != expected:
        raise HTTPException(status_code=403, detail="wrong signature")
%% controlled
    if not hmac.compare_digest(signature, expected):
        raise HTTPException(status_code=403, detail="wrong signature")
%% end
    push = await request.json()
    if push.get("ref") == "refs/heads/main":
        start_build(push["repository"]["full_name"], push["after"])
    return {"accepted": True}


app.include_router(router)
