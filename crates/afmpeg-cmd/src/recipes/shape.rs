//! Sizes of frames whose pixels are not square.

use crate::Filter;

/// Makes pixels square, and leaves the height as it is.
pub(super) fn square() -> Filter {
    Filter::new("scale").opt("w", "max(1,round(iw*sar))").opt("h", "ih").opt("reset_sar", 1)
}

/// Makes pixels square, in frames of this width, as high as they become by that.
pub(super) fn wide(width: u32) -> Filter {
    Filter::new("scale").opt("w", width).opt("h", -2).opt("reset_sar", 1)
}

/// Makes pixels square, in frames of this height, as wide as they become by that.
pub(super) fn high(height: u32) -> Filter {
    Filter::new("scale").opt("w", -2).opt("h", height).opt("reset_sar", 1)
}
