"""Random requests signed by botocore's own signer are accepted; the same with anything changed are refused.

    TIDEMARK_SIGNATURES=10000 python3 -m unittest test_signatures      # the long dose; default 300 of each

A failure names the seed: TIDEMARK_SEED=n replays it.
"""

import hashlib
import json
import os
import random
import string
import time
import unittest

from botocore.auth import SigV4Auth, SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from iam_case import IamCase
import server

COUNT = int(os.environ.get('TIDEMARK_SIGNATURES', '300'))
SEED = int(os.environ.get('TIDEMARK_SEED', str(random.randrange(1 << 32))))
REFUSALS = {'InvalidSignatureException', 'IncompleteSignatureException', 'UnrecognizedClientException',
            'MissingAuthenticationTokenException', 'ExpiredTokenException'}
TARGET = 'DynamoDB_20120810.ListTables'
PLAIN = string.ascii_letters + string.digits
ODD = PLAIN + " !#$%&'()*+,-./:;<=>?@[]^_`{|}~\"\\"


class QueryAuth(SigV4QueryAuth):
    """Signs a body, which the original moves into the query string."""

    def payload(self, request):
        return hashlib.sha256(self.body).hexdigest()


class Signatures(IamCase):
    def setUp(self):
        self.random = random.Random(SEED)
        name = self.user()
        long_term = self.iam.create_access_key(UserName=name)['AccessKey']
        session = self.server.client('sts').get_session_token()['Credentials']
        self.keys = [Credentials(server.ACCESS_KEY, server.SECRET_KEY),
                     Credentials(long_term['AccessKeyId'], long_term['SecretAccessKey']),
                     Credentials(session['AccessKeyId'], session['SecretAccessKey'], session['SessionToken'])]
        self.connection = self.server.connection()
        self.addCleanup(self.connection.close)

    def text(self, letters, least, most):
        return ''.join(self.random.choice(letters) for _ in range(self.random.randint(least, most)))

    def signed(self):
        """A random request: method, path with query, headers as pairs, body."""
        rng = self.random
        body = json.dumps({'Limit': rng.randint(1, 100), self.text(PLAIN, 1, 9): self.text(ODD, 0, 40)},
                          ensure_ascii=rng.random() < 0.5).encode()
        headers = {'Host': self.server.host, 'X-Amz-Target': TARGET,
                   'Content-Type': 'application/x-amz-json-1.0'}
        for i in range(rng.randint(0, 5)):
            value = self.text(ODD, 0, 30)
            if rng.random() < 0.3:
                value = value.replace('a', '   ')
            headers[f'X-{self.text(PLAIN, 1, 12)}{i}'] = value.strip()
        url = self.server.url + '/'
        if rng.random() < 0.5:
            pairs = [(self.text(PLAIN + '-_.~', 1, 6), self.text(PLAIN + '-_.~', 0, 8))
                     for _ in range(rng.randint(1, 5))]
            url += '?' + '&'.join(f'{name}={value}' + rng.choice(('', '%20', '%2F%C3%A9'))
                                  for name, value in pairs)
        credentials = rng.choice(self.keys)
        region = rng.choice(('us-east-1', 'eu-west-2', 'local', 'a-1'))
        if rng.random() < 0.3:
            request = AWSRequest(method='POST', url=url, headers=headers)
            signer = QueryAuth(credentials, 'dynamodb', region, expires=rng.randint(60, 3600))
            signer.body = body
        else:
            request = AWSRequest(method='POST', url=url, data=body, headers=headers)
            signer = SigV4Auth(credentials, 'dynamodb', region)
        signer.add_auth(request)
        prepared = request.prepare()
        path = prepared.url[len(self.server.url):]
        return path, [(name, value if isinstance(value, str) else value.decode())
                      for name, value in prepared.headers.items()], body

    def send(self, path, headers, body):
        connection = self.connection
        connection.putrequest('POST', path, skip_host=True, skip_accept_encoding=True)
        for name, value in headers:
            if name.lower() != 'content-length':
                connection.putheader(name, value)
        connection.putheader('Content-Length', str(len(body)))
        connection.endheaders(body)
        response = connection.getresponse()
        answer = server.Answer(response.status, response.getheaders(), response.read())
        if answer.headers.get('connection') == 'close':
            connection.close()
        return answer

    def test_what_botocore_signs_is_accepted(self):
        for number in range(COUNT):
            path, headers, body = self.signed()
            answer = self.send(path, headers, body)
            # Users without a policy are known, and then refused.
            self.assertIn(answer.code, (None, 'AccessDeniedException'), (
                SEED, number, path, headers, body, answer.body))

    def changed(self, letters):
        """Of a text, one letter or digit is another."""
        places = [i for i, c in enumerate(letters) if c.isalnum()]
        at = self.random.choice(places)
        other = self.random.choice([c for c in PLAIN if c.lower() != letters[at].lower()])
        return letters[:at] + other + letters[at + 1:]

    def mutate(self, path, headers, body):
        """The request with something changed that its signature covers, or in the signature itself."""
        rng = self.random
        headers = list(headers)
        places = {name.lower(): i for i, (name, _) in enumerate(headers)}
        choices = ['body', 'host', 'query']
        if 'authorization' in places:
            choices += ['authorization', 'signature', 'other token', 'date', 'cut', 'header', 'drop']
            if 'x-amz-security-token' in places:
                choices += ['token', 'no token']
        else:
            choices += ['presigned', 'presigned']
        what = rng.choice(choices)

        def edit(name, change):
            i = places[name]
            headers[i] = (headers[i][0], change(headers[i][1]))

        if what == 'body':
            at = rng.randrange(len(body))
            body = body[:at] + bytes([body[at] ^ 1 << rng.randrange(3)]) + body[at + 1:]
        elif what == 'host':
            edit('host', self.changed)
        elif what == 'other token':
            if 'x-amz-security-token' in places:
                del headers[places['x-amz-security-token']]
            headers.append(('X-Amz-Security-Token', 'x'))
        elif what == 'query':
            path += ('&' if '?' in path else '?') + 'x=1'
        elif what == 'authorization':
            edit('authorization', self.changed)
        elif what == 'signature':
            edit('authorization', lambda value: value[:-64] + ''.join(rng.choice('0123456789abcdef')
                                                                      for _ in range(64)))
        elif what == 'date':
            edit('x-amz-date', self.changed)
        elif what == 'cut':
            edit('authorization', lambda value: value[:rng.randrange(len(value))])
        elif what in ('header', 'drop'):
            signed = [i for i, (name, value) in enumerate(headers)
                      if name.lower().startswith('x-') and not name.lower().startswith('x-amz') and value]
            if not signed:
                return self.mutate(path, headers, body)
            i = rng.choice(signed)
            headers[i] = (headers[i][0], headers[i][1] + 'y' if what == 'header' else '')
        elif what == 'token':
            edit('x-amz-security-token', self.changed)
        elif what == 'no token':
            del headers[places['x-amz-security-token']]
        elif what == 'presigned':
            begin = path.index('X-Amz-')
            path = path[:begin] + self.changed(path[begin:])
        return what, path, headers, body

    def test_what_was_changed_is_refused(self):
        seen = set()
        for number in range(COUNT):
            path, headers, body = self.signed()
            what, path, headers, body = self.mutate(path, headers, body)
            answer = self.send(path, headers, body)
            where = (SEED, number, what, path, headers, body, answer)
            self.assertIn(answer.status, (400, 404), where)
            # A body that is no JSON any more is told first, as the service does.
            if answer.status == 400 and answer.code != 'SerializationException':
                self.assertIn(answer.code, REFUSALS, where)
                seen.add(answer.code)
        self.assertGreater(len(seen), 2)
        # It still serves.
        self.db.list_tables()


@unittest.skipUnless(server.ours(), 'of our own server')
class Guessing(IamCase):
    def test_is_slowed_down(self):
        with server.Server(arguments=()) as running:
            codes = [running.call('ListTables', {}, secret_key='wrong').code for _ in range(150)]
            self.assertEqual(codes[:100], ['InvalidSignatureException'] * 100)
            self.assertIn('ThrottlingException', codes[100:])
            # The right secret is not listened to either, for a moment; other keys are.
            self.assertEqual(running.call('ListTables', {}).code, 'ThrottlingException')
            self.assertEqual(running.call('ListTables', {}, access_key='AKIAOTHER').code,
                             'UnrecognizedClientException')
            time.sleep(1)
            self.assertEqual(running.call('ListTables', {}).status, 200)


if __name__ == '__main__':
    unittest.main()
