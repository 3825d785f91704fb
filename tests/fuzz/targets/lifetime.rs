//! The law `lifetime` on any bytes.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| keysieve_tests::laws::lifetime(data));
