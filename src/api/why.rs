//! Why: the line that tells a person what to change, made fit for an HTTP header.
//!
//! Non-ASCII is written as `\u{5c0f}`, a value is cut at 60 characters, the line at 1000 bytes. The journal keeps UTF-8.

use http::HeaderValue;

/// The longest line in the header, in bytes.
const LINE_BYTES_MAX: usize = 1000;
/// The longest value quoted in a line, in characters.
const VALUE_CHARS_MAX: usize = 60;
/// The most characters that are told of a secret.
const SECRET_CHARS_MAX: usize = 8;

/// A value as it is quoted in a line: in its own JSON form, cut.
pub fn quote(value: &serde_json::Value) -> String {
    cut(&value.to_string())
}

/// A text as it is quoted in a line.
pub fn quote_text(text: &str) -> String {
    format!("\"{}\"", cut(text))
}

/// A secret as it is quoted in a line.
pub fn quote_secret(text: &str) -> String {
    format!("\"{}\"", shorten(text))
}

/// A secret's first eight characters.
pub fn shorten(text: &str) -> String {
    cut_at(text, SECRET_CHARS_MAX)
}

/// The known name that is most like this one; empty where none is known.
pub fn nearest<'n>(name: &str, known: impl Iterator<Item = &'n str>) -> &'n str {
    let likeness = |known: &&str| strsim::normalized_damerau_levenshtein(known, name);
    known.max_by(|a, b| likeness(a).total_cmp(&likeness(b))).unwrap_or_default()
}

/// A text cut at 60 characters.
pub fn cut(text: &str) -> String {
    cut_at(text, VALUE_CHARS_MAX)
}

fn cut_at(text: &str, chars_max: usize) -> String {
    match text.char_indices().nth(chars_max) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// The line as a header's value.
pub fn header(line: &str) -> HeaderValue {
    let mut ascii = String::with_capacity(line.len());
    for character in line.chars() {
        let plain = matches!(character, ' '..='~');
        let bytes = if plain { 1 } else { character.escape_unicode().len() };
        if ascii.len() + bytes > LINE_BYTES_MAX {
            break;
        }
        if plain {
            ascii.push(character);
        } else {
            ascii.extend(character.escape_unicode());
        }
    }
    HeaderValue::from_str(ascii.trim()).expect("printable ASCII is a header value")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_becomes_printable_ascii() {
        assert_eq!(header("小 a\n").to_str().unwrap(), "\\u{5c0f} a\\u{a}");
    }

    #[test]
    fn a_line_is_cut_at_1000_bytes_between_characters() {
        let line = header(&"小".repeat(500));
        assert_eq!(line.len() % 8, 0);
        assert!(line.len() <= 1000);
    }

    #[test]
    fn a_value_is_cut_at_60_characters() {
        assert_eq!(quote_text(&"a".repeat(70)), format!("\"{}…\"", "a".repeat(60)));
        assert_eq!(quote_text("abc"), "\"abc\"");
    }
}
