// The time machine of a table: choose an instant, see what it had and now has not, and bring that back.
import type { PointInTimeRecoveryDescription, TableDescription } from '@aws-sdk/client-dynamodb';
import Alert from '@cloudscape-design/components/alert';
import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import Link from '@cloudscape-design/components/link';
import SegmentedControl from '@cloudscape-design/components/segmented-control';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Spinner from '@cloudscape-design/components/spinner';
import { useState } from 'react';
import { useApi } from '../api/clients';
import { Time } from '../components/format';
import { InstantFields, InstantPicker } from '../components/instant_picker';
import { Preview, useDifference } from '../components/preview';
import { type Window, clampTo } from '../components/timeline';
import { ShowAsTidemark } from '../components/show_as';
import { useLoad } from '../hooks/load';
import { go, href, replace, useRoute } from '../hooks/route';
import { Changes } from './changes';
import { pinsOf, windowOf } from './restore_source';

interface Props {
  table: TableDescription;
  recovery: PointInTimeRecoveryDescription | undefined;
  onRefresh: () => void; // of recovery, whose window moves on
  onTableChanged: () => void;
}

interface CompareProps {
  window: Window;
  from: Date;
  until: Date | undefined;
  onChange: (until: Date | undefined) => void;
}

function CompareWith({ window, from, until, onChange }: CompareProps) {
  // The second instant is not before the first, which may be in the last second, that the window does not tell.
  const latest = new Date(Math.max(window.until.getTime(), from.getTime()));
  const later = { from, until: latest };
  return (
    <SpaceBetween size="s">
      <SegmentedControl
        label="Compare with"
        selectedId={until ? 'other' : 'now'}
        options={[
          { id: 'now', text: 'Compare with now' },
          { id: 'other', text: 'With another instant' },
        ]}
        onChange={({ detail }) => onChange(detail.selectedId === 'now' ? undefined : latest)}
      />
      {until && <InstantFields label="Instant to compare with" window={later} value={until} onChange={onChange} />}
    </SpaceBetween>
  );
}

function Machine({ table, window, onRefresh, onTableChanged }: Omit<Props, 'recovery'> & { window: Window }) {
  const api = useApi();
  const { query } = useRoute();
  const name = table.TableName ?? '';
  const pins = useLoad(() => pinsOf(api, name), [api, name]);
  const given = query.get('at');
  const [at, setAt] = useState(() => (given ? new Date(given) : window.until));
  const [until, setUntil] = useState<Date>(); // to compare with; else now
  const difference = useDifference(name, at, until);
  const choose = (to: Date) => {
    const chosen = clampTo(window, to);
    setAt(chosen);
    if (until && until < chosen) setUntil(chosen);
    replace(href(['tables', name, 'past'], { at: chosen.toISOString() }));
  };
  const keys = table.KeySchema?.map((key) => key.AttributeName ?? '') ?? [];
  const atQuery = { at: at.toISOString() };
  return (
    <SpaceBetween size="l">
      <Container
        header={
          <Header
            variant="h2"
            description="Choose an instant: nothing is restored for looking."
            actions={<Button iconName="refresh" ariaLabel="Refresh the timeline" onClick={onRefresh} />}
          >
            Instant
          </Header>
        }
      >
        <InstantPicker table={name} window={window} value={at} onChange={choose} pins={pins.value} />
      </Container>
      <Container
        header={
          <Header
            variant="h2"
            actions={
              <SpaceBetween direction="horizontal" size="xs">
                <Button onClick={() => go(href(['explore', name], atQuery))}>Explore items as of then</Button>
                <Button variant="primary" onClick={() => go(href(['restore'], { table: name, ...atQuery }))}>
                  Restore to a new table
                </Button>
              </SpaceBetween>
            }
          >
            {name} at <Time at={at} />
          </Header>
        }
      >
        <SpaceBetween size="m">
          <CompareWith window={window} from={at} until={until} onChange={setUntil} />
          <Preview loaded={difference} keys={keys} until={until} />
        </SpaceBetween>
      </Container>
      <ShowAsTidemark
        commands={[
          `moments ${name}`,
          `diff ${name} ${at.toISOString()}${until ? ` ${until.toISOString()}` : ''}`,
          `restore-items ${name} --at ${at.toISOString()} --dry-run`,
        ]}
      />
      <Changes table={name} at={at} until={until} loaded={difference} onRestored={onTableChanged} />
    </SpaceBetween>
  );
}

export function PastTab({ table, recovery, onRefresh, onTableChanged }: Props) {
  const name = table.TableName ?? '';
  const now = windowOf(recovery);
  // As it was when it was first known: a window that moves would move the picture under the marker.
  const [first, setFirst] = useState(now);
  const [asked, setAsked] = useState<Props['recovery']>(undefined); // what stood when a newer one was asked for
  if (now && (!first || (asked && recovery !== asked))) {
    setFirst(now);
    setAsked(undefined);
  }
  const refresh = () => {
    setAsked(recovery);
    onRefresh();
  };
  if (recovery?.PointInTimeRecoveryStatus === 'DISABLED') {
    return (
      <Alert type="info" header="Point-in-time recovery is off">
        Without it only what backups hold can be seen.{' '}
        <Link href={href(['tables', name, 'backups'])}>Turn it on</Link>
      </Alert>
    );
  }
  if (!first) return <Spinner size="large" />;
  return (
    <Machine
      key={first.until.getTime()}
      table={table}
      window={first}
      onRefresh={refresh}
      onTableChanged={onTableChanged}
    />
  );
}
