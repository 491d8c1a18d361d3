//! Users: the clients of one application and their tokens.
//!
//! A client is its id and whatever fields it was given, in the order in which they came; only few of them mean anything.

use std::sync::Arc;

use compact_str::CompactString;
use dashmap::mapref::entry::Entry;

use crate::domain::imkit::devices::Device;
use crate::domain::imkit::error::ImkitError;
use crate::domain::imkit::json::{Json, Members, get, set_all};
use crate::domain::imkit::user_groups::UserGroups;
use crate::kernel::clock::Timestamp;
use crate::kernel::fact::{Audience, Event, Fact, Field, Fields, Scope};
use crate::kernel::names::{EntityId, UserId};
use crate::kernel::table::{Table, table};
use crate::kernel::tenancy::Tenancy;
use crate::kernel::turn::Origin;

/// Fields that have to be strings.
pub const TEXTS: [&str; 6] = ["nickname", "avatarUrl", "description", "userAgent", "email", "publicKey"];
/// How long a token lives where nobody says otherwise, in seconds.
pub const TOKEN_SECONDS: i64 = 7 * 24 * 3600;

/// The most tokens that are kept of one client, those that were taken back and have not ended aside.
const TOKENS_MAX: usize = 64;

/// What lets a client in.
#[derive(Clone, Debug, PartialEq)]
pub struct Token {
    /// The token itself.
    pub text: CompactString,
    /// The first moment in which it is no longer valid; `None` never.
    pub expires: Option<Timestamp>,
    /// When it was issued or bound; `None` for one that a document gave without a time.
    pub created: Option<Timestamp>,
    /// When it was last bound; `None` as above.
    pub updated: Option<Timestamp>,
    /// Taken back; kept because a signed token would be valid without any record.
    pub revoked: bool,
}

impl Token {
    /// Whether it lets its client in.
    pub fn is_valid(&self, now: Timestamp) -> bool {
        !self.revoked && self.expires.is_none_or(|end| now < end)
    }
}

/// One client.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Client {
    /// The id, chosen by the application.
    pub id: UserId,
    /// What it was given: nickname, avatarUrl and any others.
    pub fields: Members,
    /// A robot.
    pub is_robot: bool,
    /// The last login; `None` if there never was one.
    pub last_login: Option<Timestamp>,
    /// When it last came into a room by itself: joined, or called createAndJoin.
    pub last_join: Option<Timestamp>,
    /// When its record last changed.
    pub updated: Option<Timestamp>,
    /// The rooms it muted.
    pub mute: Vec<EntityId>,
    /// Its tokens, oldest first.
    pub tokens: Vec<Token>,
    /// Signed tokens without a record that are not younger than this count as taken back.
    pub void_before: Option<Timestamp>,
    /// Where pushes reach it, in the order of subscribing.
    pub devices: Vec<Device>,
    /// Whether it wants notifications; `None` where nobody ever said.
    pub notification: Option<bool>,
    /// Its own preferences, by key.
    pub preferences: Members,
}

impl Client {
    /// The name as messages show it, escapes included: the nickname, else the id.
    pub fn shown_name(&self) -> String {
        let nickname = get(&self.fields, "nickname").and_then(Json::inner).filter(|name| !name.is_empty());
        match nickname {
            Some(name) => name.to_owned(),
            None => bare_name(&self.id),
        }
    }

    /// `{_id, avatarUrl, nickname}`, as system messages carry people.
    pub fn named(&self) -> Json {
        let given = ["avatarUrl", "nickname"].into_iter();
        let given = given.filter_map(|name| Some((name, get(&self.fields, name)?.clone())));
        Json::object([("_id", Json::string(&self.id))].into_iter().chain(given))
    }
}

impl Client {
    /// Whether a signed token of which there is no record was taken back with all others; `issued` in Unix seconds.
    pub fn voids(&self, issued: i64) -> bool {
        self.void_before.is_some_and(|moment| issued <= moment.seconds())
    }

    /// Drops tokens past the most that are kept: what ended; what is valid by its signature alone; what was bound.
    ///
    /// A record that takes a signed token back stays until the token ends by itself.
    pub(super) fn drop_tokens(&mut self, now: Timestamp) -> Vec<CompactString> {
        let before: Vec<CompactString> = self.tokens.iter().map(|token| token.text.clone()).collect();
        if self.tokens.len() > TOKENS_MAX {
            self.tokens.retain(|token| token.expires.is_none_or(|end| now < end));
        }
        while self.tokens.len() > TOKENS_MAX {
            let older = &self.tokens[..self.tokens.len() - 1];
            let signed = older.iter().position(|token| is_signed(&token.text) && !token.revoked);
            let Some(place) = signed.or_else(|| older.iter().position(|token| !is_signed(&token.text))) else { break };
            self.tokens.remove(place);
        }
        let mut kept = self.tokens.iter().map(|token| &token.text).peekable();
        before.into_iter().filter(|text| kept.next_if_eq(&text).is_none()).collect()
    }
}

/// The id as a message shows it, escapes included.
pub fn bare_name(id: &str) -> String {
    Json::string(id).inner().unwrap_or_default().to_owned()
}

/// What a client is given, and how.
#[derive(Clone, Debug, Default)]
pub struct Given {
    /// Fields to set.
    pub fields: Members,
    /// Whether it is a robot; `None` leaves it.
    pub is_robot: Option<bool>,
}

/// The clients of one application.
#[derive(Debug)]
pub struct Users {
    pub(super) tenancy: Arc<Tenancy>,
    clients: Table<UserId, Arc<Client>>,
    pub(super) holders: Table<CompactString, UserId>,
    pub(super) groups: Arc<UserGroups>,
}

/// What is told of a change of a client.
#[derive(Debug)]
pub struct News {
    /// What changed, in the words of the journal's data.
    pub fields: Fields,
    /// Whether the client's own sessions are told.
    pub to_own_sessions: bool,
}

impl Users {
    /// No clients.
    pub fn new(tenancy: Arc<Tenancy>) -> Self {
        let (clients, holders) = (table(), table());
        Self { tenancy, clients, holders, groups: Arc::default() }
    }

    /// How many clients there are, user groups aside.
    pub fn len(&self) -> usize {
        self.clients.len().saturating_sub(self.groups.len())
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// A client, or the record of a user group.
    pub fn get(&self, id: &str) -> Option<Arc<Client>> {
        self.clients.get(id).map(|found| found.clone())
    }

    /// Looks at a client without a copy of it; nothing else of the clients is to be asked meanwhile.
    pub fn look<R>(&self, id: &str, look: impl FnOnce(&Client) -> R) -> Option<R> {
        self.clients.get(id).map(|found| look(&found))
    }

    /// Whose token this is, with the token's record.
    pub fn holder(&self, text: &str) -> Option<(Arc<Client>, Token)> {
        let id = self.holders.get(text)?.clone();
        let client = self.get(&id)?;
        let token = client.tokens.iter().find(|token| token.text == text)?.clone();
        Some((client, token))
    }

    /// Makes the client, or sets the fields given; what is not given stays.
    pub fn upsert(&self, origin: &Origin, id: &UserId, given: Given) -> Arc<Client> {
        self.upsert_with(origin, id, given, Fields::new())
    }

    /// The same, and tells more of it.
    pub(super) fn upsert_with(&self, origin: &Origin, id: &UserId, given: Given, more: Fields) -> Arc<Client> {
        let now = self.tenancy.now();
        let fields = given.fields.iter().map(|(name, value)| (name.to_string(), value.clone())).collect::<Vec<_>>();
        let client = self.change(id, |client| {
            set_all(&mut client.fields, given.fields);
            client.is_robot = given.is_robot.unwrap_or(client.is_robot);
            client.updated = Some(now);
        });
        let shown = Json::object(fields.iter().map(|(name, value)| (name.as_str(), value.clone())));
        let mut fields = vec![("fields", Field::Object(Arc::new(shown)))];
        fields.extend(more);
        self.tell(origin, id, News { fields, to_own_sessions: false });
        client
    }

    /// Changes a client that is there; what is told of it reaches the journal before anybody else can change it.
    /// `None` if there is no such client.
    pub fn alter<R>(
        &self,
        origin: &Origin,
        id: &str,
        act: impl FnOnce(&mut Client, Timestamp) -> (R, Option<News>),
    ) -> Option<(Arc<Client>, R)> {
        let mut entry = self.clients.get_mut(id)?;
        let (result, news) = act(Arc::make_mut(&mut entry), self.tenancy.now());
        let client = entry.clone();
        news.into_iter().for_each(|news| self.tell(origin, &client.id, news));
        Some((client, result))
    }

    fn tell(&self, origin: &Origin, id: &UserId, news: News) {
        let told = if news.to_own_sessions { Audience::Accounts(vec![id.clone()]) } else { Audience::nobody() };
        let fact = Fact::AccountChanged { members: vec![id.clone()], fields: news.fields };
        let event = self.event(origin, id, told, fact);
        self.record(origin, event);
    }

    /// Tells what happened to a client.
    pub(super) fn record(&self, origin: &Origin, event: Event) {
        self.tenancy.journal.append_facts(&self.tenancy, origin.call, [event]);
    }

    /// An event about a client.
    pub(super) fn event(&self, origin: &Origin, id: &UserId, audience: Audience, fact: Fact) -> Event {
        let scope = Scope { kind: "client", id: EntityId::new(id.as_str()), life: 0 };
        Event { at: self.now(), scope, by: origin.by.clone(), audience, fact }
    }

    /// Now, for this application.
    pub(super) fn now(&self) -> Timestamp {
        self.tenancy.now()
    }

    /// Makes the client if it is not there, as the first use of a signed token does.
    pub fn ensure(&self, origin: &Origin, id: &UserId, given: Given) -> Arc<Client> {
        self.get(id).unwrap_or_else(|| self.upsert(origin, id, given))
    }

    /// Makes sure that nobody else can hold a token that this client is about to be given.
    ///
    /// # Errors
    /// The token is another client's.
    pub fn claim(&self, id: &UserId, token: &str) -> Result<(), ImkitError> {
        match self.holders.entry(token.into()) {
            Entry::Occupied(held) if held.get() != id => Err(ImkitError::TokenTaken),
            Entry::Occupied(_) => Ok(()),
            Entry::Vacant(free) => {
                free.insert(id.clone());
                Ok(())
            }
        }
    }

    /// Gives a client that is there a token that it has claimed; with `single` its other tokens become invalid.
    pub fn bind(&self, origin: &Origin, id: &UserId, token: Token, single: bool) {
        self.alter(origin, id, |client, now| {
            let (mut token, mut dropped, mut ended) = (token, Vec::new(), 0);
            if let Some(place) = client.tokens.iter().position(|present| present.text == token.text) {
                // Assumed: a token that is bound again keeps the time when it was first bound, and has a new time of change.
                let present = client.tokens.remove(place);
                token.created = present.created.or(token.created);
            }
            // Assumed: older tokens stay valid when a new one is given.
            if single {
                ended = client.tokens.iter().filter(|present| present.is_valid(now)).count();
                client.tokens.retain(|present| is_signed(&present.text) || !add(&mut dropped, &present.text));
                client.tokens.iter_mut().for_each(|present| present.revoked = true);
                client.void_before = Some(now);
            }
            // Somebody may have taken the claimed token back in the meantime.
            self.holders.entry(token.text.clone()).or_insert_with(|| id.clone());
            client.tokens.push(token);
            dropped.extend(client.drop_tokens(now));
            dropped.iter().for_each(|text| drop(self.holders.remove_if(text, |_, holder| holder == id)));
            let fields = vec![("revokedTokens", i64::try_from(ended).unwrap_or(i64::MAX).into())];
            ((), single.then_some(News { fields, to_own_sessions: false }))
        });
    }

    /// Notes that a client joined, or called createAndJoin.
    pub fn note_join(&self, id: &str) {
        let now = self.tenancy.now();
        if let Some(mut client) = self.clients.get_mut(id) {
            Arc::make_mut(&mut client).last_join = Some(now);
        }
    }

    /// Notes that a client signed in: when, and these fields of where from.
    pub fn sign_in(&self, origin: &Origin, id: &UserId, from: Members) {
        self.upsert(origin, id, Given { fields: from, is_robot: None });
        let now = self.tenancy.now();
        if let Some(mut client) = self.clients.get_mut(id) {
            Arc::make_mut(&mut client).last_login = Some(now);
        }
    }

    /// Puts a client in place as a state document describes it.
    pub fn put(&self, client: Client) {
        self.groups.forget(&client.id);
        if let Some((_, old)) = self.clients.remove(&client.id) {
            // A token may be another's by now, put in place by the same document.
            let tokens = old.tokens.iter();
            tokens.for_each(|token| drop(self.holders.remove_if(&token.text, |_, holder| *holder == client.id)));
        }
        client.tokens.iter().for_each(|token| drop(self.holders.insert(token.text.clone(), client.id.clone())));
        self.clients.insert(client.id.clone(), Arc::new(client));
    }

    /// All clients, sorted by id; user groups aside.
    pub fn all(&self) -> Vec<Arc<Client>> {
        let mut all: Vec<_> = self.clients.iter().map(|entry| entry.value().clone()).collect();
        all.retain(|client| !self.groups.contains(&client.id));
        all.sort_by(|a, b| a.id.cmp(&b.id));
        all
    }

    /// The ids of all clients that pass, in any order; user groups aside.
    pub fn ids(&self, passes: impl Fn(&Client) -> bool) -> Vec<UserId> {
        let passing = self.clients.iter().filter(|entry| passes(entry.value()));
        let mut ids: Vec<UserId> = passing.map(|entry| entry.key().clone()).collect();
        ids.retain(|id| !self.groups.contains(id));
        ids
    }

    pub(super) fn change(&self, id: &UserId, act: impl FnOnce(&mut Client)) -> Arc<Client> {
        let fresh = || Arc::new(Client { id: id.clone(), ..Client::default() });
        let mut entry = self.clients.entry(id.clone()).or_insert_with(fresh);
        act(Arc::make_mut(&mut entry));
        entry.clone()
    }
}

/// Whether a token has the form of a signed one.
pub(super) fn is_signed(text: &str) -> bool {
    text.split('.').count() == 3
}

fn add(to: &mut Vec<CompactString>, text: &CompactString) -> bool {
    to.push(text.clone());
    true
}
