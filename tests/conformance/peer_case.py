"""Two servers that have a Region each, and a wire between them: for tests of copies from one to the other."""

import os
import pathlib
import random
import sys
import threading
import time
import unittest

from botocore.exceptions import BotoCoreError

from case import load, scan_all, unique, wait_active
from iam_case import document, statement, table_arn
from test_vault_copies import FAR, arn_of, by_key, ended
from test_vault_time import ROLE, VAULT
from vault_case import TRUST, wait_job
from wire import Wire
import server

WORK = document(statement(['dynamodb:*', 'kms:*', 'backup:CopyFromBackupVault', 'backup:CopyIntoBackupVault']))
SENDER = document(statement(['backup:CopyIntoBackupVault']))
ITEMS = [{'pk': {'S': f'k{n:03}'}, 'v': {'B': random.Random(n).randbytes(30_000)}} for n in range(30)]


class PeerCase(unittest.TestCase):
    """`here` with a table, a vault and a role; `there` with another Region, a vault in it, and a user for `here`."""

    BANDWIDTH = '8MiB'  # pieces are of a quarter of it

    def setUp(self):
        self.wire, self.wire_back = Wire(), Wire()
        self.there = server.Server(arguments=('--test-hooks', '--test-clock', '--peer',
                                              f'{server.REGION}={self.wire_back.url}'),
                                   environment={'TIDEMARK_PEER_ACCESS_KEY_ID': server.ACCESS_KEY,
                                                'TIDEMARK_PEER_SECRET_ACCESS_KEY': server.SECRET_KEY})
        self.addCleanup(self.there.close)
        self.wire.target = self.there
        self.connect_there()
        self.there_iam.create_user(UserName='sender')
        self.there_iam.put_user_policy(UserName='sender', PolicyName='p', PolicyDocument=SENDER)
        key = self.there_iam.create_access_key(UserName='sender')['AccessKey']
        self.far.create_backup_vault(BackupVaultName='far')
        self.role(self.there_iam)
        self.here = self.start_here(key['AccessKeyId'], key['SecretAccessKey'])
        self.wire_back.target = self.here
        self.connect_here()
        self.role(self.iam)
        self.db.create_table(TableName='Kept', BillingMode='PAY_PER_REQUEST',
                             KeySchema=[{'AttributeName': 'pk', 'KeyType': 'HASH'}],
                             AttributeDefinitions=[{'AttributeName': 'pk', 'AttributeType': 'S'}])
        wait_active(self.db, 'Kept')
        self.backup.create_backup_vault(BackupVaultName=VAULT)
        load(self.db, 'Kept', ITEMS)
        for wire in (self.wire, self.wire_back):
            self.addCleanup(wire.close)

    def start_here(self, key, secret):
        started = server.Server(
            arguments=('--test-hooks', '--test-clock', '--peer', f'{FAR}={self.wire.url}',
                       '--peer-bandwidth', self.BANDWIDTH),
            environment={'TIDEMARK_PEER_EU_WEST_1_ACCESS_KEY_ID': key,
                         'TIDEMARK_PEER_EU_WEST_1_SECRET_ACCESS_KEY': secret})
        self.addCleanup(started.close)
        return started

    def connect_here(self):
        self.backup, self.db, self.iam = (self.here.client(name) for name in ('backup', 'dynamodb', 'iam'))

    def connect_there(self):
        self.far, self.far_db = (self.there.client(name, region=FAR) for name in ('backup', 'dynamodb'))
        self.there_iam = self.there.client('iam')

    @staticmethod
    def role(iam):
        iam.create_role(RoleName='keeper', AssumeRolePolicyDocument=TRUST)
        iam.put_role_policy(RoleName='keeper', PolicyName='p', PolicyDocument=WORK)

    def point(self, **parameters):
        job = self.backup.start_backup_job(BackupVaultName=VAULT, ResourceArn=table_arn('Kept'), IamRoleArn=ROLE,
                                           **parameters)
        return wait_job(self.backup.describe_backup_job, 'COMPLETED', BackupJobId=job['BackupJobId'])[
            'RecoveryPointArn']

    def start(self, point, vault='far', **parameters):
        return self.backup.start_copy_job(RecoveryPointArn=point, SourceBackupVaultName=VAULT, IamRoleArn=ROLE,
                                          DestinationBackupVaultArn=arn_of(vault), **parameters)

    def copy(self, point, **parameters):
        return ended(self.backup, self.start(point, **parameters))['DestinationRecoveryPointArn']

    def fails(self, point, **parameters):
        job = ended(self.backup, self.start(point, **parameters), 'FAILED')
        self.assertNotIn('DestinationRecoveryPointArn', job)
        return job['StatusMessage']

    def copies(self, vault='far'):
        """ARN -> status, of the copies there."""
        return {point['RecoveryPointArn']: point['Status'] for point in
                self.far.list_recovery_points_by_backup_vault(BackupVaultName=vault)['RecoveryPoints']}

    def arriving(self):
        """What lies there of copies that are not complete."""
        directory = pathlib.Path(self.there.data, 'shards', FAR, 'arriving')
        return sorted(path.name for path in directory.iterdir()) if directory.exists() else []

    def sent(self):
        """Name and size of each piece that passed."""
        return [(passing.path.split('/')[-1].split('?')[0], len(passing.body)) for passing in self.wire.passed
                if passing.method == 'PUT']

    def restored(self, backup, db, point):
        target = unique()
        job = backup.start_restore_job(RecoveryPointArn=point, IamRoleArn=ROLE, Metadata={'targetTableName': target})
        wait_job(backup.describe_restore_job, 'COMPLETED', RestoreJobId=job['RestoreJobId'])
        wait_active(db, target)
        items = by_key(scan_all(db, target))
        db.delete_table(TableName=target)
        return items

    def wait_for(self, what, timeout=240):
        deadline = time.monotonic() + timeout
        while not what():
            if time.monotonic() > deadline:
                raise AssertionError(f'not within {timeout} s')
            time.sleep(0.02)

    def crash_points(self, steps):
        """Which of two servers is killed, whether before or after a request, and which; a sixth of all, drawn anew
        each time, or all of them with TIDEMARK_PEER_STEPS=all, which takes minutes."""
        points = [(victim, when, step) for victim in ('there', 'here') for when in ('before', 'after')
                  for step in range(steps)]
        if os.environ.get('TIDEMARK_PEER_STEPS') == 'all':
            return points
        seed = int(os.environ.get('TIDEMARK_SEED', random.randrange(sys.maxsize)))
        print(f'{self.id()}: TIDEMARK_SEED={seed}', file=sys.stderr)
        return sorted(random.Random(seed).sample(points, (len(points) + 5) // 6))

    def is_complete(self, job):
        try:
            return self.backup.describe_copy_job(CopyJobId=job['CopyJobId'])['CopyJob']['State'] == 'COMPLETED'
        except BotoCoreError:  # it is being killed
            return False

    def copy_through_crash(self, point, victim, when, step, kept=None, items=None):
        kept = {kept} if kept else set()
        for copy in set(self.copies()) - kept:
            self.far.delete_recovery_point(BackupVaultName='far', RecoveryPointArn=copy)
        self.wait_for(lambda: set(self.copies()) == kept)
        self.wire.passed.clear()
        started, done = threading.Event(), threading.Event()

        def strike(number, _):
            if number == step and not done.is_set():
                started.wait(240)
                try:
                    getattr(self, victim).restart(crash=True)
                finally:
                    done.set()
                raise ConnectionError('cut')

        setattr(self.wire, when, strike)
        job = self.start(point)
        started.set()  # a job is quicker than the answer that tells of it
        # Where a check took long the first time, there were more requests than there are now.
        self.wait_for(lambda: done.is_set() or self.is_complete(job))
        setattr(self.wire, when, None)
        self.connect_here()
        self.connect_there()
        copy = ended(self.backup, job)['DestinationRecoveryPointArn']
        self.assertEqual(self.copies(), dict.fromkeys(kept | {copy}, 'COMPLETED'))
        self.assertEqual({one['BackupArn'] for one in
                          self.far_db.list_backups(BackupType='AWS_BACKUP')['BackupSummaries']}, kept | {copy})
        self.wait_for(lambda: self.arriving() == [])
        # What had arrived is not sent again.
        pieces = [passing.path for passing in self.wire.passed if passing.method == 'PUT']
        self.assertLessEqual(len(pieces) - len(set(pieces)), 1, pieces)
        self.assertEqual(self.restored(self.far, self.far_db, copy), items or by_key(ITEMS))
