//! `afmpeg module install`, `list`, `verify` and `remove`: modules in the user's data folder.

use std::{cell::Cell, env, ffi::OsString, fmt::Write as _, fs, io::IsTerminal as _, path::Path};

use afmpeg_engine::{InstalledModule, InstalledModules, Release, ReleaseKey};

use crate::{
    failure::Failure,
    options::{InstallOptions, InstalledOptions, ListOptions, RemoveOptions},
    output::print,
    stderr,
};

/// The environment variable with the default place of releases.
const PLACE: &str = "AFMPEG_RELEASES";

/// The environment variable with the default key. A publisher who builds the command with it gives it a key of its own.
const KEY: &str = "AFMPEG_RELEASE_KEY";

pub(crate) fn install(options: &InstallOptions) -> Result<(), Failure> {
    let place = options.from.clone().or_else(|| variable(PLACE)).ok_or_else(|| {
        Failure::usage(
            "no release was given",
            format!("pass the folder or URL of a release with --from, or set {PLACE}"),
        )
    })?;
    let key = key(options)?;
    let release = match place.to_str().filter(|text| is_url(text)) {
        Some(url) => Release::at_url(url, key),
        None => Release::in_folder(place, key),
    };
    let release = release.variant(options.variant.name()).profile(options.profile.name());
    let modules = InstalledModules::of_user()?;
    let installed = modules.install(&release, show_progress())?;
    stderr::print(format!("installed {}\n", describe(&installed)));
    Ok(())
}

pub(crate) fn list(options: &ListOptions) -> Result<(), Failure> {
    let installed = InstalledModules::of_user()?.list()?;
    let text = if options.json {
        let list: Vec<_> = installed.iter().map(json).collect();
        format!("{:#}\n", serde_json::Value::from(list))
    } else {
        installed.iter().map(|module| format!("{}\n", describe(module))).collect()
    };
    print(&text)?;
    Ok(())
}

pub(crate) fn verify(options: &InstalledOptions) -> Result<(), Failure> {
    let installed = InstalledModules::of_user()?;
    let modules = match options.names.as_slice() {
        [] => installed.list()?,
        names => names.iter().map(|name| installed.get(name)).collect::<Result<_, _>>()?,
    };
    let mut text = String::new();
    for module in modules {
        module.verify()?;
        // Writing to a String cannot fail.
        let _ = writeln!(text, "{}: unchanged", module.name());
    }
    print(&text)?;
    Ok(())
}

pub(crate) fn remove(options: &RemoveOptions) -> Result<(), Failure> {
    let installed = InstalledModules::of_user()?;
    for name in &options.names {
        installed.remove(name)?;
        stderr::print(format!("removed {name}\n"));
    }
    Ok(())
}

fn is_url(place: &str) -> bool {
    place.starts_with("http://") || place.starts_with("https://")
}

fn variable(name: &str) -> Option<OsString> {
    env::var_os(name).filter(|value| !value.is_empty())
}

/// Returns the publisher's key: from the option, the environment, or the build of this command.
fn key(options: &InstallOptions) -> Result<ReleaseKey, Failure> {
    let built_in = option_env!("AFMPEG_RELEASE_KEY").filter(|key| !key.is_empty()).map(OsString::from);
    let key = options.key.clone().or_else(|| variable(KEY)).or(built_in).ok_or_else(|| {
        Failure::usage(
            "no key was given to verify the release with",
            format!("pass the publisher's public key, or its file, with --key, or set {KEY}"),
        )
    })?;
    let file = Path::new(&key);
    let text = if file.is_file() {
        fs::read_to_string(file).map_err(|error| {
            Failure::filesystem(
                format!("cannot read the key {}: {error}", file.display()),
                "pass a text file that you may read",
            )
        })?
    } else {
        key.to_string_lossy().into_owned()
    };
    text.parse().map_err(|error: afmpeg_engine::ParseReleaseKeyError| {
        Failure::usage(error.to_string(), "pass the line of the publisher's .pub file, or its path")
    })
}

/// Returns a callback that shows the progress on one line of a terminal.
fn show_progress() -> impl Fn(u64, u64) {
    let shown = Cell::new(u64::MAX);
    move |done, total| {
        if !std::io::stderr().is_terminal() {
            return;
        }
        let percent = done.saturating_mul(100).checked_div(total).unwrap_or(100);
        if shown.replace(percent) != percent {
            let end = if done < total { "" } else { "\n" };
            stderr::print(format!("\rafmpeg: reading {} MB: {percent:3} %{end}", total.div_ceil(1_000_000)));
        }
    }
}

fn describe(module: &InstalledModule) -> String {
    let form = if module.artifact().is_some() { "compiled for this machine" } else { "to be compiled" };
    format!("{} {}, {form}, in {}", module.name(), module.version(), module.folder().display())
}

fn json(module: &InstalledModule) -> serde_json::Value {
    serde_json::json!({
        "name": module.name(),
        "variant": module.variant(),
        "profile": module.profile(),
        "version": module.version(),
        "serial": module.serial(),
        "compiled": module.artifact().is_some(),
        "path": module.path().to_string_lossy(),
    })
}
