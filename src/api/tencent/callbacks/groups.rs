//! What Chat's callbacks say of facts about groups.

use serde_json::{Map, Value, json};

use crate::api::details::Details;
use crate::api::entry::value_of;
use crate::api::tencent::callbacks::{News, listed};
use crate::domain::groups::live::Attribute;
use crate::domain::groups::reading::Receipt;
use crate::kernel::fact::{Event, Fact, Fields};
use crate::kernel::names::UserId;

/// Words one event for those callbacks that are wanted.
struct Wording<'a> {
    event: &'a Event,
    wanted: &'a dyn Fn(&str) -> bool,
    news: Vec<News>,
}

/// The callbacks of a fact about a group, of those that are wanted.
pub fn news(event: &Event, wanted: &dyn Fn(&str) -> bool) -> Vec<News> {
    let mut wording = Wording { event, wanted, news: Vec::new() };
    wording.word();
    wording.news
}

impl Wording<'_> {
    fn add(&mut self, command: &'static str, fields: impl FnOnce(&Event) -> Value) {
        if (self.wanted)(command) {
            self.news.push(News { command, fields: fields(self.event) });
        }
    }

    fn word(&mut self) {
        match &self.event.fact {
            Fact::Created { members, fields } => self.created(members, Details(fields)),
            Fact::Destroyed { members, fields } => self.add("Group.CallbackAfterGroupDestroyed", |event| {
                let details = Details(fields);
                let mut names = Vec::with_capacity(members.count());
                members.each(&mut |id| names.push(json!({"Member_Account": id})));
                json!({"GroupId": event.scope.id, "Type": details.text("Type"),
                    "Owner_Account": details.text("Owner_Account"), "Name": details.text("Name"), "MemberList": names})
            }),
            Fact::Joined { members, how, fields } => self.joined(members, how, Details(fields)),
            Fact::Left { members, how, fields } => self.add("Group.CallbackAfterMemberExit", |event| {
                let word = if *how == "kicked" { "Kicked" } else { "Quit" };
                // Who quits acts itself, also where its account is deleted.
                let own = members.first().filter(|_| word == "Quit").map(|gone| &gone.id);
                json!({"GroupId": event.scope.id, "Type": Details(fields).text("Type"), "ExitType": word,
                    "Operator_Account": own.unwrap_or(&event.by), "ExitMemberList": listed(members.iter().map(|gone| &gone.id))})
            }),
            // Assumed: only a new owner is told of; a group that loses its owner has no callback for that.
            Fact::OwnerChanged { from, to: Some(to), fields } => {
                self.add("Group.CallbackAfterChangeGroupOwner", |event| {
                    json!({"GroupId": event.scope.id, "Type": Details(fields).text("Type"), "Operator_Account": event.by,
                        "OldOwner_Account": from.clone().unwrap_or_default(), "NewOwner_Account": to})
                });
            }
            Fact::MemberChanged { members, fields } if Details(fields).has("Receipt") => {
                self.read(members, Details(fields));
            }
            Fact::MemberChanged { members, fields } | Fact::RoleChanged { members, fields } => {
                self.member_changed(members, Details(fields));
            }
            Fact::InfoChanged { fields } => self.info_changed(fields),
            Fact::Posted { fields } => self.posted(Details(fields)),
            Fact::Recalled { fields } => self.recalled(Details(fields)),
            Fact::OwnerChanged { to: None, .. }
            | Fact::Invited { .. }
            | Fact::InvitationEnded { .. }
            | Fact::Muted { .. }
            | Fact::Banned { .. }
            | Fact::SeatChanged { .. }
            | Fact::AccountChanged { .. }
            | Fact::Pushed { .. }
            | Fact::TenantOpened
            | Fact::TenantDropped { .. }
            | Fact::Seeded
            | Fact::Reset => {}
        }
    }

    // Assumed: MemberList of a new group names its first members, the owner aside.
    fn created(&mut self, members: &[UserId], details: Details<'_>) {
        if details.has("Imported") {
            return;
        }
        self.add("Group.CallbackAfterCreateGroup", |event| {
            let owner = details.text("Owner_Account");
            let others = members.iter().filter(|id| id.as_str() != owner);
            json!({"GroupId": event.scope.id, "Operator_Account": event.by, "Owner_Account": owner,
                "Type": details.text("Type"), "Name": details.text("Name"), "MemberList": listed(others),
                "UserDefinedDataList": list_of(details.value("AppDefinedData"))})
        });
    }

    fn joined(&mut self, members: &[UserId], how: &str, details: Details<'_>) {
        let word = match how {
            "added" => "Invited",
            "joined" => "Apply",
            _ => return,
        };
        self.add("Group.CallbackAfterNewMemberJoin", |event| {
            json!({"GroupId": event.scope.id, "Type": details.text("Type"), "JoinType": word,
                "Operator_Account": event.by, "NewMemberList": listed(members)})
        });
        if details.has("Full") {
            self.add("Group.CallbackAfterGroupFull", |event| json!({"GroupId": event.scope.id}));
        }
    }

    // Assumed: a role and a name card that change in one call are told of one after the other, and other changes of a
    // member not at all.
    fn member_changed(&mut self, members: &[UserId], details: Details<'_>) {
        if !details.has("Role") && !details.has("NameCard") {
            return;
        }
        for member in members {
            self.add("Group.CallbackAfterMemberFieldChanged", |event| {
                let mut fields = json!({"GroupId": event.scope.id, "Type": details.text("Type"),
                    "Operator_Account": event.by, "Modified_Account": member});
                for name in ["Role", "NameCard"].into_iter().filter(|name| details.has(name)) {
                    fields[name] = details.value(name);
                }
                fields
            });
        }
    }

    // Assumed: ReadReceiptMembers names who has just read, as Member_Account.
    fn read(&mut self, members: &[UserId], details: Details<'_>) {
        self.add("Group.CallbackAfterReadReceipt", |event| {
            let receipts = details.get("GroupMsgReceiptList").and_then(|field| field.downcast::<Vec<Receipt>>());
            let receipt = |of: &Receipt| {
                json!({"MsgSeq": of.msg_seq, "ReadNum": of.read_num, "UnreadNum": of.unread_num,
                    "ReadReceiptMembers": listed(members)})
            };
            let list: Value = receipts.into_iter().flatten().map(receipt).collect();
            json!({"GroupId": event.scope.id, "Type": details.text("Type"), "GroupMsgReceiptList": list})
        });
    }

    fn info_changed(&mut self, fields: &Fields) {
        let details = Details(fields);
        if details.has("TopicId") {
            return self.topic_changed(fields);
        }
        if details.has("OptionType") {
            // Assumed: GroupAttr names the attributes of the call; those that go have an empty value.
            return self.add("Group.CallbackAfterGroupAttrChanged", |event| {
                let named = details.get("changed").and_then(|field| field.downcast::<Vec<Attribute>>());
                json!({"GroupId": event.scope.id, "Type": details.text("Type"), "Operator_Account": event.by,
                    "OptionType": details.text("OptionType"), "GroupAttr": named})
            });
        }
        let names = ["Name", "Introduction", "Notification", "FaceUrl", "AppDefinedData"];
        let changed = names.map(|name| details.get(name).map(|field| (name, value_of(field))));
        if changed.iter().all(Option::is_none) {
            return;
        }
        self.add("Group.CallbackAfterGroupInfoChanged", |event| {
            let mut told = Map::new();
            told.insert("GroupId".into(), json!(event.scope.id));
            told.insert("Type".into(), details.value("Type"));
            told.insert("Operator_Account".into(), json!(event.by));
            let word = |name| if name == "AppDefinedData" { "UserDefinedDataList" } else { name };
            told.extend(changed.into_iter().flatten().map(|(name, value)| (word(name).to_owned(), value)));
            Value::Object(told)
        });
    }

    // Assumed: topics are told of by GroupId, TopicId, Type, Operator_Account and what changed, the name as Name; each
    // topic that ends has a callback of its own, with a list of one.
    fn topic_changed(&mut self, fields: &Fields) {
        let details = Details(fields);
        let from = Some(details.text("From_Account")).filter(|from| !from.is_empty());
        let start = |event: &Event, id: Value, name: &str| {
            json!({"GroupId": event.scope.id, name: id, "Type": "Community",
                "Operator_Account": from.unwrap_or(&event.by)})
        };
        if details.has("Imported") {
            return;
        }
        if details.has("Ended") {
            let ended = [details.text("TopicId")];
            return self.add("Group.CallbackAfterTopicDestroyed", |event| start(event, json!(ended), "TopicIdList"));
        }
        let shown = ["TopicName", "FaceUrl", "Notification", "Introduction", "CustomString"];
        if !shown.iter().any(|name| details.has(name)) {
            return;
        }
        let made = details.has("Made");
        let command = if made { "Group.CallbackAfterCreateTopic" } else { "Group.CallbackAfterTopicInfoChanged" };
        self.add(command, |event| {
            let mut told = start(event, details.value("TopicId"), "TopicId");
            for name in shown.into_iter().filter(|name| details.has(name)) {
                told[if name == "TopicName" { "Name" } else { name }] = details.value(name);
            }
            told
        });
    }

    // Assumed: imported, changed and broadcast messages and notices have no callback.
    fn posted(&mut self, details: Details<'_>) {
        let forbidden = details.value("ForbidCallbackControl");
        let forbids = |word: &str| forbidden.as_array().is_some_and(|words| words.iter().any(|it| it == word));
        if !details.has("Random") || details.has("Broadcast") || forbids("ForbidAfterSendMsgCallback") {
            return;
        }
        self.add("Group.CallbackAfterSendMsg", |event| {
            let mut told = json!({"GroupId": event.scope.id, "Type": details.text("Type"),
                "From_Account": details.text("From_Account"), "Operator_Account": event.by});
            let names = ["Random", "OnlineOnlyFlag", "MsgSeq", "MsgTime", "MsgBody", "CloudCustomData", "TopicId"];
            for name in names.into_iter().filter(|name| details.has(name)) {
                told[name] = details.value(name);
            }
            told
        });
    }

    // Assumed: messages that are deleted have no callback, recalled ones have.
    fn recalled(&mut self, details: Details<'_>) {
        if details.has("Deleted") {
            return;
        }
        self.add("Group.CallbackAfterRecallMsg", |event| {
            let seqs = details.value("MsgSeqList");
            let seqs: Value = seqs.as_array().into_iter().flatten().map(|seq| json!({"MsgSeq": seq})).collect();
            let mut told = json!({"Operator_Account": event.by, "Type": details.text("Type"),
                "GroupId": event.scope.id, "MsgSeqList": seqs});
            if details.has("TopicId") {
                told["TopicId"] = details.value("TopicId");
            }
            told
        });
    }
}

/// A list that is empty where there is none.
fn list_of(value: Value) -> Value {
    if value.is_array() { value } else { json!([]) }
}
