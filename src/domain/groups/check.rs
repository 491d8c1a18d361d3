//! What a state document may say of a group, beyond its types.

use crate::domain::groups::id::fault_of_named;
use crate::domain::groups::member::{KeyValue, RoleWord};
use crate::domain::groups::state::GroupState;
use crate::domain::state::Faults;

impl GroupState {
    /// Notes every fault of this group.
    pub fn check(&self, path: &str, faults: &mut Faults) {
        if let Some(fault) = fault_of_named(&self.group_id) {
            faults.add(format!("{path}.GroupId"), fault);
        }
        if let Some(owner) = self.owner.as_ref().filter(|owner| !owner.is_empty()) {
            faults.user_id(format!("{path}.Owner_Account"), owner);
        }
        faults.unless(
            self.next_msg_seq != Some(0),
            format!("{path}.NextMsgSeq"),
            "is 0; the first message has the number 1",
        );
        faults.unless(self.support_topic <= 1, format!("{path}.SupportTopic"), "is neither 0 nor 1");
        check_custom(&self.app_defined_data, &format!("{path}.AppDefinedData"), faults);
        self.check_members(path, faults);
        self.check_messages(path, faults);
        for (list, accounts) in [
            ("ShutUpAccountList", self.shut_up_account_list.iter().map(|mute| &mute.account).collect::<Vec<_>>()),
            ("BannedAccountList", self.banned_account_list.iter().map(|ban| &ban.account).collect()),
        ] {
            let place = |at: usize| format!("{path}.{list}[{at}].Member_Account");
            accounts.iter().enumerate().for_each(|(at, id)| faults.user_id(place(at), id));
            faults.twice(accounts.iter().enumerate().map(|(at, id)| (place(at), id.as_str())));
        }
    }

    fn check_messages(&self, path: &str, faults: &mut Faults) {
        let next = self.next_msg_seq.unwrap_or(u32::MAX);
        let topics = self.topic_list.iter().enumerate().map(|(at, topic)| {
            let seqs: Vec<u32> = topic.messages.iter().map(|message| message.msg_seq).collect();
            (format!("{path}.TopicList[{at}].Messages"), seqs, topic.next_msg_seq)
        });
        let own = self.message_list.iter().map(|message| message.msg_seq).collect();
        for (list, seqs, next) in topics.chain([(format!("{path}.MessageList"), own, next)]) {
            for (at, seq) in seqs.iter().enumerate() {
                let sound = *seq > 0 && *seq < next && (at == 0 || seqs[at - 1] < *seq);
                faults.unless(
                    sound,
                    format!("{list}[{at}].MsgSeq"),
                    "is not above the one before and below NextMsgSeq",
                );
            }
        }
        let topics = self.topic_list.iter().enumerate();
        faults.twice(topics.map(|(at, topic)| (format!("{path}.TopicList[{at}].TopicId"), topic.topic_id.as_str())));
    }

    fn check_members(&self, path: &str, faults: &mut Faults) {
        let owner = self.owner_account();
        let place = |at: usize, field: &str| format!("{path}.MemberList[{at}].{field}");
        for (at, member) in self.member_list.iter().enumerate() {
            faults.user_id(|| place(at, "Member_Account"), &member.account);
            let owns = owner == Some(&member.account);
            match member.role {
                Some(RoleWord::Owner) if !owns => {
                    faults.add(place(at, "Role"), "is Owner, but another account, or nobody, owns the group");
                }
                Some(RoleWord::Admin | RoleWord::Member) if owns => {
                    faults.add(place(at, "Role"), "is not Owner, but Owner_Account names this account");
                }
                _ => {}
            }
            let custom = member.details.as_ref().map_or(&[][..], |details| &details.custom);
            if !custom.is_empty() {
                check_custom(custom, &place(at, "AppMemberDefinedData"), faults);
            }
        }
        let accounts = self.member_list.iter().enumerate();
        let place = &place;
        faults.twice(accounts.map(|(at, member)| (move || place(at, "Member_Account"), member.account.as_str())));
    }
}

fn check_custom(custom: &[KeyValue], path: &str, faults: &mut Faults) {
    for (at, pair) in custom.iter().enumerate() {
        faults.unless(!pair.key.is_empty(), format!("{path}[{at}].Key"), "is empty");
    }
    faults.twice(custom.iter().enumerate().map(|(at, pair)| (format!("{path}[{at}].Key"), pair.key.as_str())));
}
