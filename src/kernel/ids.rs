//! Ids: everything that would be drawn by chance, drawn from a seed instead.
//!
//! A stream of numbers is a key and a count: the same seed, tenant and count give the same numbers, and a snapshot
//! keeps just the count. Shapes of the vendors' ids are made from these numbers; not for secrets of a real service.

use std::hash::{BuildHasher, Hasher};
use std::sync::atomic::{AtomicU64, Ordering};

/// The increment of the SplitMix64 generator.
const STEP: u64 = 0x9e37_79b9_7f4a_7c15;
/// The alphabet of RFC 4648 base 32, which server-made Tencent group ids use.
const BASE32: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// A seeded stream of numbers, shared by all threads of a tenant.
#[derive(Debug)]
pub struct Ids {
    key: u64,
    drawn: AtomicU64,
}

impl Ids {
    /// The stream of this seed and name, as if `drawn` numbers had been taken from it.
    pub fn new(seed: u64, name: &str, drawn: u64) -> Self {
        let key = name.bytes().fold(mix(seed), |key, byte| mix(key ^ u64::from(byte)));
        Self { key, drawn: AtomicU64::new(drawn) }
    }

    /// How many numbers have been taken: the state of the stream.
    pub fn drawn(&self) -> u64 {
        self.drawn.load(Ordering::SeqCst)
    }

    /// Counts one on and gives the count: 1, 2, 3, ….
    pub fn count(&self) -> u64 {
        self.drawn.fetch_add(1, Ordering::SeqCst) + 1
    }

    /// The next number.
    pub fn draw(&self) -> u64 {
        self.at(self.count())
    }

    /// The number at this place of the stream, without moving it.
    pub fn at(&self, place: u64) -> u64 {
        mix(self.key.wrapping_add(place.wrapping_mul(STEP)))
    }

    /// `length` characters of base 32, upper case.
    pub fn base32(&self, length: usize) -> String {
        let mut number = self.draw();
        let mut text = String::with_capacity(length);
        for place in 0..length {
            if place > 0 && place % 12 == 0 {
                number = self.draw();
            }
            text.push(char::from(BASE32[usize::try_from(number % 32).unwrap_or(0)]));
            number /= 32;
        }
        text
    }

    /// So many bytes.
    pub fn bytes(&self, length: usize) -> Vec<u8> {
        let words = std::iter::repeat_with(|| self.draw().to_le_bytes());
        words.take(length.div_ceil(8)).flatten().take(length).collect()
    }

    /// A MongoDB ObjectId for this second: 24 hex digits, growing with the calls, as time-ordered ids do.
    pub fn object_id(&self, seconds: i64) -> String {
        let count = self.count();
        // The five machine bytes stay the same in a tenant; the high bits of the count keep ids apart after 2^24 of them.
        let machine = self.key & 0xff_ffff_ffff;
        let machine = machine.wrapping_add(count >> 24) & 0xff_ffff_ffff;
        format!("{:08x}{machine:010x}{:06x}", seconds & 0xffff_ffff, count & 0xff_ffff)
    }
}

/// A seed from the machine's chance, for those who gave none.
pub fn random_seed() -> u64 {
    std::collections::hash_map::RandomState::new().build_hasher().finish()
}

/// The finalizer of SplitMix64: every bit of the result depends on every bit of the argument.
fn mix(mut z: u64) -> u64 {
    z = z.wrapping_add(STEP);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_and_name_give_the_same_numbers() {
        let (one, two) = (Ids::new(7, "a", 0), Ids::new(7, "a", 0));
        assert_eq!([one.draw(), one.draw()], [two.draw(), two.draw()]);
        assert_ne!(Ids::new(7, "a", 0).draw(), Ids::new(7, "b", 0).draw());
    }

    #[test]
    fn a_stream_goes_on_where_its_count_left_it() {
        let ids = Ids::new(7, "a", 0);
        ids.draw();
        let resumed = Ids::new(7, "a", ids.drawn());
        assert_eq!(ids.draw(), resumed.draw());
    }

    #[test]
    fn object_ids_have_24_hex_digits_and_grow() {
        let ids = Ids::new(7, "a", 0);
        let (first, second) = (ids.object_id(1_700_000_000), ids.object_id(1_700_000_000));
        assert_eq!(first.len(), 24);
        assert!(first.starts_with("6553f100") && first < second);
    }

    #[test]
    fn base32_uses_its_alphabet_at_any_length() {
        let text = Ids::new(7, "a", 0).base32(30);
        assert_eq!(text.len(), 30);
        assert!(text.bytes().all(|byte| BASE32.contains(&byte)));
    }
}
