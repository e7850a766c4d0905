//! The transfer function of PQ (SMPTE ST 2084), between luminance in cd/m² and signals from 0 to 1.

/// The peak luminance, that of signal 1 (ITU-R BT.2100).
pub(super) const PEAK: f64 = 10_000.0;

const M1: f64 = 2610.0 / 16384.0;
const M2: f64 = 2523.0 / 4096.0 * 128.0;
const C1: f64 = 3424.0 / 4096.0;
const C2: f64 = 2413.0 / 4096.0 * 32.0;
const C3: f64 = 2392.0 / 4096.0 * 32.0;

/// Returns the signal of a luminance.
pub(super) fn signal(luminance: f64) -> f64 {
    let power = (luminance / PEAK).powf(M1);
    ((C1 + C2 * power) / (1.0 + C3 * power)).powf(M2)
}

/// Returns the luminance of a signal.
pub(super) fn luminance(signal: f64) -> f64 {
    let root = signal.max(0.0).powf(1.0 / M2);
    PEAK * ((root - C1).max(0.0) / (C2 - C3 * root)).powf(1.0 / M1)
}
