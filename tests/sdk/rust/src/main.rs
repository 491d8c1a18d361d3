//! The published crate `tencent_im_rs`, unmodified and with the host it is made for: accounts, the life of a group, kicks.
//!
//! The name of that host has to lead to imulator, and its authority has to be trusted; `../run` sees to both.

use tencent_im_rs::api::v4::TencentHelper;
use tencent_im_rs::api::v4::common::{AccountStatus, GroupType, Member, MemberRole};
use tencent_im_rs::api::v4::group_open_http_svc::add_group_member::{AddGroupMemberRequest, api_add_group_member};
use tencent_im_rs::api::v4::group_open_http_svc::create_group::{CreateGroupRequest, api_create_group};
use tencent_im_rs::api::v4::group_open_http_svc::delete_group_member::{
    DeleteGroupMemberRequest, api_delete_group_member,
};
use tencent_im_rs::api::v4::group_open_http_svc::destroy_group::{DestroyGroupRequest, api_destroy_group};
use tencent_im_rs::api::v4::group_open_http_svc::get_role_in_group::{GetRoleInGroupRequest, api_get_role_in_group};
use tencent_im_rs::api::v4::im_open_login_svc::account_check::{AccountCheckRequest, CheckItem, api_account_check};
use tencent_im_rs::api::v4::im_open_login_svc::account_import::{AccountImportRequest, api_account_import};
use tencent_im_rs::api::v4::im_open_login_svc::kick::{KickRequest, api_kick};
use tencent_im_rs::user_sig::hmac_sha256::TencentSig;

/// The application of `../world.json`.
const APP: u32 = 1_400_000_000;
const KEY: &str = "of-the-sdk-tests";
const GROUP: &str = "climbers";

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let signature =
        |key: &str| TencentSig::new(APP, key.into()).generate_user_sig("admin".into(), 3600).expect("a sig");
    let helper = |key: &str| TencentHelper::new("console.tim.qq.com".into(), APP, "admin".into(), signature(key));
    let mut stranger = helper("another-key");
    let refused = api_account_import(&mut stranger, AccountImportRequest::new("tommy")).await.expect("an answer");
    assert_eq!(refused.error_code, Some(70009), "its UserSig is of another key: {refused:?}");

    let mut app = helper(KEY);
    accounts(&mut app).await;
    group(&mut app).await;
    println!("tencent_im_rs: accounts, the life of a group and kicks are as the crate expects them");
}

async fn accounts(app: &mut TencentHelper) {
    for user in ["mira", "tommy", "jared"] {
        let mut request = AccountImportRequest::new(user);
        request.set_nick(Some(user));
        let imported = api_account_import(app, request).await.expect("an answer");
        assert_eq!(imported.error_code, Some(0), "{user}: {imported:?}");
    }
    let checked = ["tommy", "nobody"].map(CheckItem::new).into();
    let checked = api_account_check(app, AccountCheckRequest::new(checked)).await.expect("an answer");
    let found: Vec<_> = checked.result_item.expect("a list").into_iter().map(|item| item.account_status).collect();
    assert_eq!(found, [AccountStatus::Imported, AccountStatus::NotImported]);
    let kicked = api_kick(app, KickRequest::new("jared")).await.expect("an answer");
    assert_eq!(kicked.error_code, Some(0), "{kicked:?}");
}

async fn group(app: &mut TencentHelper) {
    let mut request = CreateGroupRequest::new();
    request.set_group_type(Some(GroupType::Public)).set_name(Some("Climbers"));
    request.set_owner_account(Some("mira")).set_group_id(Some(GROUP));
    let created = api_create_group(app, request).await.expect("an answer");
    assert_eq!((created.error_code, created.group_id.as_deref()), (Some(0), Some(GROUP)));

    let members = ["tommy", "jared"].map(|user| {
        let mut member = Member::new();
        member.set_member_account(Some(user));
        member
    });
    let added = api_add_group_member(app, AddGroupMemberRequest::new(GROUP, members.into())).await.expect("an answer");
    let results: Vec<_> = added.member_list.expect("a list").iter().map(Member::result).collect();
    assert_eq!(results, [Some(1), Some(1)]);
    assert_eq!(roles(app).await, [MemberRole::Owner, MemberRole::Member, MemberRole::Member]);

    let mut request = DeleteGroupMemberRequest::new(GROUP, vec!["jared"]);
    request.set_reason(Some("kick reason"));
    let removed = api_delete_group_member(app, request).await.expect("an answer");
    assert_eq!(removed.error_code, Some(0), "{removed:?}");
    assert_eq!(roles(app).await, [MemberRole::Owner, MemberRole::Member, MemberRole::NotMember]);

    for code in [Some(0), Some(10010)] {
        let destroyed = api_destroy_group(app, DestroyGroupRequest::new(GROUP)).await.expect("an answer");
        assert_eq!(destroyed.error_code, code, "{destroyed:?}");
    }
}

/// What mira, tommy and jared are in the group.
async fn roles(app: &mut TencentHelper) -> Vec<MemberRole> {
    let request = GetRoleInGroupRequest::new(GROUP, vec!["mira", "tommy", "jared"]);
    let answer = api_get_role_in_group(app, request).await.expect("an answer");
    answer.user_id_list.into_iter().map(|user| user.role).collect()
}
