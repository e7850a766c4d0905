//! `cargo xtask profile`: shows the functions of the module in which a job spends its time.
//!
//! Compiled code keeps frame pointers, and an artifact with symbols is an ELF file that has one, `fN`, for each function of
//! the module, so that perf needs no help from the engine but the functions' names.

use std::{
    collections::{BTreeMap, HashMap},
    env, fs,
    io::{BufRead as _, BufWriter},
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use anyhow::Context as _;
use inferno::{
    collapse::{Collapse as _, perf},
    flamegraph,
};
use wasmparser::{KnownCustom, Name, Parser, Payload, TypeRef};

use crate::{
    command, debian, project,
    wasm::{self, ModuleName},
};

/// Samples per second of processor time: not a divisor of anything that a job does at regular times.
const FREQUENCY: &str = "997";

/// The choices of `cargo xtask profile`.
#[derive(Debug, clap::Args)]
pub(crate) struct Choices {
    /// Module to run. Default: the full module of the gpl variant, built if needed
    #[arg(long, value_name = "FILE")]
    module: Option<PathBuf>,
    /// Number of functions to print
    #[arg(long, value_name = "COUNT", default_value_t = 30)]
    top: usize,
    /// Arguments of ffmpeg, which reads and writes files in the current folder
    #[arg(last = true, required = true, value_name = "FFMPEG-ARGUMENT")]
    arguments: Vec<String>,
}

/// Runs the job under perf, prints its functions by their own time, and writes a flame graph.
pub(crate) fn run(choices: &Choices) -> anyhow::Result<()> {
    debian::ensure_installed(&["linux-perf"])?;
    let module = match &choices.module {
        Some(module) => {
            fs::canonicalize(module).with_context(|| format!("cannot read {}", module.display()))?
        }
        None => wasm::build(ModuleName::FULL_GPL, true)?,
    };
    command::build_workspace()?;
    let afmpeg = project::target().join("debug/afmpeg");
    let folder = project::target().join("profile");
    fs::create_dir_all(&folder)?;

    let artifact = folder.join("profiled.artifact");
    let mut compile = Command::new(&afmpeg);
    compile.args(["module", "compile", "--keep-symbols", "--module"]).arg(&module);
    command::run(compile.arg("--output").arg(&artifact))?;
    let samples = folder.join("perf.data");
    let mut record = Command::new("perf");
    record.args(["record", "--quiet", "-F", FREQUENCY, "--call-graph", "fp", "-o"]).arg(&samples).arg("--");
    record.arg(&afmpeg).arg("run").arg("--module").arg(&artifact);
    record
        .arg("--dir")
        .arg(format!("{}:/", env::current_dir()?.display()))
        .arg("--")
        .args(&choices.arguments);
    command::run(&mut record)?;

    let stacks = stacks(&samples, &names(&fs::read(&module)?)?)?;
    print(&stacks, choices.top);
    let graph = folder.join("flamegraph.svg");
    let lines: Vec<String> = stacks.iter().map(|(stack, count)| format!("{stack} {count}")).collect();
    let mut options = flamegraph::Options::default();
    options.title = format!("ffmpeg {}", choices.arguments.join(" "));
    let file = BufWriter::new(fs::File::create(&graph)?);
    flamegraph::from_lines(&mut options, lines.iter().map(String::as_str), file)?;
    println!("\nflame graph: {}", graph.display());
    Ok(())
}

/// Returns the weight of the samples by stack, in perf's units: functions from the outermost in, separated by `;`.
fn stacks(samples: &Path, names: &HashMap<u32, String>) -> anyhow::Result<BTreeMap<String, u64>> {
    let mut script = Command::new("perf");
    // Names of inlined functions would come from the debug information, which has numbers in their place.
    script.args(["script", "--no-inline", "-i"]).arg(samples).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut script = script.spawn().context("cannot run perf script")?;
    let text = script.stdout.take().context("a piped stream")?;
    let mut folded = Vec::new();
    perf::Folder::default().collapse(std::io::BufReader::new(text), &mut folded)?;
    anyhow::ensure!(script.wait()?.success(), "perf script cannot read {}", samples.display());
    let mut stacks = BTreeMap::new();
    for line in folded.lines() {
        let line = line?;
        let (stack, count) = line.rsplit_once(' ').context("a stack without a count")?;
        let stack: Vec<&str> = stack.split(';').map(|function| name_of(function, names)).collect();
        *stacks.entry(stack.join(";")).or_default() += count.parse::<u64>()?;
    }
    Ok(stacks)
}

/// The module's name of a function that the artifact calls `fN`.
fn name_of<'a>(function: &'a str, names: &'a HashMap<u32, String>) -> &'a str {
    let number = function.strip_prefix('f').and_then(|number| number.parse().ok());
    number.and_then(|number| names.get(&number)).map_or(function, String::as_str)
}

/// Returns the names of a module's functions by their number without the imported ones, as artifacts count.
fn names(module: &[u8]) -> anyhow::Result<HashMap<u32, String>> {
    let (mut imported, mut names) = (0, HashMap::new());
    for payload in Parser::new(0).parse_all(module) {
        match payload? {
            Payload::ImportSection(imports) => {
                for import in imports.into_imports() {
                    imported += u32::from(matches!(import?.ty, TypeRef::Func(_) | TypeRef::FuncExact(_)));
                }
            }
            Payload::CustomSection(section) => {
                let KnownCustom::Name(parts) = section.as_known() else { continue };
                for part in parts {
                    let Name::Function(functions) = part? else { continue };
                    for naming in functions {
                        let naming = naming?;
                        if let Some(number) = naming.index.checked_sub(imported) {
                            names.insert(number, naming.name.to_owned());
                        }
                    }
                }
            }
            _ => {}
        }
    }
    Ok(names)
}

/// Prints the functions with the greatest weight of their own.
fn print(stacks: &BTreeMap<String, u64>, top: usize) {
    let total: u64 = stacks.values().sum();
    let mut own: HashMap<&str, u64> = HashMap::new();
    for (stack, count) in stacks {
        *own.entry(stack.rsplit(';').next().unwrap_or(stack)).or_default() += count;
    }
    let mut own: Vec<(&str, u64)> = own.into_iter().collect();
    own.sort_by(|(name, count), (other, others)| others.cmp(count).then(name.cmp(other)));
    for (name, count) in own.into_iter().take(top) {
        println!("{:6.2} %  {name}", 100.0 * count as f64 / total as f64);
    }
}
