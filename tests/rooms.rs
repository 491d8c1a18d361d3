//! Room Engine rooms, through the front door.

mod common;

use common::{demo, start, without_request_id};
use serde_json::json;

#[tokio::test]
async fn the_documented_kick_answers_its_envelope() {
    let house = start(demo()).await;
    let kick = json!({"RoomId": "room-test", "MemberList_Account": ["user1"], "Reason": "you are kicked because of irregularities"});
    let answer = house.room("kick_user_out", kick).await;
    assert_eq!(
        without_request_id(&answer.text),
        r#"{"ErrorCode":0,"ErrorInfo":"","ActionStatus":"OK","RequestId":"<request-id>"}"#
    );
    let left = &house.events().await[0];
    assert_eq!(
        left["data"],
        json!({"members": ["user1"], "how": "kicked", "MemberCount": 3, "reason": "you are kicked because of irregularities"})
    );
    assert_eq!(left["audience"], json!({"accounts": ["mira", "user2", "user3", "user1"]}));
}
