//! Operation: a typed request, a function and one row; everything that lists or finds operations reads the row.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::api::call::{Arrival, Call};
use crate::api::limit::Limit;
use crate::api::reply::Reply;
use crate::domain::invalid::Invalid;
use crate::kernel::tenancy::TenantKey;

/// A call that is being answered.
pub type Running = Pin<Box<dyn Future<Output = Reply> + Send>>;

/// The forms of a request and of the data in its reply.
#[derive(Debug)]
pub struct Forms {
    /// The request.
    pub request: Schema,
    /// The data of the reply, without the vendor's envelope.
    pub reply: Schema,
}

/// One operation of an API: the row of its table.
#[derive(Debug)]
pub struct Operation {
    /// Vendor, system and command: `tencent.groups.delete_group_member`.
    pub name: &'static str,
    /// The HTTP method.
    pub method: &'static str,
    /// The path; `{id}` stands for one segment.
    pub path: &'static str,
    /// What it does, in one line.
    pub summary: &'static str,
    /// The documentation page it follows.
    pub doc: &'static str,
    /// Its documented limits.
    pub limits: &'static [Limit],
    /// Documented calls per second for each application: in the `seed` profile and in the `current` one; 0 where none is.
    pub per_second: (u32, u32),
    /// Answers a call.
    pub run: fn(Arc<Arrival>) -> Running,
    /// Tells the forms of request and reply.
    pub forms: fn(&mut SchemaGenerator) -> Forms,
}

impl Operation {
    /// The command alone: the last part of the name.
    pub fn command(&self) -> &'static str {
        self.name.rsplit('.').next().unwrap_or(self.name)
    }

    /// The vendor: the first part of the name.
    pub fn vendor(&self) -> &'static str {
        self.name.split('.').next().unwrap_or(self.name)
    }
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

    /// Lets a caller in, or turns it away before any rule is asked.
    ///
    /// # Errors
    /// The vendor's refusal.
    fn admit(arrival: &Arrival) -> Result<Admitted<Self>, Self::Refusal>;

    /// The open application that a request names, whether or not its caller would be let in.
    fn identify(arrival: &Arrival) -> Option<Arc<Self::App>>;

    /// Whose application it is; `None` for the emulator's own.
    fn tenant(app: &Self::App) -> Option<Arc<TenantKey>>;

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
    let (app, caller) = match G::admit(&arrival) {
        Ok(admitted) => admitted,
        Err(refusal) => {
            let tenant = G::identify(&arrival).and_then(|app| G::tenant(&app));
            return Reply { tenant, ..G::seal::<()>(&arrival, None, Err(refusal)) };
        }
    };
    let call = Call { app: app.clone(), caller, arrival: arrival.clone() };
    let outcome = match G::decode::<Q>(&call) {
        Ok(Ok(request)) => act(call, request).await.map_err(Into::into),
        Ok(Err(invalid)) => Err(E::from(invalid).into()),
        Err(refusal) => Err(refusal),
    };
    Reply { tenant: G::tenant(&app), ..G::seal(&arrival, Some(&app), outcome) }
}

/// The forms of a handler's request and reply.
pub fn forms_of<G, Q, R, E, A>(_: impl FnOnce(Call<G>, Q) -> A, generator: &mut SchemaGenerator) -> Forms
where
    G: Gateway,
    Q: JsonSchema,
    R: JsonSchema,
    A: Future<Output = Result<R, E>>,
{
    Forms { request: generator.subschema_for::<Q>(), reply: generator.subschema_for::<R>() }
}

/// A row: door, name, method and path, handler, then what it does and what is documented about it.
#[macro_export]
macro_rules! operation {
    ($gateway:ty, $name:literal, $method:literal $path:literal, $act:path,
     $summary:literal, doc: $doc:expr, limits: [$($limit:expr),* $(,)?], per_second: $rate:expr $(,)?) => {
        $crate::api::operation::Operation {
            name: $name,
            method: $method,
            path: $path,
            summary: $summary,
            doc: $doc,
            limits: &[$($limit),*],
            per_second: $rate,
            run: |arrival| Box::pin($crate::api::operation::perform::<$gateway, _, _, _, _>(arrival, $act)),
            forms: |generator| $crate::api::operation::forms_of::<$gateway, _, _, _, _>($act, generator),
        }
    };
}
