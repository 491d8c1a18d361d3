//! A life of a group of each of the eight type names, from its making to the answer that there is none.

mod common;

use std::collections::BTreeSet;

use common::{Answer, House, start, start_with};
use serde_json::{Value, json};

/// What each step of a life answers, by type name.
struct Life {
    name: &'static str,
    stored: &'static str,
    fill: i64,
    promote: i64,
    mute: i64,
    speak: i64,
    recall: i64,
    history: i64,
    kick: i64,
    transfer: i64,
    listed: i64,
}

const LIVES: &[Life] = &[
    life("Private", "Private", [0, 10007, 10007, 0, 0, 0, 0, 0, 0]),
    life("Work", "Private", [0, 10007, 10007, 0, 0, 0, 0, 0, 0]),
    life("Public", "Public", [0, 0, 0, 10017, 0, 0, 0, 0, 0]),
    life("ChatRoom", "ChatRoom", [0, 0, 0, 10017, 0, 0, 0, 0, 0]),
    life("Meeting", "ChatRoom", [0, 0, 0, 10017, 0, 0, 0, 0, 0]),
    life("AVChatRoom", "AVChatRoom", [10007, 10007, 0, 10017, 10033, 10007, 10004, 10007, 10007]),
    life("BChatRoom", "BChatRoom", [10007, 10007, 10007, 0, 10033, 10007, 10004, 10007, 10007]),
    life("Community", "Community", [0, 0, 0, 10017, 0, 0, 0, 0, 0]),
];

/// Fill, promote, mute, the muted one speaks, recall, history, kick, transfer, members.
const fn life(name: &'static str, stored: &'static str, codes: [i64; 9]) -> Life {
    let [fill, promote, mute, speak, recall, history, kick, transfer, listed] = codes;
    Life { name, stored, fill, promote, mute, speak, recall, history, kick, transfer, listed }
}

fn text(words: &str) -> Value {
    json!([{"MsgType": "TIMTextElem", "MsgContent": {"Text": words}}])
}

async fn accounts(house: &House) {
    let list = json!({"Accounts": ["mira", "otto", "pia", "rosa"]});
    let answer = house.tencent("im_open_login_svc/multiaccount_import", list).await;
    assert_eq!(answer.json()["FailAccounts"], json!([]));
}

async fn say(house: &House, id: &str, from: &str, random: u32) -> Answer {
    let body = json!({"GroupId": id, "From_Account": from, "Random": random, "MsgBody": text("hello")});
    house.group("send_group_msg", body).await
}

#[tokio::test]
async fn each_type_lives_as_documented() {
    for life in LIVES {
        let house = start(json!({"imulator": 1})).await;
        accounts(&house).await;
        let made = house.group("create_group", json!({"Type": life.name, "Name": "n", "Owner_Account": "mira"})).await;
        assert_eq!(made.code(), 0, "{}", life.name);
        let id = made.json()["GroupId"].as_str().expect("an id").to_owned();
        let step = async |command: &str, body: Value, code: i64| {
            let mut body = body;
            body["GroupId"] = json!(id);
            let answer = house.group(command, body).await;
            assert_eq!(answer.code(), code, "{} {command}: {}", life.name, answer.why());
            answer.json()
        };
        let list = json!(["otto", "pia", "rosa"].map(|who| json!({"Member_Account": who})));
        step("add_group_member", json!({"MemberList": list}), life.fill).await;
        step("modify_group_member_info", json!({"Member_Account": "otto", "Role": "Admin"}), life.promote).await;
        step("forbid_send_msg", json!({"Members_Account": ["pia"], "ShutUpTime": 60}), life.mute).await;
        assert_eq!(say(&house, &id, "pia", 1).await.code(), life.speak, "{}", life.name);
        let sent = say(&house, &id, "mira", 2).await.json();
        assert_eq!(sent["ErrorCode"], 0, "{}", life.name);
        let recall = json!({"MsgSeqList": [{"MsgSeq": sent["MsgSeq"]}]});
        let recalled = step("group_msg_recall", recall, life.recall).await;
        assert!(life.recall != 0 || recalled["RecallRetList"][0]["RetCode"] == 0, "{recalled}");
        step("group_msg_get_simple", json!({"ReqMsgNumber": 20}), life.history).await;
        step("delete_group_member", json!({"MemberToDel_Account": ["rosa"]}), life.kick).await;
        step("change_group_owner", json!({"NewOwner_Account": "otto"}), life.transfer).await;
        let group = house.group("get_group_info", json!({"GroupIdList": [id]})).await.json()["GroupInfo"][0].clone();
        let owner = if life.transfer == 0 { "otto" } else { "mira" };
        assert_eq!((&group["Type"], &group["Owner_Account"]), (&json!(life.stored), &json!(owner)));
        assert_eq!(group["MemberNum"], if life.listed == 0 { 3 } else { 0 });
        step("get_group_member_info", json!({}), life.listed).await;
        step("destroy_group", json!({}), 0).await;
        step("destroy_group", json!({}), 10010).await;
        let gone = house.group("get_group_info", json!({"GroupIdList": [id]})).await.json()["GroupInfo"][0].clone();
        assert_eq!(gone["ErrorCode"], 10010);
    }
}

#[tokio::test]
async fn the_current_profile_has_seven_of_the_names_and_the_newer_words() {
    let house = start(json!({"imulator": 1, "tencent": {"88888888": {"options": {"profile": "current"}}}})).await;
    accounts(&house).await;
    for life in LIVES {
        let made = house.group("create_group", json!({"Type": life.name, "Name": "n", "Owner_Account": "mira"})).await;
        assert_eq!(made.code(), if life.name == "BChatRoom" { 10004 } else { 0 }, "{}", life.name);
    }
    let made = house.group("create_group", json!({"Type": "Public", "Name": "n", "GroupId": "g"})).await;
    assert_eq!(made.code(), 0);
    let too_many = json!({"GroupId": "g", "MemberToDel_Account": vec!["a"; 101]});
    assert_eq!(house.group("delete_group_member", too_many).await.code(), 10004);
    let list = json!({"GroupId": "g", "MemberList": vec![json!({"Member_Account": "mira"}); 301]});
    assert_eq!(house.group("add_group_member", list).await.code(), 10005);
}

#[test]
fn every_documented_command_is_an_operation() {
    let list: Value = serde_json::from_str(include_str!("../fixtures/group_commands.json")).expect("the list is JSON");
    let listed: BTreeSet<&str> = list["paths"].as_array().expect("paths").iter().filter_map(Value::as_str).collect();
    let ours = |name: &str| name.starts_with("tencent.groups.") || name.starts_with("tencent.accounts.");
    let rows = imulator::api::router::operations().filter(|row| ours(row.name));
    let rows: BTreeSet<&str> = rows.map(|row| row.path).collect();
    assert_eq!(listed.difference(&rows).collect::<Vec<_>>(), Vec::<&&str>::new(), "documented, and no operation");
    assert_eq!(rows.difference(&listed).collect::<Vec<_>>(), Vec::<&&str>::new(), "an operation, and not listed");
}

#[tokio::test]
async fn limits_and_rates_are_the_tenants_own() {
    let limits = json!({"modify_group_base_info.Name": 40, "group_msg_recall.MsgSeqList.seconds": 3600,
        "forbid_send_msg.Members_Account": 1, "group_open_http_svc/get_role_in_group.per_second": 2,
        "send_group_msg.GroupId.per_second": 2, "set_group_attr.GroupAttr.per_second": 1, "send_group_msg.MsgBody": 70});
    let groups = json!([{"GroupId": "g", "Type": "Public"}, {"GroupId": "l", "Type": "AVChatRoom"}]);
    let world = json!({"imulator": 1, "tencent": {"88888888": {"limits": limits, "groups": groups}}});
    let house = start_with(world, |config| config.enforce_rate_limits = true).await;
    let group = async |command: &str, body: Value| house.group(command, body).await.code();
    assert_eq!(group("modify_group_base_info", json!({"GroupId": "g", "Name": "n".repeat(40)})).await, 0);
    assert_eq!(group("modify_group_base_info", json!({"GroupId": "g", "Name": "n".repeat(41)})).await, 10004);
    let mute = json!({"GroupId": "g", "Members_Account": ["a", "b"], "MuteTime": 1});
    assert_eq!(group("forbid_send_msg", mute).await, 10004);
    let roles = json!({"GroupId": "g", "User_Account": ["a"]});
    for code in [0, 0, 60007] {
        assert_eq!(group("get_role_in_group", roles.clone()).await, code);
    }
    let message = |random: u32| json!({"GroupId": "g", "Random": random, "MsgBody": text("t")});
    for (random, code) in [(1, 0), (2, 0), (3, 10023)] {
        assert_eq!(group("send_group_msg", message(random)).await, code);
    }
    let long = json!({"GroupId": "g", "Random": 4, "MsgBody": text("long enough to be too long")});
    assert_eq!(group("send_group_msg", long).await, 80002);
    for code in [0, 10049] {
        let attributes = json!({"GroupId": "l", "GroupAttr": [{"key": "a", "value": "b"}]});
        assert_eq!(group("set_group_attr", attributes).await, code);
    }
    house.emulator.clock().advance(std::time::Duration::from_secs(600));
    assert_eq!(group("get_role_in_group", roles).await, 0);
    let recall = json!({"GroupId": "g", "MsgSeqList": [{"MsgSeq": 2}]});
    assert_eq!(house.group("group_msg_recall", recall).await.json()["RecallRetList"][0]["RetCode"], 0);
}

/// A Community or Public group of so many members, `m0` and on.
fn crowd(kind: &str, members: usize) -> Value {
    let list: Vec<Value> = (0..members).map(|n| json!({"Member_Account": format!("m{n}")})).collect();
    let id = if kind == "Community" { "@TGS#_crowd" } else { "crowd" };
    json!({"imulator": 1, "tencent": {"88888888": {"groups": [
        {"GroupId": id, "Type": kind, "MaxMemberNum": 100_000, "MemberList": list}]}}})
}

#[tokio::test]
async fn a_hundred_thousand_are_paged_by_next_while_others_are_kicked() {
    let house = start(crowd("Community", 100_000)).await;
    let (mut next, mut seen, mut kicked, mut pages) = (json!(0), Vec::new(), BTreeSet::new(), 0_usize);
    loop {
        let body = json!({"GroupId": "@TGS#_crowd", "Limit": 5000, "Next": next, "MemberInfoFilter": ["Role"]});
        let page = house.group("get_group_member_info", body).await.json();
        let list = page["MemberList"].as_array().expect("a list").clone();
        seen.extend(list.iter().map(|member| member["Member_Account"].as_str().expect("a name").to_owned()));
        next = page["Next"].clone();
        if next == 0 {
            break;
        }
        let gone: Vec<String> = (0..400).map(|n| format!("m{}", (pages * 4999 + n * 249 + 7) % 100_000)).collect();
        kicked.extend(gone.iter().cloned());
        let body = json!({"GroupId": "@TGS#_crowd", "MemberToDel_Account": gone});
        assert_eq!(house.group("delete_group_member", body).await.code(), 0);
        pages += 1;
    }
    let met: BTreeSet<&String> = seen.iter().collect();
    assert_eq!(met.len(), seen.len(), "nobody is repeated");
    let skipped = (0..100_000).map(|n| format!("m{n}")).find(|name| !kicked.contains(name) && !met.contains(name));
    assert_eq!(skipped, None, "nobody who stayed is skipped");
}

#[tokio::test]
async fn an_offset_is_a_position_and_costs_the_same_anywhere() {
    let house = start(crowd("Public", 100_000)).await;
    let page = async |offset: usize| {
        let body = json!({"GroupId": "crowd", "Limit": 100, "Offset": offset, "MemberInfoFilter": ["Role"]});
        house.group("get_group_member_info", body).await.json()
    };
    for offset in [0, 50_000, 99_900, 99_950, 100_000] {
        let page = page(offset).await;
        let list = page["MemberList"].as_array().expect("a list");
        assert_eq!((list.len(), &page["MemberNum"]), (100.min(100_000 - offset), &json!(100_000)));
        assert!(list.is_empty() || list[0]["Member_Account"] == format!("m{offset}"));
    }
    let body = json!({"GroupId": "crowd", "MemberToDel_Account": ["m0", "m1", "m2"]});
    house.group("delete_group_member", body).await;
    assert_eq!(page(50_000).await["MemberList"][0]["Member_Account"], "m50003");
    // Many pages at each end, so that one slow moment of the machine does not count.
    let time = async |offset: usize| {
        let watch = imulator::kernel::clock::Stopwatch::start();
        for _ in 0..200 {
            page(offset).await;
        }
        watch.elapsed()
    };
    let (first, last) = (time(0).await, time(99_800).await);
    assert!(last < first * 5, "{last:?} against {first:?}");
}
