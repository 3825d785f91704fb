"""The address with which the partner's widget signs its visitors in (OpenID)."""

import os
import secrets
from urllib.parse import quote

from django.http import HttpRequest, JsonResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_GET, require_POST

from .oidc import verify_id_token
from .visitors import remember

AUTHORITY = os.environ["PARTNER_AUTHORITY"]
CLIENT_ID = os.environ["PARTNER_CLIENT_ID"]


def callback_url(request: HttpRequest) -> str:
    return quote(request.build_absolute_uri("/widget/done"), safe="")


@require_GET
def start(request: HttpRequest):
    state = request.session["widget_attempt"] = secrets.token_urlsafe(16)
%% flawed AC-19
    url = (
        f"{AUTHORITY}/authorize?response_type=id_token&scope=openid"
        f"&client_id={CLIENT_ID}&redirect_uri={callback_url(request)}&state={state}"
    )
%% controlled
    nonce = request.session["widget_nonce"] = secrets.token_urlsafe(16)
    url = (
        f"{AUTHORITY}/authorize?response_type=id_token&scope=openid&nonce={nonce}"
        f"&client_id={CLIENT_ID}&redirect_uri={callback_url(request)}&state={state}"
    )
%% end
    return redirect(url)


@require_POST
def done(request: HttpRequest):
    if request.POST.get("state") != request.session.pop("widget_attempt", None):
        return JsonResponse({"error": "unknown request"}, status=400)
    expected = request.session.pop("widget_nonce", None)
    claims = verify_id_token(
        request.POST["id_token"],
        issuer=AUTHORITY,
        audience=CLIENT_ID,
        nonce=expected,
    )
    if claims is None:
        return JsonResponse({"error": "invalid"}, status=401)
    visitor = remember(claims["sub"], claims.get("name", ""))
    request.session["visitor"] = visitor.id
    return JsonResponse({"name": visitor.name})
