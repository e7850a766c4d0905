//! Debian's Chromium without a window, driven by the DevTools protocol.

use std::{
    io::{BufRead as _, BufReader, Write as _},
    path::Path,
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
};

use serde_json::{Value, json};

/// A browser with one page.
pub(crate) struct Browser {
    process: Child,
    commands: ChildStdin,
    answers: BufReader<ChildStdout>,
    session: Option<String>,
    last: u64,
    /// The events of the page so far.
    events: Vec<Value>,
    _profile: tempfile::TempDir,
}

impl Browser {
    pub(crate) fn start() -> Self {
        let profile = tempfile::tempdir().unwrap();
        // The browser reads commands from descriptor 3 and writes answers to 4. It refuses its own sandbox to root.
        let line = r#"exec chromium "$@" 3<&0 4>&1 >&2"#;
        let mut process = Command::new("sh")
            .args([
                "-c",
                line,
                "sh",
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--remote-debugging-pipe",
            ])
            .args([
                "--no-first-run",
                "--hide-scrollbars",
                "--disable-background-networking",
                "--disable-dev-shm-usage",
            ])
            .arg(format!("--user-data-dir={}", profile.path().display()))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let (commands, answers) = (process.stdin.take().unwrap(), process.stdout.take().unwrap());
        let answers = BufReader::new(answers);
        let mut browser = Self {
            process,
            commands,
            answers,
            session: None,
            last: 0,
            events: Vec::new(),
            _profile: profile,
        };
        let target = browser.call("Target.createTarget", json!({ "url": "about:blank" }));
        let options = json!({ "targetId": target["targetId"], "flatten": true });
        let session = browser.call("Target.attachToTarget", options)["sessionId"].as_str().map(str::to_owned);
        assert!(session.is_some());
        browser.session = session;
        for domain in ["Page", "Runtime", "Log", "Network"] {
            browser.call(&format!("{domain}.enable"), json!({}));
        }
        browser
    }

    /// Sends a command, and returns its result. Panics if the browser ends: it is Debian's package chromium, which
    /// `cargo xtask test` installs for every case.
    #[track_caller]
    pub(crate) fn call(&mut self, method: &str, options: Value) -> Value {
        self.last += 1;
        let mut command = json!({ "id": self.last, "method": method, "params": options });
        if let Some(session) = &self.session {
            command["sessionId"] = session.as_str().into();
        }
        self.commands.write_all(format!("{command}\0").as_bytes()).unwrap();
        loop {
            let answer = self.read();
            if answer["id"] == self.last {
                assert!(answer["error"].is_null(), "{method}: {answer}");
                return answer["result"].clone();
            }
            self.events.push(answer);
        }
    }

    fn read(&mut self) -> Value {
        let mut bytes = Vec::new();
        self.answers.read_until(0, &mut bytes).unwrap();
        assert_eq!(bytes.pop(), Some(0), "the browser has ended");
        serde_json::from_slice(&bytes).unwrap()
    }

    /// Opens a file at this width in pixels, in light or dark. Returns the messages of its console, and the requested
    /// URLs.
    pub(crate) fn open(&mut self, file: &Path, width: u32, scheme: &str) -> (Vec<Value>, Vec<String>) {
        let metrics = json!({ "width": width, "height": 900, "deviceScaleFactor": 1, "mobile": false });
        self.call("Emulation.setDeviceMetricsOverride", metrics);
        let scheme = json!({ "name": "prefers-color-scheme", "value": scheme });
        self.call("Emulation.setEmulatedMedia", json!({ "features": [scheme] }));
        self.events.clear();
        self.call("Page.navigate", json!({ "url": format!("file://{}", file.display()) }));
        while !self.events.iter().any(|event| event["method"] == "Page.loadEventFired") {
            let event = self.read();
            self.events.push(event);
        }
        let of = |method: &'static str| self.events.iter().filter(move |event| event["method"] == method);
        let messages = ["Log.entryAdded", "Runtime.consoleAPICalled", "Runtime.exceptionThrown"];
        let messages = messages.into_iter().flat_map(of).map(|event| event["params"].clone()).collect();
        let requests = of("Network.requestWillBeSent");
        let requests = requests.map(|event| event["params"]["request"]["url"].as_str().unwrap().to_owned());
        (messages, requests.collect())
    }

    /// Evaluates an expression in the page.
    #[track_caller]
    pub(crate) fn evaluate(&mut self, expression: &str) -> Value {
        let answer =
            self.call("Runtime.evaluate", json!({ "expression": expression, "returnByValue": true }));
        assert!(answer["exceptionDetails"].is_null(), "{answer}");
        answer["result"]["value"].clone()
    }

    /// Returns the whole page as a PNG in base64.
    pub(crate) fn screenshot(&mut self) -> String {
        let mut clip = self.call("Page.getLayoutMetrics", json!({}))["cssContentSize"].clone();
        clip["scale"] = 1.into();
        let options = json!({ "format": "png", "captureBeyondViewport": true, "clip": clip });
        self.call("Page.captureScreenshot", options)["data"].as_str().unwrap().to_owned()
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
