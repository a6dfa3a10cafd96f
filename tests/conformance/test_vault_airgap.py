"""AWS Backup: logically air-gapped vaults. Requests that the SDK here does not know go by the own signer."""

import datetime
import json
import random
import re
import sys
import time
import unittest
import urllib.parse

from botocore.exceptions import ClientError

from case import load, scan_all, unique, wait_active, wait_gone
from iam_case import document, table_arn
from test_peers import ITEMS as PEER_ITEMS, PeerCase
from test_recover import RecoverCase
from test_vault_copies import FAR, ITEMS, WORK, arn_of, by_key, ended
from test_vault_time import DAY, ROLE, VAULT, OwnVault, statuses_in
from vault_case import TRUST, VaultCase, vault_arn, wait_job
import server

ROUTES = json.loads((server.ROOT / 'models/backup.json').read_text())['rest']
AIR_GAPPED = 'LOGICALLY_AIR_GAPPED_BACKUP_VAULT'


def ask(endpoint, operation, keys=None, **members):
    """The answer to a request of AWS Backup, whatever it is."""
    method, path = ROUTES[operation]['http'].split()
    named = {name for name in re.findall(r'{(\w+)}', path)}
    path = re.sub(r'{(\w+)}', lambda part: urllib.parse.quote(members[part.group(1)], safe=''), path)
    rest = {name: value for name, value in members.items() if name not in named}
    query = {name: rest.pop(member) for name, member in ROUTES[operation].get('query', {}).items() if member in rest}
    if query:
        path += '?' + urllib.parse.urlencode(sorted(query.items()))
    body = json.dumps(rest).encode() if method in ('PUT', 'POST') else b''
    headers = endpoint.sign(body, {'Host': endpoint.host}, method=method, path=path, service='backup', **(keys or {}))
    return endpoint.send(body, headers, method=method, path=path)


def told(endpoint, operation, keys=None, **members):
    """What it answers when it succeeds."""
    answer = ask(endpoint, operation, keys, **members)
    if answer.status != 200:
        raise AssertionError(f'{operation}: {answer}')
    return answer.json if answer.body else {}


def let(actions, principal, effect='Allow'):
    """A vault's access policy."""
    return document({'Effect': effect, 'Principal': principal, 'Action': actions, 'Resource': '*'})


def create(endpoint, name, least=7, most=100, **more):
    return told(endpoint, 'CreateLogicallyAirGappedBackupVault', BackupVaultName=name, MinRetentionDays=least,
                MaxRetentionDays=most, **more)


class AirGapCase(VaultCase):
    def setUp(self):
        super().setUp()
        self.near, self.role = self.vault(), self.service_role(WORK)

    def air_gapped(self, **more):
        """The name of a new one, which stays."""
        name = unique('gap')
        create(self.server, name, **more)
        return name

    def filled(self):
        name = self.table()
        load(self.db, name, ITEMS)
        return name

    def copy(self, point, vault, **more):
        return self.backup.start_copy_job(**{
            'RecoveryPointArn': point, 'SourceBackupVaultName': self.near, 'IamRoleArn': self.role,
            'DestinationBackupVaultArn': vault_arn(vault), 'Lifecycle': {'DeleteAfterDays': 7}, **more})

    def copied(self, table, vault, **more):
        """The ARN of a copy in that vault."""
        point = self.point(self.near, table_arn(table), self.role)
        return ended(self.backup, self.copy(point, vault, **more))['DestinationRecoveryPointArn']

    def restored(self, point, backup=None, db=None, role=None):
        target, db = unique(), db or self.db
        self.addCleanup(db.delete_table, TableName=target)
        job = (backup or self.backup).start_restore_job(RecoveryPointArn=point, IamRoleArn=role or self.role,
                                                        Metadata={'targetTableName': target})
        wait_job((backup or self.backup).describe_restore_job, 'COMPLETED', RestoreJobId=job['RestoreJobId'])
        self.assertNotIn('SSEDescription', db.describe_table(TableName=target)['Table'])
        return by_key(scan_all(db, target))

    def assertRefuses(self, code, text, operation, **members):
        answer = ask(self.server, operation, **members)
        self.assertEqual((answer.headers.get('x-amzn-errortype'), answer.status), (code, 400), answer)
        self.assertIn(text, answer.message)


class Vaults(AirGapCase):
    def test_what_is_told_of_one(self):
        name = unique('gap')
        made = create(self.server, name, 7, 30, BackupVaultTags={'stage': 'last'}, CreatorRequestId='once')
        self.assertEqual((made['BackupVaultName'], made['BackupVaultArn'], made['VaultState']),
                         (name, vault_arn(name), 'AVAILABLE'))
        vault = told(self.server, 'DescribeBackupVault', BackupVaultName=name)
        self.assertEqual(
            {key: vault.get(key) for key in ('VaultType', 'VaultState', 'Locked', 'MinRetentionDays',
                                             'MaxRetentionDays', 'EncryptionKeyType', 'CreatorRequestId')},
            {'VaultType': AIR_GAPPED, 'VaultState': 'AVAILABLE', 'Locked': True, 'MinRetentionDays': 7,
             'MaxRetentionDays': 30, 'EncryptionKeyType': 'AWS_OWNED_KMS_KEY', 'CreatorRequestId': 'once'})
        self.assertEqual(vault['LockDate'], vault['CreationDate'])
        self.assertNotIn('EncryptionKeyArn', vault)
        self.assertEqual(self.backup.list_tags(ResourceArn=vault_arn(name))['Tags'], {'stage': 'last'})
        for kind, expected in ((AIR_GAPPED, True), ('BACKUP_VAULT', False), ('RESTORE_ACCESS_BACKUP_VAULT', False)):
            listed = told(self.server, 'ListBackupVaults', ByVaultType=kind)['BackupVaultList']
            self.assertEqual(name in [one['BackupVaultName'] for one in listed], expected, kind)
            self.assertEqual({one['VaultType'] for one in listed} - {kind}, set())
        self.assertIn(name, [one['BackupVaultName'] for one in self.backup.list_backup_vaults()['BackupVaultList']])
        self.assertEqual(told(self.server, 'ListBackupVaults', ByShared='true')['BackupVaultList'], [])
        # The same request again is the same vault; another one is none.
        again = create(self.server, name, 7, 30, BackupVaultTags={'stage': 'last'}, CreatorRequestId='once')
        self.assertEqual(again, made)
        for other in ({'MinRetentionDays': 8}, {'MaxRetentionDays': 31}, {'CreatorRequestId': 'twice'},
                      {'BackupVaultTags': {}}):
            self.assertRefuses('AlreadyExistsException', 'already exists', 'CreateLogicallyAirGappedBackupVault', **{
                'BackupVaultName': name, 'MinRetentionDays': 7, 'MaxRetentionDays': 30, 'CreatorRequestId': 'once',
                'BackupVaultTags': {'stage': 'last'}, **other})
        self.assertBackupFails('AlreadyExistsException', 'already exists', self.backup.create_backup_vault,
                               BackupVaultName=name)
        self.backup.delete_backup_vault(BackupVaultName=name)
        self.assertBackupFails('ResourceNotFoundException', 'does not exist', self.backup.describe_backup_vault,
                               BackupVaultName=name)

    def test_what_it_needs(self):
        name = unique('gap')
        for days, text in (((6, 30), 'at least 7 days'), ((30, 29), 'cannot be greater'),
                           ((7, 36501), 'cannot exceed')):
            self.assertRefuses('InvalidParameterValueException', text, 'CreateLogicallyAirGappedBackupVault',
                               BackupVaultName=name, MinRetentionDays=days[0], MaxRetentionDays=days[1])
        for given in ('MinRetentionDays', 'MaxRetentionDays'):
            answer = ask(self.server, 'CreateLogicallyAirGappedBackupVault', BackupVaultName=name, **{given: 9})
            self.assertEqual(answer.headers.get('x-amzn-errortype'), 'MissingParameterValueException')
        self.assertBackupFails('ResourceNotFoundException', 'does not exist', self.backup.describe_backup_vault,
                               BackupVaultName=name)

    def test_nothing_takes_out_what_is_in_it(self):
        name, table = self.air_gapped(), self.filled()
        copy = self.copied(table, name, Lifecycle={'DeleteAfterDays': 30})
        locked = 'InvalidRequestException'
        of_point = {'BackupVaultName': name, 'RecoveryPointArn': copy}
        for code, text, call, members in (
                (locked, 'is locked', self.backup.delete_recovery_point, of_point),
                (locked, 'is locked', self.backup.update_recovery_point_lifecycle,
                 {**of_point, 'Lifecycle': {'DeleteAfterDays': 29}}),
                ('InvalidParameterValueException', 'not within the range', self.backup.update_recovery_point_lifecycle,
                 {**of_point, 'Lifecycle': {'DeleteAfterDays': 101}}),
                (locked, 'immutable and cannot be modified', self.backup.put_backup_vault_lock_configuration,
                 {'BackupVaultName': name, 'MinRetentionDays': 1}),
                (locked, 'immutable and cannot be deleted', self.backup.delete_backup_vault_lock_configuration,
                 {'BackupVaultName': name}),
                (locked, 'contains recovery points', self.backup.delete_backup_vault, {'BackupVaultName': name})):
            self.assertBackupFails(code, text, call, **members)
        with self.assertRaises(ClientError):
            self.db.delete_backup(BackupArn=copy)
        self.backup.update_recovery_point_lifecycle(**of_point, Lifecycle={'DeleteAfterDays': 60})  # longer
        self.db.delete_table(TableName=table)
        wait_gone(self.db, table)
        self.assertEqual(self.restored(copy), by_key(ITEMS))

    def test_lives_outside_its_bounds_do_not_come_in(self):
        name, table = self.air_gapped(least=10, most=20), self.filled()
        point = self.point(self.near, table_arn(table), self.role)
        for life in ({'DeleteAfterDays': 9}, {'DeleteAfterDays': 21}, {}):
            job = ended(self.backup, self.copy(point, name, Lifecycle=life), 'FAILED')
            self.assertIn('not within the range', job['StatusMessage'])
        self.assertEqual(self.points(name), [])

    def test_policy_tags_and_notifications(self):
        name = self.air_gapped()
        policy = let('backup:DeleteBackupVault', '*', 'Deny')
        self.backup.put_backup_vault_access_policy(BackupVaultName=name, Policy=policy)
        self.assertBackupFails('AccessDeniedException', 'explicit deny', self.backup.delete_backup_vault, status=403,
                               BackupVaultName=name)
        self.backup.delete_backup_vault_access_policy(BackupVaultName=name)
        self.backup.tag_resource(ResourceArn=vault_arn(name), Tags={'a': 'b'})
        self.assertEqual(self.backup.list_tags(ResourceArn=vault_arn(name))['Tags'], {'a': 'b'})
        self.backup.put_backup_vault_notifications(BackupVaultName=name, BackupVaultEvents=['RESTORE_JOB_COMPLETED'],
                                                   SNSTopicArn='arn:aws:sns:us-east-1:123456789012:t')
        self.backup.delete_backup_vault(BackupVaultName=name)

    def test_a_framework_sees_it(self):
        name, table = self.air_gapped(), self.filled()
        framework = 'f' + unique('').replace('-', '_')
        self.backup.create_framework(FrameworkName=framework, FrameworkControls=[{
            'ControlName': 'RESOURCES_IN_LOGICALLY_AIR_GAPPED_VAULT', 'ControlInputParameters': [
                {'ParameterName': 'recoveryPointAgeUnit', 'ParameterValue': 'hours'},
                {'ParameterName': 'recoveryPointAgeValue', 'ParameterValue': '2'}],
            'ControlScope': {'ComplianceResourceIds': [table]}}])
        self.addCleanup(self.backup.delete_framework, FrameworkName=framework)

        def finding():
            [control] = told(self.server, 'DescribeFramework', FrameworkName=framework)['Compliance']
            return control
        self.point(self.near, table_arn(table), self.role)
        self.assertIn('in a logically air-gapped vault: copy one there', json.dumps(finding()))
        self.copied(table, name)
        self.assertEqual(finding()['Status'], 'COMPLIANT')


class Keys(AirGapCase):
    def test_no_key_of_the_account_is_needed_in_there(self):
        kms = self.server.client('kms')
        key = kms.create_key()['KeyMetadata']['KeyId']
        table = self.filled()
        self.db.update_table(TableName=table, SSESpecification={
            'Enabled': True, 'SSEType': 'KMS', 'KMSMasterKeyId': key})
        wait_active(self.db, table)
        keys = {one['KeyId'] for one in kms.list_keys(Limit=1000)['Keys']}
        name = self.air_gapped()
        copy = self.copied(table, name)
        described = told(self.server, 'DescribeRecoveryPoint', BackupVaultName=name, RecoveryPointArn=copy)
        self.assertEqual((described['EncryptionKeyType'], described['VaultType'], described['IsEncrypted']),
                         ('AWS_OWNED_KMS_KEY', AIR_GAPPED, True))
        self.assertNotIn('EncryptionKeyArn', described)
        # There is none that the account knows of; all that it knows of is disabled and to be deleted.
        self.assertEqual({one['KeyId'] for one in kms.list_keys(Limit=1000)['Keys']}, keys)
        source = told(self.server, 'DescribeRecoveryPoint', BackupVaultName=self.near,
                      RecoveryPointArn=self.points(self.near)[0]['RecoveryPointArn'])
        self.assertTrue(source['EncryptionKeyArn'].endswith(key))
        kms.schedule_key_deletion(KeyId=key, PendingWindowInDays=7)
        self.addCleanup(kms.cancel_key_deletion, KeyId=key)
        job = self.backup.start_restore_job(RecoveryPointArn=source['RecoveryPointArn'], IamRoleArn=self.role,
                                            Metadata={'targetTableName': unique()})
        wait_job(self.backup.describe_restore_job, 'FAILED', RestoreJobId=job['RestoreJobId'])
        self.assertEqual(self.restored(copy), by_key(ITEMS))
        target = unique()
        self.addCleanup(self.db.delete_table, TableName=target)
        self.db.restore_table_from_backup(BackupArn=copy, TargetTableName=target)
        wait_active(self.db, target)
        self.assertNotIn('SSEDescription', self.db.describe_table(TableName=target)['Table'])

    def test_a_key_of_ones_own(self):
        kms = self.server.client('kms')
        key = kms.create_key()['KeyMetadata']
        name, table = self.air_gapped(EncryptionKeyArn=key['Arn']), self.filled()
        vault = told(self.server, 'DescribeBackupVault', BackupVaultName=name)
        self.assertEqual((vault['EncryptionKeyType'], vault['EncryptionKeyArn']),
                         ('CUSTOMER_MANAGED_KMS_KEY', key['Arn']))
        copy = self.copied(table, name)
        kms.disable_key(KeyId=key['KeyId'])
        job = self.backup.start_restore_job(RecoveryPointArn=copy, IamRoleArn=self.role,
                                            Metadata={'targetTableName': unique()})
        wait_job(self.backup.describe_restore_job, 'FAILED', RestoreJobId=job['RestoreJobId'])
        kms.enable_key(KeyId=key['KeyId'])
        self.assertEqual(self.restored(copy), by_key(ITEMS))


class PrimaryBackups(AirGapCase):
    def begun(self, table, name, **more):
        return told(self.server, 'StartBackupJob', BackupVaultName=self.near, ResourceArn=table_arn(table),
                    IamRoleArn=self.role, LogicallyAirGappedBackupVaultArn=vault_arn(name), **more)

    def test_a_backup_for_it_is_moved_there(self):
        name, table = self.air_gapped(), self.filled()
        job = self.finished(self.begun(table, name, Lifecycle={'DeleteAfterDays': 20}, RecoveryPointTags={'a': 'b'}))
        self.assertEqual(job['BackupVaultName'], self.near)
        self.wait_empty(self.near)
        [point] = self.points(name)
        self.assertEqual((point['Status'], point['Lifecycle'], point['ResourceArn'], point['SourceBackupVaultArn']),
                         ('COMPLETED', {'DeleteAfterDays': 20}, table_arn(table), vault_arn(self.near)))
        self.assertEqual(self.backup.list_tags(ResourceArn=point['RecoveryPointArn'])['Tags'], {'a': 'b'})
        self.assertEqual(self.restored(point['RecoveryPointArn']), by_key(ITEMS))
        [copy] = [one for one in told(self.server, 'ListCopyJobs', ByDestinationVaultArn=vault_arn(name))['CopyJobs']]
        self.assertEqual((copy['DestinationVaultType'], copy['State']), (AIR_GAPPED, 'COMPLETED'))
        self.assertNotIn('DestinationEncryptionKeyArn', copy)

    def test_in_a_locked_vault_it_stays(self):
        name, table = self.air_gapped(), self.filled()
        self.backup.put_backup_vault_lock_configuration(BackupVaultName=self.near, MinRetentionDays=1)
        for count in (1, 2):  # by the end of the second one the first would be gone
            self.finished(self.begun(table, name, Lifecycle={'DeleteAfterDays': 20}))
            deadline = time.monotonic() + 240
            while [one['Status'] for one in self.points(name)] != ['COMPLETED'] * count:
                self.assertLess(time.monotonic(), deadline)
                time.sleep(0.02)
        point, other = told(self.server, 'ListRecoveryPointsByBackupVault', BackupVaultName=self.near)['RecoveryPoints']
        self.assertEqual(point['Lifecycle'], {'DeleteAfterDays': 20, 'DeleteAfterEvent': 'DELETE_AFTER_COPY'})
        self.assertEqual((point['Status'], other['Status']), ('COMPLETED', 'COMPLETED'))
        self.backup.delete_backup_vault_lock_configuration(BackupVaultName=self.near)
        self.wait_empty(self.near)

    def test_what_is_refused(self):
        name, table = self.air_gapped(), self.filled()
        self.assertBackupFails('InvalidRequestException', 'is logically air-gapped', self.start, vault=name,
                               table_arn=table_arn(table), role=self.role)
        for wrong in (vault_arn(self.near), vault_arn('absent'), arn_of(name), 'x'):
            self.assertRefuses('InvalidParameterValueException', 'not the ARN of a logically air-gapped vault',
                               'StartBackupJob', BackupVaultName=self.near, ResourceArn=table_arn(table),
                               IamRoleArn=self.role, LogicallyAirGappedBackupVaultArn=wrong)
        job = self.finished(self.begun(table, name), 'FAILED')
        self.assertIn('not within the range', job['StatusMessage'])
        self.assertEqual(self.points(self.near) + self.points(name), [])


class Shared(AirGapCase):
    """Another account of the server, which the vault's access policy lets in."""

    def setUp(self):
        super().setUp()
        made = self.server.call('CreateAccount', {'Name': unique('other')}, target='Tidemark_20261101.').json
        self.account = made['AccountId']
        self.keys = {'access_key': made['AccessKeyId'], 'secret_key': made['SecretAccessKey']}
        self.theirs, self.their_db = (self.server.client(name, **self.keys) for name in ('backup', 'dynamodb'))
        iam = self.server.client('iam', **self.keys)
        iam.create_role(RoleName='keeper', AssumeRolePolicyDocument=TRUST)
        iam.put_role_policy(RoleName='keeper', PolicyName='p', PolicyDocument=WORK)
        self.their_role = f'arn:aws:iam::{self.account}:role/keeper'
        self.name, self.name_of_table = self.air_gapped(), self.filled()
        self.copy_arn = self.copied(self.name_of_table, self.name)

    def let_in(self, *actions, vault=None):
        policy = let(actions, {'AWS': f'arn:aws:iam::{self.account}:root'})
        self.backup.put_backup_vault_access_policy(BackupVaultName=vault or self.name, Policy=policy)

    def look(self, operation, **members):
        return ask(self.server, operation, self.keys, BackupVaultAccountId=server.ACCOUNT,
                   BackupVaultName=self.name, **members)

    def test_who_is_let_in_looks_and_restores(self):
        of_point = {'RecoveryPointArn': self.copy_arn}
        looks = (('DescribeBackupVault', {}), ('ListRecoveryPointsByBackupVault', {}),
                 ('DescribeRecoveryPoint', of_point), ('GetRecoveryPointRestoreMetadata', of_point),
                 ('ListProtectedResourcesByBackupVault', {}))
        restore = {'RecoveryPointArn': self.copy_arn, 'IamRoleArn': self.their_role,
                   'Metadata': {'targetTableName': 'Back'}}

        def assert_shut_out():
            for operation, members in looks:
                answer = self.look(operation, **members)
                self.assertEqual((answer.status, answer.message),
                                 (403, 'Insufficient privileges to perform this action.'), operation)
            self.assertBackupFails('AccessDeniedException', 'Insufficient', self.theirs.start_restore_job, status=403,
                                   **restore)
            self.assertEqual(told(self.server, 'ListBackupVaults', self.keys, ByShared='true')['BackupVaultList'], [])
        assert_shut_out()
        self.let_in('backup:List*', 'backup:Describe*', 'backup:GetRecoveryPointRestoreMetadata',
                    'backup:StartRestoreJob')
        for operation, members in looks:
            self.assertEqual(self.look(operation, **members).status, 200, operation)
        [point] = self.look('ListRecoveryPointsByBackupVault').json['RecoveryPoints']
        self.assertEqual((point['RecoveryPointArn'], point['VaultType']), (self.copy_arn, AIR_GAPPED))
        [vault] = told(self.server, 'ListBackupVaults', self.keys, ByShared='true')['BackupVaultList']
        self.assertEqual((vault['BackupVaultArn'], vault['NumberOfRecoveryPoints']), (vault_arn(self.name), 1))
        self.assertEqual(told(self.server, 'ListBackupVaults', self.keys)['BackupVaultList'], [])
        self.assertEqual(self.restored(self.copy_arn, self.theirs, self.their_db, self.their_role), by_key(ITEMS))
        [job] = self.theirs.list_restore_jobs()['RestoreJobs']
        self.assertEqual(told(self.server, 'DescribeRestoreJob', self.keys, RestoreJobId=job['RestoreJobId'])[
            'BackupVaultArn'], vault_arn(self.name))
        self.assertIn('LastRestoreTime', self.backup.describe_recovery_point(
            BackupVaultName=self.name, RecoveryPointArn=self.copy_arn))
        # They look and restore, no more.
        for call, members in ((self.theirs.delete_recovery_point, {'RecoveryPointArn': self.copy_arn}),
                              (self.theirs.delete_backup_vault, {}), (self.theirs.get_backup_vault_access_policy, {})):
            with self.assertRaises(ClientError):
                call(BackupVaultName=self.name, **members)
        self.backup.delete_backup_vault_access_policy(BackupVaultName=self.name)
        assert_shut_out()

    def test_who_is_let_in_takes_a_copy(self):
        self.theirs.create_backup_vault(BackupVaultName='own')
        request = {'RecoveryPointArn': self.copy_arn, 'SourceBackupVaultName': self.name, 'IamRoleArn': self.their_role,
                   'DestinationBackupVaultArn': arn_of('own', server.REGION, self.account)}
        self.assertBackupFails('AccessDeniedException', 'Insufficient', self.theirs.start_copy_job, status=403,
                               **request)
        self.let_in('backup:StartCopyJob')
        job = ended(self.theirs, self.theirs.start_copy_job(**request), 'FAILED')
        self.assertIn('backup:CopyFromBackupVault', job['StatusMessage'])
        self.let_in('backup:StartCopyJob', 'backup:CopyFromBackupVault')
        job = ended(self.theirs, self.theirs.start_copy_job(**request))
        self.assertEqual((job['AccountId'], job['SourceBackupVaultArn']), (self.account, vault_arn(self.name)))
        copy = job['DestinationRecoveryPointArn']
        self.assertEqual(copy.split(':')[4], self.account)
        self.assertEqual(self.restored(copy, self.theirs, self.their_db, self.their_role), by_key(ITEMS))

    def test_the_owners_log_tells_who_took_from_it(self):
        self.theirs.create_backup_vault(BackupVaultName='own')
        request = {'RecoveryPointArn': self.copy_arn, 'SourceBackupVaultName': self.name, 'IamRoleArn': self.their_role,
                   'DestinationBackupVaultArn': arn_of('own', server.REGION, self.account)}

        def in_logs(operation):
            return [[(one['PrincipalArn'], one['Resource'], one.get('AccessKeyId', '')) for one in self.server.call(
                'LookupEvents', {'EventName': operation}, target='Tidemark_20261101.', **keys).json['Events']
                if one['Resource'] == self.copy_arn and 'ErrorCode' not in one
                and one['PrincipalArn'].split(':')[4] == self.account] for keys in ({}, self.keys)]

        with self.assertRaises(ClientError):
            self.theirs.start_copy_job(**request)
        self.assertEqual(in_logs('StartCopyJob'), [[], []])
        self.let_in('backup:StartCopyJob', 'backup:CopyFromBackupVault', 'backup:StartRestoreJob')
        ended(self.theirs, self.theirs.start_copy_job(**request))
        self.restored(self.copy_arn, self.theirs, self.their_db, self.their_role)
        root = f'arn:aws:iam::{self.account}:root'
        for operation in ('StartCopyJob', 'StartRestoreJob'):
            self.assertEqual(in_logs(operation), [[(root, self.copy_arn, '')],
                                                  [(root, self.copy_arn, self.keys['access_key'])]], operation)
        # And who has read it, by the policies of vault and table.
        table = table_arn(self.name_of_table)
        self.let_in('tidemark:ReadBackup')
        put = self.server.call('PutResourcePolicy', {'ResourceArn': table, 'Policy': document({
            'Effect': 'Allow', 'Principal': {'AWS': root}, 'Action': 'dynamodb:GetItem', 'Resource': table})})
        self.assertEqual(put.status, 200, put)
        get = {'TableName': table, 'Key': {'pk': {'S': 'k007'}}}
        answer = self.server.call('GetItem', get, headers={'X-Tidemark-From-Backup': self.copy_arn}, **self.keys)
        self.assertEqual(answer.json, {'Item': next(item for item in ITEMS if item['pk'] == get['Key']['pk'])})
        self.assertEqual(in_logs('GetItem'), [[(root, self.copy_arn, '')],
                                              [(root, self.copy_arn, self.keys['access_key'])]])
        # Nobody writes into its log by naming what is the owner's, nor hides by naming something else.
        self.assertEqual(self.server.call('ListTables', {'BackupArn': self.copy_arn}, **self.keys).status, 200)
        self.assertEqual(in_logs('ListTables')[0], [])
        self.let_in('backup:StartCopyJob', 'backup:CopyFromBackupVault')
        told(self.server, 'StartCopyJob', self.keys, **request, TableName='x')
        self.assertEqual(len(in_logs('StartCopyJob')[0]), 2)

    def test_a_plain_vault_is_never_shared(self):
        point = self.point(self.near, table_arn(self.name_of_table), self.role)
        self.let_in('backup:*', vault=self.near)
        answer = ask(self.server, 'ListRecoveryPointsByBackupVault', self.keys, BackupVaultAccountId=server.ACCOUNT,
                     BackupVaultName=self.near)
        self.assertEqual(answer.status, 403)
        self.assertBackupFails('AccessDeniedException', 'Insufficient', self.theirs.start_restore_job, status=403,
                               RecoveryPointArn=point, IamRoleArn=self.their_role,
                               Metadata={'targetTableName': 'Back'})
        # Nor are its points read, even by who may read the table.
        self.let_in('tidemark:ReadBackup', vault=self.near)
        table = table_arn(self.name_of_table)
        put = self.server.call('PutResourcePolicy', {'ResourceArn': table, 'Policy': document({
            'Effect': 'Allow', 'Principal': {'AWS': f'arn:aws:iam::{self.account}:root'}, 'Action': 'dynamodb:GetItem',
            'Resource': table})})
        self.assertEqual(put.status, 200, put)
        get = {'TableName': table, 'Key': {'pk': {'S': 'k007'}}}
        self.assertEqual(self.server.call('GetItem', get, **self.keys).status, 200)
        answer = self.server.call('GetItem', get, headers={'X-Tidemark-From-Backup': point}, **self.keys)
        self.assertEqual((answer.status, answer.code), (400, 'AccessDeniedException'), answer)

    def test_who_is_let_in_restores_before_it_reads(self):
        self.let_in('*')
        answer = self.server.call('GetItem', {'TableName': self.name_of_table, 'Key': {'pk': {'S': 'k007'}}},
                                  headers={'X-Tidemark-From-Backup': self.copy_arn}, **self.keys)
        self.assertEqual(answer.code, 'BackupNotFoundException', answer)

    def test_another_account_copies_into_it(self):
        self.backup.update_global_settings(GlobalSettings={'isCrossAccountBackupEnabled': 'true'})
        self.addCleanup(self.backup.update_global_settings, GlobalSettings={'isCrossAccountBackupEnabled': 'false'})
        self.let_in('backup:CopyIntoBackupVault')
        self.their_db.create_table(TableName='Theirs', BillingMode='PAY_PER_REQUEST',
                                   KeySchema=[{'AttributeName': 'pk', 'KeyType': 'HASH'}],
                                   AttributeDefinitions=[{'AttributeName': 'pk', 'AttributeType': 'S'}])
        wait_active(self.their_db, 'Theirs')
        self.theirs.create_backup_vault(BackupVaultName='own')
        made = self.theirs.start_backup_job(
            BackupVaultName='own', IamRoleArn=self.their_role,
            ResourceArn=f'arn:aws:dynamodb:{server.REGION}:{self.account}:table/Theirs')
        point = wait_job(self.theirs.describe_backup_job, 'COMPLETED', BackupJobId=made['BackupJobId'])
        job = self.theirs.start_copy_job(
            RecoveryPointArn=point['RecoveryPointArn'], SourceBackupVaultName='own', IamRoleArn=self.their_role,
            DestinationBackupVaultArn=vault_arn(self.name), Lifecycle={'DeleteAfterDays': 9})
        self.assertIn(f':{server.ACCOUNT}:', ended(self.theirs, job)['DestinationRecoveryPointArn'])
        self.assertEqual(len(self.points(self.name)), 2)


class OwnAirGap(OwnVault):
    """A server of its own with an air-gapped vault, `gap`."""

    def setUp(self):
        super().setUp()
        self.iam.put_role_policy(RoleName='keeper', PolicyName='p', PolicyDocument=WORK)
        load(self.db, 'Kept', ITEMS)
        create(self.server, 'gap', 7, 400)

    def copies(self):
        return statuses_in(self.backup, 'gap')

    def copy(self, point, **life):
        job = self.backup.start_copy_job(RecoveryPointArn=point, SourceBackupVaultName=VAULT, IamRoleArn=ROLE,
                                         DestinationBackupVaultArn=vault_arn('gap'), Lifecycle=life)
        return ended(self.backup, job)['DestinationRecoveryPointArn']

    def restored(self, point):
        self.backup.start_restore_job(RecoveryPointArn=point, IamRoleArn=ROLE, Metadata={'targetTableName': 'Back'})
        wait_active(self.db, 'Back')
        items = by_key(scan_all(self.db, 'Back'))
        self.db.delete_table(TableName='Back')
        wait_gone(self.db, 'Back')
        return items


class Time(OwnAirGap):
    def test_it_holds_for_a_year(self):
        """Whatever everybody tries; then it ends, without a role."""
        copy = self.copy(self.point(), DeleteAfterDays=365)
        acts = ((self.backup.delete_recovery_point, {'RecoveryPointArn': copy}),
                (self.backup.update_recovery_point_lifecycle,
                 {'RecoveryPointArn': copy, 'Lifecycle': {'DeleteAfterDays': 364}}),
                (self.backup.put_backup_vault_lock_configuration, {'MinRetentionDays': 1}),
                (self.backup.delete_backup_vault_lock_configuration, {}), (self.backup.delete_backup_vault, {}))
        self.iam.delete_role_policy(RoleName='keeper', PolicyName='p')
        for _ in range(12):
            self.server.advance(30 * DAY)
            for call, members in acts:
                with self.assertRaises(ClientError) as raised:
                    call(BackupVaultName='gap', **members)
                self.assertEqual(raised.exception.response['Error']['Code'], 'InvalidRequestException')
            with self.assertRaises(ClientError):
                self.db.delete_backup(BackupArn=copy)
            self.assertEqual(self.copies(), {copy: 'COMPLETED'})
        self.server.advance(5 * DAY + 60)
        self.wait_points({}, self.copies)
        self.assertNotIn(copy, self.backups())
        self.backup.delete_backup_vault(BackupVaultName='gap')

    def test_a_restart_takes_nothing_away(self):
        """Its clock is the real one again: earlier than the lock."""
        copy = self.copy(self.point(), DeleteAfterDays=7)
        self.server.advance(6 * DAY)
        self.server.restart(crash=True)
        self.connect()
        for call in (self.backup.delete_backup_vault_lock_configuration, self.backup.delete_backup_vault):
            with self.assertRaises(ClientError):
                call(BackupVaultName='gap')
        with self.assertRaises(ClientError):
            self.backup.delete_recovery_point(BackupVaultName='gap', RecoveryPointArn=copy)
        self.assertEqual(self.restored(copy), by_key(ITEMS))

    def test_in_cold_storage_it_needs_no_key_either(self):
        copy = self.copy(self.point(), MoveToColdStorageAfterDays=1, DeleteAfterDays=100)
        self.server.advance(DAY + 1)
        deadline = time.monotonic() + 240
        of_copy = {'BackupVaultName': 'gap', 'RecoveryPointArn': copy}
        while self.backup.describe_recovery_point(**of_copy)['StorageClass'] != 'COLD':
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.05)
        self.assertEqual(self.restored(copy), by_key(ITEMS))

    def test_plans(self):
        soon = datetime.datetime.fromtimestamp(self.server.advance(0) + 7200, datetime.timezone.utc)
        rule = {'RuleName': 'daily', 'TargetBackupVaultName': VAULT, 'Lifecycle': {'DeleteAfterDays': 30},
                'TargetLogicallyAirGappedBackupVaultArn': vault_arn('gap'),
                'ScheduleExpression': f'cron(0 {soon.hour} ? * * *)'}
        document_of_plan = {'BackupPlanName': 'p', 'Rules': [rule]}
        plan = told(self.server, 'CreateBackupPlan', BackupPlan=document_of_plan)['BackupPlanId']
        [shown] = told(self.server, 'GetBackupPlan', BackupPlanId=plan)['BackupPlan']['Rules']
        self.assertEqual(shown['TargetLogicallyAirGappedBackupVaultArn'], vault_arn('gap'))
        self.backup.create_backup_selection(BackupPlanId=plan, BackupSelection={
            'SelectionName': 's', 'IamRoleArn': ROLE, 'Resources': ['*']})
        self.server.advance(7200)
        deadline = time.monotonic() + 240
        while list(self.copies().values()) != ['COMPLETED'] or self.points():
            self.assertLess(time.monotonic(), deadline, (self.copies(), self.points()))
            time.sleep(0.05)
        wrong = ask(self.server, 'CreateBackupPlan', BackupPlan={'BackupPlanName': 'q', 'Rules': [
            {**rule, 'TargetLogicallyAirGappedBackupVaultArn': 'x'}]})
        self.assertEqual(wrong.headers['x-amzn-errortype'], 'InvalidParameterValueException')


class Crashes(OwnAirGap):
    """Killed a random moment after each request: each backup is in the air-gapped vault, once, and nowhere else."""

    ROUNDS = 8

    def test_backups_for_it(self):
        seed = random.randrange(sys.maxsize)
        print(f'{self.id()}: seed {seed}', file=sys.stderr)
        moments = random.Random(seed)
        for number in range(self.ROUNDS):
            told(self.server, 'StartBackupJob', BackupVaultName=VAULT, ResourceArn=table_arn('Kept'), IamRoleArn=ROLE,
                 Lifecycle={'DeleteAfterDays': 30}, LogicallyAirGappedBackupVaultArn=vault_arn('gap'))
            time.sleep(moments.random() * 0.08)
            self.server.restart(crash=True)
            self.connect()
            deadline = time.monotonic() + 240
            while len(self.copies()) <= number or self.points() or set(self.copies().values()) != {'COMPLETED'}:
                self.assertLess(time.monotonic(), deadline, (self.copies(), self.points()))
                time.sleep(0.02)
        self.assertEqual(len(self.copies()), self.ROUNDS)
        self.assertEqual(self.backups(), set(self.copies()))
        self.assertEqual(self.restored(moments.choice(list(self.copies()))), by_key(ITEMS))


class InTheStore(RecoverCase):
    def test_a_lost_server_has_its_key_again(self):
        running = self.begin()
        db, backup, iam = (running.client(name) for name in ('dynamodb', 'backup', 'iam'))
        table = self.make_table(db)
        items = scan_all(db, table)
        iam.create_role(RoleName='keeper', AssumeRolePolicyDocument=TRUST)
        iam.put_role_policy(RoleName='keeper', PolicyName='p', PolicyDocument=WORK)
        backup.create_backup_vault(BackupVaultName=VAULT)
        create(running, 'gap')
        job = backup.start_backup_job(BackupVaultName=VAULT, ResourceArn=table_arn(table), IamRoleArn=ROLE)
        point = wait_job(backup.describe_backup_job, 'COMPLETED', BackupJobId=job['BackupJobId'])['RecoveryPointArn']
        job = backup.start_copy_job(RecoveryPointArn=point, SourceBackupVaultName=VAULT, IamRoleArn=ROLE,
                                    DestinationBackupVaultArn=vault_arn('gap'), Lifecycle={'DeleteAfterDays': 30})
        copy = ended(backup, job)['DestinationRecoveryPointArn']
        for arn in (point, copy):
            self.copied(running, arn)
        key = self.lose(running)
        self.recover_as_json('--root-key', key)
        self.assertRestores(self.begin('new').client(), copy, items)


class FromAnotherServer(PeerCase):
    def test_a_copy_comes_in_and_stays(self):
        there = {'region': FAR}
        told(self.there, 'CreateLogicallyAirGappedBackupVault', there, BackupVaultName='gap', MinRetentionDays=7,
             MaxRetentionDays=30)
        point = self.point()
        self.assertIn('not within the range', self.fails(point, vault='gap'))
        copy = self.copy(point, vault='gap', Lifecycle={'DeleteAfterDays': 7})
        made = told(self.there, 'DescribeRecoveryPoint', there, BackupVaultName='gap', RecoveryPointArn=copy)
        self.assertEqual((made['Status'], made['VaultType'], made['EncryptionKeyType']),
                         ('COMPLETED', AIR_GAPPED, 'AWS_OWNED_KMS_KEY'))
        self.assertNotIn('EncryptionKeyArn', made)
        with self.assertRaises(ClientError):
            self.far.delete_recovery_point(BackupVaultName='gap', RecoveryPointArn=copy)
        self.assertEqual(self.restored(self.far, self.far_db, copy), by_key(PEER_ITEMS))

    def test_what_another_account_shares_is_copied_there(self):
        told(self.there, 'CreateLogicallyAirGappedBackupVault', {'region': FAR}, BackupVaultName='gap',
             MinRetentionDays=7, MaxRetentionDays=30)
        create(self.here, 'shared')
        job = self.backup.start_copy_job(RecoveryPointArn=self.point(), SourceBackupVaultName=VAULT, IamRoleArn=ROLE,
                                         DestinationBackupVaultArn=vault_arn('shared'),
                                         Lifecycle={'DeleteAfterDays': 30})
        point = ended(self.backup, job)['DestinationRecoveryPointArn']
        made = self.here.call('CreateAccount', {'Name': 'other'}, target='Tidemark_20261101.').json
        keys = {'access_key': made['AccessKeyId'], 'secret_key': made['SecretAccessKey']}
        self.role(self.here.client('iam', **keys))
        theirs = self.here.client('backup', **keys)
        self.backup.put_backup_vault_access_policy(BackupVaultName='shared', Policy=let(
            ['backup:StartCopyJob', 'backup:CopyFromBackupVault'], {'AWS': f'arn:aws:iam::{made["AccountId"]}:root'}))
        self.backup.update_global_settings(GlobalSettings={'isCrossAccountBackupEnabled': 'true'})
        job = theirs.start_copy_job(RecoveryPointArn=point, SourceBackupVaultName='shared',
                                    IamRoleArn=f'arn:aws:iam::{made["AccountId"]}:role/keeper',
                                    DestinationBackupVaultArn=arn_of('gap'), Lifecycle={'DeleteAfterDays': 7})
        copy = ended(theirs, job)['DestinationRecoveryPointArn']
        self.assertEqual(self.copies('gap'), {copy: 'COMPLETED'})
        self.assertEqual(self.restored(self.far, self.far_db, copy), by_key(PEER_ITEMS))


if __name__ == '__main__':
    unittest.main()
