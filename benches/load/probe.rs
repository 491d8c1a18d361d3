//! The client that has done nothing wrong: it adds somebody to a group and takes them out again, at a steady pace.

use std::time::Duration;

use imulator::kernel::clock::{Stopwatch, sleep_real};
use serde_json::json;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use super::line::Line;

/// The application that the probe has to itself.
pub const SDKAPPID: u64 = 900;
/// The pause after each call.
const PACE: Duration = Duration::from_millis(2);

/// What the calls took.
#[derive(Clone, Copy, Debug)]
pub struct Spread {
    pub calls: usize,
    pub median: Duration,
    pub p99: Duration,
    pub worst: Duration,
}

/// A client at work.
pub struct Probe {
    stop: watch::Sender<bool>,
    task: JoinHandle<Vec<Duration>>,
}

impl Probe {
    /// Begins to ask.
    pub fn start(host: &str) -> Self {
        let (stop, stopped) = watch::channel(false);
        Self { stop, task: tokio::spawn(ask(host.to_owned(), stopped)) }
    }

    /// Ends, and says what the calls took.
    ///
    /// # Panics
    /// A call failed.
    pub async fn end(self) -> Spread {
        self.stop.send_replace(true);
        let mut took = self.task.await.expect("each call of one who has done nothing wrong succeeds");
        took.sort_unstable();
        let at = |part: f64| took[((took.len() - 1) as f64 * part) as usize];
        Spread { calls: took.len(), median: at(0.5), p99: at(0.99), worst: at(1.0) }
    }
}

async fn ask(host: String, stopped: watch::Receiver<bool>) -> Vec<Duration> {
    let mut line = Line::to(&host).await.expect("one more connection is taken");
    let add = json!({"GroupId": "probe", "MemberList": [{"Member_Account": "guest"}]});
    let delete = json!({"GroupId": "probe", "MemberToDel_Account": ["guest"]});
    let calls =
        [super::group(SDKAPPID, "add_group_member", &add), super::group(SDKAPPID, "delete_group_member", &delete)];
    let mut took = Vec::new();
    for call in calls.iter().cycle() {
        let watch = Stopwatch::start();
        let answer = line.ask(call).await.expect("it is answered");
        took.push(watch.elapsed());
        assert!(answer.is_done(), "{}", answer.text());
        if *stopped.borrow() {
            break;
        }
        sleep_real(PACE).await;
    }
    took
}
