"""Password reset and registration for the Flask application."""

import hashlib
import logging
import random
import secrets
from datetime import datetime, timedelta

import bcrypt
from flask import Blueprint, jsonify, request

from .mail import send_mail
from .models import Reset, User, db

bp = Blueprint("password", __name__)
logger = logging.getLogger(__name__)


def hash_password(password: str) -> str:
%% flawed AC-29
    return hashlib.sha256(password.encode("utf-8")).hexdigest()
%% controlled
    return bcrypt.hashpw(password.encode("utf-8"), bcrypt.gensalt()).decode()
%% end


@bp.post("/register")
def register():
    data = request.get_json()
    user = User(email=data["email"], password_hash=hash_password(data["password"]))
    db.session.add(user)
    db.session.commit()
%% flawed AC-01
    logger.info("registered %s with password %s", user.email, data["password"])
%% controlled
    logger.info("registered user %s", user.id)
%% end
    return jsonify(id=user.id), 201


@bp.post("/password/forgot")
def forgot():
    user = User.query.filter_by(email=request.json.get("email")).first()
    if user is not None:
%% flawed AC-30
        reset_code = "".join(random.choices("0123456789", k=6))
%% controlled
        reset_code = "".join(secrets.choice("0123456789") for _ in range(6))
%% end
        digest = hashlib.sha256(reset_code.encode()).hexdigest()
        expires = datetime.utcnow() + timedelta(minutes=30)
        db.session.add(Reset(user_id=user.id, digest=digest, expires=expires))
        db.session.commit()
        send_mail(user.email, "Your code", f"Use {reset_code} to choose a new password.")
    return jsonify(message="If the address is known, a mail is on its way.")


@bp.post("/password/reset")
def reset():
    data = request.get_json()
    digest = hashlib.sha256(data["code"].encode()).hexdigest()
    found = Reset.query.filter_by(digest=digest, used=False).first()
    if found is None or found.expires < datetime.utcnow():
        return jsonify(error="This code is no longer valid"), 400
    found.used = True
    user = db.session.get(User, found.user_id)
    user.password_hash = hash_password(data["password"])
    db.session.commit()
    logger.info("password of user %s was changed", user.id)
    return jsonify(message="Your password was changed.")
