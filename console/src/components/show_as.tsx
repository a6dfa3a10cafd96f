// The same request as a command or a program: made from the very input that the button sends.
import Box from '@cloudscape-design/components/box';
import ExpandableSection from '@cloudscape-design/components/expandable-section';
import Tabs from '@cloudscape-design/components/tabs';
import { useApi } from '../api/clients';
import { type Place, type Request, awsCommand, boto3Program, javascriptProgram } from '../api/request_texts';
import { Copy } from './copy';

function Texts({ texts }: { texts: [name: string, text: string][] }) {
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

// `region`: where the request is sent, if not where one is signed in.
export function ShowAs({ region, ...request }: Request & { region?: string }) {
  const { session } = useApi();
  const place: Place = { endpoint: location.origin, region: region ?? session.region };
  return (
    <Texts
      texts={[
        ['aws', awsCommand(request, place)],
        ['Python', boto3Program(request, place)],
        ['JavaScript', javascriptProgram(request, place)],
      ]}
    />
  );
}

// What only our own command line has: "restore-items Users --at ...".
export function ShowAsTidemark({ commands }: { commands: string[] }) {
  const text = commands.map((command) => `tidemark ${command} --endpoint ${location.origin}`).join('\n');
  return <Texts texts={[['tidemark', text]]} />;
}
