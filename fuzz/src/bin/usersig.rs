#![no_main]

use std::sync::LazyLock;

use imulator_fuzz::seeds;
use imulator_fuzz::targets::{Bench, signatures};
use libfuzzer_sys::fuzz_target;

static BENCH: LazyLock<Bench> = LazyLock::new(Bench::default);

fuzz_target!(init: seeds::write("usersig"), |input: &[u8]| signatures(&BENCH, input));
