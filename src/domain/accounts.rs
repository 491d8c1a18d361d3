//! Accounts of a Tencent app: the people its groups and rooms may name.
//!
//! Importing one again keeps its TinyId and overwrites the profile fields that are given.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use dashmap::DashMap;
use dashmap::mapref::entry::Entry;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::domain::invalid::{Invalid, fault_of_characters};
use crate::domain::state::Faults;
use crate::kernel::fact::{Audience, Event, Fact, Fields, Scope};
use crate::kernel::names::{EntityId, UserId};
use crate::kernel::tenancy::Tenancy;
use crate::kernel::turn::Origin;

/// The longest UserID, in bytes.
pub const USER_ID_BYTES_MAX: usize = 32;
/// The number before the first TinyId: 2^57, as in the documentation's samples.
const TINY_ID_BASE: u64 = 1 << 57;

/// What an account shows of itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Profile {
    /// The nickname; empty if never set.
    pub nick: String,
    /// The picture's address; empty if never set.
    pub face_url: String,
}

/// One account.
#[derive(Clone, Debug)]
pub struct Account {
    /// The internal number: above 2^53, stable for the account's life.
    pub tiny_id: u64,
    /// Absent until something is set.
    pub profile: Option<Box<Profile>>,
    /// UserSigs made before this second, Unix time, are void; 0 for none.
    pub void_before: u32,
}

/// An account in a state document.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub struct AccountState {
    /// The account's id.
    #[serde(rename = "UserID")]
    pub user_id: UserId,
    /// The nickname.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub nick: String,
    /// The picture's address.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub face_url: String,
    /// The internal number; absent: the next free one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tiny_id: Option<u64>,
    /// UserSigs made before this second, Unix time, are void; 0 for none.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub signatures_void_before: u32,
}

fn is_zero(number: &u32) -> bool {
    *number == 0
}

/// Why an account was refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AccountError {
    /// A field is wrong.
    #[error("{}", .0.sentence())]
    Invalid(Invalid),
    /// A profile value is too long.
    #[error("{}", .0.sentence())]
    ProfileTooLong(Invalid),
    /// There is no such account.
    #[error("{field}: {user:?} is not an imported account")]
    Unknown {
        /// Where it stands.
        field: &'static str,
        /// Which.
        user: String,
    },
    /// The accounts whose state is asked for are missing.
    #[error("{}", .0.sentence())]
    NoneAsked(Invalid),
    /// They are too many.
    #[error("{}", .0.sentence())]
    TooManyAsked(Invalid),
    /// They are not texts.
    #[error("{}", .0.sentence())]
    NotAccounts(Invalid),
}

impl From<Invalid> for AccountError {
    fn from(invalid: Invalid) -> Self {
        Self::Invalid(invalid)
    }
}

/// What is wrong with a UserID, if anything: 1 to 32 bytes of printable ASCII.
pub fn fault_of_user_id(id: &str) -> Option<String> {
    if id.is_empty() {
        return Some("is empty; a UserID has 1 to 32 bytes".into());
    }
    if id.len() > USER_ID_BYTES_MAX {
        return Some(format!("has {} bytes; a UserID has at most {USER_ID_BYTES_MAX}", id.len()));
    }
    fault_of_characters(id, "UserID")
}

/// The accounts of one app.
#[derive(Debug)]
pub struct Accounts {
    tenancy: Arc<Tenancy>,
    accounts: DashMap<UserId, Account>,
    /// Whose each internal number is.
    by_tiny_id: DashMap<u64, UserId>,
    tiny_ids: AtomicU64,
}

impl Accounts {
    /// No accounts.
    pub fn new(tenancy: Arc<Tenancy>) -> Self {
        Self {
            tenancy,
            accounts: DashMap::with_shard_amount(4),
            by_tiny_id: DashMap::with_shard_amount(4),
            tiny_ids: AtomicU64::new(TINY_ID_BASE),
        }
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.accounts.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.accounts.is_empty()
    }

    /// Whether this account exists.
    pub fn contains(&self, id: &str) -> bool {
        self.accounts.contains_key(id)
    }

    /// A copy of the account.
    pub fn get(&self, id: &str) -> Option<Account> {
        self.accounts.get(id).map(|found| found.clone())
    }

    /// Looks at an account without a copy of it; nothing else of the accounts is to be asked meanwhile.
    pub fn look<R>(&self, id: &str, look: impl FnOnce(&Account) -> R) -> Option<R> {
        self.accounts.get(id).map(|found| look(&found))
    }

    /// The ids of all accounts that pass, in any order.
    pub fn ids(&self, passes: impl Fn(&UserId, &Account) -> bool) -> Vec<UserId> {
        let passing = self.accounts.iter().filter(|entry| passes(entry.key(), entry.value()));
        passing.map(|entry| entry.key().clone()).collect()
    }

    /// The account of this internal number.
    pub fn of_tiny_id(&self, tiny_id: u64) -> Option<UserId> {
        let id = self.by_tiny_id.get(&tiny_id).map(|found| found.clone())?;
        // A document may have given the account another number since.
        self.get(&id).filter(|account| account.tiny_id == tiny_id).map(|_| id)
    }

    /// Creates the account, or overwrites the profile fields given.
    pub fn import(&self, origin: &Origin, id: &UserId, nick: Option<&str>, face_url: Option<&str>) {
        let mut entry = self.accounts.entry(id.clone()).or_insert_with(|| self.fresh(id));
        // Assumed: importing again overwrites the profile values that are given and leaves the others.
        if nick.is_some() || face_url.is_some() {
            let profile = entry.profile.get_or_insert_default();
            if let Some(nick) = nick {
                nick.clone_into(&mut profile.nick);
            }
            if let Some(url) = face_url {
                url.clone_into(&mut profile.face_url);
            }
        }
        drop(entry);
        let mut fields: Fields = Vec::new();
        fields.extend(nick.map(|nick| ("Nick", nick.into())));
        fields.extend(face_url.map(|url| ("FaceUrl", url.into())));
        self.record(origin, id, fields, Audience::nobody());
    }

    fn record(&self, origin: &Origin, id: &UserId, fields: Fields, audience: Audience) {
        let event = Event {
            at: self.tenancy.now(),
            scope: Scope { kind: "account", id: EntityId::new(id.as_str()), life: 0 },
            by: origin.by.clone(),
            audience,
            fact: Fact::AccountChanged { members: vec![id.clone()], fields },
        };
        self.tenancy.journal.append_facts(&self.tenancy, origin.call, [event]);
    }

    /// Takes an account away; whether it was there.
    pub fn delete(&self, origin: &Origin, id: &UserId) -> bool {
        let gone = self.accounts.remove(id.as_str());
        if let Some((_, account)) = &gone {
            self.by_tiny_id.remove(&account.tiny_id);
            self.record(origin, id, vec![("Deleted", true.into())], Audience::Accounts(vec![id.clone()]));
        }
        gone.is_some()
    }

    /// Makes all UserSigs void that were made before this second; whether the account is there.
    pub fn void_signatures(&self, origin: &Origin, id: &UserId) -> bool {
        let now = self.tenancy.now().seconds();
        let Some(mut account) = self.accounts.get_mut(id.as_str()) else { return false };
        account.void_before = u32::try_from(now).unwrap_or(u32::MAX);
        drop(account);
        self.record(origin, id, vec![("SignaturesVoidBefore", now.into())], Audience::Accounts(vec![id.clone()]));
        true
    }

    /// Creates the account if it is not there, without a word: a document or a client named it.
    pub fn import_silently(&self, id: &UserId) {
        if !self.contains(id) {
            self.accounts.entry(id.clone()).or_insert_with(|| self.fresh(id));
        }
    }

    /// Puts an account in place as a state document describes it.
    pub fn put(&self, state: &AccountState) {
        let tiny_id = match (state.tiny_id, self.accounts.entry(state.user_id.clone())) {
            (Some(given), _) => given,
            (None, Entry::Occupied(present)) => present.get().tiny_id,
            (None, Entry::Vacant(_)) => self.fresh(&state.user_id).tiny_id,
        };
        self.tiny_ids.fetch_max(tiny_id, Ordering::SeqCst);
        self.by_tiny_id.insert(tiny_id, state.user_id.clone());
        let profile = Profile { nick: state.nick.clone(), face_url: state.face_url.clone() };
        let profile = (profile != Profile::default()).then(|| Box::new(profile));
        self.accounts
            .insert(state.user_id.clone(), Account { tiny_id, profile, void_before: state.signatures_void_before });
    }

    /// Notes every number of a document that another account than its own has.
    pub fn conflicts(&self, given: &[AccountState], path: &str, faults: &mut Faults) {
        let wanted: HashMap<u64, (usize, &UserId)> = given
            .iter()
            .enumerate()
            .filter_map(|(at, account)| Some((account.tiny_id?, (at, &account.user_id))))
            .collect();
        if wanted.is_empty() {
            return;
        }
        let renumbered = |id: &UserId| given.iter().any(|account| account.user_id == *id && account.tiny_id.is_some());
        for present in &self.accounts {
            let Some((at, id)) = wanted.get(&present.tiny_id).filter(|(_, id)| *id != present.key()) else { continue };
            let free = renumbered(present.key());
            faults.unless(free, format!("{path}[{at}].TinyId"), format!("another account than {id} has this number"));
        }
    }

    /// All accounts as a state document has them, sorted by id.
    pub fn states(&self) -> Vec<AccountState> {
        let mut states: Vec<AccountState> = self
            .accounts
            .iter()
            .map(|entry| {
                let profile = entry.profile.as_deref().cloned().unwrap_or_default();
                AccountState {
                    user_id: entry.key().clone(),
                    nick: profile.nick,
                    face_url: profile.face_url,
                    tiny_id: Some(entry.tiny_id),
                    signatures_void_before: entry.void_before,
                }
            })
            .collect();
        states.sort_unstable_by(|a, b| a.user_id.cmp(&b.user_id));
        states
    }

    fn fresh(&self, id: &UserId) -> Account {
        let tiny_id = self.tiny_ids.fetch_add(1, Ordering::SeqCst) + 1;
        self.by_tiny_id.insert(tiny_id, id.clone());
        Account { tiny_id, profile: None, void_before: 0 }
    }
}
