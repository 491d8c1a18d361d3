//! Histories: what several callers asked at once and what they were told, recorded, and checked against a sequential
//! model: some order of the calls, each between its start and its end, must explain every reply.

pub mod systems;

use std::fmt::Debug;
use std::marker::PhantomData;
use std::sync::Arc;

use parking_lot::Mutex;
use todc_utils::linearizability::WGLChecker;
use todc_utils::linearizability::history::{Action, History};
use todc_utils::specifications::Specification;
use tokio::sync::Barrier;

use crate::common::House;

/// Who asks at once.
pub const CALLERS: usize = 4;
/// Calls of each in one history.
pub const STEPS: usize = 6;
/// Accounts that are added and removed.
pub const PEOPLE: [&str; 6] = ["a", "b", "c", "d", "e", "f"];

/// A call on one room or group; numbers are places in the list of people.
#[derive(Clone, Debug, PartialEq)]
pub enum Op {
    Add(Vec<usize>),
    Remove(Vec<usize>),
    /// Who is inside, in order.
    Look,
    /// What everybody is to the group.
    Roles,
}

/// What it was answered: a code, or a status, and what was shown.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Reply {
    pub word: String,
    pub shown: Vec<String>,
}

impl Reply {
    pub fn new(word: impl ToString, shown: Vec<String>) -> Self {
        Self { word: word.to_string(), shown }
    }
}

/// Who is inside, as a child would keep it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Inside {
    pub members: Vec<usize>,
    pub owner: Option<usize>,
}

impl Inside {
    pub fn names(&self) -> Vec<String> {
        self.members.iter().map(|who| PEOPLE[*who].to_owned()).collect()
    }
}

/// A back end's membership: the calls through the front door, and the model that says what they have to answer.
pub trait System: Send + 'static {
    /// Makes a fresh room or group with this name.
    fn make(house: &House, name: &str) -> impl Future<Output = ()> + Send;
    /// Makes a call.
    fn call(house: &House, name: &str, op: &Op) -> impl Future<Output = Reply> + Send;
    /// Who is inside a fresh one.
    fn fresh() -> Inside;
    /// What the call has to answer, and does.
    fn model(inside: &mut Inside, op: &Op) -> Reply;
    /// Calls that there are.
    fn any(dice: &mut Dice) -> Op;
}

/// The model as the checker wants it.
struct Sequential<S>(PhantomData<S>);

impl<S: System> Specification for Sequential<S> {
    type State = Inside;
    type Operation = (Op, Reply);

    fn init() -> Inside {
        S::fresh()
    }

    fn apply((op, reply): &(Op, Reply), inside: &Inside) -> (bool, Inside) {
        let mut after = inside.clone();
        let expected = S::model(&mut after, op);
        (expected == *reply, after)
    }
}

/// Starts and ends of calls in their real order, each with its caller.
pub type Recorded = Vec<(usize, Action<(Op, Reply)>)>;

/// Whether some order explains all replies.
pub fn is_explained<S: System>(recorded: &Recorded) -> bool {
    WGLChecker::<Sequential<S>>::is_linearizable(History::from_actions(recorded.clone()))
}

/// Calls that began while another was running.
pub fn overlaps(recorded: &Recorded) -> usize {
    let mut running = 0_usize;
    let mut count = 0;
    for (_, action) in recorded {
        match action {
            Action::Call(_) => {
                count += usize::from(running > 0);
                running += 1;
            }
            Action::Response(_) => running -= 1,
        }
    }
    count
}

/// Makes a room or group, lets all callers at it at once, and at the end one look at what became of it.
pub async fn record<S: System>(house: &Arc<House>, number: u64) -> Recorded {
    let name = format!("h{number}");
    S::make(house, &name).await;
    let log = Arc::new(Mutex::new(Recorded::new()));
    let together = Arc::new(Barrier::new(CALLERS));
    let callers: Vec<_> = (0..CALLERS)
        .map(|caller| {
            let (house, name, log, together) = (house.clone(), name.clone(), log.clone(), together.clone());
            let mut dice = Dice::new(number * CALLERS as u64 + caller as u64);
            tokio::spawn(async move {
                for step in 0..STEPS {
                    // Half of the steps begin together, so that they meet; the others as they come.
                    if step % 2 == 0 {
                        together.wait().await;
                    }
                    let op = S::any(&mut dice);
                    one::<S>(&house, &name, &log, caller, op).await;
                }
            })
        })
        .collect();
    for caller in callers {
        caller.await.expect("no caller panics");
    }
    one::<S>(house, &name, &log, 0, Op::Look).await;
    Arc::into_inner(log).expect("all callers are done").into_inner()
}

async fn one<S: System>(house: &House, name: &str, log: &Mutex<Recorded>, caller: usize, op: Op) {
    log.lock().push((caller, Action::Call((op.clone(), Reply::default()))));
    let reply = S::call(house, name, &op).await;
    log.lock().push((caller, Action::Response((op, reply))));
}

/// A stream of numbers of its own for each caller: the races differ from run to run, the calls do not.
pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15))
    }

    pub fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % bound
    }

    /// One to three people, nobody twice.
    pub fn people(&mut self) -> Vec<usize> {
        let count = 1 + self.below(3);
        let mut people = Vec::new();
        for _ in 0..count {
            let who = usize::try_from(self.below(PEOPLE.len() as u64)).expect("a place in a short list");
            if !people.contains(&who) {
                people.push(who);
            }
        }
        people
    }
}
