//! The filesystem of a job, and the outputs on it.

use std::{collections::BTreeMap, io, sync::Arc};

use afmpeg_engine::ErrorKind;
use afmpeg_vfs::{
    Change, ObjectFs, OpenOptions, Overlay, SpoolFs, SpoolLimits, VFile, VPath, Vfs as _, VfsExt as _,
};
use object_store::{ObjectStore, ObjectStoreExt as _};
use parking_lot::Mutex;
use sha2::{Digest as _, Sha256};
use url::Url;

use super::failure::Failed;
use crate::{
    error::Error,
    inputs::{InputFile, Inputs},
    job::{FleetJob, Input},
    state::OutputObject,
    stores::{Place, Stores},
};

/// The length of a piece that is hashed, in bytes.
const PIECE: usize = 1 << 20;

/// The stores that inputs are read from: the jobs of a worker share their caches, since the chunks of a film all read
/// its index.
#[derive(Debug, Default)]
pub(super) struct Readers(Mutex<Vec<(Arc<dyn ObjectStore>, ObjectFs)>>);

impl Readers {
    fn of(&self, store: &Arc<dyn ObjectStore>) -> ObjectFs {
        let mut readers = self.0.lock();
        if let Some((_, reader)) = readers.iter().find(|(known, _)| Arc::ptr_eq(known, store)) {
            return reader.clone();
        }
        let reader = ObjectFs::new(Arc::clone(store));
        readers.push((Arc::clone(store), reader.clone()));
        reader
    }
}

/// The filesystem of a job: its inputs, and a spool for what it writes.
#[derive(Debug, Clone)]
pub(super) struct Files(pub(super) Overlay);

/// An output that a job has written, before it is stored.
#[derive(Debug, Clone)]
pub(super) struct Prepared {
    pub(super) path: VPath,
    pub(super) object: OutputObject,
}

/// Finds the inputs of a job, and refuses those that have changed.
pub(super) async fn inputs(job: &FleetJob, stores: &Stores) -> Result<Vec<(VPath, Place, u64)>, Failed> {
    let mut found = Vec::new();
    for (path, input) in &job.inputs {
        let place = stores.place(&input.url)?;
        let bytes = unchanged(input, &place).await?;
        found.push((job.path(path)?, place, bytes));
    }
    Ok(found)
}

/// Returns the length of an input, in bytes, if the store still has the version of the job.
async fn unchanged(input: &Input, place: &Place) -> Result<u64, Failed> {
    let found = place.store.head(&place.key).await;
    let found = found.map_err(Error::store("read the version of", &input.url))?;
    let is_same = input.version.as_ref().is_none_or(|expected| {
        (&expected.e_tag, &expected.version, expected.bytes) == (&found.e_tag, &found.version, found.size)
    });
    if is_same {
        return Ok(found.size);
    }
    let message = format!("the input {} has changed since the job was submitted", input.url);
    Err(Failed::for_good(ErrorKind::InvalidArgument, message, "submit the job again"))
}

impl Files {
    /// Creates the filesystem of a job with these inputs.
    pub(super) fn new(
        job: &FleetJob,
        inputs: Vec<(VPath, Place, u64)>,
        readers: &Readers,
        spool: SpoolLimits,
    ) -> Result<Self, Failed> {
        let mut files = BTreeMap::new();
        for (path, Place { store, key }, bytes) in inputs {
            let key = VPath::new(format!("/{key}")).map_err(|error| Failed::of_files(error.to_string()))?;
            files.insert(path, InputFile { fs: readers.of(&store), path: key, bytes });
        }
        let overlay = Overlay::new(Inputs(files), SpoolFs::new(spool));
        let mut folders = vec![job.path(".")?];
        for (path, url) in &job.outputs {
            let path = job.path(path)?;
            folders.extend(if is_folder(url) { Some(path) } else { path.parent() });
        }
        for folder in folders {
            let created = overlay.create_dir_all(folder.as_str());
            created
                .map_err(|error| Failed::of_files(format!("cannot create the folder {folder}: {error}")))?;
        }
        Ok(Self(overlay))
    }

    /// Returns the outputs of a job that has succeeded. It reads them whole, to hash them.
    pub(super) fn outputs(&self, job: &FleetJob) -> Result<Vec<Prepared>, Failed> {
        let mut outputs = Vec::new();
        for (path, url) in &job.outputs {
            outputs.push((job.path(path)?, url));
        }
        let unreadable = |error: io::Error| Failed::of_files(format!("cannot read the outputs: {error}"));
        let mut prepared = Vec::new();
        for change in self.0.changes().map_err(unreadable)? {
            let path = match &change {
                Change::CreatedDir(_) => continue,
                Change::Written(path) => path,
                change => return Err(not_an_output(&format!("{change}"))),
            };
            let Some(url) = outputs.iter().find_map(|(output, url)| location(path, output, url)) else {
                return Err(not_an_output(&change.to_string()));
            };
            let file = self.0.open(path, OpenOptions::new().read(true)).map_err(unreadable)?;
            let (bytes, sha256) = hash(&*file).map_err(unreadable)?;
            prepared.push(Prepared { path: path.clone(), object: OutputObject { url, bytes, sha256 } });
        }
        let is_missing =
            |(output, _): &&(VPath, &Url)| !prepared.iter().any(|found| found.path.starts_with(output));
        if let Some((path, _)) = outputs.iter().find(is_missing) {
            let message = format!("the job did not write its output {path}");
            return Err(Failed::for_good(ErrorKind::InvalidArgument, message, "check the arguments"));
        }
        Ok(prepared)
    }
}

/// Whether an output is a folder.
fn is_folder(url: &Url) -> bool {
    url.path().ends_with('/')
}

/// Returns the location of the file at `path`, if it belongs to the output at `output`.
fn location(path: &VPath, output: &VPath, url: &Url) -> Option<Url> {
    let below = path.strip_prefix(output)?;
    if !is_folder(url) {
        return below.is_empty().then(|| url.clone());
    }
    let mut url = url.clone();
    url.path_segments_mut().ok()?.pop_if_empty().extend(below.split('/').filter(|name| !name.is_empty()));
    (!below.is_empty()).then_some(url)
}

fn not_an_output(change: &str) -> Failed {
    let hint = "declare an output for it, or let the job write it to /tmp";
    Failed::for_good(
        ErrorKind::InvalidArgument,
        format!("the job has {change}, which is not an output"),
        hint,
    )
}

/// Returns the length of a file and its SHA-256.
fn hash(file: &dyn VFile) -> io::Result<(u64, String)> {
    let (mut piece, mut bytes, mut hash) = (vec![0; PIECE], 0, Sha256::new());
    loop {
        match file.read_at(&mut piece, bytes) {
            Ok(0) => return Ok((bytes, hex::encode(hash.finalize()))),
            Ok(count) => {
                hash.update(&piece[..count]);
                bytes += count as u64;
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}
