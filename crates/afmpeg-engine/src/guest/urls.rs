//! The device on which a guest opens URLs: see FFmpeg's patch `0021-urls-of-the-host.patch`.

use std::{
    io,
    sync::{Arc, OnceLock},
};

use afmpeg_vfs::{
    DevFs, FaultLog, FileType, Metadata, OpenUrl, Operation, UrlFile, UrlRequest, VFile, VPath,
};

/// The name of the device, and the variable that has its path.
pub(super) const URLS: (&str, &str) = ("urls", "AFMPEG_URLS");

/// The longest request, in bytes: as for the headers of web servers.
const MAX_REQUEST: usize = 64 << 10;

/// Adds the device.
pub(super) fn add_to(dev: DevFs, urls: Arc<dyn OpenUrl>, faults: &FaultLog) -> DevFs {
    let faults = faults.clone();
    dev.with_file(URLS.0, move || {
        Box::new(Exchange { urls: Arc::clone(&urls), faults: faults.clone(), response: OnceLock::new() })
    })
}

/// A request, which the guest writes at once, and then the response in its place.
struct Exchange {
    urls: Arc<dyn OpenUrl>,
    faults: FaultLog,
    response: OnceLock<Response>,
}

/// The head, which has its own length, the URL after redirects and the media type; then the bytes of the file.
struct Response {
    head: Vec<u8>,
    file: Box<dyn VFile>,
}

impl Response {
    fn new(found: UrlFile) -> io::Result<Self> {
        let text = format!("{}\n{}", found.url, found.media_type.unwrap_or_default());
        let len = u32::try_from(text.len()).map_err(|_| io::ErrorKind::InvalidData)?;
        Ok(Self { head: [len.to_le_bytes().as_slice(), text.as_bytes()].concat(), file: found.file })
    }
}

impl Exchange {
    /// Records an error, and returns that of the guest. The guest writes a request, but the user reads that a URL was
    /// opened.
    fn record(&self, error: io::Error) -> io::Error {
        let kind = match error.kind() {
            // As the refusal of a URL or a header, it is recorded; as an error in the arguments of a call, it is not.
            io::ErrorKind::InvalidInput => io::ErrorKind::PermissionDenied,
            kind => kind,
        };
        if let Ok(path) = VPath::new(format!("/dev/{}", URLS.0)) {
            self.faults.record(Operation::Open, &path, io::Error::new(kind, error.to_string()));
        }
        kind.into()
    }

    fn answer(&self, request: &[u8]) -> io::Result<()> {
        let request = parse(request).ok_or_else(|| {
            let message =
                format!("a request is a URL and header fields, of at most {MAX_REQUEST} bytes in UTF-8");
            self.record(io::Error::new(io::ErrorKind::PermissionDenied, message))
        })?;
        let found = self.urls.open_url(&request).map_err(|error| self.record(error))?;
        self.response.set(Response::new(found)?).map_err(|_| io::ErrorKind::InvalidInput.into())
    }
}

/// Parses a URL and header fields, each with a line feed behind it.
fn parse(request: &[u8]) -> Option<UrlRequest> {
    let text = str::from_utf8(request).ok().filter(|text| text.len() <= MAX_REQUEST)?;
    let mut lines = text.strip_suffix('\n')?.split('\n');
    let request = UrlRequest::new(lines.next()?);
    lines.try_fold(request, |request, line| {
        let (name, value) = line.split_once(':')?;
        Some(request.header(name.trim(), value.trim()))
    })
}

impl std::fmt::Debug for Exchange {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Exchange").finish_non_exhaustive()
    }
}

impl VFile for Exchange {
    fn read_at(&self, buf: &mut [u8], offset: u64) -> io::Result<usize> {
        let Some(Response { head, file }) = self.response.get() else { return Ok(0) };
        let head_len = head.len() as u64;
        if offset >= head_len {
            return file.read_at(buf, offset - head_len);
        }
        let rest = usize::try_from(offset).ok().and_then(|offset| head.get(offset..)).unwrap_or_default();
        let count = rest.len().min(buf.len());
        buf[..count].copy_from_slice(&rest[..count]);
        Ok(count)
    }

    fn write_at(&self, bytes: &[u8], _: u64) -> io::Result<usize> {
        self.answer(bytes).map(|()| bytes.len())
    }

    fn metadata(&self) -> io::Result<Metadata> {
        match self.response.get() {
            Some(Response { head, file }) => {
                let mut metadata = file.metadata()?;
                metadata.len = metadata.len.saturating_add(head.len() as u64);
                Ok(metadata)
            }
            None => Ok(Metadata::new(FileType::File, 0)),
        }
    }
}

#[cfg(test)]
mod tests {
    use afmpeg_vfs::{MemFs, OpenOptions, Vfs as _, VfsExt as _};

    use super::*;

    fn device(urls: impl OpenUrl + 'static) -> Box<dyn VFile> {
        let dev = add_to(DevFs::new(), Arc::new(urls), &FaultLog::new());
        dev.open(&VPath::new(URLS.0).unwrap(), OpenOptions::new().read(true).write(true)).unwrap()
    }

    fn clip(request: &UrlRequest) -> io::Result<UrlFile> {
        let fs = MemFs::new();
        fs.write("/clip", "0123456789")?;
        let mut found =
            UrlFile::new(fs.open(&VPath::new("/clip")?, OpenOptions::new().read(true))?, &request.url);
        found.media_type = Some(format!("{:?}", request.headers));
        Ok(found)
    }

    #[test]
    fn response_has_the_final_url_the_media_type_and_the_bytes() {
        let file = device(clip);
        file.write_at(b"https://a.example/clip\nReferer: https://b.example/\n", 0).unwrap();
        let head = "https://a.example/clip\n[(\"Referer\", \"https://b.example/\")]";
        let expected =
            [&u32::try_from(head.len()).unwrap().to_le_bytes(), head.as_bytes(), b"0123456789"].concat();
        assert_eq!(file.len().unwrap(), expected.len() as u64);
        let mut read = vec![0; expected.len()];
        for (offset, byte) in (0..).zip(&mut read) {
            assert_eq!(file.read_at(std::slice::from_mut(byte), offset).unwrap(), 1);
        }
        assert_eq!(read, expected);
    }

    #[test]
    fn request_that_is_not_one_is_refused() {
        for request in ["", "https://a.example/", "https://a.example/\nno field\n"] {
            let error = device(clip).write_at(request.as_bytes(), 0).unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::PermissionDenied, "{request:?}");
        }
        let long = format!("https://a.example/{}\n", "a".repeat(MAX_REQUEST));
        assert!(device(clip).write_at(long.as_bytes(), 0).is_err());
    }

    #[test]
    fn second_request_on_one_opening_is_refused() {
        let file = device(clip);
        file.write_at(b"https://a.example/\n", 0).unwrap();
        assert!(file.write_at(b"https://b.example/\n", 0).is_err());
    }
}
