//! The tests that run the tables, and those that make their inputs
//! themselves. One program, so that the built-in rules are compiled once.

mod agents;
mod big;
mod builtin;
mod cases;
mod contexts;
mod controls;
#[cfg(target_os = "linux")]
mod dialects;
mod diffs;
mod documents;
mod editor;
mod engines;
mod flaws;
mod formats;
#[cfg(target_os = "linux")]
mod helix;
mod history;
mod hooks;
mod laws;
mod lifetimes;
#[cfg(unix)]
mod managers;
mod material;
mod neovim;
mod packs;
mod properties;
mod redact;
#[cfg(target_os = "linux")]
mod redact_command;
mod review;
#[cfg(target_os = "linux")]
mod rsyslog;
mod silence;
mod staged;
mod steps;
mod transcripts;
