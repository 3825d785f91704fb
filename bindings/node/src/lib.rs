//! keysieve as an addon of Node. It converts bytes and strings and nothing
//! else; `bindings/api.js` and `js/node.js` make of it what `bindings/api.d.ts`
//! and `js/index.d.ts` tell.
//!
//! Findings, rules, options and summaries are JSON; texts are bytes of UTF-8.
//! What runs in the calling thread borrows the bytes of JavaScript; what runs
//! in another thread has a copy of them, so that nothing is changed under it.

mod job;

use keysieve_bindings as shared;
use keysieve_native::{self as native, files};
use napi::bindgen_prelude::{Buffer, BufferSlice, Function, Object};
use napi::{Env, Error, JsString, Result};
use napi_derive::napi;

use job::Job;

/// A scanner.
#[napi]
pub struct RawScanner(shared::Engine);

#[napi]
impl RawScanner {
    /// A scanner with these options and packs, as `of_joined` takes them.
    #[napi(constructor)]
    pub fn new(options: String, packs: &[u8], lengths: &[u32]) -> Result<RawScanner> {
        let engine = shared::Engine::of_joined(&options, packs, lengths);
        engine.map(RawScanner).map_err(Error::from_reason)
    }

    /// The findings in a text.
    #[napi]
    pub fn scan(&self, bytes: &[u8]) -> String {
        self.0.scan(bytes)
    }

    /// The findings in a file and the controls that it leaves out.
    #[napi]
    pub fn review(&self, bytes: &[u8], path: String) -> Result<String> {
        let opened = shared::open_builtin_controls();
        opened.and_then(|()| self.0.review(bytes, &path)).map_err(Error::from_reason)
    }

    /// The findings in a text, from another thread.
    #[napi(ts_return_type = "Promise<string>")]
    pub fn scan_async<'e>(&self, env: &'e Env, bytes: &[u8], job: &Job) -> Result<Object<'e>> {
        let (engine, bytes) = (self.0.clone(), bytes.to_vec());
        job.start(env, move |_| Ok(engine.scan(&bytes)))
    }

    /// What the file holds and the findings in it, from another thread.
    #[napi(ts_return_type = "Promise<string>")]
    pub fn scan_file<'e>(&self, env: &'e Env, path: String, job: &Job) -> Result<Object<'e>> {
        let engine = self.0.clone();
        job.start(env, move |cancelled| files::scan_file(&engine, path.as_ref(), cancelled))
    }

    /// A scanner of an input that comes in pieces.
    #[napi]
    pub fn stream(&self) -> RawScanStream {
        RawScanStream(Some(self.0.stream()))
    }

    /// A text that is edited.
    #[napi]
    pub fn document(&self, text: &[u8]) -> RawDocument {
        RawDocument(self.0.document(text.to_vec()))
    }

    /// The text without its secrets.
    #[napi]
    pub fn redact(&self, bytes: &[u8], options: String) -> Result<Buffer> {
        self.0.redact(bytes, &options).map(Buffer::from).map_err(Error::from_reason)
    }

    /// A redactor of an input that comes in pieces.
    #[napi]
    pub fn redact_stream(&self, options: String) -> Result<RawRedactStream> {
        self.0.redact_stream(&options).map(RawRedactStream).map_err(Error::from_reason)
    }

    /// A redactor of many texts that each stand alone.
    #[napi]
    pub fn redactor(&self, options: String) -> Result<RawRedactor> {
        self.0.redactor(&options).map(RawRedactor).map_err(Error::from_reason)
    }

    /// The rules that run.
    #[napi]
    pub fn rules(&self) -> String {
        self.0.rules()
    }
}

type Cleaner<'e> = Function<'e, u32, Option<String>>;

/// A redactor of many texts that each stand alone.
#[napi]
pub struct RawRedactor(shared::Redactor);

#[napi]
impl RawRedactor {
    /// The text without its secrets; nothing where it has none.
    #[napi]
    pub fn clean(&self, text: JsString<'_>) -> Result<Option<String>> {
        Ok(self.0.clean_text(text.into_utf8()?.as_slice()))
    }

    /// A function that does so with the first bytes of `text`, as many as it
    /// is given: to call a method with a string costs more than a line's scan.
    #[napi(ts_return_type = "(bytes: number) => string | null")]
    pub fn cleaner<'e>(&self, env: &'e Env, text: Buffer) -> Result<Cleaner<'e>> {
        let redactor = self.0.clone();
        env.create_function_from_closure("clean", move |call| {
            let bytes = call.first_arg::<u32>()? as usize;
            Ok(redactor.clean_text(&text[..bytes.min(text.len())]))
        })
    }

    /// Bytes without their secrets; nothing where they have none.
    #[napi]
    pub fn clean_bytes(&self, bytes: &[u8]) -> Option<Buffer> {
        self.0.clean(bytes).map(Buffer::from)
    }
}

/// A scanner of an input that comes in pieces.
#[napi]
pub struct RawScanStream(Option<shared::ScanStream>);

#[napi]
impl RawScanStream {
    /// The next piece; what is found.
    #[napi]
    pub fn push(&mut self, chunk: &[u8]) -> String {
        self.0.as_mut().map_or_else(|| "[]".to_owned(), |stream| stream.push(chunk))
    }

    /// The input has ended; what is found in the rest.
    #[napi]
    pub fn finish(&mut self) -> String {
        self.0.take().map_or_else(|| "[]".to_owned(), shared::ScanStream::finish)
    }
}

/// A redactor of an input that comes in pieces.
#[napi]
pub struct RawRedactStream(shared::RedactStream);

#[napi]
impl RawRedactStream {
    /// The next piece; what is clean.
    #[napi]
    pub fn push<'e>(&mut self, env: &'e Env, chunk: &[u8]) -> Result<BufferSlice<'e>> {
        BufferSlice::copy_from(env, self.0.push(chunk))
    }

    /// The input has ended: the rest.
    #[napi]
    pub fn finish<'e>(&mut self, env: &'e Env) -> Result<BufferSlice<'e>> {
        BufferSlice::copy_from(env, self.0.finish())
    }

    /// What all of it came to, once it is finished.
    #[napi]
    pub fn summary(&self) -> String {
        self.0.summary().to_owned()
    }
}

/// A text that is edited.
#[napi]
pub struct RawDocument(shared::Document);

#[napi]
impl RawDocument {
    /// Replaces the text between two offsets, in UTF-16 units.
    #[napi]
    pub fn update(&mut self, start: u32, end: u32, text: String) -> Result<()> {
        self.0.update(start as usize, end as usize, text.as_bytes()).map_err(Error::from_reason)
    }

    /// The findings.
    #[napi]
    pub fn findings(&mut self) -> String {
        self.0.findings()
    }
}

/// Secrets that are already known.
#[napi]
pub struct RawBaseline(shared::KnownSecrets);

#[napi]
impl RawBaseline {
    /// Those of a baseline file; an empty text has none.
    #[napi(constructor)]
    pub fn new(text: String) -> Result<RawBaseline> {
        shared::KnownSecrets::parse(&text).map(RawBaseline).map_err(Error::from_reason)
    }

    /// Whether a secret with this fingerprint is known.
    #[napi]
    pub fn has(&self, fingerprint: String) -> bool {
        self.0.has(&fingerprint)
    }

    /// Adds a secret; rule and path are for people.
    #[napi]
    pub fn add(&mut self, fingerprint: String, rule: String, path: String) -> Result<()> {
        self.0.add(&fingerprint, &rule, &path).map_err(Error::from_reason)
    }

    /// Forgets a secret; whether it was known.
    #[napi]
    pub fn remove(&mut self, fingerprint: String) -> Result<bool> {
        self.0.remove(&fingerprint).map_err(Error::from_reason)
    }

    /// How many are known.
    #[napi]
    pub fn size(&self) -> u32 {
        self.0.len() as u32
    }

    /// The file.
    #[napi]
    pub fn file(&self) -> String {
        self.0.file()
    }
}

/// The files below these paths, and what could not be walked: JSON.
#[napi(ts_return_type = "Promise<string>")]
pub fn walk<'e>(env: &'e Env, roots: Vec<String>, job: &Job) -> Result<Object<'e>> {
    job.start(env, move |cancelled| files::walk(&roots, cancelled))
}

/// A pack of rules that are written as TOML; each source is a name and a text.
#[napi]
pub fn compile_rules(names: Vec<String>, texts: Vec<String>) -> Result<Buffer> {
    let sources = names.iter().zip(&texts).map(|(name, text)| (name.as_str(), text.as_str()));
    native::compile(sources).map(Buffer::from).map_err(Error::from_reason)
}
