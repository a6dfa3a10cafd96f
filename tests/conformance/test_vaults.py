"""AWS Backup: vaults, their policies and locks, and how its requests look."""

import datetime
import json
import unittest
import urllib.parse

from botocore.exceptions import ClientError

from case import unique
from iam_case import ACCOUNT, document, statement, table_arn
from vault_case import VaultCase, vault_arn
import server


class Vaults(VaultCase):
    def test_created_described_listed_deleted(self):
        name = unique('Vault_1')
        made = self.backup.create_backup_vault(BackupVaultName=name, BackupVaultTags={'color': 'red'})
        self.addCleanup(self.remove_vault, name)
        self.assertEqual((made['BackupVaultName'], made['BackupVaultArn']), (name, vault_arn(name)))
        shown = self.backup.describe_backup_vault(BackupVaultName=name)
        self.assertEqual(shown['CreationDate'], made['CreationDate'])
        self.assertEqual((shown['NumberOfRecoveryPoints'], shown['Locked']), (0, False))
        self.assertRegex(shown['EncryptionKeyArn'], r'^arn:aws:kms:us-east-1:\d{12}:key/[0-9a-f-]{36}$')
        self.assertNotIn('LockDate', shown)
        listed = {vault['BackupVaultName']: vault for vault in self.backup.list_backup_vaults()['BackupVaultList']}
        self.assertEqual(listed[name]['BackupVaultArn'], vault_arn(name))
        self.assertEqual(self.backup.list_tags(ResourceArn=vault_arn(name))['Tags'], {'color': 'red'})
        self.backup.tag_resource(ResourceArn=vault_arn(name), Tags={'a': '1', 'color': 'blue'})
        self.backup.untag_resource(ResourceArn=vault_arn(name), TagKeyList=['a', 'absent'])
        self.assertEqual(self.backup.list_tags(ResourceArn=vault_arn(name))['Tags'], {'color': 'blue'})
        self.backup.delete_backup_vault(BackupVaultName=name)
        self.assertBackupFails('ResourceNotFoundException', f'Backup vault {name} does not exist',
                               self.backup.describe_backup_vault, BackupVaultName=name)
        self.assertBackupFails('ResourceNotFoundException', f'Backup vault {name} does not exist',
                               self.backup.delete_backup_vault, BackupVaultName=name)

    def test_names_are_unique_but_for_repeated_requests(self):
        name = unique('vault')
        made = self.backup.create_backup_vault(BackupVaultName=name, CreatorRequestId='once')
        self.addCleanup(self.remove_vault, name)
        again = self.backup.create_backup_vault(BackupVaultName=name, CreatorRequestId='once')
        self.assertEqual(again['CreationDate'], made['CreationDate'])
        for other in ({'CreatorRequestId': 'twice'}, {'CreatorRequestId': 'once', 'BackupVaultTags': {'a': 'b'}}):
            error = self.assertBackupFails(
                'AlreadyExistsException', 'Backup vault with the same name already exists',
                self.backup.create_backup_vault, BackupVaultName=name, **other)
            self.assertEqual((error['Arn'], error['CreatorRequestId']), (vault_arn(name), 'once'))

    def test_names_keys_and_tags_are_checked(self):
        create = self.backup.create_backup_vault
        for name in ('x', 'a' * 51, 'with.dot', 'with space'):
            self.assertBackupFails('InvalidParameterValueException', "at 'backupVaultName' failed to satisfy", create,
                                   BackupVaultName=name)
        self.assertBackupFails('InvalidParameterValueException', 'does not exist', create, BackupVaultName=unique('v'),
                               EncryptionKeyArn=f'arn:aws:kms:us-east-1:{server.ACCOUNT}:key/'
                                                '00000000-0000-4000-8000-000000000000')
        for tags, text in (({'AWS:x': '1'}, 'cannot begin with aws:'), ({'k' * 129: '1'}, '1 to 128 characters'),
                           ({'k': 'v' * 257}, 'at most 256 characters'),
                           ({f'k{n}': '' for n in range(51)}, '50 tags at most')):
            self.assertBackupFails('InvalidParameterValueException', text, create, BackupVaultName=unique('v'),
                                   BackupVaultTags=tags)

    def test_a_vault_can_have_a_key_of_its_own(self):
        key = self.server.client('kms').create_key()['KeyMetadata']['Arn']
        name = self.vault(EncryptionKeyArn=key)
        self.assertEqual(self.backup.describe_backup_vault(BackupVaultName=name)['EncryptionKeyArn'], key)

    def test_lists_come_in_pages(self):
        names = {self.vault() for _ in range(3)}
        found, token = [], {}
        while True:
            page = self.backup.list_backup_vaults(MaxResults=2, **token)
            self.assertLessEqual(len(page['BackupVaultList']), 2)
            found += [vault['BackupVaultName'] for vault in page['BackupVaultList']]
            if 'NextToken' not in page:
                break
            token = {'NextToken': page['NextToken']}
        self.assertLessEqual(names, set(found))
        self.assertEqual(found, sorted(set(found)))
        self.assertBackupFails('InvalidParameterValueException', 'NextToken is invalid',
                               self.backup.list_backup_vaults, NextToken='?')
        self.assertBackupFails('InvalidParameterValueException', 'less than or equal to 1000',
                               self.backup.list_backup_vaults, MaxResults=1001)


class Told(VaultCase):
    def test_the_audit_log_tells_who_did_what(self):
        name, user = self.vault(), self.user()
        with self.assertRaises(ClientError):
            self.client_of(user, 'backup').delete_backup_vault(BackupVaultName=name)
        answer = self.server.call('LookupEvents', {}, target='Tidemark_20261101.')
        events = [event for event in answer.json['Events'] if event.get('Resource') == name]
        told = [(event['EventName'], event['EventSource'], event.get('ErrorCode', '')) for event in events]
        self.assertEqual(told[:2], [('DeleteBackupVault', 'backup', 'AccessDeniedException'),
                                    ('CreateBackupVault', 'backup', '')])


class Locks(VaultCase):
    def test_governance_can_be_changed_and_taken_away(self):
        name = self.vault()
        put = self.backup.put_backup_vault_lock_configuration
        put(BackupVaultName=name, MinRetentionDays=7, MaxRetentionDays=30)
        shown = self.backup.describe_backup_vault(BackupVaultName=name)
        self.assertEqual((shown['Locked'], shown['MinRetentionDays'], shown['MaxRetentionDays']), (True, 7, 30))
        self.assertNotIn('LockDate', shown)
        put(BackupVaultName=name, MinRetentionDays=1)
        self.assertNotIn('MaxRetentionDays', self.backup.describe_backup_vault(BackupVaultName=name))
        self.backup.delete_backup_vault_lock_configuration(BackupVaultName=name)
        self.assertFalse(self.backup.describe_backup_vault(BackupVaultName=name)['Locked'])

    def test_compliance_tells_when_it_closes(self):
        name = self.vault()
        self.backup.put_backup_vault_lock_configuration(BackupVaultName=name, ChangeableForDays=3)
        shown = self.backup.describe_backup_vault(BackupVaultName=name)
        left = shown['LockDate'] - datetime.datetime.now(datetime.timezone.utc)
        self.assertLess(abs(left - datetime.timedelta(days=3)), datetime.timedelta(hours=1))
        self.backup.delete_backup_vault_lock_configuration(BackupVaultName=name)

    def test_bounds_are_checked(self):
        name = self.vault()
        for request, text in (({'MinRetentionDays': 0}, 'MinRetentionDays must be at least 1 day'),
                              ({'MaxRetentionDays': 36501}, 'MaxRetentionDays cannot exceed 36500 days'),
                              ({'MinRetentionDays': 3, 'MaxRetentionDays': 2},
                               'MinRetentionDays cannot be greater than MaxRetentionDays'),
                              ({'ChangeableForDays': 2}, 'ChangeableForDays must be at least 3 days')):
            self.assertBackupFails('InvalidParameterValueException', text,
                                   self.backup.put_backup_vault_lock_configuration, BackupVaultName=name, **request)


class Policies(VaultCase):
    @staticmethod
    def deny(*actions):
        return json.dumps({'Version': '2012-10-17', 'Statement': [
            {'Effect': 'Deny', 'Principal': '*', 'Action': list(actions), 'Resource': '*'}]})

    def test_put_read_deleted(self):
        name = self.vault()
        get = self.backup.get_backup_vault_access_policy
        self.assertBackupFails('ResourceNotFoundException', 'has no access policy', get, BackupVaultName=name)
        text = self.deny('backup:DeleteRecoveryPoint')
        self.backup.put_backup_vault_access_policy(BackupVaultName=name, Policy=text)
        self.assertEqual(get(BackupVaultName=name)['Policy'], text)
        self.assertBackupFails('InvalidParameterValueException', 'The policy is not valid',
                               self.backup.put_backup_vault_access_policy, BackupVaultName=name, Policy='{}')
        self.backup.delete_backup_vault_access_policy(BackupVaultName=name)
        self.assertBackupFails('ResourceNotFoundException', 'has no access policy', get, BackupVaultName=name)

    def test_a_denial_binds_the_root_user_too(self):
        name = self.vault()
        self.backup.put_backup_vault_access_policy(BackupVaultName=name, Policy=self.deny('backup:DescribeBackupVault'))
        self.assertBackupFails('AccessDeniedException', 'with an explicit deny in a resource-based policy',
                               self.backup.describe_backup_vault, status=403, BackupVaultName=name)
        self.backup.delete_backup_vault_access_policy(BackupVaultName=name)
        self.backup.describe_backup_vault(BackupVaultName=name)

    def test_it_can_allow_what_no_policy_of_a_user_does(self):
        name, other, user = self.vault(), self.vault(), self.user()
        mine = self.client_of(user, 'backup')
        self.assertBackupFails('AccessDeniedException',
                               f'User: {ACCOUNT}:user/{user} is not authorized to perform: backup:DescribeBackupVault '
                               f'on resource: {vault_arn(name)} because no identity-based policy allows the '
                               'backup:DescribeBackupVault action',
                               mine.describe_backup_vault, status=403, BackupVaultName=name)
        self.backup.put_backup_vault_access_policy(BackupVaultName=name, Policy=json.dumps({
            'Version': '2012-10-17', 'Statement': [{
                'Effect': 'Allow', 'Principal': {'AWS': f'{ACCOUNT}:user/{user}'}, 'Resource': vault_arn(name),
                'Action': 'backup:DescribeBackupVault'}]}))
        mine.describe_backup_vault(BackupVaultName=name)
        self.assertBackupFails('AccessDeniedException', 'not authorized', mine.describe_backup_vault, status=403,
                               BackupVaultName=other)

    def test_conditions_on_locks_and_tags(self):
        user = self.user(
            document(statement('backup:PutBackupVaultLockConfiguration',
                               condition={'NumericLessThanEquals': {'backup:MaxRetentionDays': '30'}}),
                     statement('backup:CreateBackupVault',
                               condition={'StringEquals': {'aws:RequestTag/team': 'blue'}}),
                     statement('backup:DeleteBackupVault',
                               condition={'StringEquals': {'aws:ResourceTag/team': 'blue'}})))
        mine, name = self.client_of(user, 'backup'), self.vault()
        mine.put_backup_vault_lock_configuration(BackupVaultName=name, MaxRetentionDays=30)
        for call, parameters in ((mine.put_backup_vault_lock_configuration, {'MaxRetentionDays': 31}),
                                 (mine.put_backup_vault_lock_configuration, {}), (mine.delete_backup_vault, {}),
                                 (mine.create_backup_vault, {'BackupVaultTags': {'team': 'red'}})):
            self.assertBackupFails('AccessDeniedException', 'not authorized', call, status=403, BackupVaultName=name,
                                   **parameters)
        blue = unique('vault')
        mine.create_backup_vault(BackupVaultName=blue, BackupVaultTags={'team': 'blue'})
        mine.delete_backup_vault(BackupVaultName=blue)


class Requests(VaultCase):
    """Sent as bytes, as no SDK would."""

    def send(self, method, path, body=b'', headers=None, service='backup'):
        given = {'Host': self.server.host, **({'Content-Type': 'application/json'} if body else {}), **(headers or {})}
        signed = self.server.sign(body, given, method=method, path=path, service=service)
        return self.server.send(body, signed, method=method, path=path)

    def error_of(self, answer):
        return answer.status, answer.headers.get('x-amzn-errortype')

    def test_unknown_operations(self):
        answer = self.send('GET', '/no-such-thing')
        self.assertEqual(self.error_of(answer), (404, 'UnknownOperationException'))
        answer = self.send('GET', '/indexes/recovery-point')
        self.assertEqual(self.error_of(answer), (404, 'UnknownOperationException'))
        self.assertEqual(answer.message, 'ListIndexedRecoveryPoints is not available in this version of Tidemark')
        self.assertEqual(self.error_of(self.send('POST', '/backup-vaults/')), (404, 'UnknownOperationException'))

    def test_a_slash_at_the_end_does_not_count(self):
        for path in ('/backup-vaults', '/backup-vaults/', '/backup-jobs', '/backup-jobs/', '/restore-jobs/'):
            self.assertEqual(self.send('GET', path).status, 200, path)

    def test_parts_of_paths_are_decoded_once(self):
        arn = table_arn('a%2Fb')
        answer = self.send('GET', '/resources/' + urllib.parse.quote(arn, safe=''))
        self.assertEqual(answer.message, f'Resource {arn} has no recovery point')

    def test_bodies_and_parameters_are_checked(self):
        name = unique('vault')
        for body in (b'[]', b'{"a":', b'{}}', b'{"EncryptionKeyArn":1}'):
            self.assertEqual(self.error_of(self.send('PUT', '/backup-vaults/' + name, body)),
                             (400, 'SerializationException'), body)
        for query in ('maxResults=x', 'maxResults=0', 'shared=perhaps', 'vaultType=ODD'):
            self.assertEqual(self.error_of(self.send('GET', '/backup-vaults/?' + query)),
                             (400, 'InvalidParameterValueException'), query)
        self.assertEqual(self.error_of(self.send('PUT', '/backup-jobs', b'{}')),
                         (400, 'MissingParameterValueException'))

    def test_texts_name_no_types_of_other_services(self):
        body = json.dumps({'BackupPlan': [1]}).encode()
        answer = self.send('PUT', '/backup/plans/', body)
        self.assertEqual(self.error_of(answer), (400, 'SerializationException'))
        self.assertEqual(answer.json['Message'], 'Start of list found where not expected')
        answer = self.server.call('CreateKey', {'Tags': [[1]]}, target='TrentService.', service='kms')
        self.assertEqual((answer.code, answer.message),
                         ('SerializationException', 'Start of list found where not expected'))
        answer = self.server.call('ListTables', '[1]')  # of its own it names them
        self.assertEqual(answer.code, 'SerializationException')

    def test_parameters_that_older_clients_do_not_know(self):
        self.vault()
        for query, some in (('vaultType=BACKUP_VAULT', True), ('vaultType=RESTORE_ACCESS_BACKUP_VAULT', False),
                            ('shared=true', False)):
            answer = self.send('GET', '/backup-vaults/?' + query)
            self.assertEqual(bool(answer.json['BackupVaultList']), some, query)

    def test_the_path_is_what_counts(self):
        """A member of the body that stands in the path as well."""
        name, other = self.vault(), unique('vault')
        answer = self.send('PUT', f'/backup-vaults/{other}', json.dumps({'BackupVaultName': name}).encode())
        self.addCleanup(self.remove_vault, other)
        self.assertEqual((answer.status, answer.json['BackupVaultName']), (200, other))

    def test_signatures_name_the_service(self):
        answer = self.send('GET', '/backup-vaults/', service='dynamodb')
        self.assertNotEqual(answer.status, 200)
        signed = self.server.sign(b'', {'Host': self.server.host}, method='GET', path='/backup-vaults/',
                                  service='backup', secret_key='wrong')
        answer = self.server.send(b'', signed, method='GET', path='/backup-vaults/')
        self.assertEqual(self.error_of(answer), (403, 'InvalidSignatureException'))


if __name__ == '__main__':
    unittest.main()
