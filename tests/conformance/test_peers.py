"""AWS Backup: copies of recovery points into vaults of a Region that another server has."""

import base64
import datetime
import json
import unittest

from botocore.exceptions import ClientError

from case import load, scan_all, unique, wait_active
from iam_case import document, statement, table_arn
from peer_case import ITEMS, SENDER, WORK, PeerCase
from test_vault_copies import FAR, arn_of, by_key, ended
from test_vault_time import DAY, ROLE, VAULT
from vault_case import vault_arn, wait_job
import server


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
        # Nor told to be empty.
        for service, operation in (('dynamodb', 'list_tables'), ('dynamodb', 'list_backups'), ('kms', 'list_keys'),
                                   ('dynamodbstreams', 'list_streams'), ('backup', 'list_backup_vaults')):
            with self.assertRaisesRegex(ClientError, f'Region {FAR} is on another server'):
                getattr(self.here.client(service, region=FAR), operation)()
        answer = self.here.call('ListDeletedTables', {}, target='Tidemark_20261101.', region=FAR)
        self.assertIn(f'Region {FAR} is on another server', answer.message)
        self.here.client('iam', region=FAR).list_users()  # of no Region

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
        self.assertEqual(self.fails(point), f'the server of Region {FAR} refuses: The request signature we calculated '
                         'does not match the signature you provided')
        self.assertEqual(self.copies(), {})

    def test_without_a_key_it_does_not_start(self):
        self.here.stop()
        self.here.environment.clear()
        with self.assertRaisesRegex(RuntimeError, 'set TIDEMARK_PEER_EU_WEST_1_ACCESS_KEY_ID'):
            self.here.start()

    def test_half_an_access_key_is_none(self):
        self.here.stop()
        for name, missing in (('ACCESS_KEY_ID', 'SECRET_ACCESS_KEY'), ('SECRET_ACCESS_KEY', 'ACCESS_KEY_ID')):
            self.here.environment.clear()
            self.here.environment.update({f'TIDEMARK_PEER_{part}': 'common' for part in (name, missing)})
            self.here.environment[f'TIDEMARK_PEER_EU_WEST_1_{name}'] = 'own'
            with self.assertRaisesRegex(RuntimeError, f'is set without TIDEMARK_PEER_EU_WEST_1_{missing}'):
                self.here.start()

    def test_peers_that_are_none_are_refused_at_the_start(self):
        self.here.stop()
        wire, options = self.wire.url, self.here.arguments
        for arguments, text in (
                (['--peer', f'../x={wire}'], "must be the name of a Region, e.g. eu-west-1: .* not '../x'"),
                (['--peer', f'EU={wire}'], "must be the name of a Region.* not 'EU'"),
                (['--peer', 'eu-west-1=http://user:secret@host:1'], 'the URL has credentials in it.*_ACCESS_KEY_ID'),
                (['--peer', f'eu-west-1={wire}/path'], '--peer wants REGION=URL'),
                *((['--peer', f'eu-west-1=http://{host}'], '--peer wants REGION=URL')
                  for host in ('host:99999', 'host:abc', 'host:', 'host:0', ':8000', '[::1', '[::g]:8000')),
                (['--peer', f'eu-west-1={wire}', '--peer-bandwidth', '-1'], 'it cannot be negative: -1'),
                (['--peer', f'eu-west-1={wire}', '--peer-ca', '/etc/passwd'], 'there is no certificate in it'),
                (['--peer', f'eu-west-1={wire}', '--peer-ca', '/no/ca.pem'], '--peer-ca /no/ca.pem: the file cannot'),
                (['--peer', f'eu-west-1={wire}', '--peer-ca', '/tmp'], '--peer-ca /tmp: that is no file')):
            self.here.arguments = ['--test-hooks', *arguments]
            with self.subTest(arguments=arguments), self.assertRaisesRegex(RuntimeError, text) as raised:
                self.here.start()
            if 'secret' in arguments[1]:
                self.assertNotIn('user:secret', str(raised.exception).split('did not get ready')[1])
        self.here.arguments = options

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


if __name__ == '__main__':
    unittest.main()
