//! A real browser: headless Chromium, controlled through chromedriver by the WebDriver protocol.
//!
//! Where either is not installed, [`Browser::start`] prints so and returns `None`, and the test is skipped. With
//! `HSS_BROWSER=required`, as in `.ci/run`, it fails instead.
//!
//! Crates for this exist, but add 12 packages (thirtyfour) or 24 (fantoccini), some of them with licences or second versions that
//! `deny.toml` does not allow, and still need code of our own for the console, the list of requests and the skipping.

use std::fs;
use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::Duration;

use base64::Engine as _;
use serde_json::{Value, json};
use tempfile::TempDir;

/// A browser with one window, ended when dropped.
pub struct Browser {
    driver: Child,
    /// Kept open, because chromedriver may print more.
    _output: BufReader<ChildStdout>,
    port: u16,
    session: String,
    /// The browser's own files, made for this run.
    _profile: TempDir,
}

impl Browser {
    /// Starts a browser, or prints why there is none.
    pub fn start() -> Option<Self> {
        // With port 0, chromedriver takes a free one and prints which.
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
            .expect("chromedriver prints the port it listens on");
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
        let request = json!({"capabilities": {"alwaysMatch": {
            "timeouts": {"script": 30_000, "pageLoad": 30_000},
            "goog:chromeOptions": {"args": arguments},
            "goog:loggingPrefs": {"browser": "ALL", "performance": "ALL"},
        }}});
        let mut browser = Self { driver, _output: output, port, session: String::new(), _profile: profile };
        let session = browser.call("POST", "/session", &request);
        session["sessionId"].as_str().unwrap().clone_into(&mut browser.session);
        Some(browser)
    }

    /// Opens a page and waits until it has loaded.
    pub fn open(&self, url: &str) {
        self.command("POST", "url", &json!({ "url": url }));
    }

    /// Runs JavaScript in the page and returns what it returns.
    pub fn run(&self, script: &str) -> Value {
        self.command("POST", "execute/sync", &json!({ "script": script, "args": [] }))
    }

    /// Waits until a JavaScript expression is true, and returns its value. It is evaluated with each frame that the browser draws.
    pub fn wait_for(&self, expression: &str) -> Value {
        let script = format!(
            "const done = arguments[0]; \
             (function look() {{ const seen = ({expression}); seen ? done(seen) : requestAnimationFrame(look); }})();"
        );
        self.command("POST", "execute/async", &json!({ "script": script, "args": [] }))
    }

    /// Clicks the first element that a CSS selector finds, once there is one, as a person would.
    pub fn click(&self, selector: &str) {
        let element = self.element(selector);
        self.command("POST", &format!("element/{element}/click"), &json!({}));
    }

    /// Types into the first element that a CSS selector finds.
    pub fn fill(&self, selector: &str, text: &str) {
        let element = self.element(selector);
        self.command("POST", &format!("element/{element}/clear"), &json!({}));
        self.command("POST", &format!("element/{element}/value"), &json!({ "text": text }));
    }

    fn element(&self, selector: &str) -> String {
        self.wait_for(&format!("document.querySelector({})", json!(selector)));
        let found = self.command("POST", "element", &json!({ "using": "css selector", "value": selector }));
        // WebDriver's key for references to elements.
        found["element-6066-11e4-a52e-4f735466cecf"].as_str().unwrap().to_owned()
    }

    /// Sets the width and height of the page, whatever the window around it.
    pub fn resize(&self, width: u32, height: u32) {
        let size = json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false });
        self.chromium("Emulation.setDeviceMetricsOverride", &size);
    }

    /// Sets whether the user prefers a dark colour scheme.
    pub fn prefer_dark(&self, dark: bool) {
        let value = if dark { "dark" } else { "light" };
        let features = json!({ "features": [{ "name": "prefers-color-scheme", "value": value }] });
        self.chromium("Emulation.setEmulatedMedia", &features);
    }

    /// Runs a command of Chromium's own.
    pub fn chromium(&self, command: &str, parameters: &Value) -> Value {
        self.command("POST", "goog/cdp/execute", &json!({ "cmd": command, "params": parameters }))
    }

    /// Returns what the page wrote to its console since the last call.
    pub fn console(&self) -> Vec<String> {
        let lines = self.command("POST", "se/log", &json!({ "type": "browser" }));
        lines.as_array().unwrap().iter().map(|line| line["message"].as_str().unwrap().to_owned()).collect()
    }

    /// Returns the addresses of all requests since the last call.
    pub fn requested(&self) -> Vec<String> {
        let lines = self.command("POST", "se/log", &json!({ "type": "performance" }));
        let events = lines.as_array().unwrap().iter().map(|line| line["message"].as_str().unwrap());
        let events = events.map(|line| serde_json::from_str::<Value>(line).unwrap()["message"].clone());
        let sent = events.filter(|event| event["method"] == "Network.requestWillBeSent");
        let asked = sent.map(|event| event["params"]["request"]["url"].as_str().unwrap().to_owned());
        // Leaves out the browser's own empty page.
        asked.filter(|url| !url.starts_with("chrome:")).collect()
    }

    /// Returns whether the page is wider than the window, so that it scrolls sideways.
    pub fn is_too_wide(&self) -> bool {
        self.run("return document.documentElement.scrollWidth > window.innerWidth").as_bool().unwrap()
    }

    /// Writes a picture of the window to the folder that `HSS_PICTURES` names, if it is set.
    pub fn picture(&self, name: &str) {
        let Some(folder) = std::env::var_os("HSS_PICTURES") else { return };
        fs::create_dir_all(&folder).unwrap();
        fs::write(Path::new(&folder).join(format!("{name}.png")), self.screenshot()).unwrap();
    }

    /// Returns a picture of the window as PNG.
    pub fn screenshot(&self) -> Vec<u8> {
        let picture = self.command("GET", "screenshot", &Value::Null);
        base64::prelude::BASE64_STANDARD.decode(picture.as_str().unwrap()).unwrap()
    }

    fn command(&self, method: &str, command: &str, body: &Value) -> Value {
        self.call(method, &format!("/session/{}/{command}", self.session), body)
    }

    fn call(&self, method: &str, path: &str, body: &Value) -> Value {
        let response = self.exchange(method, path, body).unwrap();
        assert!(response["value"].get("error").is_none(), "{method} {path} {body}: {}", response["value"]);
        response["value"].clone()
    }

    /// Sends one command to chromedriver. Each response has a length, and the connection stays open after it.
    fn exchange(&self, method: &str, path: &str, body: &Value) -> io::Result<Value> {
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let mut stream = TcpStream::connect(("127.0.0.1", self.port))?;
        // A browser that hangs fails the test.
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
        let mut response = vec![0; length];
        reader.read_exact(&mut response)?;
        Ok(serde_json::from_slice(&response)?)
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // Ending the session ends the browser; killing the driver alone would leave the browser running.
        let _ = self.exchange("DELETE", &format!("/session/{}", self.session), &Value::Null);
        let _ = self.driver.kill();
        let _ = self.driver.wait();
    }
}
