//! What is wrong with a state document, the tables of operations included: a changed limit has to be one that exists.

use crate::api::operation::Operation;
use crate::api::tencent;
use crate::domain::state::{State, StateFault};

/// All faults of a document that its types could not tell.
pub fn faults(state: &State) -> Vec<StateFault> {
    let mut found = state.faults();
    for (id, app) in &state.tencent {
        let keys = app.limits.iter().flat_map(|limits| limits.0.keys());
        let faults = keys.filter_map(|key| {
            let message = fault_of_limit(key)?;
            Some(StateFault { path: format!("tencent.{id}.limits[{key:?}]"), message })
        });
        found.extend(faults);
    }
    found
}

/// Why no operation has a limit or rate of this name, if none has.
fn fault_of_limit(key: &str) -> Option<String> {
    let (service, rest) = match key.split_once('/') {
        Some((service, rest)) => (Some(service), rest),
        None => (None, key),
    };
    let Some((command, field)) = rest.split_once('.') else {
        return Some("is not [SERVICE/]COMMAND.FIELD or [SERVICE/]COMMAND.per_second".into());
    };
    let commands: Vec<&Operation> = tencent::operations()
        .filter(|operation| operation.command == command && service.is_none_or(|name| operation.service == name))
        .collect();
    let [operation] = commands.as_slice() else {
        return Some(match commands.first() {
            None => format!("there is no command {command:?}; `imulator operations` lists them"),
            Some(_) => format!("several services have a command {command:?}; put the service and a slash in front"),
        });
    };
    let has = field == "per_second" || operation.limits.iter().any(|limit| limit.field == field);
    (!has).then(|| {
        let fields: Vec<&str> = operation.limits.iter().map(|limit| limit.field).chain(["per_second"]).collect();
        format!("{command} has no limit {field:?}; it has {}", fields.join(", "))
    })
}

#[cfg(test)]
mod tests {
    use super::fault_of_limit;

    #[test]
    fn a_limit_is_named_by_command_and_field() {
        for good in [
            "delete_group_member.MemberToDel_Account",
            "group_open_http_svc/delete_group_member.MemberToDel_Account",
            "delete_group_member.per_second",
            "room_engine_http_srv/create_room.RoomInfo.MaxSeatCount",
            "create_group.MaxMemberCount",
        ] {
            assert_eq!(fault_of_limit(good), None, "{good}");
        }
        for bad in [
            "delete_group_member",
            "delete_group_member.Members",
            "remove.Members",
            "im/delete_group_member.per_second",
        ] {
            assert!(fault_of_limit(bad).is_some(), "{bad}");
        }
    }
}
