//! Callbacks before something happens: vetoes, struck names, changed messages, and receivers that give no answer that counts.

mod common;

use common::receiver::{Heard, Reaction, Receiver, code, fine, says};
use common::{Answer, House, chat_reply, start};
use serde_json::{Value, json};

const ALL: [&str; 5] = [
    "Group.CallbackBeforeCreateGroup",
    "Group.CallbackBeforeApplyJoinGroup",
    "Group.CallbackBeforeInviteJoinGroup",
    "Group.CallbackBeforeSendMsg",
    "Group.CallbackBeforeCreateTopic",
];

/// A club of mira and otto, and a town with topics; pia and rosa are outside.
fn world(url: &str, options: Value) -> Value {
    let accounts: Vec<Value> = ["mira", "otto", "pia", "rosa"].iter().map(|id| json!({"UserID": id})).collect();
    let members = json!([{"Member_Account": "mira"}, {"Member_Account": "otto"}]);
    json!({"imulator": 1, "tencent": {"88888888": {"accounts": accounts, "options": options,
    "callbacks": {"url": url, "commands": ALL},
    "groups": [
        {"GroupId": "club", "Type": "Public", "Name": "Club", "Owner_Account": "mira", "MemberList": members,
         "ApplyJoinOption": "FreeAccess"},
        {"GroupId": "@TGS#_town", "Type": "Community", "Name": "Town", "Owner_Account": "mira", "SupportTopic": 1,
         "MemberList": members}
    ]}}})
}

async fn house(receiver: &Receiver) -> House {
    start(world(&receiver.url, json!({}))).await
}

fn text(text: &str) -> Value {
    json!([{"MsgType": "TIMTextElem", "MsgContent": {"Text": text}}])
}

async fn add(house: &House, names: &[&str]) -> Answer {
    let list: Vec<Value> = names.iter().map(|id| json!({"Member_Account": id})).collect();
    house.group("add_group_member", json!({"GroupId": "club", "MemberList": list})).await
}

async fn send(house: &House, random: u32) -> Answer {
    house.group("send_group_msg", json!({"GroupId": "club", "Random": random, "MsgBody": text("hi")})).await
}

async fn join(house: &House, who: &str) -> Answer {
    let path = "/_imulator/tencent/88888888/groups/club/join";
    house.call("POST", path, &[("host", "localhost")], json!({"Member_Account": who})).await
}

/// Every call that asks first.
async fn all_calls(house: &House) -> Vec<Answer> {
    let group = json!({"Type": "Public", "Name": "n", "GroupId": "new"});
    let topic = json!({"GroupId": "@TGS#_town", "TopicName": "A", "TopicId": "@TGS#_town@TOPIC#_a"});
    vec![
        house.group("create_group", group).await,
        add(house, &["pia"]).await,
        send(house, 1).await,
        house.tencent("million_group_open_http_svc/create_topic", topic).await,
    ]
}

#[tokio::test]
async fn a_veto_gives_10016_and_nothing_happens() {
    let receiver = Receiver::start(|_| code(1, "not here")).await;
    let house = house(&receiver).await;
    let before = house.state().await;
    for answer in all_calls(&house).await {
        assert_eq!(answer.text, chat_reply(10016, "not here"));
        assert!(answer.why().contains("the app's receiver refused with ErrorCode 1"), "{}", answer.why());
    }
    let refused = join(&house, "pia").await;
    assert_eq!((refused.status.as_u16(), &refused.json()["error"]["code"]), (409, &json!(10016)));
    assert_eq!(house.events().await, Vec::<Value>::new());
    assert_eq!(house.state().await, before);
    let told = house.deliveries(5).await;
    for (at, delivery) in told.iter().enumerate() {
        assert_eq!((&delivery["cause"], &delivery["attempt"]), (&json!(null), &json!(1)), "{at}: {delivery}");
        assert_eq!(delivery["outcome"]["body"]["ErrorCode"], 1);
        assert!(delivery["call"].is_u64(), "a question belongs to the call that asks: {delivery}");
    }
}

#[tokio::test]
async fn a_veto_without_a_text_has_the_usual_one() {
    let receiver = Receiver::start(|_| code(1, "")).await;
    let house = house(&receiver).await;
    assert_eq!(add(&house, &["pia"]).await.text, chat_reply(10016, "rejected by app server"));
}

#[tokio::test]
async fn codes_of_the_apps_own_reach_the_caller_and_others_are_10016() {
    for (answered, reaches) in [
        (10_100, 10_100),
        (10_200, 10_200),
        (120_001, 120_001),
        (130_000, 130_000),
        (10_099, 10016),
        (10_201, 10016),
        (120_000, 10016),
        (130_001, 10016),
        (-1, 10016),
        (2, 10016),
    ] {
        let receiver = Receiver::start(move |_| code(answered, "own")).await;
        let house = house(&receiver).await;
        assert_eq!(add(&house, &["pia"]).await.text, chat_reply(reaches, "own"), "{answered}");
    }
}

#[tokio::test]
async fn a_struck_name_gets_result_0_and_the_others_come_in() {
    let struck =
        json!({"ActionStatus": "OK", "ErrorInfo": "", "ErrorCode": 0, "RefusedMembers_Account": ["pia", "mira"]});
    let receiver = Receiver::start(move |_| says(struck.clone())).await;
    let house = house(&receiver).await;
    let list = add(&house, &["pia", "rosa", "mira"]).await.json()["MemberList"].clone();
    assert_eq!(
        list,
        json!([
            {"Member_Account": "pia", "Result": 0}, {"Member_Account": "rosa", "Result": 1},
            {"Member_Account": "mira", "Result": 2}
        ])
    );
    let events = house.events().await;
    assert_eq!((events.len(), &events[0]["data"]["members"]), (1, &json!(["rosa"])));
}

#[tokio::test]
async fn nobody_is_asked_where_the_rules_refuse_anyway() {
    let mut receiver = Receiver::start(|_| fine()).await;
    let house = house(&receiver).await;
    assert_eq!(add(&house, &["nobody"]).await.code(), 10019);
    assert_eq!(add(&house, &["mira"]).await.code(), 0, "who is in already is no question");
    let taken = json!({"Type": "Public", "Name": "n", "GroupId": "club", "Owner_Account": "mira"});
    assert_eq!(house.group("create_group", taken).await.code(), 10025);
    let missing = json!({"GroupId": "none", "Random": 1, "MsgBody": text("hi")});
    assert_eq!(house.group("send_group_msg", missing).await.code(), 10010);
    assert_eq!(join(&house, "otto").await.json()["error"]["code"], 10013);
    let stranger = json!({"GroupId": "club", "Random": 1, "From_Account": "pia", "MsgBody": text("hi")});
    assert_eq!(house.group("send_group_msg", stranger).await.code(), 10007);
    assert_eq!(add(&house, &["pia"]).await.code(), 0);
    assert_eq!(receiver.next().await.json()["DestinationMembers"], json!([{"Member_Account": "pia"}]));
    assert_eq!(receiver.unheard(), 0);
}

#[tokio::test]
async fn the_rules_are_checked_again_after_the_answer() {
    let (ask, mut asked) = tokio::sync::mpsc::unbounded_channel();
    let receiver = Receiver::start(move |_| {
        ask.send(()).expect("the test listens");
        Reaction::Waits
    })
    .await;
    let house = house(&receiver).await;
    let adding = add(&house, &["pia"]);
    let meanwhile = async {
        asked.recv().await.expect("it is asked");
        assert_eq!(house.group("destroy_group", json!({"GroupId": "club"})).await.code(), 0);
        receiver.go_on();
    };
    let (added, ()) = tokio::join!(adding, meanwhile);
    assert_eq!(added.code(), 10010, "no lock was held, and the group is gone: {}", added.text);
}

#[tokio::test]
async fn a_receiver_slower_than_two_seconds_lets_the_call_through() {
    let receiver = Receiver::start(|_| Reaction::Hangs).await;
    let house = house(&receiver).await;
    assert_eq!(add(&house, &["pia"]).await.json()["MemberList"][0]["Result"], 1);
    let told = house.deliveries(1).await;
    assert_eq!(told[0]["outcome"]["error"], "timeout", "and it is not asked again: {told:?}");
    assert_eq!(told.len(), 1);
}

#[tokio::test]
async fn an_answer_that_does_not_count_lets_the_call_through() {
    let elsewhere = Receiver::start(|_| code(1, "no")).await;
    let elsewhere_url = elsewhere.url.clone();
    let huge = "x".repeat(imulator::webhooks::client::ANSWER_BYTES_MAX + 1);
    let veto = r#"{"ActionStatus":"OK","ErrorInfo":"","ErrorCode":1}"#;
    let no_answers: Vec<(&str, Reaction, Value)> = vec![
        ("another status", Reaction::Says(500, veto.into()), json!({"status": 500})),
        ("no JSON", Reaction::Says(200, "<html>".into()), json!({"status": 200})),
        ("no object", Reaction::Says(200, r#"["OK","",1]"#.into()), json!({"status": 200})),
        ("no code", Reaction::Says(200, r#"{"ActionStatus":"OK","ErrorInfo":""}"#.into()), json!({"status": 200})),
        ("a code in quotes", Reaction::Says(200, veto.replace(":1}", ":\"1\"}")), json!({"status": 200})),
        ("nothing", Reaction::Says(200, String::new()), json!({"status": 200})),
        ("a redirection", Reaction::Redirects(elsewhere_url), json!({"status": 302})),
        ("too much", Reaction::Says(200, huge), json!({"error": "answer_too_large"})),
        ("a broken connection", Reaction::Breaks, json!({"error": "broken"})),
    ];
    for (what, reaction, outcome) in no_answers {
        let receiver = Receiver::start(move |_| reaction.clone()).await;
        let house = house(&receiver).await;
        assert_eq!(add(&house, &["pia"]).await.json()["MemberList"][0]["Result"], 1, "{what}");
        let told = house.deliveries(1).await.remove(0);
        for (name, value) in outcome.as_object().expect("an object") {
            assert_eq!(told["outcome"][name], *value, "{what}: {told}");
        }
        let why = told["outcome"]["why"].as_str().unwrap_or("");
        assert!(why.contains("the call goes on"), "{what}: {told}");
    }
    assert_eq!(elsewhere.unheard(), 0, "redirections are not followed");
}

#[tokio::test]
async fn a_dead_receiver_lets_the_call_through() {
    let url = Receiver::start(|_| fine()).await.url.clone();
    let house = start(world(&url, json!({}))).await;
    assert_eq!(add(&house, &["pia"]).await.json()["MemberList"][0]["Result"], 1);
    assert_eq!(house.deliveries(1).await[0]["outcome"]["error"], "unreachable");
}

#[tokio::test]
async fn a_message_may_be_changed_dropped_or_kept_back() {
    let other = json!({"ActionStatus": "OK", "ErrorInfo": "", "ErrorCode": 0, "MsgBody": text("other")});
    let receiver = Receiver::start(move |heard: &Heard| match heard.json()["Random"].as_i64() {
        Some(1) => says(other.clone()),
        Some(2) => code(2, ""),
        Some(3) => code(0, ""),
        _ => code(1, ""),
    })
    .await;
    let house = house(&receiver).await;
    assert_eq!(send(&house, 1).await.json()["MsgSeq"], 1);
    assert_eq!(send(&house, 2).await.text, chat_with(r#""MsgTime":1767603600,"MsgSeq":0"#));
    assert_eq!(send(&house, 3).await.json()["MsgSeq"], 2);
    assert_eq!(send(&house, 4).await.code(), 10016);
    let history = house.group("group_msg_get_simple", json!({"GroupId": "club", "ReqMsgNumber": 20})).await.json();
    let texts: Vec<&Value> =
        history["RspMsgList"].as_array().expect("a list").iter().map(|message| &message["MsgBody"]).collect();
    assert_eq!(texts, [&text("hi"), &text("other")]);
}

fn chat_with(payload: &str) -> String {
    chat_reply(0, "").replace('}', &format!(",{payload}}}"))
}

#[tokio::test]
async fn a_message_can_forbid_its_callbacks() {
    let receiver = Receiver::start(|_| code(1, "")).await;
    let house = house(&receiver).await;
    let message = json!({"GroupId": "club", "Random": 1, "MsgBody": text("hi"),
        "ForbidCallbackControl": ["ForbidBeforeSendMsgCallback"]});
    assert_eq!(house.group("send_group_msg", message).await.code(), 0);
    assert_eq!(receiver.unheard(), 0);
}

#[tokio::test]
async fn an_app_can_want_an_answer_before_a_message() {
    let receiver = Receiver::start(|_| Reaction::Says(500, String::new())).await;
    let house = start(world(&receiver.url, json!({"failed_callback_blocks": true}))).await;
    let refused = send(&house, 1).await;
    assert_eq!(refused.code(), 80003, "{}", refused.text);
    assert!(refused.why().contains("option failed_callback_blocks"), "{}", refused.why());
    assert_eq!(add(&house, &["pia"]).await.code(), 0, "that goes for messages alone");
}

#[tokio::test]
async fn a_faulty_message_in_the_answer_makes_it_no_answer() {
    let faulty =
        json!({"ActionStatus": "OK", "ErrorInfo": "", "ErrorCode": 0, "MsgBody": [{"MsgType": "TIMTextElem"}]});
    let receiver = Receiver::start(move |_| says(faulty.clone())).await;
    let house = house(&receiver).await;
    assert_eq!(send(&house, 1).await.code(), 0);
    let why = house.deliveries(1).await[0]["outcome"]["why"].clone();
    assert_eq!(why, "the answer is none: MsgBody[0].MsgContent: is required: an object; the call goes on");
}
