//! The folders of the workspace and what is in force in each; settings, and
//! files that change on disk.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use keysieve_sources::{ReadOptions, Reader};
use lsp_types::{
    Diagnostic, DidChangeWatchedFilesParams, DidChangeWorkspaceFoldersParams, FileChangeType,
    WorkspaceFolder,
};
use serde_json::Value;

use super::Server;
use crate::policy::{Missing, Policies, Policy, Settings};
use crate::{ignored, scan, uri};

/// Files that decide what is told of others, by their names.
const DECIDING: [&str; 3] = ["keysieve.toml", ".gitignore", ".keysieveignore"];

/// The folders of the workspace.
pub(super) struct Folders {
    policies: Box<dyn Policies>,
    roots: Vec<PathBuf>,
    open: Vec<(PathBuf, Arc<dyn Policy>)>,
    /// For texts that lie in none of them.
    lone: Option<Arc<dyn Policy>>,
    settings: Settings,
}

impl Folders {
    /// The folders that the parameters of `initialize` name.
    pub(super) fn new(policies: Box<dyn Policies>, params: &Value) -> Folders {
        let named: Vec<WorkspaceFolder> =
            serde_json::from_value(params["workspaceFolders"].clone()).unwrap_or_default();
        let mut roots: Vec<PathBuf> =
            named.iter().filter_map(|folder| uri::path(folder.uri.as_str())).collect();
        if roots.is_empty() {
            let root = params["rootUri"].as_str().and_then(uri::path);
            roots.extend(root.or_else(|| params["rootPath"].as_str().map(PathBuf::from)));
        }
        let settings = Settings::default();
        Folders { policies, roots, open: Vec::new(), lone: None, settings }
    }

    /// Opens all policies again; gives what is wrong with them.
    fn reload(&mut self, settings: &Settings) -> Vec<String> {
        self.settings = settings.clone();
        let mut wrong = Vec::new();
        self.lone = None;
        self.open = Vec::new();
        for root in self.roots.clone() {
            let policy = self.policy(&root, &mut wrong);
            self.open.extend(policy.map(|policy| (root, policy)));
        }
        wrong
    }

    /// The policy of a folder. Where something is wrong with its
    /// configuration, the built-in rules still run.
    fn policy(&self, folder: &Path, wrong: &mut Vec<String>) -> Option<Arc<dyn Policy>> {
        let opened = self.policies.open(folder, &self.settings).or_else(|message| {
            wrong.push(message);
            let plain = Settings { no_config: Some(true), ..Settings::default() };
            self.policies.open(folder, &plain)
        });
        opened.map_err(|message| wrong.push(message)).ok()
    }

    /// The folder and the policy of a text that stands at this path.
    pub(super) fn of(&mut self, path: Option<&Path>) -> (Option<PathBuf>, Arc<dyn Policy>) {
        let holds = |(root, _): &&(PathBuf, Arc<dyn Policy>)| {
            path.is_some_and(|path| path.starts_with(root))
        };
        let nearest = self.open.iter().filter(holds).max_by_key(|(root, _)| root.as_os_str().len());
        if let Some((root, policy)) = nearest {
            return (Some(root.clone()), policy.clone());
        }
        // Untitled texts are judged as those of the first folder.
        if let (None, Some((_, policy))) = (path, self.open.first()) {
            return (None, policy.clone());
        }
        if self.lone.is_none() {
            let near = path.and_then(Path::parent).unwrap_or(Path::new("."));
            self.lone = self.policy(near, &mut Vec::new());
        }
        (None, self.lone.clone().unwrap_or_else(|| Arc::new(Silent::default())))
    }

    pub(super) fn open(&self) -> &[(PathBuf, Arc<dyn Policy>)] {
        &self.open
    }
}

/// The policy where none can be opened: finds nothing.
struct Silent(keysieve::Scanner);

impl Default for Silent {
    fn default() -> Silent {
        let rules = keysieve::Ruleset::from_parts(Vec::new(), Vec::new());
        Silent(keysieve::Scanner::new(Arc::new(rules)))
    }
}

impl Policy for Silent {
    fn scanner(&self) -> &keysieve::Scanner {
        &self.0
    }
    fn tells(&self, _: Option<&Path>, _: &keysieve::Finding, _: keysieve::Severity) -> bool {
        false
    }
    fn missing(&self, _: &Path, _: &[u8]) -> Vec<Missing> {
        Vec::new()
    }

    fn inline_allow(&self) -> bool {
        true
    }
    fn excludes(&self, _: &Path) -> bool {
        true
    }
    fn walk(&self) -> keysieve_sources::WalkOptions {
        keysieve_sources::WalkOptions::default()
    }
    fn baseline(&self) -> Option<PathBuf> {
        None
    }
    fn files(&self) -> Vec<PathBuf> {
        Vec::new()
    }
    fn now(&self) -> Option<keysieve::lifetime::Time> {
        None
    }
}

impl Server {
    /// Opens the policies for the first time.
    pub(super) fn begin(&mut self) {
        for wrong in self.folders.reload(&self.settings) {
            self.show(&wrong);
        }
    }

    /// Opens the policies again, and judges everything anew.
    pub(super) fn reload(&mut self) {
        self.begin();
        self.reopen();
        self.scan_workspace(None, None);
    }

    /// Takes settings over; the first ones also start the first scan.
    pub(super) fn set(&mut self, settings: Option<Settings>) {
        match settings {
            None => {
                self.show("the settings are not understood; they stay as they were");
                self.scan_workspace(None, None);
            }
            Some(settings) if settings == self.settings => {
                if !self.scanned {
                    self.scan_workspace(None, None);
                }
            }
            Some(settings) => {
                self.settings = settings;
                self.reload();
            }
        }
    }

    pub(super) fn configured(&mut self, params: &Value) {
        if self.client.configuration {
            self.ask_configuration();
        } else {
            let settings = Settings::read(&params["settings"]);
            self.set(settings);
        }
    }

    pub(super) fn folders_changed(&mut self, params: DidChangeWorkspaceFoldersParams) {
        let path = |folder: &WorkspaceFolder| uri::path(folder.uri.as_str());
        let removed: Vec<PathBuf> = params.event.removed.iter().filter_map(path).collect();
        self.folders.roots.retain(|root| !removed.contains(root));
        for added in params.event.added.iter().filter_map(path) {
            if !self.folders.roots.contains(&added) {
                self.folders.roots.push(added);
            }
        }
        self.reload();
    }

    pub(super) fn files_changed(&mut self, params: DidChangeWatchedFilesParams) {
        let changed: Vec<(PathBuf, FileChangeType)> = params
            .changes
            .iter()
            .filter_map(|change| Some((uri::path(change.uri.as_str())?, change.typ)))
            .collect();
        if changed.iter().any(|(path, _)| self.decides(path)) {
            return self.reload();
        }
        for (path, kind) in changed {
            let Some(uri) = uri::of(&path) else { continue };
            let key = uri::key(uri.as_str());
            if self.open.contains_key(&key) || !self.settings.scans_workspace() {
                continue;
            }
            let told = match kind {
                FileChangeType::DELETED => None,
                _ => self.scan_file(&path),
            };
            self.tell_closed(key, told.unwrap_or_default());
        }
    }

    /// Whether a file decides what is told of others.
    fn decides(&self, path: &Path) -> bool {
        let named = path.file_name().is_some_and(|name| DECIDING.iter().any(|one| name == *one));
        named
            || self
                .folders
                .open()
                .iter()
                .any(|(_, policy)| policy.files().iter().any(|f| f == path))
    }

    /// What is told of a file on disk; nothing where the scan of its folder
    /// would not read it.
    pub(super) fn scan_file(&mut self, path: &Path) -> Option<Vec<Diagnostic>> {
        let (folder, policy) = self.folders.of(Some(path));
        let folder = folder?;
        let inside = path.strip_prefix(&folder).ok()?;
        let git = inside.components().any(|part| part.as_os_str() == ".git");
        let walk = policy.walk();
        let left_out = git
            || policy.excludes(inside)
            || (walk.gitignore && ignored::by_git(&folder, path))
            || (walk.keysieveignore && ignored::by_us(&folder, path));
        if left_out || !path.is_file() {
            return None;
        }
        let mut reader = Reader::new(ReadOptions::default());
        scan::file(path, policy.as_ref(), self.client.manner(), &mut reader)
    }
}
