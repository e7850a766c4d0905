//! Codecs with threads, on machines with more processors than this one: a sample of `cargo xtask threads`.

use std::{collections::BTreeSet, num::NonZero};

use afmpeg_engine::capabilities::Codec;
use afmpeg_tests::threads::{Frames, Judge, VARIANTS, Variant, sample};
use afmpeg_vfs::MemFs;

use crate::harness::{full, native, repository};

/// Decoders with threads for codecs that neither the module nor native FFmpeg encodes.
const WITHOUT_ENCODER: &[&str] = &[
    "aic",
    "cllc",
    "cri",
    "dds",
    "dsd_lsbf",
    "dsd_lsbf_planar",
    "dsd_msbf",
    "dsd_msbf_planar",
    "dxtory",
    "fic",
    "fraps",
    "hqx",
    "hymt",
    "lagarith",
    "mdec",
    "mimic",
    "mszh",
    "notchlc",
    "photocd",
    "pixlet",
    "prores_raw",
    "psd",
    "rtv1",
    "rv30",
    "rv40",
    "rv60",
    "sheervideo",
    "tak",
    "vble",
    "vmix",
    "vp3",
    "vp4",
    "vp6a",
    "ylc",
];

/// A codec that only the RTP muxer takes.
const WITHOUT_FILE: &str = "bitpacked";

#[test]
fn every_codec_with_threads_is_tried() {
    let module = full();
    let has = module.runtime.capabilities().unwrap();
    let name = |variant: &Variant| variant.encoder.split(' ').next().unwrap();
    let codec = |variant: &Variant| match variant.frames {
        Frames::Native(codec) => codec,
        _ => has.encoder(name(variant)).unwrap().codec.as_str(),
    };
    let encoders: BTreeSet<&str> = VARIANTS.iter().map(name).chain([WITHOUT_FILE]).collect();
    let codecs: BTreeSet<&str> = VARIANTS.iter().map(codec).chain([WITHOUT_FILE]).collect();

    let threaded = has.encoders.iter().filter(|encoder| has_threads(encoder));
    let untried: Vec<&str> =
        threaded.map(|encoder| &*encoder.name).filter(|name| !encoders.contains(name)).collect();
    assert_eq!(untried, [] as [&str; 0]);
    let threaded = has.decoders.iter().filter(|decoder| has_threads(decoder));
    let untried = threaded.filter(|decoder| !codecs.contains(&*decoder.codec)).map(|decoder| &*decoder.name);
    let mut untried: Vec<&str> = untried.collect();
    untried.sort_unstable();
    assert_eq!(untried, WITHOUT_ENCODER);
}

fn has_threads(codec: &Codec) -> bool {
    codec.capabilities.iter().any(|word| word.ends_with("_threads"))
}

/// Runs the sample for one number of processors.
fn frames_are_right_on(processors: usize) {
    let judge = Judge::load(&repository(), native()).unwrap();
    let trials = sample().into_iter().filter(|trial| trial.processors == processors);
    let problems: Vec<String> = trials
        .filter_map(|trial| judge.compare(trial).err().map(|error| format!("{trial}: {error}")))
        .collect();
    assert_eq!(problems, [] as [String; 0]);
}

#[test]
fn frames_are_right_on_1_processor() {
    frames_are_right_on(1);
}

#[test]
fn frames_are_right_on_2_processors() {
    frames_are_right_on(2);
}

#[test]
fn frames_are_right_on_4_processors() {
    frames_are_right_on(4);
}

#[test]
fn frames_are_right_on_12_processors() {
    frames_are_right_on(12);
}

#[test]
fn frames_are_right_on_64_processors() {
    frames_are_right_on(64);
}

#[test]
fn av1_with_a_constant_quality_is_the_same_on_any_number_of_processors() {
    const ARGS: &str = "-f lavfi -i testsrc2=s=256x144:r=25:d=6,hue=h=floor(2*t)*90,format=yuv420p \
        -c:v libsvtav1 -preset 12 -crf 35 -f ivf pipe:1";
    let module = full();
    let encode = |processors| {
        let job = module.runtime.job(MemFs::new()).args(ARGS.split_whitespace());
        job.processors(NonZero::new(processors).unwrap()).run().unwrap().stdout().to_vec()
    };
    let alone = encode(1);
    // Which thread encodes a block depends on the machine's other work.
    for processors in [2, 3, 4].repeat(4) {
        assert!(encode(processors) == alone, "{processors} processors");
    }
}

#[test]
fn guest_detects_its_processors_up_to_12() {
    const ARGS: &str = "-v debug -f lavfi -i testsrc2=s=32x32:d=0.04 -c:v mjpeg -f null -";
    let module = full();
    for (processors, detected) in [(1, 1), (3, 3), (12, 12), (16, 12), (64, 12)] {
        let job = module.runtime.job(MemFs::new()).args(ARGS.split(' '));
        let output = job.processors(NonZero::new(processors).unwrap()).run().unwrap();
        let line = format!("detected {detected} logical cores");
        assert!(output.log().lines().any(|found| found.ends_with(&line)), "{processors}: {}", output.log());
    }
}
