//! Short texts that are looked for without regard to case: the first two bytes
//! tell nearly all places that hold none.

/// A number for two bytes, the same for upper and lower case.
const fn pair(first: u8, second: u8) -> usize {
    (first as usize & 31) << 5 | (second as usize & 31)
}

/// Which pairs of bytes texts begin with.
pub(crate) struct Begins([bool; 1024]);

impl Begins {
    /// The beginnings of these texts; those of a single byte are left out.
    pub(crate) const fn new(lists: &[&[&str]]) -> Begins {
        let (mut begins, mut list) = ([false; 1024], 0);
        while list < lists.len() {
            let mut at = 0;
            while at < lists[list].len() {
                if let [first, second, ..] = lists[list][at].as_bytes() {
                    begins[pair(*first, *second)] = true;
                }
                at += 1;
            }
            list += 1;
        }
        Begins(begins)
    }

    /// Whether a text may begin with the pair; a no is certain.
    pub(crate) fn may_begin(&self, two: [u8; 2]) -> bool {
        self.0[pair(two[0], two[1])]
    }
}

/// Texts in lower case, two bytes at least.
pub(crate) struct Texts {
    texts: &'static [&'static str],
    begins: Begins,
}

impl Texts {
    /// These texts.
    pub(crate) const fn new(texts: &'static [&'static str]) -> Texts {
        Texts { texts, begins: Begins::new(&[texts]) }
    }

    /// How many positions of the value one of them stands at.
    pub(crate) fn count_in(&self, value: &[u8]) -> usize {
        let at = |start: usize| {
            self.texts.iter().any(|text| {
                let here = value.get(start..start + text.len());
                here.is_some_and(|h| h.eq_ignore_ascii_case(text.as_bytes()))
            })
        };
        let begins = |two: &[u8]| self.begins.may_begin([two[0], two[1]]);
        value.windows(2).enumerate().filter(|(i, two)| begins(two) && at(*i)).count()
    }
}

/// Which pairs of bytes a text holds.
pub(crate) struct Pairs([u64; 16]);

impl Pairs {
    /// The pairs of this text.
    pub(crate) fn of(text: &[u8]) -> Pairs {
        let mut pairs = [0; 16];
        for two in text.windows(2) {
            let pair = pair(two[0], two[1]);
            pairs[pair >> 6] |= 1 << (pair & 63);
        }
        Pairs(pairs)
    }

    /// Whether the text may hold the word; a no is certain.
    pub(crate) fn may_hold(&self, word: &[u8]) -> bool {
        word.windows(2).all(|two| {
            let pair = pair(two[0], two[1]);
            self.0[pair >> 6] >> (pair & 63) & 1 == 1
        })
    }
}

/// Whether the word stands in the text, without regard to case.
pub(crate) fn holds(text: &[u8], word: &[u8]) -> bool {
    let first = word[0].to_ascii_lowercase();
    // The first byte tells most of it.
    let at = |w: &[u8]| w[0].to_ascii_lowercase() == first && w.eq_ignore_ascii_case(word);
    text.windows(word.len()).any(at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_found_in_any_case() {
        static TEXTS: Texts = Texts::new(&["ab", "abc", "%s"]);
        for (value, count) in [("xABcab", 2), ("%S%s", 2), ("a-b", 0), ("", 0), ("a", 0)] {
            assert_eq!(TEXTS.count_in(value.as_bytes()), count, "{value}");
        }
        let begins = Begins::new(&[&["a", "key"], &["of"]]);
        assert!(begins.may_begin(*b"Ke") && begins.may_begin(*b"of"));
        assert!(!begins.may_begin(*b"a_"));
    }

    #[test]
    fn words_are_found_where_their_pairs_are() {
        let (text, word) = (b"dbPassword1", b"PASS");
        assert!(Pairs::of(text).may_hold(word) && holds(text, word));
        assert!(!Pairs::of(text).may_hold(b"token"));
        // All of its pairs, and yet not the word.
        assert!(Pairs::of(b"abxbc").may_hold(b"abc") && !holds(b"abxbc", b"abc"));
    }
}
