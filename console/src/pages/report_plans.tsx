// Plans of reports: a file a day each, and one when it is asked for.
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import FormField from '@cloudscape-design/components/form-field';
import Input from '@cloudscape-design/components/input';
import Select from '@cloudscape-design/components/select';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useState } from 'react';
import {
  REPORTS,
  type ReportPlan,
  createReportPlan,
  deleteReportPlan,
  listReportPlans,
  startReport,
} from '../api/audit';
import { useApi } from '../api/clients';
import { DataTable } from '../components/data_table';
import { ErrorAlert } from '../components/error_alert';
import { Time } from '../components/format';
import { FormDialog } from '../components/form_dialog';
import { ShowAs } from '../components/show_as';
import { TypedConfirm } from '../components/typed_confirm';
import { useAct, useLoad } from '../hooks/load';
import { go } from '../hooks/route';
import { AUDIT_NAME, AUDIT_NAME_TEXT } from './frameworks';

const FORMATS = ['CSV', 'JSON'];
const BUCKET = /^[\w.-]+$/;

const nameOf = (plan: ReportPlan) => plan.ReportPlanName ?? '';
const templateOf = (plan: ReportPlan) => plan.ReportSetting?.ReportTemplate ?? '';

function CreateReport({ onClose, onDone }: { onClose: () => void; onDone: () => void }) {
  const api = useApi();
  const [name, setName] = useState('');
  const [template, setTemplate] = useState('BACKUP_JOB_REPORT');
  const [bucket, setBucket] = useState('');
  const [format, setFormat] = useState('CSV');
  const input = {
    ReportPlanName: name,
    ReportSetting: { ReportTemplate: template },
    ReportDeliveryChannel: { S3BucketName: bucket, Formats: [format] },
  };
  const option = (value: string) => ({ value, label: REPORTS[value] ?? value });
  return (
    <FormDialog
      title="Create report plan"
      action="Create report plan"
      size="large"
      ready={AUDIT_NAME.test(name) && BUCKET.test(bucket)}
      onSubmit={() => createReportPlan(api, input)}
      onDone={onDone}
      onClose={onClose}
    >
      <FormField
        label="Report plan name"
        constraintText={AUDIT_NAME_TEXT}
        errorText={name && !AUDIT_NAME.test(name) ? AUDIT_NAME_TEXT : undefined}
      >
        <Input value={name} onChange={({ detail }) => setName(detail.value)} spellcheck={false} autoFocus />
      </FormField>
      <FormField label="What it tells">
        <Select
          selectedOption={option(template)}
          options={Object.keys(REPORTS).map(option)}
          onChange={({ detail }) => setTemplate(detail.selectedOption.value ?? '')}
        />
      </FormField>
      <FormField
        label="Bucket"
        description="A directory below the one that the server writes reports to (--report-directory)."
      >
        <Input value={bucket} onChange={({ detail }) => setBucket(detail.value)} spellcheck={false} />
      </FormField>
      <FormField label="Format">
        <Select
          selectedOption={{ value: format, label: format }}
          options={FORMATS.map((value) => ({ value, label: value }))}
          onChange={({ detail }) => setFormat(detail.selectedOption.value ?? '')}
        />
      </FormField>
      <ShowAs service="backup" operation="CreateReportPlan" input={input} />
    </FormDialog>
  );
}

export function ReportPlans() {
  const api = useApi();
  const loaded = useLoad(() => listReportPlans(api), [api]);
  const [chosen, setChosen] = useState('');
  const [dialog, setDialog] = useState<'create' | 'delete' | null>(null);
  const one = loaded.value?.find((plan) => nameOf(plan) === chosen);
  const start = useAct(async () => {
    await startReport(api, chosen);
    go('#/audit/report-jobs');
  });
  return (
    <>
      <ErrorAlert error={start.error} />
      <DataTable
        title="Report plans"
        noun="report plan"
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
            <Button disabled={!one} loading={start.running} onClick={() => void start.run()}>
              Write report now
            </Button>
            <Button variant="primary" onClick={() => setDialog('create')}>
              Create report plan
            </Button>
          </SpaceBetween>
        }
        columns={[
          { id: 'name', header: 'Report plan name', isRowHeader: true, cell: nameOf },
          { id: 'template', header: 'Tells', cell: (plan) => REPORTS[templateOf(plan)] ?? templateOf(plan) },
          { id: 'bucket', header: 'Bucket', cell: (plan) => plan.ReportDeliveryChannel?.S3BucketName ?? '-' },
          { id: 'tried', header: 'Last attempt', cell: (plan) => <Time at={plan.LastAttemptedExecutionTime} /> },
          { id: 'done', header: 'Last written', cell: (plan) => <Time at={plan.LastSuccessfulExecutionTime} /> },
        ]}
        empty={
          <SpaceBetween size="s">
            <Box variant="strong">No report plans</Box>
            <span>A file a day, as CSV or JSON: what jobs did, or whether frameworks are kept.</span>
            <Button onClick={() => setDialog('create')}>Create report plan</Button>
          </SpaceBetween>
        }
      />
      {dialog === 'create' && <CreateReport onClose={() => setDialog(null)} onDone={loaded.refresh} />}
      {dialog === 'delete' && one && (
        <TypedConfirm
          title={`Delete report plan ${nameOf(one)}?`}
          word="delete"
          action="Delete report plan"
          warning="It writes no more reports. Those that it wrote stay."
          onConfirm={async () => {
            await deleteReportPlan(api, nameOf(one));
            loaded.refresh();
          }}
          onClose={() => setDialog(null)}
        />
      )}
    </>
  );
}
