# SPDX-License-Identifier: MIT
import unittest

from settings.kinds import parse_bool, parse_duration, parse_host, parse_port


class Kinds(unittest.TestCase):
    def test_bool_takes_the_usual_words(self) -> None:
        for text in ("on", "YES", " true ", "1"):
            self.assertIs(parse_bool(text), True)
        for text in ("off", "No", "false", "0"):
            self.assertIs(parse_bool(text), False)

    def test_bool_refuses_other_words(self) -> None:
        with self.assertRaisesRegex(ValueError, "neither on nor off"):
            parse_bool("maybe")

    def test_port_has_bounds(self) -> None:
        self.assertEqual(parse_port("1"), 1)
        self.assertEqual(parse_port("65535"), 65535)
        for text in ("0", "65536", "-1", "http", ""):
            with self.subTest(text=text), self.assertRaises(ValueError):
                parse_port(text)

    def test_duration_is_in_seconds(self) -> None:
        self.assertEqual(parse_duration("250ms"), 0.25)
        self.assertEqual(parse_duration("30s"), 30)
        self.assertEqual(parse_duration("2h"), 7200)

    def test_duration_needs_a_unit(self) -> None:
        with self.assertRaisesRegex(ValueError, "no duration"):
            parse_duration("30")

    def test_host(self) -> None:
        self.assertEqual(parse_host("Example.COM"), "example.com")
        for text in ("", "-a", "a b", "a/b"):
            with self.subTest(text=text), self.assertRaises(ValueError):
                parse_host(text)


if __name__ == "__main__":
    unittest.main()
