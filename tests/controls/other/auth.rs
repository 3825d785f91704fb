//! Tokens, keys of agents and the client of the billing service (axum).

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum_extra::extract::cookie::{Cookie, CookieJar, SameSite};
use jsonwebtoken::{decode, encode, Algorithm, DecodingKey, EncodingKey, Header, Validation};
use rand::rngs::OsRng;
use rand::RngCore;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

#[derive(Serialize, Deserialize)]
struct Claims {
    sub: String,
    exp: u64,
}

struct App {
    key: String,
    service: reqwest::Client,
}

impl App {
    fn signing_key(&self) -> EncodingKey {
%% flawed AC-12
        EncodingKey::from_secret(b"signing-word-of-ours")
%% controlled
        EncodingKey::from_secret(self.key.as_bytes())
%% end
    }

    fn validation() -> Validation {
        let mut validation = Validation::new(Algorithm::HS256);
        validation.set_issuer(&["accounts"]);
%% flawed AC-08
        validation.validate_aud = false;
%% controlled
        validation.set_audience(&["shop"]);
%% end
%% flawed AC-09
        validation.validate_exp = false;
%% controlled
        validation.leeway = 30;
%% end
%% flawed AC-04
        validation.insecure_disable_signature_validation();
%% controlled
        validation.set_required_spec_claims(&["exp", "iss"]);
%% end
        validation
    }

    fn issue(&self, user: &str, now: SystemTime) -> Result<String, Problem> {
%% flawed AC-11
        let token_seconds = 60 * 60 * 24 * 365;
%% controlled
        let token_seconds = 15 * 60;
%% end
        let exp = now.duration_since(UNIX_EPOCH)?.as_secs() + token_seconds;
        let claims = Claims { sub: user.to_owned(), exp };
        Ok(encode(&Header::default(), &claims, &self.signing_key())?)
    }

    fn subject(&self, token: &str) -> Result<String, Problem> {
        let key = DecodingKey::from_secret(self.key.as_bytes());
        Ok(decode::<Claims>(token, &key, &Self::validation())?.claims.sub)
    }
}

fn service_key() -> Result<String, std::env::VarError> {
%% flawed AC-13
    Ok(std::env::var("BILLING_SECRET").unwrap_or("billing-development".to_string()))
%% controlled
    std::env::var("BILLING_SECRET")
%% end
}

fn service() -> reqwest::Result<reqwest::Client> {
    reqwest::Client::builder()
        .timeout(Duration::from_secs(10))
%% flawed AC-27
        .danger_accept_invalid_certs(true)
%% controlled
        .https_only(true)
%% end
        .build()
}

async fn login(State(app): State<&App>, jar: CookieJar, user: String) -> Result<CookieJar, StatusCode> {
    let token = app.issue(&user, SystemTime::now()).map_err(|_| StatusCode::UNAUTHORIZED)?;
%% flawed AC-01
    tracing::info!("signed in {} with {}", user, token);
%% controlled
    tracing::info!("signed in {}", user);
%% end
%% flawed AC-24
    let cookie = Cookie::build(("session_token", token)).path("/").http_only(false).build();
%% controlled
    let cookie = Cookie::build(("session_token", token))
        .path("/")
        .http_only(true)
        .secure(true)
        .same_site(SameSite::Lax)
        .build();
%% end
    Ok(jar.add(cookie))
}

async fn agent(headers: HeaderMap, stored: &[u8; 32]) -> Result<(), StatusCode> {
    let given = headers.get("x-agent-key").ok_or(StatusCode::UNAUTHORIZED)?;
    let key_digest = Sha256::digest(given.as_bytes());
%% flawed AC-28
    if key_digest == stored_digest(stored) {
        return Ok(());
    }
%% controlled
    if key_digest.ct_eq(&stored_digest(stored)).into() {
        return Ok(());
    }
%% end
    Err(StatusCode::UNAUTHORIZED)
}

async fn invoices(app: &App, customer: &str, token: &str) -> reqwest::Result<String> {
%% flawed AC-25
    let url = format!("https://billing.acme.io/{customer}/invoices?access_token={token}");
    app.service.get(url).send().await?.text().await
%% controlled
    let url = format!("https://billing.acme.io/{customer}/invoices");
    app.service.get(url).bearer_auth(token).send().await?.text().await
%% end
}

fn new_agent_key() -> [u8; 32] {
    let mut bytes = [0; 32];
    OsRng.fill_bytes(&mut bytes);
    bytes
}
