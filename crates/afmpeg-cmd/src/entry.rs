//! Entries of an output before the command is built.

use crate::{
    Arg, Filter, Input, MediaKind,
    model::{Map, Metadata, OutputStream},
    node::Origin,
};

/// The source of an entry.
#[derive(Debug, Clone)]
pub(crate) enum MapSource {
    /// One stream.
    One(Origin),
    /// All streams that a specifier fits.
    All { input: Input, streams: String, optional: bool },
    /// Excludes streams of earlier entries.
    Except { input: Input, streams: String },
    /// A pad of a text graph.
    Label(String),
    /// A stream that FFmpeg selects.
    Automatic(MediaKind),
}

/// The options of an entry, whose map is determined when the command is built.
#[derive(Debug, Clone, Default)]
pub(crate) struct StreamOptions {
    pub(crate) kind: Option<MediaKind>,
    pub(crate) codec: Option<String>,
    pub(crate) filters: Vec<Filter>,
    pub(crate) bitstream_filters: Vec<Filter>,
    pub(crate) frames: Option<u64>,
    pub(crate) metadata: Vec<Metadata>,
    pub(crate) disposition: Option<String>,
    pub(crate) args: Vec<Arg>,
}

impl StreamOptions {
    pub(crate) fn with_map(self, map: Map) -> OutputStream {
        let Self { kind, codec, filters, bitstream_filters, frames, metadata, disposition, args } = self;
        OutputStream { map, kind, codec, filters, bitstream_filters, frames, metadata, disposition, args }
    }
}
