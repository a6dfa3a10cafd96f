// A request of an AWS API as text: for the shell, Python and JavaScript.
const CLIENTS = { dynamodb: 'DynamoDBClient', backup: 'BackupClient' };

export interface Request {
  service?: keyof typeof CLIENTS; // dynamodb if not given
  operation: string; // "CreateBackup"
  input: object;
}

export interface Place {
  endpoint: string;
  region: string;
}

function kebab(name: string): string {
  return name.replace(/(?<=[a-z])(?=[A-Z])/g, '-').toLowerCase();
}

export function quoted(text: string): string {
  return /^[\w./:@=-]+$/.test(text) ? text : `'${text.replace(/'/g, `'\\''`)}'`;
}

// Dates become ISO texts, which the shell and boto3 take.
function plain(input: object): Record<string, unknown> {
  return JSON.parse(JSON.stringify(input)) as Record<string, unknown>;
}

export function awsCommand({ service = 'dynamodb', operation, input }: Request, { endpoint, region }: Place): string {
  const parts = Object.entries(plain(input)).map(([name, value]) => {
    if (typeof value === 'boolean') return `--${value ? '' : 'no-'}${kebab(name)}`;
    return `--${kebab(name)} ${quoted(typeof value === 'string' ? value : JSON.stringify(value))}`;
  });
  return [`aws ${service} ${kebab(operation)} --endpoint-url ${endpoint} --region ${region}`, ...parts].join(
    ' \\\n  ',
  );
}

// JSON, but for the three words that Python writes otherwise; never within texts.
function python(value: unknown): string {
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (value === null) return 'None';
  if (Array.isArray(value)) return `[${value.map(python).join(', ')}]`;
  if (typeof value !== 'object') return JSON.stringify(value);
  const members = Object.entries(value as object).map(([name, one]) => `${JSON.stringify(name)}: ${python(one)}`);
  return `{${members.join(', ')}}`;
}

export function boto3Program(
  { service = 'dynamodb', operation, input }: Request,
  { endpoint, region }: Place,
): string {
  const method = kebab(operation).replace(/-/g, '_');
  return [
    'import boto3',
    `${service} = boto3.client('${service}', endpoint_url='${endpoint}', region_name='${region}')`,
    `${service}.${method}(`,
    ...Object.entries(plain(input)).map(([name, value]) => `    ${name}=${python(value)},`),
    ')',
  ].join('\n');
}

export function javascriptProgram(
  { service = 'dynamodb', operation, input }: Request,
  { endpoint, region }: Place,
): string {
  const members = Object.entries(input).map(([name, value]) => {
    const text = value instanceof Date ? `new Date('${value.toISOString()}')` : JSON.stringify(value, null, 2);
    return `  ${name}: ${text?.replace(/\n/g, '\n  ')},`;
  });
  return [
    `import { ${CLIENTS[service]}, ${operation}Command } from '@aws-sdk/client-${service}';`,
    `const client = new ${CLIENTS[service]}({ endpoint: '${endpoint}', region: '${region}' });`,
    `await client.send(new ${operation}Command({`,
    ...members,
    '}));',
  ].join('\n');
}
