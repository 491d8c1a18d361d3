//! What a test in the same process reads of the journal, and waits for there.

use std::time::Duration;

use crate::api::entry::EntryView;
use crate::api::house::House;
use crate::kernel::clock::sleep_real;
use crate::kernel::journal::Page;

/// How long a test waits for an entry where it says nothing else, real time.
const WAIT: Duration = Duration::from_secs(10);

/// An entry that was waited for did not come.
#[derive(Debug, thiserror::Error)]
#[error("no entry of the journal was the one waited for, within {waited:?}; the last is number {last}")]
pub struct NotSeen {
    /// The real time waited.
    pub waited: Duration,
    /// The journal's last number.
    pub last: u64,
}

/// The journal of a running emulator.
#[derive(Debug)]
pub struct JournalHandle<'e> {
    pub(super) house: &'e House,
}

/// An entry of the journal as JSON, as the control API shows it.
#[derive(Clone, Debug)]
pub struct JournalEntry(pub serde_json::Value);

impl JournalEntry {
    /// Whether it is an event of this name, such as `member_left`.
    pub fn is_event(&self, name: &str) -> bool {
        self.0["kind"] == "event" && self.0["event"] == name
    }

    /// Whether it is a call of this operation.
    pub fn is_call(&self, operation: &str) -> bool {
        self.0["kind"] == "exchange" && self.0["operation"] == operation
    }
}

impl JournalHandle<'_> {
    /// All entries that are kept, oldest first.
    pub fn entries(&self) -> Vec<JournalEntry> {
        Self::read(self.house.journal.since(0))
    }

    fn read(page: Page) -> Vec<JournalEntry> {
        let views = page.entries.into_iter().map(EntryView);
        views.map(|view| JournalEntry(serde_json::to_value(view).unwrap_or_default())).collect()
    }

    /// Waits until an entry is there that is the one looked for; those already there count. At most 10 s, real time.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use imulator::Emulator;
    /// use serde_json::json;
    ///
    /// let world = json!({"imulator": 1, "tencent": {"7": {"groups": [{
    ///     "GroupId": "g1", "Type": "Public", "Name": "climbers", "Owner_Account": "mira",
    ///     "MemberList": [{"Member_Account": "mira", "Role": "Owner"}, {"Member_Account": "tommy"}],
    /// }]}}});
    /// let emulator = Emulator::builder().fixture(world).build()?;
    /// let body = r#"{"GroupId":"g1","MemberToDel_Account":["tommy"]}"#;
    /// let target = "/v4/group_open_http_svc/delete_group_member?sdkappid=7&identifier=admin&usersig=x";
    /// emulator.call(http::Request::post(target).body(body.into())?).await?;
    /// let left = emulator.journal().wait_for(|entry| entry.is_event("member_left")).await?;
    /// assert_eq!(left.0["data"]["members"], json!(["tommy"]));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// It did not come.
    pub async fn wait_for(&self, looked_for: impl Fn(&JournalEntry) -> bool) -> Result<JournalEntry, NotSeen> {
        self.wait_for_within(WAIT, looked_for).await
    }

    /// The same with a bound of one's own.
    ///
    /// # Errors
    /// It did not come.
    pub async fn wait_for_within(
        &self,
        bound: Duration,
        looked_for: impl Fn(&JournalEntry) -> bool,
    ) -> Result<JournalEntry, NotSeen> {
        let seen = async {
            let mut after = 0;
            loop {
                let page = self.house.journal.since(after);
                after = page.last;
                if let Some(found) = Self::read(page).into_iter().find(|entry| looked_for(entry)) {
                    return found;
                }
                self.house.journal.news_after(after).await;
            }
        };
        tokio::select! {
            found = seen => Ok(found),
            () = sleep_real(bound) => Err(NotSeen { waited: bound, last: self.house.journal.last() }),
        }
    }
}
