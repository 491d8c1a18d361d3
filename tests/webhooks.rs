//! Deliveries: in order, in the background, bounded; receivers that hang, die or come late; resets and stops between.

mod common;

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use common::receiver::{PATIENCE, Reaction, Receiver, code, fine};
use common::{House, start, start_with};
use imulator::api::parcel::Parcel;
use imulator::kernel::clock::{Clock, Stopwatch};
use imulator::kernel::follower::FOLLOWED_MAX;
use imulator::kernel::ids::Ids;
use imulator::kernel::journal::{Bounds, Journal};
use imulator::kernel::names::EntityId;
use imulator::kernel::tenancy::{Tenancy, TenantKey};
use imulator::webhooks::queue::{ALL_BYTES_MAX, Queues, RECEIVERS_MAX, WAITING_BYTES_MAX, WAITING_MAX};
use serde_json::{Value, json};

const SENT: &str = "Group.CallbackAfterSendMsg";
const UPDATED: &str = "Room.CallbackAfterUpdateRoomInfo";

/// A club whose messages are told, and a hall whose changes are.
fn world(url: &str) -> Value {
    json!({"imulator": 1, "tencent": {"88888888": {
        "accounts": [{"UserID": "mira"}], "callbacks": {"url": url, "commands": [SENT, UPDATED]},
        "groups": [{"GroupId": "club", "Type": "Public", "Name": "Club", "Owner_Account": "mira",
                    "MemberList": [{"Member_Account": "mira"}]}],
        "rooms": [{"RoomId": "hall", "Owner_Account": "mira"}]}}})
}

async fn send(house: &House, random: usize) {
    let text = json!([{"MsgType": "TIMTextElem", "MsgContent": {"Text": "hi"}}]);
    let sent = house.group("send_group_msg", json!({"GroupId": "club", "Random": random, "MsgBody": text})).await;
    assert_eq!(sent.code(), 0, "{}", sent.text);
}

async fn rename(house: &House, name: &str) {
    let changed = house.room("update_room_info", json!({"RoomInfo": {"RoomId": "hall", "RoomName": name}})).await;
    assert_eq!(changed.code(), 0, "{}", changed.text);
}

#[tokio::test]
async fn callbacks_come_in_the_order_of_the_events_each_with_its_cause() {
    let mut receiver = Receiver::start(|_| fine()).await;
    let house = start(world(&receiver.url)).await;
    for random in 0..50 {
        send(&house, random).await;
        rename(&house, &random.to_string()).await;
    }
    for random in 0..50 {
        assert_eq!(receiver.next().await.json()["Random"], random);
        assert_eq!(receiver.next().await.json()["RoomInfo"]["RoomName"], random.to_string());
    }
    let told = house.deliveries(100).await;
    let events = house.events().await;
    for (delivery, event) in told.iter().zip(&events) {
        assert_eq!(delivery["cause"], event["seq"]);
        assert!(delivery.get("call").is_none(), "{delivery}");
        assert_eq!((&delivery["epoch"], &delivery["attempt"]), (&json!(1), &json!(1)));
        let url = delivery["url"].as_str().expect("a URL");
        assert!(url.starts_with(&format!("{}/?SdkAppid=88888888&CallbackCommand=", receiver.url)), "{url}");
        let accepted = json!({"ActionStatus": "OK", "ErrorInfo": "", "ErrorCode": 0});
        assert_eq!(delivery["outcome"], json!({"status": 200, "body": accepted}));
    }
    assert_eq!((told.len(), events.len()), (100, 100));
}

#[tokio::test]
async fn what_a_receiver_says_to_news_counts_for_nothing() {
    let receiver = Receiver::start(|_| code(1, "no")).await;
    let house = start(world(&receiver.url)).await;
    send(&house, 1).await;
    assert_eq!(house.deliveries(1).await[0]["outcome"]["body"]["ErrorCode"], 1);
    send(&house, 2).await;
}

#[tokio::test]
async fn a_request_is_answered_while_1000_callbacks_hang_and_what_waits_is_bounded() {
    let mut receiver = Receiver::start(|_| Reaction::Hangs).await;
    let house = start_with(world(&receiver.url), |config| config.journal.entries = 100_000).await;
    for random in 0..1000 {
        send(&house, random).await;
    }
    assert_eq!(receiver.next().await.json()["Random"], 0, "the first one hangs, and the others behind it");
    let watch = Stopwatch::start();
    send(&house, 1000).await;
    assert!(watch.elapsed() < Duration::from_millis(500), "{:?}", watch.elapsed());
    // Twice as many as may wait: the oldest of those that wait go, and the journal says so.
    let all = 2 * WAITING_MAX;
    for random in 1001..all {
        send(&house, random).await;
    }
    let told = house.deliveries(all - WAITING_MAX - 2).await;
    let dropped: Vec<&Value> = told.iter().filter(|told| told["outcome"]["error"] == "dropped").collect();
    let hung = told.len() - dropped.len();
    assert!(hung <= 5, "the time-outs go on meanwhile, two seconds each: {hung}");
    let randoms: Vec<&Value> = dropped.iter().map(|told| &told["request"]["Random"]).collect();
    assert!(randoms.is_sorted_by_key(|random| random.as_u64()), "the oldest first");
    let first = dropped.first().expect("some are dropped");
    assert_eq!(first["attempt"], 0, "it was never sent");
    assert_eq!(first["outcome"]["why"], "too much was waiting for the receivers");
}

#[tokio::test]
async fn a_receiver_that_hangs_keeps_others_from_nothing() {
    let hanging = Receiver::start(|_| Reaction::Hangs).await;
    let mut other = Receiver::start(|_| fine()).await;
    let house = start(world(&hanging.url)).await;
    send(&house, 1).await;
    let set = json!({"Url": other.url, "CallbackCommandList": [UPDATED]});
    assert_eq!(house.tencent("room_config/set_callback", set).await.code(), 0);
    let watch = Stopwatch::start();
    rename(&house, "A").await;
    other.next().await;
    assert!(watch.elapsed() < Duration::from_secs(1), "{:?}", watch.elapsed());
}

#[tokio::test]
async fn a_time_out_takes_two_seconds_and_by_option_a_second_attempt() {
    for (options, attempts) in [(json!({}), 1), (json!({"repeat_callbacks": true}), 2)] {
        let mut receiver = Receiver::start(|_| Reaction::Hangs).await;
        let mut world = world(&receiver.url);
        world["tencent"]["88888888"]["options"] = options;
        let house = start(world).await;
        let watch = Stopwatch::start();
        send(&house, 1).await;
        let told = house.deliveries(attempts).await;
        assert!(watch.elapsed() >= Duration::from_secs(2) * u32::try_from(attempts).expect("small"));
        for (at, delivery) in told.iter().enumerate() {
            assert_eq!((&delivery["attempt"], &delivery["outcome"]), (&json!(at + 1), &json!({"error": "timeout"})));
            receiver.next().await;
        }
        send(&house, 2).await;
        assert_eq!(receiver.next().await.json()["Random"], 2, "then comes the next");
        assert_eq!(receiver.unheard(), 0);
    }
}

#[tokio::test]
async fn a_receiver_that_comes_late_gets_what_happens_from_then_on() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    let url = format!("http://{}", listener.local_addr().expect("it is bound"));
    drop(listener);
    let house = start(world(&url)).await;
    send(&house, 1).await;
    assert_eq!(house.deliveries(1).await[0]["outcome"]["error"], "unreachable");
    let mut receiver = Receiver::start(|_| fine()).await;
    let seed =
        json!({"imulator": 1, "tencent": {"88888888": {"callbacks": {"url": receiver.url, "commands": [SENT]}}}});
    house.control("POST", "seed", seed).await;
    send(&house, 2).await;
    assert_eq!(receiver.next().await.json()["Random"], 2);
}

#[tokio::test]
async fn an_event_goes_where_the_settings_of_its_time_say() {
    let mut old = Receiver::start(|_| fine()).await;
    let mut new = Receiver::start(|_| fine()).await;
    let house = start(world(&old.url)).await;
    for random in 0..20 {
        let url = if random % 2 == 0 { &new.url } else { &old.url };
        let seed = json!({"imulator": 1, "tencent": {"88888888": {"callbacks": {"url": url, "commands": [SENT]}}}});
        house.control("POST", "seed", seed).await;
        send(&house, random).await;
    }
    for random in 0..20 {
        let receiver = if random % 2 == 0 { &mut new } else { &mut old };
        assert_eq!(receiver.next().await.json()["Random"], random);
    }
}

/// A receiver that lets the message with `Random` 0 wait.
async fn first_waits() -> Receiver {
    Receiver::start(|heard| match heard.json()["Random"].as_i64() {
        Some(0) => Reaction::Waits,
        _ => fine(),
    })
    .await
}

#[tokio::test]
async fn what_waits_for_a_world_that_is_reset_is_not_sent() {
    let mut receiver = first_waits().await;
    let house = start(world(&receiver.url)).await;
    for random in 0..10 {
        send(&house, random).await;
    }
    receiver.next().await;
    house.emulator.reset().await;
    send(&house, 100).await;
    receiver.go_on();
    assert_eq!(receiver.next().await.json()["Random"], 100, "what was queued before is gone");
    let told = house.deliveries(1).await;
    assert_eq!(told.len(), 1, "the old world's are not in the new journal: {told:?}");
    assert_eq!((&told[0]["epoch"], &told[0]["request"]["Random"]), (&json!(2), &json!(100)));
}

#[tokio::test]
async fn what_waits_for_a_tenant_that_is_reset_is_not_sent() {
    let mut receiver = first_waits().await;
    let house = start(world(&receiver.url)).await;
    for random in 0..10 {
        send(&house, random).await;
    }
    receiver.next().await;
    house.control("POST", "reset", json!({"tenant": {"tencent": "88888888"}})).await;
    send(&house, 100).await;
    receiver.go_on();
    assert_eq!(receiver.next().await.json()["Random"], 100);
}

#[tokio::test]
async fn a_stop_waits_for_no_receiver() {
    let mut receiver = Receiver::start(|_| Reaction::Hangs).await;
    let house = start(world(&receiver.url)).await;
    for random in 0..10 {
        send(&house, random).await;
    }
    receiver.next().await;
    let watch = Stopwatch::start();
    tokio::time::timeout(PATIENCE, house.emulator.stop()).await.expect("it stops");
    assert!(watch.elapsed() < Duration::from_secs(1), "{:?}", watch.elapsed());
    assert_eq!(receiver.unheard(), 0);
}

#[tokio::test]
async fn callbacks_are_sent_also_where_the_journal_keeps_nothing() {
    let mut receiver = Receiver::start(|_| fine()).await;
    let house = start_with(world(&receiver.url), |config| config.journal.entries = 0).await;
    send(&house, 1).await;
    assert_eq!(receiver.next().await.json()["Random"], 1);
}

#[tokio::test]
async fn a_receiver_that_is_named_later_is_told_also_where_the_journal_keeps_nothing() {
    let mut receiver = Receiver::start(|_| fine()).await;
    let mut world = world("http://127.0.0.1:9");
    world["tencent"]["88888888"]["callbacks"] = Value::Null;
    let house = start_with(world, |config| config.journal.entries = 0).await;
    rename(&house, "nobody hears").await;
    let set = json!({"Url": receiver.url, "CallbackCommandList": [UPDATED]});
    assert_eq!(house.tencent("room_config/set_callback", set).await.code(), 0);
    rename(&house, "A").await;
    assert_eq!(receiver.next().await.json()["RoomInfo"]["RoomName"], "A");
    assert_eq!(receiver.unheard(), 0);
}

#[tokio::test]
async fn all_times_of_a_callback_are_its_tenants() {
    const AHEAD_MS: i64 = 3_600_000;
    let mut receiver = Receiver::start(|_| fine()).await;
    let mut world = world(&receiver.url);
    world["tencent"]["88888888"]["callbacks"]["token"] = json!("xxxxyyyy");
    world["tencent"]["88888888"]["clock_offset_ms"] = json!(AHEAD_MS);
    let house = start(world).await;
    send(&house, 1).await;
    let heard = receiver.next().await;
    let now = 1_767_603_600_000 + AHEAD_MS;
    assert_eq!(heard.json()["EventTime"], now);
    assert_eq!(heard.parameter("RequestTime"), (now / 1000).to_string());
    assert_eq!(house.deliveries(1).await[0]["at"], "2026-01-05T10:00:00.000Z");
}

#[tokio::test]
async fn https_receivers_are_spoken_to_in_tls() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let url = format!("https://{}", listener.local_addr().expect("it is bound"));
    let house = start(world(&url)).await;
    send(&house, 1).await;
    let (mut stream, _) =
        tokio::time::timeout(PATIENCE, listener.accept()).await.expect("it comes").expect("a connection");
    let first = tokio::io::AsyncReadExt::read_u8(&mut stream).await.expect("it says something");
    assert_eq!(first, 0x16, "a handshake");
    drop(stream);
    let told = house.deliveries(1).await;
    assert_eq!(told[0]["outcome"]["error"], "unreachable", "{told:?}");
}

#[tokio::test]
async fn faulty_receivers_are_refused_with_their_path_and_nothing_is_kept() {
    let house = start(world("http://127.0.0.1:9")).await;
    let before = house.state().await;
    let long = format!("http://h/{}", "x".repeat(2048));
    let faulty = [
        "",
        "ftp://h",
        "http://",
        "https:///p",
        "http://h:0",
        "http://h:65536",
        "http://h:",
        "http://h:80a",
        "http://-h",
        "http://h_1/",
        "http://h/ p",
        "http://h/#f",
        "http://u@h/",
        "http://[::g]/",
        "http://[::1",
        "http://1.2.3",
        "http://h/\u{e9}",
        "HTTP://h",
        "http://a..b",
        &long,
    ];
    for url in faulty {
        let tencent = |app: Value| json!({"imulator": 1, "tencent": {"88888888": app}});
        let imkit = |app: Value| json!({"imulator": 1, "imkit": {"A": app}});
        let mut documents = vec![
            (tencent(json!({"callbacks": {"url": url}})), "tencent.88888888.callbacks.url"),
            (
                tencent(json!({"room_callbacks": {"Url": url, "CallbackCommandList": [UPDATED]}})),
                "tencent.88888888.room_callbacks.Url",
            ),
            (imkit(json!({"options": {"webhook_prefix": url}})), "imkit.A.options.webhook_prefix"),
        ];
        if url.contains("://") {
            documents.push((imkit(json!({"rooms": [{"_id": "r", "webhook": url}]})), "imkit.A.rooms[0].webhook"));
        }
        for (document, path) in documents {
            for (method, place) in [("PUT", "state"), ("POST", "seed")] {
                let target = format!("/_imulator/{place}");
                let refused = house.call(method, &target, &[("host", "localhost")], document.clone()).await;
                assert_eq!((refused.status.as_u16(), &refused.json()["error"]["path"]), (400, &json!(path)), "{url:?}");
            }
        }
        let set = json!({"Url": url, "CallbackCommandList": [UPDATED]});
        assert_eq!(house.tencent("room_config/set_callback", set).await.code(), 100_002, "{url:?}");
    }
    assert_eq!(house.state().await, before);
    for url in ["http://h", "https://a-b.c:1/p?q=%20", "http://[::1]:9000/", "http://10.0.0.1:65535", "http://h.local."]
    {
        let set = json!({"Url": url, "CallbackCommandList": [UPDATED]});
        assert_eq!(house.tencent("room_config/set_callback", set).await.code(), 0, "{url:?}");
    }
}

#[tokio::test]
async fn callbacks_that_nobody_knows_are_refused_with_their_path() {
    let house = start(world("http://127.0.0.1:9")).await;
    for (app, path) in [
        (
            json!({"callbacks": {"url": "http://h", "commands": [SENT, "Group.CallbackAfterTea"]}}),
            "callbacks.commands[1]",
        ),
        (
            json!({"room_callbacks": {"Url": "http://h", "CallbackCommandList": [SENT]}}),
            "room_callbacks.CallbackCommandList[0]",
        ),
    ] {
        let document = json!({"imulator": 1, "tencent": {"88888888": app}});
        let refused = house.call("POST", "/_imulator/seed", &[("host", "localhost")], document).await;
        assert_eq!(refused.status, 400);
        assert_eq!(refused.json()["error"]["path"], format!("tencent.88888888.{path}"));
    }
}

#[tokio::test]
async fn events_that_come_too_fast_are_told_as_lost() {
    let receiver = Receiver::start(|_| fine()).await;
    let house = start(world(&receiver.url)).await;
    send(&house, 0).await;
    // So many rooms end in one call that nobody gets a word in between.
    let rooms: Vec<Value> = (0..FOLLOWED_MAX + 500)
        .map(|at| json!({"RoomId": format!("r{at}"), "Owner_Account": "mira", "MemberList": [{"Member_Account": "mira"}]}))
        .collect();
    house.control("POST", "seed", json!({"imulator": 1, "tencent": {"88888888": {"rooms": rooms}}})).await;
    for room in 0..rooms.len() {
        assert_eq!(house.leaves(&format!("r{room}"), "mira").await.status, 200);
    }
    house.seconds_pass(25 * 3600);
    house.state().await;
    let lost = house.journal("kind=delivery&limit=10000&wait_ms=20000").await;
    let lost = lost.iter().find(|told| told["outcome"]["error"] == "lost").expect("it is told");
    assert_eq!((&lost["tenant"], &lost["attempt"]), (&Value::Null, &json!(0)));
    let why = lost["outcome"]["why"].as_str().expect("a line");
    assert!(why.ends_with(" events came too fast for callbacks to be made of them"), "{why}");
}

fn tenancy() -> Arc<Tenancy> {
    let journal = Arc::new(Journal::new(Bounds { entries: 1, bytes: 1 }));
    let key = TenantKey { family: "tencent", id: EntityId::new("1") };
    Arc::new(Tenancy::new(key, 1, Clock::manual(), Ids::new(1, "t", 0), journal))
}

fn parcel(tenancy: &Arc<Tenancy>, receiver: &str, bytes: usize) -> Parcel {
    Parcel {
        tenancy: tenancy.clone(),
        receiver: receiver.into(),
        target: String::new(),
        token: None,
        command: SENT,
        body: Bytes::from(vec![b'x'; bytes]),
        cause: None,
        call: None,
        timeout: Duration::from_secs(2),
        repeats: false,
        reader: None,
    }
}

#[test]
fn what_waits_is_bounded_in_bytes_for_one_receiver_and_for_all() {
    let tenancy = tenancy();
    let mut queues = Queues::default();
    const MIB: usize = 1024 * 1024;
    let dropped: usize = (0..20).map(|_| queues.put(parcel(&tenancy, "a", MIB)).dropped.len()).sum();
    assert_eq!((dropped, queues.waiting(), queues.bytes()), (4, 16, WAITING_BYTES_MAX));
    for receiver in ["b", "c", "d", "e", "f"] {
        (0..16).for_each(|_| drop(queues.put(parcel(&tenancy, receiver, MIB))));
        assert!(queues.bytes() <= ALL_BYTES_MAX);
    }
    assert_eq!(queues.bytes(), ALL_BYTES_MAX);
    let too_large = queues.put(parcel(&tenancy, "a", WAITING_BYTES_MAX + 1));
    assert_eq!(too_large.dropped.len(), 17, "it cannot wait at all, and the older ones went first");
    while queues.next("b").is_some() {}
    assert_eq!(queues.bytes(), 2 * WAITING_BYTES_MAX);
    assert_eq!((queues.clear(), queues.bytes(), queues.waiting()), (32, 0, 0));
}

#[test]
fn receivers_with_something_waiting_are_bounded() {
    let tenancy = tenancy();
    let mut queues = Queues::default();
    for receiver in 0..RECEIVERS_MAX {
        assert!(queues.put(parcel(&tenancy, &receiver.to_string(), 1)).begun);
    }
    let one_more = queues.put(parcel(&tenancy, "one more", 1));
    assert_eq!((one_more.begun, one_more.dropped.len()), (false, 1));
    assert!(queues.next("0").is_some() && queues.next("0").is_none(), "a queue ends when it is empty");
    assert!(queues.put(parcel(&tenancy, "one more", 1)).begun);
}

#[test]
fn what_waits_of_an_ended_tenancy_is_forgotten() {
    let (old, new) = (tenancy(), tenancy());
    let mut queues = Queues::default();
    queues.put(parcel(&old, "a", 10));
    queues.put(parcel(&new, "a", 5));
    old.end();
    queues.forget_ended();
    assert_eq!((queues.waiting(), queues.bytes()), (1, 5));
}
