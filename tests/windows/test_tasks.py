"""The simulated Task Scheduler: what it refuses, and when it fires."""
import time

import kit, pace
from kit import wait_for

TASK = """<?xml version="1.0"?>
<Task version="1.2" xmlns="http://schemas.microsoft.com/windows/2004/02/mit/task">
<RegistrationInfo><Description>a test</Description></RegistrationInfo>
<Triggers>
<RegistrationTrigger><Enabled>true</Enabled><Repetition><Interval>PT1M</Interval></Repetition><Delay>PT2M</Delay></RegistrationTrigger>
<BootTrigger><Enabled>true</Enabled></BootTrigger>
</Triggers>
<Principals><Principal id="Author"><UserId>S-1-5-18</UserId><RunLevel>HighestAvailable</RunLevel></Principal></Principals>
<Settings><MultipleInstancesPolicy>IgnoreNew</MultipleInstancesPolicy><DisallowStartIfOnBatteries>false</DisallowStartIfOnBatteries></Settings>
<Actions Context="Author"><Exec><Command>%SystemRoot%\\System32\\cmd.exe</Command><Arguments>/d /c %ProgramData%\\t.cmd a b</Arguments></Exec></Actions>
</Task>
"""

WRONG = {
    "unknown": ("<Settings>", "<Settings><Colour>red</Colour>"),
    "order": ("<Enabled>true</Enabled><Repetition><Interval>PT1M</Interval></Repetition>", "<Repetition><Interval>PT1M</Interval></Repetition><Enabled>true</Enabled>"),
    "delay first": ("<Repetition><Interval>PT1M</Interval></Repetition><Delay>PT2M</Delay>", "<Delay>PT2M</Delay><Repetition><Interval>PT1M</Interval></Repetition>"),
    "twice": ("<RunLevel>HighestAvailable</RunLevel>", "<RunLevel>HighestAvailable</RunLevel><RunLevel>HighestAvailable</RunLevel>"),
    "short interval": ("<Interval>PT1M</Interval>", "<Interval>PT30S</Interval>"),
    "not a time": ("<Delay>PT2M</Delay>", "<Delay>2 minutes</Delay>"),
    "not a boolean": ("<DisallowStartIfOnBatteries>false", "<DisallowStartIfOnBatteries>no"),
    "letters": ("<BootTrigger>", "<boottrigger>"),
    "no command": ("<Command>%SystemRoot%\\System32\\cmd.exe</Command>", ""),
    "no actions": (TASK[TASK.index("<Actions"):TASK.index("</Task>")], ""),
    "no such principal": ('Context="Author"', 'Context="Other"'),
    "space": ("2004/02/mit/task", "2004/02/mit/task2"),
    "encoding": ('version="1.0"?', 'version="1.0" encoding="UTF-16"?'),
    "not closed": ("</Triggers>", ""),
    "ampersand": ("a test", "a & test"),
}


class Tasks(kit.WindowsCase):
    SPEED = 60  # a minute is a second

    def put(self, name, text):
        with open(self.windows.path("C:\\ProgramData\\" + name), "w", newline="\r\n") as file:
            file.write(text)

    def create(self, text, code=0, options="/f"):
        self.put("task.xml", text)
        return self.must(r'schtasks /create %s /tn "meshctl-1" /xml C:\ProgramData\task.xml' % options, code)

    def setUp(self):
        super().setUp()
        self.put("t.cmd", "@echo off\r\necho %1 %2>>%ProgramData%\\ran\r\n")

    def ran(self):
        try:
            with open(self.windows.path(r"C:\ProgramData\ran")) as file:
                return file.read().split("\n")[:-1]
        except FileNotFoundError:
            return []

    def test_what_is_refused(self):
        for name, (old, new) in WRONG.items():
            with self.subTest(name):
                self.assertEqual(TASK.count(old) > 0, True)
                self.assertIn("ERROR", self.create(TASK.replace(old, new, 1 if name != "letters" else -1), 1))
        self.assertEqual(self.windows.tasks(), [])

    def test_create_query_delete(self):
        self.must("schtasks /query /tn meshctl-1", 1)
        self.create(TASK)
        self.create(TASK)
        self.create(TASK, 1, "")
        self.must("schtasks /query /tn MESHCTL-1")
        self.must("schtasks /delete /tn meshctl-1", 1)
        self.must("schtasks /delete /f /tn meshctl-1")
        self.must("schtasks /delete /f /tn meshctl-1", 1)
        self.must("schtasks /query /tn meshctl-1", 1)
        self.must("schtasks /create /tn meshctl-1 /xml C:\\none.xml", 1)

    def test_it_fires_after_its_delay_and_again(self):
        scheduler = self.windows.scheduler
        begun, created = len(scheduler.fired), time.time()
        self.create(TASK)
        wait_for(lambda: len(self.ran()) >= 2)
        self.assertIn("a b", self.ran()[0])
        first, second = [when for when, _ in scheduler.fired[begun:begun + 2]]
        self.assertGreaterEqual(first, created + 120 / self.SPEED)
        self.assertGreater(second, first)
        self.must("schtasks /delete /f /tn meshctl-1")
        turns = scheduler.turns
        wait_for(lambda: scheduler.turns > turns + 1 and not scheduler.running)
        count = len(self.ran())
        time.sleep(2.5)
        self.assertEqual(len(self.ran()), count)

    def test_run_now(self):
        self.create(TASK.replace("PT2M", "P1D"))
        self.must("schtasks /run /tn meshctl-1")
        wait_for(lambda: len(self.ran()) == 1)

    def test_at_boot(self):
        minutes = pace.seconds(8)  # it is at the power cut before they are over
        self.create(TASK.replace("PT2M", "PT%dM" % minutes))
        self.windows.reboot()
        wait_for(lambda: len(self.ran()) >= 1)
        time.sleep(minutes * 60 / self.SPEED + 2)
        self.assertEqual(len(self.ran()), 1)  # the registration trigger is forgotten
