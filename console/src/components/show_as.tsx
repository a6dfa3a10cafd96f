// The same request as a command or a program: made from the very input that the button sends.
import Box from '@cloudscape-design/components/box';
import ExpandableSection from '@cloudscape-design/components/expandable-section';
import Tabs from '@cloudscape-design/components/tabs';
import { useApi } from '../api/clients';
import { Copy } from './copy';

export interface Request {
  operation: string; // "CreateBackup"
  input: object;
  tidemark?: string; // the same for our own command line, where it has it
}

function kebab(name: string): string {
  return name.replace(/(?<=[a-z])(?=[A-Z])/g, '-').toLowerCase();
}

function snake(name: string): string {
  return kebab(name).replace(/-/g, '_');
}

function quoted(text: string): string {
  return /^[\w./:@=-]+$/.test(text) ? text : `'${text.replace(/'/g, `'\\''`)}'`;
}

// Dates become ISO texts, which all three take.
function plain(input: object): Record<string, unknown> {
  return JSON.parse(JSON.stringify(input)) as Record<string, unknown>;
}

function cliText(value: unknown): string {
  return quoted(typeof value === 'string' ? value : JSON.stringify(value));
}

export function awsCommand({ operation, input }: Request, endpoint: string, region: string): string {
  const parts = Object.entries(plain(input)).map(([name, value]) => {
    if (typeof value === 'boolean') return value ? `--${kebab(name)}` : `--no-${kebab(name)}`;
    return `--${kebab(name)} ${cliText(value)}`;
  });
  return [`aws dynamodb ${kebab(operation)} --endpoint-url ${endpoint} --region ${region}`, ...parts].join(' \\\n  ');
}

function python(value: unknown): string {
  return JSON.stringify(value)
    .replace(/\btrue\b/g, 'True')
    .replace(/\bfalse\b/g, 'False')
    .replace(/\bnull\b/g, 'None');
}

function boto3Program({ operation, input }: Request, endpoint: string, region: string): string {
  const parts = Object.entries(plain(input)).map(([name, value]) => `    ${name}=${python(value)},`);
  return [
    'import boto3',
    `dynamodb = boto3.client('dynamodb', endpoint_url='${endpoint}', region_name='${region}')`,
    `dynamodb.${snake(operation)}(`,
    ...parts,
    ')',
  ].join('\n');
}

function javascriptProgram({ operation, input }: Request, endpoint: string, region: string): string {
  return [
    `import { DynamoDBClient, ${operation}Command } from '@aws-sdk/client-dynamodb';`,
    `const client = new DynamoDBClient({ endpoint: '${endpoint}', region: '${region}' });`,
    `await client.send(new ${operation}Command(${JSON.stringify(plain(input), null, 2)}));`,
  ].join('\n');
}

export function ShowAs(request: Request) {
  const { session } = useApi();
  const texts: [string, string][] = [
    ['aws', awsCommand(request, location.origin, session.region)],
    ['Python', boto3Program(request, location.origin, session.region)],
    ['JavaScript', javascriptProgram(request, location.origin, session.region)],
  ];
  if (request.tidemark) texts.unshift(['tidemark', `tidemark ${request.tidemark} --endpoint ${location.origin}`]);
  return (
    <ExpandableSection headerText="Show as">
      <Tabs
        ariaLabel="Show as"
        tabs={texts.map(([name, text]) => ({
          id: name,
          label: name,
          content: (
            <div>
              <Box variant="pre">{text}</Box>
              {isSecureContext && <Copy text={text} what={`as ${name}`} shown="Copy" />}
            </div>
          ),
        }))}
      />
    </ExpandableSection>
  );
}
