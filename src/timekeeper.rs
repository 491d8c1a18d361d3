//! Timekeeper: lets happen what is due while nobody calls, as long as the clock follows the machine's.
//!
//! A clock that stands still is settled by whoever moves it, so that the same requests give the same journal.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;

use crate::api::house::House;
use crate::kernel::clock::sleep_real;

/// How long something may be due before it is done. A look costs one number for each application, none for its rooms.
const TICK: Duration = Duration::from_secs(1);

/// Looks at every tick, until told to stop.
pub async fn keep(house: Arc<House>, mut stop: watch::Receiver<bool>) {
    loop {
        tokio::select! {
            () = sleep_real(TICK) => {}
            _ = stop.wait_for(|stopped| *stopped) => return,
        }
        if house.clock.is_system() {
            house.settle();
        }
    }
}
