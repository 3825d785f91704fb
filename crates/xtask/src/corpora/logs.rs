//! Logs as servers write them, from a seeded generator: the same bytes on
//! every machine. Plain lines are those of syslog, of a web server, of a JVM
//! and of a Go program; JSON lines carry what makes such logs hard for a
//! scanner of secrets: identifiers, hashes and opaque cursors that are as
//! random as keys and are none.

use std::fmt::Write as _;
use std::path::Path;

use keysieve_rules::Random;

use super::SIZE;
use super::tree::Parts;
use crate::fetch::Fetcher;

/// Changes whenever the generator writes other bytes.
const VERSION: u32 = 1;

const HEX: &[u8] = b"0123456789abcdef";
const BASE64: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const BASE36: &[u8] = b"0123456789abcdefghijklmnopqrstuvwxyz";

const HOSTS: &[&str] = &["web-1", "web-2", "db-primary", "cache3", "edge-fra-07", "worker-12"];
const MONTHS: &[&str] =
    &["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const LEVELS: &[&str] = &["INFO", "INFO", "INFO", "DEBUG", "WARN", "ERROR"];
const METHODS: &[&str] = &["GET", "GET", "GET", "GET", "POST", "PUT", "DELETE", "HEAD"];
const STATUS: &[&str] = &["200", "200", "200", "304", "301", "404", "401", "403", "500", "502"];
const USERS: &[&str] = &["root", "deploy", "postgres", "alice", "bob", "www-data", "admin", "svc"];
const WORDS: &[&str] = &[
    "request",
    "session",
    "connection",
    "queue",
    "worker",
    "cache",
    "token",
    "refresh",
    "expired",
    "client",
    "retry",
    "timeout",
    "commit",
    "offset",
    "partition",
    "leader",
    "replica",
    "snapshot",
    "index",
    "shard",
    "key",
    "lookup",
    "miss",
    "flush",
    "password",
    "login",
    "user",
    "account",
    "order",
    "payment",
    "invoice",
    "cart",
    "checkout",
    "scheduler",
    "lease",
    "renewed",
    "secret",
    "config",
    "reload",
    "upstream",
    "handshake",
    "certificate",
    "auth",
    "policy",
    "region",
];
const PATHS: &[&str] = &[
    "/",
    "/index.html",
    "/api/v1/users",
    "/api/v1/orders",
    "/static/js/main",
    "/login",
    "/healthz",
    "/api/v2/search",
    "/assets/img/logo.png",
    "/oauth/token",
    "/metrics",
    "/wp-login.php",
    "/api/v1/sessions",
    "/favicon.ico",
    "/graphql",
    "/docs/getting-started",
];
const AGENTS: &[&str] = &[
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/119.0.0.0 Safari/537.36",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.0 Safari/605.1.15",
    "curl/8.4.0",
    "Go-http-client/2.0",
    "kube-probe/1.28",
    "python-requests/2.31.0",
    "Mozilla/5.0 (compatible; Googlebot/2.1)",
];
const CLASSES: &[&str] = &[
    "org.apache.kafka.clients.consumer.internals.ConsumerCoordinator",
    "org.springframework.web.servlet.DispatcherServlet",
    "com.zaxxer.hikari.pool.HikariPool",
    "org.hibernate.engine.jdbc.spi.SqlExceptionHelper",
    "io.netty.handler.ssl.SslHandler",
    "org.apache.hadoop.hdfs.server.datanode.DataNode",
    "com.example.shop.OrderService",
    "org.eclipse.jetty.server.Server",
    "org.apache.zookeeper.server.NIOServerCnxn",
];

/// What these corpora are made from.
pub fn recipe() -> String {
    format!("generator {VERSION}\n")
}

/// Plain lines of many programs, by turns.
pub fn plain(_: &Fetcher, to: &Path) -> Result<(), String> {
    fill(to, "log", SIZE, plain_line)
}

/// JSON lines with identifiers.
pub fn json(_: &Fetcher, to: &Path) -> Result<(), String> {
    fill(to, "jsonl", SIZE, json_line)
}

/// So many bytes of plain lines, in memory.
pub fn plain_text(size: usize) -> Vec<u8> {
    text(size, plain_line)
}

/// So many bytes of JSON lines, in memory.
pub fn json_text(size: usize) -> Vec<u8> {
    text(size, json_line)
}

fn text(size: usize, line: fn(&mut Lines)) -> Vec<u8> {
    let mut lines = Lines::new();
    let mut text = Vec::new();
    while text.len() < size {
        text.extend_from_slice(lines.next(line));
    }
    text
}

fn fill(to: &Path, extension: &'static str, size: u64, line: fn(&mut Lines)) -> Result<(), String> {
    let mut parts = Parts::new(to, extension, 4 << 20);
    let mut lines = Lines::new();
    while parts.bytes < size {
        parts.push(lines.next(line))?;
    }
    parts.finish()
}

/// What writes lines: a clock that runs, and chance.
struct Lines {
    random: Random,
    /// Milliseconds since the beginning.
    clock: u64,
    line: String,
}

impl Lines {
    fn new() -> Lines {
        Lines { random: Random::new("logs", 1), clock: 0, line: String::new() }
    }

    fn next(&mut self, line: fn(&mut Lines)) -> &[u8] {
        self.line.clear();
        self.clock += self.random.below(900) as u64;
        line(self);
        self.line.push('\n');
        self.line.as_bytes()
    }

    fn below(&mut self, bound: u32) -> u32 {
        self.random.below(bound)
    }

    fn one(&mut self, of: &[&'static str]) -> &'static str {
        of[self.below(of.len() as u32) as usize]
    }

    fn put(&mut self, text: std::fmt::Arguments<'_>) {
        // Writing into a `String` cannot fail.
        let _ = self.line.write_fmt(text);
    }

    fn chars(&mut self, of: &[u8], count: usize) -> String {
        (0..count).map(|_| char::from(self.random.pick(of))).collect()
    }

    fn words(&mut self, count: u32) -> String {
        let words: Vec<&str> = (0..count).map(|_| self.one(WORDS)).collect();
        words.join(" ")
    }

    fn uuid(&mut self) -> String {
        let mut part = |count| self.chars(HEX, count);
        format!("{}-{}-4{}-a{}-{}", part(8), part(4), part(3), part(3), part(12))
    }

    fn address(&mut self) -> String {
        let mut part = || self.below(254) + 1;
        format!("{}.{}.{}.{}", part(), part(), part(), part())
    }

    /// Month, day, hour, minute, second, millisecond.
    fn time(&self) -> [u64; 6] {
        let seconds = self.clock / 1000;
        let day = seconds / 86_400;
        let hour = seconds / 3600 % 24;
        [day / 28 % 12, day % 28 + 1, hour, seconds / 60 % 60, seconds % 60, self.clock % 1000]
    }

    fn iso(&self) -> String {
        let [month, day, hour, minute, second, milli] = self.time();
        format!("2024-{:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{milli:03}Z", month + 1)
    }
}

fn plain_line(lines: &mut Lines) {
    match lines.below(10) {
        0..3 => syslog(lines),
        3..6 => web_server(lines),
        6..9 => java(lines),
        _ => key_value(lines),
    }
}

fn syslog(lines: &mut Lines) {
    let [month, day, hour, minute, second, _] = lines.time();
    let (host, process) = (lines.one(HOSTS), lines.below(32_000));
    let month = MONTHS[month as usize];
    lines.put(format_args!("{month} {day:>2} {hour:02}:{minute:02}:{second:02} {host} "));
    let (user, address, port) = (lines.one(USERS), lines.address(), lines.below(60_000) + 1024);
    match lines.below(6) {
        0 => lines.put(format_args!("sshd[{process}]: Failed password for invalid user {user} from {address} port {port} ssh2")),
        1 => {
            let print = lines.chars(BASE64, 43);
            lines.put(format_args!("sshd[{process}]: Accepted publickey for {user} from {address} port {port} ssh2: ED25519 SHA256:{print}"));
        }
        2 => lines.put(format_args!("CRON[{process}]: ({user}) CMD (   cd / && run-parts --report /etc/cron.hourly)")),
        3 => lines.put(format_args!("systemd[1]: Started Session {port} of User {user}.")),
        4 => {
            let mac = lines.chars(HEX, 12);
            lines.put(format_args!("kernel: [{process}.{port:06}] [UFW BLOCK] IN=eth0 OUT= MAC={mac} SRC={address} LEN=60 TTL=51 ID={process} PROTO=TCP SPT={port} DPT=22 WINDOW=65535"));
        }
        _ => {
            let words = lines.words(6);
            lines.put(format_args!("dockerd[{process}]: {words}"));
        }
    }
}

fn web_server(lines: &mut Lines) {
    let [month, day, hour, minute, second, _] = lines.time();
    let (address, method, path) = (lines.address(), lines.one(METHODS), lines.one(PATHS));
    let (status, size, agent) = (lines.one(STATUS), lines.below(90_000), lines.one(AGENTS));
    let month = MONTHS[month as usize];
    lines.put(format_args!("{address} - - [{day:02}/{month}/2024:{hour:02}:{minute:02}:{second:02} +0000] \"{method} {path}"));
    match lines.below(4) {
        0 => {
            let (page, id) = (lines.below(100), lines.chars(BASE36, 12));
            lines.put(format_args!("?page={page}&cursor={id}"));
        }
        1 => {
            let id = lines.uuid();
            lines.put(format_args!("/{id}"));
        }
        _ => {}
    }
    lines.put(format_args!(" HTTP/1.1\" {status} {size} \"-\" \"{agent}\""));
}

fn java(lines: &mut Lines) {
    let [month, day, hour, minute, second, milli] = lines.time();
    let (level, class, thread) = (lines.one(LEVELS), lines.one(CLASSES), lines.below(64));
    let month = month + 1;
    lines.put(format_args!("2024-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02},{milli:03} {level:<5} [pool-3-thread-{thread}] {class} - "));
    match lines.below(5) {
        0 => {
            let (block, size, address) =
                (lines.below(1 << 30), lines.below(1 << 26), lines.address());
            lines.put(format_args!("Received block blk_{block} of size {size} from /{address}"));
        }
        1 => {
            let line = lines.below(900);
            lines.put(format_args!("java.net.SocketTimeoutException: Read timed out\n\tat {class}.run({}.java:{line})\n\tat java.base/java.lang.Thread.run(Thread.java:840)", class.rsplit('.').next().unwrap_or(class)));
        }
        2 => {
            let (id, words) = (lines.uuid(), lines.words(4));
            lines.put(format_args!("[{id}] {words} in {} ms", milli * 3));
        }
        _ => {
            let words = lines.words(9);
            lines.put(format_args!("{words}"));
        }
    }
}

fn key_value(lines: &mut Lines) {
    let (time, level, words) = (lines.iso(), lines.one(LEVELS), lines.words(4));
    let (id, status, took) = (lines.chars(HEX, 16), lines.one(STATUS), lines.below(2000));
    lines.put(format_args!(
        "time={time} level={} msg=\"{words}\" trace={id} status={status} took={took}ms",
        level.to_lowercase()
    ));
}

fn json_line(lines: &mut Lines) {
    let (time, level, words) = (lines.iso(), lines.one(LEVELS), lines.words(5));
    let (trace, span) = (lines.chars(HEX, 32), lines.chars(HEX, 16));
    lines.put(format_args!("{{\"ts\":\"{time}\",\"level\":\"{level}\",\"msg\":\"{words}\",\"trace_id\":\"{trace}\",\"span_id\":\"{span}\""));
    match lines.below(4) {
        0 => http_fields(lines),
        1 => pod_fields(lines),
        2 => event_fields(lines),
        _ => store_fields(lines),
    }
    lines.line.push('}');
}

fn http_fields(lines: &mut Lines) {
    let (id, method, path) = (lines.uuid(), lines.one(METHODS), lines.one(PATHS));
    let (status, agent, session) = (lines.one(STATUS), lines.one(AGENTS), lines.chars(BASE64, 32));
    let (address, took) = (lines.address(), lines.below(100_000));
    lines.put(format_args!(",\"request_id\":\"{id}\",\"http\":{{\"method\":\"{method}\",\"path\":\"{path}\",\"status\":{status},\"ua\":\"{agent}\",\"peer\":\"{address}\"}},\"session\":\"{session}\",\"took_us\":{took}"));
}

fn pod_fields(lines: &mut Lines) {
    let (host, set, pod) = (lines.one(HOSTS), lines.chars(BASE36, 10), lines.chars(BASE36, 5));
    let (container, digest) = (lines.chars(HEX, 64), lines.chars(HEX, 64));
    lines.put(format_args!(",\"kubernetes\":{{\"node\":\"{host}\",\"pod\":\"api-{set}-{pod}\",\"container_id\":\"containerd://{container}\",\"image\":\"registry.example/shop/api@sha256:{digest}\"}}"));
}

fn event_fields(lines: &mut Lines) {
    let (event, user, order) = (lines.uuid(), lines.uuid(), lines.uuid());
    let (cursor, count) = (lines.chars(BASE64, 44), lines.below(40));
    lines.put(format_args!(",\"event_id\":\"{event}\",\"user_id\":\"{user}\",\"order_id\":\"{order}\",\"cursor\":\"{cursor}\",\"items\":{count},\"ok\":true"));
}

fn store_fields(lines: &mut Lines) {
    let (tag, sum, key) = (lines.chars(HEX, 32), lines.chars(BASE64, 43), lines.uuid());
    let size = lines.below(1 << 30);
    lines.put(format_args!(",\"bucket\":\"uploads\",\"object\":\"2024/{key}.bin\",\"etag\":\"\\\"{tag}\\\"\",\"sha256\":\"{sum}=\",\"bytes\":{size}"));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_bytes_every_time() {
        let text = plain_text(200_000);
        assert_eq!(text, plain_text(200_000));
        let lines = text.split(|byte| *byte == b'\n').count();
        assert!((1000..4000).contains(&lines), "{lines} lines");
    }

    #[test]
    fn every_line_is_json() {
        let text = String::from_utf8(json_text(200_000)).expect("ASCII");
        for line in text.lines() {
            let value: serde_json::Value = serde_json::from_str(line).expect(line);
            assert_eq!(value["trace_id"].as_str().map(str::len), Some(32));
        }
    }
}
