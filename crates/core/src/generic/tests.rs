//! The detector without its weights: what it reads out of the syntaxes of
//! many languages, what the gates drop, and what no bytes may do.

use proptest::prelude::*;

use super::Memory;
use super::extract;
use super::features::{COUNT, Features, NAMES};
use super::model::{Ensemble, Model, Node};
use super::ngram::{TRIPLES, Trigrams};
use super::words::Words;
use crate::open::Open;

/// The value that hangs on the first `key` or `pass` of a text.
fn value_of(text: &str) -> Option<&str> {
    let start = text.to_ascii_lowercase().find("key").or(text.find("pass"))?;
    let end = start + if text[start..].starts_with("pass") { 4 } else { 3 };
    let found = extract::candidate(text.as_bytes(), start..end, &mut Open::default())?;
    Some(&text[found.value])
}

fn passes(text: &str) -> bool {
    let start = text.to_ascii_lowercase().find("key").or(text.find("pass")).expect("it is there");
    let end = start + if text[start..].starts_with("pass") { 4 } else { 3 };
    super::candidate(text.as_bytes(), start, end).is_some()
}

#[test]
fn reads_the_ways_in_which_values_are_given() {
    for text in [
        "key=ab1c\n",
        "key = 'ab1c'",
        "  api_key: ab1c\n",
        "\"key\": \"ab1c\",",
        r#"\"key\": \"ab1c\","#,
        r#"\\\"key\\\": \\\"ab1c\\\","#,
        "key := `ab1c`",
        "'key' => 'ab1c'",
        "key->\"ab1c\"",
        "let key: &'static str = \"ab1c\";",
        "key: string = 'ab1c'",
        "const char key[] = \"ab1c\";",
        "char key[ 32 ] = \"ab1c\";",
        "String key = new String(\"ab1c\");",
        "key = Optional.of(\"ab1c\")",
        "key: []byte(\"ab1c\")",
        "key = os.getenv('NAME', 'ab1c')",
        "key = process.env.NAME || 'ab1c'",
        "setKey(\"ab1c\")",
        "put(\"key\", \"ab1c\")",
        "if key == 'ab1c':",
        "key = b'ab1c'",
        "key = N'ab1c'",
        "key =\n    'ab1c'",
        "key: |\n    ab1c\n",
        "?user=a&key=ab1c&x=1",
        "user%5Bkey%5D=ab1c&x",
        "form[key]=ab1c&x",
        "<key>ab1c</key>",
        "<key encrypted=\"false\">ab1c</key>",
        "<key>apiKey</key>\n  <string>ab1c</string>",
        "<add key=\"apiKey\" value=\"ab1c\"/>",
        "<td>key</td><td>ab1c</td>",
        "| key | ab1c |",
        "#define KEY \"ab1c\"",
        "--key ab1c --x",
        "--key=ab1c --x",
        "-Key ab1c",
        "IDENTIFIED BY KEY 'ab1c'",
        "key is `ab1c`",
        "**Key**: ab1c",
        "${KEY:-ab1c}",
        "s:3:\"key\";s:4:\"ab1c\";",
        "key: Bearer ab1c\n",
        "'key': 'Basic ab1c'",
        "((Box)keyInput).Text = \"ab1c\";",
        "key = \"\"\"ab1c\"\"\"",
        "$config['key'] = 'ab1c';",
        "@Value(\"${key:ab1c}\")",
        "PASS=x; key=ab1c; done",
    ] {
        let text = text.replace("PASS", "P");
        if text.starts_with("<key>api") || text.starts_with("<add") {
            let start = text.find("Key").expect("it is there");
            let found = extract::candidate(text.as_bytes(), start..start + 3, &mut Open::default());
            assert_eq!(found.map(|f| text[f.value].to_owned()).as_deref(), Some("ab1c"), "{text}");
        } else {
            assert_eq!(value_of(&text), Some("ab1c"), "{text}");
        }
    }
}

#[test]
fn a_concatenated_value_reaches_to_its_last_part() {
    for text in ["key = \"ab\" + \"cd\";", "key = 'ab' . 'cd';", "key=\"ab\"&\"cd\""] {
        let start = text.find("key").expect("it is there");
        let found = extract::candidate(text.as_bytes(), start..start + 3, &mut Open::default())
            .expect("it is given");
        assert_eq!((&text[found.value], &text[found.end - 2..found.end]), ("ab", "cd"), "{text}");
    }
}

#[test]
fn a_list_of_bytes_is_one_value() {
    for text in ["byte key[4] = {0x2e, 0x49, 0xd5, 0xa0};", "key := []byte{46, 73, 213, 160}"] {
        let value = value_of(text).expect("it is given");
        assert!(value.ends_with("0xa0") || value.ends_with("160"), "{value}");
    }
}

#[test]
fn sees_no_value_where_none_is_given() {
    for text in
        ["key", "keyboard = 'x1'", "monkeys", "key=", "key=\"\"", "key = \"ab\ncd\"", "tokey"]
    {
        assert_eq!(value_of(text), None, "{text}");
    }
}

#[test]
fn gates_drop_code_and_keep_secrets() {
    for text in [
        "key = None\n",
        "key: String!\n",
        "key = get_key()\n",
        "key = \"${KEY}\"",
        "key = '{{ key }}'",
        "key = \"<your key>\"",
        "password = \"password\"",
        "pass = self.pass->next\n",
        "key: 'one two three four five six'",
        "f(key, value1)",
        "a key b1",
        "key = x + 1\n",
        "const ITS_KEY: u32 = 301990915u32;",
        "if (key == 301990) {",
        "NO_KEY = 1073741837 -> Code\n",
        "NO_KEY = 0x00c0ffee,",
        "<Field name=\"key\" :rules=\"b1\" />",
        "key: \"-----BEGIN PUBLIC KEY-----\"",
        "key: \"Basic dXNlcm5hbWU6cGFzc3dvcmQ=\"",
        "curl -H key: Basic dXNlcm5hbWU6cGFzc3dvcmQ=",
        "\"src/key.rs\": \"0123456789abcdef0123456789abcdef\"",
        "key: \"\\u015eifre12\"",
        "key=\n177504\n",
        "{{ .Key | b64enc }}",
        "case\"key\":return!1;",
        "gpg --recv-keys 3D06A59ECE730EB71B511C17CE752F17",
        "key: U2FsdGVkX18zN46d3pzk",
        "key: Uint8Array,",
    ] {
        assert!(!passes(text), "{text}");
    }
    // Written with a gap: this repository is scanned, too.
    for text in [
        "p|ass = 'hunter2'",
        "KEY=ab|1c9z\n",
        "mysql --p|ass ab1c9 -h x",
        "key: \"a b c|1\"",
        "key =\n  \"ab|1c9z\"",
        "key: \"ab|1\\u003dz\"",
        "\"app.key\": \"0123456789abcd|ef0123456789abcdef\"",
        "| key | ab|1c9z |",
        "pass: returns|77",
        "\"key\" : ab|1c9z,",
        "\"key\" :1b|1c9z,",
        "key = 0x0123456789abcdef|0123456789abcdef",
        "key: \"Basic dXNl|cjpodW50ZXIy\"", // keysieve:allow generic-secret
    ] {
        assert!(passes(&text.replace('|', "")), "{text}");
    }
}

/// Trees that ask whether the value has digits.
fn model() -> Model {
    let digits = NAMES.iter().position(|name| *name == "Digit").expect("it is a feature") as u8;
    let leaf = |value| Node { feature: Node::LEAF, right: 0, value };
    let tree = vec![Node { feature: digits, right: 2, value: 0 }, leaf(-100), leaf(900)];
    let ensemble =
        |features| Ensemble::new(-10, std::slice::from_ref(&tree), features).expect("it is sound");
    Model {
        trigrams: Trigrams::new(vec![3; TRIPLES]).expect("as many as there are"),
        words: Words::of(["word"].into_iter()),
        thresholds: [-200, 500, 1000],
        cut: -200,
        small: ensemble(super::features::CHEAP),
        full: ensemble(COUNT),
    }
}

#[test]
fn a_model_survives_its_bytes_and_nothing_else_does() {
    let (model, bytes) = (model(), model().to_bytes());
    assert_eq!(Model::open(&bytes), Some(model));
    for cut in [0, 1, TRIPLES / 2, bytes.len() - 1] {
        assert_eq!(Model::open(&bytes[..cut]), None);
    }
    assert_eq!(Model::open(&[bytes.as_slice(), b"x"].concat()), None);
}

#[test]
fn a_walk_never_leaves_its_tree() {
    let leaf = Node { feature: Node::LEAF, right: 0, value: 1 };
    let ask = |feature, right| Node { feature, right, value: 0 };
    assert!(Ensemble::new(0, &[vec![ask(0, 2), leaf, leaf]], 1).is_some());
    for broken in [
        vec![],
        vec![ask(0, 3), leaf, leaf],
        vec![ask(0, 0), leaf, leaf],
        vec![ask(0, 1), leaf, leaf],
        vec![ask(1, 2), leaf, leaf],
    ] {
        assert_eq!(Ensemble::new(0, &[broken], 1), None);
    }
}

#[test]
fn the_score_is_the_trees_and_nothing_else() {
    let scored = |text: &str| {
        super::at(&model(), text.as_bytes(), 0..3, &mut Memory::default()).map(|s| s.score)
    };
    assert_eq!(scored("key = 'ab1c9z'"), Some(890));
    assert_eq!(scored("key = 'abxcyz'"), Some(-110));
    assert_eq!(scored("key = None"), None);
}

#[test]
fn an_algorithm_is_no_value() {
    assert!(!passes("key: Argon2id\n"));
    assert!(!passes("key=\"sha512\"\n"));
    assert!(passes("key=\"sha512x9\"\n"));
}

#[test]
fn the_next_field_of_a_log_is_no_value() {
    assert!(!passes("msg=\"renewed key\" trace=65b0cdae\n"));
    assert!(passes("\"key\" 65b0cdae\n"));
}

#[test]
fn words_of_a_sentence_are_no_values() {
    let value = |text: &str| {
        let found = super::candidate(text.as_bytes(), 0, 8)?;
        Some(text[found.value].to_owned())
    };
    for prose in ["password for user", "password changed, again", "password  reset by 10"] {
        assert_eq!(value(prose), None, "{prose}");
    }
    for (rest, expected) in [
        (" is x1y2z3 today", "x1y2z3"),
        (" value=\"hunter77\"", "hunter77"),
        (" x1y2z3 is it", "x1y2z3"),
    ] {
        let given = ["pass", "word", rest].concat();
        assert_eq!(value(&given).as_deref(), Some(expected), "{given}");
    }
    let option = super::candidate(b"--password secretly now", 2, 10).expect("an option's value");
    assert_eq!(option.value, 11..19);
}

#[test]
fn trees_side_by_side_add_up_to_each_alone() {
    let leaf = |value| Node { feature: Node::LEAF, right: 0, value };
    let split = |feature, value, left, right| {
        vec![Node { feature, right: 2, value }, leaf(left), leaf(right)]
    };
    let trees: Vec<Vec<Node>> = (0..19)
        .map(|i| match i % 3 {
            0 => vec![leaf(i)],
            1 => split(0, i, 100 + i, -i),
            _ => split(1, 40 - i, i, 7 * i),
        })
        .collect();
    let all = Ensemble::new(5, &trees, 2).expect("sound trees");
    for features in [[0, 0], [9, 30], [300, -300], [i16::MAX, i16::MIN]] {
        let alone = |tree: &Vec<Node>| match tree[0].feature {
            Node::LEAF => tree[0].value,
            feature if features[usize::from(feature)] <= tree[0].value => tree[1].value,
            _ => tree[2].value,
        };
        let sum = 5 + trees.iter().map(|tree| i32::from(alone(tree))).sum::<i32>();
        let features = Features::new(&features);
        assert_eq!(all.sums(&features).last(), Some(&sum));
        assert_eq!(all.reaches(&features, sum), Some(sum));
        assert_eq!(all.reaches(&features, sum + 1), None);
    }
}

#[test]
fn a_walk_ends_below_a_floor() {
    let leaf = |value| vec![Node { feature: Node::LEAF, right: 0, value }];
    // Two groups: the first comes to -8, both to 0.
    let trees: Vec<Vec<Node>> = [vec![leaf(-1); 8], vec![leaf(1); 8]].concat();
    let all = Ensemble::new(0, &trees, 1).expect("sound trees");
    let features = Features::new(&[]);
    assert_eq!(all.sums(&features), [-8, 0]);
    let under = |floors: &[i32]| all.clone().with_floors(floors.to_vec()).reaches(&features, -100);
    assert_eq!(under(&[]), Some(0));
    assert_eq!(under(&[-8, 0]), Some(0));
    assert_eq!(under(&[-7]), None);
    assert_eq!(under(&[-8, 1]), None);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    /// No bytes panic, the value lies behind the word, and what stands
    /// farther away than the margins takes no part.
    #[test]
    fn any_bytes_are_read_within_bounds(
        before in prop::collection::vec(any::<u8>(), 0..40),
        between in "[ \"'`=:>,()\\[\\]{}<\\\\;a-z0-9+.\n-]{0,40}",
        after in prop::collection::vec(any::<u8>(), 0..60),
    ) {
        let text = [&before[..], b"key", between.as_bytes(), &after].concat();
        let (start, end) = (before.len(), before.len() + 3);
        let scored = super::at(&model(), &text, start..end, &mut Memory::default());
        if let Some(scored) = &scored {
            prop_assert!(end <= scored.value.start && scored.value.start < scored.value.end);
            prop_assert!(scored.value.end <= scored.end && scored.end <= text.len());
        }
        let (far_before, far_after) = (vec![b'x'; 2000], vec![b'\n'; 6000]);
        let wide = [&far_before[..], b"\n", &[b' '; 400], &text, &[b' '; 400], &far_after].concat();
        let shift = far_before.len() + 401;
        let at = |text: &[u8], by| super::at(&model(), text, start + by..end + by, &mut Memory::default());
        let wider = at(&wide, shift);
        let other = [&[b'y'; 1000][..], &wide, b"zzz"].concat();
        let again = at(&other, shift + 1000);
        prop_assert_eq!(wider.map(|s| s.score), again.map(|s| s.score));
    }

    /// What was read for one word changes nothing for the next.
    #[test]
    fn values_are_the_same_whatever_was_read_before(
        parts in prop::collection::vec("(key|=|: |_|x{1,90}|S3cr3t|[,;)&]|\\\\n|\n|\"| )", 0..60),
    ) {
        let text = parts.concat().into_bytes();
        let (mut open, mut memory, model) = (Open::default(), Memory::default(), model());
        for start in (0..text.len()).filter(|at| text[*at..].starts_with(b"key")) {
            let word = start..start + 3;
            let shared = extract::candidate(&text, word.clone(), &mut open);
            prop_assert_eq!(&shared, &extract::candidate(&text, word.clone(), &mut Open::default()));
            let fresh = super::at(&model, &text, word.clone(), &mut Memory::default());
            prop_assert_eq!(super::at(&model, &text, word, &mut memory), fresh);
            if let Some(found) = shared {
                let all = super::features(&text, &found, &model.trigrams, &model.words);
                let read = memory.read(&text, found, &model.trigrams);
                prop_assert_eq!(read.all(&text, &model.trigrams, &model.words), &all);
            }
        }
    }
}
