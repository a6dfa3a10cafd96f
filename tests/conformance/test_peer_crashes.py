"""AWS Backup: copies to another server, either of which is killed."""

import unittest

from peer_case import PeerCase


class Crashes(PeerCase):
    """Either server is killed before each request comes, and after each is answered and nobody knows."""

    BANDWIDTH = '1MiB'  # the greatest file comes in several pieces

    def test_each_step(self):
        point = self.point()
        self.copy(point)
        steps = len(self.wire.passed)
        self.assertGreaterEqual(steps, 7)  # an offer, three files, one of them in several pieces, the end
        for victim, when, step in self.crash_points(steps):
            with self.subTest(victim=victim, when=when, step=step):
                self.copy_through_crash(point, victim, when, step)


if __name__ == '__main__':
    unittest.main()
