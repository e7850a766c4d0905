//! A command as plain data: what the builders make, what JSON holds, what is checked and printed.
//!
//! Every field is public and can be set by hand. Files and nodes are named by their place in their list, from 0 on.

mod graph;
mod input;
mod job;
mod output;

pub use graph::{Graph, Node, Source};
pub use input::Input;
pub use job::{Job, Version};
pub use output::{Attachment, Chapters, Map, Metadata, Output, OutputStream};
