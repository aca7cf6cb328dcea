//! Installed software and packages.

use std::borrow::Cow;

use super::item::{ALWAYS, Item, On};

const BIN: &str = "/usr/bin";
const LIB: &str = "/usr/lib64";
const PROGRAMS: &str = r"C:\Program Files";

const NAMED: &[Item] = &[
    Item::new(On::Linux, ALWAYS, "openssl", BIN, "").versions(&["1.1.1k", "1.1.1w", "3.0.9", "3.0.13"]),
    Item::new(On::Linux, ALWAYS, "glibc", LIB, "").versions(&["2.28", "2.34", "2.35"]),
    Item::new(On::Linux, ALWAYS, "bash", BIN, "").versions(&["4.4.20", "5.1.8"]),
    Item::new(On::Linux, 250, "curl", BIN, "").versions(&["7.61.1", "7.79.1", "8.4.0"]),
    Item::new(On::LinuxHost, 252, "openssh-server", "/usr/sbin", "").versions(&["8.0p1", "8.2p1", "9.3p2"]),
    Item::new(On::LinuxHost, 250, "sudo", BIN, "").versions(&["1.8.29", "1.9.5p2", "1.9.15p5"]),
    Item::new(On::LinuxHost, 248, "systemd", "/usr/lib/systemd", "").versions(&["239", "249", "252"]),
    Item::new(On::LinuxHost, 246, "kernel", "/boot", "").versions(&["4.18.0-477", "5.10.0-136", "5.15.0-105"]),
    Item::new(On::Linux, 240, "python3", BIN, "").versions(&["3.6.8", "3.9.9", "3.10.12"]),
    Item::new(On::Linux, 200, "perl", BIN, "").versions(&["5.26.3", "5.34.0"]),
    Item::new(On::LinuxHost, 180, "docker-ce", BIN, "").versions(&["20.10.24", "24.0.7", "26.1.0"]),
    Item::new(On::Linux, 150, "git", BIN, "").versions(&["2.27.0", "2.39.3", "2.43.0"]),
    Item::new(On::Role("web"), 240, "nginx", "/usr/sbin", "").versions(&["1.18.0", "1.22.1", "1.24.0"]),
    Item::new(On::Role("app"), 230, "java-17-openjdk", "/usr/lib/jvm", "").versions(&["17.0.8", "17.0.11"]),
    Item::new(On::Role("app"), 60, "java-1.8.0-openjdk", "/usr/lib/jvm", "").versions(&["1.8.0.382"]),
    Item::new(On::Role("db"), 220, "mysql-community-server", "/usr/sbin", "").versions(&["5.7.43", "8.0.34", "8.0.36"]),
    Item::new(On::Role("db"), 60, "postgresql-server", BIN, "").versions(&["13.11", "15.4"]),
    Item::new(On::Role("cache"), 240, "redis", BIN, "").versions(&["5.0.14", "6.2.13", "7.2.3"]),
    Item::new(On::Windows, ALWAYS, "Microsoft Edge", PROGRAMS, "").versions(&["118.0.2088", "124.0.2478"]),
    Item::new(On::Windows, ALWAYS, "Windows Defender", PROGRAMS, "").versions(&["4.18.23090", "4.18.24030"]),
    Item::new(On::Windows, 240, "Microsoft .NET Runtime", PROGRAMS, "").versions(&["6.0.25", "8.0.4"]),
    Item::new(On::Windows, 220, "Microsoft Visual C++ 2022", PROGRAMS, "").versions(&["14.36.32532", "14.38.33135"]),
    Item::new(On::Windows, 180, "7-Zip", PROGRAMS, "").versions(&["19.00", "23.01"]),
    Item::new(On::Windows, 120, "Notepad++", PROGRAMS, "").versions(&["8.5.8", "8.6.4"]),
    Item::new(On::Windows, 90, "SQL Server Management Studio", PROGRAMS, "").versions(&["19.1", "20.0"]),
];

const FAMILIES: [&str; 10] =
    ["lib", "perl-", "python3-", "rubygem-", "golang-", "xorg-", "gtk-", "qt5-", "nodejs-", "ocaml-"];
const STEMS: [&str; 19] = [
    "archive", "audio", "base64", "cache", "codec", "config", "crypt", "date", "event", "font", "graph", "http",
    "image", "json", "log", "math", "net", "parser", "xml",
];
const LIBRARY_VERSIONS: &[&str] = &["1.0.2", "1.4.0", "2.1.7", "3.12"];

/// Returns the software: what is written down, and 190 libraries, so that a Linux host has about 200 entries.
pub(super) fn apps() -> Vec<Item> {
    let names = FAMILIES.iter().flat_map(|family| STEMS.iter().map(move |stem| format!("{family}{stem}")));
    let libraries = names.map(|name| Item {
        name: Cow::Owned(name),
        ..Item::new(On::Linux, 245, "", LIB, "").versions(LIBRARY_VERSIONS)
    });
    NAMED.iter().cloned().chain(libraries).collect()
}

const JARS: &str = "/opt/app/lib";

pub(super) const PACKAGES: &[Item] = &[
    Item::new(On::Linux, 90, "log4j-core-2.14.1.jar", JARS, "log4j-core").versions(&["2.14.1"]),
    Item::new(On::Linux, 120, "log4j-core-2.17.1.jar", JARS, "log4j-core").versions(&["2.17.1"]),
    Item::new(On::Linux, 140, "log4j-core-2.20.0.jar", JARS, "log4j-core").versions(&["2.20.0"]),
    Item::new(On::Linux, 160, "spring-core-5.3.18.jar", JARS, "spring-core").versions(&["5.3.18"]),
    Item::new(On::Linux, 60, "spring-core-5.3.17.jar", JARS, "spring-core").versions(&["5.3.17"]),
    Item::new(On::Linux, 130, "jackson-databind-2.13.4.jar", JARS, "jackson-databind").versions(&["2.13.4"]),
    Item::new(On::Linux, 70, "fastjson-1.2.80.jar", JARS, "fastjson").versions(&["1.2.80"]),
    Item::new(On::Linux, 110, "requests", "/usr/lib/python3/site-packages", "requests").versions(&["2.28.2", "2.31.0"]),
    Item::new(On::Linux, 80, "urllib3", "/usr/lib/python3/site-packages", "urllib3").versions(&["1.26.15", "2.0.7"]),
    Item::new(On::Linux, 90, "lodash", "/opt/app/node_modules", "lodash").versions(&["4.17.20", "4.17.21"]),
    Item::new(On::Windows, 120, "log4j-core-2.17.1.jar", r"C:\app\lib", "log4j-core").versions(&["2.17.1"]),
    Item::new(On::Windows, 60, "commons-text-1.9.jar", r"C:\app\lib", "commons-text").versions(&["1.9"]),
];
