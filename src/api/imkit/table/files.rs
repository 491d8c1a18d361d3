//! The operations of files and stickers, and the faces that are not JSON.

use crate::api::imkit::gateway::Imkit;
use crate::api::imkit::{file_stats, files, pages, stickers};
use crate::api::operation::{Access, Operation};
use crate::operation;

/// Their rows.
// table
pub static OPERATIONS: &[Operation] = &[
    operation!(Imkit, "imkit.files.upload_file", "POST" "/files/{bucket}", files::upload_file,
        "Uploads a file.",
        doc: "https://github.com/imkit/api-doc", limits: [], per_second: (0, 0)),
    operation!(Imkit, "imkit.files.list_files", "GET" "/files/{bucket}", files::list_files,
        "Searches the files of a bucket.",
        doc: "https://github.com/imkit/api-doc", limits: [], per_second: (0, 0)),
    operation!(raw Imkit, "imkit.files.get_file", "GET" "/files/{bucket}/{id}", files::get_file,
        "Downloads a file, or gives an address for it that needs no token.",
        doc: "https://github.com/imkit/api-doc", limits: [], per_second: (0, 0)),
    operation!(raw Imkit, "imkit.files.head_file", "HEAD" "/files/{bucket}/{id}", files::head_file,
        "Reads the headers of a file.",
        doc: "https://github.com/imkit/api-doc", limits: [], per_second: (0, 0)),
    operation!(Imkit, "imkit.files.get_metadata", "GET" "/files/{bucket}/{id}/metadata", files::get_metadata,
        "Reads the record of a file.",
        doc: "https://github.com/imkit/api-doc", limits: [], per_second: (0, 0)),
    operation!(Imkit, "imkit.files.delete_file", "DELETE" "/files/{bucket}/{id}", files::delete_file,
        "Deletes a file.",
        doc: "https://github.com/imkit/api-doc", limits: [], per_second: (0, 0)),
    operation!(raw Imkit, "imkit.files.file_stats", "POST" "/files/stats", file_stats::file_stats,
        "Counts files and their bytes by the tags of their rooms.",
        doc: "https://github.com/imkit/api-doc", limits: [], per_second: (0, 0)),
    operation!(Imkit, "imkit.files.video_info", "POST" "/files/video-info", files::video_info,
        "Looks into a video, and keeps it if told to.",
        doc: "https://github.com/imkit/api-doc", limits: [], per_second: (0, 0)),
    operation!(Imkit, "imkit.stickers.list_stickers", "GET" "/stickers", stickers::list_stickers,
        "Lists the sticker sets.",
        doc: "https://github.com/imkit/api-doc", limits: [], per_second: (0, 0), access: Access::Anybody),
    operation!(raw Imkit, "imkit.stickers.get_resource", "GET" "/stickers/res", stickers::get_resource,
        "Leads to a file of a sticker set.",
        doc: "https://github.com/imkit/api-doc", limits: [], per_second: (0, 0), access: Access::Anybody),
    operation!(Imkit, "imkit.stickers.list_sets", "GET" "/admin/stickers", stickers::list_sets,
        "Lists the sticker sets with all that is known of them.",
        doc: "https://github.com/imkit/api-doc", limits: [], per_second: (0, 0), access: Access::ApiKey),
    operation!(Imkit, "imkit.stickers.put_stickers", "POST" "/admin/stickers", stickers::put_stickers,
        "Makes a sticker set or changes it, out of a zip archive.",
        doc: "https://github.com/imkit/api-doc", limits: [], per_second: (0, 0), access: Access::ApiKey),
    operation!(Imkit, "imkit.stickers.delete_stickers", "DELETE" "/admin/stickers/{id}", stickers::delete_stickers,
        "Deletes a sticker set.",
        doc: "https://github.com/imkit/api-doc", limits: [], per_second: (0, 0), access: Access::ApiKey),
    operation!(Imkit, "imkit.pages.line_webhook", "POST" "/line-webhook", pages::line_webhook,
        "Takes what LINE tells.",
        doc: "https://github.com/imkit/api-doc", limits: [], per_second: (0, 0), access: Access::Anybody),
    operation!(raw Imkit, "imkit.pages.chat_test", "GET" "/chat-test", pages::chat_test,
        "Gives a page to try a chat with.",
        doc: "https://github.com/imkit/api-doc", limits: [], per_second: (0, 0), access: Access::Anybody),
];
