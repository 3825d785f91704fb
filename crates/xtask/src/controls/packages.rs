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

/// The most that one package gives, in bytes: none may speak for all.
const MOST: u64 = 24 << 20;

/// The least that all must come to, in bytes.
const LEAST: u64 = 200 << 20;

/// How many there are.
pub fn count() -> usize {
    WHEELS.len() + NPM.len() + DEBIAN.len()
}

/// Makes the tree, once, and gives its size in bytes.
pub fn tree(work: &Path) -> Result<(PathBuf, u64), String> {
    let tree = work.join("tree");
    let stamp = work.join("tree.stamp");
    let recipe = format!("{MOST} {:?}", [WHEELS, NPM, DEBIAN]);
    if !fs::read_to_string(&stamp).is_ok_and(|found| found == recipe) {
        remove(&stamp)?;
        remove(&tree)?;
        fill(&Fetcher::new(&work.join("fetched")), &tree)?;
        fs::write(&stamp, recipe).map_err(at(&stamp))?;
    }
    let bytes = files(&tree)?.iter().map(|(_, size)| size).sum();
    if bytes < LEAST {
        return Err(format!("the packages came to {bytes} bytes only"));
    }
    Ok((tree, bytes))
}

fn fill(fetcher: &Fetcher, tree: &Path) -> Result<(), String> {
    let take = |folder: &Path| {
        let name = folder.file_name().unwrap_or_default();
        sample(folder, &tree.join(name), MOST, |_, text| is_text(text)).map(|_| ())
    };
    fetch::folder(tree)?;
    for (name, version) in WHEELS {
        take(&fetcher.wheel(name, version)?)?;
    }
    for (name, version) in NPM {
        take(&fetcher.npm(name, version)?)?;
    }
    for (name, version) in DEBIAN {
        take(&fetcher.deb(name, version)?)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_package_stands_once() {
        let all = [WHEELS, NPM, DEBIAN].concat();
        let mut names: Vec<&str> = all.iter().map(|(name, _)| *name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), all.len());
    }
}
