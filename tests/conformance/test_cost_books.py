"""What the ledger says is kept, against what the service describes and what lies on the disk, after every act of
many and whenever the server is killed. TIDEMARK_COST_STEPS: how many acts, 60 if not given.
"""

import os
import sys
import threading
import time
import unittest

from cost_case import COLD, DAY, HOUR, WARM, Acts
from iam_case import table_arn
from test_vault_copies import FAR
from test_vault_time import ROLE, VAULT
from vault_case import wait_job
import server

STEPS = int(os.environ.get('TIDEMARK_COST_STEPS', '60'))


class Books(Acts):
    """Whatever is done, and whenever the server is killed: what the ledger says is kept is what the service
    describes, and what lies on the disk."""

    def crash_within(self):
        """A recovery point is being made."""
        job = self.backup.start_backup_job(BackupVaultName=VAULT, ResourceArn=table_arn('Kept'), IamRoleArn=ROLE)
        time.sleep(self.random.random() * 0.05)  # any step of it
        self.kill()
        wait_job(self.backup.describe_backup_job, 'COMPLETED', BackupJobId=job['BackupJobId'])
        return True

    def crash_in_a_deletion(self):
        """Of a backup, which is there or not."""
        if not self.backups_:
            return False
        table, arn, _ = self.backups_.pop(self.random.randrange(len(self.backups_)))
        db, begin = self.db_of(table), threading.Event()

        def delete():
            begin.set()
            try:
                db.delete_backup(BackupArn=arn)
            except Exception:  # the server is gone
                pass
        thread = threading.Thread(target=delete)
        thread.start()
        begin.wait()
        time.sleep(self.random.random() * 0.01)
        self.kill()
        thread.join()
        return True

    def pass_time(self):
        self.move_to(self.clock() + self.random.choice((HOUR, 7 * HOUR, DAY, 9 * DAY)))
        return True

    def described(self):
        """(account, Region, kind, resource) -> bytes, as the service describes what there is."""
        found = {}
        for db, region in ((self.db, server.REGION), (self.far_db, FAR)):
            for one in db.list_backups(BackupType='USER')['BackupSummaries']:
                details = db.describe_backup(BackupArn=one['BackupArn'])['BackupDescription']['BackupDetails']
                if '/Orders/' not in one['BackupArn']:  # of which it does not tell the index's bytes
                    self.assertEqual(self.sizes_of[one['BackupArn']], details['BackupSizeBytes'])
                found[server.ACCOUNT, region, 'ON_DEMAND', one['BackupArn']] = self.sizes_of[one['BackupArn']]
            for table in db.list_tables()['TableNames']:
                recovery = db.describe_continuous_backups(TableName=table)['ContinuousBackupsDescription']
                if recovery['PointInTimeRecoveryDescription']['PointInTimeRecoveryStatus'] == 'ENABLED':
                    arn = db.describe_table(TableName=table)['Table']['TableArn']
                    found[server.ACCOUNT, region, 'PITR', arn] = self.sizes(table, db)[1]
        for place in ('near', 'far', 'safe'):
            backup, vault = self.backup_of(place), self.vault_of(place)
            for page in backup.get_paginator('list_recovery_points_by_backup_vault').paginate(BackupVaultName=vault):
                for one in page['RecoveryPoints']:
                    arn = one['RecoveryPointArn']
                    tier = backup.describe_recovery_point(BackupVaultName=vault, RecoveryPointArn=arn)['StorageClass']
                    size = self.sizes_of.get(arn, one['BackupSizeInBytes'])
                    found[self.account_of(place), self.region_of(place), COLD if tier == 'COLD' else WARM, arn] = size
        return found

    def metered(self):
        groups = self.call('GetServerCosts', {'GroupBy': ['ACCOUNT', 'REGION', 'KIND', 'RESOURCE']})['Groups']
        return {(group['Account'], group['Region'], group['Kind'], group['Resource']): group['LogicalBytes']
                for group in groups if group['LogicalBytes']}

    def on_disk(self):
        """Bytes of all files of images, of backups and of recovery, each once; how many of them are cold, by Region."""
        sizes, cold = {}, {}
        for region in (server.REGION, FAR):
            shard = os.path.join(self.server.data, 'shards', region)
            for tier in ('images', 'cold'):
                for folder, _, names in os.walk(os.path.join(shard, tier)):
                    for name in names:
                        try:
                            found = os.lstat(os.path.join(folder, name))
                        except FileNotFoundError:
                            continue  # it was deleted just now
                        sizes[found.st_dev, found.st_ino] = found.st_blocks * 512
            cold[region] = len(os.listdir(os.path.join(shard, 'cold'))) if os.path.isdir(
                os.path.join(shard, 'cold')) else 0
        return sum(sizes.values()), cold

    def check(self, act):
        self.move_to((self.clock() // HOUR + 1) * HOUR + 60)  # sizes count from an hour's begin on
        expected = self.described()
        self.assertEqual(self.metered(), expected, act)
        cold = {region: sum(key[1] == region and key[2] == COLD for key in expected) for region in (server.REGION, FAR)}
        deadline = time.monotonic() + 240  # files go after the records that named them
        while True:
            physical = sum(group['PhysicalBytes'] for group in self.call('GetServerCosts', {})['Groups'])
            disk = self.on_disk()
            if disk == (physical, cold):
                return
            self.assertLess(time.monotonic(), deadline, f'{act}: {disk} on disk, told {physical}, {cold}')
            time.sleep(0.02)

    def test_they_balance_whatever_is_done(self):
        acts = [self.switch, self.write, self.write, self.back_up, self.back_up, self.delete_backup, self.make_point,
                self.make_point, self.copy_far, self.copy_safe, self.delete_point, self.delete_cold, self.restore,
                self.restore_cold, self.restore_backup, self.restore_to_a_time, self.crash, self.crash_within,
                self.crash_in_a_deletion, self.pass_time, self.pass_time, self.pass_time]
        begun = time.monotonic()
        for _ in range(STEPS):
            act = self.random.choice(acts)
            if self.tried(act):
                self.check(act.__name__)
        print(f'{self.done} in {time.monotonic() - begun:.0f} s', file=sys.stderr)


if __name__ == '__main__':
    unittest.main()
