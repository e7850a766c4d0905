use std::{
    io,
    path::{Path, PathBuf},
};

use afmpeg_engine::Runtime;

/// The files that a fleet on this machine needs.
#[derive(Debug, Clone)]
pub struct Fixtures {
    /// The `afmpeg` command.
    pub command: PathBuf,
    /// The full module.
    pub module: PathBuf,
    /// The clip that films are made of.
    pub clip: PathBuf,
}

impl Fixtures {
    /// Returns the files of `repository`, and the command beside this program.
    ///
    /// # Errors
    ///
    /// If the path of this program is not known.
    pub fn of(repository: &Path) -> io::Result<Self> {
        Ok(Self {
            command: std::env::current_exe()?.with_file_name("afmpeg"),
            module: repository.join("target/wasm/ffmpeg-full-gpl.wasm"),
            clip: repository.join("fixtures/bigbuckbunny.mp4"),
        })
    }

    /// Loads the module.
    ///
    /// # Errors
    ///
    /// As [`RuntimeBuilder::build`](afmpeg_engine::RuntimeBuilder::build).
    pub fn runtime(&self) -> afmpeg_engine::Result<Runtime> {
        Runtime::builder().module(&self.module).build()
    }
}
