//! Numbers in FFmpeg's own options.

/// Parses a whole number as `parse_number` and `av_strtod` do: `10MiB`, `1.5M`, `0x20`, `1e3`. A trailing `B` converts
/// bytes to bits.
pub(super) fn whole(text: &str) -> Option<i64> {
    let hexadecimal = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X"));
    let (number, rest) = match hexadecimal {
        Some(digits) => {
            let end = digits.find(|next: char| !next.is_ascii_hexdigit()).unwrap_or(digits.len());
            (f64::from(u32::from_str_radix(&digits[..end], 16).ok()?), &digits[end..])
        }
        None => {
            let end = decimal(text);
            (text[..end].parse().ok()?, &text[end..])
        }
    };
    let (rest, bits) = rest.strip_suffix('B').map_or((rest, 1.0), |rest| (rest, 8.0));
    let number = number * prefix(rest)? * bits;
    // By text, since no conversion from floating point reports failure.
    if number.fract() == 0.0 { format!("{number:.0}").parse().ok() } else { None }
}

/// Returns the end of a decimal number. An exponent needs digits.
fn decimal(text: &str) -> usize {
    let digits = |from: usize| {
        let rest = text[from..].trim_start_matches(|next: char| next.is_ascii_digit());
        text.len() - rest.len()
    };
    let sign = |from: usize| from + usize::from(text[from..].starts_with(['-', '+']));
    let mut end = digits(sign(0));
    if text[end..].starts_with('.') {
        end = digits(end + 1);
    }
    if text[end..].starts_with(['e', 'E']) {
        let exponent = sign(end + 1);
        if digits(exponent) > exponent {
            end = digits(exponent);
        }
    }
    end
}

/// `si_prefixes` of `libavutil/eval.c`, without those below 1.
fn prefix(text: &str) -> Option<f64> {
    let (name, base) = match text.strip_suffix('i') {
        Some(name) => (name, 1024_f64),
        None => (text, 1000.0),
    };
    let power = match name {
        "" if text.is_empty() => 0,
        "k" | "K" => 1,
        "M" => 2,
        "G" => 3,
        "T" => 4,
        "P" => 5,
        _ => return None,
    };
    Some(base.powi(power))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_as_in_ffmpeg() {
        for (text, number) in [
            ("0", 0),
            ("-1", -1),
            ("12", 12),
            ("5.", 5),
            ("1.5M", 1_500_000),
            ("10Mi", 10 << 20),
            ("10MiB", 80 << 20),
            ("1kB", 8000),
            ("100B", 800),
            ("0x20", 32),
            ("1e3", 1000),
            ("1e1K", 10_000),
            ("2T", 2_000_000_000_000),
        ] {
            assert_eq!(whole(text), Some(number), "{text}");
        }
        for text in ["", "k", "1.5", "5K5", "1i", "1 ", "all", "1e", "é", "0x", "1e99", "inf", "."] {
            assert_eq!(whole(text), None, "{text}");
        }
    }
}
