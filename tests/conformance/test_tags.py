"""TagResource, UntagResource, ListTagsOfResource, and the tags of CreateTable."""

import time
import unittest

import server
from case import Case, table_parameters, unique, wait_active


def tag_list(tags):
    return [{'Key': key, 'Value': value} for key, value in tags.items()]


class Tags(Case):
    def arn(self, **parameters):
        name = unique()
        answer = self.server.call('CreateTable', {**table_parameters(name), **parameters})
        self.assertEqual(answer.status, 200, answer)
        self.addCleanup(self.drop, name)
        wait_active(self.db, name)
        return answer.json['TableDescription']['TableArn']

    def tags(self, arn):
        answer = self.db.list_tags_of_resource(ResourceArn=arn)
        self.assertNotIn('NextToken', answer)
        return {tag['Key']: tag['Value'] for tag in answer['Tags']}

    def assertTags(self, arn, expected):
        """The service needs a moment until a change can be read."""
        deadline = time.monotonic() + (0 if server.ours() else 20)
        while self.tags(arn) != expected and time.monotonic() < deadline:
            time.sleep(0.2)
        self.assertEqual(self.tags(arn), expected)

    def refuse(self, operation, body, text, code='ValidationException'):
        self.assertRefused(self.server.call(operation, body), code, text)

    def test_tags_come_and_go(self):
        arn = self.arn()
        self.assertTags(arn, {})
        answer = self.server.call('TagResource', {'ResourceArn': arn, 'Tags': tag_list(
            {'team': 'blue', '7': ' ', ' ': '', 'ключ': '表'})})
        self.assertEqual((answer.status, answer.body), (200, b''))
        self.assertTags(arn, {'team': 'blue', '7': ' ', ' ': '', 'ключ': '表'})
        self.db.tag_resource(ResourceArn=arn, Tags=tag_list({'team': 'red', 'new': '1'}))
        self.assertTags(arn, {'team': 'red', '7': ' ', ' ': '', 'ключ': '表', 'new': '1'})
        answer = self.server.call('UntagResource', {'ResourceArn': arn, 'TagKeys':
                                                    ['7', 'never there', 'ключ']})
        self.assertEqual((answer.status, answer.body), (200, b''))
        self.assertTags(arn, {'team': 'red', ' ': '', 'new': '1'})

    def test_tables_are_made_with_tags(self):
        tags = {f'k{i}': f'v{i}' for i in range(50)}
        self.assertTags(self.arn(Tags=tag_list(tags)), tags)

    def test_tables_with_bad_tags_are_not_made(self):
        name = unique()
        for tags, text in (
                (tag_list({'aws:x': '1'}), 'Tag Key cannot be prefixed with aws:, Key: aws:x'),
                ([{}], 'The Tag Key provided is invalid, Key: null'),
                (tag_list({f'k{i}': '' for i in range(51)}),
                 'Number of Tags exceed the current limit for the provided ResourceArn')):
            self.refuse('CreateTable', {**table_parameters(name), 'Tags': tags}, text)
        self.assertFails('ResourceNotFoundException', None, self.db.describe_table, TableName=name)

    def test_bad_tags_change_nothing(self):
        arn = self.arn(Tags=tag_list({'a': '1'}))
        good = {'Key': 'good', 'Value': ''}
        for tags, text in (
                ([], 'Atleast one Tag needs to be provided as Input.'),
                ([good, {'Value': 'x'}], 'The Tag Key provided is invalid, Key: null'),
                ([good, {'Key': 'x'}], 'The Tag Value provided is invalid, Value: null'),
                ([good, {'Key': '', 'Value': ''}], 'The Tag Key provided is invalid, Key: '),
                ([good, {'Key': 'k' * 129, 'Value': ''}],
                 'The Tag Key provided is invalid, Key: ' + 'k' * 129),
                ([good, {'Key': 'k', 'Value': 'v' * 257}],
                 'The Tag Value provided is invalid, Value: ' + 'v' * 257),
                ([good, {'Key': 'k', 'Value': '100%'}],
                 'The Tag Value provided is invalid, Value: 100%'),
                ([good, {'Key': 'aws:k', 'Value': ''}],
                 'Tag Key cannot be prefixed with aws:, Key: aws:k'),
                ([good, good],
                 'Duplicate Tag Keys provided as input: Duplicate Tag Key found good'),
                (tag_list({str(i): '' for i in range(50)}),
                 'Number of Tags exceed the current limit for the provided ResourceArn')):
            with self.subTest(text):
                self.refuse('TagResource', {'ResourceArn': arn, 'Tags': tags}, text)
        self.refuse('UntagResource', {'ResourceArn': arn, 'TagKeys': []},
                    'Atleast one Tag Key needs to be provided as Input.')
        self.refuse('UntagResource', {'ResourceArn': arn, 'TagKeys': ['a', '']},
                    'The Tag Key provided is invalid, Key: ')
        self.refuse('UntagResource', {'ResourceArn': arn, 'TagKeys': ['a'] * 51},
                    'Number of Tags exceed the current limit for the provided ResourceArn')
        self.assertTags(arn, {'a': '1'})

    def test_resources_are_tables_named_by_arn(self):
        arn = self.arn()
        invalid = 'One or more parameter values were invalid: '
        name = arn.split('/')[-1]
        elsewhere = arn.replace(self.server.region, 'nowhere-1')
        requests = (('ListTagsOfResource', {}), ('TagResource', {'Tags': tag_list({'a': ''})}),
                    ('UntagResource', {'TagKeys': ['a']}))
        for operation, more in requests:
            for resource, code, text in (
                    (name, 'ValidationException', f"{invalid}ARNs must start with 'arn:': {name}"),
                    ('arn:not/a/good/format', 'ValidationException', None),
                    (arn + '/index/i', 'ValidationException',
                     f'{invalid}Invalid resource arn provided, only table or stream is accepted. '
                     f'Provided resource arn: {arn}/index/i'),
                    (arn + 'x', 'ResourceNotFoundException',
                     f'Requested resource not found: ResourceArn: {arn}x not found'),
                    (elsewhere, 'ValidationException',
                     f'Invalid TableArn: Invalid ResourceArn provided as input {elsewhere}'),
                    (arn.replace(arn.split(':')[4], '210987654321'), 'AccessDeniedException',
                     None)):
                with self.subTest(operation, resource=resource):
                    self.refuse(operation, {'ResourceArn': resource, **more}, text, code)
        for operation, missing in (('TagResource', 'tags'), ('UntagResource', 'tagKeys')):
            self.refuse(operation, {'ResourceArn': arn},
                        f"1 validation error detected: Value null at '{missing}' failed to "
                        "satisfy constraint: Member must not be null")

    @unittest.skipUnless(server.ours(), 'of our own server')
    def test_tags_survive_a_crash(self):
        with server.Server() as own:
            client = own.client()
            arn = client.create_table(**table_parameters(unique()), Tags=tag_list(
                {'a': '1', 'b': '2'}))['TableDescription']['TableArn']
            client.tag_resource(ResourceArn=arn, Tags=tag_list({'c': '3'}))
            client.untag_resource(ResourceArn=arn, TagKeys=['a'])
            own.restart(crash=True)
            self.assertEqual(own.client().list_tags_of_resource(ResourceArn=arn)['Tags'],
                             tag_list({'b': '2', 'c': '3'}))


if __name__ == '__main__':
    unittest.main()
