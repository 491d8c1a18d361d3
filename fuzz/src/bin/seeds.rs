//! Writes what each target starts from, a file each: `seeds DIRECTORY TARGET`.

use std::path::PathBuf;
use std::{env, fs};

use imulator_fuzz::seeds;

fn main() {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [directory, target] = arguments.as_slice() else { panic!("usage: seeds DIRECTORY TARGET") };
    let directory = PathBuf::from(directory);
    fs::create_dir_all(&directory).expect("the directory can be made");
    for (at, seed) in seeds::of(target).iter().enumerate() {
        fs::write(directory.join(format!("seed-{at:03}")), seed).expect("a seed can be written");
    }
}
