//! A writer of HEIF files whose picture is made of JPEG tiles, since nothing else here makes one.

/// A box of ISO's base media format.
fn atom(kind: &[u8; 4], content: &[u8]) -> Vec<u8> {
    let size = u32::try_from(content.len() + 8).unwrap();
    [&size.to_be_bytes(), &kind[..], content].concat()
}

/// A box with a version and flags.
fn full_atom(kind: &[u8; 4], version: u8, content: &[u8]) -> Vec<u8> {
    atom(kind, &[&[version, 0, 0, 0], content].concat())
}

fn words(numbers: &[usize]) -> Vec<u8> {
    numbers.iter().flat_map(|number| u16::try_from(*number).unwrap().to_be_bytes()).collect()
}

/// A picture of `columns` by rows of tiles, which are JPEGs of this size, in reading order. It is `whole` pixels wide and
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
    let to: Vec<usize> = (1..=tiles.len()).collect();
    let reference = atom(b"dimg", &[words(&[grid_id, tiles.len()]), words(&to)].concat());
    let references = full_atom(b"iref", 0, &reference);
    let properties = atom(b"ipco", &[size(tile), size(whole)].concat());
    let which = |(id, kind, _): &(usize, &[u8; 4], &[u8])| {
        [&words(&[*id])[..], &[1, if *kind == b"grid" { 2 } else { 1 }]].concat()
    };
    let whose: Vec<u8> = items.iter().flat_map(which).collect();
    let count = u32::try_from(items.len()).unwrap().to_be_bytes();
    let associations = full_atom(b"ipma", 0, &[&count[..], &whose].concat());
    let properties = atom(b"iprp", &[properties, associations].concat());
    let handler = full_atom(b"hdlr", 0, &[&[0; 4][..], b"pict", &[0; 13]].concat());
    let primary = full_atom(b"pitm", 0, &words(&[grid_id]));
    let kind = atom(b"ftyp", b"mif1\0\0\0\0mif1heic");

    let meta = |start: usize| {
        // Offsets and lengths of four bytes, one extent for each item.
        let mut places = [&[0x44, 0][..], &words(&[items.len()])].concat();
        let mut at = start;
        for (id, _, data) in &items {
            places.extend(words(&[*id, 0, 1]));
            for number in [at, data.len()] {
                places.extend(u32::try_from(number).unwrap().to_be_bytes());
            }
            at += data.len();
        }
        let places = full_atom(b"iloc", 0, &places);
        let parts = [&handler, &primary, &information, &references, &properties, &places];
        full_atom(b"meta", 0, &parts.map(Vec::as_slice).concat())
    };
    // The places of the items depend on no more than the length of what tells them.
    let start = kind.len() + meta(0).len() + 8;
    let data: Vec<u8> = items.iter().flat_map(|(_, _, data)| data.iter().copied()).collect();
    [kind, meta(start), atom(b"mdat", &data)].concat()
}
