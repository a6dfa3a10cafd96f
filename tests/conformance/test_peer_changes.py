"""AWS Backup: copies to another server that has an older one, of which only rows that changed are sent."""

import pathlib
import random
import re
import threading
import unittest

from case import load, make_table, scan_all
from peer_case import PeerCase
from test_vault_copies import by_key, ended
from test_vault_time import ROLE
from vault_case import vault_arn
import server


class Changes(PeerCase):
    """Where files that are lacked hold little that is new, rows are sent."""

    def setUp(self):
        super().setUp()
        load(self.db, 'Kept', [{'pk': {'S': f'm{n:03}'}, 'v': {'B': random.Random(n).randbytes(30_000)}}
                               for n in range(60)])
        self.first = self.point()
        self.base = self.copy(self.first)  # the table is in memory: a run
        self.whole = sum(size for _, size in self.sent())
        load(self.db, 'Kept', [{'pk': {'S': 'k000'}, 'v': {'B': b'changed'}}, {'pk': {'S': 'new'}, 'v': {'B': b'new'}}])
        self.db.delete_item(TableName='Kept', Key={'pk': {'S': 'm007'}})
        self.here.restart()  # it is written out, in files that are not there
        self.connect_here()
        self.items = by_key(scan_all(self.db, 'Kept'))
        self.assertEqual(len(self.items), 90)
        self.second = self.point()
        self.wire.passed.clear()

    def leaving(self):
        directory = pathlib.Path(self.here.data, 'shards', server.REGION, 'leaving')
        return sorted(path.name for path in directory.iterdir()) if directory.exists() else []

    def test_only_rows_that_changed_are_sent(self):
        copy = self.copy(self.second)
        self.assertEqual({name for name, _ in self.sent()}, {'changes.sst'})
        self.assertLess(sum(size for _, size in self.sent()), self.whole / 100)
        self.wait_for(lambda: (self.leaving(), self.arriving()) == ([], []))  # they go when the job has ended
        # Each is whole without the other.
        self.far.delete_recovery_point(BackupVaultName='far', RecoveryPointArn=self.base)
        self.wait_for(lambda: self.copies() == {copy: 'COMPLETED'})
        self.there.restart()
        self.connect_there()
        self.assertEqual(self.restored(self.far, self.far_db, copy), self.items)
        # A third one is made of the second, also where nothing has changed.
        self.wire.passed.clear()
        self.here.restart()
        self.connect_here()
        third = self.copy(self.point())
        self.assertLess(sum(size for _, size in self.sent()), self.whole / 100)
        self.assertEqual(self.restored(self.far, self.far_db, third), self.items)
        # And home again.
        self.backup.create_backup_vault(BackupVaultName='back')
        job = self.far.start_copy_job(RecoveryPointArn=copy, SourceBackupVaultName='far', IamRoleArn=ROLE,
                                      DestinationBackupVaultArn=vault_arn('back'))
        home = ended(self.far, job)['DestinationRecoveryPointArn']
        self.assertEqual(self.restored(self.backup, self.db, home), self.items)

    def test_all_is_sent_when_the_older_one_is_gone_meanwhile(self):
        def delete(_, passing):
            if passing.method == 'POST' and b'"base":"arn' in passing.body:
                self.wire.before = None
                self.far.delete_recovery_point(BackupVaultName='far', RecoveryPointArn=self.base)
                self.wait_for(lambda: self.base not in self.copies())

        self.wire.before = delete
        copy = self.copy(self.second)
        self.assertIsNone(self.wire.before)
        self.assertGreater(sum(size for _, size in self.sent()), self.whole / 2)
        self.assertEqual(self.restored(self.far, self.far_db, copy), self.items)

    def test_a_base_that_was_not_offered_is_not_looked_at(self):
        """By its keys another table could be known to whoever has the vault."""
        make_table(self.db, name='Else')
        load(self.db, 'Else', [*self.items, {'pk': {'S': 'secret'}}])  # few rows differ
        other = self.db.create_backup(TableName='Else', BackupName='of-another')['BackupDetails']['BackupArn']
        asked = []

        def ask_for_another(_, passing):
            asked.append(re.search(rb'"base":"arn[^"]+"', passing.answer))
            passing.answer = re.sub(rb'"base":"arn[^"]+"', f'"base":"{other}"'.encode(), passing.answer)

        self.wire.after = ask_for_another
        copy = self.copy(self.second)
        self.assertTrue(any(asked))
        self.assertFalse([passing for passing in self.wire.passed if other.encode() in passing.body])
        self.assertEqual(self.restored(self.far, self.far_db, copy), self.items)

    def test_what_was_written_goes_with_an_account_that_is_emptied(self):
        left, emptied = [], threading.Event()

        def empty(_, passing):
            if passing.method != 'PUT':
                return
            if not emptied.is_set():
                left.extend(self.leaving())
                self.here.reset()
                emptied.set()
            raise ConnectionError('cut')  # that again too: a client may send it once more

        self.wire.before = empty
        job = self.start(self.second)
        self.assertTrue(emptied.wait(240))
        self.assertEqual(left, [job['CopyJobId']])
        self.wait_for(lambda: self.leaving() == [])

    def test_each_step(self):
        """Either server is killed, as in test_peer_crashes.py."""
        self.copy(self.second)
        steps = len(self.wire.passed)
        self.assertGreaterEqual(steps, 4)  # offers of all and of changes, these, the end
        for victim, when, step in self.crash_points(steps):
            with self.subTest(victim=victim, when=when, step=step):
                self.copy_through_crash(self.second, victim, when, step, self.base, self.items)
                self.wait_for(lambda: self.leaving() == [])
                self.assertEqual({name for name, _ in self.sent()} - {'changes.sst'}, set())


if __name__ == '__main__':
    unittest.main()
