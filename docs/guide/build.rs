//! Turns the cookbook's snippets of the command builder into functions, for the tests that run them.
#![allow(clippy::print_stdout, reason = "a build script prints cargo's instructions")]

mod blocks;

use std::{env, error::Error, fmt::Write as _, fs, path::Path};

use blocks::blocks;

const COOKBOOK: &str = "src/cookbook";

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=blocks.rs");
    println!("cargo::rerun-if-changed={COOKBOOK}");
    let mut chapters = fs::read_dir(COOKBOOK)?.collect::<Result<Vec<_>, _>>()?;
    chapters.sort_by_key(fs::DirEntry::file_name);
    let (mut modules, mut list) = (String::new(), String::new());
    for chapter in chapters {
        let path = chapter.path();
        let name = path.file_stem().and_then(|stem| stem.to_str()).ok_or("expected a name in UTF-8")?;
        let builders = blocks(&fs::read_to_string(&path)?).into_iter().filter(|block| block.is("builder"));
        for (number, block) in builders.enumerate() {
            let module = format!("{name}_{number}");
            writeln!(modules, "mod {module} {{\n{}}}", visible(&block.text)?)?;
            writeln!(list, "({name:?}, {:?}, {module}::f as Builder),", block.task)?;
        }
    }
    let code = format!("{modules}\npub(crate) const BUILDERS: &[(&str, &str, Builder)] = &[{list}];\n");
    fs::write(Path::new(&env::var("OUT_DIR")?).join("builders.rs"), code)?;
    Ok(())
}

/// Returns a snippet as code, with the lines that documentation hides, and its function visible to the list.
fn visible(snippet: &str) -> Result<String, Box<dyn Error>> {
    let lines = snippet.lines().map(|line| line.strip_prefix("# ").unwrap_or(line));
    let code: String = lines.map(|line| format!("{line}\n")).collect();
    if !code.contains("\nfn f(") {
        return Err(format!("a builder has no function f:\n{snippet}").into());
    }
    Ok(code.replacen("\nfn f(", "\npub(crate) fn f(", 1))
}
