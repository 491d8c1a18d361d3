//! Host names that a certificate is made for: the vendors' documented ones, localhost, and names of one's own.

use crate::config::covers;

/// The vendors' hosts. Tencent: one main and one backup host a station, https://cloud.tencent.com/document/product/269/1519;
/// IMKIT: one host an application, https://docs.imkit.io/en/.
const VENDORS: &[&str] = &[
    "console.tim.qq.com",
    "yun.tim.qq.com",
    "adminapi.my-imcloud.com",
    "adminapisgp.im.qcloud.com",
    "adminapisgp.my-imcloud.com",
    "adminapikr.im.qcloud.com",
    "adminapikr.my-imcloud.com",
    "adminapijpn.im.qcloud.com",
    "adminapijpn.my-imcloud.com",
    "adminapiger.im.qcloud.com",
    "adminapiger.my-imcloud.com",
    "adminapiusa.im.qcloud.com",
    "adminapiusa.my-imcloud.com",
    "adminapiidn.im.qcloud.com",
    "adminapiidn.my-imcloud.com",
    "adminapiind.im.qcloud.com",
    "adminapiind.my-imcloud.com",
    "adminapiksa.im.qcloud.com",
    "adminapiksa.my-imcloud.com",
    // Not documented any more, but built into published SDKs (the Rust crate tencent_im_rs 1.0.4).
    "sg.api.im.qcloud.com",
    "kr.api.im.qcloud.com",
    "de.api.im.qcloud.com",
    "in.api.im.qcloud.com",
    "us.api.im.qcloud.com",
    "id.api.im.qcloud.com",
    "*.imkit.io",
];

/// Whether a certificate is made for this host; `own` are names besides the vendors'.
pub fn is_served(host: &str, own: &[String]) -> bool {
    let own = own.iter().map(String::as_str);
    VENDORS.iter().copied().chain(["localhost"]).chain(own).any(|name| covers(name, host))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_is_one_label_and_other_hosts_are_whole_names() {
        let own = ["Chat.Test".to_owned(), "*.dev.test".to_owned()];
        let table = [
            ("console.tim.qq.com", true),
            ("adminapijpn.my-imcloud.com", true),
            ("sample.imkit.io", true),
            ("localhost", true),
            ("chat.test", true),
            ("a.dev.test", true),
            ("imkit.io", false),
            ("a.b.imkit.io", false),
            (".imkit.io", false),
            ("evilconsole.tim.qq.com", false),
            ("tim.qq.com", false),
            ("dev.test", false),
            ("sub.chat.test", false),
            ("", false),
        ];
        for (name, served) in table {
            assert_eq!(is_served(name, &own), served, "{name}");
        }
    }
}
