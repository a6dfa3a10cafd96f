"""The ways a case's request can go: as it is written, through boto3, or through the AWS SDK for
JavaScript. All take and give DynamoDB JSON, so that one comparison serves them.

call(operation, request) -> Reply; supports(operation, request) tells whether the way has a form
for the request at all (an SDK knows only the operations and members of its own model).
"""

import base64
import datetime
import json
import pathlib
import subprocess

from botocore.exceptions import ClientError

import server

JAVASCRIPT = pathlib.Path(__file__).resolve().parent / 'javascript'


class Reply:
    def __init__(self, answer=None, error=None, text=None):
        self.answer = answer
        self.error = error  # its name, or None
        self.text = text

    def __repr__(self):
        if self.error:
            return f'{self.error}: {self.text}'
        return json.dumps(self.answer, ensure_ascii=False)


def target_of(operation):
    """Operations of the streams API have a target of their own."""
    streams = ('DescribeStream', 'GetRecords', 'GetShardIterator', 'ListStreams')
    return 'DynamoDBStreams_20120810.' if operation in streams else server.TARGET


class Raw:
    name = 'raw'

    def __init__(self, endpoint):
        self.endpoint = endpoint
        self.connection = endpoint.connection()

    def supports(self, _operation, _request):
        return True

    def call(self, operation, request):
        body = request if isinstance(request, str) else json.dumps(request, ensure_ascii=False)
        answer = self.endpoint.call(operation, body, connection=self.connection,
                                    target=target_of(operation))
        if answer.status == 200:
            return Reply(answer.json)
        return Reply(error=answer.code, text=answer.message)

    def close(self):
        self.connection.close()


class Boto:
    name = 'boto3'

    def __init__(self, endpoint):
        self.clients = [endpoint.client(), endpoint.client('dynamodbstreams')]
        self.methods = {}
        for client in self.clients:
            for method, operation in client.meta.method_to_api_mapping.items():
                self.methods.setdefault(operation, (client, method))

    def shape(self, operation):
        client, _ = self.methods[operation]
        return client.meta.service_model.operation_model(operation).input_shape

    def supports(self, operation, request):
        return operation in self.methods and fits(request, self.shape(operation))

    def call(self, operation, request):
        client, method = self.methods[operation]
        try:
            answer = getattr(client, method)(**to_boto(request, self.shape(operation)))
        except ClientError as error:
            about = error.response['Error']
            return Reply(error=about['Code'], text=about['Message'])
        del answer['ResponseMetadata']
        return Reply(from_boto(answer))

    def close(self):
        for client in self.clients:
            client.close()


def fits(value, shape):
    """Whether boto3's model has every member of the request."""
    if shape.type_name == 'structure':
        return all(name in shape.members and fits(member, shape.members[name])
                   for name, member in value.items())
    if shape.type_name == 'list':
        return all(fits(member, shape.member) for member in value)
    if shape.type_name == 'map':
        return all(fits(member, shape.value) for member in value.values())
    return True


def to_boto(value, shape):
    if shape.type_name == 'structure':
        return {name: to_boto(member, shape.members[name]) for name, member in value.items()}
    if shape.type_name == 'list':
        return [to_boto(member, shape.member) for member in value]
    if shape.type_name == 'map':
        return {name: to_boto(member, shape.value) for name, member in value.items()}
    if shape.type_name == 'blob':
        return base64.b64decode(value)
    return value


def from_boto(value):
    if isinstance(value, dict):
        return {name: from_boto(member) for name, member in value.items()}
    if isinstance(value, list):
        return [from_boto(member) for member in value]
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, datetime.datetime):
        return value.timestamp()
    return value


def javascript_options(endpoint):
    """What a client of the JavaScript SDK is made with."""
    credentials = {'accessKeyId': endpoint.access_key, 'secretAccessKey': endpoint.secret_key}
    if endpoint.token:
        credentials['sessionToken'] = endpoint.token
    return {'endpoint': endpoint.url, 'region': endpoint.region, 'credentials': credentials}


class Javascript:
    name = 'javascript'

    def __init__(self, endpoint):
        self.process = subprocess.Popen(['node', str(JAVASCRIPT / 'driver.mjs')], text=True,
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.operations = set(self.ask(javascript_options(endpoint))['operations'])

    def ask(self, line):
        self.process.stdin.write(json.dumps(line) + '\n')
        self.process.stdin.flush()
        answer = self.process.stdout.readline()
        if not answer:
            raise RuntimeError(f'{JAVASCRIPT}/driver.mjs ended')
        return json.loads(answer)

    def supports(self, operation, _request):
        return operation in self.operations

    def call(self, operation, request):
        return Reply(**self.ask({'operation': operation, 'input': request}))

    def close(self):
        self.process.stdin.close()
        self.process.wait(30)
        self.process.stdout.close()


ALL = {way.name: way for way in (Raw, Boto, Javascript)}
