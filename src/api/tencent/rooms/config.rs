//! The configuration of callbacks: kept and told; the service `room_config`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::api::call::Call;
use crate::api::tencent::gateway::Tencent;
use crate::api::why::{cut, quote_text};
use crate::domain::callbacks::{ROOMS, fault_of_url};
use crate::domain::invalid::Invalid;
use crate::domain::rooms::error::RoomError;
use crate::domain::settings::RoomCallbacks;

/// The older name of a callback, and its present one.
const ALIAS: (&str, &str) = ("Room.CallbackUpdateRoomInfo", "Room.CallbackAfterUpdateRoomInfo");

/// Says where callbacks go, and which.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct SetCallback {
    /// `http://…` or `https://…`.
    url: String,
    /// Their names.
    callback_command_list: Vec<String>,
}

/// A request without fields.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct Nothing {}

fn checked(request: SetCallback) -> Result<RoomCallbacks, Invalid> {
    if request.url.is_empty() {
        return Err(Invalid::required("Url"));
    }
    if let Some(fault) = fault_of_url(&request.url) {
        return Err(Invalid::new("Url", format!("is {}: {fault}", quote_text(&request.url))));
    }
    // Assumed: a configuration without callbacks is a wrong parameter; delete_callback is for that.
    if request.callback_command_list.is_empty() {
        return Err(Invalid::required("CallbackCommandList"));
    }
    let mut commands: Vec<String> = Vec::new();
    for (at, name) in request.callback_command_list.into_iter().enumerate() {
        // Assumed: the older name of a callback is taken and answered as the present one; names count once.
        let name = if name == ALIAS.0 { ALIAS.1.to_owned() } else { name };
        if !ROOMS.contains(&name.as_str()) {
            let why = format!("is \"{}\", and has to be one of {}", cut(&name), ROOMS.join(", "));
            return Err(Invalid::new(format!("CallbackCommandList[{at}]"), why));
        }
        if !commands.contains(&name) {
            commands.push(name);
        }
    }
    Ok(RoomCallbacks { url: request.url, callback_command_list: commands })
}

/// `set_callback`: makes the configuration, or another in its place.
///
/// # Errors
/// 100002 for a field.
pub async fn set_callback(call: Call<Tencent>, request: SetCallback) -> Result<(), RoomError> {
    let callbacks = checked(request)?;
    // Assumed: setting a configuration where there is one puts the new one in its place.
    call.app.change_settings(|settings| {
        settings.room_callbacks = Some(callbacks);
        Ok(())
    })
}

/// `update_callback`: puts another in place of the configuration.
///
/// # Errors
/// 100002 for a field, 100301 there is none.
pub async fn update_callback(call: Call<Tencent>, request: SetCallback) -> Result<(), RoomError> {
    let callbacks = checked(request)?;
    call.app.change_settings(|settings| match &mut settings.room_callbacks {
        Some(present) => {
            *present = callbacks;
            Ok(())
        }
        None => Err(RoomError::NoCallbacks),
    })
}

/// The configuration.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct CallbackReply {
    url: String,
    callback_command_list: Vec<String>,
}

/// `get_callback`.
///
/// # Errors
/// 100301 there is none.
pub async fn get_callback(call: Call<Tencent>, _: Nothing) -> Result<CallbackReply, RoomError> {
    // Assumed: reading a configuration where there is none answers 100301, as changing it does.
    let RoomCallbacks { url, callback_command_list } =
        call.app.settings().room_callbacks.clone().ok_or(RoomError::NoCallbacks)?;
    Ok(CallbackReply { url, callback_command_list })
}

/// `delete_callback`.
///
/// # Errors
/// None.
pub async fn delete_callback(call: Call<Tencent>, _: Nothing) -> Result<(), RoomError> {
    // Assumed: deleting a configuration where there is none is a success.
    call.app.change_settings(|settings| {
        settings.room_callbacks = None;
        Ok(())
    })
}
