"""The simulator's Task Scheduler: reads what schtasks.exe left in C:\\simulator\\tasks and runs what is due.

Triggers: registration (with a delay), time, boot; each with repetition. A registration trigger that has not fired is forgotten at a reboot. One instance
of a task at a time: a second start is ignored."""
import datetime, os, re, subprocess, threading, time
import xml.etree.ElementTree as ElementTree

SPACE = "{http://schemas.microsoft.com/windows/2004/02/mit/task}"
WINE = "/usr/lib/wine/wine64"
DAY = 86400


def seconds(duration):
    """PT1M30S, P1D"""
    parts = re.fullmatch(r"P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?", duration)
    return sum(int(value or 0) * unit for value, unit in zip(parts.groups(), (DAY, 3600, 60, 1)))


def text(element, path, otherwise=""):
    found = element.find("/".join(SPACE + name for name in path.split("/")))
    return otherwise if found is None else (found.text or "")


class Trigger:
    """When one trigger fires: start, start + interval, …, up to the end. None: it never does."""

    def __init__(self, element, registered, booted, speed):
        kind = element.tag[len(SPACE):]
        delay = seconds(text(element, "Delay", "PT0S")) / speed
        self.start = None
        if text(element, "Enabled", "true") in ("false", "0"):
            return
        if kind == "RegistrationTrigger" and registered >= booted:
            self.start = registered + delay
        elif kind == "BootTrigger" and registered < booted:
            self.start = booted + delay
        elif kind == "TimeTrigger":
            self.start = datetime.datetime.fromisoformat(text(element, "StartBoundary").replace("Z", "+00:00")).timestamp()
        self.interval = seconds(text(element, "Repetition/Interval", "PT0S")) / speed
        duration = text(element, "Repetition/Duration")
        self.end = self.start + seconds(duration) / speed if duration and self.start is not None else float("inf")

    def due(self, since, now):
        """Is there a firing in (since, now]?"""
        if self.start is None or now < self.start:
            return False
        if since < self.start:
            return True
        last = min(now, self.end)
        return bool(self.interval) and (last - self.start) // self.interval > (since - self.start) // self.interval


class Task:
    def __init__(self, name, folder, booted, speed):
        self.name = name
        self.registered = float(open(os.path.join(folder, name + ".since")).read())
        root = ElementTree.parse(os.path.join(folder, name + ".xml")).getroot()
        triggers = root.find(SPACE + "Triggers")
        self.triggers = [Trigger(one, self.registered, booted, speed) for one in (triggers if triggers is not None else [])]
        self.actions = [(text(one, "Command"), text(one, "Arguments"), text(one, "WorkingDirectory"))
                        for one in root.find(SPACE + "Actions")]
        self.enabled = text(root, "Settings/Enabled", "true") not in ("false", "0")


class Scheduler:
    def __init__(self, windows):
        self.windows = windows
        self.folder = os.path.join(windows.store, "tasks")
        self.stopping = threading.Event()
        self.running = {}  # name -> process
        self.seen = {}     # (name, registered) -> looked at until then
        self.fired = []    # (when, name), for tests
        self.turns = 0     # how often it has looked at all tasks
        self.thread = threading.Thread(target=self._loop, daemon=True)

    def start(self):
        self.booted = time.time()
        self.thread.start()

    def stop(self):
        self.stopping.set()
        if self.thread.is_alive():
            self.thread.join()
        for process in self.running.values():
            process.kill()
            process.wait()

    def wait(self):
        """Until what runs has ended, or is stopped after some minutes."""
        for process in list(self.running.values()):
            try:
                process.wait(600)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def _loop(self):
        while not self.stopping.wait(0.1):
            for name in sorted(entry[:-4] for entry in os.listdir(self.folder) if entry.endswith(".xml")):
                try:
                    self._look_at(Task(name, self.folder, self.booted, self.windows.speed))
                except FileNotFoundError:
                    pass  # deleted this moment
            for name in [name for name, process in self.running.items() if process.poll() is not None]:
                del self.running[name]
            self.turns += 1

    def _look_at(self, task):
        now = time.time()
        since = self.seen.get((task.name, task.registered), min(task.registered, self.booted) - 1)
        self.seen[task.name, task.registered] = now
        if self._asked(task.name, ".end") and task.name in self.running:
            self.running[task.name].kill()
        asked = self._asked(task.name, ".run")
        if asked or (task.enabled and any(trigger.due(since, now) for trigger in task.triggers)):
            self._fire(task)

    def _asked(self, name, ending):
        try:
            os.unlink(os.path.join(self.folder, name + ending))
            return True
        except FileNotFoundError:
            return False

    def _fire(self, task):
        if task.name in self.running:
            return
        self.fired.append((time.time(), task.name))
        command, arguments, folder = task.actions[0]
        line = ('"%s" %s' % (command.strip('"'), arguments)).strip()
        env = dict(self.windows.environment, SIMULATOR_TASK=line)
        where = self.windows.path(folder) if folder else os.path.join(self.windows.drive, "windows", "system32")
        self.running[task.name] = subprocess.Popen([WINE, r"C:\simulator\programs\session.exe"], env=env, cwd=where, stdin=subprocess.DEVNULL,
                                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
