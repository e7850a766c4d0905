//! The fonts in folders of a job's filesystem, as a list that FFmpeg's text filters read in place of fontconfig.
//!
//! A font has these texts in the list, with a NUL behind each: its path; its index in a collection, its weight, slant and
//! width, and 1 if it has PostScript outlines, else 0; its PostScript name; its families, and an empty text; its full
//! names, and an empty text. Weights are those of OpenType, 100 to 900; slants those of fontconfig, 0, 100 (italic) or 110
//! (oblique); widths are in per cent. The reader is in `wasm-build/libraries/libass/0002-fonts-of-the-host.patch`.

use std::io;

use afmpeg_vfs::{OpenOptions, VFile, VPath, Vfs, VfsExt as _};
use ttf_parser::{
    Face, FaceParsingError, PlatformId, RawFace, RawFaceTables, Style, TableRecord, Tag, fonts_in_collection,
    name::Name, name_id,
};

use crate::read_up_to::read_up_to;

/// The extensions of font files, in lower case.
const EXTENSIONS: [&str; 4] = ["otc", "otf", "ttc", "ttf"];

/// The number of bytes at the start of a file that are read first: the tables' offsets are usually there.
const HEAD: usize = 16 << 10;

/// The longest table that is read, in bytes. Names take a few kilobytes.
const MAX_TABLE: u32 = 4 << 20;

/// The most fonts of one file.
const MAX_FACES: u32 = 256;

/// Returns the list of the fonts in `folders` and below. Files that are not fonts are left out with a warning.
pub(crate) fn list(fs: &dyn Vfs, folders: &[String]) -> Vec<u8> {
    let mut list = Vec::new();
    for folder in folders {
        let paths = fs.walk(folder).unwrap_or_else(|error| {
            tracing::warn!(%folder, %error, "cannot list a folder of fonts");
            Vec::new()
        });
        for path in paths.iter().filter(|path| is_font(path)) {
            let added = add_file(&mut list, fs, path);
            added.unwrap_or_else(|error| tracing::warn!(%path, %error, "cannot read a font"));
        }
    }
    list
}

fn is_font(path: &str) -> bool {
    let extension = path.rsplit_once('.').map(|(_, extension)| extension.to_ascii_lowercase());
    extension.is_some_and(|extension| EXTENSIONS.contains(&extension.as_str()))
}

/// Adds the fonts of a file to `list`.
fn add_file(list: &mut Vec<u8>, fs: &dyn Vfs, path: &str) -> io::Result<()> {
    let file = fs.open(&VPath::new(path)?, OpenOptions::new().read(true))?;
    let mut head = read_up_to(&*file, 0, HEAD)?;
    for index in 0..fonts_in_collection(&head).unwrap_or(1).min(MAX_FACES) {
        if RawFace::parse(&head, index).is_err() && head.len() == HEAD {
            // The offsets of this font are further behind.
            head = file.contents()?.to_vec();
        }
        let raw = RawFace::parse(&head, index).map_err(not_a_font)?;
        let table =
            |tag: &[u8; 4]| table_of(&raw, tag).map_or(Ok(Vec::new()), |table| read_table(&*file, table));
        let (header, hhea, maxp) = (table(b"head")?, table(b"hhea")?, table(b"maxp")?);
        let (name, os2, post) = (table(b"name")?, table(b"OS/2")?, table(b"post")?);
        let tables = RawFaceTables {
            head: &header,
            hhea: &hhea,
            maxp: &maxp,
            name: Some(&name),
            os2: Some(&os2),
            post: Some(&post),
            ..RawFaceTables::default()
        };
        let face = Face::from_raw_tables(tables).map_err(not_a_font)?;
        add_face(list, path, index, &face, table_of(&raw, b"CFF ").is_some());
    }
    Ok(())
}

fn not_a_font(error: FaceParsingError) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, error)
}

fn table_of(raw: &RawFace<'_>, tag: &[u8; 4]) -> Option<TableRecord> {
    raw.table_records.into_iter().find(|record| record.tag == Tag::from_bytes(tag))
}

fn read_table(file: &dyn VFile, table: TableRecord) -> io::Result<Vec<u8>> {
    read_up_to(file, table.offset.into(), table.length.min(MAX_TABLE) as usize)
}

fn add_face(list: &mut Vec<u8>, path: &str, index: u32, face: &Face<'_>, is_postscript: bool) {
    let families = names(face, &[name_id::TYPOGRAPHIC_FAMILY, name_id::FAMILY]);
    if families.is_empty() {
        tracing::warn!(%path, index, "a font has no family");
        return;
    }
    let slant = match face.style() {
        Style::Normal => 0,
        Style::Italic => 100,
        Style::Oblique => 110,
    };
    let numbers = [index, face.weight().to_number().into(), slant, percent(face), u32::from(is_postscript)];
    let mut add = |text: &str| {
        list.extend_from_slice(text.as_bytes());
        list.push(0);
    };
    add(path);
    add(&numbers.map(|number| number.to_string()).join(" "));
    add(names(face, &[name_id::POST_SCRIPT_NAME]).first().map_or("", String::as_str));
    for names in [families, names(face, &[name_id::FULL_NAME])] {
        names.iter().for_each(|name| add(name));
        add("");
    }
}

/// Returns the width in per cent of the normal one: `usWidthClass` of the OpenType specification.
fn percent(face: &Face<'_>) -> u32 {
    const PERCENT: [u32; 9] = [50, 63, 75, 88, 100, 113, 125, 150, 200];
    let class = usize::from(face.width().to_number());
    PERCENT.get(class.saturating_sub(1)).copied().unwrap_or(100)
}

/// Returns the different names of a font, in the order of `ids`, in all languages.
fn names(face: &Face<'_>, ids: &[u16]) -> Vec<String> {
    let mut found = Vec::new();
    for name in ids.iter().flat_map(|id| face.names().into_iter().filter(move |name| name.name_id == *id)) {
        let text = text_of(&name).filter(|text| !text.is_empty() && !text.contains('\0'));
        found.extend(text.filter(|text| !found.contains(text)));
    }
    found
}

/// Returns the text of a name in Unicode, or in ASCII, which other encodings contain.
fn text_of(name: &Name<'_>) -> Option<String> {
    let is_ascii = name.platform_id == PlatformId::Macintosh && name.name.is_ascii();
    name.to_string().or_else(|| is_ascii.then(|| String::from_utf8_lossy(name.name).into_owned()))
}

#[cfg(test)]
mod tests {
    use afmpeg_vfs::MemFs;

    use super::*;

    const FONT: &[u8] = include_bytes!("../../../fixtures/DejaVuSansMono.ttf");

    fn texts(list: &[u8]) -> Vec<String> {
        let list = String::from_utf8(list.to_owned()).unwrap();
        list.split_terminator('\0').map(str::to_owned).collect()
    }

    #[test]
    fn font_has_its_names_and_its_style() {
        let fs = MemFs::new();
        fs.insert("/fonts/deep/mono.TTF", FONT).unwrap();
        let list = texts(&list(&fs, &["/fonts".to_owned()]));
        assert_eq!(
            list,
            [
                "/fonts/deep/mono.TTF",
                "0 400 0 100 0",
                "DejaVuSansMono",
                "DejaVu Sans Mono",
                "",
                "DejaVu Sans Mono",
                ""
            ]
        );
    }

    #[test]
    fn fonts_of_a_collection_have_their_index() {
        // The header of a collection of two fonts, which are one and the same, behind it.
        let mut collection = b"ttcf\0\x01\0\0\0\0\0\x02\0\0\0\x14\0\0\0\x14".to_vec();
        let moved = u32::try_from(collection.len()).unwrap();
        let mut font = FONT.to_vec();
        let tables = usize::from(u16::from_be_bytes([font[4], font[5]]));
        for record in font[12..12 + 16 * tables].chunks_exact_mut(16) {
            let offset = u32::from_be_bytes([record[8], record[9], record[10], record[11]]) + moved;
            record[8..12].copy_from_slice(&offset.to_be_bytes());
        }
        collection.extend(font);
        let fs = MemFs::new();
        fs.insert("/fonts/two.ttc", collection).unwrap();
        let list = texts(&list(&fs, &["/fonts".to_owned()]));
        let numbers: Vec<&String> = list.iter().filter(|text| text.ends_with(" 400 0 100 0")).collect();
        assert_eq!(numbers, ["0 400 0 100 0", "1 400 0 100 0"]);
    }

    #[test]
    fn files_that_are_not_fonts_are_left_out() {
        let fs = MemFs::new();
        for (name, bytes) in [("a.ttf", &FONT[..100]), ("b.ttf", b""), ("c.otf", b"text"), ("d.txt", FONT)] {
            fs.insert(format!("/fonts/{name}"), bytes).unwrap();
        }
        fs.insert("/fonts/e.ttf", FONT).unwrap();
        let folders = ["/none".to_owned(), "/fonts".to_owned()];
        assert_eq!(texts(&list(&fs, &folders)).first().map(String::as_str), Some("/fonts/e.ttf"));
    }
}
