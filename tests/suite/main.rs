//! The tests that run the tables, and those that make their inputs
//! themselves. One program, so that the built-in rules are compiled once.

mod big;
mod builtin;
mod cases;
mod diffs;
mod documents;
mod engines;
mod formats;
mod laws;
mod lifetimes;
mod material;
mod packs;
mod properties;
mod silence;
mod staged;
mod steps;
mod transcripts;
