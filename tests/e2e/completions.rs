//! Completions for shells, and manual pages.

use std::{
    io::Write as _,
    process::{Command, Stdio},
};

use crate::command_line::binary;

/// Returns the names of the subcommands that the help of a command lists.
fn listed(command: &[&str]) -> Vec<String> {
    let output = Command::new(binary()).args(command).arg("--help").output().unwrap();
    let help = String::from_utf8(output.stdout).unwrap();
    let commands = help.split("Commands:\n").nth(1).unwrap().split("\n\n").next().unwrap();
    let names = commands.lines().filter(|line| line.starts_with("  ") && !line.starts_with("   "));
    let names = names.filter_map(|line| line.split_whitespace().next()).map(str::to_owned);
    names.filter(|name| name != "help").collect()
}

#[test]
fn completions_of_each_shell_have_every_command_and_recipe() {
    let recipes = listed(&["make"]);
    assert!(recipes.contains(&"extract-audio".to_owned()), "{recipes:?}");
    let commands = listed(&[]);
    for shell in ["bash", "zsh", "fish", "powershell"] {
        let output = Command::new(binary()).args(["completions", shell]).output().unwrap();
        assert!(output.status.success(), "{output:?}");
        let script = String::from_utf8(output.stdout).unwrap();
        for name in recipes.iter().chain(&commands) {
            assert!(script.contains(name.as_str()), "{shell} has no {name}");
        }
        if shell == "bash" {
            let mut check = Command::new("bash").arg("-n").stdin(Stdio::piped()).spawn().unwrap();
            check.stdin.take().unwrap().write_all(script.as_bytes()).unwrap();
            assert!(check.wait().unwrap().success());
        }
    }
}

#[test]
fn manual_has_a_page_for_every_command_and_recipe() {
    let folder = tempfile::tempdir().unwrap();
    let pages = folder.path().join("man1");
    let output = Command::new(binary()).arg("man").arg(&pages).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    let page = |name: &str| std::fs::read_to_string(pages.join(format!("{name}.1"))).unwrap();
    for command in listed(&[]) {
        page(&format!("afmpeg-{command}"));
    }
    for recipe in listed(&["make"]) {
        assert!(page(&format!("afmpeg-make-{recipe}")).contains("overwrite"), "{recipe}");
    }
    let (error, hint) = {
        let output = Command::new(binary()).args(["man", "/proc/none"]).output().unwrap();
        assert_eq!(output.status.code(), Some(4), "{output:?}");
        crate::command_line::error_and_hint(&output)
    };
    assert!(error.contains("/proc/none") && hint.contains("can be written"), "{error}: {hint}");
}
