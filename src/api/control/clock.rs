//! The clock over HTTP: what time it is, and what time it shall be, for the emulator or for one tenant.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::api::call::Call;
use crate::api::control::gateway::{self, Control, ControlRefusal};
use crate::api::control::state::{Tenant, TenantName};
use crate::api::house::House;
use crate::api::why::quote_text;
use crate::kernel::clock::{OutOfRange, Timestamp};
use crate::kernel::tenancy::Tenancy;

/// What time it is.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ClockView {
    /// RFC 3339, with milliseconds.
    now: String,
    /// `manual`: it stands still until it is told. `system`: it follows the machine's.
    mode: &'static str,
    /// How far a tenant's time is ahead of the emulator's clock, in milliseconds; for a tenant only.
    #[serde(skip_serializing_if = "Option::is_none")]
    offset_ms: Option<i64>,
}

/// What moves the clock: one of these.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ClockChange {
    /// Forward by so many milliseconds.
    advance_ms: Option<i64>,
    /// To this moment, RFC 3339, earlier or later.
    set: Option<String>,
    /// `system` follows the machine's clock again, `manual` stands still where it is; not for one tenant.
    mode: Option<Mode>,
    /// How far the tenant's time shall be ahead of the emulator's clock, in milliseconds; for a tenant only.
    offset_ms: Option<i64>,
}

/// How a clock goes.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// As the machine's.
    System,
    /// Not by itself.
    Manual,
}

/// One way to move a clock.
#[derive(Clone, Copy, Debug)]
enum Move {
    Advance(i64),
    Set(Timestamp),
    Mode(Mode),
    Offset(i64),
}

impl ClockChange {
    fn read(&self) -> Result<Move, ControlRefusal> {
        let given = [
            self.advance_ms.map(|by| ("advance_ms", Ok(Move::Advance(by)))),
            self.set.as_deref().map(|text| ("set", moment(text).map(Move::Set))),
            self.mode.map(|mode| ("mode", Ok(Move::Mode(mode)))),
            self.offset_ms.map(|offset| ("offset_ms", Ok(Move::Offset(offset)))),
        ];
        let mut given = given.into_iter().flatten();
        let Some((_, first)) = given.next() else {
            let message = "say how: one of advance_ms, set, mode, and offset_ms for a tenant";
            return Err(ControlRefusal::invalid("advance_ms", message));
        };
        if let Some((name, _)) = given.next() {
            return Err(ControlRefusal::invalid(name, "a change is one of advance_ms, set, mode and offset_ms alone"));
        }
        match first? {
            Move::Advance(..0) => Err(ControlRefusal::invalid(
                "advance_ms",
                "a clock is advanced forward; set takes an earlier moment too",
            )),
            how => Ok(how),
        }
    }
}

fn moment(text: &str) -> Result<Timestamp, ControlRefusal> {
    text.parse().map_err(|fault| {
        let message = format!("{} is not an RFC 3339 time as 2026-01-05T09:00:00Z: {fault}", quote_text(text));
        ControlRefusal::invalid("set", message)
    })
}

/// `GET /_imulator/clock`.
///
/// # Errors
/// A tenant that is not open.
pub async fn get(call: Call<Control>, which: TenantName) -> Result<ClockView, ControlRefusal> {
    let house = &call.arrival.house;
    let tenant = which.find(&house.world())?;
    Ok(view(house, tenant.as_ref().map(Tenant::tenancy)))
}

/// `POST /_imulator/clock`. What is due until the new time has happened when this is answered.
///
/// # Errors
/// A tenant that is not open, no change or two, a moment that the clock cannot show; nothing changed then.
pub async fn change(call: Call<Control>, change: ClockChange) -> Result<ClockView, ControlRefusal> {
    let house = &call.arrival.house;
    let how = change.read()?;
    let tenant = gateway::query::<TenantName>(&call)?.find(&house.world())?;
    let tenancy = tenant.as_ref().map(Tenant::tenancy);
    match tenancy {
        None => change_house(house, how)?,
        Some(tenancy) => change_tenant(tenancy, how)?,
    }
    house.settle();
    Ok(view(house, tenancy))
}

fn change_house(house: &House, how: Move) -> Result<(), ControlRefusal> {
    match how {
        Move::Advance(by) => return house.clock.advance_ms(by).map(drop).map_err(|fault| word("advance_ms", fault)),
        Move::Set(to) => return house.clock.set(to).map_err(|fault| word("set", fault)),
        Move::Mode(Mode::System) => house.clock.follow_system(),
        Move::Mode(Mode::Manual) => house.clock.stop(),
        Move::Offset(_) => {
            let message = "only a tenant has an offset to the clock; name it with ?tencent= or ?imkit=";
            return Err(ControlRefusal::invalid("offset_ms", message));
        }
    }
    Ok(())
}

fn change_tenant(tenancy: &Tenancy, how: Move) -> Result<(), ControlRefusal> {
    let (path, shifted) = match how {
        Move::Advance(by) => ("advance_ms", tenancy.shift(|offset, _| offset.checked_add(by))),
        Move::Set(to) => ("set", tenancy.shift(|_, house| to.millis().checked_sub(house.millis()))),
        Move::Offset(offset) => ("offset_ms", tenancy.shift(|_, _| Some(offset))),
        Move::Mode(_) => {
            let message = "the mode is the emulator's; a tenant has an offset to it, which {\"offset_ms\":0} ends";
            return Err(ControlRefusal::invalid("mode", message));
        }
    };
    shifted.map_err(|fault| word(path, fault))
}

fn word(path: &str, fault: OutOfRange) -> ControlRefusal {
    ControlRefusal::invalid(path, fault.to_string())
}

fn view(house: &House, tenancy: Option<&Tenancy>) -> ClockView {
    let now = tenancy.map_or_else(|| house.clock.now(), Tenancy::now);
    ClockView { now: now.to_string(), mode: house.clock.mode(), offset_ms: tenancy.map(Tenancy::offset_ms) }
}
