"""A plugin of pytest: writes the outcomes of tests as lines of JSON, leaves out tests, and downloads from a folder."""

import json
import os
import urllib.request

OPTIONS = {
    "--outcomes": "file to write the outcomes to",
    "--left-out": "file with a JSON list of the tests to leave out",
    "--downloads": "folder with the files that tests download, by the last part of their addresses",
}


def pytest_addoption(parser):
    for option, text in OPTIONS.items():
        parser.addoption(option, help=text)


def pytest_configure(config):
    config.pluginmanager.register(Outcomes(config))
    use_downloads(config.getoption("--downloads"))
    look_at_own_processes()


def use_downloads(folder):
    """Opens the files of the folder in place of their addresses."""
    urlopen = urllib.request.urlopen

    def open_file(url, *args, **kwargs):
        name = os.path.basename(url) if isinstance(url, str) else None
        path = os.path.join(folder, name) if name else folder
        return open(path, "rb") if os.path.isfile(path) else urlopen(url, *args, **kwargs)

    urllib.request.urlopen = open_file


def look_at_own_processes():
    """Hides processes that others run: tests count the programs that are named ffmpeg on the whole machine."""
    try:
        import psutil
    except ImportError:
        return
    psutil.process_iter = lambda *args, **kwargs: iter(psutil.Process().children(recursive=True))


class Outcomes:
    """Writes a line when a test has ended, or has been left out."""

    def __init__(self, config):
        # A parameter of a test can be a path in this folder.
        self.root = f"{config.rootpath}{os.sep}"
        self.file = open(config.getoption("--outcomes"), "w", encoding="utf-8")
        with open(config.getoption("--left-out"), encoding="utf-8") as file:
            self.left_out = set(json.load(file))
        self.outcome, self.reason = "passed", ""

    def write(self, nodeid, outcome, reason):
        line = {"test": nodeid.replace(self.root, ""), "outcome": outcome, "reason": reason}
        self.file.write(json.dumps(line) + "\n")
        self.file.flush()

    def pytest_collection_modifyitems(self, config, items):
        left_out = []
        for item in list(items):
            name = item.nodeid.replace(self.root, "")
            # The name without its parameters stands for all of them.
            for listed in {name, name.split("[")[0]} & self.left_out:
                self.write(listed, "left-out", "")
                left_out.append(item)
                items.remove(item)
                break
        if left_out:
            config.hook.pytest_deselected(items=left_out)

    def pytest_collectreport(self, report):
        # A file that cannot be imported counts as a test that fails, and one that skips itself as a skipped test.
        if report.outcome != "passed":
            self.write(report.nodeid, report.outcome, reason_of(report))

    def pytest_runtest_logstart(self):
        self.outcome, self.reason = "passed", ""

    def pytest_runtest_logreport(self, report):
        # The call of a test follows its setup, and its teardown follows both.
        if report.outcome == "failed" or report.outcome == "skipped" and self.outcome == "passed":
            self.outcome, self.reason = report.outcome, reason_of(report)

    def pytest_runtest_logfinish(self, nodeid):
        self.write(nodeid, self.outcome, self.reason)


def reason_of(report):
    """Returns the message of an exception, or the reason for which a test is skipped."""
    crash = getattr(report.longrepr, "reprcrash", None)
    if crash is not None:
        return crash.message
    if isinstance(report.longrepr, tuple):
        return report.longrepr[-1]
    return str(report.longrepr)
