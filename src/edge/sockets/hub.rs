//! Hub: who is signed in, by application and client, and the one reader of the journal that tells them.

use std::collections::HashMap;
use std::future::ready;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use parking_lot::RwLock;
use socketioxide::extract::{SocketRef, TryData};
use socketioxide::socket::DisconnectReason;

use crate::api::imkit::sockets::news;
use crate::api::told::told_by_rule;
use crate::domain::imkit::{FAMILY, ImkitApp};
use crate::edge::guarded::Cut;
use crate::edge::pipeline::Service;
use crate::edge::sockets::asks::{Ask, EVENTS};
use crate::edge::sockets::session::{Inbox, Session};
use crate::kernel::fact::{Audience, Event, Fact, Scope};
use crate::kernel::follower::{Followed, Follower};
use crate::kernel::journal::{Entry, Record};
use crate::kernel::names::UserId;
use crate::kernel::table::{Table, table_of_all};
use crate::kernel::tenancy::TenantKey;

type Sessions = Vec<Arc<Session>>;

/// Who is signed in.
pub struct Hub {
    /// What answers the calls of sockets.
    pub service: Arc<Service>,
    signed_in: RwLock<HashMap<TenantKey, HashMap<UserId, Sessions>>>,
    /// All, by the transport's name.
    by_id: Table<String, Arc<Session>>,
    /// The WebSockets that sockets go on over, also of those that are not connected yet, for as long as they last.
    moving: Table<String, Cut>,
    following: AtomicBool,
}

/// The last room that was told of: two facts of one call, one right after the other, tell of it once.
#[derive(Default)]
struct ToldRoom(Option<(u64, u64, Scope)>);

impl ToldRoom {
    fn is_told(&mut self, seq: u64, call: Option<u64>, scope: &Scope) -> bool {
        let Some(call) = call else { return false };
        let again = self.0.as_ref().is_some_and(|(last, by, of)| last + 1 == seq && *by == call && of == scope);
        self.0 = Some((seq, call, scope.clone()));
        again
    }
}

impl Hub {
    /// Nobody yet.
    pub fn new(service: Arc<Service>) -> Arc<Self> {
        let (signed_in, by_id, moving) = (RwLock::default(), table_of_all(), table_of_all());
        Arc::new(Self { service, signed_in, by_id, moving, following: AtomicBool::new(false) })
    }

    /// Waits until the emulator stops.
    pub async fn stopped(&self) {
        drop(self.service.house.stopping().wait_for(|stopped| *stopped).await);
    }

    /// A socket that connects: from here on its events come in, in their order.
    pub fn welcome(self: &Arc<Self>, socket: SocketRef) {
        let (inbox, outbox) = Inbox::new();
        for (event, kind) in EVENTS {
            let inbox = inbox.clone();
            socket.on(event, move |TryData(args), ack| {
                // Put here and not in the future, which may run after a later event's.
                inbox.put(Ask { kind, args: args.unwrap_or_default(), ack });
                ready(())
            });
        }
        let gone = inbox.clone();
        socket.on_disconnect(move |_: DisconnectReason| {
            gone.gone();
            ready(())
        });
        let session = Session::new(socket);
        self.by_id.insert(session.id(), session.clone());
        // Its WebSocket may have come first.
        self.moving.get(&session.id()).iter().for_each(|cut| session.moves(cut.value().clone()));
        tokio::spawn(session.live(self.clone(), inbox, outbox));
    }

    /// The socket of this name goes on over another connection, whether or not it is connected already.
    pub fn moves(&self, id: &str, cut: Cut) {
        self.moving.insert(id.to_owned(), cut.clone());
        if let Some(session) = self.by_id.get(id) {
            session.moves(cut);
        }
    }

    /// The connection that the socket of this name went on over is gone.
    pub fn moved(&self, id: &str) {
        self.moving.remove(id);
    }

    /// The socket of this name took so many bytes by polling.
    pub fn polled(&self, id: &str, bytes: usize) {
        if let Some(session) = self.by_id.get(id) {
            session.polled(bytes);
        }
    }

    /// A socket signs in; `sign` puts down as whom.
    pub fn enter(self: &Arc<Self>, session: &Arc<Session>, sign: impl FnOnce(&Session)) {
        self.leave(session);
        sign(session);
        if !self.following.swap(true, Ordering::AcqRel) {
            let follower = self.service.house.journal.followers.join();
            tokio::spawn(self.clone().follow(follower));
        }
        if let Some(entered) = session.entered() {
            let mut signed_in = self.signed_in.write();
            let clients = signed_in.entry((*entered.app.tenancy.key).clone()).or_default();
            clients.entry(entered.client.clone()).or_default().push(session.clone());
        }
    }

    fn leave(&self, session: &Arc<Session>) {
        let Some(entered) = session.entered() else { return };
        let mut signed_in = self.signed_in.write();
        let Some(clients) = signed_in.get_mut(&*entered.app.tenancy.key) else { return };
        let Some(sessions) = clients.get_mut(&entered.client) else { return };
        sessions.retain(|other| !Arc::ptr_eq(other, session));
        if sessions.is_empty() {
            clients.remove(&entered.client);
        }
        if clients.is_empty() {
            signed_in.remove(&*entered.app.tenancy.key);
        }
    }

    /// A socket is gone.
    pub fn forget(&self, session: &Arc<Session>) {
        self.leave(session);
        session.leave();
        self.by_id.remove(&session.id());
    }

    /// Tells the sockets of what happens, until the emulator stops.
    async fn follow(self: Arc<Self>, mut follower: Follower) {
        let mut told_room = ToldRoom::default();
        loop {
            let followed = tokio::select! {
                followed = follower.next() => followed,
                () = self.stopped() => return,
            };
            match followed {
                None => return,
                Some(Followed::Event(seq, entry)) => self.tell(seq, &entry, &mut told_room),
                Some(Followed::Lost(count)) => {
                    // They can ask again for what they missed, once they know that they missed something.
                    tracing::warn!(count, "all sockets are cut: events came faster than they could be told");
                    self.by_id.iter().for_each(|session| session.cut());
                }
            }
            // The sockets' own tasks have to come to their turn, or their queues fill up.
            tokio::task::yield_now().await;
        }
    }

    fn tell(&self, seq: u64, entry: &Entry, told_room: &mut ToldRoom) {
        let (Record::Event(event), Some(tenant)) = (&entry.record, entry.tenant.as_deref()) else { return };
        if tenant.family != FAMILY {
            return;
        }
        if matches!(event.fact, Fact::AccountChanged { .. } | Fact::Seeded) {
            self.dismiss_invalid(tenant, &event.fact);
        }
        let mut shared = None;
        for client in self.concerned(seq, entry, event, tenant) {
            for session in self.sessions(tenant, &client) {
                let Some(entered) = session.entered().filter(|entered| is_of(&entered.app, entry)) else { continue };
                if !entered.is_valid() {
                    session.dismiss();
                    continue;
                }
                if shared.is_none() {
                    let Some(news) = news::of(&entered.app, event, &client) else { return };
                    if news.event == news::ROOM && told_room.is_told(seq, entry.call, &event.scope) {
                        return;
                    }
                    shared = Some((client.clone(), news));
                }
                let Some((first, news)) = &shared else { return };
                if !news.personal || *first == client {
                    session.tell(news);
                } else if let Some(own) = news::of(&entered.app, event, &client) {
                    session.tell(&own);
                }
            }
        }
    }

    /// Lets those go who are gone, or whose tokens are, by this fact.
    fn dismiss_invalid(&self, tenant: &TenantKey, fact: &Fact) {
        let changed = match fact {
            Fact::AccountChanged { members, .. } => members.clone(),
            _ => self.signed_in.read().get(tenant).map(|clients| clients.keys().cloned().collect()).unwrap_or_default(),
        };
        for session in changed.iter().flat_map(|client| self.sessions(tenant, client)) {
            if session.entered().is_some_and(|entered| !entered.is_valid()) {
                session.dismiss();
            }
        }
    }

    /// Which of the clients that are signed in the event tells.
    fn concerned(&self, seq: u64, entry: &Entry, event: &Event, tenant: &TenantKey) -> Vec<UserId> {
        let signed_in = self.signed_in.read();
        let Some(clients) = signed_in.get(tenant) else { return Vec::new() };
        match &event.audience {
            Audience::Accounts(told) => told.iter().filter(|id| clients.contains_key(*id)).cloned().collect(),
            Audience::AllOf { .. } => {
                let among = clients.keys().cloned().collect();
                // The rule looks at rooms, whose locks are never taken under this one.
                drop(signed_in);
                told_by_rule(&self.service.house, seq, entry, event, among)
            }
        }
    }

    fn sessions(&self, tenant: &TenantKey, client: &UserId) -> Sessions {
        let signed_in = self.signed_in.read();
        signed_in.get(tenant).and_then(|clients| clients.get(client)).cloned().unwrap_or_default()
    }
}

/// Whether this is the very application that the entry is of, and not one that had its key before or has it after.
fn is_of(app: &ImkitApp, entry: &Entry) -> bool {
    app.tenancy.epoch == entry.epoch && app.tenancy.is_live()
}
