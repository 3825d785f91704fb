//! What a table was made on: figures mean nothing without it.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::fetch;

/// Processor, what it can, cores and compiler, as a paragraph.
pub fn line(root: &Path) -> Result<String, String> {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let rustc = fetch::run(Command::new(rustc).arg("--version").current_dir(root))?;
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let info = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    Ok(format!(
        "{}; {}; {cores} cores; {}. Ratios within a table compare; figures of other runs do not.\n\n",
        processor(&info),
        levels().join(", "),
        rustc.trim()
    ))
}

/// The processor's name, from `/proc/cpuinfo` where there is one.
fn processor(info: &str) -> &str {
    let name = info.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": "));
    name.map_or(std::env::consts::ARCH, |(_, name)| name)
}

/// The vector instructions that this processor has.
fn levels() -> Vec<&'static str> {
    #[cfg(target_arch = "x86_64")]
    let found = [
        ("SSSE3", is_x86_feature_detected!("ssse3")),
        ("AVX2", is_x86_feature_detected!("avx2")),
        ("AVX-512BW", is_x86_feature_detected!("avx512bw")),
        ("AVX-512 VBMI", is_x86_feature_detected!("avx512vbmi")),
    ];
    #[cfg(target_arch = "aarch64")]
    let found = [("NEON", true)];
    #[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
    let found = [("no vector instructions that are used", true)];
    found.into_iter().filter(|(_, there)| *there).map(|(name, _)| name).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_processor_has_a_name() {
        assert_eq!(processor("model\t: 1\nmodel name\t: Fast 9\n"), "Fast 9");
        assert_eq!(processor(""), std::env::consts::ARCH);
    }
}
