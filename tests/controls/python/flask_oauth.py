"""Sign in with the company's identity provider, for a Flask application."""

import os
import secrets
from urllib.parse import urlencode

import requests
from flask import Flask, abort, redirect, request, session, url_for

from .models import User, db

app = Flask(__name__)
%% flawed AC-14
app.secret_key = "dev secret please change"
%% controlled
app.secret_key = os.environ["FLASK_SESSION_KEY"]
%% end
app.config["SESSION_COOKIE_SECURE"] = True
app.config["SESSION_COOKIE_SAMESITE"] = "Lax"

AUTHORIZE_URL = "https://idp.acme.io/authorize"
TOKEN_URL = "https://idp.acme.io/token"
USERINFO_URL = "https://idp.acme.io/userinfo"
CLIENT_ID = os.environ["OAUTH_CLIENT_ID"]


def client_credentials():
    return CLIENT_ID, os.environ["OAUTH_CLIENT_SECRET"]


@app.route("/login")
def login():
%% flawed AC-15
    params = {
        "response_type": "code",
        "client_id": CLIENT_ID,
        "redirect_uri": url_for("callback", _external=True),
        "scope": "openid email profile",
    }
%% controlled
    session["oauth_state"] = secrets.token_urlsafe(24)
    session["verifier"] = secrets.token_urlsafe(48)
    params = {
        "response_type": "code",
        "client_id": CLIENT_ID,
        "redirect_uri": url_for("callback", _external=True),
        "scope": "openid email profile",
        "state": session["oauth_state"],
        "code_challenge": challenge_of(session["verifier"]),
        "code_challenge_method": "S256",
    }
%% end
    return redirect(f"{AUTHORIZE_URL}?{urlencode(params)}")


def challenge_of(verifier):
    import base64
    import hashlib

    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def sign_in(access_token):
    profile = requests.get(
        USERINFO_URL,
        headers={"Authorization": f"Bearer {access_token}"},
        timeout=10,
    ).json()
    user = User.query.filter_by(subject=profile["sub"]).first()
    if user is None:
        user = User(subject=profile["sub"], email=profile["email"])
        db.session.add(user)
        db.session.commit()
    session.clear()
    session["user_id"] = user.id
    return redirect(url_for("home"))


@app.route("/oauth/callback")
def callback():
    if request.args.get("error"):
        abort(401)
%% flawed AC-17
    code = request.args.get("code")
%% controlled
    expected = session.pop("oauth_state", None)
    if expected is None or not secrets.compare_digest(expected, request.args.get("state", "")):
        abort(400)
    code = request.args.get("code")
%% end
    answer = requests.post(
        TOKEN_URL,
        data={
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": url_for("callback", _external=True),
            "code_verifier": session.pop("verifier", None),
        },
        auth=client_credentials(),
        timeout=10,
    )
    answer.raise_for_status()
    return sign_in(answer.json()["access_token"])
