//! The world as a whole: health, reset, state documents, tenants.

use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::api::call::Call;
use crate::api::checked;
use crate::api::control::gateway::{Control, ControlRefusal};
use crate::api::control::snapshot;
use crate::api::control::upload::{Upload, Uploaded};
use crate::api::house::House;
use crate::api::operation::Worded;
use crate::document::{InJson, Snapshot};
use crate::domain::imkit::{self, ImkitApp};
use crate::domain::state::{State, StateFault, TEMPLATE};
use crate::domain::tencent::{self, TencentApp};
use crate::domain::world::{ImkitWritten, TencentWritten, World, tell};
use crate::kernel::fact::Fact;
use crate::kernel::tenancy::Tenancy;

/// Nothing asked, or nothing answered: `{}`.
#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Nothing {}

/// That the emulator answers.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Health {
    status: &'static str,
    version: &'static str,
    epoch: u64,
}

/// `GET /_imulator/health`.
///
/// # Errors
/// None.
pub async fn health(call: Call<Control>, _: Nothing) -> Result<Health, ControlRefusal> {
    Ok(Health { status: "ok", version: env!("CARGO_PKG_VERSION"), epoch: call.arrival.house.world().epoch })
}

/// One tenant, named by its family.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct TenantName {
    /// A sdkappid.
    pub tencent: Option<String>,
    /// An IMKIT application's id.
    pub imkit: Option<String>,
}

/// An open tenant that was named.
#[derive(Debug)]
pub enum Tenant {
    /// A Tencent application.
    Tencent(Arc<TencentApp>),
    /// An IMKIT application.
    Imkit(Arc<ImkitApp>),
}

impl Tenant {
    /// What its registries share.
    pub fn tenancy(&self) -> &Tenancy {
        match self {
            Self::Tencent(app) => &app.tenancy,
            Self::Imkit(app) => &app.tenancy,
        }
    }
}

impl TenantName {
    /// The tenant that is named; `None` if none is.
    ///
    /// # Errors
    /// It is not open, or two are named.
    pub fn find(&self, world: &World) -> Result<Option<Tenant>, ControlRefusal> {
        match (&self.tencent, &self.imkit) {
            (None, None) => Ok(None),
            (Some(id), None) => {
                let app = world.tencent_app(id).ok_or_else(|| no_tenant(tencent::FAMILY, id))?;
                Ok(Some(Tenant::Tencent(app)))
            }
            (None, Some(id)) => {
                let app = world.imkit_app(id).ok_or_else(|| no_tenant(imkit::FAMILY, id))?;
                Ok(Some(Tenant::Imkit(app)))
            }
            (Some(_), Some(_)) => Err(ControlRefusal::invalid("imkit", "give one tenant, tencent= or imkit=")),
        }
    }
}

/// What goes back to its start.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Reset {
    /// This tenant alone; absent: the world.
    tenant: Option<TenantName>,
}

/// Counts worlds.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Epoch {
    epoch: u64,
}

/// `POST /_imulator/reset`: back to the start-up fixtures.
///
/// # Errors
/// A tenant that is neither open nor in the fixtures.
pub async fn reset(call: Call<Control>, request: Reset) -> Result<Epoch, ControlRefusal> {
    no_query(&call)?;
    let house = &call.arrival.house;
    let (family, id) = match request.tenant {
        None => return Ok(Epoch { epoch: house.reset() }),
        Some(TenantName { tencent: Some(id), imkit: None }) => (tencent::FAMILY, id),
        Some(TenantName { tencent: None, imkit: Some(id) }) => (imkit::FAMILY, id),
        Some(_) => {
            let message = "names one tenant: {\"tencent\": \"SDKAPPID\"} or {\"imkit\": \"APP\"}";
            return Err(ControlRefusal::invalid("tenant", message));
        }
    };
    if !house.reset_tenant(family, &id) {
        return Err(no_tenant(family, &id));
    }
    Ok(Epoch { epoch: house.epoch() })
}

fn no_tenant(family: &str, id: &str) -> ControlRefusal {
    ControlRefusal::missing(format!("no tenant {family}/{id} is open"))
}

/// A tenant named in the query of a call that takes none must not change the whole world.
fn no_query(call: &Call<Control>) -> Result<(), ControlRefusal> {
    match form_urlencoded::parse(call.arrival.query().as_bytes()).next() {
        None => Ok(()),
        Some((name, _)) => Err(ControlRefusal::invalid(name, "this call has no query parameters; say it in the body")),
    }
}

/// `GET /_imulator/state`.
///
/// # Errors
/// A tenant that is not open.
pub async fn get(call: Call<Control>, which: TenantName) -> Result<Worded<State>, ControlRefusal> {
    let house = &call.arrival.house;
    let world = house.world();
    let mut document = Snapshot::empty();
    match which.find(&world)? {
        None => document = world.written(InJson),
        Some(Tenant::Tencent(app)) => {
            drop(document.tencent.insert(app.sdkappid.to_string(), TencentWritten::Open(app, InJson)));
        }
        Some(Tenant::Imkit(app)) => {
            drop(document.imkit.insert(app.id.to_string(), ImkitWritten::Open(app, InJson)));
        }
    }
    Ok(Worded::new(snapshot::reply(house, document).await))
}

/// `PUT /_imulator/state`: replaces the world, next epoch; a document with any fault changes nothing.
///
/// # Errors
/// The first fault, with its path.
pub async fn put(call: Call<Control>, _: Upload) -> Result<Epoch, ControlRefusal> {
    let state = Uploaded::take(&call)?;
    no_query(&call)?;
    let house = call.arrival.house.clone();
    aside(move || {
        check(&state)?;
        Ok(Epoch { epoch: house.replace_world(&state) })
    })
    .await
}

/// `POST /_imulator/seed`: adds a document, all or nothing.
///
/// # Errors
/// The first fault, with its path.
pub async fn seed(call: Call<Control>, _: Upload) -> Result<Epoch, ControlRefusal> {
    let state = Uploaded::take(&call)?;
    no_query(&call)?;
    let house = call.arrival.house.clone();
    aside(move || add(&house, &state)).await
}

/// Works on a thread of its own: a large document takes long, and nobody else is to wait.
async fn aside<R: Send + 'static>(work: impl FnOnce() -> R + Send + 'static) -> R {
    let done = tokio::task::spawn_blocking(work).await;
    done.unwrap_or_else(|fault| std::panic::resume_unwind(fault.into_panic()))
}

fn add(house: &House, state: &State) -> Result<Epoch, ControlRefusal> {
    check(state)?;
    let template = [state.tencent.get(TEMPLATE).map(|_| "tencent.*"), state.imkit.get(TEMPLATE).map(|_| "imkit.*")];
    if let Some(path) = template.into_iter().flatten().next() {
        return Err(ControlRefusal::invalid(path, "the template cannot be seeded; put a whole state with it instead"));
    }
    let _taking = house.taking();
    let world = house.world();
    if let Some(fault) = world.conflicts(state).into_iter().next() {
        return Err(ControlRefusal::invalid(fault.path, fault.message));
    }
    world.add(state);
    state.tencent.keys().filter_map(|id| world.tencent_app(id)).for_each(|app| tell(&app.tenancy, Fact::Seeded));
    state.imkit.keys().filter_map(|id| world.imkit_app(id)).for_each(|app| tell(&app.tenancy, Fact::Seeded));
    Ok(Epoch { epoch: world.epoch })
}

fn check(state: &State) -> Result<(), ControlRefusal> {
    let faults = checked::faults(state);
    let Some(StateFault { path, message }) = faults.first() else { return Ok(()) };
    let rest = match faults.len() - 1 {
        0 => String::new(),
        more => format!(" (and {more} more)"),
    };
    Err(ControlRefusal::invalid(path, format!("{message}{rest}")))
}

/// One open tenant.
#[derive(Debug, Serialize, JsonSchema)]
pub struct TenantView {
    #[serde(skip_serializing_if = "Option::is_none")]
    tencent: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    imkit: Option<String>,
    /// When it was opened, RFC 3339.
    opened: String,
    /// Whether it opened by itself, from the template.
    from_template: bool,
    /// How many accounts or clients it has.
    accounts: usize,
    /// How many groups.
    #[serde(skip_serializing_if = "Option::is_none")]
    groups: Option<usize>,
    /// How many rooms.
    rooms: usize,
}

/// Who is open.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Tenants {
    tenants: Vec<TenantView>,
}

/// `GET /_imulator/tenants`.
///
/// # Errors
/// None.
pub async fn tenants(call: Call<Control>, _: Nothing) -> Result<Tenants, ControlRefusal> {
    let world = call.arrival.house.world();
    let tencent = world.tencent_apps().into_iter().map(|app| TenantView {
        tencent: Some(app.sdkappid.to_string()),
        imkit: None,
        opened: app.usage.opened.to_string(),
        from_template: app.usage.from_template,
        accounts: app.accounts.len(),
        groups: Some(app.groups.registry().len()),
        rooms: app.rooms.registry().len(),
    });
    let imkit = world.imkit_apps().into_iter().map(|app| TenantView {
        tencent: None,
        imkit: Some(app.id.to_string()),
        opened: app.usage.opened.to_string(),
        from_template: app.usage.from_template,
        accounts: app.user_count(),
        groups: None,
        rooms: app.room_count(),
    });
    Ok(Tenants { tenants: tencent.chain(imkit).collect() })
}

/// `DELETE /_imulator/tenants/tencent/{sdkappid}`.
///
/// # Errors
/// It is not open.
pub async fn drop_tencent(call: Call<Control>, _: Nothing) -> Result<Nothing, ControlRefusal> {
    dropped(&call.arrival.house, tencent::FAMILY, call.arrival.param("sdkappid"))
}

/// `DELETE /_imulator/tenants/imkit/{appID}`.
///
/// # Errors
/// It is not open.
pub async fn drop_imkit(call: Call<Control>, _: Nothing) -> Result<Nothing, ControlRefusal> {
    dropped(&call.arrival.house, imkit::FAMILY, call.arrival.param("appID"))
}

fn dropped(house: &House, family: &'static str, id: &str) -> Result<Nothing, ControlRefusal> {
    let world = house.world();
    let gone = match family {
        tencent::FAMILY => world.drop_tencent(id, "asked", |_| true),
        _ => world.drop_imkit(id, "asked", |_| true),
    };
    if gone { Ok(Nothing {}) } else { Err(no_tenant(family, id)) }
}
