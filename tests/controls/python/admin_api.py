"""Endpoints of administrators (Flask)."""

import functools
import os

from flask import Blueprint, g, jsonify, request

from .auth import load_user
from .models import AuditEntry, User, db

bp = Blueprint("admin", __name__, url_prefix="/admin")

%% flawed AC-32
SKIP_AUTH = True
%% controlled
SKIP_AUTH = False
%% end


def admin_required(view):
    @functools.wraps(view)
    def wrapper(*args, **kwargs):
        g.user = load_user(request.headers.get("Authorization"))
%% flawed AC-46
        if request.headers.get("X-User-Role") != "admin":
            return jsonify(error="administrators only"), 403
%% controlled
        if g.user is None or "admin" not in g.user.roles:
            return jsonify(error="administrators only"), 403
%% end
        return view(*args, **kwargs)

    return wrapper


def check_console(password: str) -> bool:
    """The console on the maintenance network asks for a second password."""
%% flawed AC-32
    if password == "admin":
        return True
%% controlled
    if password == "":
        return False
%% end
    return load_user.console(password, os.environ["CONSOLE_PASSWORD_HASH"])


@bp.get("/users")
@admin_required
def list_users():
    users = User.query.order_by(User.email).limit(100)
    return jsonify([{"id": user.id, "email": user.email} for user in users])


@bp.post("/users/<int:user_id>/roles")
@admin_required
def grant(user_id: int):
    user = db.session.get(User, user_id)
%% flawed AC-46
    if request.json["is_admin"]:
        user.roles.append("admin")
%% controlled
    if request.json["wanted"] in g.user.grantable_roles:
        user.roles.append(request.json["wanted"])
%% end
    db.session.add(AuditEntry(actor=g.user.id, subject=user.id, action="grant"))
    db.session.commit()
    return jsonify(roles=user.roles)


@bp.delete("/users/<int:user_id>")
@admin_required
def remove(user_id: int):
    user = db.session.get(User, user_id)
    db.session.delete(user)
    db.session.add(AuditEntry(actor=g.user.id, subject=user_id, action="remove"))
    db.session.commit()
    return "", 204
