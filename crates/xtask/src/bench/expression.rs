//! Rules as single expressions, the way in which scanners that know nothing
//! else write them: what Vectorscan is given. The token's own expression
//! stands as its author wrote it; words of context and assignments are put in
//! front of it.

use keysieve::Kind;
use keysieve_rules::RuleSyntax;

/// The greatest gap between a word and a token, in bytes: automata grow with
/// it, and nobody allows them more.
const MOST_GAP: u16 = 64;

/// What stands between a name and its value.
const ASSIGNED: &str = r#"[0-9A-Za-z_.\-]{0,24}["']?[ \t]{0,4}[:=>]{1,2}[ \t]{0,4}["']?"#;

/// The expression of a rule.
pub fn of(rule: &RuleSyntax) -> String {
    let token = format!("(?:{})", rule.token);
    let Some(context) = &rule.context else { return token };
    let words: Vec<String> = context.words.iter().map(|word| escaped(word)).collect();
    let words = format!("(?i:{})", words.join("|"));
    match rule.kind {
        Kind::Userinfo => format!("{words}[^\\s/@:]{{0,64}}:{token}@"),
        Kind::Value => format!("{words}{ASSIGNED}{token}"),
        _ if context.assignment => format!("{words}{ASSIGNED}{token}"),
        _ => format!("{words}[^\\n]{{0,{}}}{token}", context.within.min(MOST_GAP)),
    }
}

fn escaped(word: &str) -> String {
    let quote = |c: char| match c {
        c if c.is_ascii_alphanumeric() => c.to_string(),
        c => format!("\\x{:02x}", u32::from(c)),
    };
    word.chars().map(quote).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use keysieve_rules::{Source, parse};

    #[test]
    fn words_stand_in_front_of_their_token() {
        let source =
            Source { path: "acme.toml".to_owned(), text: crate::catalogue::ACME.to_owned() };
        let file = parse(&source).expect("it is good");
        let rule = file.rules.iter().find(|rule| rule.context.is_some()).expect("one has words");
        let expression = of(rule);
        assert!(expression.starts_with("(?i:"), "{expression}");
        assert!(expression.ends_with(&format!("(?:{})", rule.token)), "{expression}");
        assert_eq!(escaped("a-b"), "a\\x2db");
    }
}
