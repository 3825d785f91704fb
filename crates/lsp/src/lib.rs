//! The language server: credentials are underlined while they are typed, in
//! any editor that speaks the Language Server Protocol, and nothing leaves the
//! machine.
//!
//! ```text
//! editor ⇄ messages ▶ texts (incremental) ▶ view ▶ diagnostics, hovers, actions
//!                   ▶ folders (policies)  ▶ scan (a thread) ▶ closed files
//! ```
//!
//! One thread answers everything about open texts: what an edit can have
//! changed is scanned in a fraction of a millisecond, less than handing it to
//! another thread would cost. Only the scan of a whole workspace has threads
//! of its own. What is waiting is read before what is next is answered, so a
//! request that was cancelled meanwhile is not carried out.
//!
//! No message, log or error of the server holds a byte of a secret. Actions
//! that must move a secret (to `.env`) are carried out by the server, on disk.
//!
//! How editors are set up is told in the `README.md` beside this crate.

#![forbid(unsafe_code)]

mod action;
mod client;
mod ignored;
mod language;
mod policy;
mod scan;
mod server;
mod uri;
mod view;

pub use lsp_server::Connection;
pub use policy::{Missing, Policies, Policy, Settings};

/// Serves one editor on standard input and output until it says good-bye.
///
/// # Errors
/// When the editor breaks the protocol or goes without a word; the message
/// holds nothing of what was sent.
pub fn serve(policies: Box<dyn Policies>) -> Result<(), String> {
    let (connection, threads) = Connection::stdio();
    let outcome = serve_on(connection, policies);
    // After an error the other side may never close its end.
    if outcome.is_ok() {
        threads.join().map_err(|error| format!("standard input or output: {}", error.kind()))?;
    }
    outcome
}

/// The same on any connection.
///
/// # Errors
/// As [`serve`].
pub fn serve_on(connection: Connection, policies: Box<dyn Policies>) -> Result<(), String> {
    server::run(&connection, policies)
}
