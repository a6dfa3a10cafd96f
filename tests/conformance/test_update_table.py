"""UpdateTable, and what it leaves in DescribeTable. Requests are sent as they are: older SDKs lack
some members."""

import time
import unittest

import server
from case import Case, schema, table_parameters, unique, wait_active

INVALID = 'One or more parameter values were invalid: '
ALONE = ' must be the only operation in the request'


def provisioned(read, write):
    return {'ReadCapacityUnits': read, 'WriteCapacityUnits': write}


class UpdateTable(Case):
    def on_demand(self, **more):
        return self.made(**table_parameters(unique()), **more)

    def provisioned(self, read, write, **more):
        return self.made(TableName=unique(), ProvisionedThroughput=provisioned(read, write),
                         **schema(), **more)

    def made(self, **parameters):
        answer = self.server.call('CreateTable', parameters)
        self.assertEqual(answer.status, 200, answer)
        self.created = answer.json['TableDescription']
        self.addCleanup(self.drop, parameters['TableName'])
        wait_active(self.db, parameters['TableName'])
        return parameters['TableName']

    def update(self, table, **changes):
        """The answer's description; afterwards the table is ACTIVE."""
        answer = self.server.call('UpdateTable', {'TableName': table, **changes})
        self.assertEqual(answer.status, 200, answer)
        wait_active(self.db, table)
        return answer.json['TableDescription']

    def describe(self, table):
        return self.server.call('DescribeTable', {'TableName': table}).json['Table']

    def refuse(self, table, text, code='ValidationException', **changes):
        answer = self.server.call('UpdateTable', {'TableName': table, **changes})
        self.assertRefused(answer, code, text)

    def test_throughput_goes_up_and_down(self):
        t = self.provisioned(5, 5)
        before = time.time()
        answer = self.update(t, ProvisionedThroughput=provisioned(8, 6))
        self.assertEqual(answer['TableStatus'], 'UPDATING')
        self.assertEqual(answer['ProvisionedThroughput']['ReadCapacityUnits'], 5)
        self.assertIn('LastIncreaseDateTime', answer['ProvisionedThroughput'])
        raised = self.describe(t)['ProvisionedThroughput']
        self.assertEqual((raised['ReadCapacityUnits'], raised['WriteCapacityUnits']), (8, 6))
        self.assertEqual(raised['NumberOfDecreasesToday'], 0)
        self.assertNotIn('LastDecreaseDateTime', raised)
        if not server.ours():
            self.assertLess(abs(raised['LastIncreaseDateTime'] - before), 60)
        answer = self.update(t, BillingMode='PROVISIONED', ProvisionedThroughput=provisioned(9, 1))
        self.assertEqual(answer['ProvisionedThroughput']['NumberOfDecreasesToday'], 0)
        mixed = self.describe(t)['ProvisionedThroughput']
        self.assertEqual((mixed['ReadCapacityUnits'], mixed['WriteCapacityUnits']), (9, 1))
        self.assertEqual(mixed['NumberOfDecreasesToday'], 1)
        self.assertGreater(mixed['LastIncreaseDateTime'], raised['LastIncreaseDateTime'])
        self.assertIn('LastDecreaseDateTime', mixed)

    def test_throughput_must_change(self):
        t = self.provisioned(5, 6)
        text = ('The provisioned throughput for the table will not change. The requested value '
                'equals the current value. Current ReadCapacityUnits provisioned for the table: 5. '
                'Requested ReadCapacityUnits: 5. Current WriteCapacityUnits provisioned for the '
                'table: 6. Requested WriteCapacityUnits: 6. Refer to the Amazon DynamoDB Developer '
                'Guide for current limits and how to request higher limits.')
        self.refuse(t, text, ProvisionedThroughput=provisioned(5, 6))
        self.refuse(t, text, ProvisionedThroughput=provisioned(5, 6), BillingMode='PROVISIONED')

    def test_billing_mode_there_and_back(self):
        t = self.provisioned(5, 5)
        self.assertNotIn('BillingModeSummary', self.describe(t))
        answer = self.update(t, BillingMode='PAY_PER_REQUEST', OnDemandThroughput={
            'MaxReadRequestUnits': 100})
        self.assertEqual(answer['TableStatus'], 'UPDATING')
        self.assertEqual(answer['BillingModeSummary'], {'BillingMode': 'PAY_PER_REQUEST'})
        table = self.describe(t)
        self.assertEqual(table['BillingModeSummary']['BillingMode'], 'PAY_PER_REQUEST')
        switched = table['BillingModeSummary']['LastUpdateToPayPerRequestDateTime']
        self.assertEqual(table['ProvisionedThroughput'],
                         {'NumberOfDecreasesToday': 0, **provisioned(0, 0)})
        self.assertEqual(table['OnDemandThroughput'], {'MaxReadRequestUnits': 100})
        answer = self.update(t, BillingMode='PAY_PER_REQUEST')
        self.assertEqual(answer['TableStatus'], 'UPDATING')
        self.assertEqual(self.describe(t), table, 'asked for again, it changes nothing')

        self.update(t, BillingMode='PROVISIONED', ProvisionedThroughput=provisioned(2, 3))
        table = self.describe(t)
        self.assertEqual(table['BillingModeSummary'], {
            'BillingMode': 'PROVISIONED', 'LastUpdateToPayPerRequestDateTime': switched})
        self.assertEqual(table['ProvisionedThroughput'],
                         {'NumberOfDecreasesToday': 0, **provisioned(2, 3)})
        self.assertNotIn('OnDemandThroughput', table)
        self.db.put_item(TableName=t, Item={'pk': {'S': 'still there'}})

    def test_billing_mode_and_throughput_must_fit(self):
        t, p = self.on_demand(), self.provisioned(5, 5)
        self.refuse(t, INVALID + 'ProvisionedThroughput must be specified when BillingMode is '
                    'PROVISIONED', BillingMode='PROVISIONED')
        self.refuse(t, INVALID + 'Neither ReadCapacityUnits nor WriteCapacityUnits can be '
                    'specified when BillingMode is PAY_PER_REQUEST',
                    ProvisionedThroughput=provisioned(1, 1))
        self.refuse(p, INVALID + 'ProvisionedThroughput cannot be specified when BillingMode is '
                    'PAY_PER_REQUEST', ProvisionedThroughput=provisioned(1, 1),
                    BillingMode='PAY_PER_REQUEST')
        self.refuse(p, INVALID + 'MaxWriteRequestUnits for OnDemandThroughput cannot be specified '
                    'when the table BillingMode is PROVISIONED',
                    OnDemandThroughput={'MaxWriteRequestUnits': 1})
        self.refuse(p, 'Given value 1000000000001 for ReadCapacityUnits is out of bounds',
                    ProvisionedThroughput=provisioned(1000000000001, 1))

    def test_on_demand_maxima_are_merged(self):
        t = self.on_demand(OnDemandThroughput={'MaxReadRequestUnits': 1000})
        self.assertEqual(self.describe(t)['OnDemandThroughput'], {'MaxReadRequestUnits': 1000})
        answer = self.update(t, OnDemandThroughput={'MaxWriteRequestUnits': 500})
        self.assertEqual(answer['TableStatus'], 'ACTIVE')
        both = {'MaxReadRequestUnits': 1000, 'MaxWriteRequestUnits': 500}
        self.assertEqual(answer['OnDemandThroughput'], both)
        self.assertEqual(self.describe(t)['OnDemandThroughput'], both)
        for wrong in (0, -2):
            self.refuse(t, INVALID + 'Requested MaxReadRequestUnits for OnDemandThroughput for '
                        'table is outside of valid range',
                        OnDemandThroughput={'MaxReadRequestUnits': wrong})
        self.update(t, OnDemandThroughput={'MaxReadRequestUnits': -1})
        self.assertEqual(self.describe(t)['OnDemandThroughput'], {'MaxWriteRequestUnits': 500})
        self.update(t, OnDemandThroughput={'MaxWriteRequestUnits': -1})
        self.assertNotIn('OnDemandThroughput', self.describe(t))

    def test_warm_throughput_only_rises(self):
        t = self.on_demand()
        self.assertNotIn('WarmThroughput', self.created)
        p = self.provisioned(5, 6)

        def warm(table):
            value = self.describe(table)['WarmThroughput']
            self.assertEqual(value['Status'], 'ACTIVE')
            return value['ReadUnitsPerSecond'], value['WriteUnitsPerSecond']

        self.assertEqual(warm(t), (12000, 4000))
        self.assertEqual(warm(p), (5, 6))
        self.update(p, ProvisionedThroughput=provisioned(1, 7))
        self.assertEqual(warm(p), (5, 7))
        lower = ('Requested {}UnitsPerSecond for WarmThroughput for table is lower than current '
                 'WarmThroughput, decreasing WarmThroughput is not supported')
        self.refuse(p, INVALID + lower.format('Read'),
                    WarmThroughput={'ReadUnitsPerSecond': 4, 'WriteUnitsPerSecond': 1})
        self.refuse(t, INVALID + lower.format('Write'), WarmThroughput={'WriteUnitsPerSecond': -1})
        self.update(p, BillingMode='PAY_PER_REQUEST')
        self.assertEqual(warm(p), (12000, 4000))
        self.update(p, BillingMode='PROVISIONED', ProvisionedThroughput=provisioned(1, 1))
        self.assertEqual(warm(p), (12000, 4000))
        if server.ours():  # it costs money
            answer = self.update(t, WarmThroughput={'WriteUnitsPerSecond': 4001})
            self.assertEqual(answer['TableStatus'], 'ACTIVE')
            self.assertEqual(answer['WarmThroughput'], {
                'ReadUnitsPerSecond': 12000, 'WriteUnitsPerSecond': 4000, 'Status': 'UPDATING'})
            self.assertEqual(warm(t), (12000, 4001))

    def test_table_class(self):
        t = self.on_demand()
        self.update(t, TableClass='STANDARD')
        self.assertNotIn('TableClassSummary', self.describe(t))
        answer = self.update(t, TableClass='STANDARD_INFREQUENT_ACCESS')
        self.assertEqual(answer['TableStatus'], 'UPDATING')
        self.assertNotIn('TableClassSummary', answer)
        first = self.describe(t)['TableClassSummary']
        self.assertEqual(first['TableClass'], 'STANDARD_INFREQUENT_ACCESS')
        answer = self.update(t, TableClass='STANDARD')
        self.assertEqual(answer['TableClassSummary'], first)
        second = self.describe(t)['TableClassSummary']
        self.assertEqual(second['TableClass'], 'STANDARD')
        self.assertGreater(second['LastUpdateDateTime'], first['LastUpdateDateTime'])

    def test_deletion_protection(self):
        t = self.on_demand(DeletionProtectionEnabled=True)
        self.assertFails('ValidationException', 'Resource cannot be deleted as it is currently '
                         'protected against deletion. Disable deletion protection first.',
                         self.db.delete_table, TableName=t)
        answer = self.update(t, DeletionProtectionEnabled=False)
        self.assertEqual(answer['TableStatus'], 'ACTIVE')
        self.assertIs(answer['DeletionProtectionEnabled'], False)
        self.assertIs(self.describe(t)['DeletionProtectionEnabled'], False)
        self.db.delete_table(TableName=t)

    def test_encryption(self):
        t = self.on_demand()
        default = INVALID + 'Table is already encrypted by default'
        self.refuse(t, default, SSESpecification={})
        self.refuse(t, default, SSESpecification={'Enabled': False})
        self.refuse(t, INVALID + 'SSEType can not be specified if Enabled is false',
                    SSESpecification={'Enabled': False, 'SSEType': 'KMS'})
        self.refuse(t, INVALID + 'SSEType AES256 is not supported',
                    SSESpecification={'Enabled': True, 'SSEType': 'AES256'})
        self.refuse(t, INVALID + 'SSEType KMS is required if KMSMasterKeyId is specified',
                    SSESpecification={'Enabled': True, 'KMSMasterKeyId': 'alias/mine'})
        self.update(t, SSESpecification={'Enabled': True})
        sse = self.describe(t)['SSEDescription']
        self.assertEqual((sse['Status'], sse['SSEType']), ('ENABLED', 'KMS'))
        self.refuse(t, INVALID + 'Table is already encrypted with given KMSMasterKeyId. Use '
                    'KMSMasterKeyId parameter if you want to change Master Key',
                    SSESpecification={'Enabled': True, 'SSEType': 'KMS',
                                      'KMSMasterKeyId': sse['KMSMasterKeyArn']})
        self.update(t, SSESpecification={'Enabled': False})
        self.assertNotIn('SSEDescription', self.describe(t))

    def test_something_must_be_asked_for(self):
        t = self.on_demand()
        text = ('At least one of ProvisionedThroughput, BillingMode, UpdateStreamEnabled, '
                'GlobalSecondaryIndexUpdates, SSESpecification, ReplicaUpdates, '
                'MultiAccountReplicaReady, ReplicaTransitRoleArn, {}DeletionProtectionEnabled, '
                'OnDemandThroughput, WarmThroughput or TableClass is required')
        for changes in ({}, {'GlobalSecondaryIndexUpdates': []}, {'KeySchema': []},
                        {'AttributeDefinitions': schema()['AttributeDefinitions']}):
            self.refuse(t, text.format('MultiRegionConsistency, '), **changes)
        self.refuse('no-such-table', text.format('MultiRegionConsistency, '))
        self.refuse(t, text.format(''), MultiRegionConsistency='STRONG')

    def test_one_change_a_call(self):
        t, p = self.on_demand(), self.provisioned(5, 5)
        protect = {'DeletionProtectionEnabled': True}
        table_class = {'TableClass': 'STANDARD_INFREQUENT_ACCESS'}
        sse = {'SSESpecification': {'Enabled': True}}
        warm = {'WarmThroughput': {'ReadUnitsPerSecond': 13000}}
        maxima = {'OnDemandThroughput': {'MaxReadRequestUnits': 5}}
        stream = {'StreamSpecification': {'StreamEnabled': False}}
        mode = {'BillingMode': 'PAY_PER_REQUEST'}
        for text, *changes in (
                ('Server-Side Encryption modification' + ALONE, sse, table_class, protect, warm),
                ('Server-Side Encryption modification' + ALONE, sse, mode),
                ('TableClass modification' + ALONE, table_class, protect, warm),
                ('DeletionProtection modification' + ALONE, protect, warm),
                ('DeletionProtection modification' + ALONE, protect, mode),
                ('WarmThroughput' + ALONE, warm, maxima),
                ('OnDemandThroughput can only be combined with BillingMode in an UpdateTable '
                 'request', maxima, stream)):
            together = {name: value for change in changes for name, value in change.items()}
            with self.subTest(together):
                self.refuse(t, INVALID + text, **together)
        self.refuse(p, INVALID + 'You cannot modify stream status while updating table IOPS',
                    ProvisionedThroughput=provisioned(6, 6), **stream)
        self.assertIs(self.describe(t)['DeletionProtectionEnabled'], False)

    def test_unknown_tables(self):
        name = unique()
        self.refuse(name, f'Requested resource not found: Table: {name} not found',
                    'ResourceNotFoundException', DeletionProtectionEnabled=True)

    def test_constraints_of_the_model(self):
        t = self.on_demand()
        self.refuse(t, "1 validation error detected: Value null at "
                    "'provisionedThroughput.writeCapacityUnits' failed to satisfy constraint: "
                    "Member must not be null", ProvisionedThroughput={'ReadCapacityUnits': 1})
        self.refuse(t, "1 validation error detected: Value null at "
                    "'globalSecondaryIndexUpdates.1.member.delete.indexName' failed to satisfy "
                    "constraint: Member must not be null",
                    GlobalSecondaryIndexUpdates=[{'Delete': {}}])

    def test_an_arn_names_the_table(self):
        t = self.on_demand()
        answer = self.update(self.describe(t)['TableArn'], DeletionProtectionEnabled=False)
        self.assertEqual(answer['TableName'], t)


class Facts(Case):
    def test_limits(self):
        limits = self.db.describe_limits()
        self.assertGreaterEqual(limits['AccountMaxReadCapacityUnits'],
                                limits['TableMaxReadCapacityUnits'])
        self.assertGreaterEqual(limits['AccountMaxWriteCapacityUnits'],
                                limits['TableMaxWriteCapacityUnits'])
        self.assertGreater(limits['TableMaxWriteCapacityUnits'], 0)

    def test_endpoints(self):
        endpoint, = self.db.describe_endpoints()['Endpoints']
        self.assertEqual(endpoint['CachePeriodInMinutes'], 1440)
        if server.ours():
            self.assertEqual(endpoint['Address'], self.server.host)


@unittest.skipUnless(server.ours(), 'of our own server')
class Survival(Case):
    def test_settings_survive_a_crash_and_decreases_count_by_the_day(self):
        with server.Server() as own:
            t = unique()
            own.call('CreateTable', {'TableName': t, **schema(),
                                     'ProvisionedThroughput': provisioned(9, 9)})
            for write in (8, 7):
                answer = own.call('UpdateTable', {'TableName': t, 'ProvisionedThroughput':
                                                  provisioned(9, write)})
                self.assertEqual(answer.status, 200, answer)
            own.call('UpdateTable', {'TableName': t, 'TableClass': 'STANDARD_INFREQUENT_ACCESS'})
            before = own.call('DescribeTable', {'TableName': t}).json
            self.assertEqual(before['Table']['ProvisionedThroughput']['WriteCapacityUnits'], 7)
            own.restart(crash=True)
            after = own.call('DescribeTable', {'TableName': t}).json
            self.assertEqual(after, before)
            own.advance(24 * 3600)
            throughput = own.call('DescribeTable', {'TableName': t}).json['Table'][
                'ProvisionedThroughput']
            self.assertEqual(throughput['NumberOfDecreasesToday'], 0)
            self.assertIn('LastDecreaseDateTime', throughput)


if __name__ == '__main__':
    unittest.main()
