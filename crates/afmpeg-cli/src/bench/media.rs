//! The media of the bench, made by the module in memory.

use afmpeg_engine::{CancelToken, Limits, Runtime};
use afmpeg_vfs::MemFs;

use super::jobs::{FILM, SOUND};
use crate::failure::Failure;

/// Encodes the film and the sound.
pub(super) fn make(runtime: &Runtime, cancel: &CancelToken) -> Result<MemFs, Failure> {
    let fs = MemFs::new();
    let capabilities = runtime.capabilities()?;
    let encoder = ["libx264", "libopenh264"].into_iter().find(|name| capabilities.encoder(name).is_some());
    let encoder = encoder.ok_or_else(|| {
        Failure::usage("this module has no encoder of H.264", "use a module with libx264 or libopenh264")
    })?;
    let film = format!(
        "-f lavfi -i testsrc2=size=1280x720:rate=25:duration=4 -pix_fmt yuv420p -c:v {encoder} -b:v 4M -g 50 {FILM}"
    );
    let sound =
        format!("-f lavfi -i sine=frequency=220:beep_factor=4:duration=60:sample_rate=48000 -ac 2 {SOUND}");
    for line in [film, sound] {
        let job = runtime.job(fs.clone()).args(line.split(' ')).limits(Limits::none());
        job.cancel_token(cancel).run()?;
    }
    Ok(fs)
}
