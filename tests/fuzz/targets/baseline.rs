//! The law `baseline` on any bytes.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| keysieve_tests::laws::baseline(data));
