//! Work in threads of our own: those of Node are left to files and names, and
//! a promise is settled wherever its environment still lives.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use keysieve_native::pool;
use napi::bindgen_prelude::Object;
use napi::{Env, Error, Result};
use napi_derive::napi;

/// A piece of work that can be cancelled.
#[napi(js_name = "RawJob")]
#[derive(Default)]
pub struct Job(Arc<AtomicBool>);

#[napi]
impl Job {
    /// A job that has not started.
    #[napi(constructor)]
    pub fn new() -> Job {
        Job::default()
    }

    /// Nobody waits for it any more.
    #[napi]
    pub fn cancel(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Runs it in another thread; the promise of its answer.
    pub(crate) fn start<'e>(
        &self,
        env: &'e Env,
        work: impl FnOnce(&AtomicBool) -> std::result::Result<String, String> + Send + 'static,
    ) -> Result<Object<'e>> {
        let (deferred, promise) = env.create_deferred()?;
        let cancelled = self.0.clone();
        let runs = pool::run(move || {
            let ended = match cancelled.load(Ordering::Relaxed) {
                true => Err("it was cancelled".to_owned()),
                false => pool::guarded(|| work(&cancelled)),
            };
            match ended {
                Ok(answer) => deferred.resolve(move |_| Ok(answer)),
                Err(message) => deferred.reject(Error::from_reason(message)),
            }
        });
        if runs { Ok(promise) } else { Err(Error::from_reason("no thread runs")) }
    }
}
