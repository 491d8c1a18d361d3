//! Strict: reads types as they are meant — a struct is an object, and never an array of its fields by position — and
//! leaves a trail to what cannot be read.
//!
//! Serde's derived structs accept both. This wraps any deserializer, and everything read out of it.

use std::fmt;

use serde::de::{
    self, DeserializeOwned, DeserializeSeed, Deserializer, EnumAccess, MapAccess, SeqAccess, Unexpected, VariantAccess,
    Visitor,
};

use crate::trail::{Step, Trail};

/// Reads a text that is one value; of a fault, the trail leads to its place.
///
/// # Errors
/// Its first fault, with line and column.
pub fn from_text<T: DeserializeOwned>(text: &str, trail: &Trail) -> Result<T, serde_json::Error> {
    let mut reader = serde_json::Deserializer::from_str(text);
    let value = T::deserialize(Strict::new(&mut reader, trail))?;
    reader.end()?;
    Ok(value)
}

/// The message of a fault without line and column, for where they are of no use.
pub fn without_place(fault: &serde_json::Error) -> String {
    let text = fault.to_string();
    text.rsplit_once(" at line ").map_or(text.clone(), |(message, _)| message.to_owned())
}

/// A deserializer, or something read by one, that refuses arrays where a struct is asked for.
#[derive(Debug)]
pub struct Strict<'t, X> {
    inner: X,
    trail: &'t Trail,
}

impl<'t, X> Strict<'t, X> {
    /// Reads strictly, and leaves a trail to the fault if there is one.
    pub fn new(inner: X, trail: &'t Trail) -> Self {
        Self { inner, trail }
    }

    /// This visitor, told of objects and arrays alike.
    fn any<V>(&self, visitor: V) -> Watched<'t, V> {
        Watched { visitor, object: false, trail: self.trail }
    }

    /// This visitor, told of objects alone.
    fn object<V>(&self, visitor: V) -> Watched<'t, V> {
        Watched { visitor, object: true, trail: self.trail }
    }
}

/// A visitor whose findings are read strictly too; `object` refuses arrays.
struct Watched<'t, V> {
    visitor: V,
    object: bool,
    trail: &'t Trail,
}

/// The entries of an array or object, counted.
struct Counted<'t, A> {
    access: A,
    /// How many were begun.
    begun: usize,
    trail: &'t Trail,
}

impl<'t, A> Counted<'t, A> {
    fn new(access: A, trail: &'t Trail) -> Self {
        Self { access, begun: 0, trail }
    }
}

macro_rules! forward {
    ($($method:ident)*) => {
        $(fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
            let visitor = self.any(visitor);
            self.inner.$method(visitor)
        })*
    };
}

impl<'de, D: Deserializer<'de>> Deserializer<'de> for Strict<'_, D> {
    type Error = D::Error;

    forward! {
        deserialize_any deserialize_bool deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64 deserialize_i128
        deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64 deserialize_u128 deserialize_f32 deserialize_f64
        deserialize_char deserialize_str deserialize_string deserialize_bytes deserialize_byte_buf deserialize_option
        deserialize_unit deserialize_seq deserialize_map deserialize_identifier deserialize_ignored_any
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(self, name: &'static str, visitor: V) -> Result<V::Value, D::Error> {
        let visitor = self.any(visitor);
        self.inner.deserialize_unit_struct(name, visitor)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, name: &'static str, visitor: V) -> Result<V::Value, D::Error> {
        let visitor = self.any(visitor);
        self.inner.deserialize_newtype_struct(name, visitor)
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, len: usize, visitor: V) -> Result<V::Value, D::Error> {
        let visitor = self.any(visitor);
        self.inner.deserialize_tuple(len, visitor)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        len: usize,
        visitor: V,
    ) -> Result<V::Value, D::Error> {
        let visitor = self.any(visitor);
        self.inner.deserialize_tuple_struct(name, len, visitor)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, D::Error> {
        let visitor = self.object(visitor);
        self.inner.deserialize_struct(name, fields, visitor)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, D::Error> {
        let visitor = self.any(visitor);
        self.inner.deserialize_enum(name, variants, visitor)
    }

    fn is_human_readable(&self) -> bool {
        self.inner.is_human_readable()
    }
}

macro_rules! visit {
    ($($method:ident($kind:ty))*) => {
        $(fn $method<E: de::Error>(self, value: $kind) -> Result<V::Value, E> {
            self.visitor.$method(value)
        })*
    };
}

impl<'de, V: Visitor<'de>> Visitor<'de> for Watched<'_, V> {
    type Value = V::Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.object { f.write_str("an object") } else { self.visitor.expecting(f) }
    }

    visit! {
        visit_bool(bool) visit_i8(i8) visit_i16(i16) visit_i32(i32) visit_i64(i64) visit_i128(i128)
        visit_u8(u8) visit_u16(u16) visit_u32(u32) visit_u64(u64) visit_u128(u128) visit_f32(f32) visit_f64(f64)
        visit_char(char) visit_str(&str) visit_borrowed_str(&'de str) visit_string(String)
        visit_bytes(&[u8]) visit_borrowed_bytes(&'de [u8]) visit_byte_buf(Vec<u8>)
    }

    fn visit_none<E: de::Error>(self) -> Result<V::Value, E> {
        self.visitor.visit_none()
    }

    fn visit_unit<E: de::Error>(self) -> Result<V::Value, E> {
        self.visitor.visit_unit()
    }

    fn visit_some<D: Deserializer<'de>>(self, inner: D) -> Result<V::Value, D::Error> {
        self.visitor.visit_some(Strict::new(inner, self.trail))
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, inner: D) -> Result<V::Value, D::Error> {
        self.visitor.visit_newtype_struct(Strict::new(inner, self.trail))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<V::Value, A::Error> {
        if self.object {
            return Err(de::Error::invalid_type(Unexpected::Seq, &"an object"));
        }
        self.visitor.visit_seq(Counted::new(list, self.trail))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<V::Value, A::Error> {
        self.visitor.visit_map(Counted::new(map, self.trail))
    }

    fn visit_enum<A: EnumAccess<'de>>(self, of: A) -> Result<V::Value, A::Error> {
        self.visitor.visit_enum(Strict::new(of, self.trail))
    }
}

impl<'de, S: DeserializeSeed<'de>> DeserializeSeed<'de> for Strict<'_, S> {
    type Value = S::Value;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<S::Value, D::Error> {
        self.inner.deserialize(Strict::new(from, self.trail))
    }
}

impl<'de, A: SeqAccess<'de>> SeqAccess<'de> for Counted<'_, A> {
    type Error = A::Error;

    fn next_element_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, A::Error> {
        let element = self.access.next_element_seed(Strict::new(seed, self.trail));
        self.begun += 1;
        element.inspect_err(|_| self.trail.leave(Step::Element(self.begun - 1)))
    }

    fn size_hint(&self) -> Option<usize> {
        self.access.size_hint()
    }
}

impl<'de, A: MapAccess<'de>> MapAccess<'de> for Counted<'_, A> {
    type Error = A::Error;

    fn next_key_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, A::Error> {
        let key = self.access.next_key_seed(Strict::new(seed, self.trail));
        self.begun += 1;
        key.inspect_err(|_| self.trail.leave(Step::Member(self.begun - 1)))
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, A::Error> {
        let value = self.access.next_value_seed(Strict::new(seed, self.trail));
        value.inspect_err(|_| self.trail.leave(Step::Member(self.begun - 1)))
    }

    fn size_hint(&self) -> Option<usize> {
        self.access.size_hint()
    }
}

impl<'de, 't, A: EnumAccess<'de>> EnumAccess<'de> for Strict<'t, A> {
    type Error = A::Error;
    type Variant = Strict<'t, A::Variant>;

    fn variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<(S::Value, Self::Variant), A::Error> {
        let read = self.inner.variant_seed(Strict::new(seed, self.trail));
        read.map(|(value, variant)| (value, Strict::new(variant, self.trail)))
    }
}

/// The content of a variant is the only member of an object.
impl<'de, A: VariantAccess<'de>> VariantAccess<'de> for Strict<'_, A> {
    type Error = A::Error;

    fn unit_variant(self) -> Result<(), A::Error> {
        self.inner.unit_variant()
    }

    fn newtype_variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<S::Value, A::Error> {
        let read = self.inner.newtype_variant_seed(Strict::new(seed, self.trail));
        read.inspect_err(|_| self.trail.leave(Step::Member(0)))
    }

    fn tuple_variant<V: Visitor<'de>>(self, len: usize, visitor: V) -> Result<V::Value, A::Error> {
        let visitor = self.any(visitor);
        self.inner.tuple_variant(len, visitor).inspect_err(|_| self.trail.leave(Step::Member(0)))
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, A::Error> {
        let visitor = self.object(visitor);
        self.inner.struct_variant(fields, visitor).inspect_err(|_| self.trail.leave(Step::Member(0)))
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;
    use serde_json::value::RawValue;

    use super::{from_text, without_place};
    use crate::trail::Trail;

    #[derive(Debug, Deserialize)]
    struct Inner {
        a: i64,
    }

    #[derive(Debug, Deserialize)]
    struct Outer {
        one: Option<Inner>,
        many: Vec<Inner>,
        raw: Option<Box<RawValue>>,
    }

    fn read(text: &str) -> Result<Outer, String> {
        let trail = Trail::default();
        from_text(text, &trail).map_err(|fault| format!("{}: {}", trail.follow(text).0, without_place(&fault)))
    }

    #[test]
    fn objects_are_read_at_every_level() {
        let outer = read(r#"{"one":{"a":1},"many":[{"a":2}],"raw":[1, 2]}"#).expect("it is sound");
        assert_eq!((outer.one.map(|inner| inner.a), outer.many[0].a), (Some(1), 2));
        assert_eq!(outer.raw.expect("given").get(), "[1, 2]");
    }

    #[test]
    fn an_array_is_no_object_at_any_level() {
        for text in [r#"[null,[],null]"#, r#"{"one":[1],"many":[]}"#, r#"{"many":[[2]]}"#] {
            let fault = read(text).expect_err("an array stands for a struct");
            assert!(fault.contains("sequence, expected an object"), "{text}: {fault}");
        }
    }
}
