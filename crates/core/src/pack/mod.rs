//! Packs: compiled rules as bytes. The build embeds one; `keysieve rules
//! build` writes one for users' own rules, which is what WASM and editors
//! load, so that neither carries a compiler.
//!
//! A pack is `KSPACK`, the format's version (u16), the CRC-32 of what follows
//! (u32), then the tables; integers are little-endian. Everything is checked
//! when a pack is opened; whatever the bytes, the answer is a ruleset or a
//! [`PackError`], never a panic and never undefined behaviour.
//!
//! Of a pack that is part of a program, what a scan derives from it lies beside
//! it: `KSTABS`, version and checksum as above, the header of the pack to which
//! it belongs, then the sieve, the tables of literals and the gates, each written
//! and read where it is defined. It is no format for others: tables that do not
//! fit are derived anew.

mod decode;
mod encode;

use std::fmt;

pub(crate) use decode::{
    Decoded, MOST_WITHIN, Reader, Result, anchors, body, decode, decode_built_in, malformed,
};
pub(crate) use encode::{Sets, Writer, encode, sealed};

/// The first bytes of every pack.
const MAGIC: &[u8; 6] = b"KSPACK";

/// The first bytes of tables that were made of a pack.
const TABLES_MAGIC: &[u8; 6] = b"KSTABS";

/// The version of the format that this library reads and writes.
pub const VERSION: u16 = 7;

/// Tables of this pack with these bytes: they begin with what tells it from
/// others.
pub(crate) fn sealed_tables(pack: &[u8], tables: Writer) -> Vec<u8> {
    let mut all = Writer(header(pack).to_vec());
    all.0.extend(tables.0);
    sealed(TABLES_MAGIC, VERSION, all)
}

/// What follows the header of tables; nothing where they are not of this pack.
pub(crate) fn tables_of<'t>(pack: &[u8], tables: &'t [u8]) -> Option<&'t [u8]> {
    body(tables, TABLES_MAGIC, VERSION).ok()?.strip_prefix(header(pack))
}

/// Magic, version and checksum of a pack.
fn header(pack: &[u8]) -> &[u8] {
    &pack[..pack.len().min(12)]
}

/// Why a pack was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PackError(pub(crate) Cause);

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Cause {
    NotAPack,
    Version(u16),
    Checksum,
    Truncated,
    Malformed(&'static str),
}

impl fmt::Display for PackError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Cause::NotAPack => write!(f, "not a keysieve pack"),
            Cause::Version(found) => write!(
                f,
                "the pack has format version {found}, this keysieve reads version {VERSION}: build the pack again"
            ),
            Cause::Checksum => write!(f, "the pack is damaged: its checksum does not match"),
            Cause::Truncated => write!(f, "the pack is cut off"),
            Cause::Malformed(what) => write!(f, "the pack is malformed: {what}"),
        }
    }
}

impl std::error::Error for PackError {}
