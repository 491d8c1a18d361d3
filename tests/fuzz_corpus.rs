//! The fuzzers' targets without a fuzzer: the kept corpus, what it starts from, and small changes of both.

#[path = "../fuzz/src/seeds.rs"]
mod seeds;
#[path = "../fuzz/src/targets.rs"]
mod targets;

use std::panic::{self, AssertUnwindSafe};
use std::path::Path;
use std::{env, fs};

use targets::{Bench, TARGETS, Target};

/// Changed inputs of each target; `IMULATOR_FUZZ_CHANGES` sets another number.
const CHANGES: usize = 300;

/// What is kept of a target, and what it starts from.
fn inputs(target: &str) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus").join(target);
    let entries = fs::read_dir(&folder).unwrap_or_else(|fault| panic!("{}: {fault}", folder.display()));
    let mut files: Vec<_> = entries.map(|entry| entry.expect("an entry is readable").path()).collect();
    files.sort();
    assert!(!files.is_empty(), "{} has inputs", folder.display());
    files.into_iter().map(|file| fs::read(file).expect("an input is readable")).chain(seeds::of(target)).collect()
}

/// Tries an input, and tells it where it breaks a promise.
fn try_one(name: &str, run: Target, bench: &Bench, input: &[u8]) {
    if panic::catch_unwind(AssertUnwindSafe(|| run(bench, input))).is_err() {
        panic!("the target {name} broke on b\"{}\"", input.escape_ascii());
    }
}

/// A generator of numbers that are the same in each run (xorshift, Marsaglia 2003).
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % end.max(1) as u64) as usize
    }

    /// An input with up to four changes: bytes changed, taken away, doubled, or taken from another input.
    fn change(&mut self, input: &[u8], other: &[u8]) -> Vec<u8> {
        let mut changed = input.to_vec();
        for _ in 0..=self.below(4) {
            let (from, length) = (self.below(changed.len()), self.below(16) + 1);
            let part = from..(from + length).min(changed.len());
            match self.below(5) {
                0 if !changed.is_empty() => changed[from] ^= 1 << self.below(8),
                1 => drop(changed.drain(part)),
                2 => changed.extend_from_within(part),
                3 => {
                    let start = self.below(other.len());
                    changed.splice(part, other[start..(start + length).min(other.len())].iter().copied());
                }
                _ => changed.insert(from, b"\"{}[]:,0-9e\n\r\xff\0\\u"[self.below(17)]),
            }
        }
        changed
    }
}

#[test]
fn what_fuzzing_found_stays_mended() {
    let bench = Bench::default();
    for (name, run) in TARGETS {
        inputs(name).iter().for_each(|input| try_one(name, run, &bench, input));
    }
}

#[test]
#[allow(clippy::disallowed_methods, reason = "a person says how much is tried")]
fn small_changes_break_nothing() {
    let bench = Bench::default();
    let changes = env::var("IMULATOR_FUZZ_CHANGES").ok().and_then(|text| text.parse().ok()).unwrap_or(CHANGES);
    for (name, run) in TARGETS {
        let (inputs, mut dice) = (inputs(name), Dice(0x9e37_79b9_7f4a_7c15));
        for _ in 0..changes {
            let (one, other) = (dice.below(inputs.len()), dice.below(inputs.len()));
            try_one(name, run, &bench, &dice.change(&inputs[one], &inputs[other]));
        }
    }
}
