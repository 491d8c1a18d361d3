//! The roster beside a plain list.

use super::*;
use proptest::{collection::vec, prelude::*};

fn id(n: u64) -> String {
    format!("U{n:011}")
}

fn filled(numbers: impl IntoIterator<Item = u64>) -> Roster<u64> {
    let members = numbers.into_iter().map(|n| (UserId::new(id(n)), n));
    members.collect()
}

fn members<'a>(page: impl Iterator<Item = (&'a UserId, &'a u64)>) -> Vec<u64> {
    page.map(|(_, &member)| member).collect()
}

#[test]
fn joins_once_and_leaves_once() {
    let mut roster = filled([1, 2]);
    assert!(!roster.join(UserId::new(id(1)), 3));
    assert_eq!((roster.len(), roster.next_join()), (2, 3));
    *roster.get_mut(&id(1)).expect("1 is in") += 10;
    roster.iter_mut().for_each(|(_, member)| *member *= 2);
    assert_eq!((roster.get(&id(1)), roster.get(&id(3))), (Some(&22), None));
    assert_eq!(roster.remove(&id(1)), Some((1, 22)));
    assert!(roster.remove(&id(1)).is_none() && !roster.contains(&id(1)));
    assert!(roster.join(UserId::new(id(1)), 4) && roster.ids().count() == 2);
    assert_eq!(roster.joined(&id(1)), Some(3));
    *roster.get_mut(&id(1)).expect("1 is in") = 1;
    *roster.get_mut(&id(2)).expect("2 is in") = 2;
    assert_eq!(members(roster.iter().rev()), [1, 2]);
    assert_eq!(roster.clone(), filled([2, 1, 2]));
    assert_ne!(roster, filled([1, 2]));
}

#[test]
fn pages_across_empty_blocks_and_compaction() {
    let mut roster = filled(0..4_000);
    for (gone, slots) in [(600..2_500, 4_000), (2_500..2_700, 1_999)] {
        let next = gone.end;
        gone.for_each(|n| assert!(roster.remove(&id(n)).is_some()));
        assert_eq!(roster.slots.len(), slots);
        assert_eq!(members(roster.page(599).take(2)), [599, next]);
        assert_eq!(roster.after(600).next().map(|m| m.0), Some(next + 1));
    }
    assert!(roster.page(1_900).next().is_none() && roster.after(u64::MAX).next().is_none());
}

#[test]
fn fetching_finds_nobody_and_changes_nothing() {
    let mut roster = filled(0..20_000);
    (0..20_000).step_by(3).for_each(|n| assert!(roster.remove(&id(n)).is_some()));
    let before = roster.clone();
    let asked: Vec<UserId> = (0..30_000).step_by(7).map(|n| UserId::new(id(n))).collect();
    roster.fetch(&asked);
    assert_eq!((roster == before, roster.next_join()), (true, before.next_join()));
    Roster::<u64>::new().fetch(&asked);
}

#[test]
fn a_member_takes_less_than_ninety_bytes() {
    let mut roster = Roster::new();
    for n in 0..300_000 {
        roster.join(UserId::new(id(n)), n);
        assert!(n < 64 || roster.memory_bytes() < 90 * roster.len());
    }
    (0..150_001).for_each(|n| assert!(roster.remove(&id(n)).is_some()));
    assert!(roster.memory_bytes() < 90 * roster.len(), "compacted");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn behaves_as_a_plain_list(
        steps in vec((any::<bool>(), 0..1_500_u64, 1..700_u64, 0..3_000_u64), 1..30),
    ) {
        let (mut roster, mut model, mut next) = (Roster::new(), Vec::new(), 1);
        for (joins, first, count, place) in steps {
            for n in first..first + count {
                let at = model.iter().position(|&(_, m)| m == n);
                if joins {
                    prop_assert_eq!(roster.join(UserId::new(id(n)), n), at.is_none());
                    model.extend(at.is_none().then_some((next, n)));
                    next += u64::from(at.is_none());
                } else {
                    prop_assert_eq!(roster.remove(&id(n)), at.map(|at| model.remove(at)));
                }
            }
            let plain = || model.iter().copied();
            prop_assert!(roster == filled(plain().map(|(_, n)| n)));
            prop_assert_eq!((roster.len(), roster.next_join()), (model.len(), next));
            prop_assert!(plain().all(|(joined, n)| roster.joined(&id(n)) == Some(joined)));
            let page = plain().skip(place as usize).map(|(_, n)| n);
            prop_assert!(page.eq(members(roster.page(place as usize))));
            let after = plain().filter(|&(joined, _)| joined > place);
            prop_assert!(after.eq(roster.after(place).map(|(joined, _, &n)| (joined, n))));
        }
    }

    #[test]
    fn a_cursor_meets_all_who_stay_once(
        changes in vec((0..1_500_u64, 1..400_u64, any::<bool>()), 1..40),
        limit in 1..100_usize,
    ) {
        let mut roster = filled(0..1_500);
        let (mut seen, mut last) = (vec![], 0);
        for (first, count, rejoins) in changes {
            seen.extend(roster.after(last).take(limit).map(|(joined, ..)| joined));
            last = seen.last().copied().unwrap_or(last);
            for n in first..first + count {
                if roster.remove(&id(n)).is_some() && rejoins {
                    roster.join(UserId::new(id(n)), n);
                }
            }
        }
        seen.extend(roster.after(last).map(|(joined, ..)| joined));
        prop_assert!(seen.is_sorted_by(|a, b| a < b), "no one is met twice");
        let mut stayed = roster.from(1).map(|(joined, ..)| joined);
        prop_assert!(stayed.all(|joined| seen.binary_search(&joined).is_ok()));
    }
}
