"""`tidemark recover`: a site rebuilt from its backup store when the data directory is gone. The store is a
directory, or the S3 gateway that TIDEMARK_S3_ENDPOINT names (tests/ceph)."""

import json
import os
import shutil
import signal
import subprocess
import time
import unittest

from case import load, scan_all, wait_active, wait_backup, wait_gone
import server
from test_backup_store import StoreCase

CREDENTIALS = {'TIDEMARK_ROOT_ACCESS_KEY_ID': server.ACCESS_KEY, 'TIDEMARK_ROOT_SECRET_ACCESS_KEY': server.SECRET_KEY}


class RecoverCase(StoreCase):
    def lose(self, running, name='data'):
        """The server and its data directory are gone; of the root key there is a copy. Its path."""
        running.close()
        key = self.directory / 'kept.key'
        shutil.copy(self.directory / name / 'root.key', key)
        shutil.rmtree(self.directory / name)
        return key

    def recovery(self, *arguments, into='new'):
        """Arguments of the program."""
        store = self.flags[1:]
        return ['recover', '--from', *store, '--data', str(self.directory / into), *map(str, arguments)]

    def recover(self, *arguments, into='new', status=0, text=''):
        return self.assertEnds(status, text, *self.recovery(*arguments, into=into), **CREDENTIALS,
                               **self.store_environment)

    def recover_as_json(self, *arguments, status=0):
        return json.loads(self.recover('--output', 'json', *arguments, status=status).stdout)

    def fates(self, report):
        return {table['TableName']: table['Status'] for table in report['Tables']}

    def copy_new(self, running, db, table):
        arn = self.make_backup(db, table)
        self.copied(running, arn)
        return arn


class Rebuilding(RecoverCase):
    def test_all_tables_come_back_by_one_command(self):
        running = self.begin()
        db, tables, arns = running.client(), [], []
        for _ in range(3):
            tables.append(self.make_table(db))
        older = scan_all(db, tables[0])
        older_arn = self.copy_new(running, db, tables[0])
        load(db, tables[0], ({'pk': {'S': f'item-{i}'}, 'later': {'BOOL': True}} for i in range(100, 400)))
        description = db.describe_table(TableName=tables[1])['Table']
        db.tag_resource(ResourceArn=description['TableArn'], Tags=[{'Key': 'team', 'Value': 'red'}])
        db.update_time_to_live(TableName=tables[1], TimeToLiveSpecification={
            'Enabled': True, 'AttributeName': 'ends'})
        before = {table: scan_all(db, table) for table in tables}
        arns = {table: self.copy_new(running, db, table) for table in tables}
        # One that somebody has deleted on purpose.
        gone = self.make_table(db)
        db.update_continuous_backups(TableName=gone, PointInTimeRecoverySpecification={
            'PointInTimeRecoveryEnabled': True})
        db.delete_table(TableName=gone)
        wait_gone(db, gone)
        [system] = db.list_backups(BackupType='SYSTEM')['BackupSummaries']
        wait_backup(db, system['BackupArn'])
        self.copied(running, system['BackupArn'])
        key = self.lose(running)

        self.recover('--root-key', key, '--dry-run', '--table', 'Nope', status=1,
                     text='no backup of a table Nope; it has those of: ')
        strange = self.directory / 'strange'
        strange.mkdir()
        (strange / 'hello').write_text('hi')
        for flags in ((), ('--dry-run',)):
            self.recover('--root-key', key, *flags, into='strange', status=1, text="is not empty (it holds 'hello')")
        self.assertEqual([path.name for path in strange.iterdir()], ['hello'])
        planned = self.recover_as_json('--root-key', key, '--dry-run')
        self.assertEqual(self.fates(planned), {**dict.fromkeys(tables, 'PLANNED'), gone: 'DELETED'})
        self.assertFalse((self.directory / 'new').exists(), 'a dry run makes nothing')
        report = self.recover_as_json('--root-key', key)
        self.assertEqual(self.fates(report), {**dict.fromkeys(tables, 'RESTORED'), gone: 'DELETED'})
        self.assertEqual((report['Backups'], report['NotOpened']), (5, []))
        again = self.recover_as_json()
        self.assertEqual(self.fates(again), {**dict.fromkeys(tables, 'THERE'), gone: 'DELETED'})

        running = self.begin('new')
        db = running.client()
        self.assertEqual(db.list_tables()['TableNames'], sorted(tables))
        for table, items in before.items():
            self.assertEqual(server.digest(scan_all(db, table)), server.digest(items))
        self.assertEqual(db.list_tags_of_resource(ResourceArn=description['TableArn'])['Tags'],
                         [{'Key': 'team', 'Value': 'red'}])
        self.assertEqual(db.describe_time_to_live(TableName=tables[1])['TimeToLiveDescription']['AttributeName'],
                         'ends')
        listed = {backup['BackupArn'] for backup in db.list_backups()['BackupSummaries']}
        self.assertEqual(listed, {older_arn, system['BackupArn'], *arns.values()})
        # One whose files are in the store only.
        stored = self.stored(running)[older_arn]['StoredBackup']
        self.backup(running, 'delete', stored, status=1, text='has its files in the store only')
        self.backup(running, 'copy', older_arn, status=1, text='lies in the store already')
        self.assertRestores(db, older_arn, older)
        self.backup(running, 'delete', stored)
        self.assertRestores(db, older_arn, older)

    @unittest.skipIf(os.environ.get('TIDEMARK_S3_ENDPOINT'), 'looks into the files of a directory')
    def test_keys_of_customers_come_back_with_their_tables(self):
        running = self.begin(flags=(*self.flags, '--test-clock'))
        db, kms = running.client(), running.client('kms')
        kept, doomed = (kms.create_key()['KeyMetadata']['KeyId'] for _ in range(2))
        kms.create_alias(AliasName='alias/payroll', TargetKeyId=kept)
        sealed = kms.encrypt(KeyId=kept, Plaintext=b'seven')['CiphertextBlob']
        under = {'own': kept, 'service': None, 'lost': doomed}
        tables = {}
        for what, key in under.items():
            tables[what] = self.make_table(db)
            db.update_table(TableName=tables[what], SSESpecification={
                'Enabled': True, 'SSEType': 'KMS', **({'KMSMasterKeyId': key} if key else {})})
            wait_active(db, tables[what])
            self.copy_new(running, db, tables[what])
        before = {what: scan_all(db, table) for what, table in tables.items()}
        self.assertEqual(self.keys_in_store(), 3)
        kms.schedule_key_deletion(KeyId=doomed, PendingWindowInDays=7)
        running.advance(8 * 86400)
        deadline = time.monotonic() + 240
        while self.keys_in_store() != 2:
            self.assertLess(time.monotonic(), deadline, 'the deleted key stays in the store')
            time.sleep(0.05)
        key = self.lose(running)
        report = self.recover_as_json('--root-key', key, status=1)
        self.assertEqual(self.fates(report), {tables['own']: 'RESTORED', tables['service']: 'RESTORED',
                                              tables['lost']: 'FAILED'})
        [reason] = [table['Reason'] for table in report['Tables'] if table['Status'] == 'FAILED']
        self.assertIn(doomed, reason)
        running = self.begin('new')
        db, kms = running.client(), running.client('kms')
        for what in ('own', 'service'):
            self.assertEqual(server.digest(scan_all(db, tables[what])), server.digest(before[what]))
        self.assertEqual(kms.decrypt(CiphertextBlob=sealed)['Plaintext'], b'seven')
        self.assertEqual(kms.describe_key(KeyId='alias/payroll')['KeyMetadata']['KeyId'], kept)

    def keys_in_store(self):
        return sum(path.is_file() for path in self.store.glob('blobs/keys+/**/*'))

    def test_without_the_right_root_key_nothing_is_made(self):
        running = self.begin()
        db = running.client()
        self.copy_new(running, db, self.make_table(db))
        stranger = self.begin('stranger')
        other = self.directory / 'stranger' / 'root.key'
        key = self.lose(running)
        ended = self.recover(status=1, text='the root key is missing')
        self.assertRegex(ended.stderr, r'holds 1 backups: 1 of root key [0-9a-f]{16}\. .*--root-key FILE')
        self.assertRegex(self.recover('--root-key', other, status=1).stderr,
                         r'root key [0-9a-f]{16} opens none of the 1 backups .* 1 of root key [0-9a-f]{16}')
        self.assertFalse((self.directory / 'new').exists())
        stranger.close()
        self.recover('--root-key', key, into='stranger', status=1, text='has another root key')

    def test_a_recovery_that_was_killed_goes_on(self):
        running = self.begin()
        db = running.client()
        before = {}
        for _ in range(4):
            table = self.make_table(db)
            before[table] = scan_all(db, table)
            self.copy_new(running, db, table)
        key = self.lose(running)
        binary = os.environ.get('TIDEMARK_BIN', str(server.ROOT / 'build/release/src/server/tidemark'))
        # Wherever it is by then: it says nothing before its end.
        for tenths in (0, 1, 2, 4):
            process = subprocess.Popen([binary, *self.recovery('--root-key', key)], cwd=self.directory,
                                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                                       env={**os.environ, **CREDENTIALS, **self.store_environment})
            try:
                process.wait(tenths / 10)
            except subprocess.TimeoutExpired:
                process.send_signal(signal.SIGKILL)
                process.wait()
        fates = self.fates(self.recover_as_json('--root-key', key))
        self.assertEqual(set(fates), set(before))
        self.assertLessEqual(set(fates.values()), {'RESTORED', 'THERE'})
        db = self.begin('new').client()
        for table, items in before.items():
            self.assertEqual(server.digest(scan_all(db, table)), server.digest(items))
        self.assertEqual(len(db.list_backups()['BackupSummaries']), 4)

    @unittest.skipIf(os.environ.get('TIDEMARK_S3_ENDPOINT'), 'looks into the files of a directory')
    def test_a_damaged_backup_is_named_and_the_others_come_back(self):
        def files():
            return {path for path in self.store.glob('blobs/files+/**/*') if path.is_file()}

        running = self.begin()
        db = running.client()
        sound, damaged = self.make_table(db), self.make_table(db)
        items = scan_all(db, sound)
        self.copy_new(running, db, sound)
        of_sound = files()
        self.copy_new(running, db, damaged)
        key = self.lose(running)
        path = max(files() - of_sound, key=lambda one: one.stat().st_size)
        content = path.read_bytes()
        path.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
        report = self.recover_as_json('--root-key', key, status=1)
        self.assertEqual(self.fates(report), {sound: 'RESTORED', damaged: 'FAILED'})
        [reason] = [table['Reason'] for table in report['Tables'] if table['TableName'] == damaged]
        self.assertIn(path.parent.name.removesuffix('='), reason)
        db = self.begin('new').client()
        self.assertEqual(db.list_tables()['TableNames'], [sound])
        self.assertEqual(server.digest(scan_all(db, sound)), server.digest(items))


class Refusals(RecoverCase):
    def test_what_is_no_store(self):
        for place in (self.directory / 'nothing', self.directory):
            self.assertEnds(1, 'is no backup store', 'recover', '--from', place, '--data', self.directory / 'new')
        self.assertEnds(2, '--from', 'recover')
        if self.flags[1].startswith('s3://'):
            return
        self.begin().close()
        self.recover(status=1, text='holds no backups')


if __name__ == '__main__':
    unittest.main()
