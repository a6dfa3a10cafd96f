"""AWS Backup: copies of recovery points into vaults of a Region that another server has."""

import base64
import datetime
import json
import pathlib
import random
import re
import threading
import time
import unittest

from botocore.exceptions import ClientError

from case import load, make_table, scan_all, unique, wait_active
from iam_case import document, statement, table_arn
from test_vault_copies import FAR, arn_of, by_key, ended
from test_vault_time import DAY, ROLE, VAULT
from vault_case import TRUST, vault_arn, wait_job
from wire import Wire
import server

WORK = document(statement(['dynamodb:*', 'kms:*', 'backup:CopyFromBackupVault', 'backup:CopyIntoBackupVault']))
SENDER = document(statement(['backup:CopyIntoBackupVault']))
ITEMS = [{'pk': {'S': f'k{n:03}'}, 'v': {'B': random.Random(n).randbytes(30_000)}} for n in range(30)]
PIECES = ('--peer-bandwidth', '1MiB')  # of 256 KiB


class PeerCase(unittest.TestCase):
    """`here` with a table, a vault and a role; `there` with another Region, a vault in it, and a user for `here`."""

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
            arguments=('--test-hooks', '--test-clock', '--peer', f'{FAR}={self.wire.url}', *PIECES),
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

    def wait_for(self, what, timeout=60):
        deadline = time.monotonic() + timeout
        while not what():
            if time.monotonic() > deadline:
                raise AssertionError(f'not within {timeout} s')
            time.sleep(0.02)


class Copies(PeerCase):
    def test_it_is_a_recovery_point_there(self):
        point = self.point(RecoveryPointTags={'why': 'audit'}, Lifecycle={'DeleteAfterDays': 30})
        copy = self.copy(point, Lifecycle={'DeleteAfterDays': 365})
        self.assertTrue(copy.startswith(f'arn:aws:dynamodb:{FAR}:{server.ACCOUNT}:table/Kept/backup/'), copy)
        source = self.backup.describe_recovery_point(BackupVaultName=VAULT, RecoveryPointArn=point)
        made = self.far.describe_recovery_point(BackupVaultName='far', RecoveryPointArn=copy)
        self.assertEqual((made['Status'], made['SourceBackupVaultArn'], made['ResourceArn'], made['Lifecycle']),
                         ('COMPLETED', vault_arn(VAULT), table_arn('Kept'), {'DeleteAfterDays': 365}))
        for same in ('CreationDate', 'BackupSizeInBytes'):
            self.assertEqual(made[same], source[same])
        self.assertEqual(made['EncryptionKeyArn'],
                         self.far.describe_backup_vault(BackupVaultName='far')['EncryptionKeyArn'])
        self.assertEqual(self.far.list_tags(ResourceArn=copy)['Tags'], {'why': 'audit'})
        self.assertEqual(self.arriving(), [])
        # Nothing of it is readable on the way: neither items nor what the table is called.
        for passing in self.wire.passed:
            for secret in (b'Kept', b'k000', ITEMS[0]['v']['B'][:16], base64.b64encode(ITEMS[0]['v']['B'][:15])):
                self.assertNotIn(secret, passing.body)
        self.here.stop()
        self.there.restart()  # nothing of it is in memory only
        self.connect_there()
        self.assertEqual(self.restored(self.far, self.far_db, copy), by_key(ITEMS))
        # Its life ends there, whatever roles there are.
        self.there_iam.delete_role_policy(RoleName='keeper', PolicyName='p')
        self.there.advance(366 * DAY)
        self.wait_for(lambda: self.copies() == {})

    def test_the_other_region_is_not_made_here(self):
        with self.assertRaisesRegex(ClientError, f'Region {FAR} is on another server'):
            self.here.client(region=FAR).create_table(
                TableName='Kept', BillingMode='PAY_PER_REQUEST', KeySchema=[{'AttributeName': 'pk', 'KeyType': 'HASH'}],
                AttributeDefinitions=[{'AttributeName': 'pk', 'AttributeType': 'S'}])
        with self.assertRaisesRegex(ClientError, f'Region {FAR} is on another server'):
            self.here.client('backup', region=FAR).create_backup_vault(BackupVaultName='far')

    def test_only_what_is_lacked_is_sent_and_home_again_nothing(self):
        self.here.restart()  # the table is written out
        self.connect_here()
        first = self.copy(self.point())
        whole = sum(size for _, size in self.sent())
        self.assertGreater(whole, sum(len(item['v']['B']) for item in ITEMS))
        self.wire.passed.clear()
        load(self.db, 'Kept', [{'pk': {'S': 'new'}, 'v': {'B': b'new'}}])
        point = self.point()
        second = self.copy(point)
        self.assertLess(sum(size for _, size in self.sent()), whole / 10)
        self.assertEqual(self.copies(), {first: 'COMPLETED', second: 'COMPLETED'})
        self.far.delete_recovery_point(BackupVaultName='far', RecoveryPointArn=first)
        self.wait_for(lambda: self.copies() == {second: 'COMPLETED'})
        self.assertEqual(len(self.restored(self.far, self.far_db, second)), len(ITEMS) + 1)
        self.backup.create_backup_vault(BackupVaultName='back')
        job = self.far.start_copy_job(RecoveryPointArn=second, SourceBackupVaultName='far', IamRoleArn=ROLE,
                                      DestinationBackupVaultArn=vault_arn('back'))
        home = ended(self.far, job)['DestinationRecoveryPointArn']
        self.assertNotEqual(home, point)
        self.assertFalse([passing.path for passing in self.wire_back.passed
                          if passing.method == 'PUT' and '.sst' in passing.path])
        self.assertEqual(by_key(scan_all(self.db, 'Kept')), self.restored(self.backup, self.db, home))

    def test_it_is_under_the_key_of_its_vault(self):
        kms = self.there.client('kms', region=FAR)
        key = kms.create_key()['KeyMetadata']['Arn']
        self.far.create_backup_vault(BackupVaultName='sealed', EncryptionKeyArn=key)
        own = self.here.client('kms').create_key()['KeyMetadata']['Arn']
        self.db.update_table(TableName='Kept', SSESpecification={'Enabled': True, 'SSEType': 'KMS',
                                                                 'KMSMasterKeyId': own})
        wait_active(self.db, 'Kept')
        copy = self.copy(self.point(), vault='sealed')
        kms.disable_key(KeyId=key)
        job = self.far.start_restore_job(RecoveryPointArn=copy, IamRoleArn=ROLE,
                                         Metadata={'targetTableName': unique()})['RestoreJobId']
        wait_job(self.far.describe_restore_job, 'FAILED', RestoreJobId=job)
        self.assertIn('is disabled', self.fails(self.point(), vault='sealed'))
        kms.enable_key(KeyId=key)
        self.assertEqual(self.restored(self.far, self.far_db, copy), by_key(ITEMS))


class Refusals(PeerCase):
    def test_what_the_other_server_does_not_let_in(self):
        point = self.point()
        self.assertIn('Backup vault absent does not exist', self.fails(point, vault='absent'))
        self.far.put_backup_vault_lock_configuration(BackupVaultName='far', MinRetentionDays=7, MaxRetentionDays=30)
        for lifecycle in ({'DeleteAfterDays': 6}, {'DeleteAfterDays': 31}, {}):
            self.assertEqual(self.fails(point, Lifecycle=lifecycle), 'Copy job failed. The retention specified in the '
                             'job is not within the range specified for the target Backup Vault.')
        self.far.delete_backup_vault_lock_configuration(BackupVaultName='far')
        self.far.put_backup_vault_access_policy(BackupVaultName='far', Policy=json.dumps({
            'Version': '2012-10-17', 'Statement': [{'Effect': 'Deny', 'Principal': '*', 'Resource': '*',
                                                    'Action': 'backup:CopyIntoBackupVault'}]}))
        self.assertIn('explicit deny', self.fails(point))
        self.far.delete_backup_vault_access_policy(BackupVaultName='far')
        self.there_iam.put_user_policy(UserName='sender', PolicyName='p', PolicyDocument=document(
            statement(['backup:CopyIntoBackupVault'], resource=arn_of('other'))))
        self.assertIn('user/sender is not authorized to perform: backup:CopyIntoBackupVault', self.fails(point))
        self.there_iam.put_user_policy(UserName='sender', PolicyName='p', PolicyDocument=SENDER)
        # The role here is asked as well, before anything is sent.
        self.wire.passed.clear()
        for allowed, missing in (('backup:CopyIntoBackupVault', 'backup:CopyFromBackupVault'),
                                 ('backup:CopyFromBackupVault', 'backup:CopyIntoBackupVault')):
            self.iam.put_role_policy(RoleName='keeper', PolicyName='p', PolicyDocument=document(
                statement(['dynamodb:*', allowed])))
            self.assertIn('is not authorized to perform: ' + missing, self.fails(point))
        self.assertEqual(self.wire.passed, [])
        self.iam.put_role_policy(RoleName='keeper', PolicyName='p', PolicyDocument=WORK)
        other = self.fails(point, vault='far', **{'DestinationBackupVaultArn': arn_of('far', account='999999999999')})
        self.assertIn('Cross-account copy feature is not enabled', other)
        self.assertEqual((self.copies(), self.arriving()), ({}, []))
        self.assertEqual(self.copies(), {})
        copy = self.copy(point)
        self.assertEqual(self.copies(), {copy: 'COMPLETED'})

    def start(self, point, vault='far', **parameters):
        return self.backup.start_copy_job(**{'RecoveryPointArn': point, 'SourceBackupVaultName': VAULT,
                                             'IamRoleArn': ROLE, 'DestinationBackupVaultArn': arn_of(vault),
                                             **parameters})

    def test_a_key_that_is_not_known_there(self):
        point = self.point()
        self.there_iam.delete_access_key(UserName='sender', AccessKeyId=self.here.environment[
            'TIDEMARK_PEER_EU_WEST_1_ACCESS_KEY_ID'])
        self.assertIn(f'the server of Region {FAR} refuses: ', self.fails(point))
        self.here.environment.update(TIDEMARK_PEER_EU_WEST_1_ACCESS_KEY_ID=server.ACCESS_KEY,
                                     TIDEMARK_PEER_EU_WEST_1_SECRET_ACCESS_KEY='wrong')
        self.here.restart()
        self.connect_here()
        self.assertIn('signature we calculated does not match', self.fails(point))
        self.assertEqual(self.copies(), {})

    def test_without_a_key_it_does_not_start(self):
        self.here.stop()
        self.here.environment.clear()
        with self.assertRaisesRegex(RuntimeError, 'set TIDEMARK_PEER_EU_WEST_1_ACCESS_KEY_ID'):
            self.here.start()

    def test_bytes_that_change_on_the_way(self):
        changed = []

        def flip(_, passing):
            if passing.method == 'PUT' and 'run.sst' in passing.path and not changed:
                changed.append(passing.path)
                middle = len(passing.body) // 2
                passing.body = (passing.body[:middle] + bytes([passing.body[middle] ^ 1]) + passing.body[middle + 1:])

        self.wire.before = flip
        copy = self.copy(self.point())
        self.assertEqual(len(changed), 1)
        self.assertEqual(self.restored(self.far, self.far_db, copy), by_key(ITEMS))


class Time(PeerCase):
    def test_a_server_that_is_down_is_waited_for(self):
        self.there.stop()
        point = self.point()
        job = self.start(point)

        def told():
            return self.backup.describe_copy_job(CopyJobId=job['CopyJobId'])['CopyJob']

        self.wait_for(lambda: 'does not answer' in told().get('StatusMessage', ''))
        self.assertEqual(told()['State'], 'CREATED')
        with self.assertRaisesRegex(ClientError, 'is being copied'):
            self.backup.delete_recovery_point(BackupVaultName=VAULT, RecoveryPointArn=point)
        self.there.start()
        self.connect_there()
        copy = ended(self.backup, job)['DestinationRecoveryPointArn']
        self.assertNotIn('StatusMessage', told())
        self.assertEqual(self.copies(), {copy: 'COMPLETED'})
        self.assertEqual(self.restored(self.far, self.far_db, copy), by_key(ITEMS))

    def test_but_not_for_ever(self):
        point = self.point()
        self.there.stop()
        job = self.start(point)
        self.here.advance(8 * 3600 + 1)
        self.assertIn('could not be begun within its window', ended(self.backup, job, 'FAILED')['StatusMessage'])
        self.there.start()
        self.connect_there()
        # One that is begun is given up by both.
        cut = []

        def stop_there(_, passing):
            if passing.method == 'PUT' and not cut:
                cut.append(passing.path)
                self.there.kill()

        self.wire.before = stop_there
        job = self.start(point)
        self.wait_for(lambda: cut and self.there.process is None)
        self.here.advance(7 * DAY + 1)
        self.assertIn('could not be completed within its window', ended(self.backup, job, 'FAILED')['StatusMessage'])
        self.there.start()
        self.connect_there()
        self.assertEqual(list(self.copies().values()), ['CREATING'])
        self.assertEqual(len(self.arriving()), 1)
        self.there.advance(9 * DAY)
        self.wait_for(lambda: (self.copies(), self.arriving()) == ({}, []))

    def test_a_plan(self):
        # To a minute past the hour: a run's windows are not over before it is begun.
        self.here.advance(3660 - self.here.advance(0) % 3600)
        soon = datetime.datetime.fromtimestamp(self.here.advance(0) + 7200, datetime.timezone.utc)
        plan = self.backup.create_backup_plan(BackupPlan={'BackupPlanName': 'p', 'Rules': [{
            'RuleName': 'daily', 'TargetBackupVaultName': VAULT, 'ScheduleExpression': f'cron(0 {soon.hour} ? * * *)',
            'StartWindowMinutes': 60, 'CompletionWindowMinutes': 120, 'CopyActions': [
                {'DestinationBackupVaultArn': arn_of('far'), 'Lifecycle': {'DeleteAfterDays': 10}}]}]})['BackupPlanId']
        self.backup.create_backup_selection(BackupPlanId=plan, BackupSelection={
            'SelectionName': 's', 'IamRoleArn': ROLE, 'Resources': ['*']})
        for day in (1, 2):
            self.here.advance(7200 if day == 1 else DAY)
            self.wait_for(lambda: list(self.copies().values()) == ['COMPLETED'] * day)
        jobs = self.backup.list_copy_jobs()['CopyJobs']
        self.assertEqual({job['CreatedBy']['BackupPlanId'] for job in jobs}, {plan})
        for copy in self.copies():
            made = self.far.describe_recovery_point(BackupVaultName='far', RecoveryPointArn=copy)
            self.assertEqual(made['CreatedBy']['BackupPlanId'], plan)
            self.assertEqual(self.restored(self.far, self.far_db, copy), by_key(ITEMS))
        # While nobody answers a run's copies wait for the rule's windows.
        self.there.stop()
        self.here.advance(DAY)
        self.wait_for(lambda: len(self.backup.list_copy_jobs()['CopyJobs']) == 3)
        self.here.advance(3601)
        self.wait_for(lambda: [job['State'] for job in self.backup.list_copy_jobs(ByState='FAILED')['CopyJobs']])


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
        self.assertEqual((self.leaving(), self.arriving()), ([], []))
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

    def test_each_step(self):
        """Killed as in Crashes."""
        self.copy(self.second)
        steps = len(self.wire.passed)
        self.assertGreaterEqual(steps, 4)  # offers of all and of changes, these, the end
        for victim in ('there', 'here'):
            for when in ('before', 'after'):
                for step in range(steps):
                    with self.subTest(victim=victim, when=when, step=step):
                        Crashes.round(self, self.second, victim, when, step, self.base, self.items)
                        self.assertEqual(self.leaving(), [])
                        self.assertEqual({name for name, _ in self.sent()} - {'changes.sst'}, set())


class Crashes(PeerCase):
    """Either server is killed before each request comes, and after each is answered and nobody knows."""

    def test_each_step(self):
        point = self.point()
        self.copy(point)
        steps = len(self.wire.passed)
        self.assertGreaterEqual(steps, 7)  # an offer, three files, one of them in several pieces, the end
        for victim in ('there', 'here'):
            for when in ('before', 'after'):
                for step in range(steps):
                    with self.subTest(victim=victim, when=when, step=step):
                        self.round(point, victim, when, step)

    def round(self, point, victim, when, step, kept=None, items=None):
        kept = {kept} if kept else set()
        for copy in set(self.copies()) - kept:
            self.far.delete_recovery_point(BackupVaultName='far', RecoveryPointArn=copy)
        self.wait_for(lambda: set(self.copies()) == kept)
        self.wire.passed.clear()
        done = threading.Event()

        def strike(number, _):
            if number == step and not done.is_set():
                try:
                    getattr(self, victim).restart(crash=True)
                finally:
                    done.set()
                raise ConnectionError('cut')

        setattr(self.wire, when, strike)
        job = self.start(point)
        # Where a check took long the first time, there were more requests than there are now.
        if not done.wait(60):
            self.assertEqual(self.backup.describe_copy_job(CopyJobId=job)['CopyJob']['State'], 'COMPLETED')
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


if __name__ == '__main__':
    unittest.main()
