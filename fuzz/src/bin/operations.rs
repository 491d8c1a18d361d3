#![no_main]

use std::sync::LazyLock;

use imulator_fuzz::seeds;
use imulator_fuzz::targets::{Bench, operations};
use libfuzzer_sys::fuzz_target;

static BENCH: LazyLock<Bench> = LazyLock::new(Bench::default);

fuzz_target!(init: seeds::write("operations"), |input: &[u8]| operations(&BENCH, input));
