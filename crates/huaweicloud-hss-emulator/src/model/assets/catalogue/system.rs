//! Accounts, ports, processes, auto-start items and kernel modules.

use super::item::{ALWAYS, Item, On};

const NOLOGIN: &str = "/sbin/nologin";
const BASH: &str = "/bin/bash";

/// Exactly one of the first two is on every host.
pub(super) const USERS: &[Item] = &[
    Item::new(On::Linux, ALWAYS, "root", "/root", BASH),
    Item::new(On::Windows, ALWAYS, "Administrator", r"C:\Users\Administrator", "cmd.exe"),
    Item::new(On::Linux, ALWAYS, "daemon", "/sbin", NOLOGIN),
    Item::new(On::Linux, ALWAYS, "nobody", "/", NOLOGIN),
    Item::new(On::LinuxHost, 250, "sshd", "/var/empty/sshd", NOLOGIN),
    Item::new(On::LinuxHost, 128, "ops", "/home/ops", BASH),
    Item::new(On::Role("web"), 230, "nginx", "/var/lib/nginx", NOLOGIN),
    Item::new(On::Role("app"), 230, "tomcat", "/opt/tomcat", BASH),
    Item::new(On::Role("db"), 220, "mysql", "/var/lib/mysql", NOLOGIN),
    Item::new(On::Role("cache"), 240, "redis", "/var/lib/redis", NOLOGIN),
    Item::new(On::Windows, ALWAYS, "Guest", r"C:\Users\Guest", ""),
    Item::new(On::Windows, 128, "ops", r"C:\Users\ops", "cmd.exe"),
];

pub(super) const PORTS: &[Item] = &[
    Item::new(On::LinuxHost, 250, "22", "/usr/sbin/sshd", "TCP").number(22),
    Item::new(On::LinuxHost, 128, "123", "/usr/sbin/chronyd", "UDP").number(123),
    Item::new(On::Role("web"), 240, "80", "/usr/sbin/nginx", "TCP").number(80),
    Item::new(On::Role("web"), 230, "443", "/usr/sbin/nginx", "TCP").number(443),
    Item::new(On::Role("app"), 230, "8080", "/usr/lib/jvm/bin/java", "TCP").number(8080),
    Item::new(On::Role("db"), 220, "3306", "/usr/sbin/mysqld", "TCP").number(3306),
    Item::new(On::Role("cache"), 240, "6379", "/usr/bin/redis-server", "TCP").number(6379),
    Item::new(On::LinuxHost, 20, "23", "/usr/sbin/in.telnetd", "TCP").number(23),
    Item::new(On::Windows, ALWAYS, "135", r"C:\Windows\System32\svchost.exe", "TCP").number(135),
    Item::new(On::Windows, 250, "3389", r"C:\Windows\System32\svchost.exe", "TCP").number(3389),
    Item::new(On::Windows, 120, "445", "System", "TCP").number(445),
];

pub(super) const PROCESSES: &[Item] = &[
    Item::new(On::LinuxHost, ALWAYS, "/usr/lib/systemd/systemd", "", "--switched-root --system"),
    Item::new(On::LinuxHost, 250, "/usr/sbin/sshd", "", "-D"),
    Item::new(On::LinuxHost, 240, "/usr/sbin/crond", "", "-n"),
    Item::new(On::Linux, 90, "/usr/bin/python3", "", "-m agent"),
    Item::new(On::Role("web"), 240, "/usr/sbin/nginx", "", "-g daemon off;"),
    Item::new(On::Role("app"), 230, "/usr/lib/jvm/bin/java", "", "-jar /opt/app/app.jar"),
    Item::new(On::Role("db"), 220, "/usr/sbin/mysqld", "", "--user=mysql"),
    Item::new(On::Role("cache"), 240, "/usr/bin/redis-server", "", "*:6379"),
    Item::new(On::Windows, ALWAYS, r"C:\Windows\System32\svchost.exe", "", "-k netsvcs"),
    Item::new(On::Windows, ALWAYS, r"C:\Windows\explorer.exe", "", ""),
];

/// The number is the type: 0 for a service, 1 for a scheduled task, 2 for a preloaded library, 3 for a Run key, 4 for the
/// startup folder.
pub(super) const AUTO_LAUNCHES: &[Item] = &[
    Item::new(On::LinuxHost, 250, "sshd.service", "/usr/lib/systemd/system/sshd.service", "root"),
    Item::new(On::LinuxHost, 240, "crond.service", "/usr/lib/systemd/system/crond.service", "root"),
    Item::new(On::LinuxHost, 200, "logrotate", "/etc/cron.daily/logrotate", "root").number(1),
    Item::new(On::LinuxHost, 10, "libkeepalive.so", "/usr/lib64/libkeepalive.so", "root").number(2),
    Item::new(On::Role("web"), 240, "nginx.service", "/usr/lib/systemd/system/nginx.service", "nginx"),
    Item::new(On::Role("db"), 220, "mysqld.service", "/usr/lib/systemd/system/mysqld.service", "mysql"),
    Item::new(On::Windows, ALWAYS, "Spooler", r"C:\Windows\System32\spoolsv.exe", "SYSTEM"),
    Item::new(On::Windows, 200, "SecurityHealth", r"C:\Windows\System32\SecurityHealthSystray.exe", "Administrator")
        .number(3),
    Item::new(On::Windows, 60, "backup.lnk", r"C:\ProgramData\Start Menu\Startup\backup.lnk", "Administrator")
        .number(4),
];

const MODULES: &str = "/lib/modules/5.10.0-136/kernel";

/// One that most Linux hosts have, and several that fewer have.
pub(super) const KERNEL_MODULES: &[Item] = &[
    Item::new(On::LinuxHost, 245, "virtio_net", MODULES, "Virtio network driver").versions(&["1.0.0"]),
    Item::new(On::LinuxHost, 200, "ext4", MODULES, "Fourth Extended Filesystem").versions(&["5.10.0"]),
    Item::new(On::LinuxHost, 160, "nf_conntrack", MODULES, "Connection tracking").versions(&["0.5.0"]),
    Item::new(On::LinuxHost, 110, "overlay", MODULES, "Overlay filesystem").versions(&["5.10.0"]),
    Item::new(On::LinuxHost, 70, "xfs", MODULES, "SGI XFS").versions(&["5.10.0"]),
    Item::new(On::LinuxHost, 50, "ip_vs", MODULES, "IP virtual server").versions(&["1.2.1"]),
    Item::new(On::LinuxHost, 20, "nfs", MODULES, "NFS client").versions(&["5.10.0"]),
];
