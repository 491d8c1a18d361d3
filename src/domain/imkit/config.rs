//! Configuration: free values by key that the platform administrator sets and clients read. One of them has an effect:
//! the word filter.

use std::borrow::Cow;
use std::sync::Arc;

use parking_lot::RwLock;
use serde::Deserialize;

use crate::domain::imkit::json::{Json, Members, get, set, set_all};
use crate::domain::imkit::named::Named;
use crate::kernel::fact::{Audience, Event, Fact, Field, Scope};
use crate::kernel::tenancy::Tenancy;
use crate::kernel::turn::Origin;

/// The key of the word filter.
const CENSORSHIP: &str = "censorship";
/// What the word filter has to look like.
pub const KEYWORDS_RULE: &str = "has to be an object with keywords, an array of strings";

/// The word filter, as it is configured.
#[derive(Deserialize)]
struct Censorship {
    keywords: Vec<String>,
}

/// The words that a configuration filters; `None` if they are written wrongly.
pub fn keywords_of(values: &Members) -> Option<Vec<String>> {
    let Some(filter) = get(values, CENSORSHIP).filter(|filter| !filter.is_null()) else { return Some(Vec::new()) };
    let found: Censorship = Some(filter).filter(|filter| filter.is_object())?.read()?;
    Some(found.keywords)
}

/// What is configured at one moment.
#[derive(Debug, Default)]
struct Configured {
    values: Members,
    keywords: Vec<String>,
}

/// The free configuration of an application.
#[derive(Debug)]
pub struct Configuration {
    tenancy: Arc<Tenancy>,
    now: RwLock<Configured>,
}

impl Configuration {
    /// Nothing configured.
    pub fn new(tenancy: Arc<Tenancy>) -> Self {
        Self { tenancy, now: RwLock::default() }
    }

    /// All values, in the order in which their keys were first given.
    pub fn values(&self) -> Members {
        self.now.read().values.clone()
    }

    /// Sets these keys, and leaves the others; the whole of it then.
    pub fn merge(&self, origin: &Origin, values: Members) -> Members {
        self.change(origin, ("changed", Field::object(Named(values.clone()))), |present| {
            set_all(present, values);
            Some(present.clone())
        })
        .unwrap_or_default()
    }

    /// Takes a key out; whether it was there.
    pub fn remove(&self, origin: &Origin, key: &str) -> bool {
        self.change(origin, ("removed", key.into()), |present| {
            let place = present.iter().position(|(name, _)| name == key)?;
            present.remove(place);
            Some(())
        })
        .is_some()
    }

    /// Puts a configuration in place as a state document describes it.
    pub fn put(&self, values: &Members) {
        let keywords = keywords_of(values).unwrap_or_default();
        *self.now.write() = Configured { values: values.clone(), keywords };
    }

    /// Changes the values, and tells of it, unless `act` finds nothing to change.
    fn change<R>(
        &self,
        origin: &Origin,
        told: (&'static str, Field),
        act: impl FnOnce(&mut Members) -> Option<R>,
    ) -> Option<R> {
        let mut now = self.now.write();
        let result = act(&mut now.values)?;
        now.keywords = keywords_of(&now.values).unwrap_or_default();
        let event = Event {
            at: self.tenancy.now(),
            scope: Scope { kind: "config", id: self.tenancy.key.id.clone(), life: 0 },
            by: origin.by.clone(),
            // Assumed: no event of the vendor's sockets tells that the configuration changed.
            audience: Audience::nobody(),
            fact: Fact::InfoChanged { fields: vec![told] },
        };
        self.tenancy.journal.append_facts(&self.tenancy, origin.call, [event]);
        Some(result)
    }

    /// Applies the word filter to what a message says.
    pub fn censor(&self, content: &mut Members) {
        let now = self.now.read();
        if now.keywords.is_empty() {
            return;
        }
        // Assumed: a filtered word in a message's text becomes as many asterisks, and the message is sent all the same.
        let Some(text) = get(content, "message").and_then(Json::read::<String>) else { return };
        if let Cow::Owned(masked) = masked(&text, &now.keywords) {
            set(content, "message", Json::string(&masked));
        }
    }
}

/// The text with each of these words, longest first, as asterisks.
fn masked<'t>(text: &'t str, words: &[String]) -> Cow<'t, str> {
    let mut words: Vec<&String> =
        words.iter().filter(|word| !word.is_empty() && text.contains(word.as_str())).collect();
    words.sort_by_key(|word| std::cmp::Reverse(word.len()));
    words.into_iter().fold(Cow::Borrowed(text), |text, word| {
        Cow::Owned(text.replace(word.as_str(), &"*".repeat(word.chars().count())))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_masked_by_characters_the_longest_first() {
        let words = ["foo".to_owned(), "foobar".to_owned(), "廣告".to_owned(), String::new()];
        assert_eq!(masked("a foobar, Foo and 廣告", &words), "a ******, Foo and **");
        assert!(matches!(masked("nothing", &words), Cow::Borrowed("nothing")));
    }
}
