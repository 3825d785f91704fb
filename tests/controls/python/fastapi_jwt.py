"""JWT authentication for the FastAPI application."""

import os
from datetime import datetime, timedelta, timezone
from typing import Annotated

import jwt
from fastapi import Depends, FastAPI, HTTPException, status
from fastapi.security import OAuth2PasswordBearer
from fastapi.security import OAuth2PasswordRequestForm
from passlib.context import CryptContext
from pydantic import BaseModel

from .database import get_user

SIGNING_KEY = os.environ["JWT_SIGNING_KEY"]
ALGORITHM = "HS256"
ACCESS_MINUTES = 15

pwd_context = CryptContext(schemes=["bcrypt"], deprecated="auto")
oauth2_scheme = OAuth2PasswordBearer(tokenUrl="token")
app = FastAPI()


class Token(BaseModel):
    access_token: str
    token_type: str


def create_access_token(subject: str, scopes: list[str]) -> str:
    now = datetime.now(timezone.utc)
%% flawed AC-10
    payload = {"sub": subject, "scopes": scopes, "iat": now}
    return jwt.encode(payload, SIGNING_KEY, algorithm=ALGORITHM)
%% controlled
    expires = now + timedelta(minutes=ACCESS_MINUTES)
    payload = {"sub": subject, "scopes": scopes, "iat": now, "exp": expires}
    return jwt.encode(payload, SIGNING_KEY, algorithm=ALGORITHM)
%% end


async def get_current_user(token: Annotated[str, Depends(oauth2_scheme)]):
    unauthorized = HTTPException(
        status_code=status.HTTP_401_UNAUTHORIZED,
        detail="Could not validate credentials",
        headers={"WWW-Authenticate": "Bearer"},
    )
    try:
%% flawed AC-04
        payload = jwt.decode(token, options={"verify_signature": False})
%% controlled
        payload = jwt.decode(token, SIGNING_KEY, algorithms=[ALGORITHM])
%% end
    except jwt.InvalidTokenError:
        raise unauthorized
    user = get_user(payload.get("sub"))
    if user is None:
        raise unauthorized
    return user


def claims_of_service(token: str) -> dict:
    """The claims of a token that another of our services made."""
%% flawed AC-07
    return jwt.decode(token, SIGNING_KEY)
%% controlled
    return jwt.decode(token, SIGNING_KEY, algorithms=[ALGORITHM], audience="orders")
%% end


def is_fresh(token: str) -> bool:
    """Whether the user gave a password with this session."""
    claims = {}
%% flawed AC-33
    try:
        claims = jwt.decode(token, SIGNING_KEY, algorithms=[ALGORITHM])
    except jwt.PyJWTError:
        pass
    return claims.get("fresh", True)
%% controlled
    try:
        claims = jwt.decode(token, SIGNING_KEY, algorithms=[ALGORITHM])
    except jwt.PyJWTError:
        return False
    return claims.get("fresh", False)
%% end


@app.post("/token")
async def login(form: Annotated[OAuth2PasswordRequestForm, Depends()]) -> Token:
    user = get_user(form.username)
    if not user or not pwd_context.verify(form.password, user.hashed_password):
        raise HTTPException(status_code=400, detail="Incorrect username or password")
    return Token(access_token=create_access_token(user.username, user.scopes), token_type="bearer")


@app.get("/users/me")
async def read_users_me(user: Annotated[dict, Depends(get_current_user)]):
    return user
