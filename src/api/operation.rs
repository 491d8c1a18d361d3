//! Operation: a typed request, a function and one row; everything that lists or finds operations reads the row.

use std::borrow::Cow;
use std::future::Future;
use std::marker::PhantomData;
use std::pin::Pin;
use std::sync::{Arc, OnceLock};

use http::HeaderMap;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::api::call::{Arrival, Call};
use crate::api::dress::Dress;
use crate::api::limit::Limit;
use crate::api::reply::Reply;
use crate::domain::invalid::Invalid;
use crate::kernel::tenancy::Tenancy;

/// A call that is being answered.
pub type Running = Pin<Box<dyn Future<Output = Reply> + Send>>;

/// The forms of a request and of the data in its reply.
#[derive(Debug)]
pub struct Forms {
    /// The request.
    pub request: Schema,
    /// The data of the reply, without the vendor's envelope; `None` where the handler words its reply itself.
    pub reply: Option<Schema>,
}

/// The credentials that the documentation names for an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Access {
    /// Tencent: an administrator's identifier and UserSig.
    Administrator,
    /// IMKIT: a client key and a client's token; an API key does as well.
    Client,
    /// IMKIT: an API key.
    ApiKey,
    /// IMKIT: an API key, in a sandbox also a client key alone.
    Sandbox,
    /// IMKIT: a client key alone; an API key does as well.
    ClientKey,
    /// Nothing. IMKIT: a key, if there is one, says whose call it is; the emulator's own: the dashboard's files.
    Anybody,
    /// The emulator's own: the control token, where one is set.
    ControlToken,
}

/// One operation of an API: the row of its table.
#[derive(Debug)]
pub struct Operation {
    /// Vendor, system and command: `tencent.groups.delete_group_member`.
    pub name: &'static str,
    /// The HTTP method.
    pub method: &'static str,
    /// The command alone: the last part of the name.
    pub command: &'static str,
    /// The path; `{id}` stands for one segment.
    pub path: &'static str,
    /// The service of Tencent's that the path names: its second segment.
    pub service: &'static str,
    /// What it does, in one line.
    pub summary: &'static str,
    /// The documentation page it follows.
    pub doc: &'static str,
    /// Its documented limits.
    pub limits: &'static [Limit],
    /// Documented calls per second for each application: in the `seed` profile and in the `current` one; 0 where none is.
    pub per_second: (u32, u32),
    /// The credentials it asks for.
    pub access: Access,
    /// Answers a call.
    pub run: fn(Arc<Arrival>) -> Running,
    /// Tells the forms of request and reply.
    pub forms: fn(&mut SchemaGenerator) -> Forms,
    /// The headers of its replies, once they were asked for.
    pub dress: &'static OnceLock<Dress>,
}

impl Operation {
    /// The headers of its replies: the vendor's, as this makes them at the first time, and ours. The call's number and
    /// the date have their places and no values yet.
    pub fn headers(&self, vendors: fn() -> HeaderMap) -> HeaderMap {
        self.dress.get_or_init(|| Dress::new(self, vendors())).headers.clone()
    }

    /// The vendor: the first part of the name.
    pub fn vendor(&self) -> &'static str {
        self.name.split('.').next().unwrap_or(self.name)
    }
}

/// The part of this place in a text, counted from 0; empty if it has fewer. For rows, which are constants.
pub const fn part(text: &'static str, separator: u8, place: usize) -> &'static str {
    let bytes = text.as_bytes();
    let (mut start, mut passed, mut at) = (0, 0, 0);
    while at <= bytes.len() {
        if at == bytes.len() || bytes[at] == separator {
            if passed == place {
                return text.split_at(at).0.split_at(start).1;
            }
            (start, passed) = (at + 1, passed + 1);
        }
        at += 1;
    }
    ""
}

/// The last part of a text. For rows, which are constants.
pub const fn last_part(text: &'static str, separator: u8) -> &'static str {
    let mut place = 0;
    let mut at = 0;
    while at < text.len() {
        if text.as_bytes()[at] == separator {
            place += 1;
        }
        at += 1;
    }
    part(text, separator, place)
}

/// Who was let in: the application and the caller.
pub type Admitted<G> = (Arc<<G as Gateway>::App>, <G as Gateway>::Caller);

/// A door: who may come in, how requests are read and how answers are worded.
pub trait Gateway: Sized + Send + Sync + 'static {
    /// The tenant's application behind the door.
    type App: Send + Sync;
    /// Who calls.
    type Caller: Send + Sync;
    /// A refusal in the vendor's words.
    type Refusal: Send;

    /// What its operations ask for where their rows do not say.
    const ACCESS: Access;

    /// Lets a caller in, or turns it away before any rule is asked.
    ///
    /// # Errors
    /// The vendor's refusal.
    fn admit(arrival: &Arrival) -> Result<Admitted<Self>, Self::Refusal>;

    /// The open application that a request names, whether or not its caller would be let in.
    fn identify(arrival: &Arrival) -> Option<Arc<Self::App>>;

    /// Whose application it is; `None` for the emulator's own.
    fn tenant(app: &Self::App) -> Option<Arc<Tenancy>>;

    /// Reads the request.
    ///
    /// # Errors
    /// The inner error is for the service's own rules to word, the outer one is the door's.
    fn decode<Q: DeserializeOwned>(call: &Call<Self>) -> Result<Result<Q, Invalid>, Self::Refusal>;

    /// Words the outcome.
    fn seal<R: Serialize>(arrival: &Arrival, app: Option<&Self::App>, outcome: Result<R, Self::Refusal>) -> Reply;
}

/// The way of every call through its door: admit → decode → act → seal.
pub async fn perform<G, Q, R, E, A>(arrival: Arc<Arrival>, act: impl FnOnce(Call<G>, Q) -> A) -> Reply
where
    G: Gateway,
    Q: DeserializeOwned,
    R: Serialize,
    E: From<Invalid> + Into<G::Refusal>,
    A: Future<Output = Result<R, E>>,
{
    let word = |app: &G::App, result: R| G::seal(&arrival, Some(app), Ok(result));
    pass(arrival.clone(), act, word).await
}

/// The same way for a handler that words its reply itself: files, redirections, answers without the envelope.
pub async fn perform_raw<G, Q, R, E, A>(arrival: Arc<Arrival>, act: impl FnOnce(Call<G>, Q) -> A) -> Reply
where
    G: Gateway,
    Q: DeserializeOwned,
    R: Into<Reply>,
    E: From<Invalid> + Into<G::Refusal>,
    A: Future<Output = Result<R, E>>,
{
    pass(arrival, act, |_: &G::App, reply: R| reply.into()).await
}

/// A reply that its handler worded itself, in the form of `R`.
#[derive(Debug)]
pub struct Worded<R> {
    reply: Reply,
    form: PhantomData<fn() -> R>,
}

impl<R> Worded<R> {
    /// This reply, whose data have that form.
    pub fn new(reply: Reply) -> Self {
        Self { reply, form: PhantomData }
    }
}

impl<R> From<Worded<R>> for Reply {
    fn from(worded: Worded<R>) -> Self {
        worded.reply
    }
}

impl<R: JsonSchema> JsonSchema for Worded<R> {
    fn schema_name() -> Cow<'static, str> {
        R::schema_name()
    }

    fn schema_id() -> Cow<'static, str> {
        R::schema_id()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        R::json_schema(generator)
    }
}

async fn pass<G, Q, R, E, A>(
    arrival: Arc<Arrival>,
    act: impl FnOnce(Call<G>, Q) -> A,
    word: impl FnOnce(&G::App, R) -> Reply,
) -> Reply
where
    G: Gateway,
    Q: DeserializeOwned,
    E: From<Invalid> + Into<G::Refusal>,
    A: Future<Output = Result<R, E>>,
{
    let call = match enter::<G>(arrival) {
        Ok(call) => call,
        Err(reply) => return *reply,
    };
    let (app, arrival) = (call.app.clone(), call.arrival.clone());
    let outcome = match G::decode::<Q>(&call) {
        Ok(Ok(request)) => act(call, request).await.map_err(Into::into),
        Ok(Err(invalid)) => Err(E::from(invalid).into()),
        Err(refusal) => Err(refusal),
    };
    let mut reply = match outcome {
        Ok(result) => word(&app, result),
        Err(refusal) => G::seal::<()>(&arrival, Some(&app), Err(refusal)),
    };
    reply.tenant = G::tenant(&app);
    reply
}

/// Lets a call in, or words why not; once for each door, and not for each row.
fn enter<G: Gateway>(arrival: Arc<Arrival>) -> Result<Call<G>, Box<Reply>> {
    match G::admit(&arrival) {
        Ok((app, caller)) => Ok(Call { app, caller, arrival }),
        Err(refusal) => {
            let tenant = G::identify(&arrival).and_then(|app| G::tenant(&app));
            Err(Box::new(Reply { tenant, ..G::seal::<()>(&arrival, None, Err(refusal)) }))
        }
    }
}

/// The forms of a handler's request and reply.
pub fn forms_of<G, Q, R, E, A>(_: impl FnOnce(Call<G>, Q) -> A, generator: &mut SchemaGenerator) -> Forms
where
    G: Gateway,
    Q: JsonSchema,
    R: JsonSchema,
    A: Future<Output = Result<R, E>>,
{
    Forms { request: generator.subschema_for::<Q>(), reply: Some(generator.subschema_for::<R>()) }
}

/// The forms of a handler that words its reply itself.
pub fn forms_of_raw<G, Q, E, A>(_: impl FnOnce(Call<G>, Q) -> A, generator: &mut SchemaGenerator) -> Forms
where
    G: Gateway,
    Q: JsonSchema,
    A: Future<Output = Result<Reply, E>>,
{
    Forms { request: generator.subschema_for::<Q>(), reply: None }
}

/// A row: door, name, method and path, handler, then what it does and what is documented about it. `raw` before the
/// door: the handler words its reply itself; `worded`: it does, and the reply's form is known.
#[macro_export]
macro_rules! operation {
    (worded $gateway:ty, $name:literal, $method:literal $path:literal, $act:path, $($rest:tt)*) => {
        $crate::operation!(@row $gateway, $name, $method $path,
            |arrival| Box::pin($crate::api::operation::perform_raw::<$gateway, _, _, _, _>(arrival, $act)),
            |generator| $crate::api::operation::forms_of::<$gateway, _, _, _, _>($act, generator), $($rest)*)
    };
    (raw $gateway:ty, $name:literal, $method:literal $path:literal, $act:path, $($rest:tt)*) => {
        $crate::operation!(@row $gateway, $name, $method $path,
            |arrival| Box::pin($crate::api::operation::perform_raw::<$gateway, _, _, _, _>(arrival, $act)),
            |generator| $crate::api::operation::forms_of_raw::<$gateway, _, _, _>($act, generator), $($rest)*)
    };
    (@row $gateway:ty, $name:literal, $method:literal $path:literal, $run:expr, $forms:expr,
     $summary:literal, doc: $doc:expr, limits: [$($limit:expr),* $(,)?], per_second: $rate:expr
     $(, access: $access:expr)? $(,)?) => {
        $crate::api::operation::Operation {
            name: $name,
            method: $method,
            command: $crate::api::operation::last_part($name, b'.'),
            path: $path,
            service: $crate::api::operation::part($path, b'/', 2),
            summary: $summary,
            doc: $doc,
            limits: &[$($limit),*],
            per_second: $rate,
            access: $crate::operation!(@access $gateway $(, $access)?),
            run: $run,
            forms: $forms,
            dress: {
                static DRESS: ::std::sync::OnceLock<$crate::api::dress::Dress> = ::std::sync::OnceLock::new();
                &DRESS
            },
        }
    };
    (@access $gateway:ty) => { <$gateway as $crate::api::operation::Gateway>::ACCESS };
    (@access $gateway:ty, $access:expr) => { $access };
    ($gateway:ty, $name:literal, $method:literal $path:literal, $act:path, $($rest:tt)*) => {
        $crate::operation!(@row $gateway, $name, $method $path,
            |arrival| Box::pin($crate::api::operation::perform::<$gateway, _, _, _, _>(arrival, $act)),
            |generator| $crate::api::operation::forms_of::<$gateway, _, _, _, _>($act, generator), $($rest)*)
    };
}
