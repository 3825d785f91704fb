//! Moments as tokens write them, and as reports do (RFC 3339, UTC).
//!
//! A moment outside the years 2000 to 2099 is no moment: such a number is a
//! mistake, a trick or something else, and nothing may be concluded from it.

use std::fmt;

/// Seconds since 1970, UTC, within the years 2000 to 2099.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Time(i64);

/// A day in seconds.
pub const DAY: i64 = 86_400;

/// The first second of 2000 and of 2100.
const RANGE: std::ops::Range<i64> = 946_684_800..4_102_444_800;

impl Time {
    /// The moment so many seconds after 1970 began; `None` outside the range.
    pub fn from_unix(seconds: i64) -> Option<Time> {
        RANGE.contains(&seconds).then_some(Time(seconds))
    }

    /// Seconds since 1970.
    pub fn unix(self) -> i64 {
        self.0
    }

    /// The moment `seconds` later.
    pub fn after(self, seconds: i64) -> Option<Time> {
        Time::from_unix(self.0.checked_add(seconds)?)
    }

    /// Reads what people and programs write: RFC 3339 (also without seconds,
    /// without a zone, or a date alone), ISO 8601 without punctuation, seconds
    /// or milliseconds since 1970.
    pub fn parse(text: &str) -> Option<Time> {
        let text = text.trim();
        if text.len() > 40 {
            return None;
        }
        if text.len() >= 9 && text.bytes().all(|b| b.is_ascii_digit()) {
            return epoch(text);
        }
        written(text.as_bytes())
    }

    /// Reads the date of HTTP: `Wed, 21 Oct 2015 07:28:00 GMT`, also with `-`
    /// between the parts of the day, as cookies write it.
    pub(super) fn parse_http(text: &[u8]) -> Option<Time> {
        let mut words = text.split(|b| b" -,".contains(b)).filter(|word| !word.is_empty());
        words.next()?;
        let day = number(words.next()?)?;
        let name = words.next()?.to_ascii_lowercase();
        let month = MONTHS.iter().position(|month| name == *month)? as i64 + 1;
        let year = number(words.next()?)?;
        let clock = words.next()?;
        let at = |from: usize| number(clock.get(from..from + 2)?);
        Time::at([year, month, day, at(0)?, at(3)?, at(6)?])
    }

    /// The moment of a year, month, day, hour, minute and second.
    pub(super) fn at([year, month, day, hour, minute, second]: [i64; 6]) -> Option<Time> {
        let fits = (2000..2100).contains(&year)
            && (1..=12).contains(&month)
            && (1..=31).contains(&day)
            && (0..24).contains(&hour)
            && (0..60).contains(&minute)
            && (0..=60).contains(&second);
        fits.then(|| days(year, month, day) * DAY + hour * 3600 + minute * 60 + second)
            .and_then(Time::from_unix)
    }
}

const MONTHS: [&[u8]; 12] = [
    b"jan", b"feb", b"mar", b"apr", b"may", b"jun", b"jul", b"aug", b"sep", b"oct", b"nov", b"dec",
];

/// Digits alone: seconds, or milliseconds where there are 13.
fn epoch(text: &str) -> Option<Time> {
    let number: i64 = text.parse().ok()?;
    Time::from_unix(if text.len() == 13 { number / 1000 } else { number })
}

fn number(text: &[u8]) -> Option<i64> {
    (text.len() <= 4 && text.iter().all(u8::is_ascii_digit))
        .then(|| text.iter().fold(0, |sum, digit| sum * 10 + i64::from(digit - b'0')))
}

/// A date, perhaps with a time and a zone.
fn written(text: &[u8]) -> Option<Time> {
    let (date, rest) = match text.get(4)? {
        b'-' if text.get(7) == Some(&b'-') => ([0..4, 5..7, 8..10], text.get(10..)?),
        _ => ([0..4, 4..6, 6..8], text.get(8..)?),
    };
    let [year, month, day] = date.map(|range| text.get(range).and_then(number));
    let (clock, zone) = clock(rest)?;
    let [hour, minute, second] = clock;
    let time = Time::at([year?, month?, day?, hour, minute, second])?;
    time.after(-offset(zone)?)
}

/// The time behind `T` or a space, and what follows it.
fn clock(text: &[u8]) -> Option<([i64; 3], &[u8])> {
    let Some(rest) = text.strip_prefix(b"T").or_else(|| text.strip_prefix(b" ")) else {
        return text.is_empty().then_some(([0; 3], text));
    };
    let colon = usize::from(rest.get(2) == Some(&b':'));
    let mut clock = [0; 3];
    let mut at = 0;
    for (index, part) in clock.iter_mut().enumerate() {
        let Some(value) = rest.get(at..at + 2).and_then(number) else {
            if index < 2 {
                return None;
            }
            break;
        };
        *part = value;
        at += 2;
        at += usize::from(colon == 1 && index < 2 && rest.get(at) == Some(&b':'));
    }
    let rest = rest.get(at..)?;
    let fraction = match rest.first() {
        Some(b'.') => 1 + rest[1..].iter().take_while(|b| b.is_ascii_digit()).count(),
        _ => 0,
    };
    Some((clock, &rest[fraction..]))
}

/// The seconds by which a zone is ahead of UTC.
fn offset(zone: &[u8]) -> Option<i64> {
    let sign = match zone.first() {
        None | Some(b'Z' | b'z') => return (zone.len() <= 1).then_some(0),
        Some(b'+') => 1,
        Some(b'-') => -1,
        _ => return None,
    };
    let digits: Vec<u8> = zone[1..].iter().copied().filter(|b| *b != b':').collect();
    let (hours, minutes) = (number(digits.get(..2)?)?, digits.get(2..4).and_then(number));
    Some(sign * (hours * 3600 + minutes.unwrap_or(0) * 60))
}

/// Days since 1970-01-01, counted in the years that begin in March, so that a
/// leap day is the last day of its year.
fn days(year: i64, month: i64, day: i64) -> i64 {
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    year * 365 + year / 4 - year / 100 + year / 400 + (month * 153 + 2) / 5 + day - 1 - 719_468
}

impl fmt::Display for Time {
    /// RFC 3339 in UTC.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (day, second) = (self.0 / DAY, self.0 % DAY);
        let mut year = 1970 + day / 366;
        while days(year + 1, 1, 1) <= day {
            year += 1;
        }
        let month = (1..=12).rev().find(|month| days(year, *month, 1) <= day).unwrap_or(1);
        let date = day - days(year, month, 1) + 1;
        let (hour, minute) = (second / 3600, second / 60 % 60);
        write!(f, "{year:04}-{month:02}-{date:02}T{hour:02}:{minute:02}:{:02}Z", second % 60)
    }
}

/// A length of time in words, in the largest unit that it fills: `3 d`.
pub fn in_words(seconds: i64) -> String {
    let seconds = seconds.unsigned_abs();
    let units = [(365 * 86_400, "y"), (86_400, "d"), (3600, "h"), (60, "min")];
    let unit = units.iter().find(|(unit, _)| seconds >= 2 * unit || seconds == *unit);
    match unit {
        Some((unit, name)) => format!("{} {name}", seconds / unit),
        None => format!("{seconds} s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> Option<String> {
        Time::parse(text).map(|time| time.to_string())
    }

    #[test]
    fn every_way_of_writing_the_same_moment() {
        for text in [
            "2026-03-01T12:30:45Z",
            "2026-03-01T12:30:45.678Z",
            "2026-03-01 12:30:45",
            "2026-03-01T14:30:45+02:00",
            "2026-03-01T07:30:45-0500",
            "20260301T123045Z",
            "1772368245",
            "1772368245123",
        ] {
            assert_eq!(shown(text).as_deref(), Some("2026-03-01T12:30:45Z"), "{text}");
        }
        assert_eq!(shown("2026-03-01").as_deref(), Some("2026-03-01T00:00:00Z"));
        assert_eq!(shown("2026-03-01T12:30Z").as_deref(), Some("2026-03-01T12:30:00Z"));
    }

    #[test]
    fn what_is_no_moment() {
        for text in [
            "",
            "now",
            "2026",
            "1999-12-31",
            "2100-01-01",
            "2026-13-01",
            "2026-00-10",
            "2026-03-01T25:00:00Z",
            "2026-03-01T1",
            "2026-03-01T12:30:45X",
            "999999999999",
            "2026-03-01T12:30:45Z and more",
            "０２６-01-01",
        ] {
            assert_eq!(shown(text), None, "{text}");
        }
    }

    #[test]
    fn dates_of_http() {
        for text in ["Sun, 01 Mar 2026 12:30:45 GMT", "Sun, 01-Mar-2026 12:30:45 GMT"] {
            let time = Time::parse_http(text.as_bytes()).map(|time| time.to_string());
            assert_eq!(time.as_deref(), Some("2026-03-01T12:30:45Z"));
        }
        for text in ["Session", "Sun, 01 Mär 2026 12:30:45", "Sun, 01 Mar 2026", ""] {
            assert_eq!(Time::parse_http(text.as_bytes()), None);
        }
    }

    /// Each day of the century, counted by hand from the lengths of months.
    #[test]
    fn every_day_of_the_century() {
        let mut unix = RANGE.start;
        for year in 2000..2100 {
            let leap = year % 4 == 0;
            for (month, len) in [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31].iter().enumerate()
            {
                let len = len + i64::from(leap && month == 1);
                for day in 1..=len {
                    let want = format!("{year}-{:02}-{day:02}T00:00:00Z", month + 1);
                    assert_eq!(Time::from_unix(unix).map(|t| t.to_string()), Some(want.clone()));
                    assert_eq!(Time::parse(&want).map(Time::unix), Some(unix));
                    unix += DAY;
                }
            }
        }
        assert_eq!(unix, RANGE.end);
    }

    #[test]
    fn words() {
        for (seconds, words) in [
            (59, "59 s"),
            (60, "1 min"),
            (3600, "1 h"),
            (90_000, "25 h"),
            (DAY, "1 d"),
            (-DAY * 400, "400 d"),
            (DAY * 3650, "10 y"),
        ] {
            assert_eq!(in_words(seconds), words);
        }
    }
}
