"""AWS Backup as models/backup.json tells it, for operations and members that the client at hand is too old to know."""

import json
import re
import urllib.parse

from botocore import xform_name
from botocore.exceptions import ClientError

import server

ROUTES = json.loads((server.ROOT / 'models/backup.json').read_text())['rest']
OPERATIONS = {xform_name(name): name for name in ROUTES}


def quoted(value):
    if isinstance(value, bool):
        value = str(value).lower()
    return urllib.parse.quote(str(value), safe='')


class RestApi:
    """Each operation is a method, as a client's: answers are JSON, times are seconds; errors are ClientError."""

    def __init__(self, endpoint, **key):
        self.endpoint, self.key = endpoint, key

    def __getattr__(self, name):
        if name not in OPERATIONS:
            raise AttributeError(name)
        return lambda **members: self.call(OPERATIONS[name], members)

    def call(self, operation, members):
        route, members = ROUTES[operation], dict(members)
        method, path = route['http'].split()
        path = re.sub(r'{(\w+)}', lambda part: quoted(members.pop(part.group(1))), path)
        query = [f'{parameter}={quoted(members.pop(member))}' for parameter, member in route.get('query', {}).items()
                 if members.get(member) is not None]
        path += '?' + '&'.join(query) if query else ''
        body = json.dumps(members).encode() if method in ('PUT', 'POST') else b''
        headers = self.endpoint.sign(body, {'Host': self.endpoint.host}, method=method, path=path, service='backup',
                                     **self.key)
        answer = self.endpoint.send(body, headers, method=method, path=path)
        if answer.status < 300:
            return answer.json if answer.body else {}
        raise ClientError({**answer.json, 'ResponseMetadata': {'HTTPStatusCode': answer.status}, 'Error': {
            'Code': answer.headers['x-amzn-errortype'], 'Message': answer.message}}, operation)
