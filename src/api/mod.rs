//! The doors of the house: words into calls, results into words; nothing a rule should decide is decided here.
//!
//! Cut by vendor: Tencent's services share one door, IMKIT has its own, the control API a third. An operation is a typed
//! request, a function and one row of a table; routing, limits, documentation and tests read the row.

pub mod call;
pub mod checked;
pub mod control;
pub mod decode;
pub mod details;
pub mod dress;
pub mod entry;
pub mod faults;
pub mod house;
pub mod imkit;
pub mod limit;
pub mod openapi;
pub mod operation;
pub mod parcel;
pub mod reply;
pub mod router;
pub mod start;
pub mod tencent;
pub mod told;
pub mod why;
