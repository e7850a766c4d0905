//! How much decoded pictures and samples differ from others, in decibels.

use super::source::Raw;

/// Returns the numbers in the bytes of floating-point samples.
pub(super) fn samples(bytes: &[u8]) -> Vec<f64> {
    bytes.chunks_exact(4).map(|word| f64::from(f32::from_le_bytes(word.try_into().unwrap()))).collect()
}

/// Returns the ratio of the squares of a peak and of the mean error, in decibels.
pub(super) fn decibels(errors: impl Iterator<Item = f64>, peak: f64) -> f64 {
    let (sum, count) = errors.fold((0.0, 0.0), |(sum, count), error| (sum + error * error, count + 1.0));
    10.0 * (peak * peak * count / f64::max(sum, 1e-9)).log10()
}

/// Returns the equality of two series of floating-point samples.
#[track_caller]
pub(super) fn sound_quality(source: &[u8], decoded: &[u8]) -> f64 {
    assert_eq!(source.len(), decoded.len(), "as many samples");
    decibels(samples(source).iter().zip(samples(decoded)).map(|(a, b)| a - b), 1.0)
}

/// Returns the equality of two series of pictures with a pixel format of 8 bits, or of 10 bits in little-endian order.
#[track_caller]
pub(crate) fn picture_quality(source: &[u8], decoded: &[u8], format: &str) -> f64 {
    assert_eq!(source.len(), decoded.len(), "as many samples");
    if !format.ends_with("10le") {
        return decibels(source.iter().zip(decoded).map(|(a, b)| f64::from(*a) - f64::from(*b)), 255.0);
    }
    let sample = |bytes: &[u8]| f64::from(u16::from_le_bytes([bytes[0], bytes[1]]));
    let errors = source.chunks_exact(2).zip(decoded.chunks_exact(2)).map(|(a, b)| sample(a) - sample(b));
    decibels(errors, 1023.0)
}

impl Raw {
    /// Returns the equality of a source and of its decoded encoding.
    #[track_caller]
    pub(super) fn quality(self, source: &[u8], decoded: &[u8]) -> f64 {
        match self {
            Self::Pictures(format) => picture_quality(source, decoded, format),
            Self::Sound(_) => sound_quality(source, decoded),
        }
    }
}
