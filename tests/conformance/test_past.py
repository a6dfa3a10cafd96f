"""Our own operations on a table's past: history of an item, differences, activity, moments."""

import base64
import re
import unittest

import server
from case import load
from test_as_of import AsOfCase
from test_pitr import DAY


class PastCase(AsOfCase):
    def ask(self, operation, body, status=200):
        body = {name: value for name, value in body.items() if value is not None}
        answer = self.server.call('', body, target='Tidemark_20261101.' + operation)
        self.assertEqual(answer.status, status, answer)
        return answer if status != 200 else answer.json

    def next_minute(self):
        """Goes to the beginning of a minute: what follows lies in one."""
        self.server.advance(61 - self.now() % 60)

    def pages(self, operation, body, member):
        found, answers = [], []
        while True:
            answer = self.ask(operation, body)
            answers.append(answer)
            found += answer[member]
            if 'NextToken' not in answer:
                return found, answers
            body = {**body, 'NextToken': answer['NextToken']}


class ItemHistory(PastCase):
    def test_all_versions_newest_first(self):
        t = self.table('S', 'N')
        key = {'pk': {'S': 'a'}, 'sk': {'N': '1'}}
        self.db.put_item(TableName=t, Item={**key, 'v': {'N': '0'}})
        self.assertEqual(self.switch(t).status, 200)
        for i in range(1, 6):
            self.db.put_item(TableName=t, Item={**key, 'v': {'N': str(i)}})
            self.db.put_item(TableName=t, Item={**key, 'sk': {'N': '2'}, 'v': {'N': str(i)}})
        self.db.delete_item(TableName=t, Key=key)
        request = {'TableName': t, 'Key': key}
        answer = self.ask('GetItemHistory', request)
        versions = answer['Versions']
        self.assertEqual([v['Kind'] for v in versions], ['DELETE'] + ['PUT'] * 5)
        self.assertEqual([v['Item']['v']['N'] for v in versions[1:]], ['5', '4', '3', '2', '1'])
        self.assertEqual({v['AccessKeyId'] for v in versions}, {server.ACCESS_KEY})
        self.assertEqual(len({v['RequestId'] for v in versions}), 6)
        times = [v['CommitTime'] for v in versions]
        self.assertEqual(times, sorted(times, reverse=True))
        self.assertTrue(answer['Before']['Exists'])
        self.assertEqual(answer['Before']['Item']['v'], {'N': '0'})
        self.assertEqual(versions[1]['SizeBytes'], versions[2]['SizeBytes'])

        found, answers = self.pages('GetItemHistory', {**request, 'Limit': 2}, 'Versions')
        self.assertEqual(found, versions)
        self.assertEqual(len(answers), 3)
        # Each version can be read as of its own instant, and is not there a microsecond before.
        for version, older in zip(versions[1:], versions[2:]):
            past = self.client_as_of(version['CommitTime'])
            self.assertEqual(past.get_item(TableName=t, Key=key)['Item'], version['Item'])
        middle = self.ask('GetItemHistory', {**request, 'From': times[4], 'Until': times[2],
                                             'IncludeItems': False})
        self.assertEqual([v['CommitTime'] for v in middle['Versions']], times[2:4])
        self.assertNotIn('Item', middle['Versions'][0])

    def test_an_item_that_never_was(self):
        t = self.protected()
        answer = self.ask('GetItemHistory', {'TableName': t, 'Key': {'pk': {'S': 'a'}}})
        self.assertEqual((answer['Versions'], answer['Before']['Exists']), ([], False))


class Differences(PastCase):
    def test_added_removed_changed(self):
        t = self.protected('S', 'N')
        item = lambda i, **more: {'pk': {'S': str(i % 3)}, 'sk': {'N': str(i)}, **more}
        load(self.db, t, [item(i) for i in range(60)])
        before = self.tick()
        for i in range(20):
            self.db.delete_item(TableName=t, Key=item(i))
        load(self.db, t, [item(i, v={'N': '1'}) for i in range(20, 30)])
        load(self.db, t, [item(i) for i in range(60, 65)])
        load(self.db, t, [item(i, v={'N': '1'}) for i in range(30, 40)])
        load(self.db, t, [item(i) for i in range(30, 40)])  # and back
        between = self.tick()
        self.db.delete_item(TableName=t, Key=item(59))

        def kinds(changes):
            found = {}
            for change in changes:
                found.setdefault(change['Kind'], set()).add(int(change['Key']['sk']['N']))
            return found

        request = {'TableName': t, 'From': str(before), 'Until': str(between), 'Limit': 7,
                   'IncludeItems': True}
        changes, answers = self.pages('DiffTable', request, 'Changes')
        self.assertEqual(kinds(changes), {'REMOVED': set(range(20)), 'CHANGED': set(range(20, 30)),
                                          'ADDED': set(range(60, 65))})
        self.assertEqual(len(changes), 35)
        for name, count in (('Added', 5), ('Removed', 20), ('Changed', 10)):
            self.assertEqual(sum(answer[name] for answer in answers), count)
        for change in changes:
            i = int(change['Key']['sk']['N'])
            self.assertEqual(change.get('OldItem'), item(i) if i < 60 else None)
            new = {'REMOVED': None, 'ADDED': item(i), 'CHANGED': item(i, v={'N': '1'})}
            self.assertEqual(change.get('NewItem'), new[change['Kind']])
            self.assertEqual(change['AccessKeyId'], server.ACCESS_KEY)
        now = self.ask('DiffTable', {'TableName': t, 'From': str(between)})
        self.assertEqual(kinds(now['Changes']), {'REMOVED': {59}})
        self.assertNotIn('OldItem', now['Changes'][0])
        one, _ = self.pages('DiffTable', {**request, 'PartitionKey': {'pk': {'S': '1'}}}, 'Changes')
        self.assertEqual({change['Key']['pk']['S'] for change in one}, {'1'})
        self.assertEqual(len(one), len([i for i in [*range(30), *range(60, 65)] if i % 3 == 1]))
        same = self.ask('DiffTable', {**request, 'Until': str(before)})
        self.assertEqual(same['Changes'], [])

    def test_of_what_is_sorted_into_runs(self):
        t = self.protected()
        load(self.db, t, [{'pk': {'S': str(i)}} for i in range(100)])
        before = self.tick()
        for i in range(50):
            self.db.delete_item(TableName=t, Key={'pk': {'S': str(i)}})
        self.server.advance(2 * DAY)
        self.db.put_item(TableName=t, Item={'pk': {'S': 'new'}})
        answer = self.ask('DiffTable', {'TableName': t, 'From': str(before), 'Limit': 1000})
        self.assertEqual((answer['Added'], answer['Removed'], answer['Changed']), (1, 50, 0))


class Activity(PastCase):
    def test_bins_and_moments_lead_to_the_instant_before(self):
        t = self.protected()
        items = [{'pk': {'S': str(i)}} for i in range(300)]
        load(self.db, t, items)
        before = self.tick(120)
        self.next_minute()
        for i in range(0, 200, 25):
            self.db.batch_write_item(RequestItems={t: [
                {'DeleteRequest': {'Key': item}} for item in items[i:i + 25]]})
        self.server.advance(600)
        self.next_minute()
        load(self.db, t, [{**item, 'v': {'N': '1'}} for item in items[200:230]])

        activity = self.ask('GetTableActivity', {'TableName': t, 'BinSeconds': 60})
        self.assertEqual((activity['Puts'], activity['Overwrites'], activity['Deletes']),
                         (330, 30, 200))
        for name in ('Puts', 'Overwrites', 'Deletes'):
            self.assertEqual(sum(b[name] for b in activity['Bins']), activity[name])
        self.assertEqual(activity['BinSeconds'], 60)

        moments = self.ask('ListMoments', {'TableName': t})['Moments']
        self.assertEqual([(m['Kind'], m['Count'], m['AccessKeyId']) for m in moments],
                         [('DELETE', 200, server.ACCESS_KEY), ('OVERWRITE', 30, server.ACCESS_KEY)])
        just_before = moments[0]['JustBefore']
        self.assertLess(just_before, moments[0]['First'])
        past = self.client_as_of(just_before)
        self.assertEqual(past.scan(TableName=t, Select='COUNT')['Count'], 300)
        self.assertEqual(self.client_as_of(moments[0]['First']).scan(
            TableName=t, Select='COUNT')['Count'], 299)
        late = self.ask('ListMoments', {'TableName': t, 'From': moments[1]['JustBefore']})
        self.assertEqual([m['Kind'] for m in late['Moments']], ['OVERWRITE'])
        self.assertEqual(self.ask('ListMoments', {'TableName': t, 'Until': str(before)})['Moments'],
                         [])


class Refused(PastCase):
    def refused(self, operation, body, code, text):
        answer = self.ask(operation, body, status=400)
        self.assertRefused(answer, code, text)

    def test_what_is_wrong(self):
        t = self.protected('S', 'N')
        key = {'pk': {'S': 'a'}, 'sk': {'N': '1'}}
        missing = 'Requested resource not found'
        for operation, body in (('GetItemHistory', {'Key': key}), ('DiffTable', {'From': '1'}),
                                ('GetTableActivity', {}), ('ListMoments', {})):
            self.refused(operation, {'TableName': 'there-is-none', **body},
                         'ResourceNotFoundException', missing)
            self.refused(operation, {'TableName': t, **body, 'From': 'noon'},
                         'ValidationException', re.compile("'noon' is no instant"))
            self.refused(operation, {'TableName': t, **body, 'From': '4102444800',
                                     'Until': '4102444700'},
                         'ValidationException', re.compile('From must not be later than Until'))
            self.refused(operation, {'TableName': t, **body, 'From': '1000'},
                         'InvalidRestoreTimeException', re.compile('The restore time must be'))
            self.refused(operation, body, 'ValidationException', re.compile("'tableName'"))
        self.refused('GetItemHistory', {'TableName': t, 'Key': {'pk': {'S': 'a'}}},
                     'ValidationException', None)
        earliest = str(self.now())
        self.refused('DiffTable', {'TableName': t, 'From': earliest, 'PartitionKey': key},
                     'ValidationException', re.compile("the table's partition key alone: pk"))
        for token in ('x', base64.b64encode(b'short').decode(),
                      base64.b64encode(bytes(8) + b'\0\2').decode()):
            self.refused('DiffTable', {'TableName': t, 'From': earliest, 'NextToken': token},
                         'ValidationException', re.compile('NextToken is none'))
        self.server.advance(DAY)
        self.refused('GetTableActivity', {'TableName': t, 'BinSeconds': 1}, 'ValidationException',
                     re.compile('makes more than 2000 bins'))

    def test_without_recovery(self):
        t = self.table()
        self.refused('ListMoments', {'TableName': t}, 'PointInTimeRecoveryUnavailableException',
                     None)

    def test_targets(self):
        for target in ('Tidemark_20261101.GetItem', 'DynamoDB_20120810.ListMoments',
                       'Tidemark_20261101.'):
            answer = self.server.call('', {}, target=target)
            self.assertRefused(answer, 'UnknownOperationException')


if __name__ == '__main__':
    unittest.main()
