//! Membership calls of several at once are linearizable: some order of them, each between its start and its end,
//! explains every reply. The checker is shown to refuse, too.

#![allow(clippy::print_stdout, reason = "what was seen is a figure of docs/reliability.md")]

mod common;
mod linear;

use std::sync::Arc;

use linear::systems::{Forgetful, Groups, Imkit, Rooms, world};
use linear::{Op, PEOPLE, Recorded, Reply, System, is_explained, overlaps, record};
use todc_utils::linearizability::history::Action;

/// Histories of each back end in every run.
const FEW: u64 = 200;
/// Histories of each back end in the longer checks.
const MANY: u64 = 3000;

/// Records so many histories and wants each explained, and most no longer so with one reply changed.
async fn none_is_refused<S: System>(count: u64) {
    let house = Arc::new(world().await);
    let (mut met, mut refused) = (0, 0);
    for number in 0..count {
        let mut recorded = record::<S>(&house, number).await;
        assert!(is_explained::<S>(&recorded), "no order explains history {number}: {recorded:#?}");
        met += overlaps(&recorded);
        forge(&mut recorded);
        // Now and then another order of calls that ran together gives the forged reply.
        refused += u64::from(!is_explained::<S>(&recorded));
    }
    println!("{count} histories, all explained; forged, {refused} refused; {met} calls began while another ran");
    assert!(refused > count / 2, "the checker refuses {refused} of {count} forged histories");
    assert!(met > 0, "some calls have to meet");
}

/// Changes the last reply, a look: somebody who was inside is not, or the other way round.
fn forge(recorded: &mut Recorded) {
    let Some((_, Action::Response((Op::Look, reply)))) = recorded.last_mut() else { panic!("it ends with a look") };
    match reply.shown.pop() {
        Some(_) => {}
        None => reply.shown.push(PEOPLE[0].to_owned()),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn group_members_are_linearizable() {
    none_is_refused::<Groups>(FEW).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn room_members_are_linearizable() {
    none_is_refused::<Rooms>(FEW).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn members_of_imkit_rooms_are_linearizable() {
    none_is_refused::<Imkit>(FEW).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
#[ignore = "thousands of histories, for the longer checks"]
async fn thousands_of_histories_are_linearizable() {
    none_is_refused::<Groups>(MANY).await;
    none_is_refused::<Rooms>(MANY).await;
    none_is_refused::<Imkit>(MANY).await;
}

/// A caller, what it asked, and whether that is its start (no reply) or its end.
type Line<'a> = (usize, Op, Option<(&'a str, &'a [&'a str])>);

/// A history out of lines.
fn history(lines: &[Line<'_>]) -> Recorded {
    let action = |(caller, op, reply): &Line<'_>| {
        let action = match reply {
            None => Action::Call((op.clone(), Reply::default())),
            Some((word, shown)) => {
                let shown = shown.iter().map(|&name| name.to_owned()).collect();
                Action::Response((op.clone(), Reply::new(word, shown)))
            }
        };
        (*caller, action)
    };
    lines.iter().map(action).collect()
}

#[test]
fn a_lost_addition_is_refused_and_a_late_one_is_not() {
    let (a, b, look) = (Op::Add(vec![0]), Op::Add(vec![1]), Op::Look);
    let lost = history(&[
        (0, a.clone(), None),
        (1, b.clone(), None),
        (0, a.clone(), Some(("200", &["a"]))),
        (1, b.clone(), Some(("200", &["b"]))),
    ]);
    assert!(!is_explained::<Imkit>(&lost), "each saw itself alone: one addition was lost");
    let stale = history(&[
        (0, a.clone(), None),
        (0, a.clone(), Some(("200", &["a"]))),
        (1, look.clone(), None),
        (1, look.clone(), Some(("200", &[]))),
    ]);
    assert!(!is_explained::<Imkit>(&stale), "a look after the addition has to see it");
    let late = history(&[
        (0, a.clone(), None),
        (1, look.clone(), None),
        (1, look, Some(("200", &[]))),
        (0, a, Some(("200", &["a"]))),
    ]);
    assert!(is_explained::<Imkit>(&late), "a look during the addition need not");
}

#[test]
fn the_same_member_kicked_twice_at_once_is_refused() {
    let (enter, kick) = (Op::Add(vec![0]), Op::Remove(vec![0]));
    let twice = |second: &'static str| {
        history(&[
            (0, enter.clone(), None),
            (0, enter.clone(), Some(("0", &[]))),
            (0, kick.clone(), None),
            (1, kick.clone(), None),
            (0, kick.clone(), Some(("0", &[]))),
            (1, kick.clone(), Some((second, &[]))),
        ])
    };
    assert!(!is_explained::<Rooms>(&twice("0")), "only one of them can have removed the member");
    assert!(is_explained::<Rooms>(&twice("100005")));
}

#[tokio::test]
async fn a_room_that_forgets_what_came_in_between_is_found_out() {
    let house = Arc::new(world().await);
    let mut refused = 0;
    for number in 0..20 {
        let recorded = record::<Forgetful>(&house, number).await;
        refused += usize::from(!is_explained::<Forgetful>(&recorded));
    }
    assert!(refused > 10, "{refused} of 20 histories are refused");
}
