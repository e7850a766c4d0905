use std::{fmt, str::FromStr};

use wasmer::sys::{self, Architecture, CpuFeature, Triple};

use crate::{Error, Result};

/// The default minimum for x86-64: the features of every such CPU since 2009.
const X86_64_V2: &[CpuFeature] = &[
    CpuFeature::SSE2,
    CpuFeature::SSE3,
    CpuFeature::SSSE3,
    CpuFeature::SSE41,
    CpuFeature::SSE42,
    CpuFeature::POPCNT,
];

/// The further features of x86-64 servers since 2015.
const X86_64_V3: &[CpuFeature] = &[
    CpuFeature::AVX,
    CpuFeature::AVX2,
    CpuFeature::BMI1,
    CpuFeature::BMI2,
    CpuFeature::FMA,
    CpuFeature::LZCNT,
];

/// A kind of machine to compile modules for: architecture, operating system, CPU features.
///
/// ```
/// use afmpeg_engine::Target;
///
/// let target = Target::new("x86_64-unknown-linux-gnu", Some("x86-64-v3"))?;
/// assert!(target.cpu_features().contains(&"avx2".to_owned()));
/// assert!(Target::new("pdp11", None).is_err());
/// assert_eq!(target.to_string().parse::<Target>()?, target);
/// # Ok::<(), afmpeg_engine::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Target(sys::Target);

impl Target {
    /// Returns the triples that [`Target::new`] supports in addition to this machine's.
    ///
    /// ```
    /// assert!(afmpeg_engine::Target::known().contains(&"aarch64-unknown-linux-gnu"));
    /// ```
    pub fn known() -> &'static [&'static str] {
        &[
            "x86_64-unknown-linux-gnu",
            "aarch64-unknown-linux-gnu",
            "x86_64-apple-darwin",
            "aarch64-apple-darwin",
        ]
    }

    /// Returns this machine, with all the CPU features that compilers use.
    ///
    /// ```
    /// println!("{}", afmpeg_engine::Target::host());
    /// ```
    pub fn host() -> Self {
        Self(sys::Target::default())
    }

    /// Creates a target from a triple and a list of CPU features that the machine must have: `x86-64-v2`, `x86-64-v3`,
    /// `native`, or names such as `avx2,fma`. Default features: `native` for this machine's triple; `x86-64-v2` or
    /// `neon` for another.
    ///
    /// # Errors
    ///
    /// [`Error::Target`] for an unsupported triple, with a list of the supported ones, or for an unsupported feature.
    ///
    /// ```
    /// use afmpeg_engine::Target;
    ///
    /// assert_eq!(Target::new("aarch64-unknown-linux-gnu", None)?.to_string(), "aarch64-unknown-linux-gnu (neon)");
    /// # Ok::<(), afmpeg_engine::Error>(())
    /// ```
    pub fn new(triple: &str, cpu: Option<&str>) -> Result<Self> {
        let host = Triple::host();
        let unknown = |reason: String| Error::Target { name: triple.to_owned(), reason };
        if triple != host.to_string() && !Self::known().contains(&triple) {
            return Err(unknown(format!("expected one of {}", Self::known().join(", "))));
        }
        let parsed = Triple::from_str(triple).map_err(|error| unknown(error.to_string()))?;
        let is_host = parsed == host;
        let is_x86 = parsed.architecture == Architecture::X86_64;
        let mut features = CpuFeature::set();
        let fallback = match (is_host, is_x86) {
            (true, _) => "native",
            (false, true) => "x86-64-v2",
            (false, false) => "neon",
        };
        for name in cpu.unwrap_or(fallback).split(',').map(str::trim) {
            match name {
                "native" if is_host => features |= CpuFeature::for_host(),
                "native" => {
                    return Err(unknown(
                        "its CPU cannot be `native`, because it is not this machine".to_owned(),
                    ));
                }
                "x86-64-v2" if is_x86 => features.extend(X86_64_V2.iter().copied()),
                "x86-64-v3" if is_x86 => features.extend(X86_64_V2.iter().chain(X86_64_V3).copied()),
                name => {
                    let feature = CpuFeature::from_str(name)
                        .ok()
                        .filter(|feature| (*feature == CpuFeature::NEON) != is_x86)
                        .ok_or_else(|| {
                            let expected = feature_names(is_host, is_x86).join(", ");
                            unknown(format!("its CPU has no feature `{name}`; expected {expected}"))
                        })?;
                    features.insert(feature);
                }
            }
        }
        Ok(Self(sys::Target::new(parsed, features)))
    }

    /// Reads the target of an artifact, which this build need not support.
    pub(crate) fn noted(triple: &str, cpu: &[String]) -> std::result::Result<Self, String> {
        let triple = Triple::from_str(triple).map_err(|error| format!("its target is unknown: {error}"))?;
        let mut features = CpuFeature::set();
        for name in cpu {
            let feature = CpuFeature::from_str(name);
            features.insert(feature.map_err(|_| format!("it needs a CPU with {name}, which is unknown"))?);
        }
        Ok(Self(sys::Target::new(triple, features)))
    }

    /// Returns the triple, as compilers name it.
    ///
    /// ```
    /// println!("{}", afmpeg_engine::Target::host().triple());
    /// ```
    pub fn triple(&self) -> String {
        self.0.triple().to_string()
    }

    /// Returns the names of the CPU features that code for this target may use.
    ///
    /// ```
    /// println!("{}", afmpeg_engine::Target::host().cpu_features().join(","));
    /// ```
    pub fn cpu_features(&self) -> Vec<String> {
        self.0.cpu_features().iter().map(|feature| feature.to_string()).collect()
    }

    #[cfg(any(feature = "cranelift", feature = "llvm"))]
    pub(crate) fn as_wasmer(&self) -> &sys::Target {
        &self.0
    }

    #[cfg(any(feature = "cranelift", feature = "llvm"))]
    pub(crate) fn is_x86_64(&self) -> bool {
        self.0.triple().architecture == Architecture::X86_64
    }

    /// Whether artifacts for it can be mapped from their files: as ELF, which the linker produces only for this machine's
    /// architecture.
    #[cfg(any(feature = "cranelift", feature = "llvm"))]
    pub(crate) fn maps_artifacts(&self) -> bool {
        self.0.triple().operating_system == sys::OperatingSystem::Linux && self.0.is_native()
    }

    /// The features as a number, for file names.
    pub(crate) fn cpu_bits(&self) -> u64 {
        self.0.cpu_features().as_u64()
    }

    /// Returns the reason that code for this target cannot run on `machine`, if there is one.
    pub(crate) fn unfit_for(&self, machine: &Target) -> Option<String> {
        let (own, other) = (self.0.triple(), machine.0.triple());
        if (own.architecture, own.operating_system) != (other.architecture, other.operating_system) {
            return Some(format!("it is for {own}, and this machine is {other}"));
        }
        let missing = self.0.cpu_features().difference(*machine.0.cpu_features());
        if missing.is_empty() {
            return None;
        }
        let missing: Vec<String> = missing.iter().map(|feature| feature.to_string()).collect();
        Some(format!("it needs a CPU with {}, which this one lacks", missing.join(", ")))
    }
}

/// Reads a triple, alone or with CPU features as `Display` prints them: `x86_64-unknown-linux-gnu (avx2,fma)`.
impl FromStr for Target {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let features = text.strip_suffix(')').and_then(|text| text.split_once(" ("));
        match features {
            Some((triple, cpu)) => Self::new(triple, Some(cpu)),
            None => Self::new(text, None),
        }
    }
}

impl Default for Target {
    fn default() -> Self {
        Self::host()
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.triple(), self.cpu_features().join(","))
    }
}

impl fmt::Debug for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

/// The names that describe a CPU.
fn feature_names(is_host: bool, is_x86: bool) -> Vec<String> {
    let sets = [("native", is_host), ("x86-64-v2", is_x86), ("x86-64-v3", is_x86)];
    let sets = sets.into_iter().filter(|(_, fits)| *fits).map(|(name, _)| name.to_owned());
    let features = CpuFeature::all().into_iter().filter(|feature| (*feature == CpuFeature::NEON) != is_x86);
    sets.chain(features.map(|feature| feature.to_string())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_for_another_machine_or_a_better_cpu_is_unfit() {
        let plain = Target::new("x86_64-unknown-linux-gnu", Some("x86-64-v2")).unwrap();
        let better = Target::new("x86_64-unknown-linux-gnu", Some("x86-64-v3")).unwrap();
        let other = Target::new("aarch64-apple-darwin", None).unwrap();
        assert_eq!(plain.unfit_for(&better), None);
        assert!(better.unfit_for(&plain).unwrap().contains("avx2"));
        assert!(other.unfit_for(&plain).unwrap().contains("aarch64"));
    }

    #[test]
    fn unknown_targets_and_features_are_refused_by_name() {
        for (triple, cpu, named) in [
            ("pdp11-dec-ultrix", None, "aarch64-apple-darwin"),
            ("x86_64-unknown-linux-gnu", Some("neon"), "neon"),
            ("aarch64-unknown-linux-gnu", Some("avx2"), "avx2"),
            ("aarch64-unknown-linux-gnu", Some("x86-64-v2"), "x86-64-v2"),
            ("x86_64-unknown-linux-gnu", Some(""), "``"),
            ("x86_64-unknown-linux-gnu", Some("foo"), "x86-64-v2, x86-64-v3, sse2, "),
        ] {
            let error = Target::new(triple, cpu).unwrap_err().to_string();
            assert!(error.contains(triple) && error.contains(named), "{error}");
        }
    }
}
