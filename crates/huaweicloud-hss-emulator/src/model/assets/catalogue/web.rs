//! Web apps, web services, web frameworks, websites and databases.

use super::item::{Item, On};

pub(super) const APPS: &[Item] = &[
    Item::new(On::Role("web"), 90, "WordPress", "/var/www/blog", "/var/www/blog/wp-config.php")
        .versions(&["6.1.1", "6.4.3"]),
    Item::new(On::Role("web"), 40, "Drupal", "/var/www/drupal", "/var/www/drupal/sites/default/settings.php")
        .versions(&["9.5.3"]),
    Item::new(On::Role("app"), 60, "Jenkins", "/opt/jenkins", "/opt/jenkins/config.xml")
        .versions(&["2.401.1", "2.426.3"]),
    Item::new(On::Windows, 50, "DotNetNuke", r"C:\inetpub\dnn", r"C:\inetpub\dnn\web.config").versions(&["9.11.0"]),
];

pub(super) const SERVICES: &[Item] = &[
    Item::new(On::Role("web"), 240, "Nginx", "/usr/sbin", "/etc/nginx/nginx.conf")
        .versions(&["1.18.0", "1.22.1", "1.24.0"]),
    Item::new(On::Role("web"), 30, "Apache", "/usr/sbin", "/etc/httpd/conf/httpd.conf").versions(&["2.4.57"]),
    Item::new(On::Role("app"), 230, "Tomcat", "/opt/tomcat", "/opt/tomcat/conf/server.xml")
        .versions(&["9.0.68", "9.0.83", "10.1.16"]),
    Item::new(On::Windows, 200, "Tomcat", r"C:\tomcat", r"C:\tomcat\conf\server.xml").versions(&["9.0.68", "9.0.83"]),
];

pub(super) const DATABASES: &[Item] = &[
    Item::new(On::Role("db"), 220, "MySQL", "/usr/sbin", "/etc/my.cnf").versions(&["5.7.43", "8.0.34", "8.0.36"]),
    Item::new(On::Role("db"), 60, "PostgreSQL", "/usr/bin", "/var/lib/pgsql/data/postgresql.conf")
        .versions(&["13.11", "15.4"]),
    Item::new(On::Role("cache"), 240, "Redis", "/usr/bin", "/etc/redis.conf").versions(&["5.0.14", "6.2.13", "7.2.3"]),
    Item::new(On::Windows, 90, "SQL Server", r"C:\Program Files\Microsoft SQL Server", "").versions(&["2019", "2022"]),
];

pub(super) const FRAMEWORKS: &[Item] = &[
    Item::new(On::Linux, 110, "spring-webmvc-5.3.18.jar", "/opt/app/lib", "Spring").versions(&["5.3.18"]),
    Item::new(On::Linux, 60, "struts2-core-2.5.30.jar", "/opt/app/lib", "Struts").versions(&["2.5.30"]),
    Item::new(On::Linux, 50, "Django", "/usr/lib/python3/site-packages", "Django").versions(&["3.2.18", "4.2.7"]),
    Item::new(On::Linux, 40, "express", "/opt/app/node_modules", "Express").versions(&["4.18.2"]),
];

pub(super) const SITES: &[Item] = &[
    Item::new(On::Role("web"), 200, "www.example.com", "/var/www/html", "nginx").number(443),
    Item::new(On::Role("web"), 110, "shop.example.com", "/var/www/shop", "nginx").number(443),
    Item::new(On::Role("web"), 50, "intranet.example.org", "/var/www/intranet", "nginx").number(80),
    Item::new(On::Role("app"), 90, "api.example.net", "/opt/tomcat/webapps", "tomcat").number(8080),
];
