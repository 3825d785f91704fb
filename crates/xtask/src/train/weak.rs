//! Weak passwords as people choose them: a word, digits, a sign. The labelled
//! data has none (its passwords were made random), so these stand in for them.

use keysieve::generic::Candidate;

use super::random::Random;

const STEMS: &[&str] = &[
    "password",
    "passw0rd",
    "admin",
    "root",
    "welcome",
    "letmein",
    "summer",
    "winter",
    "spring",
    "autumn",
    "secret",
    "monkey",
    "dragon",
    "master",
    "sunshine",
    "princess",
    "football",
    "baseball",
    "shadow",
    "superman",
    "batman",
    "hunter",
    "changeme",
    "guest",
    "login",
    "hello",
    "access",
    "qwerty",
    "asdf",
    "zxcvbn",
    "qazwsx",
    "iloveyou",
    "love",
    "company",
    "office",
    "manager",
    "server",
    "database",
    "oracle",
    "mysql",
    "postgres",
    "redis",
    "mongo",
    "elastic",
    "jenkins",
    "tomcat",
    "docker",
    "rabbit",
    "grafana",
    "support",
    "service",
    "backup",
    "system",
    "super",
    "user",
    "temp",
    "demo",
    "dev",
    "prod",
    "stage",
    "london",
    "paris",
    "berlin",
    "madrid",
    "chicago",
    "boston",
    "dallas",
    "tokyo",
    "michael",
    "jordan",
    "thomas",
    "robert",
    "jessica",
    "ashley",
    "charlie",
    "daniel",
    "george",
    "andrew",
    "martin",
    "joshua",
    "tiger",
    "falcon",
    "eagle",
    "panther",
    "rabbit",
    "kitten",
    "puppy",
    "flower",
    "orange",
    "banana",
    "cookie",
    "chocolate",
    "pepper",
    "coffee",
    "cheese",
    "purple",
    "yellow",
    "silver",
    "golden",
    "green",
    "black",
    "white",
    "starwars",
    "matrix",
    "pokemon",
    "ninja",
    "wizard",
    "magic",
    "soccer",
    "hockey",
    "tennis",
    "guitar",
    "music",
    "freedom",
    "liberty",
    "victory",
    "thunder",
    "storm",
    "ocean",
    "river",
    "mountain",
    "forest",
    "january",
    "march",
    "april",
    "august",
    "october",
    "december",
    "monday",
    "friday",
    "correct",
    "horse",
    "battery",
    "staple",
    "secure",
    "internet",
    "computer",
    "network",
    "cisco",
    "samsung",
    "google",
    "apple",
    "windows",
    "linux",
    "ubuntu",
    "kafka",
    "spring",
    "hibernate",
    "django",
    "laravel",
    "wordpress",
    "joomla",
];

const SIGNS: &[&str] = &["!", "!", "!", "@", "#", "$", "!!", "?", "*", "%", "."];

/// Whether a weak password could stand in place of the value: it is short, or
/// named as a password.
pub fn fits(text: &[u8], found: &Candidate) -> bool {
    let name = text[found.name.clone()].to_ascii_lowercase();
    found.scheme == 0
        && [b"pass".as_slice(), b"pwd", b"pw", b"secret"]
            .iter()
            .any(|w| name.windows(w.len()).any(|n| n == *w))
}

/// A weak password.
pub fn password(random: &mut Random) -> String {
    let stem = stem(random);
    match random.below(16) {
        0..4 => format!("{stem}{}", digits(random)),
        4..8 => format!("{stem}{}{}", digits(random), random.pick(SIGNS)),
        8..10 => {
            format!("{stem}{}{}", random.pick(&["@", "#", "_", "-", ".", "!"]), digits(random))
        }
        10 => format!("{stem}{}", random.pick(SIGNS)),
        11 => format!("{}{stem}", digits(random)),
        12 => leet(&stem, random),
        13 => walk(random),
        14 => {
            let join = random.pick(&["", "-", "_", "."]);
            format!("{stem}{join}{}{}", self::stem(random), digits(random))
        }
        _ => format!("{}{}", leet(&stem, random), digits(random)),
    }
}

fn stem(random: &mut Random) -> String {
    let stem = random.pick(STEMS);
    match random.below(10) {
        0..5 => capital(stem),
        5 => stem.to_ascii_uppercase(),
        _ => stem.to_owned(),
    }
}

fn capital(word: &str) -> String {
    let mut word = word.to_owned();
    if let Some(first) = word.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    word
}

fn digits(random: &mut Random) -> String {
    match random.below(8) {
        0..3 => format!("{}", 1970 + random.below(57)),
        3 => "123".to_owned(),
        4 => random.pick(&["1234", "12345", "123456", "321", "007", "99", "00", "111"]).to_owned(),
        5 => format!("{}", random.below(10)),
        6 => format!("{:02}", random.below(100)),
        _ => format!("{}", random.below(10_000)),
    }
}

fn leet(word: &str, random: &mut Random) -> String {
    let mut word: String = word
        .chars()
        .map(|c| match c {
            'a' if random.below(2) == 0 => '@',
            'a' if random.below(3) == 0 => '4',
            'e' if random.below(2) == 0 => '3',
            'o' => '0',
            's' if random.below(2) == 0 => '$',
            'i' if random.below(2) == 0 => '1',
            _ => c,
        })
        .collect();
    if random.below(2) == 0 {
        word.push_str(random.pick(SIGNS));
    }
    word
}

fn walk(random: &mut Random) -> String {
    let walk = random.pick(&[
        "qwerty",
        "1qaz2wsx",
        "zaq12wsx",
        "qwe123",
        "asd123",
        "qazwsx",
        "1q2w3e4r",
        "qwertyuiop",
        "asdfgh",
        "zxcvbnm",
        "!QAZ2wsx",
        "q1w2e3r4",
        "qweasd",
        "1qazxsw2",
        "Qwerty",
    ]);
    format!("{walk}{}", if random.below(2) == 0 { digits(random) } else { String::new() })
}
