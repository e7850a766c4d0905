//! ffprobe's output about a file, as data.

mod chapter;
mod dictionary;
mod format;
mod frame;
mod frame_rate;
mod group;
mod image;
mod packet;
mod report;
mod section;
mod side_data;
mod stream;
mod version;

pub use chapter::Chapter;
pub use dictionary::{Dictionary, Disposition, Tags};
pub use format::Format;
pub use frame::{Frame, PacketOrFrame};
pub use group::{Program, StreamGroup};
pub use packet::Packet;
pub use report::Probe;
pub use section::Section;
pub use side_data::{Chromaticity, ContentLightLevel, MasteringDisplay, SideData};
pub use stream::{Stream, is_quarter_turn};
pub use version::{LibraryVersion, ProbeError, ProgramVersion};
