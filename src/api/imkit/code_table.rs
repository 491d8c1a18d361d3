//! The codes of IMKIT's refusals with status and `RM`: the documented ones in the documentation's order, then those that only
//! this emulator answers with. For faults; what is refused by a rule finds its code in `codes.rs`.

/// Status (which is `RC`), `RM`, `error.code`.
// table
pub static CODES: &[(u16, &str, &str)] = &[
    (400, "Invalid query syntax", "INVALID_QUERY"),
    (400, "Invalid parameters", "INVALID_TAGS"),
    (400, "Invalid parameters", "INVALID_ROOM_TAGS"),
    (400, "Invalid search parameters", "INVALID_SEARCH_TYPE"),
    (400, "Cannot block yourself", "SELF_BLOCK_FORBIDDEN"),
    (400, "Invalid user ID", "INVALID_USER_ID"),
    (400, "Room is not muted", "ROOM_NOT_MUTED"),
    (400, "Bad Request", "INVALID_BODY"),
    (400, "Invalid request format", "INVALID_CONFIG_FORMAT"),
    (400, "Bad Request", "MISSING_PARAMETER"),
    (400, "Bad Request", "INVALID_REQUEST"),
    (401, "Unauthorized", "INVALID_TOKEN"),
    (401, "Unauthorized", "INVALID_AUTH"),
    (401, "Unauthorized", "INVALID_API_KEY"),
    (401, "Unauthorized", "UNAUTHORIZED"),
    (401, "Unauthorized", "MISSING_API_KEY"),
    (401, "Unauthorized", "MISSING_CLIENT_KEY"),
    (403, "Forbidden", "INVALID_CLIENT_KEY"),
    (403, "Forbidden", "CLIENT_KEY_MISMATCH"),
    (403, "Forbidden", "NOT_ROOM_MEMBER"),
    (403, "Forbidden", "INSUFFICIENT_PERMISSIONS"),
    (403, "Permission denied", "INSUFFICIENT_PERMISSION"),
    (403, "Forbidden", "PERMISSION_DENIED"),
    (404, "Room not found", "ROOM_NOT_FOUND"),
    (404, "Message not found", "MESSAGE_NOT_FOUND"),
    (404, "Client not found", "CLIENT_NOT_FOUND"),
    (404, "User not found", "USER_NOT_FOUND"),
    (404, "Resource not found", "ROOM_OR_USER_NOT_FOUND"),
    (404, "Block relationship not found", "BLOCK_NOT_FOUND"),
    (404, "Not Found", "CONFIG_NOT_FOUND"),
    (404, "Not Found", "TOKEN_NOT_FOUND"),
    (409, "User already blocked", "USER_ALREADY_BLOCKED"),
    (409, "Conflict", "GROUP_ALREADY_EXISTS"),
    (409, "Conflict", "USER_EXISTS"),
    (409, "Conflict", "TOKEN_CONFLICT"),
    (413, "Query result too large", "RESULT_TOO_LARGE"),
    (429, "Too Many Requests", "RATE_LIMIT_EXCEEDED"),
    (400, "Bad Request", "BAD_REQUEST"),
    (403, "Forbidden", "ROOM_CLOSED"),
    (403, "Forbidden", "ROOM_INACTIVE"),
    (403, "Forbidden", "INVITATION_REQUIRED"),
    (404, "Not Found", "NOT_FOUND"),
    (404, "Member not found", "MEMBER_NOT_FOUND"),
    (409, "Conflict", "ROOM_CONFLICT"),
    (413, "Payload Too Large", "PAYLOAD_TOO_LARGE"),
    (500, "Internal Server Error", "INTERNAL_ERROR"),
];

/// The row of a status: of this code, or the first one.
// Assumed: where several codes have one number and a fault names none, the first row of the documentation's table counts.
pub fn find(status: u32, code: Option<&str>) -> Option<&'static (u16, &'static str, &'static str)> {
    CODES.iter().find(|row| u32::from(row.0) == status && code.is_none_or(|code| code == row.2))
}

/// The known status that is nearest to a number.
pub fn nearest_status(status: u32) -> u16 {
    CODES.iter().map(|row| row.0).min_by_key(|known| u32::from(*known).abs_diff(status)).unwrap_or_default()
}

/// The known code that is nearest to a word, among those of this status.
pub fn nearest_code(status: u32, code: &str) -> &'static str {
    let near = |known: &&str| strsim::jaro_winkler(known, code);
    let of_status = CODES.iter().filter(|row| u32::from(row.0) == status).map(|row| row.2);
    of_status.max_by(|a, b| near(a).total_cmp(&near(b))).unwrap_or_default()
}
