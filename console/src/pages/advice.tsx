// What the account's protection lacks, the gravest first, each with the way to mend it.
import Box from '@cloudscape-design/components/box';
import Link from '@cloudscape-design/components/link';
import StatusIndicator, { type StatusIndicatorProps } from '@cloudscape-design/components/status-indicator';
import { useApi } from '../api/clients';
import { adviceOf } from '../api/costs';
import type { Finding } from '../api/operations';
import { Copy } from '../components/copy';
import { DataTable } from '../components/data_table';
import { useLoad } from '../hooks/load';
import { href } from '../hooks/route';

const SHOWN = 10;
const SEVERITIES: Record<Finding['Severity'], [type: StatusIndicatorProps.Type, words: string]> = {
  HIGH: ['error', 'High'],
  MEDIUM: ['warning', 'Medium'],
  LOW: ['info', 'Low'],
};

// Where in this console it is mended; undefined: at a shell.
function placeOf({ Check: check, Resource: resource }: Finding): { text: string; to: string } | undefined {
  const table = /:table\/([^/]+)/.exec(resource)?.[1] ?? '';
  const vault = /:backup-vault:(.+)$/.exec(resource)?.[1] ?? '';
  switch (check) {
    case 'RECOVERY_OFF':
      return { text: 'Turn on recovery', to: href(['tables', table, 'backups']) };
    case 'NO_PLAN':
      return { text: 'Assign it to a plan', to: '#/plans' };
    case 'LAST_BACKUP_TOO_OLD':
      return { text: 'Create backup', to: href(['backups', 'create'], { table }) };
    case 'VAULT_UNLOCKED':
      return { text: 'Lock the vault', to: href(['vaults', vault, 'lock']) };
    case 'ORPHANED_BACKUP':
      return { text: 'Look at the backup', to: href(['backups', resource]) };
    default:
      return undefined;
  }
}

function Mending({ finding }: { finding: Finding }) {
  const { session } = useApi();
  const place = finding.Region === session.region ? placeOf(finding) : undefined;
  if (place) return <Link href={place.to}>{place.text}</Link>;
  return (
    <Box variant="code">
      <span className="breakable">
        <Copy text={finding.Command} what={`command for ${finding.Resource}`} />
      </span>
    </Box>
  );
}

const keyOf = (finding: Finding) => `${finding.Check} ${finding.Region} ${finding.Resource}`;

// Nothing for who may not see it.
export function Advice() {
  const api = useApi();
  const loaded = useLoad(() => adviceOf(api), [api]);
  if (!loaded.value && !loaded.error) return null;
  return (
    <DataTable<Finding>
      title="Advice"
      noun="finding"
      description="Of all Regions of the account"
      loaded={loaded}
      items={loaded.value}
      id={keyOf}
      pageSize={SHOWN}
      columns={[
        {
          id: 'severity',
          header: 'Severity',
          cell: ({ Severity }) => {
            const [type, words] = SEVERITIES[Severity] ?? ['info', Severity];
            return <StatusIndicator type={type}>{words}</StatusIndicator>;
          },
        },
        { id: 'text', header: 'What was found', isRowHeader: true, minWidth: 260, cell: ({ Text }) => Text },
        { id: 'region', header: 'Region', cell: ({ Region }) => Region },
        { id: 'mend', header: 'What mends it', minWidth: 260, cell: (finding) => <Mending finding={finding} /> },
      ]}
      empty="Nothing was found wanting."
    />
  );
}
