//! A command as plain data: the result of the builders and of JSON, and the input of checks and rendering.
//!
//! Every field is public and can be set by hand. Files and nodes are referenced by their index in their list, from 0.
//!
//! A command's JSON has the same fields, and refuses others; default values can be left out, and times and values can
//! be numbers. The options of a stream are addressed by its kind, which `kind` declares where neither the map nor the
//! graph does:
//!
//! ```
//! use afmpeg_cmd::Command;
//!
//! let command: Command = serde_json::from_str(r#"{
//!     "version": 1,
//!     "inputs": [{ "path": "film.mkv", "seek": "1:30", "duration": 10 }],
//!     "graph": { "nodes": [{
//!         "filter": { "name": "scale", "options": [{ "name": "w", "value": 640 }, { "name": "h", "value": -2 }] },
//!         "inputs": [{ "input": 0, "streams": "v:0" }],
//!         "outputs": ["video"]
//!     }] },
//!     "outputs": [{ "path": "film.mp4", "streams": [
//!         { "node": { "node": 0, "pad": 0 }, "codec": "libx264" },
//!         { "input": { "input": 0, "streams": "a:m:language:eng", "optional": true }, "codec": "aac" }
//!     ] }]
//! }"#)?;
//! assert_eq!(
//!     command.to_args().join(" "),
//!     "-ss 90 -t 10 -i film.mkv -filter_complex [0:v:0]scale@n0=w=640:h=-2[v0] -map [v0] \
//!      -map 0:a:m:language:eng:? -c:v libx264 -c:a aac film.mp4"
//! );
//! # Ok::<(), serde_json::Error>(())
//! ```

mod command;
mod graph;
mod input;
mod output;

pub use command::{Command, Version};
pub use graph::{Graph, Node, Source};
pub use input::Input;
pub use output::{Attachment, Chapters, Map, Metadata, Output, OutputStream};
