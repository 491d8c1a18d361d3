//! Accounts of a Tencent app: the people its groups and rooms may name.
//!
//! Importing one again keeps its TinyId and overwrites the profile fields that are given.

mod book;

use std::collections::HashSet;
use std::hash::BuildHasher;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use hashbrown::DefaultHashBuilder;
use parking_lot::RwLock;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::domain::accounts::book::Book;
use crate::domain::invalid::{Invalid, fault_of_characters};
use crate::domain::state::Faults;
use crate::domain::written::{Each, List};
use crate::kernel::fact::{Audience, Event, Fact, Fields, Scope};
use crate::kernel::names::{EntityId, UserId};
use crate::kernel::tenancy::Tenancy;
use crate::kernel::turn::Origin;

/// The longest UserID, in bytes.
pub const USER_ID_BYTES_MAX: usize = 32;
/// The number before the first TinyId: 2^57, as in the documentation's samples.
const TINY_ID_BASE: u64 = 1 << 57;
/// The first number that is too high for a TinyId: far from the end of what can be counted.
pub const TINY_ID_END: u64 = (1 << 62) + 1;
/// How many numbers can be drawn.
pub const TINY_IDS_MAX: u64 = TINY_ID_END - 1 - TINY_ID_BASE;
/// Parts that are locked on their own: few, because ten thousand tenants must stay small.
const SHARDS: usize = 4;

/// What an account shows of itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Profile {
    /// The nickname; empty if never set.
    pub nick: String,
    /// The picture's address; empty if never set.
    pub face_url: String,
}

/// One account; small, because an app may have a million that were only ever named.
#[derive(Clone, Debug)]
pub struct Account {
    /// The id.
    pub id: UserId,
    /// The internal number: above 2^53, stable for the account's life.
    pub tiny_id: u64,
    /// Absent until something is set.
    rest: Option<Box<Rest>>,
}

impl Account {
    /// What it shows of itself; absent until something is set.
    pub fn profile(&self) -> Option<&Profile> {
        self.rest.as_ref().map(|rest| &rest.profile)
    }

    /// UserSigs made before this second, Unix time, are void; 0 for none.
    pub fn void_before(&self) -> u32 {
        self.rest.as_ref().map_or(0, |rest| rest.void_before)
    }
}

/// What is rarely set on an account.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rest {
    profile: Profile,
    void_before: u32,
}

impl Rest {
    /// In its box, unless there is nothing to keep.
    fn boxed(self) -> Option<Box<Self>> {
        (self != Self::default()).then(|| Box::new(self))
    }
}

/// An account in a state document.
// Small, because a document may list a million.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(from = "AccountWords", into = "AccountWords")]
pub struct AccountState {
    /// The account's id.
    pub user_id: UserId,
    /// The internal number; absent: the next free one.
    pub tiny_id: Option<u64>,
    rest: Option<Box<Rest>>,
}

/// Its words.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
struct AccountWords {
    /// The account's id.
    #[serde(rename = "UserID")]
    user_id: UserId,
    /// The nickname.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    nick: String,
    /// The picture's address.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    face_url: String,
    /// The internal number; absent: the next free one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    tiny_id: Option<u64>,
    /// UserSigs made before this second, Unix time, are void; 0 for none.
    #[serde(default, skip_serializing_if = "is_zero")]
    signatures_void_before: u32,
}

impl From<AccountWords> for AccountState {
    fn from(words: AccountWords) -> Self {
        let profile = Profile { nick: words.nick, face_url: words.face_url };
        let rest = Rest { profile, void_before: words.signatures_void_before };
        Self { user_id: words.user_id, tiny_id: words.tiny_id, rest: rest.boxed() }
    }
}

impl From<AccountState> for AccountWords {
    fn from(AccountState { user_id, tiny_id, rest }: AccountState) -> Self {
        let Rest { profile: Profile { nick, face_url }, void_before } = rest.map_or_else(Rest::default, |rest| *rest);
        Self { user_id, nick, face_url, tiny_id, signatures_void_before: void_before }
    }
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
    hasher: DefaultHashBuilder,
    /// Each account is in one of them, by the hash of its id.
    books: [RwLock<Book>; SHARDS],
    tiny_ids: AtomicU64,
}

impl Accounts {
    /// No accounts.
    pub fn new(tenancy: Arc<Tenancy>) -> Self {
        let (hasher, books) = Default::default();
        Self { tenancy, hasher, books, tiny_ids: AtomicU64::new(TINY_ID_BASE) }
    }

    fn book(&self, id: &str) -> &RwLock<Book> {
        &self.books[(self.hasher.hash_one(id) >> 32) as usize % SHARDS]
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.books.iter().map(|book| book.read().all().len()).sum()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether this account exists.
    pub fn contains(&self, id: &str) -> bool {
        self.book(id).read().get(id).is_some()
    }

    /// A copy of the account.
    pub fn get(&self, id: &str) -> Option<Account> {
        self.look(id, Account::clone)
    }

    /// Looks at an account without a copy of it; nothing else of the accounts is to be asked meanwhile.
    pub fn look<R>(&self, id: &str, look: impl FnOnce(&Account) -> R) -> Option<R> {
        self.book(id).read().get(id).map(look)
    }

    /// The ids of all accounts that pass, in any order.
    pub fn ids(&self, passes: impl Fn(&Account) -> bool) -> Vec<UserId> {
        let mut ids = Vec::new();
        for book in &self.books {
            let book = book.read();
            ids.extend(book.all().iter().filter(|account| passes(account)).map(|account| account.id.clone()));
        }
        ids
    }

    /// The account of this internal number.
    pub fn of_tiny_id(&self, tiny_id: u64) -> Option<UserId> {
        self.books.iter().find_map(|book| book.read().of_number(tiny_id).map(|account| account.id.clone()))
    }

    /// Creates the account, or overwrites the profile fields given.
    pub fn import(&self, origin: &Origin, id: &UserId, nick: Option<&str>, face_url: Option<&str>) {
        let mut book = self.book(id).write();
        self.enter(&mut book, id);
        // Assumed: importing again overwrites the profile values that are given and leaves the others.
        if let Some(rest) = book.rest(id).filter(|_| nick.is_some() || face_url.is_some()) {
            let profile = &mut rest.get_or_insert_default().profile;
            if let Some(nick) = nick {
                nick.clone_into(&mut profile.nick);
            }
            if let Some(url) = face_url {
                url.clone_into(&mut profile.face_url);
            }
        }
        drop(book);
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
        let gone = self.book(id).write().remove(id).is_some();
        if gone {
            self.record(origin, id, vec![("Deleted", true.into())], Audience::Accounts(vec![id.clone()]));
        }
        gone
    }

    /// Makes all UserSigs void that were made before this second; whether the account is there.
    pub fn void_signatures(&self, origin: &Origin, id: &UserId) -> bool {
        let now = self.tenancy.now().seconds();
        let mut book = self.book(id).write();
        let Some(rest) = book.rest(id) else { return false };
        rest.get_or_insert_default().void_before = u32::try_from(now).unwrap_or(u32::MAX);
        drop(book);
        self.record(origin, id, vec![("SignaturesVoidBefore", now.into())], Audience::Accounts(vec![id.clone()]));
        true
    }

    /// Creates the account if it is not there, without a word: a document or a client named it.
    pub fn import_silently(&self, id: &UserId) {
        if !self.contains(id) {
            self.enter(&mut self.book(id).write(), id);
        }
    }

    /// Enters the account under the next number, if it is not there.
    fn enter(&self, book: &mut Book, id: &UserId) {
        if book.get(id).is_none() {
            let tiny_id = self.tiny_ids.fetch_add(1, Ordering::SeqCst) + 1;
            book.put(Account { id: id.clone(), tiny_id, rest: None });
        }
    }

    /// Puts an account in place as a state document describes it.
    pub fn put(&self, state: &AccountState) {
        let mut book = self.book(&state.user_id).write();
        let tiny_id = match (state.tiny_id, book.get(&state.user_id)) {
            (Some(given), _) => given,
            (None, Some(present)) => present.tiny_id,
            (None, None) => self.tiny_ids.fetch_add(1, Ordering::SeqCst) + 1,
        };
        self.tiny_ids.fetch_max(tiny_id, Ordering::SeqCst);
        book.put(Account { id: state.user_id.clone(), tiny_id, rest: state.rest.clone() });
    }

    /// How many numbers have been drawn for accounts, those that documents gave included.
    pub fn drawn(&self) -> u64 {
        self.tiny_ids.load(Ordering::SeqCst) - TINY_ID_BASE
    }

    /// Draws no number again that was drawn when this was their count.
    pub fn skip_drawn(&self, drawn: u64) {
        self.tiny_ids.fetch_max(TINY_ID_BASE.saturating_add(drawn), Ordering::SeqCst);
    }

    /// Notes every number of a document that another account than its own has.
    pub fn conflicts(&self, given: &[AccountState], path: &str, faults: &mut Faults) {
        let numbered = |account: &&AccountState| account.tiny_id.is_some();
        let renumbered: HashSet<&str> = given.iter().filter(numbered).map(|account| account.user_id.as_str()).collect();
        for (at, AccountState { user_id, tiny_id, .. }) in given.iter().enumerate() {
            let holder = tiny_id.and_then(|number| self.of_tiny_id(number)).filter(|holder| holder != user_id);
            let free = holder.is_none_or(|holder| renumbered.contains(holder.as_str()));
            let why = || format!("another account than {user_id} has this number");
            faults.unless(free, || format!("{path}[{at}].TinyId"), why);
        }
    }

    /// All accounts as a state document has them, sorted by id.
    pub fn written(&self) -> impl List + Serialize {
        let mut ids = self.ids(|_| true);
        ids.sort_unstable();
        let state = |account: &Account| AccountState {
            user_id: account.id.clone(),
            tiny_id: Some(account.tiny_id),
            rest: account.rest.clone(),
        };
        Each::new(ids, move |id: &UserId| self.look(id, state))
    }
}
