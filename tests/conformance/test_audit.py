"""The log of who did what: what is in it, that changes are seen, and that no secret is in any log."""

import base64
import json
import pathlib
import time
import unittest

from botocore.exceptions import ClientError

from case import make_table
from iam_case import document, statement, table_arn
import server
from test_cli import Program
from vault_case import TRUST, vault_arn, wait_job

OURS = 'Tidemark_20261101.'


class AuditLog(Program):
    def setUp(self):
        super().setUp()
        self.running = self.server()
        self.db = self.running.client()
        self.environment = {'AWS_ACCESS_KEY_ID': server.ACCESS_KEY, 'AWS_SECRET_ACCESS_KEY': server.SECRET_KEY,
                            'AWS_DEFAULT_REGION': 'us-east-1', 'TIDEMARK_ENDPOINT': self.running.url}

    def events(self, **query):
        answer = self.running.call('LookupEvents', query, target=OURS)
        self.assertEqual(answer.status, 200, answer)
        return answer.json['Events']

    def user(self):
        iam = self.running.client('iam')
        iam.create_user(UserName='eve')
        return iam.create_access_key(UserName='eve')['AccessKey']

    def test_management_and_refusals_are_told_and_item_calls_are_not(self):
        make_table(self.db, name='Users')
        self.db.put_item(TableName='Users', Item={'pk': {'S': '1'}})
        eve = self.user()
        refused = self.running.call('GetItem', {'TableName': 'Users', 'Key': {'pk': {'S': '1'}}},
                                    access_key=eve['AccessKeyId'], secret_key=eve['SecretAccessKey'])
        self.assertEqual(refused.code, 'AccessDeniedException')
        newest = self.events()[0]
        self.assertEqual((newest['EventName'], newest['ErrorCode'], newest['Resource'], newest['PrincipalArn']),
                         ('GetItem', 'AccessDeniedException', 'Users', f'arn:aws:iam::{server.ACCOUNT}:user/eve'))
        self.assertEqual((newest['SourceIPAddress'], newest['AccessKeyId'], newest['Status']),
                         ('127.0.0.1', eve['AccessKeyId'], 400))
        self.assertEqual(newest['RequestId'], refused.headers['x-amzn-requestid'])
        made = self.events(EventName='CreateTable')[0]
        self.assertEqual((made['Resource'], made['Status'], made['EventSource']), ('Users', 200, 'dynamodb'))
        self.assertNotIn('ErrorCode', made)
        self.assertEqual(self.events(EventName='PutItem'), [])
        key = self.events(EventName='CreateAccessKey')[0]
        self.assertEqual((key['EventSource'], key['Resource']), ('iam', 'eve'))
        self.assertEqual([event['EventName'] for event in self.events(ErrorsOnly=True, Limit=1)], ['GetItem'])

    def test_keys_and_sessions(self):
        kms, sts = self.running.client('kms'), self.running.client('sts')
        key = kms.create_key()['KeyMetadata']['KeyId']
        kms.create_alias(AliasName='alias/mine', TargetKeyId=key)
        blob = kms.encrypt(KeyId=key, Plaintext=b'x')['CiphertextBlob']
        kms.disable_key(KeyId=key)
        with self.assertRaises(kms.exceptions.DisabledException):
            kms.decrypt(CiphertextBlob=blob, KeyId=key)
        eve = self.user()
        client = self.running.client('kms', access_key=eve['AccessKeyId'], secret_key=eve['SecretAccessKey'])
        for call, parameters in ((client.encrypt, {'KeyId': key, 'Plaintext': b'x'}), (client.list_keys, {}),
                                 (client.decrypt, {'CiphertextBlob': blob})):
            with self.assertRaises(ClientError) as raised:
                call(**parameters)
            self.assertEqual(raised.exception.response['Error']['Code'], 'AccessDeniedException')
        sts.get_session_token()
        stranger = self.running.client('kms', access_key='AKIA' + 'X' * 16, secret_key='wrong')
        with self.assertRaises(ClientError):
            stranger.list_keys()
        root, user = f'arn:aws:iam::{server.ACCOUNT}:root', f'arn:aws:iam::{server.ACCOUNT}:user/eve'
        told = [(one['EventSource'], one['EventName'], one['Resource'], one['PrincipalArn'], one.get('ErrorCode'))
                for one in reversed(self.events()) if one['EventSource'] in ('kms', 'sts')]
        # Encrypt is a use of data that was allowed.
        self.assertEqual(told, [
            ('kms', 'CreateKey', '', root, None), ('kms', 'CreateAlias', 'alias/mine', root, None),
            ('kms', 'DisableKey', key, root, None), ('kms', 'Decrypt', key, root, 'DisabledException'),
            ('kms', 'Encrypt', key, user, 'AccessDeniedException'),
            ('kms', 'ListKeys', '', user, 'AccessDeniedException'),
            ('kms', 'Decrypt', '', user, 'AccessDeniedException'), ('sts', 'GetSessionToken', '', root, None)])
        self.assertEnds(0, 'unchanged, and none is missing', 'audit', 'verify', '--data', self.data)
        self.running.restart(crash=True)
        self.assertEqual(self.events(EventName='DisableKey')[0]['Resource'], key)

    def test_what_a_jobs_role_is_refused(self):
        make_table(self.db, name='Users')
        iam, backup = self.running.client('iam'), self.running.client('backup')
        iam.create_role(RoleName='keeper', AssumeRolePolicyDocument=TRUST)
        role, table = f'arn:aws:iam::{server.ACCOUNT}:role/keeper', table_arn('Users')
        for vault in ('vault', 'other'):
            backup.create_backup_vault(BackupVaultName=vault)

        def start():
            return backup.start_backup_job(BackupVaultName='vault', ResourceArn=table, IamRoleArn=role,
                                           Lifecycle={'DeleteAfterDays': 1})['BackupJobId']

        def told(operation):
            return [(one['PrincipalArn'], one['Resource'], one['ErrorCode'], one['RequestId'])
                    for one in self.events(EventName=operation, ErrorsOnly=True)]

        job = start()
        wait_job(backup.describe_backup_job, 'FAILED', BackupJobId=job)
        self.assertEqual(told('StartBackupJob'), [(role, table, 'AccessDenied', job)])
        iam.put_role_policy(RoleName='keeper', PolicyName='p',
                            PolicyDocument=document(statement('dynamodb:CreateBackup')))
        point = wait_job(backup.describe_backup_job, 'COMPLETED', BackupJobId=start())['RecoveryPointArn']
        restore = backup.start_restore_job(RecoveryPointArn=point, IamRoleArn=role,
                                           Metadata={'targetTableName': 'Back'})['RestoreJobId']
        wait_job(backup.describe_restore_job, 'FAILED', RestoreJobId=restore)
        self.assertEqual(told('StartRestoreJob'), [(role, point, 'AccessDenied', restore)])
        copy = backup.start_copy_job(RecoveryPointArn=point, SourceBackupVaultName='vault', IamRoleArn=role,
                                     DestinationBackupVaultArn=vault_arn('other'))['CopyJobId']
        deadline = time.monotonic() + 240
        while backup.describe_copy_job(CopyJobId=copy)['CopyJob']['State'] != 'FAILED':
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.02)
        self.assertEqual(told('StartCopyJob'), [(role, point, 'AccessDenied', copy)])
        self.running.advance(86400 + 1)
        deadline = time.monotonic() + 240
        while backup.list_recovery_points_by_backup_vault(BackupVaultName='vault')['RecoveryPoints'][0]['Status'] != (
                'EXPIRED'):
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.02)
        self.assertEqual([one[:3] for one in told('DeleteRecoveryPoint')], [(role, point, 'AccessDenied')])
        self.assertEqual(len(self.events(EventName='StartBackupJob', ErrorsOnly=True)), 1)

    def test_pages_and_the_command(self):
        for n in range(5):
            make_table(self.db, name=f'table-{n}')
        first = self.running.call('LookupEvents', {'EventName': 'CreateTable', 'Limit': 3}, target=OURS).json
        rest = self.running.call('LookupEvents', {'EventName': 'CreateTable', 'Limit': 3,
                                                  'NextToken': first['NextToken']}, target=OURS).json
        self.assertEqual([event['Resource'] for event in first['Events'] + rest['Events']],
                         [f'table-{n}' for n in (4, 3, 2, 1, 0)])
        told = self.assertEnds(0, '', 'audit', 'list', '--operation', 'CreateTable', '--limit', '2',
                               **self.environment).stdout
        self.assertEqual([line.split()[2] for line in told.splitlines()], ['CreateTable'] * 2)
        self.assertEnds(0, 'unchanged, and none is missing', 'audit', 'verify', '--data', self.data)

    def test_what_was_answered_survives_a_crash(self):
        make_table(self.db, name='Users')
        self.running.restart(crash=True)
        self.assertEqual(self.events(EventName='CreateTable')[0]['Resource'], 'Users')
        self.assertEnds(0, 'unchanged', 'audit', 'verify', '--data', self.data)

    def test_a_changed_line_is_seen(self):
        make_table(self.db, name='Users')
        self.running.stop()
        self.assertEnds(0, 'unchanged', 'audit', 'verify', '--data', self.data)
        file = next(file for file in sorted((self.data / 'audit').glob('*.jsonl')) if b'Users' in file.read_bytes())
        self.assertEqual(file.stat().st_mode & 0o777, 0o600)
        good = file.read_bytes()
        file.write_bytes(good.replace(b'Users', b'Boats', 1))
        self.assertEnds(1, 'was changed', 'audit', 'verify', '--data', self.data)
        file.write_bytes(b'')
        self.assertEnds(1, 'are missing', 'audit', 'verify', '--data', self.data)

    def test_item_calls_if_asked_for(self):
        with server.Server(arguments=('--test-hooks', '--audit-items')) as running:
            db = running.client()
            make_table(db, name='Users')
            db.put_item(TableName='Users', Item={'pk': {'S': '1'}})
            answer = running.call('LookupEvents', {'EventName': 'PutItem'}, target=OURS).json
            self.assertEqual([event['Resource'] for event in answer['Events']], ['Users'])
            kms = running.client('kms')
            key = kms.create_key()['KeyMetadata']['KeyId']
            kms.generate_data_key(KeyId=key, KeySpec='AES_256')
            answer = running.call('LookupEvents', {'EventName': 'GenerateDataKey'}, target=OURS).json
            self.assertEqual([event['Resource'] for event in answer['Events']], [key])

    def test_no_secret_is_in_any_file_as_it_is(self):
        """Neither in the server's log, at its most talkative, nor in the audit log, nor anywhere in the data."""
        with server.Server(data=self.directory / 'secrets', arguments=('--test-hooks', '--log-level', 'debug')) as one:
            iam, sts = one.client('iam'), one.client('sts')
            iam.create_user(UserName='eve')
            key = iam.create_access_key(UserName='eve')['AccessKey']
            session = sts.get_session_token()['Credentials']
            account = one.call('CreateAccount', {}, target=OURS).json
            kms = one.client('kms')
            cmk = kms.create_key()['KeyMetadata']['KeyId']
            plain = 'plaintext-that-nobody-else-sees'
            context = {'purpose': 'context-that-nobody-else-sees'}
            blob = kms.encrypt(KeyId=cmk, Plaintext=plain.encode(), EncryptionContext=context)['CiphertextBlob']
            kms.decrypt(CiphertextBlob=blob, EncryptionContext=context)
            with self.assertRaises(kms.exceptions.InvalidCiphertextException):
                kms.decrypt(CiphertextBlob=blob, EncryptionContext={'purpose': 'another'})
            data_key = kms.generate_data_key(KeyId=cmk, KeySpec='AES_256')['Plaintext']
            random = kms.generate_random(NumberOfBytes=32)['Plaintext']
            role = {'RoleName': 'work', 'AssumeRolePolicyDocument': json.dumps({
                'Version': '2012-10-17', 'Statement': [{'Effect': 'Allow', 'Action': 'sts:AssumeRole', 'Principal': {
                    'AWS': f'arn:aws:iam::{server.ACCOUNT}:user/eve'}}]})}
            arn = iam.create_role(**role)['Role']['Arn']
            iam.put_user_policy(UserName='eve', PolicyName='p', PolicyDocument=json.dumps({
                'Version': '2012-10-17', 'Statement': [{'Effect': 'Allow', 'Action': 'sts:*', 'Resource': '*'}]}))
            of_eve = one.client('sts', access_key=key['AccessKeyId'], secret_key=key['SecretAccessKey'])
            assumed = of_eve.assume_role(RoleArn=arn, RoleSessionName='work')['Credentials']
            one.client('sts', access_key=assumed['AccessKeyId'], secret_key=assumed['SecretAccessKey'],
                       token=assumed['SessionToken']).get_caller_identity()
            secrets = [plain, context['purpose'], base64.b64encode(plain.encode()).decode(),
                       *(base64.b64encode(one).decode() for one in (data_key, random)), data_key.hex(),
                       assumed['SecretAccessKey'], assumed['SessionToken'],
                       server.SECRET_KEY, key['SecretAccessKey'], session['SecretAccessKey'], session['SessionToken'],
                       account['SecretAccessKey']]
            wrong = one.call('ListTables', {}, access_key=key['AccessKeyId'], secret_key='wrong-secret-of-eve')
            self.assertEqual(wrong.code, 'InvalidSignatureException')
            one.call('ListTables', {'Password': 'x' * 10}, access_key=key['AccessKeyId'],
                     secret_key=key['SecretAccessKey'])
            one.client('dynamodb', access_key=session['AccessKeyId'], secret_key=session['SecretAccessKey'],
                       token=session['SessionToken']).list_tables()
            one.stop()
            files = [pathlib.Path(one.log_path), *pathlib.Path(one.data).rglob('*')]
            read = 0
            for file in files:
                if not file.is_file():
                    continue
                read += 1
                content = file.read_bytes()
                for secret in (data_key, random):
                    self.assertNotIn(secret, content, file)
                for secret in secrets:
                    self.assertNotIn(secret.encode(), content, file)
                    self.assertNotIn(json.dumps(secret).encode()[1:-1], content, file)
            self.assertGreater(read, 5)


if __name__ == '__main__':
    unittest.main()
