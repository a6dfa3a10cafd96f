// Restore testing plans: recovery points that are restored by themselves, to see that they can be.
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import FormField from '@cloudscape-design/components/form-field';
import Input from '@cloudscape-design/components/input';
import Link from '@cloudscape-design/components/link';
import Select from '@cloudscape-design/components/select';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useState } from 'react';
import { useApi } from '../api/clients';
import { DEFAULT_ZONE, SCHEDULES, scheduleText } from '../api/schedules';
import {
  OBJECTIVE_TAG,
  type TestingPlan,
  createTestingPlan,
  deleteTestingPlan,
  listTestingPlans,
} from '../api/testing';
import { DataTable } from '../components/data_table';
import { Time } from '../components/format';
import { FormDialog } from '../components/form_dialog';
import { Page } from '../components/page';
import { ShowAs } from '../components/show_as';
import { TypedConfirm } from '../components/typed_confirm';
import { useLoad } from '../hooks/load';
import { go, href } from '../hooks/route';

const NAME = /^\w{1,50}$/;
const NAME_TEXT = '1 to 50 characters: letters, digits, _';
const ALGORITHMS = [
  { value: 'LATEST_WITHIN_WINDOW', label: 'The newest recovery point' },
  { value: 'RANDOM_WITHIN_WINDOW', label: 'One drawn at random' },
];

const nameOf = (plan: TestingPlan) => plan.RestoreTestingPlanName ?? '';

function CreatePlan({ onClose, onDone }: { onClose: () => void; onDone: (name: string) => void }) {
  const api = useApi();
  const [name, setName] = useState('');
  const [schedule, setSchedule] = useState(SCHEDULES[3]?.[1] ?? '');
  const [algorithm, setAlgorithm] = useState(ALGORITHMS[0]?.value ?? '');
  const [days, setDays] = useState('30');
  const [objective, setObjective] = useState('');
  const input = {
    RestoreTestingPlan: {
      RestoreTestingPlanName: name,
      ScheduleExpression: schedule,
      ScheduleExpressionTimezone: DEFAULT_ZONE,
      RecoveryPointSelection: {
        Algorithm: algorithm as 'LATEST_WITHIN_WINDOW',
        IncludeVaults: ['*'],
        RecoveryPointTypes: ['SNAPSHOT' as const],
        SelectionWindowDays: Number(days),
      },
    },
    ...(objective ? { Tags: { [OBJECTIVE_TAG]: objective } } : {}),
  };
  const good = objective === '' || Number(objective) > 0;
  const ready = NAME.test(name) && schedule !== '' && Number(days) >= 1 && Number(days) <= 365 && good;
  return (
    <FormDialog
      title="Create restore testing plan"
      action="Create plan"
      size="large"
      ready={ready}
      onSubmit={() => createTestingPlan(api, input)}
      onDone={() => onDone(name)}
      onClose={onClose}
    >
      <FormField
        label="Plan name"
        constraintText={NAME_TEXT}
        errorText={name && !NAME.test(name) ? NAME_TEXT : undefined}
      >
        <Input value={name} onChange={({ detail }) => setName(detail.value)} spellcheck={false} autoFocus />
      </FormField>
      <FormField
        label="Schedule"
        constraintText={scheduleText(schedule) ?? 'cron(minutes hours day month weekday year)'}
      >
        <Input value={schedule} onChange={({ detail }) => setSchedule(detail.value)} spellcheck={false} />
      </FormField>
      <FormField label="What is restored of each table">
        <Select
          selectedOption={ALGORITHMS.find((one) => one.value === algorithm) ?? null}
          options={ALGORITHMS}
          onChange={({ detail }) => setAlgorithm(detail.selectedOption.value ?? '')}
        />
      </FormField>
      <FormField label="Of the last days" constraintText="1 to 365; older recovery points are left out">
        <Input value={days} type="number" onChange={({ detail }) => setDays(detail.value)} />
      </FormField>
      <FormField
        label="Objective in seconds - optional"
        description="A restore that takes longer fails its test."
        errorText={good ? undefined : 'A number of seconds, like 900'}
      >
        <Input value={objective} onChange={({ detail }) => setObjective(detail.value)} spellcheck={false} />
      </FormField>
      <ShowAs service="backup" operation="CreateRestoreTestingPlan" input={input} />
    </FormDialog>
  );
}

export function DeleteTestingPlan(props: { name: string; onClose: () => void; onDone: () => void }) {
  const { name, onClose, onDone } = props;
  const api = useApi();
  return (
    <TypedConfirm
      title={`Delete restore testing plan ${name}?`}
      word="delete"
      action="Delete plan"
      warning="It tests nothing any more, and its selections go with it. Tests that are under way go on."
      onConfirm={async () => {
        await deleteTestingPlan(api, name);
        onDone();
      }}
      onClose={onClose}
    />
  );
}

export default function Testing() {
  const api = useApi();
  const loaded = useLoad(() => listTestingPlans(api), [api]);
  const [chosen, setChosen] = useState('');
  const [dialog, setDialog] = useState<'create' | 'delete' | null>(null);
  const one = loaded.value?.find((plan) => nameOf(plan) === chosen);
  return (
    <Page
      title="Restore testing"
      crumbs={[]}
      description="A plan restores recovery points into tables of its own, compares and times them, and removes them."
    >
      <DataTable
        title="Restore testing plans"
        noun="plan"
        loaded={loaded}
        items={loaded.value}
        id={nameOf}
        selection="single"
        selected={one ? [one] : []}
        onSelect={([plan]) => setChosen(plan ? nameOf(plan) : '')}
        actions={
          <SpaceBetween direction="horizontal" size="xs">
            <Button disabled={!one} onClick={() => setDialog('delete')}>
              Delete
            </Button>
            <Button variant="primary" onClick={() => setDialog('create')}>
              Create plan
            </Button>
          </SpaceBetween>
        }
        columns={[
          {
            id: 'name',
            header: 'Plan name',
            isRowHeader: true,
            cell: (plan) => <Link href={href(['restore-testing', nameOf(plan)])}>{nameOf(plan)}</Link>,
          },
          {
            id: 'when',
            header: 'When',
            minWidth: 200,
            cell: (plan) =>
              `${scheduleText(plan.ScheduleExpression) ?? plan.ScheduleExpression}, ${plan.ScheduleExpressionTimezone}`,
          },
          {
            id: 'last',
            header: 'Last run',
            cell: (plan) => (plan.LastExecutionTime ? <Time at={plan.LastExecutionTime} /> : 'Never'),
          },
          { id: 'created', header: 'Created', cell: (plan) => <Time at={plan.CreationTime} /> },
        ]}
        empty={
          <SpaceBetween size="s">
            <Box variant="strong">No restore testing plans</Box>
            <span>A backup that nobody has restored is a hope.</span>
            <Button onClick={() => setDialog('create')}>Create plan</Button>
          </SpaceBetween>
        }
      />
      {dialog === 'create' && (
        <CreatePlan onClose={() => setDialog(null)} onDone={(name) => go(href(['restore-testing', name]))} />
      )}
      {dialog === 'delete' && one && (
        <DeleteTestingPlan name={nameOf(one)} onClose={() => setDialog(null)} onDone={loaded.refresh} />
      )}
    </Page>
  );
}
