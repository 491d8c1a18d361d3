//! What a fact tells sockets: an event of the vendor's with its very payload, carried in two fields of the fact.
//!
//! Whoever records such a fact needs nothing else: its audience gets the event as it stands.

use crate::kernel::fact::{Detail, Fact, Field, Fields, field};

/// The field that names the event.
const SOCKET: &str = "socket";
/// The field that holds its payload.
const PAYLOAD: &str = "payload";

/// The fields of a fact that sockets are told as this event with this payload.
pub fn for_sockets(event: &'static str, payload: impl Detail + 'static) -> Fields {
    vec![(SOCKET, event.into()), (PAYLOAD, Field::object(payload))]
}

/// The event and its payload, if the fact has the two fields.
pub fn of_fact(fact: &Fact) -> Option<(&str, &dyn Detail)> {
    let fields = fact.fields();
    match (field(fields, SOCKET)?, field(fields, PAYLOAD)?) {
        (Field::Text(event), Field::Object(payload)) => Some((event, &**payload)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_put_into_a_fact_for_sockets_is_read_from_it() {
        let fact = Fact::InfoChanged { fields: for_sockets("myPrefDelete", "theme") };
        let (event, payload) = of_fact(&fact).expect("the two fields are there");
        assert_eq!((event, format!("{payload:?}")), ("myPrefDelete", "\"theme\"".to_owned()));
        assert!(of_fact(&Fact::InfoChanged { fields: vec![("name", "Tea".into())] }).is_none());
    }
}
