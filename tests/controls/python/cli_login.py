"""`acme login`: signs the user of the command line in."""

import base64
import hashlib
import json
import secrets
import sys
import webbrowser
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlparse

import click
import keyring
import requests

AUTHORITY = "https://login.acme.io"
CLIENT_ID = "acme-cli"
PORT = 8765


class Answer(BaseHTTPRequestHandler):
    """Takes the redirect of the browser and nothing else."""

    received: dict = {}

    def do_GET(self):
        query = parse_qs(urlparse(self.path).query)
        Answer.received = {name: values[0] for name, values in query.items()}
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"You can close this window.")


def browser_login() -> dict:
    state = secrets.token_urlsafe(16)
%% flawed AC-18
    params = {
        "response_type": "code",
        "client_id": CLIENT_ID,
        "redirect_uri": f"http://127.0.0.1:{PORT}/",
        "state": state,
    }
    extra = {}
%% controlled
    verifier = secrets.token_urlsafe(48)
    hashed = hashlib.sha256(verifier.encode()).digest()
    params = {
        "response_type": "code",
        "client_id": CLIENT_ID,
        "redirect_uri": f"http://127.0.0.1:{PORT}/",
        "state": state,
        "code_challenge": base64.urlsafe_b64encode(hashed).rstrip(b"=").decode(),
        "code_challenge_method": "S256",
    }
    extra = {"code_verifier": verifier}
%% end
    webbrowser.open(f"{AUTHORITY}/authorize?{urlencode(params)}")
    HTTPServer(("127.0.0.1", PORT), Answer).handle_request()
    if Answer.received.get("state") != state:
        sys.exit("The answer belongs to no request of ours.")
    body = {"grant_type": "authorization_code", "code": Answer.received["code"], **extra}
    return requests.post(f"{AUTHORITY}/token", data=body, timeout=10).json()


def headless_login(username: str) -> dict:
%% flawed AC-20
    body = {
        "grant_type": "password",
        "username": username,
        "password": click.prompt("Password", hide_input=True),
    }
%% controlled
    body = {
        "grant_type": "urn:ietf:params:oauth:grant-type:device_code",
        "device_code": device_code(username),
    }
%% end
    return requests.post(f"{AUTHORITY}/token", data=body, timeout=10).json()


def device_code(username: str) -> str:
    answer = requests.post(f"{AUTHORITY}/device", data={"client_id": CLIENT_ID}, timeout=10).json()
    click.echo(f"{username}: open {answer['verification_uri']} and enter {answer['user_code']}")
    return answer["device_code"]


def connect_calendar_url() -> str:
%% flawed AC-16
    return f"{AUTHORITY}/authorize?client_id=acme-cli&scope=calendar&state=calendar"
%% controlled
    return f"{AUTHORITY}/authorize?client_id=acme-cli&scope=calendar&state={secrets.token_hex(8)}"
%% end


@click.command()
@click.option("--headless", is_flag=True)
@click.option("--user", default="")
def login(headless, user):
    tokens = headless_login(user) if headless else browser_login()
    keyring.set_password("acme", "login", json.dumps(tokens))
    Path.home().joinpath(".acme").mkdir(exist_ok=True)
    click.echo("Signed in.")
