"""The published package tencentcloud-sdk-python-im, unmodified, over plain HTTP: accounts, the life of a group, kicks."""

import os

from tencentcloud_im.tcim_client import GroupMemObj, GroupObj, TCIMClient

APP, KEY, GROUP = 1400000000, "of-the-sdk-tests", "climbers"  # the application of ../world.json
URL = os.environ["IMULATOR_URL"] + "/v4"


def ok(response):
    """The reply to a call that has to succeed."""
    assert response is not None, "the SDK gave up"
    reply = response.json()
    assert (response.status_code, reply["ActionStatus"], reply["ErrorCode"]) == (200, "OK", 0), reply
    return reply


def accounts(client):
    ok(client.add_single_user("mira", "Mira", "https://img.example/mira.png"))
    assert ok(client.batch_add_users(["tommy", "jared"]))["FailAccounts"] == []
    found = ok(client.search_user(["tommy", "nobody"]))["ResultItem"]
    assert [item["AccountStatus"] for item in found] == ["Imported", "NotImported"], found
    ok(client.abolition_user_sig("jared"))


def roles(client):
    listed = ok(client.get_mem_role_in_group(GROUP, ["mira", "tommy", "jared"]))["UserIdList"]
    return [user["Role"] for user in listed]


def group(client):
    created = ok(client.create_group(GroupObj("mira", "Public", "Climbers", group_id=GROUP)))
    assert created["GroupId"] == GROUP, created
    added = ok(client.add_group_member(GROUP, [GroupMemObj("tommy"), GroupMemObj("jared")]))["MemberList"]
    assert added == [{"Member_Account": user, "Result": 1} for user in ("tommy", "jared")], added
    assert roles(client) == ["Owner", "Member", "Member"]
    ok(client.delete_group_mem(GROUP, ["jared"]))
    assert roles(client) == ["Owner", "Member", "NotMember"]
    members = ok(client.get_group_mem_info_detail(GROUP))
    assert [member["Member_Account"] for member in members["MemberList"]] == ["mira", "tommy"], members
    ok(client.delete_group(GROUP))
    assert client.delete_group(GROUP).json()["ErrorCode"] == 10010


stranger = TCIMClient(APP, "another-key", "admin", tencent_url=URL)
assert stranger.add_single_user("tommy", "", "").json()["ErrorCode"] == 70009
client = TCIMClient(APP, KEY, "admin", tencent_url=URL)
accounts(client)
group(client)
print("tencentcloud-sdk-python-im: accounts, the life of a group and kicks are as its callers expect them")
