//! Random texts as values in filter graphs, read back through the real module: none may lose a character, and none may
//! be syntax.

use afmpeg_cmd::{Filter, Job, Output, OutputStream};
use afmpeg_engine::{Result, Runtime};
use afmpeg_vfs::{MemFs, VPath, Vfs as _};
use rand_chacha::{
    ChaCha8Rng,
    rand_core::{RngCore as _, SeedableRng as _},
};

/// Texts that came back as others, or not at all, among `count` of them.
///
/// # Errors
///
/// As [`Runtime::probe`]: a graph that is broken by what is in it.
pub fn lost(runtime: &Runtime, seed: u64, count: usize) -> Result<Vec<String>> {
    let mut lost = Vec::new();
    for batch in texts(seed, count).chunks(BATCH) {
        let found = read_back(runtime, batch)?;
        let pairs = batch.iter().zip(found).filter(|(text, found)| found.as_ref() != Some(*text));
        lost.extend(pairs.map(|(text, found)| format!("{text:?} came back as {found:?}")));
    }
    Ok(lost)
}

/// How many texts are in one graph.
pub const BATCH: usize = 200;

/// What has a meaning somewhere in FFmpeg, and some that have none.
const ALPHABET: &[char] = &[
    '\\', '\'', ':', '[', ']', ',', ';', '=', ' ', '\n', '\t', '\r', '|', '%', '{', '}', '@', '#', '"', '$',
    '`', '~', '/', '.', '-', '(', ')', '*', '&', '<', '>', 'a', 'b', 'n', 't', '0', '9', 'é', '—', '語',
    '😀', '\u{1}', '\u{7f}',
];

/// `count` texts of one to 40 characters, the same for the same seed.
pub fn texts(seed: u64, count: usize) -> Vec<String> {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let mut below = |limit: usize| random.next_u32() as usize % limit;
    (0..count).map(|_| (0..=below(40)).map(|_| ALPHABET[below(ALPHABET.len())]).collect()).collect()
}

/// The texts as values of as many filters in a row, with and without the options' names, as ffprobe reads them back
/// from the frame that comes out.
///
/// # Errors
///
/// As [`Runtime::probe`]: a graph that is broken by what is in it.
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

/// The name of the file that a filter of a command's graph writes when it is told to write to this name.
///
/// # Errors
///
/// As [`Runtime::run`].
pub fn file_written(runtime: &Runtime, name: &str) -> Result<Vec<String>> {
    let fs = MemFs::new();
    let source = Filter::new("color").opt("size", "16x16").source().video();
    let printed = Filter::new("metadata").opt("mode", "print").opt("file", format!("file:{name}"));
    let output = Output::null().stream(OutputStream::new(source.filter(printed)).frames(1));
    runtime.run(fs.clone(), Job::new([output]))?;
    let entries = fs.read_dir(&VPath::root()).unwrap_or_default();
    Ok(entries.into_iter().map(|entry| entry.name).collect())
}
