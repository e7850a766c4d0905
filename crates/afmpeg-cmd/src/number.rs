use crate::Value;

/// A whole number of any type, for options that take whole numbers.
///
/// ```
/// use afmpeg_cmd::{Filter, filters::video::fade};
///
/// let frames = vec![0; 25];
/// let fade = fade().start_frame(5).nb_frames(frames.len());
/// assert_eq!(Filter::from(fade).to_string(), "fade=start_frame=5:nb_frames=25");
/// ```
pub trait Integer: Into<Value> + sealed::Sealed {}

/// A number of any type, for options that take fractions.
///
/// ```
/// use afmpeg_cmd::{Filter, filters::video::gblur};
///
/// assert_eq!(Filter::from(gblur().sigma(8)).to_string(), "gblur=sigma=8");
/// assert_eq!(Filter::from(gblur().sigma(0.5)).to_string(), "gblur=sigma=0.5");
/// ```
pub trait Number: Into<Value> + sealed::Sealed {}

macro_rules! numbers {
    ($($integer:ty)*; $($fraction:ty)*) => {
        $(
            impl Integer for $integer {}
            impl Number for $integer {}
            impl sealed::Sealed for $integer {}
        )*
        $(
            impl Number for $fraction {}
            impl sealed::Sealed for $fraction {}
        )*
    };
}

numbers!(u8 u16 u32 u64 usize i8 i16 i32 i64 isize; f32 f64);

mod sealed {
    pub trait Sealed {}
}
