//! Files: criterion's measurements as ratios, with their targets.

use std::{fs, path::Path, process::Stdio};

use anyhow::Context as _;

use crate::{
    command, native, project,
    wasm::{self, ModuleName},
};

/// Two measurements to compare, by the name of their group in the benches.
struct Pair {
    group: &'static str,
    description: &'static str,
    theirs: &'static str,
    /// The maximum ratio of our time to theirs.
    target: f64,
}

/// The groups of `crates/afmpeg-vfs/benches/memory.rs` and `tests/benches/guest.rs`.
const PAIRS: &[Pair] = &[
    pair("write", "write 256 MiB, 32 KiB at a time", "tmpfs", 1.0),
    pair("read", "read 256 MiB, 32 KiB at a time", "tmpfs", 1.0),
    pair("overwrite", "20,000 scattered overwrites of 4 KiB", "tmpfs", 1.5),
    pair("whole", "read 1 GiB in one call", "memcpy", 1.1),
    pair("create", "create 100,000 small files", "tmpfs", 2.0),
    pair("list", "list them", "tmpfs", 2.0),
    pair("stat", "stat each", "tmpfs", 2.0),
    pair("remove", "remove each", "tmpfs", 2.0),
    pair("copy", "guest: -c copy of 256 MiB", "native on tmpfs", 1.5),
    pair("faststart", "guest: faststart of 200 MiB", "native on tmpfs", 1.3),
];

const fn pair(group: &'static str, description: &'static str, theirs: &'static str, target: f64) -> Pair {
    Pair { group, description, theirs, target }
}

/// The maximum that a probe of a long file in a bucket may fetch, in MiB.
const PROBE_TARGET: f64 = 4.0;

const MIB: f64 = (1 << 20) as f64;

pub(super) fn run() -> anyhow::Result<()> {
    let native = native::ffmpeg()?;
    wasm::build(ModuleName::FULL_GPL, true)?;
    // The same profile and selection as for everything else, so that nothing is compiled again.
    let bench = |names: &[&str]| {
        let mut cargo = command::cargo();
        cargo.args(["bench", "--profile", "dev"]).args(command::SELECTION);
        cargo.args(names.iter().flat_map(|name| ["--bench", name])).env(native::VARIABLE, &native);
        cargo
    };
    command::run(&mut bench(&["memory", "guest"]))?;
    let probe = bench(&["probe"]).stderr(Stdio::inherit()).output()?;
    anyhow::ensure!(probe.status.success(), "the bench `probe` failed ({})", probe.status);
    let fetched: f64 = String::from_utf8_lossy(&probe.stdout).trim().parse().context("the bench `probe`")?;

    let heading = ["work", "against", "theirs", "ours", "ratio", "target"];
    println!(
        "{:<38} {:<16} {:>9} {:>9} {:>7} {:>8}",
        heading[0], heading[1], heading[2], heading[3], heading[4], heading[5]
    );
    for Pair { group, description, theirs: name, target } in PAIRS {
        let folder = project::target().join("criterion").join(group);
        let (ours, theirs) = (milliseconds(&folder.join("ours"))?, milliseconds(&folder.join("theirs"))?);
        let ratio = ours / theirs;
        let verdict = if ratio <= *target { "" } else { "  missed" };
        println!(
            "{description:<38} {name:<16} {theirs:>6.1} ms {ours:>6.1} ms {ratio:>6.2}x {target:>7.1}x{verdict}"
        );
    }
    let (fetched, verdict) = (fetched / MIB, if fetched / MIB < PROBE_TARGET { "" } else { "  missed" });
    println!(
        "{:<38} {:<16} {:>9} {fetched:>5.2} MiB {:>7} {PROBE_TARGET:>4.1} MiB{verdict}",
        "guest: probe 1 GiB, index at the end", "an S3 bucket", "", ""
    );
    Ok(())
}

/// Returns the median of a function's last measurement by criterion.
fn milliseconds(function: &Path) -> anyhow::Result<f64> {
    #[derive(serde::Deserialize)]
    struct Estimates {
        median: Estimate,
    }
    #[derive(serde::Deserialize)]
    struct Estimate {
        /// In nanoseconds.
        point_estimate: f64,
    }
    let path = function.join("new").join("estimates.json");
    let text = fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
    let estimates: Estimates = serde_json::from_slice(&text).with_context(|| path.display().to_string())?;
    Ok(estimates.median.point_estimate / 1e6)
}
