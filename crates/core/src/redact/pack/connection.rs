//! Passwords and keys in connection strings: `Server=h;User Id=u;Password=p;`,
//! `host=h user=u password=p`, `AccountName=a;AccountKey=k`. A name counts only
//! where another part of a connection string stands in the same line.

use std::ops::Range;

use super::cursor::{Cursor, names};

const SECRETS: [&str; 9] = [
    "password",
    "pwd",
    "accountkey",
    "sharedaccesskey",
    "sharedaccesssignature",
    "secretkey",
    "sharedsecretvalue",
    "sslpassword",
    "truststorepassword",
];

/// Other parts of a connection string.
const PARTS: [&str; 21] = [
    "server",
    "source",
    "host",
    "hostname",
    "addr",
    "endpoint",
    "accountname",
    "uid",
    "id",
    "user",
    "username",
    "dbname",
    "database",
    "catalog",
    "sharedaccesskeyname",
    "endpointsuffix",
    "port",
    "sslmode",
    "driver",
    "dsn",
    "encrypt",
];

pub(super) fn find(line: &[u8], found: &mut impl FnMut(Range<usize>, &'static str)) {
    let mut others = false;
    names(line, &PARTS, &mut |_, name| {
        let mut cursor = Cursor::new(line, name.end);
        cursor.spaces();
        others |= cursor.eat(b'=');
    });
    if !others {
        return;
    }
    names(line, &SECRETS, &mut |_, name| {
        if let Some(range) = value(line, name) {
            found(range, "connection-string");
        }
    });
}

fn value(line: &[u8], name: Range<usize>) -> Option<Range<usize>> {
    // Between semicolons a value may hold spaces.
    let parts = line[..name.start].trim_ascii_end().ends_with(b";");
    let mut cursor = Cursor::new(line, name.end);
    cursor.spaces();
    if !cursor.eat(b'=') {
        return None;
    }
    cursor.spaces();
    let length = match cursor.quote() {
        Some(quote) => quote.length(cursor.rest()),
        None if cursor.eat(b'{') => until(cursor.rest(), |b| b == b'}'),
        None => until(cursor.rest(), |b| {
            (b <= b' ' && !parts) || matches!(b, b';' | b'"' | b'\'' | b'`' | b'\\' | b',' | b'&')
        }),
    };
    (length > 0).then_some(cursor.at..cursor.at + length)
}

fn until(text: &[u8], ends: impl Fn(u8) -> bool) -> usize {
    text.iter().position(|b| ends(*b)).unwrap_or(text.len())
}

#[cfg(test)]
mod tests {
    use super::super::{Pack, masked};

    #[test]
    fn values_of_connection_strings() {
        for (line, want) in [
            ("Server=h;User Id=u;Password=p w;", "Server=h;User Id=u;Password=#;"),
            ("\"Server=h;Pwd=p;Encrypt=yes\"", "\"Server=h;Pwd=#;Encrypt=yes\""),
            ("host=h user=u password='p w' dbname=d", "host=h user=u password='#' dbname=d"),
            (
                "AccountName=a;AccountKey=k/+==;EndpointSuffix=s",
                "AccountName=a;AccountKey=#;EndpointSuffix=s",
            ),
            ("Driver={x};Server=h;PWD={a;b};", "Driver={x};Server=h;PWD={#};"),
        ] {
            assert_eq!(masked(Pack::ConnectionStrings, line), want);
        }
        for line in ["password=abc", "the host password is known", "host=h passwords=3"] {
            assert_eq!(masked(Pack::ConnectionStrings, line), line);
        }
    }
}
