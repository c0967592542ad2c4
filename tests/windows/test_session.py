"""The simulator's sshd: what a controller meets before its first script runs."""
import os, shutil, signal, subprocess, sys, tempfile, unittest

import kit, simulator


def processes_of(folder, command=""):
    """Processes of whose command line COMMAND is a part, and FOLDER of that or their environment."""
    found = []
    for number in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open("/proc/%s/cmdline" % number, "rb") as line, open("/proc/%s/environ" % number, "rb") as environment:
                words = line.read()
                if command.encode() in words and folder.encode() in words + environment.read():
                    found.append(number)
        except OSError:
            pass  # it is gone, or not ours
    return found


class Session(kit.WindowsCase):
    def ssh(self, command, stdin=b""):
        done = self.windows.ssh(command, input=stdin, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=600)
        return done.returncode, done.stdout

    def sftp(self, *commands):
        batch = os.path.join(self.folder, "batch")
        with open(batch, "w") as file:
            file.write("".join(command + "\n" for command in commands))
        return subprocess.run(["sftp", "-q"] + self.windows.ssh_options() + ["-P", str(self.windows.port), "-b", batch, self.windows.address],
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=600)

    def test_exit_code_and_quotes(self):
        self.assertEqual(self.ssh("exit /b 7")[0], 7)
        self.assertEqual(self.ssh('echo "a b" %OS%')[1], b'"a b" Windows_NT\r\n')
        self.assertEqual(self.ssh("ver & exit /b 3")[0], 3)
        self.assertIn(b"Windows 10.0.", self.ssh("ver")[1])

    def test_standard_input(self):
        self.assertEqual(self.ssh("set /p LINE=&call echo got %LINE%", b"one line\r\n"), (0, b"got one line\r\n"))

    def test_files(self):
        local = os.path.join(self.folder, "local")
        with open(local, "wb") as file:
            file.write(bytes(range(256)))
        done = self.sftp("mkdir /C:/ProgramData/meshctl", "put %s /c:/programdata/MESHCTL/File.bin" % local,
                         "chmod 600 C:/ProgramData/meshctl/file.bin", "rename /C:/ProgramData/meshctl/File.bin /C:/ProgramData/meshctl/b",
                         "get /C:/ProgramData/meshctl/b %s.back" % local, "pwd", "ls /C:/ProgramData/meshctl")
        self.assertEqual(done.returncode, 0, done.stdout)
        self.assertIn("Remote working directory: /C:/users/", done.stdout)
        with open(local + ".back", "rb") as file:
            self.assertEqual(file.read(), bytes(range(256)))
        self.assertEqual(os.listdir(self.windows.path(r"C:\ProgramData\meshctl")), ["b"])
        self.assertNotEqual(self.sftp("get /etc/hostname %s.no" % local).returncode, 0)
        self.assertNotEqual(self.sftp("get /C:/../../etc/hostname %s.no" % local).returncode, 0)

    def test_a_lost_connection_kills_what_it_started(self):
        marker = self.windows.path(r"C:\ProgramData\marker")
        with open(self.windows.path(r"C:\ProgramData\long.cmd"), "w", newline="\r\n") as file:
            file.write("@echo off\necho begun>C:\\ProgramData\\begun\nping -n 30 127.0.0.1 >nul\necho late>C:\\ProgramData\\marker\n")
        with subprocess.Popen(["ssh"] + self.windows.ssh_options() + ["-p", str(self.windows.port), self.windows.address, r"C:\ProgramData\long.cmd"],
                              stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL) as client:
            kit.wait_for(lambda: os.path.exists(self.windows.path(r"C:\ProgramData\begun")))
            client.send_signal(signal.SIGKILL)
        kit.wait_for(lambda: not processes_of(self.folder, "long.cmd") and not processes_of(self.folder, "ping"))
        self.assertFalse(os.path.exists(marker))


class Killed(unittest.TestCase):
    def test_nothing_outlives_the_simulator(self):
        folder = tempfile.mkdtemp(prefix="meshctl-windows-")
        self.addCleanup(shutil.rmtree, folder)
        port = simulator.free_port("127.0.0.1")
        argv = [sys.executable, os.path.join(simulator.HERE, "simulator.py"), os.path.join(folder, "host"), "--port", str(port)]
        with subprocess.Popen(argv, stdout=subprocess.PIPE, text=True) as process:
            self.assertIn("ssh -F none", process.stdout.readline())
            process.kill()
        kit.wait_for(lambda: not processes_of(folder))


class Shells(unittest.TestCase):
    """A DefaultShell that is not cmd."""

    def answers(self, shell):
        folder = tempfile.mkdtemp(prefix="meshctl-windows-")
        self.addCleanup(shutil.rmtree, folder)
        with simulator.Windows(os.path.join(folder, "host"), shell=shell) as windows:
            return [(ended.code, ended.out) for ended in map(windows.run, (
                "echo %COMSPEC% $PSHOME $OSTYPE", "cmd /d /c 'echo %OS%& exit /b 7'; exit $LASTEXITCODE", "cmd /d /c 'exit /b 7'",
                "MSYS_NO_PATHCONV=1 MSYS2_ARG_CONV_EXCL='*' exec cmd.exe /d /c 'echo %OS%& exit /b 7'", "Get-NetIPsecRule"))]

    def test_powershell(self):
        answers = self.answers("powershell")
        self.assertEqual(answers[:3], [(0, "%COMSPEC%\nC:\\Windows\\System32\\WindowsPowerShell\\v1.0\n\n"), (7, "Windows_NT\n"), (1, "")])
        self.assertEqual([code for code, _ in answers[3:]], [1, 1])

    def test_bash(self):
        answers = self.answers("bash")
        self.assertEqual(answers[0], (0, "%COMSPEC% msys\n"))
        self.assertEqual([code for code, _ in answers[1:3]], [1, 1])
        self.assertEqual(answers[3], (7, "Windows_NT\n"))
