//! Video: what an MP4 file says of itself in its `moov` box (ISO/IEC 14496-12); nothing is decoded.

/// What a video says of itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Video {
    /// Width and height of its first track that has any, in pixels.
    pub size: Option<(u32, u32)>,
    /// How long it plays, in whole seconds, rounded.
    pub seconds: Option<u64>,
}

/// Reads it; what is not there, or not an MP4 file, is not known.
pub fn probe(file: &[u8]) -> Video {
    let Some(movie) = first(file, b"moov") else { return Video::default() };
    let tracks = Boxes(movie).filter(|(kind, _)| kind == b"trak");
    let sizes = tracks.filter_map(|(_, track)| size(first(track, b"tkhd")?));
    let size = sizes.into_iter().find(|(width, height)| *width > 0 && *height > 0);
    Video { size, seconds: first(movie, b"mvhd").and_then(seconds) }
}

/// The boxes of a piece of a file; ends where one does not fit.
struct Boxes<'f>(&'f [u8]);

impl<'f> Iterator for Boxes<'f> {
    type Item = ([u8; 4], &'f [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        let rest = self.0;
        let kind = rest.get(4..8)?.try_into().ok()?;
        let (head, size) = match number(rest, 0)? {
            // A size of 0 reaches to the end, 1 announces a longer number.
            0 => (8, rest.len()),
            1 => (16, usize::try_from(long_number(rest, 8)?).ok()?),
            size => (8, usize::try_from(size).ok()?),
        };
        let content = rest.get(head..size)?;
        self.0 = &rest[size..];
        Some((kind, content))
    }
}

fn first<'f>(piece: &'f [u8], wanted: &[u8; 4]) -> Option<&'f [u8]> {
    Boxes(piece).find(|(kind, _)| kind == wanted).map(|(_, content)| content)
}

fn number(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_be_bytes(bytes.get(at..at + 4)?.try_into().ok()?))
}

fn long_number(bytes: &[u8], at: usize) -> Option<u64> {
    Some(u64::from_be_bytes(bytes.get(at..at + 8)?.try_into().ok()?))
}

/// Width and height of a track's head: 16.16 fixed point after times, flags and a matrix.
fn size(head: &[u8]) -> Option<(u32, u32)> {
    let at = if *head.first()? == 1 { 88 } else { 76 };
    Some((number(head, at)? >> 16, number(head, at + 4)? >> 16))
}

/// The length of a movie's head; all ones stand for unknown.
fn seconds(head: &[u8]) -> Option<u64> {
    let (scale, length, unknown) = if *head.first()? == 1 {
        (number(head, 20)?, long_number(head, 24)?, u64::MAX)
    } else {
        (number(head, 12)?, number(head, 16)?.into(), u32::MAX.into())
    };
    let scale = u64::from(scale);
    (scale > 0 && length != unknown).then(|| length / scale + u64::from(length % scale >= scale.div_ceil(2)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn boxed(kind: &[u8; 4], content: &[u8]) -> Vec<u8> {
        let size = u32::try_from(content.len() + 8).unwrap();
        [&size.to_be_bytes(), &kind[..], content].concat()
    }

    fn movie(seconds: u32, sizes: &[(u32, u32)]) -> Vec<u8> {
        let mut head = vec![0; 100];
        head[12..16].copy_from_slice(&600_u32.to_be_bytes());
        head[16..20].copy_from_slice(&(seconds * 600 + 299).to_be_bytes());
        let mut content = boxed(b"mvhd", &head);
        for (width, height) in sizes {
            let mut head = vec![0; 84];
            head[76..80].copy_from_slice(&(width << 16).to_be_bytes());
            head[80..84].copy_from_slice(&(height << 16).to_be_bytes());
            content.extend(boxed(b"trak", &boxed(b"tkhd", &head)));
        }
        [boxed(b"ftyp", b"isom"), boxed(b"moov", &content)].concat()
    }

    #[test]
    fn the_first_track_with_a_size_and_the_length_are_read() {
        let video = probe(&movie(7, &[(0, 0), (640, 360), (1, 1)]));
        assert_eq!(video, Video { size: Some((640, 360)), seconds: Some(7) });
    }

    #[test]
    fn what_is_cut_anywhere_or_no_video_is_not_known_and_does_no_harm() {
        let whole = movie(7, &[(640, 360)]);
        for end in 0..whole.len() {
            assert_eq!(probe(&whole[..end]), Video::default(), "{end}");
        }
        assert_eq!(probe(b"\x00\x00\x00\x01moov\xff\xff\xff\xff\xff\xff\xff\xff"), Video::default());
        assert_eq!(probe(b"\x00\x00\x00\x05moov____"), Video::default());
    }
}
