// Backup plans: what is backed up by itself.
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Link from '@cloudscape-design/components/link';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useState } from 'react';
import { useApi } from '../api/clients';
import { type PlanOverview, deletePlan, listPlans, selectionLines, selectionsOf } from '../api/plans';
import { DataTable } from '../components/data_table';
import { ErrorAlert } from '../components/error_alert';
import { Time, agoText } from '../components/format';
import { Page } from '../components/page';
import { TypedConfirm } from '../components/typed_confirm';
import { useLoad } from '../hooks/load';
import { go, href } from '../hooks/route';

const idOf = ({ plan }: PlanOverview) => plan.BackupPlanId ?? '';
const nameOf = ({ plan }: PlanOverview) => plan.BackupPlanName ?? '';

export function DeletePlan(props: { id: string; name: string; onClose: () => void; onDone: () => void }) {
  const { id, name, onClose, onDone } = props;
  const api = useApi();
  const selections = useLoad(() => selectionsOf(api, id), [api, id]);
  return (
    <TypedConfirm
      title={`Delete plan ${name}?`}
      word="delete"
      action="Delete plan"
      warning="It backs up nothing any more; this cannot be undone. Recovery points stay until their lives end."
      onConfirm={async () => {
        await deletePlan(api, id);
        onDone();
      }}
      onClose={onClose}
    >
      <ErrorAlert error={selections.error} />
      {!!selections.value?.length && (
        <div>
          Its selections are deleted with it:
          <ul>
            {selections.value.map((one) => (
              <li key={one.id}>
                {one.selection.SelectionName}: {selectionLines(one.selection).join('; ')}
              </li>
            ))}
          </ul>
        </div>
      )}
    </TypedConfirm>
  );
}

export default function Plans() {
  const api = useApi();
  const loaded = useLoad<PlanOverview[]>((_, signal) => listPlans(api, signal), [api]);
  const [chosen, setChosen] = useState('');
  const [deleting, setDeleting] = useState(false);
  const one = loaded.value?.find((plan) => idOf(plan) === chosen);
  return (
    <Page
      title="Plans"
      crumbs={[]}
      description="A plan makes recovery points by itself: when its rules say, of what its selections say."
    >
      <DataTable
        title="Plans"
        noun="plan"
        loaded={loaded}
        items={loaded.value}
        id={idOf}
        selection="single"
        selected={one ? [one] : []}
        onSelect={([plan]) => setChosen(plan ? idOf(plan) : '')}
        actions={
          <SpaceBetween direction="horizontal" size="xs">
            <Button disabled={!one} onClick={() => setDeleting(true)}>
              Delete
            </Button>
            <Button variant="primary" onClick={() => go('#/plans/create')}>
              Create plan
            </Button>
          </SpaceBetween>
        }
        columns={[
          {
            id: 'name',
            header: 'Plan name',
            sortingField: 'name',
            sortingComparator: (a, b) => nameOf(a).localeCompare(nameOf(b)),
            isRowHeader: true,
            cell: (plan) => <Link href={href(['plans', idOf(plan)])}>{nameOf(plan)}</Link>,
          },
          {
            id: 'next',
            header: 'Next run',
            minWidth: 180,
            cell: ({ next }) =>
              next ? (
                <>
                  <Time at={next} />
                  <div>{agoText(next)}</div>
                </>
              ) : (
                'Never'
              ),
          },
          { id: 'last', header: 'Last run', cell: ({ plan }) => <Time at={plan.LastExecutionDate} /> },
          { id: 'created', header: 'Created', cell: ({ plan }) => <Time at={plan.CreationDate} /> },
        ]}
        empty={
          <SpaceBetween size="s">
            <Box variant="strong">No plans</Box>
            <span>A policy instead of a script: daily backups, kept for 30 days.</span>
            <Button onClick={() => go('#/plans/create')}>Create plan</Button>
          </SpaceBetween>
        }
      />
      {deleting && one && (
        <DeletePlan id={idOf(one)} name={nameOf(one)} onClose={() => setDeleting(false)} onDone={loaded.refresh} />
      )}
    </Page>
  );
}
