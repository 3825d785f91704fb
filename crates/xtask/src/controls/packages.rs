//! The packages that controls are run over: what people publish that signs
//! somebody in, speaks to services or keeps their keys. Three registries
//! through their ordinary clients, versions pinned.

use std::fs;
use std::path::{Path, PathBuf};

use crate::corpora::{files, is_text, remove, sample};
use crate::fetch::{self, Fetcher, at};

type Pinned = (&'static str, &'static str);

/// Python.
const WHEELS: &[Pinned] = &[
    ("aiohttp", "3.14.5"),
    ("ansible", "12.3.0"),
    ("apache-airflow-core", "3.3.2"),
    ("apache-superset", "6.1.0"),
    ("authlib", "1.9.10"),
    ("awscli", "1.46.3"),
    ("azure-identity", "1.27.0"),
    ("botocore", "1.44.8"),
    ("buildbot", "4.3.0"),
    ("celery", "5.7.0"),
    ("certbot", "5.8.0"),
    ("dagster", "1.13.29"),
    ("django", "5.2.19"),
    ("django-oauth-toolkit", "3.4.1"),
    ("fastapi-users", "15.0.5"),
    ("flask", "3.1.3"),
    ("flask-appbuilder", "5.3.0"),
    ("frappe-bench", "5.31.1"),
    ("google-auth", "2.63.0"),
    ("gradio", "6.31.0"),
    ("homeassistant", "2024.3.3"),
    ("httpx", "0.28.1"),
    ("jupyterhub", "6.1.1"),
    ("keystone", "30.0.0"),
    ("langchain-community", "0.4.2"),
    ("litellm", "1.110.2"),
    ("matrix-synapse", "1.163.2"),
    ("mlflow", "3.18.0"),
    ("msal", "1.39.0"),
    ("oauthlib", "4.0.1"),
    ("octodns", "1.22.0"),
    ("open-webui", "0.12.4"),
    ("paramiko", "5.1.0"),
    ("prefect", "3.9.1"),
    ("pretix", "2026.8.0"),
    ("pyjwt", "2.15.1"),
    ("python-jose", "3.5.0"),
    ("python-keycloak", "7.1.1"),
    ("requests", "2.34.2"),
    ("requests-oauthlib", "2.0.0"),
    ("sentry-sdk", "2.75.0"),
    ("social-auth-app-django", "8.0.0"),
    ("social-auth-core", "7.0.0"),
    ("weblate", "5.14.3"),
    ("zenml", "0.98.0"),
];

/// JavaScript and TypeScript, and the Java of what runs on telephones.
const NPM: &[Pinned] = &[
    ("@auth/core", "0.41.3"),
    ("@azure/msal-node", "7.2.3"),
    ("@backstage/plugin-auth-backend", "0.31.0"),
    ("@budibase/backend-core", "3.46.0"),
    ("@budibase/server", "3.38.1"),
    ("@capacitor/android", "8.5.2"),
    ("@directus/api", "23.3.2"),
    ("@fastify/cookie", "11.1.5"),
    ("@fastify/jwt", "10.2.8"),
    ("@fastify/oauth2", "8.3.0"),
    ("@feathersjs/authentication-oauth", "5.0.50"),
    ("@medusajs/medusa", "2.21.2"),
    ("@octokit/webhooks", "14.2.0"),
    ("@okta/okta-auth-js", "8.0.1"),
    ("@react-native-firebase/auth", "26.4.0"),
    ("@slack/bolt", "5.1.0"),
    ("@strapi/plugin-users-permissions", "5.54.0"),
    ("@supabase/auth-js", "2.109.0"),
    ("appium", "3.8.0"),
    ("auth0", "7.1.0"),
    ("aws-amplify", "6.22.1"),
    ("better-auth", "1.7.25"),
    ("cline", "3.0.65"),
    ("cypress", "15.3.0"),
    ("express-jwt", "8.5.1"),
    ("express-session", "1.19.0"),
    ("fastify-jwt", "4.2.0"),
    ("firebase-admin", "13.10.0"),
    ("firebase-tools", "15.34.2"),
    ("flowise-components", "3.1.4"),
    ("ghost", "5.130.6"),
    ("hexo", "8.1.2"),
    ("jsonwebtoken", "9.0.3"),
    ("koa-session", "7.0.2"),
    ("n8n-nodes-base", "2.41.2"),
    ("n8n", "2.8.4"),
    ("netlify-cli", "26.2.0"),
    ("next-auth", "4.24.15"),
    ("node-red", "4.1.15"),
    ("nodemailer", "10.6.1"),
    ("octokit", "5.0.5"),
    ("oidc-provider", "9.13.3"),
    ("openid-client", "6.9.0"),
    ("parse-server", "9.10.0"),
    ("passport-jwt", "4.0.1"),
    ("passport-oauth2", "1.8.0"),
    ("passport", "0.7.0"),
    ("payload", "3.90.2"),
    ("react-native", "0.76.0"),
    ("serverless", "4.43.0"),
    ("stripe", "23.1.0"),
    ("supertokens-node", "24.0.3"),
    ("twilio", "6.3.1"),
    ("vercel", "64.0.2"),
    ("verdaccio", "6.8.0"),
    ("wrangler", "4.86.0"),
];

/// Go, PHP, Ruby, Java.
const DEBIAN: &[Pinned] = &[
    ("cacti", "1.2.24+ds1-1+deb12u5"),
    ("dokuwiki", "0.0.20220731.a-2"),
    ("golang-github-azure-azure-sdk-for-go-dev", "68.0.0-2"),
    ("golang-github-containers-image-dev", "5.23.1-4"),
    ("golang-github-coreos-go-oidc-dev", "2.1.0-2"),
    ("golang-github-dgrijalva-jwt-go-dev", "3.2.0-4"),
    ("golang-github-docker-docker-dev", "20.10.24+dfsg1-1+deb12u1"),
    ("golang-github-gin-gonic-gin-dev", "1.8.1-1"),
    ("golang-github-go-chi-chi-dev", "5.0.7-1"),
    ("golang-github-go-kit-kit-dev", "0.10.0-1"),
    ("golang-github-golang-jwt-jwt-dev", "4.4.3-1"),
    ("golang-github-google-go-github-dev", "48.1.0-2"),
    ("golang-github-gophercloud-gophercloud-dev", "0.12.0-1"),
    ("golang-github-gorilla-sessions-dev", "1.2.1-1"),
    ("golang-github-labstack-echo-dev", "4.2.1-3"),
    ("golang-github-markbates-goth-dev", "1.42.0-9"),
    ("golang-github-minio-minio-go-v7-dev", "7.0.46-1"),
    ("golang-github-prometheus-alertmanager-dev", "0.25.0-1"),
    ("golang-github-smallstep-certificates-dev", "0.19.0-1"),
    ("golang-github-xanzy-go-gitlab-dev", "0.73.1-2"),
    ("golang-golang-x-oauth2-dev", "0.3.0-1"),
    ("icingaweb2", "2.11.4-2+deb12u1"),
    ("libphp-phpmailer", "6.6.3-1"),
    ("libsecret-1-dev", "0.20.5-3"),
    ("mediawiki", "1:1.39.17-1+deb12u2"),
    ("openjdk-17-source", "17.0.21.1+2-1~deb12u1"),
    ("php-guzzlehttp-guzzle", "7.4.5-1"),
    ("phpmyadmin", "4:5.2.1+dfsg-1+deb12u1"),
    ("redmine", "5.0.4-5+deb12u1"),
    ("roundcube-core", "1.6.5+dfsg-1+deb12u13"),
    ("ruby-actionpack", "2:6.1.7.10+dfsg-1~deb12u4"),
    ("ruby-devise", "4.8.1-1"),
    ("ruby-doorkeeper", "5.5.0-2+deb12u1"),
    ("ruby-gitlab", "4.17.0-3"),
    ("ruby-jwt", "2.5.0-1+deb12u1"),
    ("ruby-oauth2", "1.4.4-1+deb12u1"),
    ("ruby-octokit", "4.20.0-1"),
    ("ruby-omniauth", "2.1.1-1"),
    ("wordpress", "6.1.9+dfsg1-0+deb12u1"),
];

/// Packages that were looked at only when the checks were done: what is right
/// here was not made to be.
const HELD_OUT: [&[Pinned]; 3] = [
    &[
        ("aider-chat", "0.86.2"),
        ("argilla", "2.8.0"),
        ("auth0-python", "6.8.0"),
        ("autogen-ext", "0.7.5"),
        ("azure-cli-core", "2.91.0"),
        ("bentoml", "1.4.40"),
        ("chainlit", "2.12.0"),
        ("chromadb", "1.5.9"),
        ("crewai", "1.15.30"),
        ("databricks-sdk", "0.162.0"),
        ("django-allauth", "65.22.1"),
        ("djangorestframework-simplejwt", "5.5.1"),
        ("dvc", "3.67.1"),
        ("fastapi-sso", "0.23.0"),
        ("fastmcp", "4.2.3"),
        ("flask-jwt-extended", "4.7.4"),
        ("flask-security-too", "5.9.2"),
        ("hvac", "2.4.0"),
        ("indico", "3.2.9"),
        ("jupyter-server", "2.21.1"),
        ("kinto", "26.5.0"),
        ("label-studio", "1.23.2"),
        ("langflow", "1.13.0"),
        ("mcp", "2.3.0"),
        ("metagpt", "0.8.2"),
        ("mitmproxy", "11.0.2"),
        ("nautobot", "3.2.7"),
        ("okta", "3.4.6"),
        ("openhands-ai", "0.9.8"),
        ("pgadmin4", "9.18"),
        ("pygithub", "2.10.0"),
        ("pyramid", "2.1"),
        ("pysaml2", "7.5.5"),
        ("python-gitlab", "8.6.0"),
        ("ray", "2.60.0"),
        ("sanic", "25.12.1"),
        ("slack-sdk", "3.48.0"),
        ("snowflake-connector-python", "5.2.0"),
        ("starlette", "1.10.0"),
        ("streamlit", "1.67.0"),
        ("tornado", "6.6.1"),
        ("twilio", "9.13.0"),
        ("wagtail", "8.0.1"),
    ],
    &[
        ("@activepieces/pieces-framework", "0.32.0"),
        ("@adonisjs/ally", "6.3.0"),
        ("@adonisjs/auth", "10.1.0"),
        ("@clerk/backend", "3.25.0"),
        ("@composio/core", "0.21.0"),
        ("@continuedev/cli", "1.5.47"),
        ("@google/gemini-cli", "0.61.0"),
        ("@hapi/bell", "13.2.0"),
        ("@keystone-6/core", "8.1.0"),
        ("@langchain/community", "1.1.29"),
        ("@logto/node", "3.1.11"),
        ("@mastra/core", "1.71.0"),
        ("@medusajs/auth", "2.21.2"),
        ("@modelcontextprotocol/sdk", "1.32.2"),
        ("@nestjs/jwt", "12.0.2"),
        ("@redwoodjs/auth-dbauth-api", "8.9.0"),
        ("@strapi/admin", "5.54.0"),
        ("@sveltejs/kit", "3.2.0"),
        ("@trigger.dev/core", "4.8.3"),
        ("express-openid-connect", "3.4.0"),
        ("grant", "5.4.24"),
        ("iron-session", "9.0.1"),
        ("keycloak-connect", "26.1.1"),
        ("koa-jwt", "4.0.4"),
        ("lucia", "3.2.2"),
        ("matrix-js-sdk", "43.0.0"),
        ("mattermost-redux", "11.9.0"),
        ("nocodb", "0.301.3"),
        ("oidc-client-ts", "3.5.0"),
        ("passport-google-oauth20", "2.0.0"),
        ("simple-oauth2", "5.1.0"),
        ("typeorm", "1.1.1"),
    ],
    &[
        ("golang-etcd-server-dev", "3.4.23-4"),
        ("golang-github-aws-aws-sdk-go-dev", "1.44.133-1"),
        ("golang-github-cli-oauth-dev", "1.0.1-1"),
        ("golang-github-go-openapi-runtime-dev", "0.23.3-1"),
        ("golang-github-grpc-ecosystem-grpc-gateway-dev", "1.6.4-2"),
        ("openstack-dashboard", "3:23.0.0-5+deb12u2"),
        ("php-horde-core", "2.31.18+debian0-2"),
        ("php-laravel-framework", "8.83.26+dfsg-2"),
        ("php-symfony-security-core", "5.4.53+dfsg-0+deb12u1"),
        ("php-symfony-security-http", "5.4.53+dfsg-0+deb12u1"),
        ("ruby-omniauth-openid-connect", "0.10.0-2"),
        ("ruby-openid-connect", "1.2.0-2"),
        ("ruby-rack-oauth2", "1.21.3-1"),
        ("ruby-sinatra", "3.0.5-3+deb12u1"),
        ("ruby-warden", "1.2.8-1"),
        ("simplesamlphp", "1.19.7-1+deb12u2"),
        ("tt-rss", "21~git20210204.b4cbc79+dfsg-1.2"),
        ("zabbix-frontend-php", "1:6.0.14+dfsg-1"),
    ],
];

/// Which packages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Set {
    /// Those that the checks were made on.
    First,
    /// Those that were kept apart.
    HeldOut,
}

impl Set {
    /// Wheels, npm's and Debian's.
    fn lists(self) -> [&'static [Pinned]; 3] {
        match self {
            Set::First => [WHEELS, NPM, DEBIAN],
            Set::HeldOut => HELD_OUT,
        }
    }

    /// The name of its files.
    pub fn name(self) -> &'static str {
        match self {
            Set::First => "tree",
            Set::HeldOut => "held-out",
        }
    }

    /// How many packages it has.
    pub fn count(self) -> usize {
        self.lists().iter().map(|list| list.len()).sum()
    }
}

/// The most that one package gives, in bytes: none may speak for all.
const MOST: u64 = 24 << 20;

/// The least that all must come to, in bytes.
const LEAST: u64 = 200 << 20;

/// Makes the tree, once, and gives its size in bytes.
pub fn tree(work: &Path, set: Set) -> Result<(PathBuf, u64), String> {
    let tree = work.join(set.name());
    let stamp = work.join(format!("{}.stamp", set.name()));
    let recipe = format!("{MOST} {:?}", set.lists());
    if !fs::read_to_string(&stamp).is_ok_and(|found| found == recipe) {
        remove(&stamp)?;
        remove(&tree)?;
        fill(&Fetcher::new(&work.join("fetched")), &tree, set)?;
        fs::write(&stamp, recipe).map_err(at(&stamp))?;
    }
    let bytes = files(&tree)?.iter().map(|(_, size)| size).sum();
    if bytes < LEAST {
        return Err(format!("the packages came to {bytes} bytes only"));
    }
    Ok((tree, bytes))
}

fn fill(fetcher: &Fetcher, tree: &Path, set: Set) -> Result<(), String> {
    let [wheels, npm, debian] = set.lists();
    let take = |folder: &Path| {
        let name = folder.file_name().unwrap_or_default();
        sample(folder, &tree.join(name), MOST, |_, text| is_text(text)).map(|_| ())
    };
    fetch::folder(tree)?;
    for (name, version) in wheels {
        take(&fetcher.wheel(name, version)?)?;
    }
    for (name, version) in npm {
        take(&fetcher.npm(name, version)?)?;
    }
    for (name, version) in debian {
        take(&fetcher.deb(name, version)?)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_package_stands_once() {
        for (first, held_out) in Set::First.lists().into_iter().zip(Set::HeldOut.lists()) {
            let mut names: Vec<&str> =
                first.iter().chain(held_out).map(|(name, _)| *name).collect();
            let all = names.len();
            names.sort_unstable();
            names.dedup();
            assert_eq!(names.len(), all);
        }
    }
}
