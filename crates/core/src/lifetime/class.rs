//! What kind of credential it is, as far as its life and its replacement are
//! concerned, and the remedy that goes with the kind.

use crate::rule::{Kind, Lifetime};
use crate::ruleset::Rule;

/// What to do about it, first of all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Remedy {
    /// R1
    WorkloadIdentity,
    /// R2
    Revoke,
    /// R3
    Shorten,
    /// R4
    RotateByPlatform,
    /// R5
    StopLeak,
    /// R6
    EndSession,
    /// R7
    RotateRefresh,
    /// R8
    AsymmetricClient,
    /// R9
    TwoKeys,
    /// R10
    Reference,
}

impl Remedy {
    /// Every remedy, in the order of the codes.
    pub const ALL: [Remedy; 10] = [
        Remedy::WorkloadIdentity,
        Remedy::Revoke,
        Remedy::Shorten,
        Remedy::RotateByPlatform,
        Remedy::StopLeak,
        Remedy::EndSession,
        Remedy::RotateRefresh,
        Remedy::AsymmetricClient,
        Remedy::TwoKeys,
        Remedy::Reference,
    ];

    /// A stable code, `R1` to `R10`.
    pub fn code(self) -> &'static str {
        ["R1", "R2", "R3", "R4", "R5", "R6", "R7", "R8", "R9", "R10"][self as usize]
    }

    /// The remedy with this code.
    pub fn from_code(code: &str) -> Option<Remedy> {
        Remedy::ALL.into_iter().find(|remedy| remedy.code() == code)
    }

    /// The remedy in words, for people.
    pub fn describe(self) -> &'static str {
        match self {
            Remedy::WorkloadIdentity => {
                "replace it by a workload identity (OIDC federation, SPIFFE, a cloud role, a managed \
                 identity) or a key minted per task"
            }
            Remedy::Revoke => "revoke or delete it at the provider, then replace it",
            Remedy::Shorten => "mint it per task: minutes to hours, one audience, the least scope",
            Remedy::RotateByPlatform => "let the platform rotate it",
            Remedy::StopLeak => {
                "stop the leak (log, artefact, transcript, image) and purge what it left"
            }
            Remedy::EndSession => "end the session, or revoke it by its accessor",
            Remedy::RotateRefresh => "rotate refresh tokens at each use and detect reuse",
            Remedy::AsymmetricClient => {
                "authenticate the client by private_key_jwt or a federated credential"
            }
            Remedy::TwoKeys => "rotate it with two keys in force; sessions signed with it end",
            Remedy::Reference => "replace the literal by a reference to a secret store",
        }
    }
}

/// The kind of a credential.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
#[allow(missing_docs)] // Each is told in `CLASSES`.
pub enum Class {
    StaticKey,
    StaticDatedKey,
    OpaqueToken,
    JwtAccess,
    JwtNeverExpires,
    JwtEncrypted,
    SupabaseJwt,
    OidcIdToken,
    SpiffeJwtSvid,
    SpiffeX509Svid,
    WitSvid,
    K8sBoundToken,
    K8sLegacyToken,
    K8sBootstrapToken,
    AwsLongTerm,
    AwsSts,
    AwsPresigned,
    BedrockShort,
    BedrockLong,
    GithubInstallation,
    GithubUserToken,
    AzureSas,
    AzureMessagingSas,
    AzureConnection,
    GcsSignedUrl,
    GcpServiceAccountKey,
    GoogleOauth,
    Entra,
    AiOauth,
    N8nJwt,
    VaultToken,
    RefreshToken,
    ClientSecret,
    PrivateKey,
    SigningSecret,
    SessionCookie,
    WebhookUrl,
    ConnectionString,
    BasicAuth,
    OtpSeed,
    PublicId,
}

/// Name, words, and the first remedy of each class, in their order.
const CLASSES: [(&str, &str, Option<Remedy>); 41] = {
    use Remedy::{
        AsymmetricClient as R8, EndSession as R6, Revoke as R2, RotateByPlatform as R4,
        RotateRefresh as R7, Shorten as R3, StopLeak as R5, TwoKeys as R9, WorkloadIdentity as R1,
    };
    [
        ("static-key", "an opaque key without an end date", Some(R1)),
        ("static-dated-key", "a key that carries its date of issue and no end date", Some(R2)),
        ("opaque-token", "a token that ends, and does not say when", Some(R2)),
        ("jwt-access", "a signed JSON Web Token", Some(R3)),
        ("jwt-never-expires", "a signed JSON Web Token without `exp`", Some(R3)),
        ("jwt-encrypted", "an encrypted JSON Web Token", Some(R3)),
        ("supabase-jwt", "a Supabase legacy key", Some(R2)),
        ("oidc-id-token", "an OpenID Connect ID token", Some(R3)),
        ("spiffe-jwt-svid", "a SPIFFE JWT-SVID", Some(R3)),
        ("spiffe-x509-svid", "the private key of a SPIFFE X.509-SVID", Some(R4)),
        ("wit-svid", "a SPIFFE WIT-SVID", Some(R3)),
        ("k8s-bound-token", "a bound Kubernetes service-account token", Some(R3)),
        ("k8s-legacy-token", "a Kubernetes service-account token kept in a Secret", Some(R1)),
        ("k8s-bootstrap-token", "a Kubernetes bootstrap token", Some(R2)),
        ("aws-long-term", "the key of an AWS IAM user", Some(R1)),
        ("aws-sts", "temporary AWS credentials", Some(R5)),
        ("aws-presigned", "the signature of a pre-signed AWS URL", Some(R3)),
        ("bedrock-short", "a short-term Amazon Bedrock key", Some(R5)),
        ("bedrock-long", "a long-term Amazon Bedrock key", Some(R2)),
        ("github-installation", "a GitHub App installation token", Some(R5)),
        ("github-user-token", "a GitHub App token of a user", Some(R5)),
        ("azure-sas", "an Azure Storage shared access signature", Some(R3)),
        ("azure-messaging-sas", "an Azure messaging shared access signature", Some(R3)),
        ("azure-connection", "the key of an Azure connection string", Some(R1)),
        ("gcs-signed-url", "the signature of a signed Google URL", Some(R3)),
        ("gcp-service-account-key", "the key of a Google service account", Some(R1)),
        ("google-oauth", "a Google OAuth credential", Some(R5)),
        ("entra", "a Microsoft Entra credential", Some(R1)),
        ("ai-oauth", "an agent's own login", Some(R5)),
        ("n8n-jwt", "an n8n API key", Some(R3)),
        ("vault-token", "a Vault or OpenBao token", Some(R6)),
        ("refresh-token", "a refresh token", Some(R7)),
        ("client-secret", "an OAuth client secret", Some(R8)),
        ("private-key", "a private key", Some(R2)),
        ("signing-secret", "a secret that signs tokens or sessions", Some(R9)),
        ("session-cookie", "a browser or application session", Some(R5)),
        ("webhook-url", "a URL that is its own credential", Some(R2)),
        ("connection-string", "a connection string with a password", Some(R1)),
        ("basic-auth", "a user's name and password", Some(R2)),
        ("otp-seed", "a seed from which codes or keys are derived", Some(R2)),
        ("public-id", "an identifier that is public by design", None),
    ]
};

impl Class {
    /// A stable identifier for reports.
    pub fn name(self) -> &'static str {
        CLASSES[self as usize].0
    }

    /// The class in words, for people.
    pub fn describe(self) -> &'static str {
        CLASSES[self as usize].1
    }

    /// The first remedy; none for what is public by design.
    pub fn remedy(self) -> Option<Remedy> {
        CLASSES[self as usize].2
    }

    /// The class of what a rule finds, before anything is read from it.
    pub fn of(rule: &Rule) -> Class {
        let id = &*rule.info.id;
        by_id(id).or_else(|| by_word(rule, id)).unwrap_or_else(|| by_lifetime(rule.info.lifetime))
    }
}

/// Rules with a class of their own, by the beginning of their ids; the first
/// that fits counts.
const BY_ID: &[(&str, Class)] = &[
    ("jwt-encrypted", Class::JwtEncrypted),
    ("jwt-", Class::JwtAccess),
    ("supabase-publishable", Class::PublicId),
    ("supabase-service-role", Class::SupabaseJwt),
    ("supabase-anon", Class::SupabaseJwt),
    ("kubernetes-bootstrap", Class::K8sBootstrapToken),
    ("kubernetes-legacy", Class::K8sLegacyToken),
    ("kubernetes-service-account", Class::K8sBoundToken),
    ("kubernetes-client-key", Class::PrivateKey),
    ("aws-access-key-id", Class::AwsLongTerm),
    ("aws-secret-access-key", Class::AwsLongTerm),
    ("aws-ses-smtp", Class::AwsLongTerm),
    ("aws-temp-", Class::AwsSts),
    ("aws-sts-", Class::AwsSts),
    ("aws-session-token", Class::AwsSts),
    ("aws-presigned", Class::AwsPresigned),
    ("aws-bedrock-short", Class::BedrockShort),
    ("aws-bedrock-long", Class::BedrockLong),
    ("github-app-installation", Class::GithubInstallation),
    ("github-app-user", Class::GithubUserToken),
    ("azure-sas", Class::AzureSas),
    ("azure-entra", Class::Entra),
    ("azure-client-secret", Class::Entra),
    ("azure-logic-apps", Class::WebhookUrl),
    ("azure-storage", Class::AzureConnection),
    ("azure-cosmos", Class::AzureConnection),
    ("azure-service-bus", Class::AzureConnection),
    ("azure-event-hub", Class::AzureConnection),
    ("azure-relay", Class::AzureConnection),
    ("azure-shared-access-key", Class::AzureConnection),
    ("azure-iot", Class::AzureConnection),
    ("google-signed-url", Class::GcsSignedUrl),
    ("google-service-account", Class::GcpServiceAccountKey),
    ("google-oauth-access", Class::GoogleOauth),
    ("anthropic-oauth", Class::AiOauth),
    ("n8n-api-key-jwt", Class::N8nJwt),
    ("vault-unseal", Class::StaticKey),
    ("vault-", Class::VaultToken),
    ("langfuse-public", Class::PublicId),
    ("helicone-public", Class::PublicId),
    ("mapbox-public", Class::PublicId),
    ("posthog-project", Class::PublicId),
    ("pubnub-publish", Class::PublicId),
    ("segment-public", Class::PublicId),
    ("mailgun-public", Class::PublicId),
    ("http-basic", Class::BasicAuth),
    ("files-netrc", Class::BasicAuth),
    ("files-rails", Class::SigningSecret),
    ("files-phoenix", Class::SigningSecret),
    ("files-django", Class::SigningSecret),
    ("files-laravel", Class::SigningSecret),
    ("files-symfony", Class::SigningSecret),
    ("files-wordpress", Class::SigningSecret),
    ("http-url", Class::BasicAuth),
    ("http-curl-user", Class::BasicAuth),
    ("keys-jwk-symmetric", Class::SigningSecret),
    ("keys-", Class::PrivateKey),
];

fn by_id(id: &str) -> Option<Class> {
    BY_ID.iter().find(|(start, _)| id.starts_with(start)).map(|(_, class)| *class)
}

/// What the words of an id say.
const BY_WORD: &[(&str, Class)] = &[
    ("publishable", Class::PublicId),
    ("refresh", Class::RefreshToken),
    ("client-secret", Class::ClientSecret),
    ("oauth-app-secret", Class::ClientSecret),
    ("webhook-secret", Class::SigningSecret),
    ("signing", Class::SigningSecret),
    ("jwt-secret", Class::SigningSecret),
    ("session-secret", Class::SigningSecret),
    ("webhook", Class::WebhookUrl),
    ("-hook", Class::WebhookUrl),
    ("basic-auth", Class::BasicAuth),
    ("totp", Class::OtpSeed),
    ("otp-", Class::OtpSeed),
];

fn by_word(rule: &Rule, id: &str) -> Option<Class> {
    let word = BY_WORD.iter().find(|(word, _)| id.contains(word)).map(|(_, class)| *class);
    word.or(match rule.kind {
        Kind::Block => Some(Class::PrivateKey),
        Kind::Userinfo => Some(Class::ConnectionString),
        _ if &*rule.info.provider == "_databases" => Some(Class::ConnectionString),
        _ if &*rule.info.provider == "_web3" && rule.info.lifetime == Lifetime::Static => {
            Some(Class::PrivateKey)
        }
        _ => None,
    })
}

fn by_lifetime(lifetime: Lifetime) -> Class {
    match lifetime {
        Lifetime::Static => Class::StaticKey,
        Lifetime::StaticDated => Class::StaticDatedKey,
        Lifetime::Refresh => Class::RefreshToken,
        Lifetime::Session => Class::SessionCookie,
        Lifetime::Seed => Class::OtpSeed,
        Lifetime::ShortLived | Lifetime::Expiring | Lifetime::Unknown => Class::OpaqueToken,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_codes_are_unique_and_found_again() {
        let mut names: Vec<&str> = CLASSES.iter().map(|class| class.0).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), CLASSES.len());
        assert_eq!(Class::PublicId.name(), "public-id");
        assert_eq!(Class::PublicId as usize, CLASSES.len() - 1);
        for remedy in Remedy::ALL {
            assert_eq!(Remedy::from_code(remedy.code()), Some(remedy));
        }
    }
}
