//! Owns the way to a real browser: headless Chromium behind chromedriver, spoken to in plain WebDriver over loopback.
//!
//! Where either is not installed [`Browser::start`] says so and gives none, and the test is to end; with `HSS_BROWSER=required` set,
//! as in `.ci/run`, it fails instead.

use std::fs;
use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::Duration;

use serde_json::{Value, json};
use tempfile::TempDir;

/// A browser with one window, ended when dropped.
pub struct Browser {
    driver: Child,
    /// Kept open: chromedriver may say more.
    _output: BufReader<ChildStdout>,
    port: u16,
    session: String,
    /// The browser's own files, made for this run.
    _profile: TempDir,
}

impl Browser {
    /// Starts a browser, or says why there is none.
    pub fn start() -> Option<Self> {
        // Port 0: chromedriver takes a free one, and says which.
        let started = Command::new("chromedriver").arg("--port=0").stdout(Stdio::piped()).stderr(Stdio::null()).spawn();
        let mut driver = match started {
            Ok(driver) => driver,
            Err(error) => {
                assert!(std::env::var_os("HSS_BROWSER").is_none(), "chromedriver cannot be started: {error}");
                eprintln!("skipped: chromedriver cannot be started: {error}");
                return None;
            }
        };
        let mut output = BufReader::new(driver.stdout.take().unwrap());
        let port = output
            .by_ref()
            .lines()
            .map_while(Result::ok)
            .find_map(|line| line.split_once("started successfully on port ")?.1.trim_end_matches('.').parse().ok())
            .expect("chromedriver says on which port it listens");
        let profile = tempfile::tempdir().unwrap();
        let mut arguments: Vec<String> = [
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
        ]
        .map(str::to_owned)
        .to_vec();
        arguments.push(format!("--user-data-dir={}", profile.path().display()));
        let wanted = json!({"capabilities": {"alwaysMatch": {
            "timeouts": {"script": 30_000, "pageLoad": 30_000},
            "goog:chromeOptions": {"args": arguments},
            "goog:loggingPrefs": {"browser": "ALL", "performance": "ALL"},
        }}});
        let mut browser = Self { driver, _output: output, port, session: String::new(), _profile: profile };
        let session = browser.call("POST", "/session", &wanted);
        session["sessionId"].as_str().unwrap().clone_into(&mut browser.session);
        Some(browser)
    }

    /// Opens a page and waits until it is loaded.
    pub fn open(&self, url: &str) {
        self.ask("POST", "url", &json!({ "url": url }));
    }

    /// Runs JavaScript in the page; its `return` is the answer.
    pub fn run(&self, script: &str) -> Value {
        self.ask("POST", "execute/sync", &json!({ "script": script, "args": [] }))
    }

    /// Waits until a JavaScript expression is true, and gives its value. It is looked at with each frame the browser draws.
    pub fn wait_for(&self, expression: &str) -> Value {
        let script = format!(
            "const done = arguments[0]; \
             (function look() {{ const seen = ({expression}); seen ? done(seen) : requestAnimationFrame(look); }})();"
        );
        self.ask("POST", "execute/async", &json!({ "script": script, "args": [] }))
    }

    /// Clicks on the first element that a CSS selector finds, once there is one, as a person would.
    pub fn click(&self, selector: &str) {
        let element = self.element(selector);
        self.ask("POST", &format!("element/{element}/click"), &json!({}));
    }

    /// Types into the first element that a CSS selector finds.
    pub fn fill(&self, selector: &str, text: &str) {
        let element = self.element(selector);
        self.ask("POST", &format!("element/{element}/clear"), &json!({}));
        self.ask("POST", &format!("element/{element}/value"), &json!({ "text": text }));
    }

    fn element(&self, selector: &str) -> String {
        self.wait_for(&format!("document.querySelector({})", json!(selector)));
        let found = self.ask("POST", "element", &json!({ "using": "css selector", "value": selector }));
        // The key is the one that WebDriver gives to references of elements.
        found["element-6066-11e4-a52e-4f735466cecf"].as_str().unwrap().to_owned()
    }

    /// Sets how wide and high the page is, whatever the window around it.
    pub fn resize(&self, width: u32, height: u32) {
        let size = json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false });
        self.chromium("Emulation.setDeviceMetricsOverride", &size);
    }

    /// Sets whether people like it dark.
    pub fn prefer_dark(&self, dark: bool) {
        let value = if dark { "dark" } else { "light" };
        let features = json!({ "features": [{ "name": "prefers-color-scheme", "value": value }] });
        self.chromium("Emulation.setEmulatedMedia", &features);
    }

    /// A command of Chromium's own.
    pub fn chromium(&self, command: &str, parameters: &Value) -> Value {
        self.ask("POST", "goog/cdp/execute", &json!({ "cmd": command, "params": parameters }))
    }

    /// What the page wrote to its console since the last time.
    pub fn console(&self) -> Vec<String> {
        let lines = self.ask("POST", "se/log", &json!({ "type": "browser" }));
        lines.as_array().unwrap().iter().map(|line| line["message"].as_str().unwrap().to_owned()).collect()
    }

    /// The addresses that were asked for since the last time, of whatever kind.
    pub fn requested(&self) -> Vec<String> {
        let lines = self.ask("POST", "se/log", &json!({ "type": "performance" }));
        let events = lines.as_array().unwrap().iter().map(|line| line["message"].as_str().unwrap());
        let events = events.map(|line| serde_json::from_str::<Value>(line).unwrap()["message"].clone());
        let sent = events.filter(|event| event["method"] == "Network.requestWillBeSent");
        let asked = sent.map(|event| event["params"]["request"]["url"].as_str().unwrap().to_owned());
        // The browser's own empty page is no affair of the test's.
        asked.filter(|url| !url.starts_with("chrome:")).collect()
    }

    /// Whether the page is wider than the window, so that people would have to move it sideways.
    pub fn is_too_wide(&self) -> bool {
        self.run("return document.documentElement.scrollWidth > window.innerWidth").as_bool().unwrap()
    }

    /// Writes a picture of the window, when the environment names a folder for pictures (`HSS_PICTURES`).
    pub fn picture(&self, name: &str) {
        let Some(folder) = std::env::var_os("HSS_PICTURES") else { return };
        fs::create_dir_all(&folder).unwrap();
        fs::write(Path::new(&folder).join(format!("{name}.png")), self.screenshot()).unwrap();
    }

    /// Returns a picture of the window as PNG.
    pub fn screenshot(&self) -> Vec<u8> {
        base64(self.ask("GET", "screenshot", &Value::Null).as_str().unwrap())
    }

    fn ask(&self, method: &str, command: &str, body: &Value) -> Value {
        self.call(method, &format!("/session/{}/{command}", self.session), body)
    }

    fn call(&self, method: &str, path: &str, body: &Value) -> Value {
        let answer = self.exchange(method, path, body).unwrap();
        assert!(answer["value"].get("error").is_none(), "{method} {path} {body}: {}", answer["value"]);
        answer["value"].clone()
    }

    /// One command to chromedriver. It answers each with a length, and leaves the connection open.
    fn exchange(&self, method: &str, path: &str, body: &Value) -> io::Result<Value> {
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let mut stream = TcpStream::connect(("127.0.0.1", self.port))?;
        // A browser that hangs is a failure like any other.
        stream.set_read_timeout(Some(Duration::from_secs(60)))?;
        let (port, length) = (self.port, body.len());
        write!(
            stream,
            "{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Type: application/json\r\n\
             Content-Length: {length}\r\n\r\n{body}"
        )?;
        let mut reader = BufReader::new(stream);
        let mut length = 0;
        loop {
            let mut line = String::new();
            reader.read_line(&mut line)?;
            if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
                length = value.trim().parse().unwrap();
            }
            if line.trim().is_empty() {
                break;
            }
        }
        let mut answer = vec![0; length];
        reader.read_exact(&mut answer)?;
        Ok(serde_json::from_slice(&answer)?)
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // The session's end is the browser's; a driver that is killed alone would leave it behind.
        let _ = self.exchange("DELETE", &format!("/session/{}", self.session), &Value::Null);
        let _ = self.driver.kill();
        let _ = self.driver.wait();
    }
}

/// Reads base64, as pictures come in.
fn base64(text: &str) -> Vec<u8> {
    let digits = text.bytes().filter_map(|byte| {
        let digit = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => return None,
        };
        Some(u32::from(digit))
    });
    let (mut bytes, mut bits, mut count) = (Vec::new(), 0, 0);
    for digit in digits {
        bits = bits << 6 | digit;
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push((bits >> count & 0xFF) as u8);
        }
    }
    bytes
}
