use super::filling::{has_blanks, has_rows, may_be_blanked};
use super::sequence::{HEX_WORDS, PLACES, ROWS, has_sequences, may_count, may_run, row_run};
use super::words::{FILLERS, MARKERS, NOUNS, is_known, may_be_known};
use super::*;
use proptest::prelude::*;

fn yes(values: &[&str]) {
    for value in values {
        assert!(is_placeholder(value.as_bytes(), 0), "{value}");
    }
}

fn no(values: &[&str]) {
    for value in values {
        assert!(!is_placeholder(value.as_bytes(), 0), "{value}");
    }
}

#[test]
fn no_run_begins_where_no_neighbours_stand() {
    for first in 0..=255_u8 {
        for second in 0..=255 {
            let text = [first, second];
            let rows = ROWS.iter().zip(&PLACES);
            let runs = rows.map(|(row, places)| row_run(&text, row, places)).max();
            let word = HEX_WORDS.iter().any(|word| word.starts_with(&text));
            assert!(may_run(&text) || (runs < Some(2) && !word), "{text:?}");
        }
    }
}

#[test]
fn the_word_lists_are_sorted() {
    for list in [&MARKERS[..], &NOUNS, &FILLERS] {
        assert!(list.is_sorted());
        assert!(list.windows(2).all(|pair| pair[0] != pair[1]));
    }
    for row in ROWS {
        assert!((1..row.len()).all(|n| !row[..n].contains(&row[n])));
    }
}

#[test]
#[rustfmt::skip]
fn words() {
    yes(&[
        "your-api-key", "your_token_here", "YOUR_CONSUMER_SECRET", "yourAccessToken",
        "YourAccessToken", "yourapikey", "your-pusher-key", "YOUR_MAPBOX_ACCESS_TOKEN",
        "Your Session Secret goes here", "<your token>", "my-secret", "my_token",
        "my-secret-key", "my-dummy-token", "insert-api-key-here", "INSERT_TOKEN",
        "insert_datadog_key_here", "put your key here", "paste_token_here", "replace-me",
        "REPLACE_ME", "replaceme", "replace_with_your_token", "changeme", "ChangeMe",
        "changeme123", "change-me", "change_this", "example", "example_123", "Example",
        "some.example.org", "sample", "SampleKey1", "sample-token", "dummy",
        "dummy_password", "placeholder", "tokenPlaceholder", "redacted", "[REDACTED]",
        "login_and_password_removed", "fake-nonce", "FAKE_PASSWORD",
        "__TODO:_GENERATE_YOUR_OWN_RANDOM_VALUE_HERE__", "null", "None", "None,", "nil",
        "TRUE", "false", "undefined", "todo", "TBD", "\"null\"", "", "  ",
    ]);
}

#[test]
#[rustfmt::skip]
fn templates_and_code() {
    yes(&[
        "${VAR}", "${var}", "${VAR:-}", "${VAR:-changeme}", "${A:-${B}}", "${VAR:?not set}",
        "$VAR", "$api_token", "$apiToken", "$(cat /run/token)", "$(cmd)", "%VAR%",
        "{{ var }}", "{{var}}", "{{ .Values.token }}", "${{ secrets.TOKEN }}",
        "{{ lookup('env', 'TOKEN') }}", "<token>", "<personal access token>",
        "<access_secret>", "[token]", "#{x_y}", "#{self.route_id}", "#{@org.downcase}",
        "#{ENV['TOKEN']}", "%s", "%d", "%s:%s",
        "0x%08x".trim_start_matches("0x"),
        "{0}", "{}", "{name}", ":{password}", "process.env.TOKEN", "process.env['TOKEN']",
        "os.environ['TOKEN']", "os.environ.get(", "os.getenv(\"X\")", "getenv(\"TOKEN\")",
        "System.getenv(\"X\")", "ENV[\"X\"]", "$env:TOKEN", "##DATABASE_PASSWORD##",
        "@@TOKEN@@", "__TOKEN__", "Basic ${TOKEN}", "user-id:#{ user.id }", "${A}-${B}",
        "%{key}", "<%= token %>",
    ]);
    no(&[
        "${VAR:-hunter2}", "${VAR:-Tr0ub4dor&3}", "${db.password:Summer2024!}", "$ecret1", // keysieve:allow generic-password -- a made-up default
        "pa$$w0rd", "{{ token | default('hunter2') }}", "process.env.X || 'hunter2'",
        "os.environ.get('X', 'hunter2')", "<%= encrypt(\"jenny99\" + salt) %>", "100%sure!!",
        "a%40i%23", "x<y>z17", "%s3cr3t%", "${", "{{", "$(", "${}x7", "*%5*!",
        "$2a$10$abcde", "[a-z]{4}", "W+JgU-ui$-%@2Yk4",
    ]);
}

#[test]
fn fillings() {
    let body = |unit: &str, n: usize| unit.repeat(n);
    for value in [
        body("x", 4),
        body("X", 20),
        body("*", 4),
        body("*", 20),
        body(".", 4),
        body("0", 32),
        body("a", 3),
        body("ab", 8),
        body("abcd", 5),
        body("1f2", 6),
        body("xyz1", 8),
        body("deadbeef", 4),
        body("a1b2c3d4", 2),
        body("xxxx-", 4),
        body("\u{2022}", 8),
        ["aaaa", "bbbb", "cccc", "dddd"].concat(),
        ["1f7d", &body("*", 24), "d629e"].concat(),
        ["vp7jx", "..."].concat(),
        ["vp7jx", "\u{2026}"].concat(),
        ["T", &body("0", 8), "/B", &body("0", 8), "/", &body("X", 24)].concat(),
        [&body("0", 8), "-0000-0000-0000-", &body("0", 11), "1"].concat(),
        [&body("0", 30), "1"].concat(),
    ] {
        assert!(is_placeholder(value.as_bytes(), 0), "{value}");
        let whole = ["gh", "p_", &value].concat();
        assert!(is_placeholder(whole.as_bytes(), 4), "{whole}");
    }
    no(&["noon", "zxxxkami", "aabbc7", "tt", "H4ha..x9", "mississippi77"]);
}

#[test]
#[rustfmt::skip]
fn sequences() {
    yes(&[
        "123", "1234", "123456", "1234567890", "0123456789", "987654321", "abcd", "ABCDEFGH",
        "abcdefghijklmnop", "zyxwvuts", "1234567890abcdef",
         "fedcba9876543210", "qwertyuiop",
        "qwertyuiopasdfgh", "asdfghjkl", "abcd1234", "12345abcde", "deadbeef",
        "DEADBEEFCAFEBABE", "12345678-1234-1234-1234-123456789012",
        "abcdefghijklmnopqrstuvwxyz0123456789", "abcd1234efgh5678", "890abcdefghijk2x",
        "000102030405060708090a0b0c0d0e0f", "F8F9FAFBFCFDFEFF0001",
    ]);
    no(&[
        "12", "abd", "qwerty99", "abc12345x", "1357924680", "0173849265",
        "1234hunter5678wolf", "000102030405060708090a0b0c0d0e1f",
    ]);
}

#[test]
fn names_of_secrets() {
    for name in ["password", "Secret", "CLIENT_SECRET", "api-token", "myPassword"] {
        assert!(names_a_secret(name.as_bytes()), "{name}");
    }
    for other in ["hunter2", "admin", "password1", "passwordless", "", "tiger"] {
        assert!(!names_a_secret(other.as_bytes()), "{other}");
    }
}

#[test]
fn samples_of_manuals_and_test_tokens() {
    let id = ["AK", "IA", "IOSF", "ODNN7", "EXAM", "PLE"].concat();
    assert!(is_placeholder(id.as_bytes(), 4));
    let sample = ["wJalrXUtnF", "EMI/K7MDENG/", "bPxRfiCY", "EXAM", "PLEKEY"].concat();
    assert!(is_placeholder(sample.as_bytes(), 0));
    let test = ["secret_", "scanning_", "ab85", "c3d7e1"].concat();
    assert!(is_placeholder(test.as_bytes(), 0));
    assert!(is_placeholder(test.as_bytes(), 16));
    let mixed = ["wJalrXUtnFe", "xaMPle", "K7MDENGbPx"].concat();
    assert!(!is_placeholder(mixed.as_bytes(), 0));
}

#[test]
#[rustfmt::skip]
fn passwords_of_people_are_not_placeholders() {
    no(&[
        "Summer2024!", "hunter2", "letmein99", "password", "Password1", "mypassword",
        "secret", "secret123", "admin", "root", "toor", "iloveyou", "monkey77", "dragon",
        "P@ssw0rd!", "correct-horse-battery-staple", "change-puzzle-ocean", "enter",
        "insert", "here", "replace", "hidden", "password123", "test1234", "qwerty123",
        "s3cr3t", "t@$$de9av", "My-Dog-Is-Called-Rex", "YourDogAteIt7", "samples4life",
        "nullpointer", "trueblue", "todoist", "nonesuch1",
    ]);
}

#[test]
fn the_prefix_is_not_part_of_the_body() {
    let with = |prefix: &str, body: &str| [prefix, body].concat();
    let real = &["k8Vq2", "RzTn5L", "wXy7Bd", "3Gf"].concat();
    assert!(!is_placeholder(with("example_", real).as_bytes(), 8));
    assert!(is_placeholder(with("sk_test_", "your_key_here").as_bytes(), 8));
    assert!(is_placeholder(b"abc_", 4));
    // A prefix longer than the value hides nothing.
    assert!(!is_placeholder(real.as_bytes(), 999));
    assert!(is_placeholder(b"changeme", 999));
}

#[test]
fn a_long_key_with_words_in_it_stays() {
    let mut random = Random(7);
    let mut key: Vec<u8> = (0..4000).map(|_| random.of(BASE62)).collect();
    for (n, word) in ["your", "dummy", "sample", "fake", "todo", "xxxx"].iter().enumerate() {
        key[n * 500..n * 500 + word.len()].copy_from_slice(word.as_bytes());
    }
    assert!(!is_placeholder(&key, 0));
}

const BASE62: &[u8] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// splitmix64: small, seeded and good enough to draw characters.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn of(&mut self, alphabet: &[u8]) -> u8 {
        alphabet[(self.next() % alphabet.len() as u64) as usize]
    }
}

#[test]
fn no_random_key_is_a_placeholder() {
    let printable: Vec<u8> = (b'!'..=b'~').collect();
    let url = [BASE62, b"-_"].concat();
    let alphabets: [&[u8]; 8] = [
        BASE62,
        &url,
        &printable,
        b"0123456789abcdef",
        b"0123456789ABCDEF",
        b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567",
        b"abcdefghijklmnopqrstuvwxyz0123456789",
        b"abcdefghijklmnopqrstuvwxyz",
    ];
    let mut random = Random(20_260_101);
    for n in 0..2_000_000usize {
        let alphabet = alphabets[n % alphabets.len()];
        let length = [16, 20, 32, 40][n / alphabets.len() % 4];
        let key: Vec<u8> = (0..length).map(|_| random.of(alphabet)).collect();
        assert!(!is_placeholder(&key, 0), "{}", String::from_utf8_lossy(&key));
    }
}

#[test]
fn long_input_takes_linear_time() {
    // Each would take minutes if some question were quadratic.
    for unit in ["a", "ab", "abcdefgh", "${", "{{ x", "x-", "your-", "*.", "1234", "q7"] {
        let body = unit.repeat(2_000_000 / unit.len());
        is_placeholder(body.as_bytes(), 0);
    }
}

proptest! {
    #[test]
    fn any_bytes_are_fine(
        pieces in prop::collection::vec(
            prop_oneof![
                prop::collection::vec(any::<u8>(), 0..6),
                prop::sample::select(vec![
                    &b"${"[..], b"}", b"{{", b"}}", b":-", b"%", b"<", b">", b"your", b"x", b"...",
                    b"$(", b")", b"\xe2\x80\xa6", b"__", b"##", b"{", b"=",
                ]).prop_map(<[u8]>::to_vec),
            ],
            0..20,
        ),
        start in 0usize..30,
    ) {
        is_placeholder(&pieces.concat(), start);
    }

    #[test]
    fn the_quick_looks_miss_nothing(
        pieces in prop::collection::vec(
            (prop::sample::select(SEQUENCES), 0usize..36, 1usize..9),
            1..4,
        ),
    ) {
        let piece = |(row, from, count): (&[u8], usize, usize)| -> Vec<u8> {
            row.iter().cycle().skip(from).take(count).copied().collect()
        };
        let body: Vec<u8> = pieces.into_iter().flat_map(piece).collect();
        prop_assert!(may_count(&body) || !has_sequences(&body));
        prop_assert!(may_be_blanked(&body) || !has_blanks(&body));
        let rows = body.chunk_by(|a, b| a == b).count();
        prop_assert!(2 * rows <= body.len() + 2 || body.len() < 8 || !has_rows(&body, rows));
    }
}

/// What sequences and fillings are made of.
const SEQUENCES: &[&[u8]] = &[
    ROWS[0],
    ROWS[2],
    ROWS[3],
    ROWS[4],
    b"9876543210",
    b"deadbeef",
    b"C0FFEEcafed00d",
    b"x",
    b"X-",
    b"*",
    b".",
    b"xX",
    b"a",
    b"-_ .:",
    b"q7",
    b"1_2.3:4",
];

#[test]
fn the_first_letters_of_every_word_are_known() {
    for word in [&MARKERS[..], &NOUNS, &FILLERS].into_iter().flatten() {
        assert!(is_known(word), "{word}");
    }
    assert!(!may_be_known("zzz"));
}
