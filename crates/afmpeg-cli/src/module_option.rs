//! The option that names the module.

use std::path::PathBuf;

use clap::Args;

#[derive(Debug, Args)]
pub(crate) struct ModuleOption {
    /// FFmpeg module, or an artifact from `afmpeg module compile`. Default: the first of the file that AFMPEG_MODULE
    /// names, ffmpeg.wasm beside this program, afmpeg/ffmpeg.wasm in the user's data folder, the module that was
    /// installed last, and, if cargo built this program, the newest module in target/wasm
    #[arg(long, value_name = "FILE")]
    pub(crate) module: Option<PathBuf>,
}
