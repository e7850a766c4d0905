/// The position at which decoding starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Entry {
    /// The file's first packet.
    Beginning,
    /// The last key frame before this time, in microseconds from the start of the file, if the container has an index.
    KeyFrame(i64),
}
