"""What the test files share: a client, tables that clean up after themselves, error assertions."""

import re
import time
import unittest
import uuid

from botocore.exceptions import ClientError

import server

STRING, NUMBER, BINARY = 'S', 'N', 'B'


def unique(prefix='t'):
    return f'{prefix}-{uuid.uuid4().hex[:12]}'


def schema(hash_type=STRING, range_type=None):
    """KeySchema and AttributeDefinitions of a table with keys pk and, if wanted, sk."""
    keys = [{'AttributeName': 'pk', 'KeyType': 'HASH'}]
    attributes = [{'AttributeName': 'pk', 'AttributeType': hash_type}]
    if range_type:
        keys.append({'AttributeName': 'sk', 'KeyType': 'RANGE'})
        attributes.append({'AttributeName': 'sk', 'AttributeType': range_type})
    return {'KeySchema': keys, 'AttributeDefinitions': attributes}


def table_parameters(name, hash_type=STRING, range_type=None):
    return {'TableName': name, 'BillingMode': 'PAY_PER_REQUEST', **schema(hash_type, range_type)}


def wait_active(client, table, timeout=240):
    deadline = time.monotonic() + timeout
    while True:
        try:
            description = client.describe_table(TableName=table)['Table']
            if description['TableStatus'] == 'ACTIVE':
                return description
        except ClientError as error:
            if error.response['Error']['Code'] != 'ResourceNotFoundException':
                raise
        if time.monotonic() > deadline:
            raise AssertionError(f'{table} is not ACTIVE after {timeout} s')
        time.sleep(0.05)


def wait_gone(client, table, timeout=240):
    deadline = time.monotonic() + timeout
    while time.monotonic() < deadline:
        try:
            client.describe_table(TableName=table)
        except client.exceptions.ResourceNotFoundException:
            return
        time.sleep(0.05)
    raise AssertionError(f'{table} is still there after {timeout} s')


def make_table(client, hash_type=STRING, range_type=None, name=None):
    name = name or unique()
    client.create_table(**table_parameters(name, hash_type, range_type))
    wait_active(client, name)
    return name


def wait_backup(client, arn, timeout=240):
    deadline = time.monotonic() + timeout
    while True:
        details = client.describe_backup(BackupArn=arn)['BackupDescription']['BackupDetails']
        if details['BackupStatus'] == 'AVAILABLE':
            return details
        if time.monotonic() > deadline:
            raise AssertionError(f'{arn} is {details["BackupStatus"]} after {timeout} s')
        time.sleep(0.05)


def scan_all(client, table, **parameters):
    items = []
    for page in client.get_paginator('scan').paginate(TableName=table, ConsistentRead=True,
                                                      **parameters):
        items += page['Items']
    return items


def query_all(client, **parameters):
    items = []
    for page in client.get_paginator('query').paginate(**parameters):
        items += page['Items']
    return items


def load(client, table, items):
    """Puts many items, 25 at a time."""
    items = list(items)
    for i in range(0, len(items), 25):
        requests = {table: [{'PutRequest': {'Item': item}} for item in items[i:i + 25]]}
        while requests:
            requests = client.batch_write_item(RequestItems=requests).get('UnprocessedItems')


class Case(unittest.TestCase):
    """Tests against the shared server. Tables made by table() go when the test ends."""

    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.server = server.shared()
        cls.db = cls.server.client()
        cls.class_tables = []

    @classmethod
    def tearDownClass(cls):
        for name in cls.class_tables:
            cls.drop(name)

    @classmethod
    def drop(cls, name):
        try:
            cls.db.delete_table(TableName=name)
        except ClientError:
            pass

    @classmethod
    def class_table(cls, hash_type=STRING, range_type=None):
        """A table for all tests of the class."""
        name = make_table(cls.db, hash_type, range_type)
        cls.class_tables.append(name)
        return name

    def table(self, hash_type=STRING, range_type=None):
        name = make_table(self.db, hash_type, range_type)
        self.addCleanup(self.drop, name)
        return name

    def get(self, table, **key):
        return self.db.get_item(TableName=table, Key=key, ConsistentRead=True).get('Item')

    def assertFails(self, code, text, call, *arguments, **parameters):
        """The call fails with error `code`; `text` is the message, or a pattern for it."""
        with self.assertRaises(ClientError) as raised:
            call(*arguments, **parameters)
        error = raised.exception.response['Error']
        self.assertEqual(error['Code'], code, error)
        self.assertEqual(raised.exception.response['ResponseMetadata']['HTTPStatusCode'], 400)
        self._assertText(text, error['Message'])
        return raised.exception.response

    def assertRefused(self, answer, code, text=None):
        """The same of a raw answer."""
        self.assertEqual((answer.status, answer.code), (400, code), answer)
        if text is not None:
            self._assertText(text, answer.message)

    def _assertText(self, text, message):
        if isinstance(text, re.Pattern):
            self.assertRegex(message, text)
        elif text is not None:
            self.assertEqual(message, text)


@unittest.skipUnless(server.ours(), 'of our own server')
class OwnServerCase(Case):
    """With a server of its own, because its clock is moved, it is emptied or it is restarted."""

    @classmethod
    def setUpClass(cls):
        cls.server = server.Server()
        cls.db = cls.server.client()
        cls.class_tables = []

    @classmethod
    def tearDownClass(cls):
        cls.server.close()
