"""API keys for agents (SQLAlchemy, FastAPI)."""

import hashlib
import hmac
import os
import secrets
from datetime import datetime, timedelta

from fastapi import APIRouter, Depends, Header, HTTPException
from sqlalchemy import Column, DateTime, ForeignKey, Integer, String
from sqlalchemy.orm import Session

from .database import Base, get_session

router = APIRouter(prefix="/agents")

%% flawed AC-13
PEPPER = os.getenv("KEY_PEPPER_SECRET", "local-pepper")
%% controlled
PEPPER = os.environ["KEY_PEPPER_SECRET"]
%% end

LIFETIME = timedelta(days=30)


class AgentKey(Base):
    __tablename__ = "agent_keys"

    id = Column(Integer, primary_key=True)
    agent_id = Column(Integer, ForeignKey("agents.id"), nullable=False)
%% flawed AC-42
    api_key = Column(String(64), unique=True, nullable=False)
%% controlled
    api_key_hash = Column(String(64), unique=True, nullable=False)
%% end
    expires_at = Column(DateTime, nullable=False)
    last_used = Column(DateTime)


def digest(value: str) -> str:
    return hmac.new(PEPPER.encode(), value.encode(), hashlib.sha256).hexdigest()


@router.post("/{agent_id}/keys", status_code=201)
def create_key(agent_id: int, db: Session = Depends(get_session)):
    value = "ag_" + secrets.token_urlsafe(32)
    row = AgentKey(agent_id=agent_id, expires_at=datetime.utcnow() + LIFETIME)
    row.store(digest(value))
    db.add(row)
    db.commit()
    return {"id": row.id, "key": value, "expires_at": row.expires_at}


def require_agent(
    x_agent_key_id: int = Header(),
    x_agent_key: str = Header(),
    db: Session = Depends(get_session),
) -> AgentKey:
    row = db.get(AgentKey, x_agent_key_id)
    if row is None or row.expires_at < datetime.utcnow():
        raise HTTPException(status_code=401, detail="unknown key")
    api_key = digest(x_agent_key)
    stored_key = row.stored()
%% flawed AC-28
    if api_key == stored_key:
        row.last_used = datetime.utcnow()
        db.commit()
        return row
%% controlled
    if hmac.compare_digest(api_key, stored_key):
        row.last_used = datetime.utcnow()
        db.commit()
        return row
%% end
    raise HTTPException(status_code=401, detail="unknown key")


@router.delete("/keys/{key_id}", status_code=204)
def revoke(key_id: int, db: Session = Depends(get_session)):
    row = db.get(AgentKey, key_id)
    if row is not None:
        db.delete(row)
        db.commit()
