//! Chat groups against a model that is too simple to be wrong: lists that are searched from the front.

mod common;

use std::collections::BTreeSet;

use common::{House, start};
use proptest::prelude::*;
use serde_json::{Value, json};

/// The accounts; the last two were never imported.
const ACCOUNTS: [&str; 7] = ["a", "b", "c", "d", "e", "nobody", "stranger"];
const IMPORTED: usize = 5;
/// The groups, with their types.
const GROUPS: [(&str, &str); 4] =
    [("pub", "Public"), ("priv", "Private"), ("chat", "ChatRoom"), ("live", "AVChatRoom")];
const MAX: usize = 3;

/// What a test may do; numbers choose group and accounts.
#[derive(Clone, Debug)]
enum Step {
    Create(usize, Option<usize>, Vec<usize>),
    Destroy(usize),
    Add(usize, Vec<usize>, bool),
    Delete(usize, Vec<usize>, bool),
    Roles(usize),
    Role(usize, usize, bool),
    Mute(usize, usize, bool),
    Say(usize, usize),
    Owner(usize, usize),
}

/// A group as the model has it.
#[derive(Clone, Debug)]
struct Plain {
    owner: Option<usize>,
    members: Vec<usize>,
    admins: Vec<usize>,
    muted: Vec<usize>,
    activated: bool,
    next_msg_seq: u32,
}

impl Plain {
    /// Counts a tip, in the groups that have them.
    fn tip(&mut self, kind: &str) {
        let tells = kind == "Public" || kind == "AVChatRoom" || (kind == "Private" && self.activated);
        self.next_msg_seq += u32::from(tells);
    }
}

type Model = Vec<Option<Plain>>;

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let (group, account) = (0..GROUPS.len(), 0..ACCOUNTS.len());
    let known = || prop::collection::vec(0..IMPORTED, 0..4);
    let any_account = account.clone();
    let listed = move || prop::collection::vec(any_account.clone(), 0..5);
    let step = prop_oneof![
        3 => (group.clone(), prop::option::of(0..IMPORTED), known()).prop_map(|(g, owner, list)| Step::Create(g, owner, list)),
        1 => group.clone().prop_map(Step::Destroy),
        3 => (group.clone(), known(), any::<bool>()).prop_map(|(g, list, silent)| Step::Add(g, list, silent)),
        1 => (group.clone(), listed(), any::<bool>()).prop_map(|(g, list, silent)| Step::Add(g, list, silent)),
        4 => (group.clone(), listed(), any::<bool>()).prop_map(|(g, list, silent)| Step::Delete(g, list, silent)),
        1 => group.clone().prop_map(Step::Roles),
        2 => (group.clone(), account.clone(), any::<bool>()).prop_map(|(g, who, admin)| Step::Role(g, who, admin)),
        2 => (group.clone(), account.clone(), any::<bool>()).prop_map(|(g, who, on)| Step::Mute(g, who, on)),
        3 => (group.clone(), account.clone()).prop_map(|(g, who)| Step::Say(g, who)),
        1 => (group, account).prop_map(|(g, who)| Step::Owner(g, who)),
    ];
    prop::collection::vec(step, 1..60)
}

fn names(list: &[usize]) -> Vec<&'static str> {
    list.iter().map(|account| ACCOUNTS[*account]).collect()
}

fn entries(list: &[usize]) -> Vec<Value> {
    list.iter().map(|account| json!({"Member_Account": ACCOUNTS[*account]})).collect()
}

/// Takes one step in the model; gives the code that the call has to answer, and the results of an addition.
fn expect(model: &mut Model, step: &Step) -> (i64, Vec<u8>) {
    let code = |code| (code, Vec::new());
    match step {
        Step::Create(g, owner, list) => {
            let live = GROUPS[*g].1 == "AVChatRoom";
            let mut members: Vec<usize> = Vec::new();
            for account in owner.iter().chain(list).filter(|_| !live) {
                if !members.contains(account) {
                    members.push(*account);
                }
            }
            match &model[*g] {
                _ if live && !list.is_empty() => code(10007),
                _ if members.len() > MAX => code(10038),
                Some(present) if owner.is_some() && present.owner == *owner => code(10025),
                Some(_) => code(10021),
                None => {
                    let (admins, muted) = (Vec::new(), Vec::new());
                    let owner = *owner;
                    model[*g] = Some(Plain { owner, members, admins, muted, activated: false, next_msg_seq: 1 });
                    code(0)
                }
            }
        }
        Step::Destroy(g) => code(if model[*g].take().is_some() { 0 } else { 10010 }),
        Step::Add(_, list, _) | Step::Delete(_, list, _) if list.is_empty() => code(10004),
        Step::Add(g, list, silent) => expect_add(&mut model[*g], GROUPS[*g].1, list, *silent),
        Step::Delete(g, list, silent) => code(expect_delete(&mut model[*g], GROUPS[*g].1, list, *silent)),
        Step::Role(g, ..) | Step::Mute(g, ..) | Step::Say(g, _) | Step::Owner(g, _) => code(match &mut model[*g] {
            None => 10010,
            Some(group) => expect_standing(group, GROUPS[*g].1, step),
        }),
        Step::Roles(g) => code(match &model[*g] {
            None => 10010,
            Some(_) if GROUPS[*g].1 == "AVChatRoom" => 10007,
            Some(_) => 0,
        }),
    }
}

fn expect_standing(group: &mut Plain, kind: &str, step: &Step) -> i64 {
    match step {
        Step::Role(_, who, admin) => {
            let takes = kind == "Public" || kind == "ChatRoom";
            if !takes || !group.members.contains(who) || group.owner == Some(*who) {
                return 10007;
            }
            if group.admins.contains(who) != *admin {
                group.admins.retain(|admin| admin != who);
                group.admins.extend(admin.then_some(*who));
                group.tip(kind);
            }
        }
        Step::Mute(_, who, on) => {
            if kind == "Private" {
                return 10007;
            }
            group.muted.retain(|muted| muted != who);
            group.muted.extend(on.then_some(*who));
            group.tip(kind);
        }
        Step::Say(_, who) => {
            if *who >= IMPORTED {
                return 10019;
            }
            if kind != "AVChatRoom" && !group.members.contains(who) {
                return 10007;
            }
            if group.muted.contains(who) {
                return 10017;
            }
            group.activated |= kind == "Private" && group.owner == Some(*who);
            group.next_msg_seq += 1;
        }
        Step::Owner(_, who) => {
            if kind == "AVChatRoom" || !group.members.contains(who) {
                return 10007;
            }
            if group.owner != Some(*who) {
                group.admins.retain(|admin| admin != who);
                group.owner = Some(*who);
                group.tip(kind);
            }
        }
        _ => {}
    }
    0
}

fn expect_add(group: &mut Option<Plain>, kind: &str, list: &[usize], silent: bool) -> (i64, Vec<u8>) {
    let Some(group) = group else { return (10010, Vec::new()) };
    if kind == "AVChatRoom" {
        return (10007, Vec::new());
    }
    if list.iter().any(|account| *account >= IMPORTED) {
        return (10019, Vec::new());
    }
    let (mut members, mut results) = (group.members.clone(), Vec::new());
    for account in list {
        results.push(if members.contains(account) { 2 } else { 1 });
        if !members.contains(account) {
            members.push(*account);
        }
    }
    if members.len() > MAX && members.len() > group.members.len() {
        return (10014, Vec::new());
    }
    let came = members.len() > group.members.len();
    if came && !silent {
        group.tip(kind);
    }
    group.members = members;
    (0, results)
}

fn expect_delete(group: &mut Option<Plain>, kind: &str, list: &[usize], silent: bool) -> i64 {
    let Some(group) = group else { return 10010 };
    if kind == "AVChatRoom" {
        return 10004;
    }
    let before = group.members.len();
    group.members.retain(|account| !list.contains(account));
    group.owner = group.owner.filter(|owner| !list.contains(owner));
    group.admins.retain(|account| !list.contains(account));
    if group.members.len() < before && !silent {
        group.tip(kind);
    }
    0
}

/// Takes the step through the front door and compares the reply.
async fn take(house: &House, number: usize, step: &Step, (code, results): (i64, Vec<u8>), model: &Model) {
    let answer = match step {
        Step::Create(g, owner, list) => {
            let (id, kind) = GROUPS[*g];
            let owner = owner.map(|owner| ACCOUNTS[owner]);
            let body = json!({"GroupId": id, "Type": kind, "Name": id, "Owner_Account": owner, "MaxMemberCount": MAX, "MemberList": entries(list)});
            house.group("create_group", body).await
        }
        Step::Destroy(g) => house.group("destroy_group", json!({"GroupId": GROUPS[*g].0})).await,
        Step::Add(g, list, silent) => {
            let body = json!({"GroupId": GROUPS[*g].0, "Silence": u8::from(*silent), "MemberList": entries(list)});
            house.group("add_group_member", body).await
        }
        Step::Delete(g, list, silent) => {
            let body =
                json!({"GroupId": GROUPS[*g].0, "Silence": u8::from(*silent), "MemberToDel_Account": names(list)});
            house.group("delete_group_member", body).await
        }
        Step::Role(g, who, admin) => {
            let role = if *admin { "Admin" } else { "Member" };
            let body = json!({"GroupId": GROUPS[*g].0, "Member_Account": ACCOUNTS[*who], "Role": role});
            house.group("modify_group_member_info", body).await
        }
        Step::Mute(g, who, on) => {
            let seconds = if *on { 600 } else { 0 };
            let body = json!({"GroupId": GROUPS[*g].0, "Members_Account": [ACCOUNTS[*who]], "ShutUpTime": seconds});
            house.group("forbid_send_msg", body).await
        }
        Step::Say(g, who) => {
            let text = json!([{"MsgType": "TIMTextElem", "MsgContent": {"Text": "t"}}]);
            let body =
                json!({"GroupId": GROUPS[*g].0, "From_Account": ACCOUNTS[*who], "Random": number, "MsgBody": text});
            house.group("send_group_msg", body).await
        }
        Step::Owner(g, who) => {
            let body = json!({"GroupId": GROUPS[*g].0, "NewOwner_Account": ACCOUNTS[*who]});
            house.group("change_group_owner", body).await
        }
        Step::Roles(g) => {
            house.group("get_role_in_group", json!({"GroupId": GROUPS[*g].0, "User_Account": ACCOUNTS})).await
        }
    };
    assert_eq!(answer.code(), code, "{step:?}: {}", answer.text);
    let reply = answer.json();
    let given = reply["MemberList"].as_array().into_iter().flatten();
    assert!(
        given.map(|entry| entry["Result"].as_u64()).eq(results.iter().map(|result| Some(u64::from(*result)))),
        "{reply}"
    );
    if let (Step::Roles(g), 0) = (step, code) {
        let group = model[*g].as_ref().expect("the model has it");
        for (account, entry) in reply["UserIdList"].as_array().expect("a list").iter().enumerate() {
            let role = match account {
                _ if group.owner == Some(account) => "Owner",
                _ if group.admins.contains(&account) => "Admin",
                _ if group.members.contains(&account) => "Member",
                _ => "NotMember",
            };
            assert_eq!((&entry["Member_Account"], &entry["Role"]), (&json!(ACCOUNTS[account]), &json!(role)));
        }
    }
}

/// Compares all groups as a document has them.
async fn compare(house: &House, model: &Model) {
    let state = house.state().await;
    let groups = state["tencent"]["88888888"]["groups"].as_array().cloned().unwrap_or_default();
    for (at, (id, _)) in GROUPS.iter().enumerate() {
        let found = groups.iter().find(|group| group["GroupId"] == *id);
        assert_eq!(found.is_some(), model[at].is_some(), "{id}");
        let (Some(found), Some(plain)) = (found, &model[at]) else { continue };
        assert_eq!(found["Owner_Account"], plain.owner.map_or("", |owner| ACCOUNTS[owner]));
        assert_eq!(found["NextMsgSeq"], plain.next_msg_seq);
        assert_eq!(found["Activated"] == true, plain.activated);
        let muted = found["ShutUpAccountList"].as_array().into_iter().flatten();
        let muted: BTreeSet<_> = muted.filter_map(|mute| mute["Member_Account"].as_str()).collect();
        assert_eq!(muted, names(&plain.muted).into_iter().collect());
        let members = found["MemberList"].as_array().into_iter().flatten();
        assert!(
            members.map(|member| member["Member_Account"].as_str()).eq(names(&plain.members).into_iter().map(Some))
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn groups_behave_as_plain_lists(steps in steps()) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(async {
            let accounts: Vec<Value> = ACCOUNTS[..IMPORTED].iter().map(|id| json!({"UserID": id})).collect();
            let house = start(json!({"imulator": 1, "tencent": {"88888888": {"accounts": accounts}}})).await;
            let mut model: Model = vec![None; GROUPS.len()];
            for (number, step) in steps.iter().enumerate() {
                let events = house.events().await.len();
                let expected = expect(&mut model, step);
                let refused = expected.0 != 0;
                take(&house, number, step, expected, &model).await;
                compare(&house, &model).await;
                assert!(!refused || house.events().await.len() == events, "a refused call records nothing: {step:?}");
            }
        });
    }
}
