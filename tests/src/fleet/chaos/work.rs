//! The work of a run: jobs that always make the same bytes, and a film.

use std::error::Error;

use afmpeg_cmd::{encoders::video::libx264, film::Variant};
use afmpeg_engine::{JobSpec, Runtime, Tool};
use afmpeg_fleet::{FleetFilm, FleetJob};
use afmpeg_vfs::{MemFs, VfsExt as _};
use bytes::Bytes;

use super::super::{fixtures::Fixtures, media::Media, source};

/// The duration of a chunk, in seconds.
const CHUNK: u64 = 2;

/// Jobs with an input each. Those with a file as their output have a number in it, so that a wrong output differs.
const COMMANDS: [(&str, &str); 6] = [
    ("-i in.mp4 -frames:v 10 -an -c:v libx264 -preset ultrafast -metadata title=N out.mp4", "mp4"),
    ("-i in.mp4 -vf hue=h=N -frames:v 1 -update 1 out.png", "png"),
    ("-i in.mp4 -c copy -metadata title=N out.mkv", "mkv"),
    ("-i in.mp4 -vn -c:a aac -metadata title=N out.m4a", "m4a"),
    ("-i in.mp4 -t 0.4 -vf scale=80:-1,hue=h=N out.gif", "gif"),
    ("-i in.mp4 -c copy -f hls -hls_time 1 -hls_list_size 0 out/list.m3u8", ""),
];

/// Raw frames of 69 MB: too long for the memory of a spool.
const LONG: &str = "-f lavfi -i testsrc2=s=1280x720 -frames:v 50 -pix_fmt nv12 -c:v rawvideo out.nut";

/// The same work on any cluster.
#[derive(Debug, Clone)]
pub(super) struct Work {
    runtime: Runtime,
    film: Bytes,
    clip: Bytes,
    jobs: usize,
}

impl Work {
    pub(super) fn new(jobs: usize, chunks: u64, fixtures: &Fixtures) -> Result<Self, Box<dyn Error>> {
        let runtime = fixtures.runtime()?;
        let film = source::film(&runtime, fixtures, chunks * CHUNK)?;
        let fs = MemFs::new();
        fs.write("/film.mp4", film.clone())?;
        let args = "-i film.mp4 -t 2 -vf scale=320:-2 -c:v libx264 -preset ultrafast -c:a copy clip.mp4";
        runtime.run(fs.clone(), args.split(' '))?;
        Ok(Self { runtime, film, clip: fs.read("/clip.mp4")?, jobs })
    }

    /// Stores the inputs. That of the job [`poisoned`](Self::poisoned) is damaged.
    pub(super) async fn put(&self, media: &Media) -> object_store::Result<()> {
        media.put(source::NAME, self.film.clone()).await?;
        for number in 0..self.jobs {
            let bytes =
                if number == self.poisoned() { Bytes::from_static(b"not a film") } else { self.clip.clone() };
            media.put(&input(number), bytes).await?;
        }
        Ok(())
    }

    /// Returns the number of the job whose input is damaged.
    pub(super) fn poisoned(&self) -> usize {
        self.jobs / 2
    }

    /// Returns the jobs, by their numbers.
    pub(super) fn jobs(&self, media: &Media) -> Vec<FleetJob> {
        let job = |number: usize| {
            let (args, extension) = COMMANDS[number % COMMANDS.len()];
            let args = args.replace("=N", &format!("={number}"));
            let job = self.job(&args).input("in.mp4", media.url(&input(number)));
            match extension {
                "" => job.output("out", media.url(&format!("out/{number}/"))),
                extension => {
                    let output = media.url(&format!("out/{number}.{extension}"));
                    job.output(format!("out.{extension}"), output)
                }
            }
        };
        (0..self.jobs).map(job).collect()
    }

    /// Returns the job with the long output.
    pub(super) fn long(&self, media: &Media) -> FleetJob {
        self.job(LONG).output("out.nut", media.url("out/long.nut"))
    }

    pub(super) fn film(&self, media: &Media) -> Result<FleetFilm, Box<dyn Error>> {
        let variant = Variant::new("180p", libx264().preset("veryfast").crf(30)).height(180);
        source::plan(self.film.clone(), variant, CHUNK, &self.runtime, media)
    }

    fn job(&self, args: &str) -> FleetJob {
        let unattended = Tool::Ffmpeg.unattended_args().iter().copied();
        let spec = JobSpec::new(unattended.chain(["-bitexact"]).chain(args.split(' ')));
        FleetJob::new(source::repeatable(spec), self.runtime.module_sha256())
    }
}

/// Returns the name of the input of a job.
pub(super) fn input(number: usize) -> String {
    format!("in/{number}.mp4")
}
