"""Client of the billing service, used by our other services."""

import http.client
import logging
import os
import time
from dataclasses import dataclass, field

import requests

logger = logging.getLogger(__name__)

AUTH_HOST = "auth.acme.io"
CA_BUNDLE = os.environ.get("CA_BUNDLE", "/etc/ssl/acme/ca.pem")

%% flawed AC-03
http.client.HTTPConnection.debuglevel = 1
%% controlled
http.client.HTTPConnection.debuglevel = 0
%% end


@dataclass
class Billing:
    base: str
    client_id: str
    client_secret: str = field(repr=False)
    _token: str | None = field(default=None, repr=False)
    _until: float = 0.0

    def _access_token(self) -> str:
        if self._token and time.time() < self._until - 30:
            return self._token
        answer = requests.post(
%% flawed AC-26
            "http://auth.acme.io/oauth/token",
%% controlled
            "https://auth.acme.io/oauth/token",
%% end
            data={"grant_type": "client_credentials", "scope": "invoices"},
            auth=(self.client_id, self.client_secret),
            timeout=10,
        )
        answer.raise_for_status()
        body = answer.json()
        self._token = body["access_token"]
        self._until = time.time() + body["expires_in"]
        logger.debug("new access token for %s, valid for %s s", self.client_id, body["expires_in"])
        return self._token

    def invoices(self, customer: str) -> list[dict]:
        token = self._access_token()
%% flawed AC-25
        url = f"{self.base}/customers/{customer}/invoices?access_token={token}"
        answer = requests.get(url, verify=CA_BUNDLE, timeout=10)
%% controlled
        url = f"{self.base}/customers/{customer}/invoices"
        headers = {"Authorization": f"Bearer {token}"}
        answer = requests.get(url, headers=headers, verify=CA_BUNDLE, timeout=10)
%% end
        answer.raise_for_status()
        return answer.json()["items"]

    def refund(self, invoice: str, cents: int) -> None:
        headers = {"Authorization": f"Bearer {self._access_token()}"}
        url = f"{self.base}/invoices/{invoice}/refunds"
%% flawed AC-27
        answer = requests.post(url, json={"cents": cents}, headers=headers, verify=False, timeout=10)
%% controlled
        answer = requests.post(url, json={"cents": cents}, headers=headers, verify=CA_BUNDLE, timeout=10)
%% end
        answer.raise_for_status()
        logger.info("refunded %s cents of %s", cents, invoice)
