// What to do first: a table of one's own, or an example with a mistake to put right.
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import SpaceBetween from '@cloudscape-design/components/space-between';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import type { ReactNode } from 'react';
import { useApi } from '../api/clients';
import { DELETED, EXAMPLE, USERS, makeExample, spoilExample } from '../api/example';
import type { TableOverview } from '../api/tables';
import { ErrorAlert } from '../components/error_alert';
import { countText } from '../components/format';
import { useAct } from '../hooks/load';
import { go, href } from '../hooks/route';

function Step({ done, text, children }: { done: boolean; text: string; children: ReactNode }) {
  return (
    <SpaceBetween direction="horizontal" size="s" alignItems="center">
      <StatusIndicator type={done ? 'success' : 'pending'} iconAriaLabel={done ? 'Done' : 'To do'}>
        {text}
      </StatusIndicator>
      {children}
    </SpaceBetween>
  );
}

// Shown while there is no table, or the example.
export function hasStart(tables: TableOverview[]): boolean {
  return tables.length === 0 || tables.some(({ table }) => table.TableName === EXAMPLE);
}

export function GetStarted({ tables, onChanged }: { tables: TableOverview[]; onChanged: () => void }) {
  const api = useApi();
  const example = tables.find(({ table }) => table.TableName === EXAMPLE)?.table;
  const make = useAct(async () => {
    await makeExample(api);
    onChanged();
  });
  const spoil = useAct(async () => {
    await spoilExample(api);
    onChanged();
  });
  const made = example !== undefined && !make.running;
  const spoilt = made && (example.ItemCount ?? 0) < USERS;
  return (
    <Container
      header={
        <Header
          variant="h2"
          description="Nothing is lost by a mistake while point-in-time recovery is on. See it in a minute:"
          actions={
            tables.length === 0 && (
              <Button onClick={() => go(href(['tables'], { create: 'table' }))}>Create a table of your own</Button>
            )
          }
        >
          Get started
        </Header>
      }
    >
      <SpaceBetween size="m">
        <Step done={made} text={`A table ${EXAMPLE} with ${countText(USERS)} users, and recovery on`}>
          <Button disabled={made} loading={make.running} onClick={() => void make.run()}>
            Create the example
          </Button>
        </Step>
        <Step done={spoilt} text={`A mistake: ${countText(DELETED)} users are deleted, as by a faulty release`}>
          <Button disabled={!made || spoilt} loading={spoil.running} onClick={() => void spoil.run()}>
            Delete {countText(DELETED)} users
          </Button>
        </Step>
        <Step done={false} text="The time machine: find the moment, look at the table as it was, bring them back">
          <Button disabled={!made} onClick={() => go(href(['tables', EXAMPLE, 'past']))}>
            Open the time machine
          </Button>
        </Step>
        <Box color="text-body-secondary">
          There, "Just before this" leads to the instant before the mistake; "Bring all removed back" puts the users
          into the table again, "Restore to a new table" makes a second one as it was. Delete {EXAMPLE} when you have
          seen enough.
        </Box>
        <ErrorAlert error={make.error ?? spoil.error} />
      </SpaceBetween>
    </Container>
  );
}
