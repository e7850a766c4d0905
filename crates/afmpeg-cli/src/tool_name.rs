//! The option that names a tool.

use clap::ValueEnum;

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum ToolName {
    Ffmpeg,
    Ffprobe,
}

impl From<ToolName> for afmpeg_engine::Tool {
    fn from(name: ToolName) -> Self {
        match name {
            ToolName::Ffmpeg => Self::Ffmpeg,
            ToolName::Ffprobe => Self::Ffprobe,
        }
    }
}
