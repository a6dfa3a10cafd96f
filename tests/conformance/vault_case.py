"""Vaults, jobs and the role they need, for tests of AWS Backup."""

import json
import re
import time

from botocore.exceptions import ClientError

from case import unique
from iam_case import ACCOUNT, IamCase, document, statement
import server

TRUST = json.dumps({'Version': '2012-10-17', 'Statement': [
    {'Effect': 'Allow', 'Principal': {'Service': 'backup.amazonaws.com'}, 'Action': 'sts:AssumeRole'}]})
ALL_WORK = document(statement(['dynamodb:*', 'kms:*']))


def vault_arn(name):
    return f'arn:aws:backup:{server.REGION}:{server.ACCOUNT}:backup-vault:{name}'


def wait_job(describe, state, timeout=240, **which):
    """The job once it has ended, in this state."""
    deadline = time.monotonic() + timeout
    while True:
        job = describe(**which)
        now = job.get('State', job.get('Status'))
        if now not in ('CREATED', 'PENDING', 'RUNNING', 'ABORTING'):
            if now != state:
                raise AssertionError(f'the job is {now}, not {state}: {job.get("StatusMessage")}')
            return job
        if time.monotonic() > deadline:
            raise AssertionError(f'the job is {now} after {timeout} s')
        time.sleep(0.02)


def get(endpoint, path, query=''):
    """The answer to a request that older clients do not know. `query`: begins with '?'."""
    headers = endpoint.sign(b'', {'Host': endpoint.host}, method='GET', path=path + query, service='backup')
    answer = endpoint.send(b'', headers, method='GET', path=path + query)
    if answer.status != 200:
        raise AssertionError(answer)
    return answer.json


class VaultCase(IamCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.backup = cls.server.client('backup')

    def service_role(self, *policies, trust=TRUST):
        """The ARN of a new role that AWS Backup may assume, with these inline policies."""
        name = unique('role')
        self.iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust)
        self.addCleanup(self.remove_role, name)
        for number, text in enumerate(policies or (ALL_WORK,)):
            self.iam.put_role_policy(RoleName=name, PolicyName=f'p{number}', PolicyDocument=text)
        return f'{ACCOUNT}:role/{name}'

    def vault(self, **parameters):
        """The name of a new vault; it goes with what is in it when the test ends."""
        name = unique('vault')
        self.backup.create_backup_vault(BackupVaultName=name, **parameters)
        self.addCleanup(self.remove_vault, name)
        return name

    def remove_vault(self, name):
        for act in (self.backup.delete_backup_vault_access_policy, self.backup.delete_backup_vault_lock_configuration):
            try:
                act(BackupVaultName=name)
            except ClientError:
                pass
        try:
            for point in self.points(name):
                self.backup.delete_recovery_point(BackupVaultName=name, RecoveryPointArn=point['RecoveryPointArn'])
            self.wait_empty(name)
            self.backup.delete_backup_vault(BackupVaultName=name)
        except ClientError:
            pass

    def points(self, name):
        return self.backup.list_recovery_points_by_backup_vault(BackupVaultName=name)['RecoveryPoints']

    def wait_empty(self, name, timeout=240):
        deadline = time.monotonic() + timeout
        while self.points(name):
            if time.monotonic() > deadline:
                raise AssertionError(f'vault {name} is not empty after {timeout} s: {self.points(name)}')
            time.sleep(0.02)

    def start(self, vault, table_arn, role, **parameters):
        return self.backup.start_backup_job(BackupVaultName=vault, ResourceArn=table_arn, IamRoleArn=role, **parameters)

    def finished(self, job, state='COMPLETED'):
        return wait_job(self.backup.describe_backup_job, state, BackupJobId=job['BackupJobId'])

    def point(self, vault, table_arn, role, **parameters):
        """The ARN of a new recovery point."""
        return self.finished(self.start(vault, table_arn, role, **parameters))['RecoveryPointArn']

    def assertBackupFails(self, code, text, call, status=400, **parameters):
        """The call fails with error `code`; `text` is a part of the message, or a pattern for one."""
        with self.assertRaises(ClientError) as raised:
            call(**parameters)
        error = raised.exception.response
        self.assertEqual((error['Error']['Code'], error['ResponseMetadata']['HTTPStatusCode']), (code, status), error)
        message = error['Error']['Message']
        self.assertTrue(text in message or re.search(text, message), message)
        return error
