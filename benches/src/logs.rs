//! Made-up logs, the same in every run.

/// At least `size` bytes of numbered lines.
pub fn lines(size: usize, mut line: impl FnMut(u64) -> String) -> Vec<u8> {
    let mut text = Vec::with_capacity(size + 400);
    for n in 0.. {
        text.extend_from_slice(line(n).as_bytes());
        text.push(b'\n');
        if text.len() >= size {
            break;
        }
    }
    text
}

/// Numbers that look like chance and are the same in every run.
fn mixed(n: u64) -> u64 {
    let n = (n ^ n >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    (n ^ n >> 27).wrapping_mul(0x94d0_49bb_1331_11eb)
}

/// A line as services write them, about 120 bytes.
pub fn plain_line(n: u64) -> String {
    let (a, b) = (mixed(n), mixed(n + 77));
    let service = ["checkout", "inventory", "gateway", "mailer", "search"][(a % 5) as usize];
    let text = [
        "request finished status=200 method=GET path=/api/v2/items",
        "connection to upstream closed by peer, will retry",
        "worker took a job from the queue default",
        "cache miss for the list of products, reading from disk",
        "user logged in from the web client after one attempt",
        "garbage collection finished, heap is at 41 percent",
    ][(b % 6) as usize];
    format!(
        "2026-03-{:02}T{:02}:{:02}:{:02}.{:03}Z INFO {service}[{}]: {text} id={:08x} took={}ms",
        1 + n / 86_400 % 28,
        n / 3600 % 24,
        n / 60 % 60,
        n % 60,
        a % 1000,
        a % 30_000,
        b as u32,
        b % 900,
    )
}

/// A line of structured logs, with an escape.
pub fn json_line(n: u64) -> String {
    let (a, b) = (mixed(n), mixed(n + 5));
    format!(
        "{{\"ts\":\"2026-03-01T{:02}:{:02}:{:02}Z\",\"level\":\"info\",\"msg\":\"request \\\"done\\\"\",\
         \"http\":{{\"status\":200,\"path\":\"/v1/items/{}\",\"ms\":{}}},\"trace\":\"{b:016x}\",\"note\":\"a\"}}",
        n / 3600 % 24,
        n / 60 % 60,
        n % 60,
        a % 100_000,
        b % 500,
    )
}

/// A plain line with a made-up key, put together so that none stands here.
pub fn secret_line(n: u64) -> String {
    let letters = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let body: String =
        (0..16).map(|i| char::from(letters[(mixed(n * 31 + i) % 32) as usize])).collect();
    format!("{} using key {}{body} for the upload", plain_line(n), ["AK", "IA"].concat())
}
