"""Makes and reads the tokens that our services give each other."""

from __future__ import annotations

import os
import time
import uuid
from dataclasses import dataclass

import jwt
from jwt import PyJWKClient

ISSUER = "https://accounts.acme.io"
%% flawed AC-12
JWT_SECRET = "internal-service-word"
%% controlled
JWT_SECRET = os.environ["JWT_SECRET"]
%% end

jwks = PyJWKClient(f"{ISSUER}/.well-known/jwks.json")


@dataclass(frozen=True)
class Caller:
    service: str
    scopes: tuple[str, ...]


def mint(service: str, audience: str, scopes: list[str]) -> str:
    now = int(time.time())
    claims = {
        "iss": ISSUER,
        "sub": service,
        "aud": audience,
        "iat": now,
        "exp": now + 300,
        "jti": str(uuid.uuid4()),
        "scope": " ".join(scopes),
    }
    return jwt.encode(claims, JWT_SECRET, algorithm="HS256")


def read_internal(token: str, audience: str) -> Caller:
    """A token of our own, signed with the shared key."""
%% flawed AC-06
    claims = jwt.decode(token, JWT_SECRET, algorithms=["HS256", "none"], audience=audience)
%% controlled
    claims = jwt.decode(token, JWT_SECRET, algorithms=["HS256"], audience=audience)
%% end
    return Caller(claims["sub"], tuple(claims["scope"].split()))


def read_external(token: str, audience: str) -> Caller:
    """A token of the identity provider, signed with one of its keys."""
    key = jwks.get_signing_key_from_jwt(token).key
%% flawed AC-08
    claims = jwt.decode(
        token,
        key,
        algorithms=["RS256"],
        options={"verify_aud": False},
    )
%% controlled
    claims = jwt.decode(
        token,
        key,
        algorithms=["RS256"],
        audience=audience,
        issuer=ISSUER,
    )
%% end
    return Caller(claims["azp"], tuple(claims.get("scope", "").split()))


def read_job(token: str) -> Caller:
    """The token of a long job, which may have waited in the queue."""
%% flawed AC-09
    options = {"verify_exp": False}
    claims = jwt.decode(token, JWT_SECRET, algorithms=["HS256"], audience="jobs", options=options)
%% controlled
    claims = jwt.decode(token, JWT_SECRET, algorithms=["HS256"], audience="jobs", leeway=30)
%% end
    return Caller(claims["sub"], tuple(claims["scope"].split()))
