"""Cookie sessions for a FastAPI application with a separate front end."""

import os
import secrets

import redis
from fastapi import Cookie, Depends, FastAPI, HTTPException, Response
from fastapi.middleware.cors import CORSMiddleware
from passlib.hash import argon2
from pydantic import BaseModel

from .users import find_user

app = FastAPI()
store = redis.Redis.from_url(os.environ["REDIS_URL"])
LIFETIME = 8 * 60 * 60

app.add_middleware(
    CORSMiddleware,
%% flawed AC-31
    allow_origins=["*"],
    allow_credentials=True,
%% controlled
    allow_origins=["https://app.acme.io"],
    allow_credentials=True,
%% end
    allow_methods=["*"],
    allow_headers=["*"],
)


class Login(BaseModel):
    email: str
    password: str


@app.post("/login")
def login(body: Login, response: Response):
    user = find_user(body.email)
    if user is None or not argon2.verify(body.password, user.password_hash):
        raise HTTPException(status_code=401, detail="Wrong e-mail or password")
    session_id = secrets.token_urlsafe(32)
    store.setex(f"session:{session_id}", LIFETIME, user.id)
%% flawed AC-24
    response.set_cookie("session_id", session_id, max_age=LIFETIME)
%% controlled
    response.set_cookie(
        "session_id",
        session_id,
        max_age=LIFETIME,
        httponly=True,
        secure=True,
        samesite="lax",
    )
%% end
    return {"id": user.id, "name": user.name}


def current_user(session_id: str | None = Cookie(default=None)) -> int:
    user_id = session_id and store.get(f"session:{session_id}")
    if not user_id:
        raise HTTPException(status_code=401, detail="Not signed in")
    return int(user_id)


@app.get("/me")
def me(user_id: int = Depends(current_user)):
    return {"id": user_id}


%% flawed AC-22
@app.post("/logout")
def logout(response: Response):
    response.delete_cookie("session_id")
    return {"ok": True}
%% controlled
@app.post("/logout")
def logout(response: Response, session_id: str | None = Cookie(default=None)):
    store.delete(f"session:{session_id}")
    response.delete_cookie("session_id")
    return {"ok": True}
%% end
