"""The story that README.md tells in blocks of bash, typed as it stands there."""

import unittest

import server
import test_guides

TIMEOUT = 560  # seconds: its command line starts some hundred times


class Story(test_guides.Typed):
    def test_it_goes_as_it_is_told(self):
        """In a checkout whose build is the binary under test."""
        blocks = test_guides.blocks_of((server.ROOT / 'README.md').read_text(), ('bash',))
        program = self.place / 'build/release/src/server/tidemark'
        program.parent.mkdir(parents=True)
        program.symlink_to(self.binary)
        # It is reached a moment after it was started, which a person takes longer to type on.
        wait = 'until tidemark status >/dev/null 2>&1; do sleep 0.1; done\n'
        blocks[0] = (blocks[0][0] + wait, [])
        prologue = f'export TIDEMARK_ENDPOINT=http://{self.address}\n'
        said = ''.join(self.type_in(blocks, prologue, TIMEOUT))
        # How many fall into the worst moment depends on how fast they are deleted.
        for line in ('200', '1200', 'every item is as it was at ...', 'the backup holds the same',
                     '... deleted AKIASTORY', ': 0 added, ... removed, 0 changed'):
            self.assertTrue(test_guides.is_told(line, said), f'{line!r} is not printed:\n{said}')


if __name__ == '__main__':
    unittest.main()
