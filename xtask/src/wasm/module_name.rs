use std::{fmt, path::PathBuf};

use clap::ValueEnum;
use serde::Deserialize;

use super::folders::folder;

/// The licence of a module.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Variant {
    /// No GPL code: openh264 encodes H.264
    Lgpl,
    /// With x264
    Gpl,
}

/// The components of FFmpeg in a module.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Profile {
    /// Those of wasm-build/components/lean.toml
    Lean,
    /// All that need no network or device
    Full,
}

/// A module that can be built.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::Args)]
pub(crate) struct ModuleName {
    /// The licence of the module
    #[arg(long, value_enum, default_value_t = Variant::Gpl)]
    pub(crate) variant: Variant,
    /// The components of FFmpeg in it
    #[arg(long, value_enum, default_value_t = Profile::Full)]
    pub(crate) profile: Profile,
}

impl Variant {
    pub(super) fn all() -> Vec<Self> {
        vec![Self::Lgpl, Self::Gpl]
    }
}

impl Profile {
    pub(super) fn all() -> Vec<Self> {
        vec![Self::Lean, Self::Full]
    }
}

impl ModuleName {
    pub(crate) const FULL_GPL: Self = Self { variant: Variant::Gpl, profile: Profile::Full };
    pub(crate) const LEAN_LGPL: Self = Self { variant: Variant::Lgpl, profile: Profile::Lean };

    /// Every module, the smallest first.
    pub(crate) fn all() -> impl Iterator<Item = Self> {
        Profile::all()
            .into_iter()
            .flat_map(|profile| Variant::all().into_iter().map(move |variant| Self { variant, profile }))
    }

    /// The path of the finished module.
    pub(crate) fn path(self) -> PathBuf {
        folder().join(format!("ffmpeg-{self}.wasm"))
    }
}

impl fmt::Display for Variant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Variant::Lgpl => "lgpl",
            Variant::Gpl => "gpl",
        })
    }
}

impl fmt::Display for Profile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Profile::Lean => "lean",
            Profile::Full => "full",
        })
    }
}

impl fmt::Display for ModuleName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.profile, self.variant)
    }
}
