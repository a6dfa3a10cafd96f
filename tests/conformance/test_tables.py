"""CreateTable, DescribeTable, ListTables, DeleteTable."""

import re
import time
import unittest
import uuid

import server
from case import Case, load, make_table, schema, table_parameters, unique, wait_gone


class Tables(Case):
    def create(self, **parameters):
        answer = self.db.create_table(**parameters)
        self.addCleanup(self.drop, parameters['TableName'])
        return answer['TableDescription']

    def test_create_describes_the_table(self):
        name = unique()
        before = time.time()
        description = self.create(**table_parameters(name, 'S', 'N'))
        self.assertEqual(description['TableName'], name)
        self.assertIn(description['TableStatus'], ('CREATING', 'ACTIVE'))
        self.assertEqual(description['KeySchema'], schema('S', 'N')['KeySchema'])
        self.assertCountEqual(description['AttributeDefinitions'],
                              schema('S', 'N')['AttributeDefinitions'])
        self.assertRegex(description['TableArn'],
                         rf'^arn:aws:dynamodb:{self.server.region}:\d{{12}}:table/{name}$')
        self.assertEqual(str(uuid.UUID(description['TableId'])), description['TableId'])
        self.assertEqual(description['ItemCount'], 0)
        self.assertEqual(description['TableSizeBytes'], 0)
        if not server.ours():
            self.assertLess(abs(description['CreationDateTime'].timestamp() - before), 60)

    def test_table_becomes_active(self):
        name = self.table()
        description = self.db.describe_table(TableName=name)['Table']
        self.assertEqual(description['TableStatus'], 'ACTIVE')
        self.assertEqual(description['BillingModeSummary']['BillingMode'], 'PAY_PER_REQUEST')
        self.assertEqual(description['ProvisionedThroughput']['ReadCapacityUnits'], 0)
        self.assertEqual(description['ProvisionedThroughput']['WriteCapacityUnits'], 0)

    def test_provisioned_throughput_is_kept(self):
        name = unique()
        self.create(TableName=name, ProvisionedThroughput={'ReadCapacityUnits': 7,
                                                           'WriteCapacityUnits': 3}, **schema())
        throughput = self.db.describe_table(TableName=name)['Table']['ProvisionedThroughput']
        self.assertEqual(throughput['ReadCapacityUnits'], 7)
        self.assertEqual(throughput['WriteCapacityUnits'], 3)
        self.assertEqual(throughput['NumberOfDecreasesToday'], 0)

    def test_name_is_taken_once(self):
        name = self.table()
        self.assertFails('ResourceInUseException', f'Table already exists: {name}',
                         self.db.create_table, **table_parameters(name))

    def test_describe_of_no_table(self):
        name = unique()
        self.assertFails('ResourceNotFoundException',
                         f'Requested resource not found: Table: {name} not found',
                         self.db.describe_table, TableName=name)

    def test_delete_of_no_table(self):
        name = unique()
        self.assertFails('ResourceNotFoundException',
                         f'Requested resource not found: Table: {name} not found',
                         self.db.delete_table, TableName=name)

    def test_delete_answers_deleting_and_then_it_is_gone(self):
        name = make_table(self.db)
        description = self.db.delete_table(TableName=name)['TableDescription']
        self.assertEqual(description['TableStatus'], 'DELETING')
        self.assertEqual(description['TableName'], name)
        wait_gone(self.db, name)
        self.assertFails('ResourceNotFoundException', 'Requested resource not found',
                         self.db.get_item, TableName=name, Key={'pk': {'S': 'a'}})

    def test_recreated_table_is_new_and_empty(self):
        name = make_table(self.db)
        first = self.db.describe_table(TableName=name)['Table']['TableId']
        self.db.put_item(TableName=name, Item={'pk': {'S': 'a'}})
        self.db.delete_table(TableName=name)
        wait_gone(self.db, name)
        make_table(self.db, name=name)
        self.addCleanup(self.drop, name)
        self.assertNotEqual(self.db.describe_table(TableName=name)['Table']['TableId'], first)
        self.assertIsNone(self.get(name, pk={'S': 'a'}))

    def test_arn_names_a_table(self):
        name = self.table()
        arn = self.db.describe_table(TableName=name)['Table']['TableArn']
        self.assertEqual(self.db.describe_table(TableName=arn)['Table']['TableName'], name)
        self.db.put_item(TableName=arn, Item={'pk': {'S': 'a'}})
        self.assertEqual(self.get(name, pk={'S': 'a'}), {'pk': {'S': 'a'}})

    def test_list_pages_through_all_names(self):
        names = sorted(self.table() for _ in range(5))
        found, start = [], {}
        while True:
            page = self.db.list_tables(Limit=2, **start)
            self.assertLessEqual(len(page['TableNames']), 2)
            found += page['TableNames']
            if 'LastEvaluatedTableName' not in page:
                break
            self.assertEqual(page['LastEvaluatedTableName'], page['TableNames'][-1])
            start = {'ExclusiveStartTableName': page['LastEvaluatedTableName']}
        self.assertEqual([name for name in found if name in names], names)
        self.assertEqual(len(found), len(set(found)))

    def test_list_limits(self):
        for limit in (0, 101):
            self.assertFails('ValidationException', re.compile("at 'limit' failed to satisfy"),
                             self.db.list_tables, Limit=limit)

    def test_tables_belong_to_a_region(self):
        name = self.table()
        elsewhere = self.server.client(region='eu-west-1')
        self.assertFails('ResourceNotFoundException', None, elsewhere.describe_table,
                         TableName=name)
        self.assertNotIn(name, elsewhere.list_tables()['TableNames'])


class CreateTableRules(Case):
    def refuse(self, pattern, **changes):
        parameters = table_parameters(unique())
        parameters.update(changes)
        parameters = {name: value for name, value in parameters.items() if value is not None}
        self.assertFails('ValidationException', re.compile(pattern), self.db.create_table,
                         **parameters)

    def test_names(self):
        rule = 'must be between 3 and 255 characters long|'
        self.refuse(rule + 'at least 3 characters|greater than or equal to 3', TableName='ab')
        self.refuse(rule + 'at most 255 characters|less than or equal to 255',
                    TableName='a' * 256)
        self.refuse(r'regular expression pattern: \[a-zA-Z0-9_\.-\]\+|a-z, A-Z, 0-9',
                    TableName='with space')

    def test_required_members(self):
        self.refuse('keySchema|KeySchema', KeySchema=None)
        self.refuse('attributeDefinitions|AttributeDefinitions', AttributeDefinitions=None)

    def test_keys_need_definitions(self):
        self.refuse('no definition|not defined in AttributeDefinitions',
                    AttributeDefinitions=[{'AttributeName': 'x', 'AttributeType': 'S'}])

    def test_definitions_need_keys(self):
        self.refuse('Number of attributes in KeySchema does not exactly match number of '
                    'attributes defined in AttributeDefinitions',
                    AttributeDefinitions=[{'AttributeName': 'pk', 'AttributeType': 'S'},
                                          {'AttributeName': 'x', 'AttributeType': 'S'}])

    def test_hash_key_comes_first(self):
        self.refuse('The first KeySchemaElement is not a HASH key type',
                    KeySchema=[{'AttributeName': 'pk', 'KeyType': 'RANGE'}])

    def test_range_key_comes_second(self):
        both = schema('S', 'S')
        both['KeySchema'][1]['KeyType'] = 'HASH'
        self.refuse('second KeySchemaElement is not a RANGE key type', **both)

    def test_hash_and_range_differ(self):
        self.refuse('Invalid KeySchema: Some index key attribute have no definition',
                    KeySchema=[{'AttributeName': 'pk', 'KeyType': 'HASH'},
                               {'AttributeName': 'pk', 'KeyType': 'RANGE'}])

    def test_key_types(self):
        self.refuse('failed to satisfy constraint: Member must satisfy enum value set',
                    AttributeDefinitions=[{'AttributeName': 'pk', 'AttributeType': 'BOOL'}])

    def test_throughput_fits_the_billing_mode(self):
        self.refuse('Neither ReadCapacityUnits nor WriteCapacityUnits can be specified when '
                    'BillingMode is PAY_PER_REQUEST',
                    ProvisionedThroughput={'ReadCapacityUnits': 1, 'WriteCapacityUnits': 1})
        self.refuse('ReadCapacityUnits and WriteCapacityUnits must both be specified when '
                    'BillingMode is PROVISIONED', BillingMode='PROVISIONED')
        self.refuse('greater than or equal to 1', BillingMode='PROVISIONED',
                    ProvisionedThroughput={'ReadCapacityUnits': 0, 'WriteCapacityUnits': 1})


@unittest.skipUnless(server.ours(), 'of our own server')
class OurTables(Case):
    def test_counts_are_exact_at_once(self):
        name = self.table()
        load(self.db, name, [{'pk': {'S': f'{i:04}'}, 'v': {'S': 'x' * 10}} for i in range(50)])
        description = self.db.describe_table(TableName=name)['Table']
        self.assertEqual(description['ItemCount'], 50)
        self.assertEqual(description['TableSizeBytes'], 50 * (2 + 4 + 1 + 10))
        self.db.delete_item(TableName=name, Key={'pk': {'S': '0000'}})
        self.db.put_item(TableName=name, Item={'pk': {'S': '0001'}})
        description = self.db.describe_table(TableName=name)['Table']
        self.assertEqual(description['ItemCount'], 49)
        self.assertEqual(description['TableSizeBytes'], 48 * 17 + 6)

    def test_deletion_protection_holds(self):
        with server.Server() as own:
            name = unique()
            answer = own.call('CreateTable', {**table_parameters(name),
                                              'DeletionProtectionEnabled': True})
            self.assertEqual(answer.status, 200, answer)
            client = own.client()
            table = own.call('DescribeTable', {'TableName': name}).json['Table']
            self.assertIs(table['DeletionProtectionEnabled'], True)
            self.assertFails('ValidationException',
                             'Resource cannot be deleted as it is currently protected against '
                             'deletion. Disable deletion protection first.',
                             client.delete_table, TableName=name)
            client.put_item(TableName=name, Item={'pk': {'S': 'a'}})

    def test_tables_survive_stop_and_crash(self):
        with server.Server() as own:
            client = own.client()
            kept = make_table(client, 'S', 'N')
            gone = make_table(client)
            item = {'pk': {'S': 'a'}, 'sk': {'N': '1'}, 'v': {'S': 'kept'}}
            client.put_item(TableName=kept, Item=item)
            client.delete_table(TableName=gone)
            before = client.describe_table(TableName=kept)['Table']
            for crash in (False, True):
                own.restart(crash=crash)
                client = own.client()
                self.assertEqual(client.describe_table(TableName=kept)['Table'], before)
                self.assertEqual(client.list_tables()['TableNames'], [kept])
                self.assertEqual(client.get_item(TableName=kept, ConsistentRead=True, Key={
                    'pk': {'S': 'a'}, 'sk': {'N': '1'}})['Item'], item)


if __name__ == '__main__':
    unittest.main()
