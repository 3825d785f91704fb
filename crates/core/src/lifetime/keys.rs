//! Private keys: the certificate beside them, the service account whose file
//! they stand in, and whether a passphrase guards them.

use super::around::Around;
use super::identity::safe;
use super::{Class, Note, Read, Source, google, jwt, x509};
use crate::confirm::check::codec::Base64;
use crate::rule::Severity;
use crate::ruleset::Rule;

const BEGIN: &[u8] = b"-----BEGIN CERTIFICATE-----";
const END: &[u8] = b"-----END CERTIFICATE-----";

pub(super) fn private_key(rule: &Rule, around: &Around<'_>) -> Read {
    let mut read = Read::default();
    if google::is_service_account(around) {
        read.class = Some(Class::GcpServiceAccountKey);
        read.identity = google::beside(around);
        read.least = Some(Severity::Critical);
        return read;
    }
    let encrypted = rule.info.id.contains("encrypted") || openssh_cipher(around.secret);
    read.note(Note::Passphrase, encrypted);
    let der = certificate(around);
    if let Some(found) = der.as_deref().and_then(x509::read) {
        described(&found, &mut read);
    }
    read
}

/// The certificate nearest to a key; in a kubeconfig it is base64 of PEM.
fn certificate(around: &Around<'_>) -> Option<Vec<u8>> {
    let pem = |text: &[u8]| Around::new(text, 0..0).block(BEGIN, END).and_then(x509::from_pem);
    around.block(BEGIN, END).and_then(x509::from_pem).or_else(|| {
        let data = around.value(&["client-certificate-data", "tls.crt"])?;
        pem(&super::claims::decoded(data)?)
    })
}

fn described(found: &x509::Certificate<'_>, read: &mut Read) {
    read.not_before = found.not_before;
    read.expires(found.not_after, Source::Certificate);
    let spiffe = found.uri.filter(|uri| uri.starts_with(b"spiffe://"));
    read.identity.issuer = safe(found.issuer);
    read.identity.subject = spiffe.and_then(safe).or_else(|| safe(found.subject));
    read.identity.trust_domain = spiffe.and_then(jwt::trust_domain);
    read.class = spiffe.map(|_| Class::SpiffeX509Svid);
    read.note(Note::SigningAuthority, found.authority);
    read.least = found.authority.then_some(Severity::Critical);
}

/// Whether an OpenSSH key names a cipher other than `none`.
fn openssh_cipher(block: &[u8]) -> bool {
    let body = memchr::memmem::find(block, b"OPENSSH PRIVATE KEY-----").map(|at| &block[at + 24..]);
    let digits: Vec<u8> = body
        .unwrap_or_default()
        .iter()
        .copied()
        .filter(|b| !b.is_ascii_whitespace())
        .take(64)
        .collect();
    let bytes = Base64::Standard.decode(&digits[..digits.len() / 4 * 4]).unwrap_or_default();
    let rest = bytes.strip_prefix(b"openssh-key-v1\0\0\0\0");
    rest.and_then(|rest| rest.get(1..5)).is_some_and(|cipher| cipher != b"none")
}
