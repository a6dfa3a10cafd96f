"""Every operation of AWS Backup with no policy, exactly the one it needs, one that is off by a character, and a denial.

As test_action_matrix.py; what requests look like is asked of models/backup.json.
"""

import json
import re
import unittest
import urllib.parse

from case import make_table
from iam_case import document, statement, table_arn
from test_action_matrix import actions
from vault_case import VaultCase, vault_arn
import server


@unittest.skipUnless(server.ours(), 'of our own server')
class VaultMatrix(VaultCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.routes = json.loads((server.ROOT / 'models/backup.json').read_text())['rest']
        cls.table = make_table(cls.db)
        cls.class_tables.append(cls.table)

    def setUp(self):
        self.name, self.role_arn = self.vault(), self.service_role()
        self.arn = self.point(self.name, table_arn(self.table), self.role_arn)

    def members(self, operation):
        """They need not succeed: only whether they are allowed counts."""
        absent = 'no-such-vault'
        if operation in ('CreateBackupVault', 'DeleteBackupVault'):
            return {'BackupVaultName': absent, 'EncryptionKeyArn': 'no-key'}
        point = self.arn + ('x' if operation == 'DeleteRecoveryPoint' else '')
        everything = {
            'BackupVaultName': self.name, 'RecoveryPointArn': point, 'ResourceArn': vault_arn(self.name),
            'BackupJobId': 'x', 'RestoreJobId': 'x', 'IamRoleArn': self.role_arn, 'Tags': {}, 'TagKeyList': [],
            'Metadata': {}, 'Policy': '{}', 'BackupPlanId': 'no-plan', 'SelectionId': 'x', 'BackupPlan': {},
            'BackupSelection': {}, 'SourceBackupVaultName': self.name, 'DestinationBackupVaultArn': 'x',
            'RestoreTestingPlanName': 'no_plan', 'RestoreTestingSelectionName': 'none', 'RestoreTestingPlan': {},
            'RestoreTestingSelection': {}, 'ValidationStatus': 'x',
            'BackupPlanTemplateId': 'x', 'BackupPlanTemplateJson': '{}',
            'LegalHoldId': 'no-hold', 'Title': '', 'Description': '', 'CancelDescription': '', 'CopyJobId': 'x',
            'FrameworkName': 'none', 'FrameworkControls': [], 'ReportPlanName': 'none', 'ReportJobId': 'x',
            'ReportSetting': {}, 'ReportDeliveryChannel': {}, 'GlobalSettings': {},
            'MinRetentionDays': 0, 'Lifecycle': {'DeleteAfterDays': 0}}
        if operation in ('CreateBackupPlan', 'CreateLegalHold', 'CreateRestoreTestingPlan'):
            for name in ('BackupPlanId', 'LegalHoldId', 'RestoreTestingPlanName'):
                del everything[name]
        if operation == 'StartBackupJob':
            everything['ResourceArn'] = 'no-table'
        return everything

    def refused(self, key, operation):
        """The text with which a request of the user is refused, or None."""
        members = self.members(operation)
        method, path = self.routes[operation]['http'].split()
        path = re.sub(r'{(\w+)}', lambda part: urllib.parse.quote(members[part.group(1)], safe=''), path)
        body = json.dumps(members).encode() if method in ('PUT', 'POST') else b''
        headers = self.server.sign(body, {'Host': self.server.host}, method=method, path=path, service='backup',
                                   access_key=key['AccessKeyId'], secret_key=key['SecretAccessKey'])
        answer = self.server.send(body, headers, method=method, path=path)
        self.assertLess(answer.status, 500, (operation, answer))
        self.assertNotEqual(answer.status, 404, (operation, answer))
        return answer.message if answer.headers.get('x-amzn-errortype') == 'AccessDeniedException' else None

    def resource(self, form, operation):
        members = self.members(operation)
        plan, hold = members.get('BackupPlanId', '*'), members.get('LegalHoldId', '*')
        testing = members.get('RestoreTestingPlanName', '*')
        named = '*' if operation.startswith('Create') else 'none'
        return {'everything': '*', 'vault': vault_arn(members['BackupVaultName']),
                'recovery-point': members.get('RecoveryPointArn'), 'resource-arn': members.get('ResourceArn'),
                'restore-testing-plan':
                    f'arn:aws:backup:{server.REGION}:{server.ACCOUNT}:restore-testing-plan:{testing}',
                'framework': f'arn:aws:backup:{server.REGION}:{server.ACCOUNT}:framework:{named}',
                'report-plan': f'arn:aws:backup:{server.REGION}:{server.ACCOUNT}:report-plan:{named}',
                'legal-hold': f'arn:aws:backup:{server.REGION}:{server.ACCOUNT}:legal-hold:{hold}',
                'plan': f'arn:aws:backup:{server.REGION}:{server.ACCOUNT}:backup-plan:{plan}'}[form]

    def test_every_operation(self):
        user = self.user()
        key = self.iam.create_access_key(UserName=user)['AccessKey']

        def set_policy(*statements):
            self.iam.put_user_policy(UserName=user, PolicyName='p', PolicyDocument=document(*statements))

        table = actions('backup')
        self.assertGreater(len(table), 40)
        for one in table:
            operation, action = one['operation'], one['action']
            if operation not in self.routes:  # a permission alone: CopyFromBackupVault, CopyIntoBackupVault
                continue
            with self.subTest(operation=operation):
                resource = self.resource(one['resource'], operation)
                passing = statement('iam:PassRole', self.role_arn)
                set_policy(statement('none:None'), passing)
                text = self.refused(key, operation)
                self.assertIsNotNone(text, 'allowed without a policy')
                self.assertIn(f'is not authorized to perform: {action} on resource: {resource} because', text)
                set_policy(statement(action, resource), passing)
                self.assertIsNone(self.refused(key, operation), 'refused with the policy it needs')
                if resource != '*':
                    for wrong in (resource + 'x', resource[:-1], resource.replace(server.REGION, 'us-east-2')):
                        set_policy(statement(action, wrong), passing)
                        self.assertIsNotNone(self.refused(key, operation), f'allowed by {wrong}')
                for wrong in (action + 'x', action[:-1]):
                    set_policy(statement(wrong, resource), passing)
                    self.assertIsNotNone(self.refused(key, operation), f'allowed by {wrong}')
                set_policy(statement('*'), statement(action, resource, effect='Deny'))
                self.assertIn('with an explicit deny in an identity-based policy', self.refused(key, operation) or '')

    def test_operations_to_come(self):
        for one in actions('backup', built=False):
            if one['operation'] not in self.routes:  # a permission alone
                continue
            method, path = self.routes[one['operation']]['http'].split()
            path = re.sub(r'{\w+}', 'x', path)
            headers = self.server.sign(b'', {'Host': self.server.host}, method=method, path=path, service='backup')
            answer = self.server.send(b'', headers, method=method, path=path)
            self.assertEqual((answer.status, answer.headers.get('x-amzn-errortype')),
                             (404, 'UnknownOperationException'), one)
            self.assertIn(one['operation'] + ' is not available', answer.message)


if __name__ == '__main__':
    unittest.main()
