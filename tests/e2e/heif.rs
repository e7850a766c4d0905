//! A writer of HEIF files with a picture of JPEG tiles, for which no other tool here has a muxer.

/// Returns a box of the ISO base media file format.
fn atom(kind: &[u8; 4], content: &[u8]) -> Vec<u8> {
    let size = u32::try_from(content.len() + 8).unwrap();
    [&size.to_be_bytes(), &kind[..], content].concat()
}

/// Returns a box with version and flags.
fn full_atom(kind: &[u8; 4], version: u8, content: &[u8]) -> Vec<u8> {
    atom(kind, &[&[version, 0, 0, 0], content].concat())
}

fn words(numbers: &[usize]) -> Vec<u8> {
    numbers.iter().flat_map(|number| u16::try_from(*number).unwrap().to_be_bytes()).collect()
}

/// Returns a picture of JPEG `tiles` in reading order, `columns` in each row. The picture is `whole` pixels wide and
/// high, which may be less than its tiles.
pub(crate) fn tiled(tiles: &[Vec<u8>], columns: usize, tile: (u32, u32), whole: (u32, u32)) -> Vec<u8> {
    let rows = tiles.len() / columns;
    let grid_id = tiles.len() + 1;
    let size = |(width, height): (u32, u32)| {
        full_atom(b"ispe", 0, &[width.to_be_bytes(), height.to_be_bytes()].concat())
    };
    let grid = [
        &[0, 0, u8::try_from(rows - 1).unwrap(), u8::try_from(columns - 1).unwrap()][..],
        &words(&[whole.0 as usize, whole.1 as usize]),
    ]
    .concat();
    let items: Vec<(usize, &[u8; 4], &[u8])> = tiles
        .iter()
        .enumerate()
        .map(|(index, tile)| (index + 1, b"jpeg", &tile[..]))
        .chain([(grid_id, b"grid", &grid[..])])
        .collect();
    let entry = |(id, kind, _): &(usize, &[u8; 4], &[u8])| {
        full_atom(b"infe", 2, &[&words(&[*id, 0])[..], &kind[..], b"\0"].concat())
    };
    let entries: Vec<u8> = items.iter().flat_map(entry).collect();
    let information = full_atom(b"iinf", 0, &[&words(&[items.len()])[..], &entries].concat());
    let tile_ids: Vec<usize> = (1..=tiles.len()).collect();
    let reference = atom(b"dimg", &[words(&[grid_id, tiles.len()]), words(&tile_ids)].concat());
    let references = full_atom(b"iref", 0, &reference);
    let properties = atom(b"ipco", &[size(tile), size(whole)].concat());
    let association = |(id, kind, _): &(usize, &[u8; 4], &[u8])| {
        [&words(&[*id])[..], &[1, if *kind == b"grid" { 2 } else { 1 }]].concat()
    };
    let associated: Vec<u8> = items.iter().flat_map(association).collect();
    let count = u32::try_from(items.len()).unwrap().to_be_bytes();
    let associations = full_atom(b"ipma", 0, &[&count[..], &associated].concat());
    let properties = atom(b"iprp", &[properties, associations].concat());
    let handler = full_atom(b"hdlr", 0, &[&[0; 4][..], b"pict", &[0; 13]].concat());
    let primary = full_atom(b"pitm", 0, &words(&[grid_id]));
    let kind = atom(b"ftyp", b"mif1\0\0\0\0mif1heic");

    let meta = |start: usize| {
        // Offsets and lengths of four bytes, one extent per item.
        let mut locations = [&[0x44, 0][..], &words(&[items.len()])].concat();
        let mut offset = start;
        for (id, _, data) in &items {
            locations.extend(words(&[*id, 0, 1]));
            for number in [offset, data.len()] {
                locations.extend(u32::try_from(number).unwrap().to_be_bytes());
            }
            offset += data.len();
        }
        let locations = full_atom(b"iloc", 0, &locations);
        let parts = [&handler, &primary, &information, &references, &properties, &locations];
        full_atom(b"meta", 0, &parts.map(Vec::as_slice).concat())
    };
    // The items start after the metadata, whose length does not depend on the offsets in it.
    let start = kind.len() + meta(0).len() + 8;
    let data: Vec<u8> = items.iter().flat_map(|(_, _, data)| data.iter().copied()).collect();
    [kind, meta(start), atom(b"mdat", &data)].concat()
}
