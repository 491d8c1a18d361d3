//! The parts of a Community: its topics and permission groups.

use crate::domain::groups::error::GroupError;
use crate::domain::groups::extras::{PermissionGroup, Topic};
use crate::domain::groups::group::Group;
use crate::domain::groups::member::seconds_of;
use crate::domain::invalid::Invalid;
use crate::kernel::fact::{Fact, Fields};
use crate::kernel::names::{EntityId, UserId};
use crate::kernel::turn::Turn;

/// Most topics of a Community.
pub const TOPICS_MAX: usize = 100;
/// Most permission groups of a Community.
pub const PERMISSION_GROUPS_MAX: usize = 100;
/// Most members of a permission group.
pub const PERMISSION_MEMBERS_MAX: usize = 1000;
/// What stands between the group's id and a topic's own part.
const TOPIC: &str = "@TOPIC#_";
/// What the id of a permission group begins with.
const PERMISSION: &str = "@PMG#_";
/// Characters of a part that the server makes.
const MADE_LENGTH: usize = 11;

/// What is to change about a topic; absent is as it was.
#[derive(Clone, Debug, Default)]
pub struct TopicChange {
    /// The name.
    pub name: Option<String>,
    /// The picture's address.
    pub face_url: Option<String>,
    /// The notice to all.
    pub notification: Option<String>,
    /// What it is about.
    pub introduction: Option<String>,
    /// Data of the app's own.
    pub custom_string: Option<String>,
    /// Only the owner, admins and administrators may speak.
    pub mute_all: Option<bool>,
    /// Who is shown as the one who acts; absent: who calls.
    pub from: Option<UserId>,
    /// It comes from another system.
    pub imported: bool,
}

impl TopicChange {
    /// What is told of the change besides the change itself.
    fn told(&self) -> Fields {
        let from = self.from.as_deref().map(|from| ("From_Account", from.into()));
        from.into_iter().chain(self.imported.then(|| ("Imported", true.into()))).collect()
    }

    fn apply(&self, topic: &mut Topic) -> Fields {
        let mut shown: Fields = Vec::new();
        for (name, to, from) in [
            ("TopicName", &mut topic.topic_name, &self.name),
            ("FaceUrl", &mut topic.face_url, &self.face_url),
            ("Notification", &mut topic.notification, &self.notification),
            ("Introduction", &mut topic.introduction, &self.introduction),
            ("CustomString", &mut topic.custom_string, &self.custom_string),
        ] {
            if let Some(from) = from.as_ref().filter(|from| *from != to) {
                to.clone_from(from);
                shown.push((name, to.as_str().into()));
            }
        }
        if let Some(mute_all) = self.mute_all.filter(|mute_all| *mute_all != topic.mute_all) {
            topic.mute_all = mute_all;
            shown.push(("MuteAllMember", if mute_all { "On" } else { "Off" }.into()));
        }
        shown
    }
}

impl Group {
    /// Makes a topic; gives its id: the caller's, or one made here.
    // Assumed: a Community has at most 100 topics and 100 permission groups, and a permission group 1000 members.
    ///
    /// # Errors
    /// No topics here, a wrong id, one in use, or too many.
    pub fn make_topic(
        &mut self,
        turn: &mut Turn<'_>,
        id: Option<EntityId>,
        change: &TopicChange,
        create_time: Option<u32>,
    ) -> Result<EntityId, GroupError> {
        self.with_topics()?;
        let start = format!("{}{TOPIC}", self.info.group_id);
        let id = match id {
            Some(id) if id.strip_prefix(&start).is_none_or(str::is_empty) => {
                let why = format!("is {:?}, and has to begin with {start:?} and go on", id.as_str());
                return Err(Invalid::new("TopicId", why).into());
            }
            Some(id) => id,
            None => EntityId::new(format!("{start}@TOPIC#c{}", turn.ids.base32(MADE_LENGTH))),
        };
        if self.extras.topics.iter().any(|topic| topic.topic_id == id) {
            return Err(GroupError::PartExists { field: "TopicId", id: id.to_string() });
        }
        if self.extras.topics.len() >= TOPICS_MAX {
            return Err(GroupError::TooManyParts { field: "TopicId", max: TOPICS_MAX });
        }
        let create_time = create_time.unwrap_or(seconds_of(turn.now));
        let mut topic = Topic::new(id.clone(), create_time);
        let mut fields: Fields = vec![("TopicId", id.as_str().into())];
        fields.extend(change.apply(&mut topic));
        fields.push(("Made", true.into()));
        fields.extend(change.told());
        self.extras.topics.push(topic);
        turn.record(Fact::InfoChanged { fields }, self.everybody());
        Ok(id)
    }

    /// Changes a topic.
    ///
    /// # Errors
    /// There is no such topic.
    pub fn modify_topic(&mut self, turn: &mut Turn<'_>, id: &str, change: &TopicChange) -> Result<(), GroupError> {
        let shown = change.apply(self.topic_mut(id)?);
        if !shown.is_empty() {
            let mut fields: Fields = vec![("TopicId", id.into())];
            fields.extend(shown);
            fields.extend(change.told());
            turn.record(Fact::InfoChanged { fields }, self.everybody());
        }
        Ok(())
    }

    /// Ends topics; says of each whether it was there.
    ///
    /// # Errors
    /// No topics here.
    pub fn end_topics(&mut self, turn: &mut Turn<'_>, ids: &[EntityId]) -> Result<Vec<bool>, GroupError> {
        self.with_topics()?;
        let mut outcomes = Vec::with_capacity(ids.len());
        for id in ids {
            let before = self.extras.topics.len();
            self.extras.topics.retain(|topic| topic.topic_id != *id);
            let ended = self.extras.topics.len() < before;
            outcomes.push(ended);
            if ended {
                let fields = vec![("TopicId", id.as_str().into()), ("Ended", true.into())];
                turn.record(Fact::InfoChanged { fields }, self.everybody());
            }
        }
        Ok(outcomes)
    }

    /// Makes a permission group; gives its id: the caller's, or one made here.
    ///
    /// # Errors
    /// No topics here, a wrong id, one in use, or too many.
    pub fn make_permission_group(
        &mut self,
        turn: &mut Turn<'_>,
        mut made: PermissionGroup,
    ) -> Result<EntityId, GroupError> {
        self.with_topics()?;
        const FIELD: &str = "PermissionGroupId";
        if made.permission_group_id.is_empty() {
            made.permission_group_id = EntityId::new(format!("{PERMISSION}@PMG#c{}", turn.ids.base32(MADE_LENGTH)));
        } else if made.permission_group_id.strip_prefix(PERMISSION).is_none_or(str::is_empty) {
            let id = made.permission_group_id.as_str();
            let why = format!("is {id:?}, and has to begin with {PERMISSION:?} and go on");
            return Err(Invalid::new(FIELD, why).into());
        }
        let id = made.permission_group_id.clone();
        if self.extras.permission_groups.iter().any(|group| group.permission_group_id == id) {
            return Err(GroupError::PartExists { field: FIELD, id: id.to_string() });
        }
        if self.extras.permission_groups.len() >= PERMISSION_GROUPS_MAX {
            return Err(GroupError::TooManyParts { field: FIELD, max: PERMISSION_GROUPS_MAX });
        }
        made.create_time = seconds_of(turn.now);
        self.extras.permission_groups.push(made);
        let fields = vec![("PermissionGroupId", id.as_str().into()), ("Made", true.into())];
        turn.record(Fact::InfoChanged { fields }, self.everybody());
        Ok(id)
    }

    /// A permission group.
    ///
    /// # Errors
    /// No topics here, or no such permission group.
    pub fn permission_group(&self, id: &str) -> Result<&PermissionGroup, GroupError> {
        self.with_topics()?;
        let found = self.extras.permission_groups.iter().find(|group| group.permission_group_id.as_str() == id);
        found.ok_or_else(|| GroupError::NoPart { field: "PermissionGroupId", id: id.to_owned() })
    }

    /// Puts members into a permission group, or takes them out; says of each which code its outcome has.
    // Assumed: in a permission group, one who is no member of the Community gets 10007, one in already 10013, and one too
    // many 10014; taking out one who is not in is a success.
    ///
    /// # Errors
    /// No topics here, or no such permission group.
    pub fn change_permission_members(
        &mut self,
        turn: &mut Turn<'_>,
        id: &str,
        users: &[UserId],
        add: bool,
    ) -> Result<Vec<Placed>, GroupError> {
        self.permission_group(id)?;
        let Self { members, extras, .. } = self;
        let found = extras.permission_groups.iter_mut().find(|group| group.permission_group_id.as_str() == id);
        let inside = &mut found.expect("it was there a moment ago, under the same lock").members;
        let mut changed = Vec::new();
        let place = |user: &UserId| match (add, inside.contains(user)) {
            (true, true) => Placed::Already,
            (true, false) if !members.contains(user) => Placed::NotMember,
            (true, false) if inside.len() >= PERMISSION_MEMBERS_MAX => Placed::Full,
            (false, false) => Placed::Done,
            (true, false) => {
                inside.push(user.clone());
                changed.push(user.clone());
                Placed::Done
            }
            (false, true) => {
                inside.retain(|present| present != user);
                changed.push(user.clone());
                Placed::Done
            }
        };
        let outcomes = users.iter().map(place).collect();
        if !changed.is_empty() {
            let fields = vec![("PermissionGroupId", id.into()), ("Added", add.into())];
            let told = self.everybody();
            turn.record(Fact::MemberChanged { members: changed, fields }, told);
        }
        Ok(outcomes)
    }
}

/// What became of one who was to be put into a permission group, or taken out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Placed {
    /// As asked.
    Done,
    /// Was in already.
    Already,
    /// Is no member of the Community.
    NotMember,
    /// The permission group is full.
    Full,
}

impl Topic {
    /// A topic without a name.
    pub fn new(topic_id: EntityId, create_time: u32) -> Self {
        Self {
            topic_id,
            topic_name: String::new(),
            face_url: String::new(),
            notification: String::new(),
            introduction: String::new(),
            custom_string: String::new(),
            create_time,
            last_msg_time: 0,
            next_msg_seq: 1,
            mute_all: false,
            mutes: std::collections::BTreeMap::new(),
            read: std::collections::BTreeMap::new(),
            messages: crate::domain::groups::log::Log::default(),
        }
    }
}
