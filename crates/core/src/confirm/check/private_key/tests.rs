use super::super::Check;
use super::super::testing::{Seeded, base64};
use super::*;

/// An element of DER, written as X.690 says.
fn der(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let content = parts.concat();
    let mut bytes = vec![tag];
    match content.len() {
        length @ 0..=0x7F => bytes.push(length as u8),
        length => {
            bytes.push(0x82);
            bytes.extend((length as u16).to_be_bytes());
        }
    }
    bytes.extend(content);
    bytes
}

/// The shape of an RSA key: a version and eight numbers.
fn rsa(seed: u64) -> Vec<u8> {
    let mut seeded = Seeded(seed);
    let mut parts = vec![der(INTEGER, &[&[0]])];
    parts.extend((0..8).map(|_| der(INTEGER, &[&seeded.bytes(64)])));
    let parts: Vec<&[u8]> = parts.iter().map(Vec::as_slice).collect();
    der(SEQUENCE, &parts)
}

fn lines(bytes: &[u8], feed: &str) -> String {
    let text = base64(bytes, ['+', '/'], true);
    let lines: Vec<&str> =
        text.as_bytes().chunks(64).filter_map(|line| std::str::from_utf8(line).ok()).collect();
    lines.join(feed)
}

fn armoured(kind: &str, body: &str, feed: &str) -> String {
    let name = [kind, "PRIVATE KEY"].concat();
    format!("-----BEGIN {name}-----{feed}{body}{feed}-----END {name}-----")
}

fn run(text: &str) -> Verdict {
    Check::PrivateKeyDer.run(text.as_bytes())
}

/// However the lines were carried here.
#[test]
fn keys_in_every_wrapping() {
    for (seed, feed) in [
        "\n",
        "\r\n",
        "\\n",
        "\\r\\n",
        "\n    ",
        "\" +\n  \"",
        "\\n' + '",
        "\",\n\"",
        "\\\n",
        "\n+",
    ]
    .into_iter()
    .enumerate()
    {
        for seed in (0..20).map(|more| seed as u64 * 20 + more + 1) {
            let text = armoured("RSA ", &lines(&rsa(seed), feed), feed);
            assert_eq!(run(&text), Verdict::Valid, "{feed:?}");
        }
    }
    assert_eq!(run(&lines(&rsa(7), "")), Verdict::Valid);
}

/// The Ed25519 key that RFC 8410 prints, in pieces.
#[test]
fn the_key_of_rfc_8410() {
    let body = ["MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK", "1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC"].concat();
    assert_eq!(run(&armoured("", &body, "\n")), Verdict::Valid);
    assert_eq!(run(&armoured("", &body[4..], "\n")), Verdict::Invalid);
}

#[test]
fn encrypted_keys_and_other_sequences() {
    let name = der(SEQUENCE, &[&der(0x06, &[b"\x2a\x86\x48"])]);
    let octets = der(OCTETS, &[&[7; 60]]);
    let text = |bytes: &[u8]| run(&lines(bytes, "\n"));
    assert_eq!(text(&der(SEQUENCE, &[&name, &octets])), Verdict::Valid);
    assert_eq!(text(&der(SEQUENCE, &[&name, &name])), Verdict::Invalid);
    assert_eq!(text(&der(SEQUENCE, &[&der(INTEGER, &[&[0]])])), Verdict::Invalid);
    assert_eq!(text(&[rsa(1), vec![0]].concat()), Verdict::Invalid);
    assert_eq!(text(&rsa(1)[..200]), Verdict::Invalid);
}

#[test]
fn what_cannot_be_read_is_undecided() {
    let headers = "Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00\n";
    let text = armoured("RSA ", &lines(&rsa(1), "\n"), "\n");
    assert_eq!(run(&text[..400]), Verdict::Shape);
    for body in ["...", "key goes (here)", headers, &"A".repeat(40_000)] {
        assert_eq!(run(&armoured("RSA ", body, "\n")), Verdict::Shape, "{}", body.len());
    }
}

/// What manuals show of a key, and keys that were cut off in the middle.
#[test]
fn the_beginning_of_a_key_is_none() {
    let text = lines(&rsa(1), "\n");
    let shown = |count: usize| armoured("RSA ", &text[..count], "\n");
    let quarter = text.len() / 4;
    assert!(is_excerpt(shown(quarter - 16).as_bytes()));
    assert!(is_excerpt(format!("{}...", &shown(64)).replace("-----...", "...-----").as_bytes()));
    for whole in [shown(text.len()), shown(quarter + 16)] {
        assert!(!is_excerpt(whole.as_bytes()));
    }
    let open = shown(quarter - 16);
    assert!(!is_excerpt(&open.as_bytes()[..open.len() - 1]));
    assert!(!is_excerpt(armoured("RSA ", "key goes (here)", "\n").as_bytes()));
}

/// A key as OpenSSH's PROTOCOL.key lays it out.
fn openssh_key(cipher: &str, numbers: [u32; 2]) -> String {
    let string = |bytes: &[u8]| [&(bytes.len() as u32).to_be_bytes()[..], bytes].concat();
    let public = [string(b"ssh-ed25519"), string(&[5; 32])].concat();
    let mut private: Vec<u8> = numbers.iter().flat_map(|number| number.to_be_bytes()).collect();
    private.extend([&public[..], &string(&[6; 64]), &string(b"me"), &[1, 2, 3]].concat());
    let bytes = [
        b"openssh-key-v1\0".to_vec(),
        string(cipher.as_bytes()),
        string(b"none"),
        string(b""),
        1_u32.to_be_bytes().to_vec(),
        string(&public),
        string(&private),
    ]
    .concat();
    armoured("OPENSSH ", &lines(&bytes, "\n"), "\n")
}

#[test]
fn check_numbers_of_openssh() {
    let run = |text: &str| Check::OpensshKey.run(text.as_bytes());
    assert_eq!(run(&openssh_key("none", [0x0BAD_CAFE; 2])), Verdict::Valid);
    assert_eq!(run(&openssh_key("none", [1, 2])), Verdict::Invalid);
    assert_eq!(run(&openssh_key("aes256-ctr", [1, 2])), Verdict::Valid);
    assert_eq!(run(&armoured("OPENSSH ", &lines(&rsa(3), "\n"), "\n")), Verdict::Invalid);
}

#[test]
fn the_sum_of_openpgp() {
    // The catalogue's value for CRC-24/OPENPGP.
    assert_eq!(crc24(b"123456789"), 0x21_CF02);
    let packets = Seeded(9).bytes(300);
    let sum = base64(&crc24(&packets).to_be_bytes()[1..], ['+', '/'], true);
    let run = |text: &str| Check::OpenpgpArmor.run(text.as_bytes());
    let block = |body: &str| {
        let name = ["PGP PRIVATE", " KEY BLOCK"].concat();
        format!("-----BEGIN {name}-----\n{body}\n-----END {name}-----")
    };
    let text = block(&format!("Version: GnuPG v2\n\n{}\n={sum}", lines(&packets, "\n")));
    assert_eq!(run(&text), Verdict::Valid);
    assert_eq!(run(&text.replace(&sum, "AAAA")), Verdict::Invalid);
    assert_eq!(run(&block(&lines(&packets, "\n"))), Verdict::Shape);
}
