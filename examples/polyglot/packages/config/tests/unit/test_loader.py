# SPDX-License-Identifier: MIT
import tempfile
import unittest
from pathlib import Path

from settings import SettingsError, load


class Loader(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.file = Path(folder.name) / "service.ini"

    def write(self, text: str) -> Path:
        self.file.write_text(text, encoding="utf-8")
        return self.file

    def test_defaults(self) -> None:
        self.assertEqual(
            load(),
            {"host": "127.0.0.1", "port": 8080, "timeout": 30, "tls": False},
        )

    def test_the_file_beats_the_defaults(self) -> None:
        values = load(self.write("[service]\nport = 9000\n"))
        self.assertEqual((values["port"], values["tls"]), (9000, False))

    def test_the_environment_beats_the_file(self) -> None:
        path = self.write("[service]\nport = 9000\ntls = on\n")
        values = load(path, {"SERVICE_PORT": "9001", "PORT": "1"})
        self.assertEqual((values["port"], values["tls"]), (9001, True))

    def test_an_unknown_setting_is_named(self) -> None:
        with self.assertRaisesRegex(SettingsError, "prot: unknown; .*port"):
            load(self.write("[service]\nprot = 9000\n"))

    def test_a_wrong_value_is_named(self) -> None:
        with self.assertRaisesRegex(SettingsError, "port: 'x' is no port"):
            load(environment={"SERVICE_PORT": "x"})

    def test_a_file_that_is_not_there(self) -> None:
        with self.assertRaisesRegex(SettingsError, "service.ini"):
            load(self.file)

    def test_a_file_without_the_section(self) -> None:
        with self.assertRaisesRegex(SettingsError, "no section"):
            load(self.write("[other]\nport = 1\n"))


if __name__ == "__main__":
    unittest.main()
