//! How long a finding's credential lives, whose it is and what to do, as
//! reports write it.

use std::collections::BTreeMap;

use keysieve::lifetime::{Credential, Time};
use serde::Serialize;

/// A [`Credential`] as reports write it; none of it is a byte of the secret.
#[derive(Clone, Debug, Serialize)]
pub struct CredentialItem {
    /// The class of the credential, as an identifier.
    pub class: &'static str,
    /// How long it lives.
    pub lifetime: LifetimeItem,
    /// Whose it is; only the fields that were read.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub identity: BTreeMap<&'static str, String>,
    /// What to do first, `R1` to `R10`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remedy: Option<&'static str>,
    /// What else is worth saying, as identifiers.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<&'static str>,
    /// The lifetime in words.
    #[serde(skip)]
    pub lives: String,
    /// Whose it is, in words; empty where nothing was read.
    #[serde(skip)]
    pub whose: String,
    /// The remedy in words.
    #[serde(skip)]
    pub advice: &'static str,
    /// The notes in words.
    #[serde(skip)]
    pub remarks: Vec<&'static str>,
}

/// How long a credential lives. Times are RFC 3339 in UTC.
#[derive(Clone, Debug, Serialize)]
pub struct LifetimeItem {
    /// The kind, or `expired`.
    pub kind: &'static str,
    /// Where it was read from; `provider_policy` where it was not.
    pub source: &'static str,
    /// When it was issued.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub issued_at: Option<String>,
    /// From when on it is valid.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub not_before: Option<String>,
    /// When it ends.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<String>,
    /// How long it lives in all, in seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ttl_seconds: Option<i64>,
    /// How long it still lives, in seconds; negative when it has expired.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seconds_left: Option<i64>,
    /// The clock that this was judged by, where it ends at all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub evaluated_at: Option<String>,
}

impl CredentialItem {
    /// What a report writes of a credential; `duration` is what its provider
    /// documents.
    pub fn new(credential: &Credential, duration: &str) -> CredentialItem {
        let life = &credential.lifetime;
        let written = |time: Option<Time>| time.map(|time| time.to_string());
        let identity = credential.identity.fields().map(|(name, value)| (name, value.to_owned()));
        CredentialItem {
            class: credential.class.name(),
            lifetime: LifetimeItem {
                kind: life.kind(),
                source: life.source.name(),
                issued_at: written(life.issued),
                not_before: written(life.not_before),
                expires_at: written(life.expires),
                ttl_seconds: life.ttl,
                seconds_left: life.left,
                evaluated_at: written(life.evaluated_at.filter(|_| life.expires.is_some())),
            },
            identity: identity.collect(),
            remedy: credential.remedy.map(|remedy| remedy.code()),
            notes: credential.notes.iter().map(|note| note.name()).collect(),
            lives: life.describe(duration),
            whose: credential.identity.to_string(),
            advice: credential.remedy.map_or("", |remedy| remedy.describe()),
            remarks: credential.notes.iter().map(|note| note.describe()).collect(),
        }
    }

    /// The lines that people read, behind the finding's own.
    pub fn lines(&self) -> impl Iterator<Item = String> {
        let whose = (!self.whose.is_empty()).then(|| format!("whose: {}", self.whose));
        let remarks = self.remarks.iter().map(|remark| format!("note: {remark}"));
        let remedy = self.remedy.map(|code| format!("remedy {code}: {}", self.advice));
        whose.into_iter().chain(remarks).chain(remedy)
    }
}
