//! The table of Chat group operations.

pub mod asked;
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
pub mod permissions;
pub mod profile;
pub mod receipts;
pub mod standing;
pub mod table;
pub mod topics;
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
                 create::MAX_MEMBERS, create::CUSTOM, create::CUSTOM_KEY, create::CUSTOM_VALUE,
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
    operation!(Tencent, "tencent.groups.modify_group_base_info", "POST" "/v4/group_open_http_svc/modify_group_base_info",
        profile::modify_group_base_info,
        "Changes a group's profile.",
        doc: "https://cloud.tencent.com/document/product/269/1620",
        limits: [create::NAME, create::INTRODUCTION, create::NOTIFICATION, create::FACE_URL, create::CUSTOM,
                 create::CUSTOM_KEY, create::CUSTOM_VALUE],
        per_second: (100, 200)),
    operation!(Tencent, "tencent.groups.change_group_owner", "POST" "/v4/group_open_http_svc/change_group_owner",
        profile::change_group_owner,
        "Makes a member the owner of a group.",
        doc: "https://cloud.tencent.com/document/product/269/1633",
        limits: [],
        per_second: (100, 200)),
    operation!(Tencent, "tencent.groups.import_group", "POST" "/v4/group_open_http_svc/import_group",
        profile::import_group,
        "Imports a group from another system.",
        doc: "https://cloud.tencent.com/document/product/269/1634",
        limits: [create::NAME, create::INTRODUCTION, create::NOTIFICATION, create::FACE_URL, profile::IMPORTED_MOST,
                 create::CUSTOM, create::CUSTOM_KEY, create::CUSTOM_VALUE],
        per_second: (100, 200)),
    operation!(Tencent, "tencent.groups.import_group_member", "POST" "/v4/group_open_http_svc/import_group_member",
        importing::import_group_member,
        "Imports members into a group.",
        doc: "https://cloud.tencent.com/document/product/269/1636",
        limits: [importing::MEMBERS],
        per_second: (100, 200)),
    operation!(Tencent, "tencent.groups.get_specified_group_member_info", "POST" "/v4/group_open_http_svc/get_specified_group_member_info",
        pages::get_specified_group_member_info,
        "Reads chosen members of a group.",
        doc: "https://www.tencentcloud.com/document/product/1047/64897",
        limits: [pages::SPECIFIED],
        per_second: (100, 200)),
    operation!(Tencent, "tencent.groups.modify_group_member_info", "POST" "/v4/group_open_http_svc/modify_group_member_info",
        standing::modify_group_member_info,
        "Changes a member: role, name card, push, mute, custom fields.",
        doc: "https://cloud.tencent.com/document/product/269/1623",
        limits: [standing::NAME_CARD, standing::CUSTOM, standing::CUSTOM_NAME, standing::CUSTOM_VALUE],
        per_second: (100, 200)),
    operation!(Tencent, "tencent.groups.get_joined_group_list", "POST" "/v4/group_open_http_svc/get_joined_group_list",
        lists::get_joined_group_list,
        "Lists the groups of an account.",
        doc: "https://cloud.tencent.com/document/product/269/1625",
        limits: [lists::JOINED_PAGE],
        per_second: (100, 200)),
    operation!(Tencent, "tencent.groups.get_appid_group_list", "POST" "/v4/group_open_http_svc/get_appid_group_list",
        lists::get_appid_group_list,
        "Lists the groups of the app.",
        doc: "https://cloud.tencent.com/document/product/269/1614",
        limits: [lists::ALL_PAGE],
        per_second: (100, 1)),
    operation!(Tencent, "tencent.groups.forbid_send_msg", "POST" "/v4/group_open_http_svc/forbid_send_msg",
        standing::forbid_send_msg,
        "Mutes accounts in a group, or ends that.",
        doc: "https://cloud.tencent.com/document/product/269/1627",
        limits: [standing::MUTED],
        per_second: (100, 200)),
    operation!(Tencent, "tencent.groups.get_group_shutted_uin", "POST" "/v4/group_open_http_svc/get_group_shutted_uin",
        standing::get_group_shutted_uin,
        "Tells who is muted in a group, in the older words.",
        doc: "https://cloud.tencent.com/document/product/269/2925",
        limits: [],
        per_second: (100, 200)),
    operation!(Tencent, "tencent.groups.get_group_muted_account", "POST" "/v4/group_open_http_svc/get_group_muted_account",
        standing::get_group_muted_account,
        "Tells who is muted in a group, in the newer words.",
        doc: "https://www.tencentcloud.com/document/product/1047/34964",
        limits: [],
        per_second: (100, 200)),
    operation!(Tencent, "tencent.groups.ban_group_member", "POST" "/v4/group_open_http_svc/ban_group_member",
        standing::ban_group_member,
        "Bans accounts from a group.",
        doc: "https://www.tencentcloud.com/document/product/1047/50296",
        limits: [standing::BANNED, standing::DESCRIPTION],
        per_second: (100, 200)),
    operation!(Tencent, "tencent.groups.unban_group_member", "POST" "/v4/group_open_http_svc/unban_group_member",
        standing::unban_group_member,
        "Lets banned accounts come back.",
        doc: "https://www.tencentcloud.com/document/product/1047/50297",
        limits: [standing::BANNED],
        per_second: (100, 200)),
    operation!(Tencent, "tencent.groups.get_group_ban_member", "POST" "/v4/group_open_http_svc/get_group_ban_member",
        standing::get_group_ban_member,
        "Tells who is banned from a group.",
        doc: "https://www.tencentcloud.com/document/product/1047/50295",
        limits: [standing::BANNED_PAGE],
        per_second: (100, 200)),
];
