//! Random texts as values in filter graphs, read back through the real module: none may lose a character or be read as
//! syntax.

use afmpeg_cmd::{Command, Filter, Output, OutputStream};
use afmpeg_engine::{Result, Runtime};
use afmpeg_vfs::{MemFs, VPath, Vfs as _};
use rand_chacha::{
    ChaCha8Rng,
    rand_core::{RngCore as _, SeedableRng as _},
};

/// Returns a description of each of `count` random texts that was read back changed, or not at all.
///
/// # Errors
///
/// As [`Runtime::probe`], when a text breaks its graph.
pub fn changed(runtime: &Runtime, seed: u64, count: usize) -> Result<Vec<String>> {
    let mut changed = Vec::new();
    for batch in texts(seed, count).chunks(BATCH) {
        let found = read_back(runtime, batch)?;
        let pairs = batch.iter().zip(found).filter(|(text, found)| found.as_ref() != Some(*text));
        changed.extend(pairs.map(|(text, found)| format!("{text:?} became {found:?}")));
    }
    Ok(changed)
}

/// Texts per graph.
pub const BATCH: usize = 200;

/// Characters with a meaning somewhere in FFmpeg's syntax, and some without.
const ALPHABET: &[char] = &[
    '\\', '\'', ':', '[', ']', ',', ';', '=', ' ', '\n', '\t', '\r', '|', '%', '{', '}', '@', '#', '"', '$',
    '`', '~', '/', '.', '-', '(', ')', '*', '&', '<', '>', 'a', 'b', 'n', 't', '0', '9', 'é', '—', '語',
    '😀', '\u{1}', '\u{7f}',
];

/// Returns `count` texts of 1 to 40 characters, the same for the same seed.
pub fn texts(seed: u64, count: usize) -> Vec<String> {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let mut below = |limit: usize| random.next_u32() as usize % limit;
    (0..count).map(|_| (0..=below(40)).map(|_| ALPHABET[below(ALPHABET.len())]).collect()).collect()
}

/// Passes each text as a value to a filter of one chain, alternately with and without the option's name, and returns
/// the values that ffprobe reads from the output frame.
///
/// # Errors
///
/// As [`Runtime::probe`], when a text breaks the graph.
pub fn read_back(runtime: &Runtime, texts: &[String]) -> Result<Vec<Option<String>>> {
    let source = Filter::new("color").opt("size", "16x16").opt("rate", 1).opt("duration", 1);
    let marks = texts.iter().enumerate().map(|(index, text)| {
        let mark = Filter::new("metadata");
        let mark = if index % 2 == 0 { mark.opt("mode", "add") } else { mark.arg("add") };
        mark.opt("key", format!("k{index}")).opt("value", text)
    });
    let chain: Vec<String> = std::iter::once(source).chain(marks).map(|filter| filter.to_string()).collect();
    let probe = runtime
        .probe_request(MemFs::new(), &chain.join(","))
        .as_url()
        .input_options(["-f", "lavfi"])
        .frames()
        .run()?;
    let tag =
        |index: usize| probe.frames.first()?.tags.get(&format!("k{index}")).map(|text| text.to_string());
    Ok((0..texts.len()).map(tag).collect())
}

/// Returns the names of the files that a filter writes when its output file is `name`.
///
/// # Errors
///
/// As [`Runtime::run`].
pub fn file_written(runtime: &Runtime, name: &str) -> Result<Vec<String>> {
    let fs = MemFs::new();
    let source = Filter::new("color").opt("size", "16x16").source().video();
    let printed = Filter::new("metadata").opt("mode", "print").opt("file", format!("file:{name}"));
    let output = Output::null().stream(OutputStream::new(source.filter(printed)).frames(1));
    runtime.run(fs.clone(), Command::new([output]))?;
    let entries = fs.read_dir(&VPath::root()).unwrap_or_default();
    Ok(entries.into_iter().map(|entry| entry.name).collect())
}
