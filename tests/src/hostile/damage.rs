//! Random damage to intact media.

use rand_chacha::{ChaCha8Rng, rand_core::RngCore as _};

use super::{Case, Media, below};

/// The length of a header in bytes.
const HEADER: usize = 512;

/// Boundary values that parsers often mishandle.
const EDGES: &[u32] =
    &[0, 1, 0x7f, 0x80, 0xff, 0x7fff, 0x8000, 0xffff, 0x7fff_ffff, 0x8000_0000, 0xffff_fffe, u32::MAX];

pub(super) fn truncated(media: &Media, len: usize) -> Case {
    media.case(format!("{media} cut to {len} bytes"), &media.bytes[..len])
}

/// Returns a case with random damage.
pub(super) fn random(media: &Media, other: &Media, random: &mut ChaCha8Rng) -> Case {
    let mut bytes = media.bytes.clone();
    let damage = match below(random, 10) {
        0 => return truncated(media, below(random, bytes.len())),
        1..=3 => {
            // Damage headers more often than bodies: most parsing is there.
            let header = bytes.len().min(HEADER);
            let flips = flip(&mut bytes[..header], [8, 64, 256][below(random, 3)], random);
            format!("{flips} flipped bits in the header")
        }
        4..=5 => {
            let flips = flip(&mut bytes, [100, 1000, 10_000][below(random, 3)], random);
            format!("{flips} flipped bits")
        }
        6..=7 => {
            let count = 1 + below(random, 4);
            for _ in 0..count {
                let within = if below(random, 2) == 0 { HEADER.min(bytes.len()) } else { bytes.len() };
                overwrite(&mut bytes, below(random, within), EDGES[below(random, EDGES.len())], random);
            }
            format!("{count} boundary values")
        }
        8 => {
            let (start, len) = (below(random, bytes.len()), 1 + below(random, 4096));
            let end = bytes.len().min(start + len);
            if below(random, 2) == 0 {
                bytes.drain(start..end);
                format!("without {} bytes at {start}", end - start)
            } else {
                bytes[start..end].fill(if below(random, 2) == 0 { 0 } else { 0xff });
                format!("{} bytes at {start} wiped", end - start)
            }
        }
        _ => {
            let (end, start) = (below(random, bytes.len()), below(random, other.bytes.len()));
            bytes.truncate(end);
            bytes.extend_from_slice(&other.bytes[start..]);
            format!("cut at {end} and continued with {} from {start}", other.file)
        }
    };
    media.case(format!("{media} with {damage}"), bytes)
}

/// Flips one bit per `every` bytes, at least one.
fn flip(bytes: &mut [u8], every: usize, random: &mut ChaCha8Rng) -> usize {
    let count = (bytes.len() / every).max(1);
    for _ in 0..count {
        let offset = below(random, bytes.len());
        bytes[offset] ^= 1 << below(random, 8);
    }
    count
}

/// Writes `number` at `offset`, in one, two or four bytes of either byte order.
fn overwrite(bytes: &mut [u8], offset: usize, number: u32, random: &mut ChaCha8Rng) {
    let len = (1 << (random.next_u32() % 3)).min(bytes.len() - offset);
    let little = number.to_le_bytes();
    let big = number.to_be_bytes();
    let number = if random.next_u32().is_multiple_of(2) { &little[..len] } else { &big[4 - len..] };
    bytes[offset..offset + len].copy_from_slice(number);
}
