//! The table of Chat group operations.

pub mod attributes;
pub mod base;
pub mod codes;
pub mod create;
pub mod fields;
pub mod history;
pub mod importing;
pub mod info;
pub mod lists;
pub mod live;
pub mod members;
pub mod messages;
pub mod pages;
pub mod profile;
pub mod receipts;
pub mod standing;
pub mod view;

use crate::api::operation::Operation;
use crate::api::tencent::gateway::Tencent;
use crate::operation;

/// The rows: `v4/group_open_http_svc`.
// table
pub static OPERATIONS: &[Operation] = &[
    operation!(Tencent, "tencent.groups.create_group", "POST" "/v4/group_open_http_svc/create_group", create::create_group,
        "Creates a group, with its owner and first members.",
        doc: "https://cloud.tencent.com/document/product/269/1615",
        limits: [create::MEMBERS, create::NAME, create::INTRODUCTION, create::NOTIFICATION, create::FACE_URL,
                 create::CUSTOM, create::CUSTOM_KEY, create::CUSTOM_VALUE,
                 create::MEMBER_CUSTOM, create::MEMBER_CUSTOM_KEY, create::MEMBER_CUSTOM_VALUE],
        per_second: (100, 200)),
    operation!(Tencent, "tencent.groups.destroy_group", "POST" "/v4/group_open_http_svc/destroy_group", info::destroy_group,
        "Dissolves a group.",
        doc: "https://cloud.tencent.com/document/product/269/1624", limits: [], per_second: (100, 200)),
    operation!(Tencent, "tencent.groups.get_group_info", "POST" "/v4/group_open_http_svc/get_group_info", info::get_group_info,
        "Reads groups: profile, members, custom fields.",
        doc: "https://cloud.tencent.com/document/product/269/1616",
        limits: [info::GROUPS], per_second: (100, 200)),
    operation!(Tencent, "tencent.groups.add_group_member", "POST" "/v4/group_open_http_svc/add_group_member",
        members::add_group_member,
        "Adds members to a group.",
        doc: "https://cloud.tencent.com/document/product/269/1621",
        limits: [members::ADDED], per_second: (100, 200)),
    operation!(Tencent, "tencent.groups.delete_group_member", "POST" "/v4/group_open_http_svc/delete_group_member",
        members::delete_group_member,
        "Removes members from a group.",
        doc: "https://cloud.tencent.com/document/product/269/1622",
        limits: [members::REMOVED, members::REASON], per_second: (100, 200)),
    operation!(Tencent, "tencent.groups.get_group_member_info", "POST" "/v4/group_open_http_svc/get_group_member_info",
        pages::get_group_member_info,
        "Pages through the members of a group.",
        doc: "https://cloud.tencent.com/document/product/269/1617",
        limits: [pages::PAGE], per_second: (100, 200)),
    operation!(Tencent, "tencent.groups.get_role_in_group", "POST" "/v4/group_open_http_svc/get_role_in_group",
        members::get_role_in_group,
        "Tells the roles of accounts in a group.",
        doc: "https://cloud.tencent.com/document/product/269/1626",
        limits: [members::ASKED], per_second: (100, 200)),
];
