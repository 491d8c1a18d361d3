//! `--state` under kill -9: whenever it comes, the file is a whole document that the next process starts from, nothing
//! is in it that was not asked for, and nothing is missing that two later writes had to see.

#![allow(clippy::print_stdout, reason = "what was seen is a figure of docs/reliability.md")]

mod crashes;
mod process;

use crashes::{Tally, lane};

/// Lanes beside each other, each with its own file; most of a round is waiting.
const LANES: u64 = 4;

/// Kills so many times in each lane, and says what was seen.
fn kill(rounds: u64) {
    let lanes: Vec<_> = (0..LANES).map(|number| std::thread::spawn(move || lane(number, rounds))).collect();
    let mut all = Tally::default();
    for lane in lanes {
        all.add(&lane.join().expect("no lane finds a fault"));
    }
    println!("{all}");
    assert_eq!(all.kills, LANES * rounds);
    assert!(all.within_a_write > 0, "some kills have to come while a write is under way");
    assert!(all.writes > all.kills, "and the file is written all the while");
}

#[test]
fn the_state_file_survives_a_kill_at_any_moment() {
    kill(6);
}

#[test]
#[ignore = "hundreds of kills, for the longer checks"]
fn the_state_file_survives_hundreds_of_kills() {
    kill(75);
}
