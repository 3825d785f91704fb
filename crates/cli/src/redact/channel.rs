//! A redactor behind the encoding of its input.
//!
//! Of a file the encoding is known before it is cleaned. A live stream is UTF-8
//! unless it begins with a byte order mark of UTF-16: waiting for more than
//! these two bytes would hold its first lines back.

use keysieve::redact::{Redactor, StreamRedactor, Summary};

use super::wide::{Decoder, Encoder, Order};

/// Cleans one input.
pub struct Channel {
    stream: StreamRedactor,
    wide: Option<(Decoder, Encoder)>,
    /// The first byte of a live stream, while one does not tell its encoding.
    start: Option<Vec<u8>>,
    bytes_in: u64,
    bytes_out: u64,
}

impl Channel {
    /// For an input whose encoding is known: UTF-16 in this order, or UTF-8.
    pub fn known(redactor: &Redactor, order: Option<Order>) -> Channel {
        let wide = order.map(|order| (Decoder::new(order), Encoder::new(order)));
        Channel { stream: redactor.stream(), wide, start: None, bytes_in: 0, bytes_out: 0 }
    }

    /// For an input that tells it with its first bytes.
    pub fn live(redactor: &Redactor) -> Channel {
        Channel { start: Some(Vec::new()), ..Channel::known(redactor, None) }
    }

    /// The next piece; clean bytes are appended to `out`.
    pub fn push(&mut self, piece: &[u8], out: &mut Vec<u8>) {
        self.bytes_in += piece.len() as u64;
        let Some(mut start) = self.start.take() else { return self.pass(piece, out) };
        start.extend_from_slice(piece);
        if matches!(start.as_slice(), [] | [0xff] | [0xfe]) {
            self.start = Some(start);
            return;
        }
        self.wide = Order::of_mark(&start).map(|it| (Decoder::new(it), Encoder::new(it)));
        self.pass(&start, out);
    }

    fn pass(&mut self, piece: &[u8], out: &mut Vec<u8>) {
        let before = out.len();
        match &mut self.wide {
            None => self.stream.push(piece, out),
            Some((decoder, encoder)) => {
                let (mut text, mut clean) = (Vec::new(), Vec::new());
                decoder.push(piece, &mut text);
                self.stream.push(&text, &mut clean);
                encoder.push(&clean, out);
            }
        }
        self.bytes_out += (out.len() - before) as u64;
    }

    /// The input has ended: the rest, and what all of it came to.
    pub fn finish(mut self, out: &mut Vec<u8>) -> Summary {
        if let Some(start) = self.start.take() {
            self.pass(&start, out);
        }
        let before = out.len();
        let mut summary = match self.wide {
            None => self.stream.finish(out),
            Some((decoder, mut encoder)) => {
                let (mut text, mut clean) = (Vec::new(), Vec::new());
                let odd = decoder.finish(&mut text);
                self.stream.push(&text, &mut clean);
                let summary = self.stream.finish(&mut clean);
                encoder.push(&clean, out);
                encoder.finish(out);
                out.extend(odd);
                summary
            }
        };
        summary.bytes_in = self.bytes_in;
        summary.bytes_out = self.bytes_out + (out.len() - before) as u64;
        summary
    }
}
