//! Sizes of frames with non-square pixels.

use crate::Filter;

/// Makes pixels square, and keeps the height.
pub(super) fn square() -> Filter {
    Filter::new("scale").opt("w", "max(1,round(iw*sar))").opt("h", "ih").opt("reset_sar", 1)
}

/// Makes pixels square, in frames of this width; the height keeps the aspect ratio.
pub(super) fn wide(width: u32) -> Filter {
    Filter::new("scale").opt("w", width).opt("h", -2).opt("reset_sar", 1)
}

/// Makes pixels square, in frames of this height; the width keeps the aspect ratio.
pub(crate) fn high(height: u32) -> Filter {
    Filter::new("scale").opt("w", -2).opt("h", height).opt("reset_sar", 1)
}
