//! Topics of a Community.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::api::call::Call;
use crate::api::decode::optional;
use crate::api::limit::Limit;
use crate::api::tencent::callbacks::before::{self, Asker};
use crate::api::tencent::codes::TencentRefusal;
use crate::api::tencent::gateway::Tencent;
use crate::api::tencent::groups::create::type_of;
use crate::api::tencent::groups::fields::{
    act, check_accounts, check_known, check_plain_length, check_texts, look, natural,
};
use crate::domain::groups::error::GroupError;
use crate::domain::groups::extras::Topic;
use crate::domain::groups::group::Group;
use crate::domain::groups::kind::GroupType;
use crate::domain::groups::member::{MsgFlag, seconds_of};
use crate::domain::groups::parts::TopicChange;
use crate::domain::groups::state::OnOff;
use crate::domain::invalid::Invalid;
use crate::kernel::names::{EntityId, UserId};

/// The name of a topic.
pub const NAME: Limit = Limit::bytes("TopicName", 1..=100);
/// Data of the app's own.
pub const CUSTOM: Limit = Limit::bytes("CustomString", 0..=3000);
/// The picture's address.
pub const FACE_URL: Limit = Limit::bytes("FaceUrl", 0..=100);
/// The notice to all.
pub const NOTIFICATION: Limit = Limit::bytes("Notification", 0..=300);
/// What it is about.
pub const INTRODUCTION: Limit = Limit::bytes("Introduction", 0..=240);
/// Topics that a call may name.
pub const TOPICS: Limit = Limit::count("TopicIdList", 0..=50);
/// A topic's id.
pub const TOPIC_ID: Limit = Limit::bytes("TopicId", 0..=96);

/// What a topic is to be; for a new one `TopicName` is required.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct TopicFields {
    /// The Community.
    group_id: EntityId,
    /// The group's id, `@TOPIC#_` and an own part; absent: made by the server.
    #[serde(default, deserialize_with = "optional")]
    topic_id: Option<EntityId>,
    /// 1 to 100 bytes.
    #[serde(default, deserialize_with = "optional")]
    topic_name: Option<String>,
    /// Who is shown as the one who acts.
    #[serde(rename = "From_Account", default, deserialize_with = "optional")]
    from: Option<UserId>,
    /// Up to 3000 bytes.
    #[serde(default, deserialize_with = "optional")]
    custom_string: Option<String>,
    /// Up to 100 bytes.
    #[serde(default, deserialize_with = "optional")]
    face_url: Option<String>,
    /// Up to 300 bytes.
    #[serde(default, deserialize_with = "optional")]
    notification: Option<String>,
    /// Up to 240 bytes.
    #[serde(default, deserialize_with = "optional")]
    introduction: Option<String>,
    /// `On` or `Off`; of `modify_topic`.
    #[serde(default, deserialize_with = "optional")]
    mute_all_member: Option<OnOff>,
    /// Its older name.
    #[serde(default, deserialize_with = "optional")]
    shut_up_all_member: Option<OnOff>,
    /// `Community`; of `import_topic`.
    #[serde(rename = "Type", default, deserialize_with = "optional")]
    group_type: Option<String>,
    /// Unix seconds; of `import_topic`.
    #[serde(default, deserialize_with = "optional")]
    create_time: Option<i64>,
}

impl TopicFields {
    /// What a new topic is to be.
    fn new_topic(&self, call: &Call<Tencent>) -> Result<TopicChange, GroupError> {
        if self.topic_name.is_none() {
            return Err(Invalid::required(NAME.field).into());
        }
        self.change(call)
    }

    /// Whether a topic may be made in the group at all.
    fn may_make(&self, call: &Call<Tencent>, group: &Group) -> Result<(), GroupError> {
        group.with_topics()?;
        self.from.iter().try_for_each(|from| check_known(call, "From_Account", from))
    }

    fn change(&self, call: &Call<Tencent>) -> Result<TopicChange, GroupError> {
        check_texts(
            call,
            &[
                (&NAME, &self.topic_name, "topic name is too long"),
                (&CUSTOM, &self.custom_string, "custom string is too long"),
                (&FACE_URL, &self.face_url, "face url is too long"),
                (&NOTIFICATION, &self.notification, "notification is too long"),
                (&INTRODUCTION, &self.introduction, "introduction is too long"),
            ],
        )?;
        check_accounts(&self.from, |_| "From_Account".into())?;
        call.within(&TOPIC_ID, self.topic_id.as_ref().map_or(0, |id| id.len()))?;
        Ok(TopicChange {
            name: self.topic_name.clone(),
            face_url: self.face_url.clone(),
            notification: self.notification.clone(),
            introduction: self.introduction.clone(),
            custom_string: self.custom_string.clone(),
            mute_all: self.mute_all_member.or(self.shut_up_all_member).map(|switch| switch == OnOff::On),
            from: self.from.clone(),
            imported: false,
        })
    }
}

/// The topic that was made.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct MadeTopic {
    topic_id: EntityId,
}

fn make(
    call: &Call<Tencent>,
    request: &TopicFields,
    change: &TopicChange,
    time: Option<u32>,
) -> Result<MadeTopic, GroupError> {
    let topic_id = act(call, &request.group_id, |group, turn| {
        request.may_make(call, group)?;
        group.make_topic(turn, request.topic_id.clone(), change, time)
    })?;
    Ok(MadeTopic { topic_id })
}

/// `million_group_open_http_svc/create_topic`.
// Assumed: the texts of a topic have the lengths of a group's, and its name up to 100 bytes.
///
/// # Errors
/// 10004 for a field, 10007 no Community, 10010 no such group, 10015 a malformed id, 10019 `From_Account` is unknown,
/// 10016 the app's receiver refused, 10021 the id is in use, 10037 too many topics, 11000 a Community without topics.
pub async fn create_topic(call: Call<Tencent>, request: TopicFields) -> Result<MadeTopic, GroupError> {
    let change = request.new_topic(&call)?;
    let asker = Asker::of_call(&call);
    if asker.asks(before::CREATE_TOPIC) {
        look(&call, &request.group_id, |group| request.may_make(&call, group))??;
        let operator = request.from.as_ref().unwrap_or(&call.caller.identifier);
        let mut question = json!({"GroupId": request.group_id});
        if let Some(id) = &request.topic_id {
            question["TopicId"] = json!(id);
        }
        question["Type"] = json!("Community");
        question["Operator_Account"] = json!(operator);
        question["Name"] = json!(change.name);
        asker.ask(before::CREATE_TOPIC, question).await?;
    }
    make(&call, &request, &change, None)
}

/// `import_topic`: with the time at which it was made.
///
/// # Errors
/// As for `create_topic`.
pub async fn import_topic(call: Call<Tencent>, request: TopicFields) -> Result<MadeTopic, GroupError> {
    if let Some(word) = &request.group_type {
        let of = type_of("Type", word, call.settings().options.profile)?;
        if of != GroupType::Community {
            return Err(Invalid::new("Type", format!("is {}; topics are of a Community", of.word())).into());
        }
    }
    let now = seconds_of(call.app.tenancy.now());
    let time = request.create_time.map(|time| natural("CreateTime", Some(time), 1)).transpose()?;
    if let Some(time) = time.filter(|time| *time > now) {
        return Err(Invalid::new("CreateTime", format!("is {time}, which is after now, {now}")).into());
    }
    let change = TopicChange { imported: true, ..request.new_topic(&call)? };
    make(&call, &request, &change, time)
}

/// `million_group_open_http_svc/modify_topic`.
///
/// # Errors
/// 10004 for a field, 10007 no Community, 10010 no such group or topic, 10015 a malformed id, 11000 a Community without
/// topics.
pub async fn modify_topic(call: Call<Tencent>, request: TopicFields) -> Result<(), GroupError> {
    let Some(topic) = &request.topic_id else { return Err(Invalid::required("TopicId").into()) };
    let change = request.change(&call)?;
    act(&call, &request.group_id, |group, turn| group.modify_topic(turn, topic, &change))
}

/// Ends topics.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct DestroyTopic {
    /// The Community.
    group_id: EntityId,
    /// 1 to 50 topics.
    topic_id_list: Vec<EntityId>,
}

/// What became of the topics.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct EndedTopics {
    /// In the order of the request.
    destroy_result_item: Vec<EndedTopic>,
}

/// What became of one topic.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct EndedTopic {
    topic_id: EntityId,
    /// 0, or 10010 for one that is not there.
    error_code: u32,
    error_info: String,
}

/// The refusal of a topic that is not there.
fn no_topic(id: &EntityId) -> (u32, String) {
    let refusal = TencentRefusal::from(GroupError::NoPart { field: "TopicId", id: id.to_string() });
    (refusal.code, refusal.info.into_owned())
}

/// `million_group_open_http_svc/destroy_topic`.
///
/// # Errors
/// 10004 for a field, 10007 no Community, 10010 no such group, 10015 a malformed id, 11000 a Community without topics.
pub async fn destroy_topic(call: Call<Tencent>, request: DestroyTopic) -> Result<EndedTopics, GroupError> {
    if request.topic_id_list.is_empty() {
        return Err(Invalid::required(TOPICS.field).into());
    }
    check_plain_length(&call, &TOPICS, request.topic_id_list.len())?;
    let outcomes = act(&call, &request.group_id, |group, turn| group.end_topics(turn, &request.topic_id_list))?;
    let ended = request.topic_id_list.into_iter().zip(outcomes).map(|(topic_id, ended)| {
        let (error_code, error_info) = if ended { (0, String::new()) } else { no_topic(&topic_id) };
        EndedTopic { topic_id, error_code, error_info }
    });
    Ok(EndedTopics { destroy_result_item: ended.collect() })
}

/// Asks for topics.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct GetTopic {
    /// The Community.
    group_id: EntityId,
    /// Whose `SelfInfo`.
    #[serde(rename = "From_Account", default, deserialize_with = "optional")]
    from: Option<UserId>,
    /// Up to 50 topics; absent: all.
    #[serde(default, deserialize_with = "optional")]
    topic_id_list: Option<Vec<EntityId>>,
    /// Names of fields of `TopicInfo` and `SelfInfo`; absent: all.
    #[serde(default, deserialize_with = "optional")]
    response_filter: Option<Vec<String>>,
}

/// Topics, each with what it is to an account.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct Topics {
    topic_and_self_info: Vec<TopicAndSelf>,
}

/// A topic, with what it is to an account.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct TopicAndSelf {
    /// 0, or 10010 for one that is not there.
    error_code: u32,
    error_info: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    self_info: Option<TopicSelf>,
    topic_info: TopicView,
}

/// What a topic is to an account.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct TopicSelf {
    /// Until when it is muted there, Unix seconds; 0 for not.
    shut_up_time: u32,
    /// The last message read.
    msg_seq: u32,
    msg_flag: MsgFlag,
}

/// A topic; what was not asked for is absent.
#[derive(Debug, Default, Serialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct TopicView {
    #[serde(skip_serializing_if = "Option::is_none")]
    topic_name: Option<String>,
    #[serde(rename = "GroupID")]
    group_id: EntityId,
    topic_id: EntityId,
    #[serde(skip_serializing_if = "Option::is_none")]
    face_url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_msg_seq: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    notification: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    introduction: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    create_time: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_msg_time: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    shut_up_all_flag: Option<OnOff>,
    #[serde(skip_serializing_if = "Option::is_none")]
    custom_string: Option<String>,
}

impl GetTopic {
    fn view(&self, group: &Group, topic: &Topic, now: u32) -> TopicAndSelf {
        let asks = |name: &str| self.response_filter.as_ref().is_none_or(|names| names.iter().any(|it| it == name));
        let text = |name: &str, text: &str| asks(name).then(|| text.to_owned());
        let number = |name: &str, number: u32| asks(name).then_some(number);
        let own = |from: &UserId| TopicSelf {
            shut_up_time: topic.mutes.get(from).copied().filter(|until| *until > now).unwrap_or(0),
            msg_seq: topic.read.get(from).copied().unwrap_or(0),
            msg_flag: group.members.get(from).map_or(group.kind().flag, |member| member.msg_flag),
        };
        TopicAndSelf {
            error_code: 0,
            error_info: String::new(),
            self_info: self.from.as_ref().map(own),
            topic_info: TopicView {
                topic_name: text("TopicName", &topic.topic_name),
                group_id: group.info.group_id.clone(),
                topic_id: topic.topic_id.clone(),
                face_url: text("FaceUrl", &topic.face_url),
                next_msg_seq: number("NextMsgSeq", topic.next_msg_seq),
                notification: text("Notification", &topic.notification),
                introduction: text("Introduction", &topic.introduction),
                create_time: number("CreateTime", topic.create_time),
                last_msg_time: number("LastMsgTime", topic.last_msg_time),
                shut_up_all_flag: asks("ShutUpAllFlag").then_some(topic.mute_all.into()),
                custom_string: text("CustomString", &topic.custom_string),
            },
        }
    }
}

/// `million_group_open_http_svc/get_topic`.
// Assumed: SelfInfo of a topic is answered where From_Account is given; ShutUpAllFlag is On or Off.
///
/// # Errors
/// 10004 for a field, 10007 no Community, 10010 no such group, 10015 a malformed id, 11000 a Community without topics.
pub async fn get_topic(call: Call<Tencent>, request: GetTopic) -> Result<Topics, GroupError> {
    check_accounts(&request.from, |_| "From_Account".into())?;
    let listed = request.topic_id_list.as_ref().filter(|ids| !ids.is_empty());
    call.within(&TOPICS, listed.map_or(0, Vec::len))?;
    let now = seconds_of(call.app.tenancy.now());
    look(&call, &request.group_id, |group| {
        group.with_topics()?;
        let one = |id: &EntityId| match group.topic(id) {
            Ok(topic) => request.view(group, topic, now),
            Err(_) => {
                let (error_code, error_info) = no_topic(id);
                let group_id = group.info.group_id.clone();
                let topic_info = TopicView { group_id, topic_id: id.clone(), ..TopicView::default() };
                TopicAndSelf { error_code, error_info, self_info: None, topic_info }
            }
        };
        let topic_and_self_info = match listed {
            Some(ids) => ids.iter().map(one).collect(),
            None => group.extras.topics.iter().map(|topic| request.view(group, topic, now)).collect(),
        };
        Ok(Topics { topic_and_self_info })
    })?
}
