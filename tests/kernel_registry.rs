//! The registry itself: one turn after the other, panics, ids that come free, the index of memberships.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use imulator::Clock;
use imulator::kernel::fact::{Audience, Fact, Leaver};
use imulator::kernel::ids::Ids;
use imulator::kernel::journal::{Bounds, Journal};
use imulator::kernel::names::{EntityId, UserId};
use imulator::kernel::registry::{Entity, Missing, Registry, Taken};
use imulator::kernel::roster::Roster;
use imulator::kernel::tenancy::{Tenancy, TenantKey};
use imulator::kernel::turn::{Origin, Turn};
use proptest::prelude::{Strategy, any, proptest};

/// A club: people, and a number that turns count up.
#[derive(Debug, Default)]
struct Club {
    members: Roster<()>,
    turns: u64,
}

impl Entity for Club {
    const KIND: &'static str = "club";

    fn each_member(&self, visit: &mut dyn FnMut(&UserId)) {
        self.members.ids().for_each(visit);
    }

    fn joined(&self, user: &str) -> Option<u64> {
        self.members.joined(user)
    }
}

#[derive(Debug, PartialEq, Eq)]
enum No {
    Missing,
    Taken,
    Rule,
}

impl From<Missing> for No {
    fn from(_: Missing) -> Self {
        Self::Missing
    }
}

impl From<Taken> for No {
    fn from(_: Taken) -> Self {
        Self::Taken
    }
}

fn clubs() -> Registry<Club> {
    let journal = Arc::new(Journal::new(Bounds { entries: 100_000, bytes: usize::MAX }));
    let key = TenantKey { family: "test", id: EntityId::new("t") };
    Registry::new(Arc::new(Tenancy::new(key, 1, Clock::manual(), Ids::new(1, "t", 0), journal)), true)
}

fn origin() -> Origin {
    Origin { by: UserId::new("admin"), call: Some(1) }
}

fn create(clubs: &Registry<Club>, id: &str, people: &[&str]) -> Result<(), No> {
    clubs.create(&origin(), &EntityId::new(id), |turn| {
        let club = Club { members: people.iter().map(|id| (UserId::new(id), ())).collect(), turns: 0 };
        let members = club.members.ids().cloned().collect();
        turn.record(Fact::Created { members, fields: Vec::new() }, Audience::nobody());
        Ok(club)
    })
}

fn join(club: &mut Club, turn: &mut Turn<'_>, user: &str) -> Result<(), No> {
    if club.members.contains(user) {
        return Err(No::Rule);
    }
    club.members.join(UserId::new(user), ());
    turn.record(Fact::Joined { members: vec![UserId::new(user)], how: "test", fields: Vec::new() }, Audience::nobody());
    Ok(())
}

fn leave(club: &mut Club, turn: &mut Turn<'_>, user: &str) -> Result<(), No> {
    let (joined, ()) = club.members.remove(user).ok_or(No::Rule)?;
    let members = vec![Leaver { id: UserId::new(user), joined }];
    turn.record(Fact::Left { members, how: "test", fields: Vec::new() }, Audience::nobody());
    Ok(())
}

fn destroy(clubs: &Registry<Club>, id: &str) -> Result<(), No> {
    clubs.destroy(
        &origin(),
        id,
        |_| Ok(()),
        |club, turn| {
            turn.record(Fact::Destroyed { members: Arc::new(club.members), fields: Vec::new() }, Audience::nobody());
        },
    )
}

fn of_member(clubs: &Registry<Club>, user: &str) -> Vec<String> {
    clubs.of_member(user).iter().map(ToString::to_string).collect()
}

fn facts(clubs: &Registry<Club>) -> usize {
    clubs.tenancy().journal.since(0).entries.len()
}

#[test]
fn an_id_is_taken_until_its_entity_is_destroyed() {
    let clubs = clubs();
    assert_eq!(create(&clubs, "a", &["amy"]), Ok(()));
    assert_eq!(create(&clubs, "a", &[]), Err(No::Taken));
    assert_eq!(destroy(&clubs, "a"), Ok(()));
    assert_eq!(destroy(&clubs, "a"), Err(No::Missing));
    assert_eq!(create(&clubs, "a", &[]), Ok(()));
    assert_eq!(facts(&clubs), 3);
}

#[test]
fn a_refused_creation_leaves_nothing_behind() {
    let clubs = clubs();
    let refused = clubs.create(&origin(), &EntityId::new("a"), |turn| {
        turn.record(Fact::TenantOpened, Audience::nobody());
        Err(No::Rule)
    });
    assert_eq!((refused, clubs.len(), facts(&clubs)), (Err(No::Rule), 0, 0));
    assert_eq!(create(&clubs, "a", &[]), Ok(()));
}

#[test]
fn a_refused_change_records_nothing() {
    let clubs = clubs();
    create(&clubs, "a", &["amy"]).expect("the id is free");
    let refused = clubs.change(&origin(), "a", |club, turn| {
        turn.record(Fact::TenantOpened, Audience::nobody());
        join(club, turn, "amy")
    });
    assert_eq!((refused, facts(&clubs)), (Err(No::Rule), 1));
}

#[test]
fn a_refused_end_leaves_the_entity() {
    let clubs = clubs();
    create(&clubs, "a", &["amy"]).expect("the id is free");
    assert_eq!(clubs.destroy(&origin(), "a", |_| Err(No::Rule), |_, _| ()), Err(No::Rule));
    assert_eq!((clubs.len(), of_member(&clubs, "amy")), (1, vec!["a".to_owned()]));
}

/// Runs a turn that panics, without its message.
fn panics(turn: impl FnOnce()) {
    let hook = std::panic::take_hook();
    std::panic::set_hook(Box::new(|_| {}));
    let ended = catch_unwind(AssertUnwindSafe(turn));
    std::panic::set_hook(hook);
    assert!(ended.is_err(), "the turn panics");
}

#[test]
fn a_panic_in_a_turn_leaves_the_entity_gone_its_key_free_and_the_others_going() {
    let clubs = clubs();
    for id in ["a", "b", "c"] {
        create(&clubs, id, &["amy", "bob"]).expect("the id is free");
    }
    panics(|| {
        let _: Result<(), No> = clubs.change(&origin(), "a", |club, _| {
            club.members.remove("amy");
            panic!("half way")
        });
    });
    panics(|| drop(clubs.destroy::<(), No>(&origin(), "b", |_| Ok(()), |_, _| panic!("half way"))));
    panics(|| drop(clubs.create::<No>(&origin(), &EntityId::new("d"), |_| panic!("half way"))));
    assert_eq!(clubs.ids(), [EntityId::new("c")]);
    assert_eq!((of_member(&clubs, "amy"), of_member(&clubs, "bob")), (vec!["c".to_owned()], vec!["c".to_owned()]));
    assert_eq!(clubs.change(&origin(), "a", |_, _| Ok::<_, No>(())), Err(No::Missing));
    for id in ["a", "b", "d"] {
        assert_eq!(create(&clubs, id, &["amy"]), Ok(()), "{id} is free");
    }
    assert_eq!(clubs.change(&origin(), "c", |club, turn| leave(club, turn, "amy")), Ok(()));
    assert_eq!(of_member(&clubs, "amy"), ["a", "b", "d"]);
}

#[test]
fn whoever_waited_for_an_entity_that_ended_finds_it_gone() {
    let clubs = clubs();
    create(&clubs, "a", &[]).expect("the id is free");
    let inside = std::sync::Barrier::new(2);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            clubs.destroy(&origin(), "a", |_| Ok::<(), No>(()), |_, _| inside.wait()).expect("it is there");
        });
        inside.wait();
        assert_eq!(clubs.change(&origin(), "a", |_, _| Ok::<_, No>(())), Err(No::Missing));
    });
    assert!(clubs.is_empty());
}

#[test]
fn changes_and_ends_at_the_same_time_lose_nothing() {
    let clubs = clubs();
    let (changed, lives) = (AtomicUsize::new(0), AtomicUsize::new(0));
    std::thread::scope(|scope| {
        for worker in 0..4 {
            let (clubs, changed, lives) = (&clubs, &changed, &lives);
            scope.spawn(move || {
                for round in 0..300 {
                    let user = format!("u{worker}");
                    match (round + worker) % 5 {
                        0 => lives.fetch_add(usize::from(create(clubs, "a", &[]).is_ok()), Ordering::SeqCst),
                        1 => usize::from(destroy(clubs, "a").is_ok()),
                        2 => usize::from(clubs.change(&origin(), "a", |club, turn| leave(club, turn, &user)).is_ok()),
                        _ => {
                            let count = |club: &mut Club, _: &mut Turn<'_>| {
                                club.turns += 1;
                                Ok::<_, No>(())
                            };
                            changed
                                .fetch_add(usize::from(clubs.change(&origin(), "a", count).is_ok()), Ordering::SeqCst);
                            usize::from(clubs.change(&origin(), "a", |club, turn| join(club, turn, &user)).is_ok())
                        }
                    };
                }
            });
        }
    });
    assert!(lives.into_inner() > 0);
    for worker in 0..4 {
        let user = format!("u{worker}");
        let inside = clubs.read("a", |club| club.members.contains(&user)).unwrap_or(false);
        assert_eq!(of_member(&clubs, &user).len(), usize::from(inside), "{user}");
    }
    let alive = clubs.read("a", |club| club.turns).unwrap_or(0);
    assert!(usize::try_from(alive).expect("small") <= changed.into_inner());
}

#[test]
fn putting_the_same_id_at_the_same_time_leaves_one_entity_and_a_true_index() {
    let clubs = clubs();
    std::thread::scope(|scope| {
        for worker in 0..4 {
            let clubs = &clubs;
            scope.spawn(move || {
                for round in 0..200 {
                    let user = UserId::new(format!("u{worker}-{round}"));
                    let club = Club { members: [(user, ())].into_iter().collect(), turns: 0 };
                    clubs.put(&EntityId::new("a"), club);
                }
            });
        }
    });
    let inside = clubs.read("a", |club| club.members.ids().cloned().collect::<Vec<_>>()).expect("it is there");
    assert_eq!(inside.len(), 1);
    for (worker, round) in (0..4).flat_map(|worker| (0..200).map(move |round| (worker, round))) {
        let user = format!("u{worker}-{round}");
        assert_eq!(of_member(&clubs, &user).len(), usize::from(inside[0].as_str() == user), "{user}");
    }
}

/// Steps on three clubs by four people.
fn steps() -> impl Strategy<Value = Vec<(u8, usize, usize)>> {
    proptest::collection::vec((any::<u8>(), 0..3usize, 0..4usize), 0..120)
}

proptest! {
    #[test]
    fn the_index_of_memberships_never_drifts(steps in steps()) {
        let (ids, people) = (["a", "b", "c"], ["amy", "bob", "cy", "dee"]);
        let clubs = clubs();
        for (step, at, who) in steps {
            let (id, user) = (ids[at], people[who]);
            let _ = match step % 6 {
                0 => create(&clubs, id, &people[..who]),
                1 => destroy(&clubs, id),
                2 => {
                    clubs.put(&EntityId::new(id), Club { members: [(UserId::new(user), ())].into_iter().collect(), turns: 0 });
                    Ok(())
                }
                3 => clubs.change(&origin(), id, |club, turn| leave(club, turn, user)),
                _ => clubs.change(&origin(), id, |club, turn| join(club, turn, user)),
            };
            for person in people {
                let mut indexed = of_member(&clubs, person);
                indexed.sort_unstable();
                let true_ones: Vec<&str> =
                    ids.into_iter().filter(|id| clubs.read(id, |club| club.members.contains(person)) == Some(true)).collect();
                assert_eq!(indexed, true_ones, "{person}");
            }
        }
    }
}
